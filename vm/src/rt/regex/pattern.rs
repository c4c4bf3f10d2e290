//! From pattern text to RegexObj values.

use super::super::array::{av, list_values};
use crate::Vm;
use crate::exc::{Exc, R};
use crate::regex::{Compiled, compiled};
use crate::warn::cat;
use keshi_l1::chunk::Const;
use keshi_regex::{Charset, CodeBlock, CodeId, CompileHost, Cp, Flags, RegexError};
use keshi_value::obj::Obj;
use keshi_value::scalar::{Dual, RegexObj};
use keshi_value::{Code, Ptr, Scalar, Val};
use std::sync::Arc;

/// Bits of a pattern site; the same as `keshi_frontend::emit::regex::flag`.
pub mod flag {
    pub const I: u32 = 1;
    pub const M: u32 = 2;
    pub const S: u32 = 4;
    pub const X: u32 = 8;
    pub const XX: u32 = 16;
    pub const N: u32 = 32;
    pub const P: u32 = 64;
    pub const ONCE: u32 = 128;
    pub const DEPENDS: u32 = 256;
    pub const LOCALE: u32 = 512;
    pub const UNICODE: u32 = 1024;
    pub const ASCII: u32 = 2048;
    pub const ASCII_RESTRICT: u32 = 4096;
    pub const SPLIT: u32 = 8192;
    pub const AWK: u32 = 16384;
    pub const QR: u32 = 65536;
    /// The part of the flags that changes how a pattern is compiled.
    pub const COMPILE: u32 = 0x1fff & !ONCE;
}

const HINT_LOCALE: u32 = 0x4;
const HINT_UNI_8_BIT: u32 = 0x800;
const CACHE_MAX: usize = 512;

/// The VM as the pattern compiler's host.
struct Host<'a> {
    vm: &'a mut Vm,
    /// Code blocks by the offset of their `{` and their length.
    blocks: &'a [(usize, usize)],
    error: Option<Box<Exc>>,
}

impl CompileHost for Host<'_> {
    fn charname(&mut self, name: &[u8], utf8: bool) -> Result<Option<Vec<Cp>>, RegexError> {
        let r = (|| -> R<Option<Vec<Cp>>> {
            self.vm.require_file(b"_charnames.pm")?;
            let g = self.vm.gv_str("charnames::string_vianame");
            let g = if g.cv.get().is_some() {
                g
            } else {
                self.vm.require_file(b"charnames.pm")?;
                self.vm.gv_str("charnames::string_vianame")
            };
            let Some(code) = g.cv.get().clone() else { return Ok(None) };
            let v = self.vm.call_scalar(&code, vec![Val::str(name, utf8)])?;
            if v.is_undef() {
                return Ok(None);
            }
            let (b, u) = self.vm.str_bytes(&v)?;
            Ok(Some(keshi_text::utf8::code_points(&b, u).collect()))
        })();
        r.map_err(|e| {
            self.error = Some(e);
            RegexError::host()
        })
    }

    fn user_property(&mut self, name: &[u8], fold: bool) -> Result<Option<Vec<u8>>, RegexError> {
        let full = if memchr::memmem::find(name, b"::").is_some() {
            name.to_vec()
        } else {
            let pkg = self.vm.here().package;
            [&pkg[..], b"::", name].concat()
        };
        let mut found = self.vm.gv_lookup(&full).and_then(|g| g.cv.get().clone()).filter(|c| c.is_defined());
        if found.is_none() {
            found = self
                .vm
                .gv_lookup(&[b"main::".as_slice(), name].concat())
                .and_then(|g| g.cv.get().clone())
                .filter(|c| c.is_defined());
        }
        let Some(code) = found else { return Ok(None) };
        let arg = if fold { Val::int(1) } else { Val::int(0) };
        match self.vm.call_scalar(&code, vec![arg]) {
            Ok(v) => match self.vm.str_bytes_quiet(&v) {
                Ok((b, _)) => Ok(Some(b.into_owned())),
                Err(e) => {
                    self.error = Some(e);
                    Err(RegexError::host())
                }
            },
            Err(e) => {
                self.error = Some(e);
                Err(RegexError::host())
            }
        }
    }

    fn code_block(&mut self, _pattern: &[u8], at: usize) -> Result<Option<CodeBlock>, RegexError> {
        Ok(self
            .blocks
            .iter()
            .position(|(start, _)| *start == at)
            .map(|i| CodeBlock { id: CodeId(i as u32), len: self.blocks[i].1 }))
    }

    fn warns(&mut self, category: &str) -> bool {
        self.vm.warns(cat::by_name(category).unwrap_or(cat::REGEXP))
    }

    fn warn(&mut self, category: &str, message: &[u8], utf8: bool) {
        let c = cat::by_name(category).unwrap_or(cat::REGEXP);
        if let Err(e) = self.vm.warn_bytes(c, message, utf8) {
            self.error = Some(e);
        }
    }
}

