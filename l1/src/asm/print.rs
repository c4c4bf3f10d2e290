//! Dumping.

use crate::chunk::*;
use crate::isa::{
    self, Fact, Flags, KindRef, Loc, MaskRef, OpdKind, Operand, Place, Slot, kind_name, mask_text, op,
};
use crate::view::View;
use std::collections::BTreeSet;
use std::fmt::Write;

/// What the comments show.
#[derive(Clone, Copy, Debug)]
pub struct Dump {
    /// Facts which an atom establishes.
    pub facts: bool,
    /// Heaps and flags.
    pub effects: bool,
    /// The op an atom comes from.
    pub sites: bool,
    /// No comments for constants and symbols either.
    pub bare: bool,
}

impl Default for Dump {
    fn default() -> Self {
        Dump { facts: true, effects: true, sites: true, bare: false }
    }
}

/// The text of a chunk with all comments.
pub fn dump(c: &Chunk) -> String {
    dump_with(c, Dump::default())
}

pub fn dump_with(c: &Chunk, how: Dump) -> String {
    let mut p = Printer { o: String::new(), how, indent: String::new() };
    p.chunk(c);
    p.o
}

pub(super) fn kind_word(k: ChunkKind) -> &'static str {
    match k {
        ChunkKind::Main => "main",
        ChunkKind::Sub => "sub",
        ChunkKind::Eval => "eval",
        ChunkKind::Begin => "begin",
        ChunkKind::Format => "format",
    }
}

/// `"…"` with everything but printable ASCII as `\xHH`.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut s = String::with_capacity(bytes.len() + 2);
    s.push('"');
    for &b in bytes {
        match b {
            b'"' | b'\\' => {
                s.push('\\');
                s.push(b as char);
            }
            b'\n' => s.push_str("\\n"),
            0x20..=0x7e => s.push(b as char),
            _ => {
                let _ = write!(s, "\\x{b:02x}");
            }
        }
    }
    s.push('"');
    s
}

fn perl_string(bytes: &[u8], utf8: bool) -> String {
    format!("{}{}", if utf8 { "u" } else { "" }, quote(bytes))
}

/// A double so that it reads back bit by bit.
pub(super) fn double(n: f64) -> String {
    if n.is_nan() { format!("bits 0x{:016x}", n.to_bits()) } else { format!("{n:?}") }
}

pub(super) fn fam_letter(f: Fam) -> char {
    match f {
        Fam::I => 'I',
        Fam::N => 'N',
        Fam::S => 'S',
        Fam::P => 'P',
    }
}

const MAX_INDENT: usize = 64;

struct Printer {
    o: String,
    how: Dump,
    indent: String,
}

/// The numbering of labels: every pc that something refers to, in order.
struct Labels(Vec<u32>);

impl Labels {
    fn of(c: &Chunk) -> Labels {
        let mut set: BTreeSet<u32> = c.code.iter().filter_map(|i| View::new(i)?.label()).collect();
        for k in &c.consts {
            if let Const::Table(t) = k {
                set.extend(t.iter());
            }
        }
        for h in &c.handlers {
            match h {
                Handler::Eval { target, .. } | Handler::Goto { target, .. } => {
                    set.insert(*target);
                }
                Handler::Loop { next, last, redo, .. } => set.extend([*next, *last, *redo]),
            }
        }
        set.extend(c.regions.iter().flat_map(|r| [r.start, r.end]));
        set.retain(|&pc| pc as usize <= c.code.len());
        Labels(set.into_iter().collect())
    }

    fn name(&self, pc: u32) -> String {
        match self.0.binary_search(&pc) {
            Ok(i) => format!("bb{i}"),
            Err(_) => format!("@{pc}"),
        }
    }
}

impl Printer {
    fn line(&mut self, text: &str) {
        // Subs within subs within subs are not indented without end.
        self.o.push_str(&self.indent[..self.indent.len().min(MAX_INDENT)]);
        self.o.push_str(text.trim_end());
        self.o.push('\n');
    }

