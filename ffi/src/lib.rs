//! keshi-ffi
