//! State of the last successful match (perl's PL_curpm): what `$1`, `$&`, `@-` … read.

use keshi_value::Val;
use keshi_value::{Code, Ptr};
use std::rc::Rc;
use std::sync::Arc;

/// A successful match, immutable; the subject is a copy-on-write reference to the matched string.
#[derive(Clone)]
pub struct MatchState {
    /// A STR value.
    pub subject: Val,
    /// PTR to the RegexObj that matched.
    pub re: Val,
    pub caps: keshi_regex::Captures,
    /// Set while a code block runs: this match is not finished, and the last one that was.
    pub under: Option<Option<Rc<MatchState>>>,
}

/// What a RegexObj holds.
#[derive(Clone)]
pub struct Compiled {
    pub re: Arc<keshi_regex::Regex>,
    /// Code blocks by id.
    pub codes: Vec<Ptr<Code>>,
    /// Where they stand in the pattern: offset of `{` and length.
    pub spans: Vec<(usize, usize)>,
    /// Site flags (`emit/regex.rs`), for split.
    pub flags: u32,
}

/// The compiled pattern behind a P register or qr reference.
pub fn compiled(v: &Val) -> Option<&Compiled> {
    v.as_regex()?.re.downcast_ref()
}
