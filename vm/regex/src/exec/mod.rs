//! Matching: the public entry point, its options and results.

mod backtrack;
mod frames;
mod groups;
mod loops;
mod matcher;
mod runs;
mod search;
mod text;

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::RegexError;
use crate::host::ExecHost;
use crate::regex::Regex;

pub(crate) use matcher::Matcher;

/// Not set.
pub(crate) const UNSET: usize = usize::MAX;

/// How to match.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExecOpts {
    /// Where `\G` is (byte offset).
    pub gpos: usize,
    /// A match that starts and ends here is refused (`//g` after an empty match).
    pub not_empty_at: Option<usize>,
    /// The match must not end before this byte offset.
    pub min_end: usize,
    /// Only try at `start` itself.
    pub anchored: bool,
    /// The run-time locale's character set is UTF-8: `/l` then means Unicode rules.
    pub utf8_locale: bool,
}

/// What matched.
#[derive(Clone, Debug, Default)]
pub struct Captures {
    /// Start and end of each group, `usize::MAX` when unset.
    pos: Vec<usize>,
    /// The same for the groups of the text, where several share a number (`(?|`); else empty.
    places: Vec<usize>,
    /// Highest numbered group that matched (`$+`; 0: none).
    pub last_paren: u32,
    /// Group closed last (`$^N`; 0: none).
    pub last_close: u32,
    /// `$REGMARK` after success.
    pub mark: Option<Arc<[u8]>>,
    /// `$REGERROR` after failure: `Some(None)` stands for a verb without name (true).
    pub error: Option<Option<Arc<[u8]>>>,
    /// `$^R`: token of the last code block on the successful path (0: none).
    pub result: u64,
}

impl Captures {
    /// Start and end (byte offsets) of a group; 0 is the whole match.
    #[inline]
    pub fn get(&self, n: usize) -> Option<(usize, usize)> {
        let (s, e) = (*self.pos.get(2 * n)?, *self.pos.get(2 * n + 1)?);
        (s != UNSET && e != UNSET).then_some((s, e))
    }

    /// Start and end of a group by its place in the text, which is what names stand for.
    pub fn place(&self, p: usize) -> Option<(usize, usize)> {
        if self.places.is_empty() {
            return self.get(p);
        }
        let (s, e) = (*self.places.get(2 * p)?, *self.places.get(2 * p + 1)?);
        (s != UNSET && e != UNSET).then_some((s, e))
    }

    /// Sets the positions by place from alternating starts and ends.
    pub fn set_places(&mut self, raw: &[usize]) {
        self.places.clear();
        self.places.extend_from_slice(raw);
    }

    /// Number of groups, the whole match included.
    pub fn len(&self) -> usize {
        self.pos.len() / 2
    }

    /// True before the first match.
    pub fn is_empty(&self) -> bool {
        self.pos.is_empty()
    }

    /// Starts and ends alternately, `usize::MAX` for unset.
    pub fn raw(&self) -> &[usize] {
        &self.pos
    }

    /// Sets the positions from alternating starts and ends.
    pub fn set_raw(&mut self, raw: &[usize]) {
        self.pos.clear();
        self.pos.extend_from_slice(raw);
    }
}

/// Buffers kept between matches.
#[derive(Default)]
pub(crate) struct Scratch {
    pub slots: Vec<usize>,
    pub regs: Vec<usize>,
    pub stack: Vec<backtrack::Bt>,
}

thread_local! {
    static SCRATCH: RefCell<Vec<Scratch>> = const { RefCell::new(Vec::new()) };
}

/// Finds the first match at or after `start` (a byte offset at a character boundary). On success the
/// captures are filled; on failure only `caps.error` and `caps.mark` may change.
pub fn exec(
    re: &Regex,
    subject: &[u8],
    utf8: bool,
    start: usize,
    opts: &ExecOpts,
    host: &mut dyn ExecHost,
    caps: &mut Captures,
) -> Result<bool, RegexError> {
    if !re.deferred().is_empty() {
        resolve_properties(re, host)?;
    }
    if start > subject.len() {
        return Ok(false);
    }
    if search::hopeless(re.program(utf8, opts.utf8_locale), subject, start) {
        caps.mark = None;
        caps.error = None;
        return Ok(false);
    }
    let scratch = SCRATCH.with(|s| s.borrow_mut().pop()).unwrap_or_default();
    let (r, scratch) = if utf8 {
        let mut m = Matcher::<true>::new(re, subject, opts, host, scratch);
        let r = m.search(start);
        m.finish(&r, caps);
        (r, m.into_scratch())
    } else {
        let mut m = Matcher::<false>::new(re, subject, opts, host, scratch);
        let r = m.search(start);
        m.finish(&r, caps);
        (r, m.into_scratch())
    };
    SCRATCH.with(|s| s.borrow_mut().push(scratch));
    r
}

/// Looks up user-defined properties that were unknown at compile time.
pub(crate) fn resolve_properties(re: &Regex, host: &mut dyn ExecHost) -> Result<(), RegexError> {
    for p in re.deferred() {
        if p.set.get().is_some() {
            continue;
        }
        let fold = p.fold;
        let lookup = &mut |n: &[u8]| host.user_property(n, fold);
        let Some(set) = crate::unicode::user::expand(&p.name, fold, &mut Vec::new(), lookup)? else {
            let mut m = b"Unknown user-defined property name \\p{".to_vec();
            m.extend_from_slice(&p.name);
            m.push(b'}');
            return Err(RegexError::plain(m));
        };
        let _ = p.set.set(set);
    }
    Ok(())
}
