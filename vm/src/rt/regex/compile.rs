//! The regex compiler and what it asks of the VM.

use super::pattern::{charset, charset_by, flag};
use crate::Vm;
use crate::exc::{Exc, R, Ret, Want};
use crate::regex::Compiled;
use crate::warn::cat;
use keshi_regex::{Charset, CodeBlock, CodeId, CompileHost, Cp, Flags, NameTable, RegexError};
use keshi_value::scalar::RegexObj;
use keshi_value::{Array, Code, Ptr, Val};
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
    saying: Saying,
    /// The package of the code that holds the pattern.
    package: Vec<u8>,
}

/// What becomes of warnings.
pub enum Saying {
    /// They are given.
    Aloud,
    /// They were given when the program was compiled.
    Silent,
    /// They are collected: category and text.
    Noted(Vec<(u32, Vec<u8>)>),
}

/// A sub of the module behind `\N{…}`.
fn charnames_sub(vm: &mut Vm, name: &str) -> R<Option<Ptr<Code>>> {
    vm.require_file(b"_charnames.pm")?;
    Ok(vm.gv_str(name).cv.get().clone())
}

/// The table of names that the same module keeps.
fn names(vm: &mut Vm) -> R<Option<NameTable>> {
    let Some(code) = charnames_sub(vm, "_charnames::_get_names_info")? else { return Ok(None) };
    let Ret::List(l) = vm.call(&code, Array::new(), Want::List)? else { return Ok(None) };
    let (text, ranges) = (vm.av_get(&l, 0)?, vm.av_get(&l, 1)?);
    let (Some(text), Some(ranges)) = (text.scalar(), ranges.av()) else { return Ok(None) };
    let text = vm.get_sv(&text)?;
    let mut table = NameTable { text: vm.str_bytes(&text)?.0.into_owned(), numbered: Vec::new() };
    for i in 0..ranges.len() {
        let Some(h) = vm.av_get(&ranges, i as i64)?.hv() else { continue };
        let field = |k: &str| h.get_str(k).unwrap_or_default();
        let (name, lo, hi) = (field("name"), field("low"), field("high"));
        let name = vm.str_bytes(&name)?.0.into_owned();
        table.numbered.push((name, vm.to_uv(&lo)?, vm.to_uv(&hi)?));
    }
    Ok(Some(table))
}

