//! Facts about patterns: lengths, possible first bytes, leading and required strings.

use crate::ast::{Assert, Class, Cond, INF, Mode, Node, Posix, Verb};
use crate::classes::{self, FoldKind, fold_kind};
use crate::set::{ByteSet, CharSet};
use crate::utf8::{self, Cp};

/// Fewest and most characters a node matches (`None`: no limit known).
pub fn char_len(n: &Node) -> (u32, Option<u32>) {
    len(n, &|_| (0, None))
}

/// The same for a lookbehind in the pattern `root`: recursions into groups that do not recurse count too.
pub fn behind_len(n: &Node, root: &Node) -> (u32, Option<u32>) {
    len(n, &|g| {
        let mut found = None;
        root.walk(&mut |n| {
            if let Node::Group { index, node } = n
                && *index == g
                && found.is_none()
            {
                found = Some(char_len(node));
            }
        });
        found.unwrap_or((0, None))
    })
}

fn len(n: &Node, group: &dyn Fn(u32) -> (u32, Option<u32>)) -> (u32, Option<u32>) {
    let char_len = |n: &Node| len(n, group);
    match n {
        Node::Recurse(g) => group(*g),
        Node::Empty
        | Node::Assert(_)
        | Node::Bound { .. }
        | Node::Look { .. }
        | Node::Keep
        | Node::Code { .. }
        | Node::Verb { .. } => (0, Some(0)),
        Node::Fail => (0, Some(0)),
        Node::Lit { cps, fold } => {
            let n = cps.len() as u32;
            match fold {
                Some(cs) if fold_kind(*cs, true) != FoldKind::Ascii => {
                    // a sharp s may match "ss", "ss" a sharp s
                    let limit = fold_kind(*cs, true).limit();
                    let folded: usize =
                        cps.iter().map(|&c| classes::fold_char(c, limit).as_slice().len()).sum();
                    let seq: Vec<Cp> =
                        cps.iter().flat_map(|&c| classes::fold_char(c, limit).as_slice().to_vec()).collect();
                    let (mut i, mut least) = (0, 0);
                    while i < seq.len() {
                        let best = crate::unicode::fold::multi_by(limit)
                            .filter(|(s, _)| seq[i..].starts_with(s))
                            .map(|(s, _)| s.len())
                            .max();
                        i += best.unwrap_or(1);
                        least += 1;
                    }
                    (least, Some(folded as u32))
                }
                _ => (n, Some(n)),
            }
        }
        Node::NotNl | Node::Any => (1, Some(1)),
        Node::Class(c) => {
            let long = classes::strings(c, true).first().map_or(1, |s| s.len() as u32);
            (1, Some(long.max(1)))
        }
        Node::Cluster => (1, None),
        Node::Newline => (1, Some(2)),
        Node::Concat(v) => v.iter().map(char_len).fold((0, Some(0)), |a, b| {
            (a.0.saturating_add(b.0), a.1.zip(b.1).map(|(x, y)| x.saturating_add(y)))
        }),
        Node::Alt(v) => v
            .iter()
            .map(char_len)
            .reduce(|a, b| (a.0.min(b.0), a.1.zip(b.1).map(|(x, y)| x.max(y))))
            .unwrap_or((0, Some(0))),
        Node::Group { node, .. } | Node::Atomic(node) | Node::ScriptRun(node) => char_len(node),
        Node::Repeat { node, min, max, .. } => {
            let (lo, hi) = char_len(node);
            let most = match hi {
                Some(0) => Some(0),
                _ if *max == INF => None,
                Some(h) => Some(h.saturating_mul(*max)),
                None => None,
            };
            (lo.saturating_mul(*min), most)
        }
        Node::Backref { .. } | Node::Postponed(_) => (0, None),
        Node::Cond { cond, yes, no } => {
            if matches!(**cond, Cond::Define) {
                return (0, Some(0));
            }
            let (a, b) = (char_len(yes), char_len(no));
            (a.0.min(b.0), a.1.zip(b.1).map(|(x, y)| x.max(y)))
        }
    }
}

/// Can the node only match the empty string?
pub fn is_zero_width(n: &Node) -> bool {
    let mut opaque = false;
    n.walk(&mut |n| opaque |= matches!(n, Node::Code { .. } | Node::Verb { .. } | Node::Fail));
    !opaque && char_len(n).1 == Some(0)
}

/// What may come next: bytes, or the end of the subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// The bytes.
    pub set: ByteSet,
    /// The end.
    pub end: bool,
}

impl First {
    /// Anything.
    pub const ALL: First = First { set: ByteSet::ALL, end: true };

