//! A compiled pattern.

use std::sync::{Arc, OnceLock};

use crate::ast::{Assert, Node, UserProp};
use crate::error::{RegexError, unmarked};
use crate::flags::{Charset, Flags};
use crate::host::{CodeId, CompileHost};
use crate::program::{Program, StartAt};
use crate::{analyze, emit, parse};

/// Longest lookbehind, in characters.
const MAX_BEHIND: u32 = 255;

/// A compiled pattern. Programs for byte and UTF-8 subjects are made when first needed.
#[derive(Debug)]
pub struct Regex {
    source: Vec<u8>,
    /// Flags as given, for display.
    shown: Flags,
    flags: Flags,
    node: Node,
    groups: u32,
    /// The number of each group of the text; empty when they are numbered as they come.
    logical: Vec<u32>,
    /// Groups in the text.
    places: u32,
    names: Vec<(Vec<u8>, Vec<u32>)>,
    run_on_comment: bool,
    user_props: Vec<Arc<UserProp>>,
    postponed: Vec<(CodeId, Flags)>,
    uses_pos: bool,
    has_verbs: bool,
    /// `/l` occurs.
    uses_locale: bool,
    /// By the subject's encoding; where `/l` occurs, again for UTF-8 locales.
    programs: [OnceLock<Arc<Program>>; 4],
}

/// Compiles a pattern.
pub fn compile(pattern: &[u8], flags: Flags, host: &mut dyn CompileHost) -> Result<Regex, RegexError> {
    let parsed = parse::parse(pattern, flags, host)?;
    let mut too_long = false;
    let (mut uses_pos, mut has_verbs, mut uses_locale) = (false, false, false);
    parsed.node.walk(&mut |n| {
        uses_locale |= n.charset() == Some(Charset::Locale);
        uses_pos |= matches!(n, Node::Assert(Assert::Pos));
        has_verbs |= matches!(n, Node::Verb { .. });
        if let Node::Look { behind: true, node, .. } = n {
            too_long |= analyze::behind_len(node, &parsed.node).1.is_none_or(|m| m > MAX_BEHIND);
        }
    });
    if too_long {
        let mut e = RegexError::plain(unmarked(b"Lookbehind longer than 255 not implemented", pattern));
        e.utf8 = flags.utf8_pattern;
        return Err(e);
    }
    let mut shown = flags;
    shown.p = parsed.flags.p;
    if parsed.shown_unicode || (flags.utf8_pattern && flags.charset == crate::flags::Charset::Depends) {
        shown.charset = crate::flags::Charset::Unicode;
    }
    let places = parsed.logical.len() as u32 - 1;
    let plain = parsed.logical.iter().enumerate().all(|(i, &n)| i as u32 == n);
    Ok(Regex {
        source: pattern.to_vec(),
        shown,
        flags: parsed.flags,
        node: parsed.node,
        groups: parsed.groups,
        logical: if plain { Vec::new() } else { parsed.logical },
        places,
        names: parsed.names,
        run_on_comment: parsed.run_on_comment,
        user_props: parsed.user_props,
        postponed: parsed.postponed,
        uses_pos,
        has_verbs,
        uses_locale,
        programs: Default::default(),
    })
}

impl Regex {
    /// Number of capture groups (without 0).
    pub fn n_captures(&self) -> usize {
        self.groups as usize
    }

    /// Groups are numbered as they come (no `(?|`).
    pub(crate) fn numbered_plainly(&self) -> bool {
        self.logical.is_empty()
    }

    /// The group of the text that number `n` stands for, given which of them are set.
    pub(crate) fn place_of(&self, n: usize, set: impl Fn(usize) -> bool) -> usize {
        if self.logical.is_empty() {
            return n;
        }
        (0..self.logical.len()).find(|&p| self.logical[p] as usize == n && set(p)).unwrap_or(usize::MAX)
    }

    /// The number of a group of the text.
    pub(crate) fn number_of(&self, place: u32) -> u32 {
        self.logical.get(place as usize).copied().unwrap_or(place)
    }

