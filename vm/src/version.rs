//! `use VERSION`/`require VERSION` against the perl version Keshi implements; values as versions.

use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_text::version::{Parsed, Version};
use keshi_value::{Val, tag};
use std::cmp::Ordering;

/// perl version implemented, as (revision, version, subversion).
pub const PERL_VERSION: (u32, u32, u32) = (5, 42, 3);

/// The same as a version.
pub fn this_perl() -> Version {
    let (x, y, z) = PERL_VERSION;
    Version { parts: vec![x as i32, y as i32, z as i32], qv: true, alpha: false, original: String::new() }
}

/// The message for a version this perl does not reach.
pub fn too_old(v: &Val, want: &Version) -> String {
    let part = |i: usize| want.parts.get(i).copied().unwrap_or(0);
    let hint = decimal_hint(v, part(0), part(1));
    format!("Perl {} required{hint}--this is only {}, stopped", want.normal(), this_perl().normal())
}

/// `use 5.6` asks for 5.600.0; perl guesses what was meant.
fn decimal_hint(v: &Val, major: i32, minor: i32) -> String {
    if v.tag() != tag::NUM || major > 5 {
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
        let want = self.version_literal(v)?;
        match want.vcmp(&this_perl()) {
            Ordering::Greater => Err(self.die_text(&too_old(v, &want))),
            _ => Ok(()),
        }
    }

    /// A number, string or v-string as a version.
    pub fn version_literal(&mut self, v: &Val) -> R<Version> {
        let parsed = match v.as_dual().and_then(|d| d.vstring.clone()) {
            Some(literal) => Version::parse(&literal),
            None => match v.tag() {
                tag::UNDEF => Version::parse(b"undef"),
                tag::NUM => Version::from_nv(v.as_f64()),
                _ => Version::parse(&self.str_bytes(v)?.0),
            },
        };
        self.version_parsed(parsed)
    }

    /// Reports what parsing a version found.
    pub fn version_parsed(&mut self, parsed: Result<Parsed, String>) -> R<Version> {
        let parsed = parsed.map_err(|m| self.die_text(&m))?;
        for w in &parsed.warnings {
            let c = cat::by_name(w.cat.name()).unwrap_or(cat::MISC);
            self.warn(c, &w.msg)?;
        }
        Ok(parsed.version)
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
