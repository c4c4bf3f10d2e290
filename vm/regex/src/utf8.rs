//! Perl's extended UTF-8 under the names this crate uses; input is taken to be well formed, garbage decodes as single
//! bytes and nothing reads out of bounds.

/// A code point as Perl sees it (not limited to Unicode's range).
pub type Cp = u64;

/// Character and length at an offset inside of the string; offset of the character that ends there; length that a
/// lead byte announces.
pub use keshi_text::utf8::{at as decode, encode, prev as prev_start, skip as seq_len};