    /// Groups in the text, if they differ from those by number.
    pub fn places(&self) -> Option<usize> {
        (!self.logical.is_empty()).then_some(self.places as usize)
    }

    /// Names in order of appearance, each with its groups (by place in the text).
    pub fn names(&self) -> &[(Vec<u8>, Vec<u32>)] {
        &self.names
    }

    /// The groups of a name, by place.
    pub fn groups_of(&self, name: &[u8]) -> &[u32] {
        self.names.iter().find(|(n, _)| n == name).map_or(&[], |(_, v)| v)
    }

    /// The pattern text.
    pub fn source(&self) -> &[u8] {
        &self.source
    }

    /// Flags in force (the character set may have become Unicode by what the pattern holds).
    pub fn flags(&self) -> Flags {
        self.flags
    }

    /// The flags as `(?^...:` shows them.
    pub fn shown_flags(&self) -> Flags {
        self.shown
    }

    /// `(?^msix:...)`; in the pattern's encoding.
    pub fn stringify(&self) -> Vec<u8> {
        self.shown.stringify(&self.source, self.run_on_comment)
    }

    /// Only `^` or `\A` at the front can start a match.
    pub fn anchored_start(&self) -> bool {
        matches!(self.program(false, false).start, StartAt::Subject)
    }

    /// Fewest bytes a match of a subject of that encoding has.
    pub fn min_len(&self, utf8: bool) -> usize {
        self.program(utf8, false).min_len
    }

    /// Backtracking verbs occur.
    pub fn has_verbs(&self) -> bool {
        self.has_verbs
    }

    /// `\G` occurs.
    pub fn uses_pos(&self) -> bool {
        self.uses_pos
    }

    /// Characters that a match has before `\G` (0 if that varies): it is empty when nothing follows them.
    pub fn chars_before_pos(&self) -> usize {
        match self.program(false, false).before_pos {
            u32::MAX => 0,
            n => n as usize,
        }
    }

    /// The pattern as parsed.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// User-defined properties that were unknown at compile time.
    pub fn deferred(&self) -> &[Arc<UserProp>] {
        &self.user_props
    }

    /// The modifiers in force at a `(??{ })`.
    pub fn postponed_flags(&self, id: CodeId) -> Flags {
        self.postponed.iter().find(|(i, _)| *i == id).map_or(self.flags, |(_, f)| *f)
    }

    /// The program for an encoding and kind of locale. Deferred properties must be known by then.
    pub fn program(&self, utf8: bool, utf8_locale: bool) -> &Arc<Program> {
        let by_unicode = utf8_locale && self.uses_locale;
        self.programs[usize::from(utf8) + 2 * usize::from(by_unicode)].get_or_init(|| {
            if by_unicode {
                let mut node = self.node.clone();
                node.replace_charset(Charset::Locale, Charset::Unicode);
                return Arc::new(emit::program(&node, self.places, utf8));
            }
            Arc::new(emit::program(&self.node, self.places, utf8))
        })
    }

    /// The program for byte subjects as text, and what is known of where it matches.
    pub fn listing(&self) -> Vec<u8> {
        use std::fmt::Write;
        let p = self.program(false, false);
        let mut out = String::new();
        for (i, op) in p.ops.iter().enumerate() {
            let _ = writeln!(out, "{i:4}: {op:?}");
        }
        let start = match p.start {
            StartAt::Subject => "anchored(SBOL) ",
            StartAt::Line => "anchored(MBOL) ",
            StartAt::Pos => "anchored(GPOS) ",
            StartAt::First => "anchored(SBOL) implicit ",
            StartAt::FirstOrLine => "anchored(MBOL) implicit ",
            StartAt::Any | StartAt::Bytes(..) | StartAt::Set(_) | StartAt::Prefix(_) => "",
        };
        let _ = writeln!(out, "{start}minlen {}", p.min_len);
        out.into_bytes()
    }

    /// Does what matches depend on the locale?
    pub fn uses_locale(&self) -> bool {
        self.uses_locale
    }
}