impl Host<'_> {
    /// Keeps an exception of Perl code until the compilation is over.
    fn kept<T>(&mut self, r: R<T>) -> Result<T, RegexError> {
        r.map_err(|e| {
            self.error = Some(e);
            RegexError::host()
        })
    }
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

    fn official_name(&mut self, name: &[u8], utf8: bool) -> Result<Option<Vec<Cp>>, RegexError> {
        let r = (|| -> R<Option<Vec<Cp>>> {
            let Some(code) = charnames_sub(self.vm, "_charnames::_loose_regcomp_lookup")? else {
                return Ok(None);
            };
            // The module asks its caller for pragmas, whom a pattern compiled ahead does not have.
            let quiet = std::mem::replace(&mut self.vm.no_warn, true);
            let v = self.vm.call_scalar(&code, vec![Val::str(name, utf8)]);
            self.vm.no_warn = quiet;
            let v = v?;
            if v.is_undef() {
                return Ok(None);
            }
            let (b, u) = self.vm.str_bytes(&v)?;
            Ok(Some(keshi_text::utf8::code_points(&b, u).collect()))
        })();
        self.kept(r)
    }

    fn names(&mut self) -> Result<Option<NameTable>, RegexError> {
        let r = names(self.vm);
        self.kept(r)
    }

    fn user_property(&mut self, name: &[u8], fold: bool) -> Result<Option<Vec<u8>>, RegexError> {
        self.personal = true;
        user_property(self.vm, name, fold).map_err(|e| {
            self.error = Some(e);
            RegexError::host()
        })
    }

    fn package(&mut self) -> Vec<u8> {
        self.package.clone()
    }

    fn code_block(&mut self, _pattern: &[u8], at: usize) -> Result<Option<CodeBlock>, RegexError> {
        Ok(self
            .blocks
            .iter()
            .position(|(start, _)| *start == at)
            .map(|i| CodeBlock { id: CodeId(i as u32), len: self.blocks[i].1 }))
    }

    fn warns(&mut self, category: &str) -> bool {
        match self.saying {
            Saying::Aloud => self.vm.warns(cat::by_name(category).unwrap_or(cat::REGEXP)),
            // what would be said keeps the result out of the cache, where it would silence others
            Saying::Silent => true,
            Saying::Noted(_) => true,
        }
    }

    fn warn(&mut self, category: &str, message: &[u8], utf8: bool) {
        self.personal = true;
        let c = cat::by_name(category).unwrap_or(cat::REGEXP);
        match &mut self.saying {
            Saying::Aloud => {
                if let Err(e) = self.vm.warn_bytes(c, message, utf8) {
                    self.error = Some(e);
                }
            }
            Saying::Silent => {}
            Saying::Noted(all) => all.push((c, message.to_vec())),
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

/// What the engine compiles a pattern by.
fn engine_flags(text: &[u8], utf8: bool, f: u32, charset: Charset) -> Flags {
    Flags {
        i: f & flag::I != 0,
        // `split /^/` means `split /^/m`.
        m: f & flag::M != 0 || (f & flag::SPLIT != 0 && text == b"^"),
        s: f & flag::S != 0,
        x: f & flag::X != 0,
        xx: f & flag::XX != 0,
        n: f & flag::N != 0,
        p: f & flag::P != 0,
        charset,
        utf8_pattern: utf8 && !text.is_empty(),
        strict: f & flag::STRICT != 0,
        split: f & flag::SPLIT != 0,
    }
}

/// How a compilation went: the pattern or the engine's message, and whether the result is of use at this place
/// only.
pub struct Outcome {
    pub re: Result<keshi_regex::Regex, RegexError>,
    pub personal: bool,
    pub noted: Vec<(u32, Vec<u8>)>,
}

/// Runs the pattern compiler.
pub fn run(
    vm: &mut Vm,
    text: &[u8],
    flags: Flags,
    spans: &[(usize, usize)],
    package: Vec<u8>,
    saying: Saying,
) -> R<Outcome> {
    let mut host = Host { vm, blocks: spans, error: None, personal: false, saying, package };
    let re = keshi_regex::compile(text, flags, &mut host);
    if let Some(e) = host.error.take() {
        return Err(e);
    }
    let personal = host.personal || re.as_ref().is_ok_and(|re| !re.deferred().is_empty());
    let noted = match host.saying {
        Saying::Noted(v) => v,
        _ => Vec::new(),
    };
    Ok(Outcome { re, personal, noted })
}

/// Compiles pattern text; the result is a PTR to a new RegexObj.
pub fn compile(vm: &mut Vm, text: &[u8], utf8: bool, f: u32, blocks: Vec<Block>, saying: Saying) -> R<Val> {
    Ok(compile_noting(vm, text, utf8, f, blocks, saying)?.0)
}

/// The same; the flag tells that the result is of use at this place only.
fn compile_noting(
    vm: &mut Vm,
    text: &[u8],
    utf8: bool,
    f: u32,
    blocks: Vec<Block>,
    saying: Saying,
) -> R<(Val, bool)> {
    let flags = engine_flags(text, utf8, f, charset(vm, f));
    let spans: Vec<(usize, usize)> = blocks.iter().map(|b| (b.at, b.len)).collect();
    let package = vm.here().package.to_vec();
    let out = run(vm, text, flags, &spans, package, saying)?;
    match out.re {
        Ok(re) => {
            let codes = blocks.into_iter().map(|b| b.code).collect();
            Ok((Val::ptr(object(Compiled { re: Arc::new(re), codes, spans, flags: f })), out.personal))
        }
        Err(e) => Err(vm.die_bytes(&e.message, e.utf8)),
    }
}

pub fn object(c: Compiled) -> Ptr<RegexObj> {
    let text = Val::str(&c.re.stringify(), c.re.flags().utf8_pattern);
    RegexObj::new(Box::new(c), text)
}

/// The key of a pattern in the cache.
fn cache_key(text: &[u8], utf8: bool, f: u32, set: Charset) -> (Vec<u8>, bool, u32) {
    (text.to_vec(), utf8, (f & (flag::COMPILE | flag::SPLIT | flag::AWK)) | ((set as u32) << 24))
}

fn keep(vm: &mut Vm, key: (Vec<u8>, bool, u32), v: Val) {
    let cache = &mut vm.rtstate.regex.cache;
    if cache.len() >= CACHE_MAX {
        cache.clear();
    }
    cache.insert(key, v);
}

/// Run-time text: compiled once while it stays in the cache.
pub fn compile_cached(vm: &mut Vm, text: &[u8], utf8: bool, f: u32, saying: Saying) -> R<Val> {
    let key = cache_key(text, utf8, f, charset(vm, f));
    if let Some(v) = vm.rtstate.regex.cache.get(&key) {
        return Ok(v.clone());
    }
    let (v, personal) = compile_noting(vm, text, utf8, f, Vec::new(), saying)?;
    if !personal {
        keep(vm, key, v.clone());
    }
    Ok(v)
}

/// What compiling a pattern of the program gave to say.
#[derive(Default)]
pub struct Report {
    pub warnings: Vec<(u32, Vec<u8>)>,
    /// The message and its encoding.
    pub error: Option<(Vec<u8>, bool)>,
    /// The program, under `use re 'debug'`.
    pub listing: Option<Vec<u8>>,
}

/// Where a pattern of the program stands.
pub struct Place<'a> {
    pub package: &'a [u8],
    /// `$^H`
    pub hints: u32,
    /// `use re 'debug'`
    pub debug: bool,
}

/// Compiles a pattern of the program while that is compiled; without code blocks it is there when it is first run.
pub fn compile_ahead(
    vm: &mut Vm,
    text: &[u8],
    utf8: bool,
    f: u32,
    spans: &[(usize, usize)],
    place: &Place<'_>,
) -> R<Report> {
    let set = charset_by(f, place.hints);
    let key = cache_key(text, utf8, f, set);
    if !place.debug && spans.is_empty() && vm.rtstate.regex.cache.contains_key(&key) {
        return Ok(Report::default());
    }
    let flags = engine_flags(text, utf8, f, set);
    let out = run(vm, text, flags, spans, place.package.to_vec(), Saying::Noted(Vec::new()))?;
    let mut listing = None;
    let error = match out.re {
        Ok(re) => {
            if place.debug {
                listing =
                    Some([b"Compiling REx \"", text, b"\"\nFinal program:\n", &re.listing()[..]].concat());
            }
            if spans.is_empty() && !out.personal {
                let c = Compiled { re: Arc::new(re), codes: Vec::new(), spans: Vec::new(), flags: f };
                keep(vm, key, Val::ptr(object(c)));
            }
            None
        }
        Err(e) => Some((e.message, e.utf8)),
    };
    Ok(Report { warnings: out.noted, error, listing })
}