    fn chunk(&mut self, c: &Chunk) {
        let labels = Labels::of(c);
        self.line(&format!(
            "chunk {} {} {}:{} package {} pad {} slots {}+{} ics {} loops {} colds {} attrs {}",
            quote(&c.name),
            kind_word(c.kind),
            quote(&c.file),
            c.line,
            quote(&c.package),
            c.pad_id,
            c.n_sp,
            // A broken chunk may have the two counts in the wrong order.
            c.n_slots as i32 - c.n_sp as i32,
            c.n_ics,
            c.n_loops,
            c.n_colds,
            c.attrs
        ));
        self.tables(c, &labels);
        let (mut li, mut si, mut bi) = (0, 0, 0);
        for pc in 0..=c.code.len() as u32 {
            if labels.0.get(bi) == Some(&pc) {
                self.line(&format!("bb{bi}:"));
                bi += 1;
            }
            while let Some(e) = c.lines.get(li).filter(|e| e.pc <= pc) {
                let cop = if e.cop == u32::MAX { String::new() } else { format!(" c{}", e.cop) };
                self.line(&format!("  .line {}{cop}", e.line));
                li += 1;
            }
            let mut from = "";
            while let Some(e) = c.sites.get(si).filter(|e| e.pc <= pc) {
                self.line(&format!("  .op {}", quote(e.op.as_bytes())));
                from = &e.op;
                si += 1;
            }
            if let Some(ins) = c.code.get(pc as usize) {
                self.ins(c, &labels, pc, ins, from);
            }
        }
        self.line("end");
    }

    fn tables(&mut self, c: &Chunk, labels: &Labels) {
        if let Some(p) = &c.prototype {
            self.line(&format!("  proto {}", quote(p)));
        }
        for (i, k) in c.consts.iter().enumerate() {
            if let Const::Chunk(inner) = k {
                self.line(&format!("  const k{i} ="));
                self.indent.push_str("    ");
                keshi_memory::deeper(|| self.chunk(inner));
                self.indent.truncate(self.indent.len() - 4);
            } else {
                let mut text = format!("  const k{i} = ");
                self.konst(&mut text, k, labels);
                // A list may hold chunks and thus whole lines.
                self.line(&text);
            }
        }
        for (i, s) in c.syms.iter().enumerate() {
            self.line(&format!("  sym y{i} = {}", perl_string(&s.name, s.utf8)));
        }
        for s in &c.captures {
            self.line(&format!("  capture {} outer {}", quote(&s.name), s.outer));
        }
        for v in &c.pad {
            let capture = v.capture.map_or(String::new(), |i| format!(" capture {i}"));
            let state = if v.state { " state" } else { "" };
            self.line(&format!("  var {}{} {}{capture}{state}", fam_letter(v.fam), v.slot, quote(&v.name)));
        }
        for (i, cop) in c.cops.iter().enumerate() {
            self.cop(i, cop);
        }
        for (i, h) in c.handlers.iter().enumerate() {
            let parent = |p: &Option<u32>| p.map_or(String::new(), |p| format!(" in h{p}"));
            let text = match h {
                Handler::Eval { parent: p, mark, target, is_try } => {
                    let word = if *is_try { "try" } else { "eval" };
                    format!("{word}{} mark I{mark} -> {}", parent(p), labels.name(*target))
                }
                Handler::Goto { parent: p, mark, label, target } => {
                    format!(
                        "goto{} mark I{mark} label {} -> {}",
                        parent(p),
                        quote(label),
                        labels.name(*target)
                    )
                }
                Handler::Loop { parent: p, mark, label, next, last, redo } => format!(
                    "loop{} mark I{mark}{} next {} last {} redo {}",
                    parent(p),
                    label.as_ref().map_or(String::new(), |l| format!(" label {}", quote(l))),
                    labels.name(*next),
                    labels.name(*last),
                    labels.name(*redo)
                ),
            };
            self.line(&format!("  handler h{i} = {text}"));
        }
        for r in &c.regions {
            self.line(&format!("  region {}..{} h{}", labels.name(r.start), labels.name(r.end), r.handler));
        }
        if !c.aliased.is_empty() {
            let v: Vec<_> = c.aliased.iter().map(|s| s.to_string()).collect();
            self.line(&format!("  aliased {}", v.join(" ")));
        }
    }