    fn or(self, o: First) -> First {
        First { set: self.set.or(&o.set), end: self.end || o.end }
    }
}

/// Bytes that may start a character of `s`.
pub fn first_bytes(s: &CharSet, utf8: bool) -> ByteSet {
    let mut out = ByteSet::NONE;
    for &(lo, hi) in s.ranges() {
        if !utf8 {
            if lo <= 255 {
                out.put_range(lo as u8, hi.min(255) as u8);
            }
            continue;
        }
        if lo < 0x80 {
            out.put_range(lo as u8, hi.min(0x7F) as u8);
        }
        if hi >= 0x80 {
            out.put_range(lead(lo.max(0x80)), lead(hi));
        }
    }
    out
}

fn lead(cp: Cp) -> u8 {
    let mut v = Vec::new();
    utf8::encode(cp, &mut v);
    v[0]
}

/// What a node, followed by something that starts with `follow`, starts with.
pub fn first(n: &Node, follow: First, utf8: bool) -> First {
    let chars = |set: ByteSet| First { set, end: false };
    match n {
        Node::Empty | Node::Keep | Node::Bound { .. } => follow,
        Node::Fail => chars(ByteSet::NONE),
        Node::Lit { cps, fold } => chars(first_of_lit(cps, *fold, utf8)),
        Node::NotNl => {
            let mut s = ByteSet::ALL;
            s.0[0] &= !(1 << 10);
            chars(s)
        }
        Node::Any | Node::Cluster => chars(ByteSet::ALL),
        Node::Class(c) => chars(first_of_class(c, utf8)),
        Node::Newline => {
            chars(first_bytes(&classes::posix_set(Posix::Vert, crate::flags::Charset::Unicode, utf8), utf8))
        }
        Node::Assert(a) => match a {
            Assert::Start | Assert::LineStart | Assert::Pos => follow,
            Assert::End => First { set: ByteSet::NONE, end: true },
            Assert::EndNl | Assert::LineEnd => {
                let mut s = ByteSet::NONE;
                s.put(b'\n');
                First { set: s, end: true }
            }
        },
        Node::Concat(v) => v.iter().rev().fold(follow, |f, n| first(n, f, utf8)),
        Node::Alt(v) => {
            v.iter().map(|n| first(n, follow, utf8)).fold(First { set: ByteSet::NONE, end: false }, First::or)
        }
        Node::Group { node, .. } | Node::Atomic(node) | Node::ScriptRun(node) => first(node, follow, utf8),
        Node::Repeat { node, min, max, .. } => {
            if *max == 0 {
                return follow;
            }
            let f = first(node, follow, utf8);
            if *min == 0 { f.or(follow) } else { f }
        }
        Node::Look { behind: false, negated: false, node } => {
            let f = first(node, First::ALL, utf8);
            let mut set = follow.set;
            for k in 0..4 {
                set.0[k] &= f.set.0[k];
            }
            First { set, end: follow.end && f.end }
        }
        Node::Look { .. } => follow,
        Node::Cond { cond, yes, no } => {
            if matches!(**cond, Cond::Define) {
                return follow;
            }
            first(yes, follow, utf8).or(first(no, follow, utf8))
        }
        Node::Verb { verb, .. } => match verb {
            Verb::Accept => First::ALL,
            Verb::Fail => chars(ByteSet::NONE),
            // what has to be noticed on the way must not be skipped
            _ => First::ALL,
        },
        Node::Backref { .. } | Node::Recurse(_) | Node::Postponed(_) | Node::Code { .. } => First::ALL,
    }
}

fn first_of_class(c: &Class, utf8: bool) -> ByteSet {
    let mut s = first_bytes(&classes::resolve(c, utf8), utf8);
    for st in classes::strings(c, utf8) {
        let fold = c.fold.then_some(c.charset);
        s = s.or(&first_of_lit(&st, fold, utf8));
    }
    s
}

fn first_of_lit(cps: &[Cp], fold: Option<crate::flags::Charset>, utf8: bool) -> ByteSet {
    let c = cps[0];
    let one = CharSet::from_ranges([(c, c)]);
    let Some(cs) = fold else { return first_bytes(&one, utf8) };
    match fold_kind(cs, utf8) {
        FoldKind::Ascii => {
            let mut s = first_bytes(&one, utf8);
            if c < 128 && (c as u8).is_ascii_alphabetic() {
                s.put((c as u8) ^ 0x20);
            }
            s
        }
        kind => {
            let limit = kind.limit();
            let seq: Vec<Cp> =
                cps.iter().flat_map(|&c| classes::fold_char(c, limit).as_slice().to_vec()).collect();
            let mut set = crate::unicode::fold::close(&CharSet::from_ranges([(seq[0], seq[0])]), limit);
            // characters whose long fold starts the sequence
            for (s, members) in crate::unicode::fold::multi_by(limit) {
                if s[0] == seq[0] {
                    set.extend(members.iter().map(|&m| (Cp::from(m), Cp::from(m))));
                }
            }
            first_bytes(&set, utf8)
        }
    }
}

