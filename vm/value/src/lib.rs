//! keshi-value
