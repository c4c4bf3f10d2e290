//! Templates of `pack` and `unpack`.
//!
//! [`Template::parse`] turns the text into a tree once (it can be cached); [`pack`] and [`unpack`]
//! interpret the tree. The output of `pack` and the input of `unpack` are Perl strings, which both view
//! either as characters (`C0`, the default) or as the bytes of their UTF-8 form (`U0`).

mod ber;
mod read;
mod uu;
mod write;

#[cfg(test)]
mod tests;

pub use read::{Value, unpack};
pub use write::pack;

use crate::{Category, Warning, is_space};

/// Repeat count of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    None,
    N(usize),
    Star,
}

/// One letter of a template with what belongs to it.
#[derive(Clone, Debug)]
struct Item {
    code: u8,
    bang: bool,
    big: bool,
    count: Count,
    /// A `/` follows: this item is the length of the next one.
    slash: bool,
    group: Vec<Item>,
}

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    items: Vec<Item>,
    /// The first letter is `U`, which starts in `U0` mode.
    starts_u: bool,
    /// There is a `U0` somewhere.
    has_u0: bool,
    /// To be reported each time the template is used.
    pub warnings: Vec<Warning>,
}

/// Which builtin is meant; it is named in messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Pack,
    Unpack,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Pack => "pack",
            Kind::Unpack => "unpack",
        }
    }
    fn category(self) -> Category {
        match self {
            Kind::Pack => Category::Pack,
            Kind::Unpack => Category::Unpack,
        }
    }
}

const LETTERS: &[u8] = b"aAZbBhHcCWUsSlLqQjJfdFDpPiInNvVwuxX@.(";
const ORDERED: &[u8] = b"sSiIlLqQjJfFdDpP(";
const BANGED: &[u8] = b"sSiIlLxXnNvV@.";
const MAX_DEPTH: usize = 100;

impl Template {
    /// Parses a template; the error is the text of the exception.
    pub fn parse(text: &[u8], kind: Kind) -> Result<Template, String> {
        let mut p = Parser { t: text, pos: 0, kind, comma: false, has_u0: false, warnings: Vec::new() };
        let items = p.items(text.len(), None, 0)?;
        let starts_u = items.first().is_some_and(|i| i.code == b'U');
        Ok(Template { items, starts_u, has_u0: p.has_u0, warnings: p.warnings })
    }
}

struct Parser<'t> {
    t: &'t [u8],
    pos: usize,
    kind: Kind,
    comma: bool,
    has_u0: bool,
    warnings: Vec<Warning>,
}

