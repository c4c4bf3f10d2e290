//! What the engine asks of the program it runs in, while compiling and while matching.

use std::sync::Arc;

use crate::error::RegexError;
use crate::regex::Regex;
use crate::unicode::names::NameTable;
use crate::utf8::Cp;

/// An embedded code block the host compiled; opaque to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CodeId(pub u32);

/// The host's answer to [`CompileHost::code_block`].
#[derive(Clone, Copy, Debug)]
pub struct CodeBlock {
    /// The host's handle.
    pub id: CodeId,
    /// Bytes of the block in the pattern, both braces included.
    pub len: usize,
}

/// Services used while compiling. Every method has a default fit for stand-alone use.
pub trait CompileHost {
    /// `\N{name}`: the character(s), or `None` for an unknown name.
    fn charname(&mut self, name: &[u8], utf8: bool) -> Result<Option<Vec<Cp>>, RegexError> {
        let _ = (name, utf8);
        Ok(None)
    }

    /// The character with an official name, found loosely, for `\p{name=…}`.
    fn official_name(&mut self, name: &[u8], utf8: bool) -> Result<Option<Vec<Cp>>, RegexError> {
        self.charname(name, utf8)
    }

    /// All official names, for `\p{name=/…/}`.
    fn names(&mut self) -> Result<Option<NameTable>, RegexError> {
        Ok(None)
    }

    /// `\p{IsName}`/`\p{InName}`: the text the property sub returns, or `None` when there is no such sub.
    /// `fold` is the argument the sub gets (true under `/i`).
    fn user_property(&mut self, name: &[u8], fold: bool) -> Result<Option<Vec<u8>>, RegexError> {
        let _ = (name, fold);
        Ok(None)
    }

    /// The package whose subs unqualified user-defined properties are.
    fn package(&mut self) -> Vec<u8> {
        b"main".to_vec()
    }

    /// A code block starts at `pattern[at]` (its `{`). `None`: code is not allowed in this pattern.
    fn code_block(&mut self, pattern: &[u8], at: usize) -> Result<Option<CodeBlock>, RegexError> {
        let _ = (pattern, at);
        Ok(None)
    }

    /// Is the warning category on (`"regexp"`, `"experimental::vlb"`, `"digit"`, `"deprecated"`, …)?
    fn warns(&mut self, category: &str) -> bool {
        let _ = category;
        false
    }

    /// A warning in Perl's words, without ` at FILE line N.`.
    fn warn(&mut self, category: &str, message: &[u8], utf8: bool) {
        let _ = (category, message, utf8);
    }
}

/// A [`CompileHost`] with nothing to offer.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHost;
impl CompileHost for NoHost {}
impl ExecHost for NoHost {}

/// The state of the match as a code block sees it.
pub struct MatchView<'a> {
    /// The pattern whose block runs (an inner one inside `(??{ })`).
    pub regex: &'a Regex,
    /// What the host called it when it came from `(??{ })`, 0 for the pattern itself.
    pub token: u64,
    /// The subject.
    pub subject: &'a [u8],
    /// Its encoding.
    pub utf8: bool,
    /// Where the match began (byte offset).
    pub start: usize,
    /// Where it is now (`pos()` in the block).
    pub pos: usize,
    /// Three slots a group: start, end, and a start not yet closed; `usize::MAX` = unset.
    pub(crate) slots: &'a [usize],
    pub(crate) last_paren: u32,
    pub(crate) last_close: u32,
    /// `$^R`: the token of the last code block that ran, 0 for none.
    pub last_result: u64,
}

impl MatchView<'_> {
    /// `$+` (0: none)
    pub fn last_paren(&self) -> u32 {
        self.regex.number_of(self.last_paren)
    }

    /// `$^N` (0: none)
    pub fn last_close(&self) -> u32 {
        self.regex.number_of(self.last_close)
    }

    /// Byte offsets of a group, as far as it is closed.
    pub fn group(&self, n: usize) -> Option<(usize, usize)> {
        self.place(self.regex.place_of(n, |p| self.place(p).is_some()))
    }

    /// The same by the group's place in the text.
    pub fn place(&self, p: usize) -> Option<(usize, usize)> {
        let i = p.checked_mul(3)?;
        let (s, e) = (*self.slots.get(i)?, *self.slots.get(i + 1)?);
        (s != usize::MAX && e != usize::MAX).then_some((s, e))
    }
}

/// What `(??{ })` gave.
pub struct Postponed {
    /// The pattern to match here.
    pub regex: Arc<Regex>,
    /// The host's name for it: what [`MatchView::token`] is for the blocks inside it.
    pub token: u64,
}

/// What a code block gave.
#[derive(Clone, Copy, Debug, Default)]
pub struct CodeOutcome {
    /// Truth of the value (used when the block is a condition).
    pub truth: bool,
    /// The host's token for the value (becomes `$^R`).
    pub result: u64,
    /// Ask for [`ExecHost::backtracked`] with this token if the match backtracks over the block (to undo
    /// `local`); 0: not needed.
    pub undo: u64,
}

/// Services used while matching.
pub trait ExecHost {
    /// Runs `(?{ })`, `(*{ })` or a code condition.
    fn code(&mut self, id: CodeId, view: &MatchView<'_>) -> Result<CodeOutcome, RegexError> {
        let _ = (id, view);
        Err(RegexError::plain("Code blocks in patterns are not available here"))
    }

    /// Runs `(??{ })` and compiles its value.
    fn postponed(&mut self, id: CodeId, view: &MatchView<'_>) -> Result<Postponed, RegexError> {
        let _ = (id, view);
        Err(RegexError::plain("Code blocks in patterns are not available here"))
    }

    /// The match backtracked over a code block that asked for it.
    fn backtracked(&mut self, token: u64) {
        let _ = token;
    }

    /// A user-defined property unknown when the pattern was compiled.
    fn user_property(&mut self, name: &[u8], fold: bool) -> Result<Option<Vec<u8>>, RegexError> {
        let _ = (name, fold);
        Ok(None)
    }

    /// Called now and then in long matches: signals.
    fn poll(&mut self) -> Result<(), RegexError> {
        Ok(())
    }

    /// A run-time warning in Perl's words.
    fn warn(&mut self, category: &str, message: &[u8]) {
        let _ = (category, message);
    }
}