fn charset(vm: &Vm, f: u32) -> Charset {
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
    } else if vm.hint(HINT_LOCALE) {
        Charset::Locale
    } else if vm.hint(HINT_UNI_8_BIT) {
        Charset::Unicode
    } else {
        Charset::Depends
    }
}

/// Compiles pattern text; the result is a PTR to a new RegexObj.
pub fn compile(
    vm: &mut Vm,
    text: &[u8],
    utf8: bool,
    f: u32,
    blocks: &[(usize, usize)],
    codes: Vec<Ptr<Code>>,
) -> R<Val> {
    let flags = Flags {
        i: f & flag::I != 0,
        m: f & flag::M != 0,
        s: f & flag::S != 0,
        x: f & flag::X != 0,
        xx: f & flag::XX != 0,
        n: f & flag::N != 0,
        p: f & flag::P != 0,
        charset: charset(vm, f),
        utf8_pattern: utf8,
        strict: false,
        split: f & flag::SPLIT != 0,
    };
    let mut host = Host { vm, blocks, error: None };
    let r = keshi_regex::compile(text, flags, &mut host);
    let err = host.error.take();
    match r {
        Ok(re) => {
            if let Some(e) = err {
                return Err(e);
            }
            Ok(Val::ptr(object(Compiled { re: Arc::new(re), codes, flags: f })))
        }
        Err(e) => match err {
            Some(x) => Err(x),
            None => Err(vm.die_bytes(&e.message, e.utf8)),
        },
    }
}

fn object(c: Compiled) -> Ptr<RegexObj> {
    let text = Val::str(&c.re.stringify(), c.re.flags().utf8_pattern);
    RegexObj::new(Box::new(c), text)
}

/// Run-time text: compiled once while it stays in the cache.
fn compile_cached(vm: &mut Vm, text: &[u8], utf8: bool, f: u32) -> R<Val> {
    let set = charset(vm, f) as u32;
    let key = (text.to_vec(), utf8, (f & (flag::COMPILE | flag::SPLIT | flag::AWK)) | (set << 24));
    if let Some(v) = vm.rtstate.regex.cache.get(&key) {
        return Ok(v.clone());
    }
    let v = compile(vm, text, utf8, f, &[], Vec::new())?;
    if compiled(&v).is_some_and(|c| c.re.deferred().is_empty()) {
        if vm.rtstate.regex.cache.len() >= CACHE_MAX {
            vm.rtstate.regex.cache.clear();
        }
        vm.rtstate.regex.cache.insert(key, v.clone());
    }
    Ok(v)
}

/// An empty pattern means the last successful one.
fn or_last(vm: &Vm, text: &[u8], f: u32) -> Option<Val> {
    if !text.is_empty() || f & (flag::SPLIT | flag::QR) != 0 {
        return None;
    }
    vm.last_match.as_ref().map(|m| m.re.clone())
}

/// `rx.lit`
pub fn literal(vm: &mut Vm, site: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let Const::Regex { pattern, utf8, flags } = &linked.chunk.consts[site as usize] else {
        return Err(vm.die_text("panic: pattern constant"));
    };
    if let Some(v) = or_last(vm, pattern, *flags) {
        return Ok(v);
    }
    let kept = &linked.site_data.get()[site as usize];
    if kept.as_regex().is_some() {
        return Ok(kept.clone());
    }
    let v = compile(vm, pattern, *utf8, *flags, &[], Vec::new())?;
    linked.site_data.get_mut()[site as usize] = v.clone();
    Ok(v)
}

/// The qr object a value is (possibly through overloading).
fn as_qr(vm: &mut Vm, v: &Val) -> R<Option<Val>> {
    if !v.is_ref() && v.as_dual().is_none() {
        return Ok(None);
    }
    if compiled(v).is_some() {
        return Ok(v.regex_ptr());
    }
    if let Some(r) = vm.overload_unary(v, "qr")? {
        if r.is_ref() && compiled(&r).is_some() {
            return Ok(r.regex_ptr());
        }
        return Err(vm.die_text("Overloaded qr did not return a REGEXP"));
    }
    Ok(None)
}

