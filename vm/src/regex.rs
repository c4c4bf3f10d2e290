//! State of the last successful match (perl's PL_curpm): what `$1`, `$&`, `@-` … read.

use keshi_value::Val;
use std::rc::Rc;

/// A successful match, immutable; the subject is a copy-on-write reference to the matched string.
#[derive(Clone)]
pub struct MatchState {
    pub subject: Val,
    pub re: Rc<keshi_regex::Regex>,
    pub caps: keshi_regex::Captures,
}
