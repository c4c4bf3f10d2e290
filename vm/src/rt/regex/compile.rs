//! The regex compiler and what it asks of the VM.

use super::pattern::{charset, flag};
use crate::Vm;
use crate::exc::{Exc, R};
use crate::regex::Compiled;
use crate::warn::cat;
use keshi_regex::{CodeBlock, CodeId, CompileHost, Cp, Flags, RegexError};
use keshi_value::scalar::RegexObj;
use keshi_value::{Code, Ptr, Val};
use std::sync::Arc;

const CACHE_MAX: usize = 512;

/// The VM as the pattern compiler's host.
struct Host<'a> {
    vm: &'a mut Vm,
    /// Code blocks by the offset of their `{` and their length.
    blocks: &'a [(usize, usize)],
    error: Option<Box<Exc>>,
    /// The result depends on more than the text, or something was said about it.
    personal: bool,
}

impl CompileHost for Host<'_> {
    fn charname(&mut self, name: &[u8], utf8: bool) -> Result<Option<Vec<Cp>>, RegexError> {
        self.personal = true;
        let r = (|| -> R<Option<Vec<Cp>>> {
            if let Some(code) = translator(self.vm) {
                let v = self.vm.call_scalar(&code, vec![Val::str(name, utf8)])?;
                let (b, u) = self.vm.str_bytes_quiet(&v)?;
                return Ok(Some(keshi_text::utf8::code_points(&b, u).collect()));
            }
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
        self.personal = true;
        user_property(self.vm, name, fold).map_err(|e| {
            self.error = Some(e);
            RegexError::host()
        })
    }

    fn package(&mut self) -> Vec<u8> {
        self.vm.here().package.to_vec()
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
        self.personal = true;
        let c = cat::by_name(category).unwrap_or(cat::REGEXP);
        if let Err(e) = self.vm.warn_bytes(c, message, utf8) {
            self.error = Some(e);
        }
    }
}

/// The program's own `charnames` handler where the pattern stands.
fn translator(vm: &mut Vm) -> Option<Ptr<Code>> {
    let (cop, _) = vm.cop()?;
    let list = cop.hinthash.as_ref()?;
    let text = list.iter().find(|e| &e.key[..] == b"charnames")?.value.clone()?;
    let text = &text[..];
    let own = vm.held_reference(text).and_then(|i| vm.rtstate.control.host_consts[i].cv())?;
    let usual = vm.gv_lookup(b"_charnames::charnames").and_then(|g| g.cv.get().clone());
    (usual.as_ref().map(Ptr::as_ptr) != Some(own.as_ptr())).then_some(own)
}

/// The text that a property sub returns; `None`: no such sub. What it dies of names the property.
pub fn user_property(vm: &mut Vm, name: &[u8], fold: bool) -> R<Option<Vec<u8>>> {
    let here = vm.here().package;
    let mut full = vec![name.to_vec()];
    if memchr::memmem::find(name, b"::").is_none() {
        full = vec![[&here[..], b"::", name].concat(), [b"main::".as_slice(), name].concat()];
    }
    for name in full {
        if let Some(text) = vm.rtstate.regex.properties.get(&(name.clone(), fold)) {
            return Ok(Some(text.clone()));
        }
        let code = vm.gv_lookup(&name).and_then(|g| g.cv.get().clone()).filter(|c| c.is_defined());
        let Some(code) = code else { continue };
        let text = vm.call_scalar(&code, vec![Val::int(fold.into())]);
        return match text {
            Ok(v) => {
                let text = vm.str_bytes_quiet(&v)?.0.into_owned();
                vm.rtstate.regex.properties.insert((name, fold), text.clone());
                Ok(Some(text))
            }
            Err(e) => match *e {
                Exc::Die(v) if !v.is_ref() => {
                    let (b, u) = vm.str_bytes_quiet(&v)?;
                    let text = [b.trim_ascii_end(), b" in expansion of ", &name].concat();
                    Err(vm.die_bytes(&text, u))
                }
                other => Err(Box::new(other)),
            },
        };
    }
    Ok(None)
}

/// A code block of a pattern: offset of its `{`, its length, the closure.
pub struct Block {
    pub at: usize,
    pub len: usize,
    pub code: Ptr<Code>,
}

/// Compiles pattern text; the result is a PTR to a new RegexObj.
pub fn compile(vm: &mut Vm, text: &[u8], utf8: bool, f: u32, blocks: Vec<Block>) -> R<Val> {
    Ok(compile_noting(vm, text, utf8, f, blocks)?.0)
}

/// The same; the flag tells that the result is of use at this place only.
fn compile_noting(vm: &mut Vm, text: &[u8], utf8: bool, f: u32, blocks: Vec<Block>) -> R<(Val, bool)> {
    let utf8 = utf8 && !text.is_empty();
    let flags = Flags {
        i: f & flag::I != 0,
        // `split /^/` means `split /^/m`.
        m: f & flag::M != 0 || (f & flag::SPLIT != 0 && text == b"^"),
        s: f & flag::S != 0,
        x: f & flag::X != 0,
        xx: f & flag::XX != 0,
        n: f & flag::N != 0,
        p: f & flag::P != 0,
        charset: charset(vm, f),
        utf8_pattern: utf8,
        strict: f & flag::STRICT != 0,
        split: f & flag::SPLIT != 0,
    };
    let spans: Vec<(usize, usize)> = blocks.iter().map(|b| (b.at, b.len)).collect();
    let mut host = Host { vm, blocks: &spans, error: None, personal: false };
    let r = keshi_regex::compile(text, flags, &mut host);
    let (err, personal) = (host.error.take(), host.personal);
    if let Some(e) = err {
        return Err(e);
    }
    match r {
        Ok(re) => {
            let personal = personal || !re.deferred().is_empty();
            let codes = blocks.into_iter().map(|b| b.code).collect();
            Ok((Val::ptr(object(Compiled { re: Arc::new(re), codes, spans, flags: f })), personal))
        }
        Err(e) => Err(vm.die_bytes(&e.message, e.utf8)),
    }
}

pub fn object(c: Compiled) -> Ptr<RegexObj> {
    let text = Val::str(&c.re.stringify(), c.re.flags().utf8_pattern);
    RegexObj::new(Box::new(c), text)
}

/// Run-time text: compiled once while it stays in the cache.
pub fn compile_cached(vm: &mut Vm, text: &[u8], utf8: bool, f: u32) -> R<Val> {
    let set = charset(vm, f) as u32;
    let key = (text.to_vec(), utf8, (f & (flag::COMPILE | flag::SPLIT | flag::AWK)) | (set << 24));
    if let Some(v) = vm.rtstate.regex.cache.get(&key) {
        return Ok(v.clone());
    }
    let (v, personal) = compile_noting(vm, text, utf8, f, Vec::new())?;
    if !personal {
        if vm.rtstate.regex.cache.len() >= CACHE_MAX {
            vm.rtstate.regex.cache.clear();
        }
        vm.rtstate.regex.cache.insert(key, v.clone());
    }
    Ok(v)
}
