//! Everyday commands (`cargo xtask …`).
fn main() {}
