//! keshi-regex