impl Parser<'_> {
    fn warn(&mut self, msg: String) {
        self.warnings.push(Warning::new(self.kind.category(), msg));
    }

    /// Skips white space and comments.
    fn blanks(&mut self, end: usize) {
        while self.pos < end {
            match self.t[self.pos] {
                b if is_space(b) => self.pos += 1,
                b'#' => {
                    while self.pos < end && self.t[self.pos] != b'\n' {
                        self.pos += 1;
                    }
                }
                _ => break,
            }
        }
    }

    /// The offset of the bracket that closes the one before `at`.
    fn group_end(&self, mut at: usize, end: usize, close: u8) -> Result<usize, String> {
        let mut open = vec![close];
        while at < end {
            let c = self.t[at];
            match c {
                b'(' => open.push(b')'),
                b'[' => open.push(b']'),
                b')' | b']' => {
                    if open.pop() != Some(c) {
                        return Err("Mismatched brackets in template".into());
                    }
                    if open.is_empty() {
                        return Ok(at);
                    }
                }
                b'#' => {
                    while at < end && self.t[at] != b'\n' {
                        at += 1;
                    }
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        Err(format!("No group ending character '{}' found in template", close as char))
    }

    fn number(&mut self, end: usize) -> Result<usize, String> {
        let mut n = 0usize;
        while self.pos < end && self.t[self.pos].is_ascii_digit() {
            let d = usize::from(self.t[self.pos] - b'0');
            n = n
                .checked_mul(10)
                .and_then(|n| n.checked_add(d))
                .filter(|&n| n <= isize::MAX as usize)
                .ok_or("pack/unpack repeat count overflow")?;
            self.pos += 1;
        }
        Ok(n)
    }

    fn items(&mut self, end: usize, order: Option<u8>, depth: usize) -> Result<Vec<Item>, String> {
        let name = self.kind.name();
        let mut items = Vec::new();
        loop {
            self.blanks(end);
            if self.pos >= end {
                return Ok(items);
            }
            let code = self.t[self.pos];
            self.pos += 1;
            if code == b',' {
                if !std::mem::replace(&mut self.comma, true) {
                    self.warn(format!("Invalid type ',' in {name}"));
                }
                continue;
            }
            if code == b'%' && self.kind == Kind::Pack {
                return Err("'%' may not be used in pack".into());
            }
            if code == b'/' && self.kind == Kind::Unpack {
                return Err("'/' must follow a numeric type in unpack".into());
            }
            if code == b'[' {
                self.group_end(self.pos, end, b']')?;
            }
            if code != b'%' && !LETTERS.contains(&code) {
                return Err(format!("Invalid type '{}' in {name}", code as char));
            }
            let mut inner = None;
            if code == b'(' {
                if depth >= MAX_DEPTH {
                    return Err(format!("Too deeply nested ()-groups in {name}"));
                }
                if matches!(self.t[self.pos..end].first(), Some(b'*' | b'[' | b'0'..=b'9')) {
                    return Err(format!("()-group starts with a count in {name}"));
                }
                let close = self.group_end(self.pos, end, b')')?;
                inner = Some((self.pos, close));
                self.pos = close + 1;
            }
            let (bang, own) = self.modifiers(code, end)?;
            let order = match (own, order) {
                (Some(a), Some(b)) if a != b => {
                    return Err(format!(
                        "Can't use '{}' in a group with different byte-order in {name}",
                        a as char
                    ));
                }
                _ => own.or(order.filter(|_| ORDERED.contains(&code))),
            };
            let group = match inner {
                Some((start, close)) => {
                    let after = std::mem::replace(&mut self.pos, start);
                    let group = self.items(close, order, depth + 1)?;
                    self.pos = after;
                    group
                }
                None => Vec::new(),
            };
            let count = self.count(end)?;
            let slash = self.slash(end)?;
            self.has_u0 |= code == b'U' && count == Count::N(0);
            items.push(Item { code, bang, big: order == Some(b'>'), count, slash, group });
        }
    }

    fn modifiers(&mut self, code: u8, end: usize) -> Result<(bool, Option<u8>), String> {
        let name = self.kind.name();
        let (mut bang, mut order) = (false, None);
        while self.pos < end && matches!(self.t[self.pos], b'!' | b'<' | b'>') {
            let m = self.t[self.pos];
            let allowed = if m == b'!' { BANGED } else { ORDERED };
            if !allowed.contains(&code) {
                let types: String = allowed.iter().map(|&b| b as char).collect();
                return Err(format!("'{}' allowed only after types {types} in {name}", m as char));
            }
            if order.is_some_and(|o| m != b'!' && m != o) {
                return Err(format!("Can't use both '<' and '>' after type '{}' in {name}", code as char));
            }
            if (m == b'!' && bang) || order == Some(m) {
                self.warn(format!("Duplicate modifier '{}' after '{}' in {name}", m as char, code as char));
            }
            if m == b'!' {
                bang = true;
            } else {
                order = Some(m);
            }
            self.pos += 1;
        }
        Ok((bang, order))
    }

    fn count(&mut self, end: usize) -> Result<Count, String> {
        match self.t[self.pos..end].first() {
            Some(b'*') => {
                self.pos += 1;
                Ok(Count::Star)
            }
            Some(b'0'..=b'9') => Ok(Count::N(self.number(end)?)),
            Some(b'[') => {
                self.pos += 1;
                let close = self.group_end(self.pos, end, b']')?;
                let n = if self.t[self.pos].is_ascii_digit() {
                    let n = self.number(close)?;
                    if self.pos < close {
                        return Err(format!("Malformed integer in [] in {}", self.kind.name()));
                    }
                    n
                } else {
                    let items = self.items(close, None, 0)?;
                    self.measure(&items)?
                };
                self.pos = close + 1;
                Ok(Count::N(n))
            }
            _ => Ok(Count::None),
        }
    }

    fn slash(&mut self, end: usize) -> Result<bool, String> {
        let at = self.pos;
        self.blanks(end);
        if self.pos >= end || self.t[self.pos] != b'/' {
            self.pos = at;
            return Ok(false);
        }
        self.pos += 1;
        let name = self.kind.name();
        if matches!(self.t[self.pos..end].first(), Some(b'*' | b'[' | b'0'..=b'9')) {
            return Err(format!("'/' does not take a repeat count in {name}"));
        }
        self.blanks(end);
        if self.pos >= end {
            return Err(format!("Code missing after '/' in {name}"));
        }
        Ok(true)
    }

    /// Bytes that a template packs, for a count such as `x[template]`.
    fn measure(&self, items: &[Item]) -> Result<usize, String> {
        let name = self.kind.name();
        let overflow = || "pack/unpack repeat count overflow".to_string();
        let mut total = 0usize;
        for item in items {
            let n = match item.count {
                Count::None => 1,
                Count::N(n) => n,
                Count::Star => return Err(format!("Within []-length '*' not allowed in {name}")),
            };
            let (size, n) = match item.code {
                b'@' | b'.' | b'u' | b'%' => {
                    return Err(format!("Within []-length '{}' not allowed in {name}", item.code as char));
                }
                b'(' => (self.measure(&item.group)?, n),
                b'X' => {
                    let back = match (item.bang, n) {
                        (true, 0) => 0,
                        (true, n) => total % n,
                        (false, n) => n,
                    };
                    total =
                        total.checked_sub(back).ok_or_else(|| format!("'X' outside of string in {name}"))?;
                    continue;
                }
                b'x' if item.bang => (1, if n == 0 { 0 } else { total.next_multiple_of(n) - total }),
                b'x' | b'a' | b'A' | b'Z' | b'U' | b'w' | b'W' => (1, n),
                b'b' | b'B' => (1, n.div_ceil(8)),
                b'h' | b'H' => (1, n.div_ceil(2)),
                b'P' => (8, 1),
                _ => (size(item), n),
            };
            total = size.checked_mul(n).and_then(|k| k.checked_add(total)).ok_or_else(overflow)?;
        }
        Ok(total)
    }
}

/// Bytes of one fixed-size element.
fn size(item: &Item) -> usize {
    match item.code {
        b's' | b'S' | b'n' | b'v' => 2,
        b'i' | b'I' | b'N' | b'V' | b'f' => 4,
        b'l' | b'L' if !item.bang => 4,
        b'l' | b'L' | b'q' | b'Q' | b'j' | b'J' | b'd' | b'F' | b'p' | b'P' => 8,
        b'D' => 16,
        _ => 1,
    }
}
