//! Properties from the Unicode Character Database: `ucd/properties.txt`, made by `ucd/generate.py`. The text is
//! read when a property is first asked for.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::props::loose;
use crate::set::{CP_MAX, CharSet};
use crate::utf8::Cp;

static TEXT: &str = include_str!("../../ucd/properties.txt");

/// A value: its names (as written and loose), what number it is, and its code points as they are written; `None`
/// for the value of all others.
struct Value {
    written: Vec<&'static str>,
    names: Vec<String>,
    number: Option<f64>,
    ranges: Option<&'static str>,
}

impl Value {
    fn all_names(&self) -> impl Iterator<Item = &str> {
        self.written.iter().copied().chain(self.names.iter().map(String::as_str))
    }
}

static INDEX: LazyLock<HashMap<String, Arc<Vec<Value>>>> = LazyLock::new(|| {
    let mut out: HashMap<String, Arc<Vec<Value>>> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut close = |names: &mut Vec<String>, values: &mut Vec<Value>| {
        let v = Arc::new(std::mem::take(values));
        for n in names.drain(..) {
            out.insert(n, v.clone());
        }
    };
    for line in TEXT.lines() {
        let Some((kind, rest)) = line.split_once(' ') else { continue };
        let (list, ranges) = rest.split_once(' ').unwrap_or((rest, ""));
        let written: Vec<&'static str> = list.split('|').collect();
        let list: Vec<String> = written.iter().map(|n| name(n)).collect();
        if kind == "P" {
            close(&mut names, &mut values);
            names = list;
        } else {
            let number = written.first().and_then(|n| number(n));
            let ranges = (kind == "V").then_some(ranges);
            values.push(Value { written, names: list, number, ranges });
        }
    }
    close(&mut names, &mut values);
    out
});

/// A name as it is compared; the sign of a number counts.
fn name(n: &str) -> String {
    let l = loose(n.as_bytes());
    if n.strip_prefix('-').is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())) {
        return format!("-{l}");
    }
    l
}

/// Is there a property of that (loose) name?
pub fn knows(prop: &str) -> bool {
    INDEX.contains_key(prop)
}

/// The code points for which the property has the value. `prop` is loose; `raw` is the value as written, which
/// may be a pattern for values' names (`:\\Alatin:`).
pub fn value(prop: &str, raw: &[u8]) -> Option<Arc<CharSet>> {
    let values = INDEX.get(prop)?;
    let raw = raw.trim_ascii();
    if let Some(p) = wildcard(raw) {
        let re =
            crate::compile(p, crate::Flags { i: true, ..Default::default() }, &mut crate::NoHost).ok()?;
        let mut out = CharSet::new();
        let mut any = false;
        for v in values.iter().filter(|v| v.all_names().any(|n| matches(&re, n))) {
            any = true;
            out.union(&set_of(v, values));
        }
        return any.then(|| Arc::new(out));
    }
    if raw.iter().any(|c| matches!(c, b'=' | b':')) {
        return None;
    }
    let text = std::str::from_utf8(raw).ok()?;
    let wanted = name(text);
    let found = values.iter().find(|v| v.names.contains(&wanted)).or_else(|| {
        let n = number(text)?;
        let near = if text.contains(['.', 'e', 'E']) { 5e-5 } else { 0.0 };
        values.iter().find(|v| v.number.is_some_and(|m| (m - n).abs() <= near))
    })?;
    Some(Arc::new(set_of(found, values)))
}

/// The first name of a value given by any of its names.
pub fn canonical(prop: &str, raw: &[u8]) -> Option<&'static str> {
    let wanted = name(std::str::from_utf8(raw).ok()?.trim());
    let found = INDEX.get(prop)?.iter().find(|v| v.names.contains(&wanted))?;
    found.written.first().copied()
}

/// The pattern between delimiters that are no word characters.
fn wildcard(raw: &[u8]) -> Option<&[u8]> {
    let (&open, rest) = raw.split_first()?;
    let (&close, inside) = rest.split_last()?;
    (open.is_ascii_punctuation()
        && !matches!(open, b'-' | b'+' | b'_')
        && open == close
        && !inside.is_empty())
    .then_some(inside)
}

fn matches(re: &crate::Regex, text: &str) -> bool {
    let mut caps = crate::Captures::default();
    let opts = crate::ExecOpts::default();
    crate::exec(re, text.as_bytes(), false, 0, &opts, &mut crate::NoHost, &mut caps).unwrap_or(false)
}

fn set_of(v: &Value, values: &[Value]) -> CharSet {
    match v.ranges {
        Some(text) => ranges(text),
        None => {
            let mut rest = CharSet::from_ranges([(0, CP_MAX)]);
            for v in values {
                if let Some(text) = v.ranges {
                    rest = rest.minus(&ranges(text));
                }
            }
            rest
        }
    }
}

/// The code points that have a property of two values.
pub fn binary(prop: &str) -> Option<Arc<CharSet>> {
    let values = INDEX.get(prop)?;
    let yes = values.iter().find(|v| v.names.first().is_some_and(|n| n == "y"))?;
    yes.ranges.map(|t| Arc::new(ranges(t)))
}

/// A numeric value: an integer, a fraction or a decimal number.
fn number(text: &str) -> Option<f64> {
    if !text.ends_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let text = &*text.replace('_', "");
    match text.split_once('/') {
        Some((a, b)) => Some(a.parse::<f64>().ok()? / b.parse::<f64>().ok()?),
        None => text.parse::<f64>().ok().map(|n| n + 0.0),
    }
}

fn ranges(text: &str) -> CharSet {
    let mut at: Cp = 0;
    CharSet::from_ranges(text.split(' ').filter(|t| !t.is_empty()).map(|t| {
        let (gap, more) = t.split_once(',').unwrap_or((t, "0"));
        let digits = |s: &str| Cp::from_str_radix(s, 36).unwrap_or(0);
        let lo = at + digits(gap);
        let hi = lo + digits(more);
        at = hi + 1;
        (lo, hi)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        assert!(value("nv", b"1/2").is_some_and(|s| s.contains(0xBD)));
        assert!(value("numericvalue", b"0.5").is_some_and(|s| s.contains(0xBD) && !s.contains(0x31)));
        assert!(value("ccc", b"230").is_some_and(|s| s.contains(0x300)));
        assert!(value("lb", b"cr").is_some_and(|s| s.ranges() == [(13, 13)]));
        assert!(value("lb", b"xx").is_some_and(|s| s.contains(0x11_0000)));
        assert!(binary("dash").is_some_and(|s| s.contains(0x2D) && !s.contains(0x2E)));
        assert!(value("sc", b":\\Alat(in|n)\\z:").is_some_and(|s| s.contains(0x41) && !s.contains(0x3B1)));
        assert!(value("dt", b"nonsense").is_none());
    }
}