    fn cop(&mut self, i: usize, c: &Cop) {
        let mut t = format!(
            "  cop c{i} = {} {} hints {} features {}",
            quote(&c.file),
            quote(&c.package),
            c.hints,
            c.features
        );
        if let Some(w) = &c.warnings {
            let _ = write!(t, " warnings {}", quote(w));
        }
        if let Some(h) = &c.hinthash {
            t.push_str(" hinthash [");
            for (i, e) in h.iter().enumerate() {
                let v = e.value.as_ref().map_or("undef".into(), |v| perl_string(v, e.value_utf8));
                let key = perl_string(&e.key, e.key_utf8);
                let _ = write!(t, "{}{key} = {v}", if i > 0 { ", " } else { "" });
            }
            t.push(']');
        }
        if let Some(l) = &c.label {
            let _ = write!(t, " label {}", quote(l));
        }
        self.line(&t);
    }

    fn konst(&mut self, t: &mut String, k: &Const, labels: &Labels) {
        let _ = match k {
            Const::Undef => write!(t, "undef"),
            Const::Int(i) => write!(t, "{i}"),
            Const::Uint(u) => write!(t, "uint {u}"),
            Const::Num(n) => write!(t, "num {}", double(*n)),
            Const::Bool(b) => write!(t, "{b}"),
            Const::Str { bytes, utf8 } => write!(t, "{}", perl_string(bytes, *utf8)),
            Const::VString { bytes, utf8, literal } => {
                write!(t, "vstring {} {}", perl_string(bytes, *utf8), quote(literal))
            }
            Const::Glob(n) => write!(t, "glob {}", quote(n.as_bytes())),
            Const::Chunk(c) => {
                t.push('\n');
                let mut p =
                    Printer { o: String::new(), how: self.how, indent: format!("{}    ", self.indent) };
                p.chunk(c);
                t.push_str(&p.o);
                t.push_str(&self.indent);
                t.push_str("   ");
                Ok(())
            }
            Const::Scope(s) => {
                let v: Vec<_> = s.iter().map(|(n, i)| format!("{}: {i}", quote(n))).collect();
                write!(t, "scope [{}]", v.join(", "))
            }
            Const::Regex { pattern, utf8, flags } => {
                write!(t, "regex {} {flags}", perl_string(pattern, *utf8))
            }
            Const::Table(pcs) => {
                let v: Vec<_> = pcs.iter().map(|pc| labels.name(*pc)).collect();
                write!(t, "table [{}]", v.join(", "))
            }
            Const::List(v) => {
                t.push_str("list [");
                for (i, k) in v.iter().enumerate() {
                    if i > 0 {
                        t.push_str(", ");
                    }
                    // Tables in a list are printed as plain pcs.
                    self.konst(t, k, &Labels(Vec::new()));
                }
                t.push(']');
                Ok(())
            }
        };
    }

    fn ins(&mut self, c: &Chunk, labels: &Labels, pc: u32, ins: &Ins, from: &str) {
        let text = View::new(ins).and_then(|v| symbolic(&v, labels).map(|t| (v, t)));
        let (view, body) = match text {
            Some((v, t)) => (Some(v), t),
            None => (None, format!("raw       {} {} {} {} 0x{:x}", ins.op, ins.a, ins.b, ins.c, ins.imm)),
        };
        let mut line = format!("  {pc:04}  {body}");
        let comment = match view {
            Some(v) => self.comment(c, &v, from),
            None => "no such instruction".into(),
        };
        if !comment.is_empty() && !self.how.bare {
            let _ = write!(line, "{:pad$}; {comment}", "", pad = 48usize.saturating_sub(line.len()).max(2));
        }
        self.line(&line);
    }

