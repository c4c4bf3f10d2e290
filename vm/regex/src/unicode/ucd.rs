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
    /// The code points when the text does not tell them all.
    computed: Option<CharSet>,
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
            values.push(Value { written, names: list, number, ranges, computed: None });
        }
    }
    close(&mut names, &mut values);
    complete(&mut out);
    out
});

/// Ranges whose unassigned code points have a value of their own: property, value, ranges.
const RESERVED: &[(&str, &str, &[(Cp, Cp)])] = &[
    (
        "bc",
        "r",
        &[
            (0x590, 0x5FF),
            (0x7C0, 0x85F),
            (0xFB1D, 0xFB4F),
            (0x10800, 0x10CFF),
            (0x10D40, 0x10EBF),
            (0x10F00, 0x10F2F),
            (0x10F70, 0x10FFF),
            (0x1E800, 0x1EC6F),
            (0x1ECC0, 0x1ECFF),
            (0x1ED50, 0x1EDFF),
            (0x1EF00, 0x1EFFF),
        ],
    ),
    (
        "bc",
        "al",
        &[
            (0x600, 0x7BF),
            (0x860, 0x8FF),
            (0xFB50, 0xFDCF),
            (0xFDF0, 0xFDFF),
            (0xFE70, 0xFEFF),
            (0x10D00, 0x10D3F),
            (0x10EC0, 0x10EFF),
            (0x10F30, 0x10F6F),
            (0x1EC70, 0x1ECBF),
            (0x1ED00, 0x1ED4F),
            (0x1EE00, 0x1EEFF),
        ],
    ),
    ("bc", "et", &[(0x20A0, 0x20CF)]),
    ("ea", "w", IDEOGRAPHS),
    ("lb", "id", IDEOGRAPHS),
    ("lb", "id", &[(0x1F000, 0x1FAFF), (0x1FC00, 0x1FFFD)]),
    ("lb", "pr", &[(0x20A0, 0x20CF)]),
];

const IDEOGRAPHS: &[(Cp, Cp)] =
    &[(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD)];

/// Adds what the text leaves to rules: unassigned code points, groups of values.
fn complete(index: &mut HashMap<String, Arc<Vec<Value>>>) {
    let Some(assigned) = super::props::general_category("cn").map(|s| s.inverted()) else { return };
    for prop in ["bc", "ea", "lb", "dt", "gc"] {
        let Some(values) = index.get(prop) else { continue };
        let mut told = CharSet::new();
        let mut new: Vec<Value> = Vec::with_capacity(values.len() + 1);
        for v in values.iter() {
            let computed = v.ranges.map(ranges);
            if let Some(s) = &computed {
                told.union(s);
            }
            new.push(Value {
                written: v.written.clone(),
                names: v.names.clone(),
                number: v.number,
                ranges: v.ranges,
                computed,
            });
        }
        told.union(&assigned);
        if prop == "bc" {
            // non-characters and reserved ignorables
            let mut bn = CharSet::from_ranges([
                (0x2065, 0x2065),
                (0xFDD0, 0xFDEF),
                (0xFFF0, 0xFFF8),
                (0xE0000, 0xE0FFF),
            ]);
            bn.extend((0..=0x10).map(|plane| (plane * 0x10000 + 0xFFFE, plane * 0x10000 + 0xFFFF)));
            let bn = bn.minus(&told);
            told.union(&bn);
            extend(&mut new, "bn", &bn);
        }
        for (_, value, list) in RESERVED.iter().filter(|r| r.0 == prop) {
            let more = CharSet::from_ranges(list.iter().copied()).minus(&told);
            extend(&mut new, value, &more);
        }
        if prop == "gc" {
            for v in &mut new {
                v.computed = v.names.first().and_then(|n| super::props::general_category(n));
            }
        }
        if prop == "dt" {
            let mut all = CharSet::new();
            for v in new.iter().filter(|v| !v.names.iter().any(|n| n == "can" || n == "canonical")) {
                if let Some(s) = &v.computed {
                    all.union(s);
                }
            }
            let written = vec!["Non_Canon", "Non_Canonical"];
            let names = written.iter().map(|n| name(n)).collect();
            new.push(Value { written, names, number: None, ranges: Some(""), computed: Some(all) });
        }
        let new = Arc::new(new);
        let old = values.clone();
        for v in index.values_mut().filter(|v| Arc::ptr_eq(v, &old)) {
            *v = new.clone();
        }
    }
}

fn extend(values: &mut [Value], value: &str, more: &CharSet) {
    if let Some(v) = values.iter_mut().find(|v| v.names.iter().any(|n| n == value))
        && let Some(s) = &mut v.computed
    {
        s.union(more);
    }
}

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
        // a decimal fraction needs four digits
        let near = if text.contains(['.', 'e', 'E']) { 3.5e-4 } else { 0.0 };
        values.iter().find(|v| v.number.is_some_and(|m| (m - n).abs() <= near * m.abs()))
    })?;
    Some(Arc::new(set_of(found, values)))
}

/// The first name of a value given by any of its names.
pub fn canonical(prop: &str, raw: &[u8]) -> Option<&'static str> {
    let wanted = name(std::str::from_utf8(raw).ok()?.trim());
    let found = INDEX.get(prop)?.iter().find(|v| v.names.contains(&wanted))?;
    found.written.first().copied()
}

/// The first names of the values whose names match a pattern; `None`: `raw` is no pattern.
pub fn matching(prop: &str, raw: &[u8]) -> Option<Vec<&'static str>> {
    let p = wildcard(raw.trim_ascii())?;
    let re = crate::compile(p, crate::Flags { i: true, ..Default::default() }, &mut crate::NoHost).ok()?;
    let values = INDEX.get(prop)?.iter().filter(|v| v.all_names().any(|n| matches(&re, n)));
    Some(values.filter_map(|v| v.written.first().copied()).collect())
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
    if let Some(s) = &v.computed {
        return s.clone();
    }
    match v.ranges {
        Some(text) => ranges(text),
        None => {
            let mut rest = CharSet::from_ranges([(0, CP_MAX)]);
            for v in values {
                if let Some(s) = &v.computed {
                    rest = rest.minus(s);
                } else if let Some(text) = v.ranges {
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