/// `rx.build`
pub fn build(vm: &mut Vm, b: &Val, site: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let Const::List(parts) = &linked.chunk.consts[site as usize] else {
        return Err(vm.die_text("panic: pattern constant"));
    };
    let (Some(Const::Regex { flags, .. }), Some(Const::Str { bytes: kinds, .. })) =
        (parts.first(), parts.get(1))
    else {
        return Err(vm.die_text("panic: pattern constant"));
    };
    let flags = *flags;
    let once = flags & flag::ONCE != 0;
    if once {
        let kept = &linked.site_data.get()[site as usize];
        if kept.as_regex().is_some() {
            return Ok(kept.clone());
        }
    }
    let vs = list_values(vm, &av(b), 0)?;
    if kinds.as_slice() == b"e" && flags & flag::COMPILE == 0 {
        if let Some(q) = as_qr(vm, &vs[0])? {
            if once {
                linked.site_data.get_mut()[site as usize] = q.clone();
            }
            return Ok(q);
        }
    }
    let mut text = Vec::new();
    let mut utf8 = false;
    let mut spans = Vec::new();
    let mut codes: Vec<Ptr<Code>> = Vec::new();
    let mut i = 0;
    for &k in kinds {
        match k {
            b'l' | b'e' => {
                let v = &vs[i];
                i += 1;
                let s = match as_qr(vm, v)? {
                    Some(q) if k == b'e' => {
                        if let Some(c) = compiled(&q) {
                            if !c.codes.is_empty() {
                                // Code blocks of an interpolated qr keep their closures.
                                let base = text.len();
                                let own = q.as_regex().expect("regex").text.clone();
                                let (ob, ou) = vm.str_bytes(&own)?;
                                for (at, len) in block_spans(&ob) {
                                    spans.push((base + at, len));
                                }
                                codes.extend(c.codes.iter().cloned());
                                keshi_text::utf8::append(&mut text, &mut utf8, &ob, ou);
                                continue;
                            }
                        }
                        q.as_regex().expect("regex").text.clone()
                    }
                    _ => v.clone(),
                };
                let (sb, su) = vm.str_bytes(&s)?;
                keshi_text::utf8::append(&mut text, &mut utf8, &sb, su);
            }
            _ => {
                let code = vs[i].cv();
                let (sb, su) = vm.str_bytes(&vs[i + 1])?;
                i += 2;
                let open = sb.iter().position(|&c| c == b'{').unwrap_or(0);
                spans.push((text.len() + open, sb.len() - open - 1));
                keshi_text::utf8::append(&mut text, &mut utf8, &sb, su);
                if let Some(c) = code {
                    codes.push(c);
                }
            }
        }
    }
    if let Some(v) = or_last(vm, &text, flags) {
        return Ok(v);
    }
    let v = if codes.is_empty() {
        compile_cached(vm, &text, utf8, flags)?
    } else {
        compile(vm, &text, utf8, flags, &spans, codes)?
    };
    if once {
        linked.site_data.get_mut()[site as usize] = v.clone();
    }
    Ok(v)
}

/// Code blocks in the text of a pattern already compiled: offsets of `{` and lengths, braces balanced.
fn block_spans(text: &[u8]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut i = 0;
    while i + 2 < text.len() {
        if text[i] == b'\\' {
            i += 2;
            continue;
        }
        let open = if text[i..].starts_with(b"(?{") {
            Some(i + 2)
        } else if text[i..].starts_with(b"(??{") || text[i..].starts_with(b"(*{") {
            text[i..].iter().position(|&c| c == b'{').map(|p| i + p)
        } else {
            None
        };
        if let Some(o) = open {
            let mut depth = 0;
            let mut j = o;
            while j < text.len() {
                match text[j] {
                    b'\\' => j += 1,
                    b'{' => depth += 1,
                    b'}' => {
                        depth -= 1;
                        if depth == 0 {
                            break;
                        }
                    }
                    _ => {}
                }
                j += 1;
            }
            out.push((o, j + 1 - o));
            i = j;
        }
        i += 1;
    }
    out
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
    if let Some(v) = or_last(vm, &t, flags) {
        return Ok(v);
    }
    compile_cached(vm, &t, u, flags)
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

/// Compiles what `(??{ })` gave.
pub fn postponed(vm: &mut Vm, v: &Val, f: u32) -> R<Arc<keshi_regex::Regex>> {
    let p = match as_qr(vm, v)? {
        Some(q) => q,
        None => {
            let (t, u) = vm.str_bytes(v)?;
            compile_cached(vm, &t, u, f & !(flag::SPLIT | flag::AWK) | flag::QR)?
        }
    };
    Ok(compiled(&p).expect("compiled").re.clone())
}