    fn comment(&self, c: &Chunk, v: &View, from: &str) -> String {
        let mut parts: Vec<String> = Vec::new();
        for (i, o) in v.operands().iter().enumerate() {
            let x = v.value(i) as usize;
            match o.kind {
                OpdKind::Sym => {
                    if let Some(s) = c.syms.get(x) {
                        parts.push(String::from_utf8_lossy(&s.name).escape_debug().to_string())
                    }
                }
                OpdKind::Konst if o.slot != Slot::Imm => {
                    if let Some(k) = c.consts.get(x) {
                        parts.push(short(k))
                    }
                }
                _ => {}
            }
        }
        if self.how.facts && !v.info.proves.is_empty() {
            let f: Vec<_> = v.info.proves.iter().map(|f| fact_text(v, f)).collect();
            parts.push(format!("⊢ {}", f.join(", ")));
        }
        if self.how.effects {
            for (word, locs) in [("reads", v.info.reads), ("writes", v.info.writes)] {
                if !locs.is_empty() {
                    let l: Vec<_> = locs.iter().map(|l| loc_text(v, l)).collect();
                    parts.push(format!("{word} {}", l.join(" ")));
                }
            }
            parts.extend(flag_names(v.info.flags).map(str::to_string));
        }
        if self.how.sites && !from.is_empty() {
            parts.push(format!("<- op {}", from.escape_debug()));
        }
        parts.join("  ")
    }
}

fn flag_names(f: Flags) -> impl Iterator<Item = &'static str> {
    f.names()
}

/// A constant in a comment.
fn short(k: &Const) -> String {
    match k {
        Const::Str { bytes, utf8 } if bytes.len() <= 40 => perl_string(bytes, *utf8),
        Const::Str { bytes, utf8 } => format!("{}…", perl_string(&bytes[..40], *utf8)),
        Const::Int(i) => i.to_string(),
        Const::Num(n) => double(*n),
        Const::Chunk(c) => format!("sub {}", String::from_utf8_lossy(&c.name).escape_debug()),
        Const::Glob(n) => format!("*{}", n.escape_debug()),
        Const::Regex { pattern, utf8, .. } => format!("qr{}", perl_string(pattern, *utf8)),
        _ => String::new(),
    }
}

/// `name operands`, or `None` if that would not say everything about the instruction.
fn symbolic(v: &View, labels: &Labels) -> Option<String> {
    let mut back = Ins { op: v.ins.op, ..Ins::default() };
    if v.is_rt() {
        back.imm = v.ins.imm & 0xffff_ffff;
        if (v.ins.op == op::BR_RT) != v.info.label().is_some() {
            return None;
        }
    }
    let mut words = Vec::new();
    for (i, o) in v.operands().iter().enumerate() {
        let x = v.value(i);
        crate::view::set_slot(&mut back, o.slot, x).ok()?;
        words.push(operand(v, o, x, labels)?);
    }
    if back != *v.ins {
        return None;
    }
    Some(format!("{:<9} {}", v.name(), words.join(", ")))
}

fn operand(v: &View, o: &Operand, x: u64, labels: &Labels) -> Option<String> {
    Some(match o.kind {
        OpdKind::Reg(_, f) => format!("{}{x}", f.letter()),
        OpdKind::Label { .. } => match u32::try_from(x) {
            Ok(pc) => labels.name(pc),
            Err(_) => return None,
        },
        OpdKind::Imm | OpdKind::Konst if v.ins.op == op::N_CONST => {
            let n = f64::from_bits(x);
            if n.is_nan() { format!("#0x{x:x}") } else { format!("#{n:?}") }
        }
        OpdKind::Imm | OpdKind::Ctx if o.slot == Slot::Imm => format!("#{}", x as i64),
        OpdKind::Imm | OpdKind::Ctx | OpdKind::Entry => format!("#{x}"),
        OpdKind::Konst if o.slot == Slot::Imm => format!("#{}", x as i64),
        OpdKind::Konst => format!("k{x}"),
        OpdKind::Sym => format!("y{x}"),
        OpdKind::Ic => format!("ic{x}"),
        OpdKind::Mask => match u16::try_from(x) {
            Ok(m) if m != 0 && isa::mask_of(mask_text(m).split('|')) == Ok(m) => mask_text(m),
            _ => format!("#0x{x:x}"),
        },
        OpdKind::Kind => match u8::try_from(x).ok().and_then(kind_name) {
            Some(k) => k.to_string(),
            None => format!("#{x}"),
        },
    })
}

