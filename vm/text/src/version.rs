//! Version objects: parsing, comparing and printing; and v-strings.

use std::cmp::Ordering;

use crate::{Category, Warning, is_space, utf8};

/// A parsed version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub parts: Vec<i32>,
    /// Dotted-decimal (`v1.2.3`), not decimal (`1.002003`).
    pub qv: bool,
    /// Has an underscore.
    pub alpha: bool,
    /// The text it came from.
    pub original: String,
}

/// A version with what is to be reported about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parsed {
    pub version: Version,
    pub warnings: Vec<Warning>,
}

fn bad<T>(why: &str) -> Result<T, String> {
    Err(format!("Invalid version format ({why})"))
}

/// Length of the run of digits at `i`.
fn digits(s: &[u8], i: usize) -> usize {
    s[i.min(s.len())..].iter().take_while(|b| b.is_ascii_digit()).count()
}

struct Scan {
    end: usize,
    qv: bool,
    alpha: bool,
}

/// True where a version may end: at the end of the text, before white space and before `;`, `{`, `}`.
fn stops(s: &[u8], i: usize) -> bool {
    s.get(i).is_none_or(|&b| is_space(b) || matches!(b, 0 | b';' | b'{' | b'}'))
}

/// Checks the syntax from `start` on and finds the end.
fn scan(s: &[u8], start: usize) -> Result<Scan, String> {
    let dotted = s.get(start) == Some(&b'v');
    let found = if dotted {
        if digits(s, start + 1) == 0 {
            return bad("dotted-decimal versions require at least three parts");
        }
        scan_dotted(s, start + 1)?
    } else {
        scan_decimal(s, start)?
    };
    let after = found.end;
    let next = after + s[after..].iter().take_while(|&&b| is_space(b)).count();
    let spaced_digit = next > after && digits(s, next) > 0;
    if after == start || !(stops(s, next) || spaced_digit) {
        return bad("non-numeric data");
    }
    if found.qv
        && next == after
        && s[after - 1] == b'.'
        && s[start..after].iter().filter(|&&b| b == b'.').count() > 1
    {
        return bad("trailing decimal");
    }
    Ok(found)
}

/// Parts separated by points; one underscore may come after the first point.
fn scan_dotted(s: &[u8], start: usize) -> Result<Scan, String> {
    let mut i = start + digits(s, start);
    let mut alpha = false;
    if s.get(i) == Some(&b'.') {
        i += 1;
        loop {
            let n = digits(s, i);
            if n == 0 {
                break;
            }
            i += n;
            match s.get(i) {
                Some(b'_') if alpha => return bad("multiple underscores"),
                Some(b'_') => alpha = true,
                Some(b'.') if alpha => return bad("underscores before decimal"),
                Some(b'.') => {}
                _ => break,
            }
            i += 1;
        }
    }
    Ok(Scan { end: i, qv: true, alpha })
}

/// An integer with an optional fraction; a second point makes it dotted.
fn scan_decimal(s: &[u8], start: usize) -> Result<Scan, String> {
    if s.get(start) == Some(&b'-') {
        return bad("negative version number");
    }
    let mut i = start + digits(s, start);
    let mut alpha = false;
    match s.get(i) {
        Some(b'.') => i += 1,
        _ if stops(s, i) && i == start => return bad("version required"),
        _ if stops(s, i) => return Ok(Scan { end: i, qv: false, alpha }),
        Some(b'_') if i > start && digits(s, i + 1) > 0 => return bad("alpha without decimal"),
        Some(b'_') if i > start => return bad("misplaced underscore"),
        _ => return bad("non-numeric data"),
    }
    if digits(s, i) == 0 && !stops(s, i) {
        return bad("fractional part required");
    }
    loop {
        let n = digits(s, i);
        i += n;
        match s.get(i) {
            Some(b'.') if n > 0 && alpha => return bad("underscores before decimal"),
            Some(b'.') if n > 0 => return scan_dotted(s, start),
            Some(b'_') if n > 0 => {
                if alpha {
                    return bad("multiple underscores");
                }
                if digits(s, i + 1) == 0 {
                    return bad("misplaced underscore");
                }
                alpha = true;
                i += 1;
            }
            _ => return Ok(Scan { end: i, qv: false, alpha }),
        }
    }
}

/// A component, limited to 31 bits.
fn component(digits: &str, warnings: &mut Vec<Warning>) -> (i32, bool) {
    match digits.parse::<i32>() {
        Ok(n) => (n, false),
        Err(_) if digits.is_empty() => (0, false),
        Err(_) => {
            warnings.push(Warning::new(Category::Overflow, "Integer overflow in version"));
            (i32::MAX, true)
        }
    }
}