/// Fewest bytes a node matches.
pub fn min_bytes(n: &Node, utf8: bool) -> usize {
    match n {
        Node::Lit { cps, fold: None } if utf8 => encoded(cps).len(),
        Node::Concat(v) => v.iter().map(|n| min_bytes(n, utf8)).fold(0, usize::saturating_add),
        Node::Alt(v) => v.iter().map(|n| min_bytes(n, utf8)).min().unwrap_or(0),
        Node::Group { node, .. } | Node::Atomic(node) | Node::ScriptRun(node) => min_bytes(node, utf8),
        Node::Repeat { node, min, .. } => min_bytes(node, utf8).saturating_mul(*min as usize),
        n => char_len(n).0 as usize,
    }
}

/// Most bytes a node matches.
pub fn max_bytes(n: &Node, utf8: bool) -> Option<usize> {
    let chars = char_len(n).1? as usize;
    if !utf8 {
        return Some(chars);
    }
    match n {
        Node::Lit { cps, fold: None } => Some(encoded(cps).len()),
        Node::Concat(v) => {
            v.iter().map(|n| max_bytes(n, utf8)).try_fold(0usize, |a, b| Some(a.saturating_add(b?)))
        }
        Node::Group { node, .. } => max_bytes(node, utf8),
        _ => Some(chars.saturating_mul(13)),
    }
}

/// Characters in Perl's UTF-8.
pub fn encoded(cps: &[Cp]) -> Vec<u8> {
    let mut v = Vec::new();
    for &c in cps {
        utf8::encode(c, &mut v);
    }
    v
}

/// A literal's bytes for a subject of the given encoding; `None` if it cannot occur there.
pub fn lit_bytes(cps: &[Cp], utf8: bool) -> Option<Vec<u8>> {
    if utf8 {
        return Some(encoded(cps));
    }
    cps.iter().map(|&c| u8::try_from(c).ok()).collect()
}

/// The best string every match must contain.
pub struct Must {
    /// The string.
    pub bytes: Vec<u8>,
    /// Fewest bytes before it.
    pub min: usize,
    /// Most bytes before it.
    pub max: Option<usize>,
}

struct Walk {
    utf8: bool,
    min: usize,
    max: Option<usize>,
    cur: Vec<u8>,
    cur_at: (usize, Option<usize>),
    best: Option<Must>,
}

/// Finds the longest required string; the earliest among equals.
pub fn required(n: &Node, utf8: bool) -> Option<Must> {
    let mut odd = false;
    n.walk(&mut |n| odd |= matches!(n, Node::Verb { verb: Verb::Accept, .. }));
    if odd {
        return None;
    }
    let mut w = Walk { utf8, min: 0, max: Some(0), cur: Vec::new(), cur_at: (0, Some(0)), best: None };
    w.node(n);
    w.flush();
    w.best
}

impl Walk {
    fn flush(&mut self) {
        if self.cur.len() > self.best.as_ref().map_or(0, |b| b.bytes.len()) {
            let bytes = std::mem::take(&mut self.cur);
            self.best = Some(Must { bytes, min: self.cur_at.0, max: self.cur_at.1 });
        }
        self.cur.clear();
    }

    fn skip(&mut self, n: &Node) {
        self.flush();
        self.min = self.min.saturating_add(min_bytes(n, self.utf8));
        self.max = self.max.zip(max_bytes(n, self.utf8)).map(|(a, b)| a.saturating_add(b));
    }

    fn node(&mut self, n: &Node) {
        match n {
            Node::Lit { cps, fold } => {
                let caseless =
                    fold.is_none() || cps.iter().all(|&c| c < 128 && !(c as u8).is_ascii_alphabetic());
                match lit_bytes(cps, self.utf8) {
                    Some(b) if caseless => {
                        if self.cur.is_empty() {
                            self.cur_at = (self.min, self.max);
                        }
                        self.cur.extend_from_slice(&b);
                        self.min += b.len();
                        self.max = self.max.map(|m| m + b.len());
                    }
                    _ => self.skip(n),
                }
            }
            Node::Concat(v) => v.iter().for_each(|n| self.node(n)),
            Node::Group { node, .. } | Node::Atomic(node) => self.node(node),
            Node::Empty | Node::Assert(_) | Node::Bound { .. } | Node::Keep => {}
            Node::Look { .. } | Node::Code { .. } | Node::Verb { .. } => {}
            Node::Repeat { node, min, .. } if *min >= 1 => {
                // the first round is certain; afterwards the offset is that of the whole loop
                let (at, most) = (self.min, self.max);
                self.node(node);
                self.flush();
                (self.min, self.max) = (at, most);
                self.skip(n);
            }
            _ => self.skip(n),
        }
    }
}

