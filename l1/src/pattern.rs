//! Bits of the `flags` of a Regex constant: what the emitter knows of a pattern and the runtime compiles it by.

pub const I: u32 = 1;
pub const M: u32 = 2;
pub const S: u32 = 4;
pub const X: u32 = 8;
pub const XX: u32 = 16;
pub const N: u32 = 32;
pub const P: u32 = 64;
/// `/o`: built once.
pub const ONCE: u32 = 128;
pub const DEPENDS: u32 = 256;
pub const LOCALE: u32 = 512;
pub const UNICODE: u32 = 1024;
pub const ASCII: u32 = 2048;
pub const ASCII_RESTRICT: u32 = 4096;
/// Pattern of `split`: `' '` written as a string splits like awk, an empty pattern splits characters and never
/// means the last successful one.
pub const SPLIT: u32 = 8192;
pub const AWK: u32 = 16384;
/// The delimiter was `'`.
pub const QUOTED: u32 = 32768;
/// `qr//`: an empty pattern is just empty.
pub const QR: u32 = 65536;
/// `use re 'strict'`
pub const STRICT: u32 = 1 << 17;
/// The part of the flags that changes how a pattern is compiled.
pub const COMPILE: u32 = (0x1fff & !ONCE) | STRICT;