impl Version {
    /// `version->parse`.
    pub fn parse(text: &[u8]) -> Result<Parsed, String> {
        let start = text.iter().take_while(|&&b| is_space(b)).count();
        if &text[start..] == b"undef" {
            let version = Version { parts: vec![0], qv: false, alpha: false, original: "0".into() };
            return Ok(Parsed { version, warnings: Vec::new() });
        }
        let found = scan(text, start)?;
        let body: String = text[start..found.end].iter().map(|&b| b as char).collect();
        let mut warnings = Vec::new();
        let mut parts = Vec::new();
        let mut overflow = false;
        let clean: String = body.chars().filter(|c| !matches!(c, '_' | 'v')).collect();
        if found.qv {
            for d in clean.split('.') {
                let (n, over) = component(d, &mut warnings);
                overflow |= over;
                parts.push(n);
                if over {
                    break;
                }
            }
            while parts.len() < 3 {
                parts.push(0);
            }
        } else {
            let (int, frac) = clean.split_once('.').map_or((&clean[..], None), |(a, b)| (a, Some(b)));
            let (n, over) = component(int, &mut warnings);
            overflow |= over;
            parts.push(n);
            if let Some(frac) = frac.filter(|_| !over) {
                if frac.is_empty() {
                    parts.push(0);
                }
                // Three digits make a part; the last is filled up with zeros.
                for group in frac.as_bytes().chunks(3) {
                    let n = group.iter().fold(0, |n, d| n * 10 + i32::from(d - b'0'));
                    parts.push(n * [100, 10, 1][group.len() - 1]);
                }
            }
        }
        let rest = &text[found.end..];
        if !rest.is_empty() {
            let all = String::from_utf8_lossy(text);
            let rest = String::from_utf8_lossy(rest);
            let msg = format!("Version string '{all}' contains invalid data; ignoring: '{rest}'");
            warnings.push(Warning::new(Category::Misc, msg));
        }
        let original = if overflow { "v.Inf".into() } else { body };
        Ok(Parsed { version: Version { parts, qv: found.qv, alpha: found.alpha, original }, warnings })
    }

    /// `version->declare` (`qv`): a decimal version with at most one point is read as dotted-decimal.
    pub fn declare(text: &[u8]) -> Result<Parsed, String> {
        let start = text.iter().take_while(|&&b| is_space(b)).count();
        let found = scan(text, start)?;
        if found.qv || &text[start..] == b"undef" {
            return Version::parse(text);
        }
        let body = &text[start..found.end];
        let point = body.contains(&b'.');
        let mut t = b"v".to_vec();
        if body[0] == b'.' {
            t.push(b'0');
        }
        t.extend_from_slice(body.strip_suffix(b".").unwrap_or(body));
        let mut p = Version::parse(&t)?;
        if p.version.original != "v.Inf" {
            p.version.original = format!("{}{}", if point { "v" } else { "" }, String::from_utf8_lossy(body));
        }
        Ok(p)
    }

    /// A version from a number: at most nine decimals, without trailing zeros.
    pub fn from_nv(n: f64) -> Result<Parsed, String> {
        let t = format!("{n:.9}");
        let t = t.trim_end_matches('0').trim_end_matches('.');
        Version::parse(t.as_bytes())
    }

    /// `$v->normal`: `v1.2.3`.
    pub fn normal(&self) -> String {
        let mut out = String::from("v");
        for i in 0..self.parts.len().max(3) {
            if i > 0 {
                out.push('.');
            }
            out.push_str(&self.parts.get(i).unwrap_or(&0).to_string());
        }
        out
    }

    /// `$v->numify`: `1.002003`. The caller warns `alpha->numify() is lossy` (numeric) for alpha versions.
    pub fn numify(&self) -> String {
        let mut out = format!("{}.", self.parts.first().unwrap_or(&0));
        for p in &self.parts[1.min(self.parts.len())..] {
            out.push_str(&format!("{p:03}"));
        }
        if self.parts.len() < 2 {
            out.push_str("000");
        }
        out
    }

    /// `"$v"`.
    pub fn stringify(&self) -> String {
        match (self.original.is_empty(), self.qv) {
            (false, _) => self.original.clone(),
            (true, true) => self.normal(),
            (true, false) => self.numify(),
        }
    }

