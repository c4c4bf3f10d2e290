//! keshi-l1
