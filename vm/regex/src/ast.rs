//! The parsed form of a pattern. Character classes keep what was written, because what `\w` or `/i` means
//! may depend on the subject's encoding; they become plain sets when a program is compiled.

use std::sync::{Arc, OnceLock};

use crate::flags::Charset;
use crate::host::CodeId;
use crate::set::CharSet;
use crate::utf8::Cp;

/// No upper limit in a quantifier.
pub const INF: u32 = u32::MAX;

/// A piece of a pattern.
#[derive(Clone, Debug)]
pub enum Node {
    /// Matches the empty string.
    Empty,
    /// Never matches: `(?!)`, `(*FAIL)`, `a{3,2}`.
    Fail,
    /// Characters; `fold` is set under `/i`.
    Lit { cps: Vec<Cp>, fold: Option<Charset> },
    /// `.` without `/s`, `\N`
    NotNl,
    /// `.` with `/s`
    Any,
    /// `[...]`, `\w`, `\p{}` …
    Class(Box<Class>),
    /// Anchors.
    Assert(Assert),
    /// `\b`, `\B` and their `{...}` kinds.
    Bound { kind: Bound, negated: bool, charset: Charset },
    /// One after the other.
    Concat(Vec<Node>),
    /// `a|b`
    Alt(Vec<Node>),
    /// A capture group.
    Group { index: u32, node: Box<Node> },
    /// Quantified.
    Repeat { node: Box<Node>, min: u32, max: u32, mode: Mode },
    /// `\1`, `\k<n>`: the first of the groups that is set.
    Backref { groups: Vec<u32>, fold: Option<Charset> },
    /// Lookaround.
    Look { behind: bool, negated: bool, node: Box<Node> },
    /// `(?>...)`
    Atomic(Box<Node>),
    /// `(?(cond)yes|no)`
    Cond { cond: Box<Cond>, yes: Box<Node>, no: Box<Node> },
    /// `(?1)`, `(?R)` (0)
    Recurse(u32),
    /// `(*PRUNE:name)` and the like.
    Verb { verb: Verb, name: Option<Arc<[u8]>> },
    /// `\K`
    Keep,
    /// `(?{ })`; `optimistic` for `(*{ })`
    Code { id: CodeId, optimistic: bool },
    /// `(??{ })`
    Postponed(CodeId),
    /// `(*script_run:...)`
    ScriptRun(Box<Node>),
    /// `\X`
    Cluster,
    /// `\R`
    Newline,
}

/// How a quantifier chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `*`
    Greedy,
    /// `*?`
    Lazy,
    /// `*+`
    Possessive,
}

/// Anchors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assert {
    /// `\A`, `^`
    Start,
    /// `\z`
    End,
    /// `\Z`, `$`
    EndNl,
    /// `^` with `/m`
    LineStart,
    /// `$` with `/m`
    LineEnd,
    /// `\G`
    Pos,
}

/// Kinds of boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// `\b`
    Word,
    /// `\b{gcb}`
    Grapheme,
    /// `\b{lb}`
    Line,
    /// `\b{sb}`
    Sentence,
    /// `\b{wb}`
    WordTr29,
}

/// Conditions.
#[derive(Clone, Debug)]
pub enum Cond {
    /// `(?(1)`, `(?(<n>)`: any of the groups is set.
    Group(Vec<u32>),
    /// `(?(R)`, and in a given group `(?(R1)`
    Recursion(Option<Vec<u32>>),
    /// `(?(DEFINE)`
    Define,
    /// A lookaround node.
    Look(Node),
    /// `(?(?{ })`
    Code(CodeId),
}

/// Backtracking control verbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `(*ACCEPT)`
    Accept,
    /// `(*COMMIT)`
    Commit,
    /// `(*FAIL:name)`
    Fail,
    /// `(*MARK:name)`
    Mark,
    /// `(*PRUNE)`
    Prune,
    /// `(*SKIP)`
    Skip,
    /// `(*THEN)`
    Then,
}

/// A character class as written.
#[derive(Clone, Debug)]
pub struct Class {
    /// `[^...]`
    pub negated: bool,
    /// The members.
    pub items: Vec<ClassItem>,
    /// `/i` is on.
    pub fold: bool,
    /// The rules in force.
    pub charset: Charset,
    /// `\N{}` sequences and other strings a class may match as a whole (`[\N{U+41.300}]`).
    pub strings: Vec<Vec<Cp>>,
}

/// A member of a class.
#[derive(Clone, Debug)]
pub enum ClassItem {
    /// A range.
    Range(Cp, Cp),
    /// `\w`, `[:alpha:]` …
    Posix { kind: Posix, negated: bool },
    /// `\p{...}`, found in Unicode's tables.
    Prop { set: Arc<CharSet>, negated: bool },
    /// `\p{IsMine}`
    User { prop: Arc<UserProp>, negated: bool },
    /// A class within: extended classes `(?[ ])` are built of them.
    Set(Box<SetExpr>),
}

/// An extended bracketed class.
#[derive(Clone, Debug)]
pub enum SetExpr {
    /// An operand.
    Class(Class),
    /// `!`
    Not(Box<SetExpr>),
    /// `+`, `|`, `&`, `-`, `^`
    Op(u8, Box<SetExpr>, Box<SetExpr>),
}