    /// `<=>`; missing parts count as 0.
    pub fn vcmp(&self, other: &Version) -> Ordering {
        let n = self.parts.len().max(other.parts.len());
        let part = |v: &Version, i: usize| v.parts.get(i).copied().unwrap_or(0);
        (0..n).map(|i| part(self, i).cmp(&part(other, i))).find(|o| o.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// True for versions other than 0.
    pub fn is_true(&self) -> bool {
        self.parts.iter().any(|&p| p != 0)
    }
}

/// A v-string literal at the start of `s`: `v65`, `v1.2.3`, or without `v` at least two points
/// (`65.66.67`). Returns its characters, whether they are UTF-8, and the bytes used.
pub fn vstring(s: &[u8]) -> Option<(Vec<u8>, bool, usize)> {
    let lead = usize::from(s.first() == Some(&b'v'));
    let mut i = lead;
    let mut cps: Vec<u64> = Vec::new();
    loop {
        let start = i;
        let mut v: u64 = 0;
        while let Some(&b) = s.get(i) {
            match b {
                b'0'..=b'9' => v = v.checked_mul(10)?.checked_add(u64::from(b - b'0'))?,
                b'_' if i > start && s.get(i + 1).is_some_and(u8::is_ascii_digit) => {}
                _ => break,
            }
            i += 1;
        }
        if i == start || v > utf8::MAX {
            return None;
        }
        cps.push(v);
        if s.get(i) == Some(&b'.') && s.get(i + 1).is_some_and(u8::is_ascii_digit) {
            i += 1;
        } else {
            break;
        }
    }
    if lead == 0 && cps.len() < 3 {
        return None;
    }
    let wide = cps.iter().any(|&c| c > 255);
    let mut out = Vec::new();
    for c in cps {
        if wide { utf8::encode(c, &mut out) } else { out.push(c as u8) }
    }
    Some((out, wide, i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        for (t, normal, num) in [
            ("1", "v1.0.0", "1.000"),
            ("1.2", "v1.200.0", "1.200"),
            ("1.2.3", "v1.2.3", "1.002003"),
            ("v1.2", "v1.2.0", "1.002000"),
            ("1.2.3_4", "v1.2.34", "1.002034"),
            ("v1.2_3", "v1.23.0", "1.023000"),
            (".1", "v0.100.0", "0.100"),
            (".1.2", "v0.1.2", "0.001002"),
            ("1.", "v1.0.0", "1.000"),
            ("1.0000001", "v1.0.0.100", "1.000000100"),
            ("1.1000", "v1.100.0", "1.100000"),
            ("99999999999.1", "v2147483647.0.0", "2147483647.000"),
            ("v5.99999999999.7", "v5.2147483647.0", "5.2147483647000"),
        ] {
            let v = Version::parse(t.as_bytes()).unwrap().version;
            assert_eq!((v.normal().as_str(), v.numify().as_str()), (normal, num), "{t}");
        }
        for (t, e) in [
            ("", "version required"),
            ("1.2x", "non-numeric data"),
            ("1_2", "alpha without decimal"),
            ("1.2.", "trailing decimal"),
            ("-1", "negative version number"),
            ("1.2_3_4", "multiple underscores"),
            ("1.02_", "misplaced underscore"),
            ("1.2__3", "misplaced underscore"),
            ("1..2", "fractional part required"),
            ("vx", "dotted-decimal versions require at least three parts"),
            ("v1_2", "non-numeric data"),
        ] {
            assert_eq!(Version::parse(t.as_bytes()), Err(format!("Invalid version format ({e})")), "{t}");
        }
        assert_eq!(Version::declare(b"1.2").unwrap().version.normal(), "v1.2.0");
        assert_eq!(Version::from_nv(1e-3).unwrap().version.stringify(), "0.001");
    }

    #[test]
    fn compares() {
        let c = |a: &str, b: &str| {
            Version::parse(a.as_bytes()).unwrap().version.vcmp(&Version::parse(b.as_bytes()).unwrap().version)
        };
        assert_eq!(c("1.2", "1.2.0"), Ordering::Greater);
        assert_eq!(c("v1.2", "1.002"), Ordering::Equal);
        assert_eq!(c("1.10", "1.9"), Ordering::Less);
        assert_eq!(c("v1.10", "v1.9"), Ordering::Greater);
    }

    #[test]
    fn vstrings() {
        assert_eq!(vstring(b"v65.66;"), Some((b"AB".to_vec(), false, 6)));
        assert_eq!(vstring(b"65.66.256"), Some(("AB\u{100}".into(), true, 9)));
        assert_eq!(vstring(b"65.66"), None);
    }
}
