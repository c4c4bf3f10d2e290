//! User-defined properties: the text a property sub returns.

use std::sync::Arc;

use crate::error::RegexError;
use crate::host::CompileHost;
use crate::set::CharSet;
use crate::utf8::Cp;

/// Finds another property a definition refers to.
pub type Resolve<'a> = dyn FnMut(&[u8]) -> Result<Option<Arc<CharSet>>, RegexError> + 'a;

/// Reads a definition: lines `hex`, `hex hex`, `+Prop`, `-Prop`, `!Prop`, `&Prop`.
pub fn parse(text: &[u8], name: &[u8], resolve: &mut Resolve<'_>) -> Result<CharSet, RegexError> {
    let mut set = CharSet::new();
    for line in text.split(|&c| c == b'\n') {
        let line = match line.iter().position(|&c| c == b'#') {
            Some(k) => &line[..k],
            None => line,
        };
        let line = line.trim_ascii();
        let Some(&first) = line.first() else { continue };
        if matches!(first, b'+' | b'-' | b'!' | b'&') {
            let other = line[1..].trim_ascii();
            let Some(o) = resolve(other)? else {
                let mut m = b"Unknown user-defined property name \\p{".to_vec();
                m.extend_from_slice(other);
                m.push(b'}');
                return Err(RegexError::plain(m));
            };
            match first {
                b'+' => set.union(&o),
                b'-' => set = set.minus(&o),
                b'!' => set.union(&o.inverted()),
                _ => set = set.intersected(&o),
            }
            continue;
        }
        let mut words = line.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
        let hex = |w: &[u8]| {
            let w = w.strip_prefix(b"0x").or_else(|| w.strip_prefix(b"0X")).unwrap_or(w);
            std::str::from_utf8(w).ok().and_then(|s| Cp::from_str_radix(s, 16).ok())
        };
        let lo = words.next().and_then(hex);
        let hi = match words.next() {
            None => lo,
            Some(w) => hex(w),
        };
        match (lo, hi) {
            (Some(lo), Some(hi)) if lo <= hi => set.extend([(lo, hi)]),
            (Some(_), Some(_)) => return Err(bad(b"Illegal range in \"", line, name)),
            _ => return Err(bad(b"Can't find property definition ", line, name)),
        }
    }
    Ok(set)
}

fn bad(what: &[u8], line: &[u8], name: &[u8]) -> RegexError {
    let mut m = what.to_vec();
    m.extend_from_slice(line);
    if what.ends_with(b"\"") {
        m.push(b'"');
    }
    m.extend_from_slice(b" in expansion of ");
    m.extend_from_slice(name);
    RegexError::plain(m)
}

/// A property named inside a definition: another sub's, or an official one (`utf8::` may precede it).
pub fn resolve_with_host(
    host: &mut dyn CompileHost,
    name: &[u8],
    fold: bool,
) -> Result<Option<Arc<CharSet>>, RegexError> {
    let official = name.strip_prefix(b"utf8::").unwrap_or(name);
    if official.len() == name.len()
        && let Some(text) = host.user_property(name, fold)?
    {
        return parse(&text, name, &mut |n| resolve_with_host(host, n, fold)).map(|s| Some(Arc::new(s)));
    }
    Ok(super::property(official, fold))
}
