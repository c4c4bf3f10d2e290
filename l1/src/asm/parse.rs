//! The assembler.

use super::lex::{Tok, tokens};
use crate::chunk::*;
use crate::isa::Slot;
use crate::view::set_slot;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsmError {
    pub line: u32,
    pub message: String,
}

impl fmt::Display for AsmError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}
impl std::error::Error for AsmError {}

pub(super) type Result<T> = std::result::Result<T, AsmError>;

/// The chunk a text describes.
pub fn asm(text: &str) -> Result<Chunk> {
    let toks = tokens(text).map_err(|(line, message)| AsmError { line, message })?;
    let mut p = Parser { toks, at: 0, depth: 0, lists: 0 };
    p.newlines();
    let c = p.chunk()?;
    p.newlines();
    match p.peek() {
        None => Ok(c),
        Some(t) => p.fail(format!("{t:?} after the end of the chunk")),
    }
}

/// Chunks within chunks, and lists within lists, deeper than this are refused.
const MAX_DEPTH: u32 = 4000;
const MAX_LISTS: u32 = 200;

pub(super) struct Parser<'s> {
    toks: Vec<(Tok<'s>, u32)>,
    at: usize,
    depth: u32,
    lists: u32,
}

/// References to labels, filled in when the chunk is complete.
#[derive(Default)]
pub(super) struct Labels<'s> {
    bound: HashMap<&'s str, u32>,
    pub(super) code: Vec<(u32, Slot, &'s str, u32)>,
}

#[derive(Clone, Copy)]
pub(super) enum Target<'s> {
    Name(&'s str, u32),
    Pc(u32),
}