/// A property defined by a sub of the program, possibly only known at match time.
#[derive(Debug)]
pub struct UserProp {
    /// Its name, as to be shown and looked up.
    pub name: Vec<u8>,
    /// `/i` was on.
    pub fold: bool,
    /// The set once known.
    pub set: OnceLock<CharSet>,
}

/// POSIX-like classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Posix {
    Word,
    Digit,
    Space,
    Alpha,
    Alnum,
    Ascii,
    Blank,
    Cntrl,
    Graph,
    Lower,
    Print,
    Punct,
    Upper,
    Xdigit,
    /// `\v`
    Vert,
    /// `\h`
    Horiz,
    /// Cased characters: `[[:upper:]]` and `[[:lower:]]` under `/i`.
    Cased,
}

impl SetExpr {
    fn classes<'a>(&'a self, out: &mut Vec<&'a Class>) {
        match self {
            SetExpr::Class(c) => out.push(c),
            SetExpr::Not(e) => e.classes(out),
            SetExpr::Op(_, a, b) => {
                a.classes(out);
                b.classes(out);
            }
        }
    }

    fn replace_charset(&mut self, from: Charset, to: Charset) {
        match self {
            SetExpr::Class(c) => c.replace_charset(from, to),
            SetExpr::Not(e) => e.replace_charset(from, to),
            SetExpr::Op(_, a, b) => {
                a.replace_charset(from, to);
                b.replace_charset(from, to);
            }
        }
    }
}

impl Class {
    /// Does it or a class within go by the rules?
    fn goes_by(&self, rules: Charset) -> bool {
        self.charset == rules
            || self.items.iter().any(|i| match i {
                ClassItem::Set(e) => {
                    let mut inner = Vec::new();
                    e.classes(&mut inner);
                    inner.iter().any(|c| c.goes_by(rules))
                }
                _ => false,
            })
    }

    fn replace_charset(&mut self, from: Charset, to: Charset) {
        if self.charset == from {
            self.charset = to;
        }
        for i in &mut self.items {
            if let ClassItem::Set(e) = i {
                e.replace_charset(from, to);
            }
        }
    }

    /// A class of one POSIX-like member.
    pub fn posix(kind: Posix, negated: bool, charset: Charset) -> Node {
        Node::Class(Box::new(Class {
            negated: false,
            items: vec![ClassItem::Posix { kind, negated }],
            fold: false,
            charset,
            strings: Vec::new(),
        }))
    }
}

impl Node {
    /// Calls `f` on this node and everything below it.
    pub fn walk(&self, f: &mut impl FnMut(&Node)) {
        f(self);
        match self {
            Node::Concat(v) | Node::Alt(v) => v.iter().for_each(|n| n.walk(f)),
            Node::Group { node, .. }
            | Node::Repeat { node, .. }
            | Node::Look { node, .. }
            | Node::Atomic(node)
            | Node::ScriptRun(node) => node.walk(f),
            Node::Cond { cond, yes, no } => {
                if let Cond::Look(n) = &**cond {
                    n.walk(f);
                }
                yes.walk(f);
                no.walk(f);
            }
            _ => {}
        }
    }

    /// The rules the node itself goes by, if it goes by any.
    pub fn charset(&self) -> Option<Charset> {
        match self {
            Node::Lit { fold, .. } | Node::Backref { fold, .. } => *fold,
            Node::Class(c) if c.goes_by(Charset::Locale) => Some(Charset::Locale),
            Node::Class(c) => Some(c.charset),
            Node::Bound { charset, .. } => Some(*charset),
            _ => None,
        }
    }

    /// Makes nodes that go by the rules `from` go by `to`.
    pub fn replace_charset(&mut self, from: Charset, to: Charset) {
        let swap = |c: &mut Charset| {
            if *c == from {
                *c = to;
            }
        };
        match self {
            Node::Lit { fold: Some(c), .. } | Node::Backref { fold: Some(c), .. } => swap(c),
            Node::Bound { charset, .. } => swap(charset),
            Node::Class(c) => c.replace_charset(from, to),
            Node::Concat(v) | Node::Alt(v) => v.iter_mut().for_each(|n| n.replace_charset(from, to)),
            Node::Group { node, .. }
            | Node::Repeat { node, .. }
            | Node::Look { node, .. }
            | Node::Atomic(node)
            | Node::ScriptRun(node) => node.replace_charset(from, to),
            Node::Cond { cond, yes, no } => {
                if let Cond::Look(n) = &mut **cond {
                    n.replace_charset(from, to);
                }
                yes.replace_charset(from, to);
                no.replace_charset(from, to);
            }
            _ => {}
        }
    }

    /// Lowest and highest capture group inside, if any.
    pub fn group_span(&self) -> Option<(u32, u32)> {
        let mut span: Option<(u32, u32)> = None;
        self.walk(&mut |n| {
            if let Node::Group { index, .. } = n {
                span = Some(span.map_or((*index, *index), |(a, b)| (a.min(*index), b.max(*index))));
            }
        });
        span
    }
}
