//! keshi-text
