//! `use VERSION`/`require VERSION` against the perl version Keshi implements.

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// perl version implemented, as (revision, version, subversion).
pub const PERL_VERSION: (u32, u32, u32) = (5, 42, 3);

/// `5.006` → (5, 6, 0), `5.6` → (5, 600, 0)
fn parse(v: &[u8]) -> Option<(u32, u32, u32)> {
    let s = std::str::from_utf8(v).ok()?.replace('_', "");
    let (int, frac) = s.split_once('.').unwrap_or((&s, ""));
    let mut f = frac.to_string();
    while f.len() < 6 {
        f.push('0');
    }
    Some((int.parse().ok()?, f[..3].parse().ok()?, f[3..6].parse().ok()?))
}

/// The message for a version this perl does not reach.
pub fn too_old(v: &Val, want: (u32, u32, u32)) -> String {
    let ((a, b, c), (x, y, z)) = (want, PERL_VERSION);
    let hint = decimal_hint(v, a, b);
    format!("Perl v{a}.{b}.{c} required{hint}--this is only v{x}.{y}.{z}, stopped")
}

/// `use 5.6` asks for 5.600.0; perl guesses what was meant.
fn decimal_hint(v: &Val, major: u32, minor: u32) -> String {
    if v.tag() != keshi_value::tag::NUM || major > 5 {
        return String::new();
    }
    let text = keshi_text::num::nv_string(v.as_f64());
    let fraction = text.split(|&c| c == b'.').nth(1).unwrap_or_default();
    if fraction.len() > 3 || fraction.starts_with(b"0") {
        return String::new();
    }
    let meant = if minor >= 600 { minor / 100 } else { minor / 10 };
    format!(" (did you mean v{major}.{meant}.0?)")
}

impl Vm {
    /// Dies unless this perl is at least `v`.
    pub fn check_perl_version(&mut self, v: &Val) -> R<()> {
        match self.perl_version_of(v)? {
            Some(want) if want > PERL_VERSION => Err(self.die_text(&too_old(v, want))),
            _ => Ok(()),
        }
    }

    /// A version literal as (revision, version, subversion).
    pub fn perl_version_of(&mut self, v: &Val) -> R<Option<(u32, u32, u32)>> {
        if let Some(d) = v.as_dual().filter(|d| d.vstring.is_some()) {
            let s = d.str.clone();
            let (b, u) = self.str_bytes(&s)?;
            let mut parts = keshi_text::utf8::code_points(&b, u).map(|c| c as u32);
            let mut part = || parts.next().unwrap_or(0);
            return Ok(Some((part(), part(), part())));
        }
        let (b, _) = self.str_bytes(v)?;
        Ok(parse(&b))
    }

    /// The numbers of a version object as `%vd` shows them: those of its own notation. `None` for any other value.
    pub fn version_components(&mut self, v: &Val) -> R<Option<Vec<u64>>> {
        let Some(class) = self.class_of(v).filter(|_| v.is_ref()) else { return Ok(None) };
        if !self.derives_from(&class, b"version")? {
            return Ok(None);
        }
        let Some(original) = v.hv().and_then(|h| h.get_str("original")) else { return Ok(None) };
        let text = self.text_of(&original)?.replace('_', "");
        let numbers = text.trim_start_matches('v').split('.');
        Ok(Some(numbers.map(|n| n.parse().unwrap_or(0)).collect()))
    }
}
