//! The picture language of `formline`: literal text and the fields `@<<< ^>>> @||| @## @* ^*`, taken apart.

/// One line of a picture.
pub struct Line {
    pub items: Vec<Item>,
    /// `~`: nothing is output if all fields are empty.
    pub skip_blank: bool,
    /// `~~`: the line is repeated until all fields are empty.
    pub repeat: bool,
    pub newline: bool,
}

pub enum Item {
    Literal(Vec<u64>),
    Number(Numeric),
    /// `@*`; `chop`: `^*`.
    Whole {
        chop: bool,
    },
    Text(Field),
}

pub struct Numeric {
    pub width: usize,
    /// Digits behind the point, if there is a point.
    pub fraction: Option<usize>,
    /// `@0##`
    pub zeros: bool,
    /// A `^` field is blank for undef.
    pub blank_undef: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Align {
    Left,
    Right,
    Center,
}

pub struct Field {
    pub width: usize,
    pub align: Align,
    /// `^`: shows as much as fits and removes it from the variable.
    pub chop: bool,
    /// `...` at the end.
    pub more: bool,
}

const AT: u64 = b'@' as u64;
const CARET: u64 = b'^' as u64;
const TILDE: u64 = b'~' as u64;
const BLANK: u64 = b' ' as u64;
const HASH: u64 = b'#' as u64;
const NEWLINE: u64 = b'\n' as u64;

/// Takes a picture apart.
pub fn parse(s: &[u64]) -> Vec<Line> {
    s.split_inclusive(|&c| c == NEWLINE).map(line).collect()
}

fn line(s: &[u64]) -> Line {
    let newline = s.last() == Some(&NEWLINE);
    let s = if newline { &s[..s.len() - 1] } else { s };
    let mut l = Line { items: Vec::new(), skip_blank: false, repeat: false, newline };
    let mut lit = Vec::new();
    let mut i = 0;
    while i < s.len() {
        match s[i] {
            TILDE => {
                l.skip_blank = true;
                lit.push(BLANK);
                if s.get(i + 1) == Some(&TILDE) {
                    l.repeat = true;
                    lit.push(BLANK);
                    i += 1;
                }
                i += 1;
            }
            AT | CARET => {
                if !lit.is_empty() {
                    l.items.push(Item::Literal(std::mem::take(&mut lit)));
                }
                let (item, n) = field(&s[i..]);
                l.items.push(item);
                i += n;
            }
            c => {
                lit.push(c);
                i += 1;
            }
        }
    }
    if !lit.is_empty() {
        l.items.push(Item::Literal(lit));
    }
    l
}

fn run(s: &[u64], from: usize, c: u64) -> usize {
    s[from.min(s.len())..].iter().take_while(|&&x| x == c).count()
}

/// The field at the start of `s` and its length.
fn field(s: &[u64]) -> (Item, usize) {
    let chop = s[0] == CARET;
    let at = |i: usize| s.get(i).copied().unwrap_or(0);
    let dot = u64::from(b'.');
    if at(1) == u64::from(b'*') {
        return (Item::Whole { chop }, 2);
    }
    let zeros = at(1) == u64::from(b'0') && at(2) == HASH;
    if at(1) == HASH || zeros || (at(1) == dot && at(2) == HASH) {
        let start = 1 + usize::from(zeros);
        let mut n = start + run(s, start, HASH);
        let mut fraction = None;
        if at(n) == dot {
            let digits = run(s, n + 1, HASH);
            fraction = Some(digits);
            n += 1 + digits;
        }
        return (Item::Number(Numeric { width: n, fraction, zeros, blank_undef: chop }), n);
    }
    let (align, mark) = match at(1) {
        c if c == u64::from(b'>') => (Align::Right, c),
        c if c == u64::from(b'|') => (Align::Center, c),
        _ => (Align::Left, u64::from(b'<')),
    };
    let mut n = 1 + run(s, 1, mark);
    let more = run(s, n, dot) >= 3;
    if more {
        n += 3;
    }
    (Item::Text(Field { width: n, align, chop, more }), n)
}
