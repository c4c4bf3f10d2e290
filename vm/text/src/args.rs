//! How `sprintf` and `pack` reach their arguments and the outside world.

use std::borrow::Cow;

use crate::Warning;
use crate::num::Num;

/// The argument list of a formatting function. Indices start at 0 and are in range. The implementor
/// applies magic and overloading, and warns of undefined and non-numeric values itself.
pub trait Args {
    /// What a failing callback or a fatal error returns.
    type Err;
    /// Number of arguments (without the format or template).
    fn count(&self) -> usize;
    /// The argument as a string and its UTF-8 flag.
    fn str(&mut self, i: usize) -> Result<(Cow<'_, [u8]>, bool), Self::Err>;
    /// The argument whose characters `sprintf`'s vector flag shows.
    fn vector(&mut self, i: usize) -> Result<(Cow<'_, [u8]>, bool), Self::Err> {
        self.str(i)
    }
    /// The argument as a number.
    fn num(&mut self, i: usize) -> Result<Num, Self::Err>;
    /// The address of the scalar, for `sprintf`'s `%p`.
    fn addr(&mut self, i: usize) -> Result<u64, Self::Err>;
    /// The address of the string's bytes or 0 when undefined, for `pack`'s `p` and `P`.
    fn ptr(&mut self, i: usize) -> Result<u64, Self::Err>;
    /// Stores the number of characters written so far, for `sprintf`'s `%n`.
    fn set_len(&mut self, i: usize, len: usize) -> Result<(), Self::Err>;
    /// Reports a warning that no pragma silences.
    fn warn_always(&mut self, w: Warning) -> Result<(), Self::Err> {
        self.warn(w)
    }
    /// Reports a warning; `Err` when it is fatal.
    fn warn(&mut self, w: Warning) -> Result<(), Self::Err>;
    /// Makes an exception of a message (which has no location yet).
    fn die(&mut self, msg: String) -> Self::Err;
    /// The function in messages: `sprintf`, `printf` or `pack`.
    fn name(&self) -> &'static str;
}