/// Is every `\G` inside at the very start of a branch?
fn leads_with_pos(n: &Node) -> bool {
    match n {
        Node::Concat(v) => match v.split_first() {
            Some((first, rest)) => leads_with_pos(first) && !rest.iter().any(holds_pos),
            None => true,
        },
        Node::Alt(v) => v.iter().all(leads_with_pos),
        Node::Group { node, .. } | Node::Atomic(node) | Node::Repeat { node, .. } => leads_with_pos(node),
        Node::Assert(_) => true,
        n => !holds_pos(n),
    }
}

fn holds_pos(n: &Node) -> bool {
    let mut found = false;
    n.walk(&mut |n| found |= matches!(n, Node::Assert(Assert::Pos)));
    found
}

/// How many characters come before a `\G` on the main line of the pattern: 0 for none (or no `\G`),
/// `u32::MAX` if that varies.
pub fn before_pos(n: &Node) -> u32 {
    fn go(n: &Node, at: &mut (u32, Option<u32>), out: &mut u32) {
        match n {
            Node::Assert(Assert::Pos) => {
                let here = if at.1 == Some(at.0) { at.0 } else { u32::MAX };
                *out = (*out).max(here);
            }
            Node::Concat(v) => v.iter().for_each(|n| go(n, at, out)),
            Node::Group { node, .. } | Node::Atomic(node) => go(node, at, out),
            // a `\G` that a lookaround or a branch reaches is somewhere
            n if holds_pos(n) => {
                if *at != (0, Some(0)) || !leads_with_pos(n) {
                    *out = u32::MAX;
                }
                at.1 = None;
            }
            n => {
                let (lo, hi) = char_len(n);
                at.0 = at.0.saturating_add(lo);
                at.1 = at.1.zip(hi).map(|(a, b)| a.saturating_add(b));
            }
        }
    }
    let mut out = 0;
    go(n, &mut (0, Some(0)), &mut out);
    out
}

/// Does the pattern end with `\z` or `$`? True: a newline may follow the match.
pub fn ends_subject(n: &Node) -> Option<bool> {
    match n {
        Node::Assert(Assert::End) => Some(false),
        Node::Assert(Assert::EndNl) => Some(true),
        Node::Concat(v) => v.last().and_then(ends_subject),
        Node::Group { node, .. } => ends_subject(node),
        _ => None,
    }
}

/// How a pattern starts.
pub enum Lead {
    /// `\A`
    Subject,
    /// `\G`
    Pos,
    /// `^` with `/m`
    Line,
    /// `.*`
    DotStar,
    /// `.*` with `/s`
    AnyStar,
    /// Otherwise.
    None,
}

/// Looks at the leading node.
pub fn lead_of(n: &Node) -> Lead {
    match n {
        Node::Assert(Assert::Start) => Lead::Subject,
        Node::Assert(Assert::Pos) => Lead::Pos,
        Node::Assert(Assert::LineStart) => Lead::Line,
        Node::Concat(v) => v.first().map_or(Lead::None, lead_of),
        Node::Group { node, .. } => lead_of(node),
        Node::Atomic(node) => match lead_of(node) {
            Lead::DotStar | Lead::AnyStar => Lead::None,
            l => l,
        },
        Node::Alt(v) => {
            if v.iter().all(|n| matches!(lead_of(n), Lead::Subject)) {
                Lead::Subject
            } else if v.iter().all(|n| matches!(lead_of(n), Lead::Pos)) {
                Lead::Pos
            } else if v.iter().all(|n| matches!(lead_of(n), Lead::Line | Lead::Subject)) {
                Lead::Line
            } else {
                Lead::None
            }
        }
        Node::Repeat { node, min: 0, max: INF, mode: Mode::Greedy | Mode::Lazy } => match **node {
            Node::NotNl => Lead::DotStar,
            Node::Any => Lead::AnyStar,
            _ => Lead::None,
        },
        Node::Repeat { node, min, .. } if *min >= 1 => match lead_of(node) {
            Lead::Subject => Lead::Subject,
            Lead::Pos => Lead::Pos,
            _ => Lead::None,
        },
        _ => Lead::None,
    }
}