/// Operand `i` in a comment.
fn opd_text(v: &View, i: u8) -> String {
    match v.operands().get(i as usize).map(|o| o.kind) {
        Some(OpdKind::Reg(_, f)) => format!("{}{}", f.letter(), v.value(i as usize)),
        Some(OpdKind::Konst) => format!("k{}", v.value(i as usize)),
        Some(OpdKind::Ic) => format!("ic{}", v.value(i as usize)),
        Some(OpdKind::Sym) => format!("y{}", v.value(i as usize)),
        Some(_) => format!("#{}", v.value(i as usize)),
        None => "?".into(),
    }
}

/// A fact with the registers of the instruction put in.
pub fn fact_text(v: &View, f: &Fact) -> String {
    let r = |i: &u8| opd_text(v, *i);
    let mask = |m: &MaskRef| match m {
        MaskRef::Lit(m) => format!(" in {}", mask_text(*m)),
        MaskRef::Opd(i) => format!(" in {}", mask_text(v.value(*i as usize) as u16)),
        MaskRef::NotOpd(i) => format!(" not in {}", mask_text(v.value(*i as usize) as u16)),
        MaskRef::SameAs(i) => format!("=tag({})", r(i)),
        MaskRef::OfConst(i) => format!("=tagof({})", r(i)),
    };
    let kind = |k: &KindRef| match k {
        KindRef::Lit(k) => kind_name(*k).unwrap_or("?").to_string(),
        KindRef::Opd(i) => kind_name(v.value(*i as usize) as u8).unwrap_or("?").to_string(),
        KindRef::SameAs(i) => format!("kind({})", r(i)),
        KindRef::OfConst(i) => format!("kindof({})", r(i)),
    };
    match f {
        Fact::Tag(a, m) => format!("tag({}){}", r(a), mask(m)),
        Fact::Kind(a, k) => format!("kind({})={}", r(a), kind(k)),
        Fact::Plain(a, k) => format!("plain({},{})", r(a), kind(k)),
        Fact::Inb(a, i) => format!("inb({},{})", r(a), r(i)),
        Fact::NonNull(a) => format!("{}!=null", r(a)),
        Fact::NonZero(a) => format!("{}!=0", r(a)),
        Fact::Zero(a) => format!("{}=0", r(a)),
        Fact::Same(a, b) => format!("{}={}", r(a), r(b)),
        Fact::Class(a, b) => format!("class({},{})", r(a), r(b)),
        Fact::Code(a, b) => format!("code({},{})", r(a), r(b)),
        Fact::Fresh(a) => format!("fresh({})", r(a)),
        Fact::Borrowed(a) => format!("borrowed({})", r(a)),
    }
}

/// A location, `Av[P4,I6]`.
pub fn loc_text(v: &View, l: &Loc) -> String {
    let heap = isa::HEAPS.get(l.heap as usize).map_or("?", |h| h.0);
    let place = |p: &Place| match p {
        Place::Any => "*".to_string(),
        Place::End => "end".to_string(),
        Place::Opd(i) => opd_text(v, *i),
    };
    match (&l.base, &l.index) {
        (Place::Any, Place::Any) => heap.to_string(),
        (b, Place::Any) => format!("{heap}({})", place(b)),
        (b, i) => format!("{heap}[{},{}]", place(b), place(i)),
    }
}
