//! State of the last successful match (perl's PL_curpm): what `$1`, `$&`, `@-` … read.

use keshi_value::Val;

/// A successful match, immutable; the subject is a copy-on-write reference to the matched string.
#[derive(Clone)]
pub struct MatchState {
    pub subject: Val,
    /// PTR to the [`keshi_value::scalar::RegexObj`] that matched.
    pub re: Val,
    /// Byte offsets of `$&` (0) and the groups.
    pub groups: Vec<Option<(usize, usize)>>,
    /// Group of `$+` and of `$^N`.
    pub last_paren: usize,
    pub last_closed: usize,
}
