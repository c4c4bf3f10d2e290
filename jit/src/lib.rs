//! keshi-jit
