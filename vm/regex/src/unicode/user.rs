//! User-defined properties: the text a property sub returns.

use crate::error::RegexError;
use crate::set::CharSet;
use crate::utf8::Cp;

/// Looks up the text of another property's sub.
pub type Lookup<'a> = dyn FnMut(&[u8]) -> Result<Option<Vec<u8>>, RegexError> + 'a;

/// The set of a user-defined property, `None` if there is no such sub. `path` holds the properties whose
/// definitions led here.
pub fn expand(
    name: &[u8],
    fold: bool,
    path: &mut Vec<Vec<u8>>,
    lookup: &mut Lookup<'_>,
) -> Result<Option<CharSet>, RegexError> {
    let Some(text) = lookup(name)? else { return Ok(None) };
    if path.iter().any(|p| p == name) {
        let mut m = b"Infinite recursion in user-defined property \"".to_vec();
        m.extend_from_slice(name);
        m.push(b'"');
        return Err(in_expansion(m, path));
    }
    path.push(name.to_vec());
    let set = parse(&text, fold, path, lookup)?;
    path.pop();
    Ok(Some(set))
}

/// Reads a definition: lines `hex`, `hex hex`, `Prop`, each possibly after `+`, `-`, `!` or `&`.
fn parse(
    text: &[u8],
    fold: bool,
    path: &mut Vec<Vec<u8>>,
    lookup: &mut Lookup<'_>,
) -> Result<CharSet, RegexError> {
    let mut set = CharSet::new();
    for whole in text.split(|&c| c == b'\n') {
        let line = match whole.iter().position(|&c| c == b'#') {
            Some(k) => &whole[..k],
            None => whole,
        };
        let line = line.trim_ascii();
        let Some(&first) = line.first() else { continue };
        let (how, rest) = if matches!(first, b'+' | b'-' | b'!' | b'&') {
            (first, line[1..].trim_ascii())
        } else {
            (b'+', line)
        };
        let member = match range(rest) {
            Some(Ok((lo, hi))) => CharSet::from_ranges([(lo, hi)]),
            Some(Err(what)) => {
                let m = [what.as_bytes(), b" in \"", whole, b"\""].concat();
                return Err(in_expansion(m, path));
            }
            None => match other(rest, fold, path, lookup)? {
                Some(s) => s,
                None => {
                    let m = [b"Can't find Unicode property definition \"".as_slice(), rest, b"\""].concat();
                    return Err(in_expansion(m, path));
                }
            },
        };
        match how {
            b'+' => set.union(&member),
            b'-' => set = set.minus(&member),
            b'!' => set.union(&member.inverted()),
            _ => set = set.intersected(&member),
        }
    }
    Ok(set)
}

/// One or two hexadecimal code points; `None` for something else.
fn range(text: &[u8]) -> Option<Result<(Cp, Cp), &'static str>> {
    let mut words = text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let hex = |w: &[u8]| -> Option<Option<Cp>> {
        let w = w.strip_prefix(b"0x").or_else(|| w.strip_prefix(b"0X")).unwrap_or(w);
        if w.is_empty() || !w.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let cp = std::str::from_utf8(w).ok().and_then(|s| Cp::from_str_radix(s, 16).ok());
        Some(cp.filter(|&c| c <= crate::set::CP_MAX))
    };
    let lo = hex(words.next()?)?;
    let hi = match words.next() {
        None => lo,
        Some(w) => hex(w)?,
    };
    Some(match (lo, hi) {
        (Some(lo), Some(hi)) if lo <= hi => Ok((lo, hi)),
        (Some(_), Some(_)) => Err("Illegal range"),
        _ => Err("Code point too large"),
    })
}

/// A property named inside a definition: another sub's, or an official one (`utf8::` may precede it).
fn other(
    name: &[u8],
    fold: bool,
    path: &mut Vec<Vec<u8>>,
    lookup: &mut Lookup<'_>,
) -> Result<Option<CharSet>, RegexError> {
    let official = name.strip_prefix(b"utf8::").unwrap_or(name);
    if official.len() == name.len()
        && let Some(s) = expand(name, fold, path, lookup)?
    {
        return Ok(Some(s));
    }
    Ok(super::property(official, fold).map(|s| (*s).clone()))
}

/// The message with the way to it.
fn in_expansion(mut m: Vec<u8>, path: &[Vec<u8>]) -> RegexError {
    for p in path.iter().rev() {
        m.extend_from_slice(b" in expansion of ");
        m.extend_from_slice(p);
    }
    let mut e = RegexError::plain(m);
    e.utf8 = !e.message.is_ascii() && std::str::from_utf8(&e.message).is_ok();
    e
}
