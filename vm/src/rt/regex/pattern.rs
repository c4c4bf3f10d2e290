//! From pattern text to RegexObj values.

use super::compile::{Saying, compile_cached, object};
use crate::Vm;
use crate::exc::R;
use crate::regex::compiled;
use keshi_l1::chunk::Const;
use keshi_regex::Charset;
use keshi_value::obj::Obj;
use keshi_value::scalar::Dual;
use keshi_value::{Scalar, Val};

pub use keshi_l1::pattern as flag;

const HINT_LOCALE: u32 = 0x4;
const HINT_LOCALE_PARTIAL: u32 = 0x10;
const HINT_UNI_8_BIT: u32 = 0x800;

/// The rules of a pattern at the running place.
pub fn charset(vm: &Vm, f: u32) -> Charset {
    charset_by(f, vm.hints())
}

/// The same for a given `$^H`.
pub fn charset_by(f: u32, hints: u32) -> Charset {
    if f & flag::ASCII_RESTRICT != 0 {
        Charset::AsciiRestrict
    } else if f & flag::ASCII != 0 {
        Charset::Ascii
    } else if f & flag::UNICODE != 0 {
        Charset::Unicode
    } else if f & flag::LOCALE != 0 {
        Charset::Locale
    } else if f & flag::DEPENDS != 0 {
        Charset::Depends
    } else if hints & (HINT_LOCALE | HINT_LOCALE_PARTIAL) == HINT_LOCALE {
        Charset::Locale
    } else if hints & HINT_UNI_8_BIT != 0 {
        Charset::Unicode
    } else {
        Charset::Depends
    }
}

/// An empty pattern means the last successful one; inside a code block, the last before the running match.
pub fn or_last(vm: &mut Vm, text: &[u8], f: u32) -> R<Option<Val>> {
    if !text.is_empty() || f & (flag::SPLIT | flag::QR) != 0 {
        return Ok(None);
    }
    let Some(m) = &vm.last_match else { return Ok(None) };
    match &m.under {
        None => Ok(Some(m.re.clone())),
        Some(None) => Ok(None),
        Some(Some(u)) if u.under.is_none() => Ok(Some(u.re.clone())),
        Some(Some(_)) => Err(vm.die_text("Infinite recursion via empty pattern")),
    }
}

/// `${^LAST_SUCCESSFUL_PATTERN}`
pub fn last_successful(vm: &mut Vm) -> R<Val> {
    match vm.last_match.as_ref().map(|m| m.re.clone()) {
        Some(re) => qr(vm, &re),
        None => Ok(Val::undef()),
    }
}

/// `rx.lit`
pub fn literal(vm: &mut Vm, site: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let Const::Regex { pattern, utf8, flags } = &linked.chunk.consts[site as usize] else {
        return Err(vm.die_text("panic: pattern constant"));
    };
    if let Some(v) = or_last(vm, pattern, *flags)? {
        return Ok(v);
    }
    let kept = &linked.site_data.get()[site as usize];
    if kept.as_regex().is_some() {
        return Ok(kept.clone());
    }
    let v = compile_cached(vm, pattern, *utf8, *flags, Saying::Silent)?;
    linked.site_data.get_mut()[site as usize] = v.clone();
    Ok(v)
}

/// The qr object a value is (possibly through overloading).
pub fn as_qr(vm: &mut Vm, v: &Val) -> R<Option<Val>> {
    if !v.is_ref() && v.as_dual().is_none() {
        return Ok(None);
    }
    if let Some(r) = vm.overload_unary(v, "qr")? {
        if compiled(&r).is_some() {
            return Ok(r.regex_ptr());
        }
        return Err(vm.die_text("Overloaded qr did not return a REGEXP"));
    }
    if compiled(v).is_some() {
        return Ok(v.regex_ptr());
    }
    Ok(None)
}

/// `rx.value`
pub fn from_value(vm: &mut Vm, b: &Val, site: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let flags = match &linked.chunk.consts[site as usize] {
        Const::Regex { flags, .. } => *flags,
        Const::List(l) => match l.first() {
            Some(Const::Regex { flags, .. }) => *flags,
            _ => 0,
        },
        _ => 0,
    };
    if let Some(q) = as_qr(vm, b)? {
        return Ok(q);
    }
    let (t, u) = vm.str_bytes(b)?;
    if let Some(v) = or_last(vm, &t, flags)? {
        return Ok(v);
    }
    compile_cached(vm, &t, u, flags, Saying::Aloud)
}

/// `qr//`: a new object each time, sharing the program.
pub fn qr(vm: &mut Vm, b: &Val) -> R<Val> {
    let Some(c) = compiled(b) else { return Err(vm.die_text("panic: qr without a pattern")) };
    let cell = Scalar::new(Val::dual(Dual::regexp(object(c.clone()))));
    if let Some(st) = vm.stash(b"Regexp", false, true) {
        cell.hdr().bless(st);
    }
    Ok(Val::reference(cell))
}

/// A site's flags with other modifiers.
pub fn with_modifiers(f: u32, m: &keshi_regex::Flags) -> u32 {
    const ALL: u32 = flag::I
        | flag::M
        | flag::S
        | flag::X
        | flag::XX
        | flag::N
        | flag::DEPENDS
        | flag::LOCALE
        | flag::UNICODE
        | flag::ASCII
        | flag::ASCII_RESTRICT;
    let set = match m.charset {
        Charset::Depends => flag::DEPENDS,
        Charset::Locale => flag::LOCALE,
        Charset::Unicode => flag::UNICODE,
        Charset::Ascii => flag::ASCII,
        Charset::AsciiRestrict => flag::ASCII_RESTRICT,
    };
    let bits =
        [(m.i, flag::I), (m.m, flag::M), (m.s, flag::S), (m.x, flag::X), (m.xx, flag::XX), (m.n, flag::N)];
    bits.iter().filter(|b| b.0).fold(f & !ALL | set, |f, b| f | b.1)
}

/// Compiles what `(??{ })` gave: a PTR to the RegexObj.
pub fn postponed(vm: &mut Vm, v: &Val, f: u32) -> R<Val> {
    if let Some(q) = as_qr(vm, v)? {
        return Ok(q);
    }
    let (t, u) = vm.str_bytes(v)?;
    compile_cached(vm, &t, u, f & !(flag::SPLIT | flag::AWK) | flag::QR, Saying::Aloud)
}