enum HandlerText<'s> {
    Eval(Option<u32>, u16, Target<'s>, bool),
    Loop(Option<u32>, u16, Option<Box<[u8]>>, [Target<'s>; 3]),
    Goto(Option<u32>, u16, Box<[u8]>, Target<'s>),
}

impl<'s> Parser<'s> {
    fn line(&self) -> u32 {
        self.toks.get(self.at).or(self.toks.last()).map_or(1, |t| t.1)
    }

    pub(super) fn fail<T>(&self, m: impl Into<String>) -> Result<T> {
        Err(AsmError { line: self.line(), message: m.into() })
    }

    pub(super) fn peek(&self) -> Option<&Tok<'s>> {
        self.toks.get(self.at).map(|t| &t.0)
    }

    fn newlines(&mut self) {
        while self.peek() == Some(&Tok::Nl) {
            self.at += 1;
        }
    }

    fn eol(&mut self) -> Result<()> {
        match self.peek() {
            Some(Tok::Nl) | None => {
                self.newlines();
                Ok(())
            }
            Some(t) => self.fail(format!("{t:?} is not expected here")),
        }
    }

    pub(super) fn eat(&mut self, p: &str) -> bool {
        let hit = matches!(self.peek(), Some(Tok::Punct(t) | Tok::Word(t)) if *t == p);
        self.at += hit as usize;
        hit
    }

    pub(super) fn need(&mut self, p: &str) -> Result<()> {
        if self.eat(p) { Ok(()) } else { self.fail(format!("`{p}` is expected")) }
    }

    pub(super) fn word(&mut self) -> Result<&'s str> {
        match self.peek() {
            Some(Tok::Word(w)) => {
                let w = *w;
                self.at += 1;
                Ok(w)
            }
            _ => self.fail("a word is expected"),
        }
    }

    fn string(&mut self) -> Result<Vec<u8>> {
        match self.peek() {
            Some(Tok::Str(s)) => {
                let s = s.clone();
                self.at += 1;
                Ok(s)
            }
            _ => self.fail("a string is expected"),
        }
    }

    /// `"…"` or `u"…"`.
    fn perl_string(&mut self) -> Result<(Vec<u8>, bool)> {
        let utf8 = self.eat("u");
        Ok((self.string()?, utf8))
    }

    fn text(&mut self) -> Result<String> {
        match String::from_utf8(self.string()?) {
            Ok(s) => Ok(s),
            Err(_) => self.fail("this string must be UTF-8"),
        }
    }

    pub(super) fn num<T: TryFrom<i128>>(&mut self) -> Result<T> {
        let Some(Tok::Num(t)) = self.peek() else { return self.fail("a number is expected") };
        let v = match t.strip_prefix("0x") {
            Some(h) => i128::from_str_radix(h, 16).ok(),
            None => t.parse::<i128>().ok(),
        };
        match v.and_then(|v| T::try_from(v).ok()) {
            Some(v) => {
                self.at += 1;
                Ok(v)
            }
            None => self.fail(format!("`{t}` is out of range here")),
        }
    }

    fn named_num<T: TryFrom<i128>>(&mut self, word: &str) -> Result<T> {
        self.need(word)?;
        self.num()
    }

    /// `k7`, `c0`: a letter and an index.
    pub(super) fn indexed(&mut self, letter: &str) -> Result<u32> {
        let w = self.word()?;
        match w.strip_prefix(letter).and_then(|d| d.parse().ok()) {
            Some(i) => Ok(i),
            None => {
                self.at -= 1;
                self.fail(format!("`{letter}` with a number is expected, not `{w}`"))
            }
        }
    }

    fn index_is(&mut self, letter: &str, n: usize) -> Result<()> {
        let i = self.indexed(letter)?;
        if i as usize == n {
            Ok(())
        } else {
            self.fail(format!("{letter}{n} must come next, not {letter}{i}"))
        }
    }

    pub(super) fn double(&mut self) -> Result<f64> {
        if self.eat("bits") {
            return Ok(f64::from_bits(self.num()?));
        }
        let t = match self.peek() {
            Some(Tok::Num(t) | Tok::Word(t)) => *t,
            _ => return self.fail("a double is expected"),
        };
        match t.parse() {
            Ok(n) => {
                self.at += 1;
                Ok(n)
            }
            Err(_) => self.fail(format!("`{t}` is no double")),
        }
    }

    pub(super) fn target(&mut self) -> Result<Target<'s>> {
        if self.eat("@") {
            return Ok(Target::Pc(self.num()?));
        }
        let line = self.line();
        Ok(Target::Name(self.word()?, line))
    }

    fn chunk(&mut self) -> Result<Chunk> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail("chunks are nested too deeply");
        }
        keshi_memory::deeper(|| self.chunk_here())
    }

    fn chunk_here(&mut self) -> Result<Chunk> {
        self.need("chunk")?;
        let name = self.string()?.into();
        let kind = match self.word()? {
            "main" => ChunkKind::Main,
            "sub" => ChunkKind::Sub,
            "eval" => ChunkKind::Eval,
            "begin" => ChunkKind::Begin,
            "format" => ChunkKind::Format,
            w => return self.fail(format!("`{w}` is no kind of chunk")),
        };
        let file: Arc<[u8]> = self.string()?.into();
        self.need(":")?;
        let line = self.num()?;
        self.need("package")?;
        let package: Arc<[u8]> = self.string()?.into();
        let pad_id = self.named_num("pad")?;
        let n_sp: u16 = self.named_num("slots")?;
        self.need("+")?;
        let high: i32 = self.num()?;
        let Ok(n_slots) = u16::try_from(n_sp as i64 + high as i64) else {
            return self.fail("too many slots");
        };
        let n_ics = self.named_num("ics")?;
        let n_loops = self.named_num("loops")?;
        let n_colds = self.named_num("colds")?;
        let attrs = self.named_num("attrs")?;
        self.eol()?;
        let mut c = Chunk {
            name,
            kind,
            pad_id,
            file,
            package,
            line,
            code: Vec::new(),
            n_sp,
            n_slots,
            consts: Vec::new(),
            syms: Vec::new(),
            n_ics,
            n_loops,
            n_colds,
            pad: Vec::new(),
            captures: Vec::new(),
            cops: Vec::new(),
            lines: Vec::new(),
            regions: Vec::new(),
            handlers: Vec::new(),
            sites: Vec::new(),
            prototype: None,
            attrs,
            aliased: Vec::new(),
        };
        self.body(&mut c)?;
        self.depth -= 1;
        Ok(c)
    }

    fn body(&mut self, c: &mut Chunk) -> Result<()> {
        let mut labels = Labels::default();
        let mut handlers = Vec::new();
        let mut regions = Vec::new();
        let mut tables: Vec<(usize, Vec<Target<'s>>)> = Vec::new();
        loop {
            self.newlines();
            if let Some(Tok::Num(_)) = self.peek() {
                self.at += 1; // the pc is for the reader
            }
            let w = self.word()?;
            if self.eat(":") {
                if labels.bound.insert(w, c.code.len() as u32).is_some() {
                    return self.fail(format!("label `{w}` is bound twice"));
                }
                continue;
            }
            match w {
                "end" => break,
                "proto" => c.prototype = Some(self.string()?.into()),
                "const" => {
                    self.index_is("k", c.consts.len())?;
                    self.need("=")?;
                    if self.eat("table") {
                        let t = self.list(Self::target)?;
                        tables.push((c.consts.len(), t));
                        c.consts.push(Const::Undef);
                    } else {
                        let k = self.konst()?;
                        c.consts.push(k);
                    }
                }
                "sym" => {
                    self.index_is("y", c.syms.len())?;
                    self.need("=")?;
                    let (name, utf8) = self.perl_string()?;
                    c.syms.push(Sym { name: name.into(), utf8 });
                }
                "capture" => {
                    let name = self.string()?.into();
                    c.captures.push(CaptureSource { name, outer: self.named_num("outer")? });
                }
                "var" => {
                    let v = self.pad_var()?;
                    c.pad.push(v);
                }
                "cop" => {
                    self.index_is("c", c.cops.len())?;
                    self.need("=")?;
                    let cop = self.cop()?;
                    c.cops.push(cop);
                }
                "handler" => {
                    self.index_is("h", handlers.len())?;
                    self.need("=")?;
                    let h = self.handler()?;
                    handlers.push(h);
                }
                "region" => {
                    let start = self.target()?;
                    self.need("..")?;
                    let end = self.target()?;
                    regions.push((start, end, self.indexed("h")?));
                }
                "aliased" => {
                    while let Some(Tok::Num(_)) = self.peek() {
                        let slot = self.num()?;
                        c.aliased.push(slot);
                    }
                }
                ".line" => {
                    let line = self.num()?;
                    let cop = match self.peek() {
                        Some(Tok::Word(_)) => self.indexed("c")?,
                        _ => u32::MAX,
                    };
                    c.lines.push(LineEntry { pc: c.code.len() as u32, line, cop });
                }
                ".op" => {
                    let op = self.text()?.into();
                    c.sites.push(OpSite { pc: c.code.len() as u32, op });
                }
                "raw" => {
                    let ins = Ins {
                        op: self.num()?,
                        a: self.num()?,
                        b: self.num()?,
                        c: self.num()?,
                        imm: self.num()?,
                    };
                    c.code.push(ins);
                }
                name => {
                    let ins = self.ins(name, c.code.len() as u32, &mut labels)?;
                    c.code.push(ins);
                }
            }
            self.eol()?;
        }
        let get = |t: &Target| match t {
            Target::Pc(pc) => Ok(*pc),
            Target::Name(n, line) => labels
                .bound
                .get(n)
                .copied()
                .ok_or_else(|| AsmError { line: *line, message: format!("label `{n}` is not bound") }),
        };
        for (pc, slot, name, line) in &labels.code {
            let target = get(&Target::Name(name, *line))?;
            // A pc has 32 bits and fits every immediate place.
            let _ = set_slot(&mut c.code[*pc as usize], *slot, target as u64);
        }
        for (i, t) in tables {
            let pcs: Result<Vec<u32>> = t.iter().map(get).collect();
            c.consts[i] = Const::Table(pcs?.into());
        }
        for h in handlers {
            c.handlers.push(match h {
                HandlerText::Eval(parent, mark, t, is_try) => {
                    Handler::Eval { parent, mark, target: get(&t)?, is_try }
                }
                HandlerText::Goto(parent, mark, label, t) => {
                    Handler::Goto { parent, mark, label, target: get(&t)? }
                }
                HandlerText::Loop(parent, mark, label, [n, l, r]) => {
                    Handler::Loop { parent, mark, label, next: get(&n)?, last: get(&l)?, redo: get(&r)? }
                }
            });
        }
        for (start, end, handler) in regions {
            c.regions.push(Region { start: get(&start)?, end: get(&end)?, handler });
        }
        Ok(())
    }

    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.need("[")?;
        let mut v = Vec::new();
        loop {
            self.newlines();
            if self.eat("]") {
                return Ok(v);
            }
            v.push(one(self)?);
            self.newlines();
            if !self.eat(",") {
                self.need("]")?;
                return Ok(v);
            }
        }
    }

    fn konst(&mut self) -> Result<Const> {
        self.newlines();
        Ok(match self.peek() {
            Some(Tok::Num(_)) => Const::Int(self.num()?),
            Some(Tok::Str(_)) | Some(Tok::Word("u")) => {
                let (bytes, utf8) = self.perl_string()?;
                Const::Str { bytes, utf8 }
            }
            Some(Tok::Word("chunk")) => Const::Chunk(Arc::new(self.chunk()?)),
            _ => match self.word()? {
                "undef" => Const::Undef,
                "true" => Const::Bool(true),
                "false" => Const::Bool(false),
                "uint" => Const::Uint(self.num()?),
                "num" => Const::Num(self.double()?),
                "vstring" => {
                    let (bytes, utf8) = self.perl_string()?;
                    Const::VString { bytes, utf8, literal: self.string()? }
                }
                "glob" => Const::Glob(self.text()?.into()),
                "regex" => {
                    let (pattern, utf8) = self.perl_string()?;
                    Const::Regex { pattern, utf8, flags: self.num()? }
                }
                "scope" => Const::Scope(
                    self.list(|p| {
                        let name: Box<[u8]> = p.string()?.into();
                        p.need(":")?;
                        Ok((name, p.num()?))
                    })?
                    .into(),
                ),
                // Inside a list a table has no labels of its own, only pcs.
                "table" => Const::Table(
                    self.list(|p| {
                        p.need("@")?;
                        p.num()
                    })?
                    .into(),
                ),
                "list" => {
                    self.lists += 1;
                    if self.lists > MAX_LISTS {
                        return self.fail("lists are nested too deeply");
                    }
                    let v = self.list(Self::konst)?;
                    self.lists -= 1;
                    Const::List(v.into())
                }
                w => return self.fail(format!("`{w}` is no constant")),
            },
        })
    }

    fn pad_var(&mut self) -> Result<PadVar> {
        let w = self.word()?;
        let fam = match w.as_bytes().first() {
            Some(b'I') => Fam::I,
            Some(b'N') => Fam::N,
            Some(b'S') => Fam::S,
            Some(b'P') => Fam::P,
            _ => return self.fail(format!("`{w}` is no register")),
        };
        let Ok(slot) = w[1..].parse() else { return self.fail(format!("`{w}` is no register")) };
        let name = self.string()?.into();
        let capture = if self.eat("capture") { Some(self.num()?) } else { None };
        Ok(PadVar { name, slot, fam, capture, state: self.eat("state") })
    }

    fn cop(&mut self) -> Result<Cop> {
        let file = self.string()?.into();
        let package = self.string()?.into();
        let hints = self.named_num("hints")?;
        let features = self.named_num("features")?;
        let warnings = if self.eat("warnings") { Some(self.string()?.into()) } else { None };
        let hinthash = if self.eat("hinthash") {
            let v = self.list(|p| {
                let (key, key_utf8) = p.perl_string()?;
                p.need("=")?;
                let value = if p.eat("undef") { None } else { Some(p.perl_string()?) };
                let value_utf8 = value.as_ref().is_some_and(|v| v.1);
                Ok(HintEntry { key: key.into(), key_utf8, value_utf8, value: value.map(|v| v.0.into()) })
            })?;
            Some(v.into())
        } else {
            None
        };
        let label = if self.eat("label") { Some(self.string()?.into()) } else { None };
        Ok(Cop { file, package, hints, features, warnings, hinthash, label })
    }

    fn handler(&mut self) -> Result<HandlerText<'s>> {
        let w = self.word()?;
        let parent = if self.eat("in") { Some(self.indexed("h")?) } else { None };
        self.need("mark")?;
        let Ok(mark) = u16::try_from(self.indexed("I")?) else { return self.fail("no such slot") };
        match w {
            "eval" | "try" => {
                self.need("->")?;
                Ok(HandlerText::Eval(parent, mark, self.target()?, w == "try"))
            }
            "loop" => {
                let label = if self.eat("label") { Some(self.string()?.into()) } else { None };
                let mut t = [Target::Pc(0); 3];
                for (word, t) in ["next", "last", "redo"].into_iter().zip(&mut t) {
                    self.need(word)?;
                    *t = self.target()?;
                }
                Ok(HandlerText::Loop(parent, mark, label, t))
            }
            "goto" => {
                self.need("label")?;
                let label = self.string()?.into();
                self.need("->")?;
                Ok(HandlerText::Goto(parent, mark, label, self.target()?))
            }
            _ => self.fail(format!("`{w}` is no kind of handler")),
        }
    }
}
