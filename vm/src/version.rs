//! `use VERSION`/`require VERSION` against the perl version Keshi implements.

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// perl version implemented, as (revision, version, subversion).
pub const PERL_VERSION: (u32, u32, u32) = (5, 42, 3);

/// `5.006`, `5.6.1`, `v5.36` → (5, 6, 0) …
pub fn parse(v: &[u8], vstring: bool) -> Option<(u32, u32, u32)> {
    if vstring {
        let mut it = v.iter().map(|&b| b as u32);
        return Some((it.next().unwrap_or(0), it.next().unwrap_or(0), it.next().unwrap_or(0)));
    }
    let s = std::str::from_utf8(v).ok()?.replace('_', "");
    let (int, frac) = s.split_once('.').unwrap_or((&s, ""));
    let mut f = frac.to_string();
    while f.len() < 6 {
        f.push('0');
    }
    Some((int.parse().ok()?, f[..3].parse().ok()?, f[3..6].parse().ok()?))
}

impl Vm {
    /// Dies unless this perl is at least `v`.
    pub fn check_perl_version(&mut self, v: &Val) -> R<()> {
        let vs = v.as_dual().filter(|d| d.vstring.is_some());
        let want = match vs {
            Some(d) => {
                let s = d.str.clone();
                let (b, u) = self.str_bytes(&s)?;
                let pts: Vec<u32> = keshi_text::utf8::code_points(&b, u).map(|c| c as u32).collect();
                Some((
                    pts.first().copied().unwrap_or(0),
                    pts.get(1).copied().unwrap_or(0),
                    pts.get(2).copied().unwrap_or(0),
                ))
            }
            None => {
                let (b, _) = self.str_bytes(v)?;
                parse(&b, false)
            }
        };
        let Some(want) = want else { return Ok(()) };
        if want > PERL_VERSION {
            let (a, b, c) = want;
            let (x, y, z) = PERL_VERSION;
            return Err(
                self.die_text(&format!("Perl v{a}.{b}.{c} required--this is only v{x}.{y}.{z}, stopped"))
            );
        }
        Ok(())
    }
}
