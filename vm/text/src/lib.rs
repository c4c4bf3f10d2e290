//! keshi-text: the string and number algorithms of Perl that need no VM.
//!
//! A Perl string is a byte slice with a flag, `(&[u8], bool)`: with the flag off every byte is one code
//! point 0–255, with it on the bytes are Perl's extended UTF-8 (see [`utf8`]). Nothing here knows about
//! scalars, magic or contexts. Warnings and errors are returned as data or handed to a trait of the
//! caller, because only the caller knows the file, the line and which categories are enabled.

pub mod args;
pub mod case;
pub mod num;
pub mod pack;
pub mod quote;
pub mod radix;
pub mod sprintf;
pub mod strings;
pub mod tr;
pub mod utf8;
pub mod version;

mod float;

pub use args::Args;

/// Warning categories that the algorithms of this crate can raise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    Digit,
    Malloc,
    Misc,
    Missing,
    NonUnicode,
    Nonchar,
    Numeric,
    Overflow,
    Pack,
    Portable,
    Printf,
    Redundant,
    Substr,
    Surrogate,
    Syntax,
    Uninitialized,
    Unpack,
    Utf8,
    Void,
}

impl Category {
    /// The name used by `use warnings "NAME"`.
    pub fn name(self) -> &'static str {
        match self {
            Category::Digit => "digit",
            Category::Malloc => "malloc",
            Category::Misc => "misc",
            Category::Missing => "missing",
            Category::NonUnicode => "non_unicode",
            Category::Nonchar => "nonchar",
            Category::Numeric => "numeric",
            Category::Overflow => "overflow",
            Category::Pack => "pack",
            Category::Portable => "portable",
            Category::Printf => "printf",
            Category::Redundant => "redundant",
            Category::Substr => "substr",
            Category::Surrogate => "surrogate",
            Category::Syntax => "syntax",
            Category::Uninitialized => "uninitialized",
            Category::Unpack => "unpack",
            Category::Utf8 => "utf8",
            Category::Void => "void",
        }
    }
}

/// A warning raised while converting; `msg` has no location and no newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub cat: Category,
    pub msg: String,
}

impl Warning {
    pub fn new(cat: Category, msg: impl Into<String>) -> Self {
        Warning { cat, msg: msg.into() }
    }
}

/// Perl's `isSPACE` for ASCII: blank, tab, newline, vertical tab, form feed, carriage return.
#[inline]
pub const fn is_space(b: u8) -> bool {
    matches!(b, b' ' | 9..=13)
}
