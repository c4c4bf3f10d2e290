//! A sink that writes down what an expansion emits: for tests, `--l1-check` and the checker.
use crate::expand::{Encoded, ExpandSink, Fresh};
use crate::ops::{Isa, LabelDef, OpDef, PredDef, Target};
use crate::schema::*;
use crate::select::Opd;
use std::fmt::Write;

/// One recorded instruction and where it comes from.
#[derive(Clone, Debug)]
pub struct Line {
    pub ins: Encoded,
    /// Statement of the outermost op.
    pub span: (u32, u32),
    /// Depth of the op it comes from; 1 is the outermost.
    pub depth: usize,
}

#[derive(Debug)]
pub enum Event {
    Ins(Line),
    Bind(u32),
}

/// Recorded code: hot events first, cold sections after them.
#[derive(Default, Debug)]
pub struct Recorder {
    pub sections: Vec<Vec<Event>>,
    open: Vec<usize>,
    pub regs: u32,
    pub labels: u32,
    pub consts: Vec<Opd>,
    pub syms: Vec<Vec<u8>>,
    fresh: u32,
    span: (u32, u32),
    depth: usize,
    /// Temporaries and labels of the outermost op.
    pub temp_names: Vec<(u32, String)>,
    pub label_defs: Vec<(u32, &'static LabelDef)>,
    /// Answers for the `static if`s in the order they come up; beyond them `false` is noted.
    pub script: Vec<bool>,
    pub decisions: usize,
    pub scripted: bool,
}

impl Recorder {
    /// Starts numbering after the registers and labels of the caller.
    pub fn new(regs: u32, labels: u32) -> Self {
        Recorder { sections: vec![Vec::new()], open: vec![0], regs, labels, ..Recorder::default() }
    }

    fn push(&mut self, e: Event) {
        let i = self.open.last().copied().unwrap_or(0);
        self.sections[i].push(e);
    }

    /// All events, hot first.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.sections.iter().flatten()
    }

    pub fn count(&self) -> usize {
        self.events().filter(|e| matches!(e, Event::Ins(_))).count()
    }

    /// Assembler-like text, one instruction per line.
    pub fn text(&self, isa: &Isa) -> String {
        let mut o = String::new();
        for (i, s) in self.sections.iter().enumerate() {
            for e in s {
                match e {
                    Event::Bind(l) => {
                        let _ = writeln!(o, "{}L{l}:", if i > 0 { "cold " } else { "" });
                    }
                    Event::Ins(l) => {
                        let _ = writeln!(o, "    {}", self.line(isa, &l.ins));
                    }
                }
            }
        }
        o
    }

    fn line(&self, isa: &Isa, e: &Encoded) -> String {
        let info = isa.info(e.target);
        let ops = info.operands.iter().map(|p| {
            let imm = match p.slot {
                Slot::Lo => e.imm & 0xffff_ffff,
                Slot::Hi => e.imm >> 32,
                _ => e.imm,
            };
            match p.kind {
                OpdKind::Reg(..) => {
                    let i = match p.slot {
                        Slot::A => 0,
                        Slot::B => 1,
                        _ => 2,
                    };
                    e.regs[i].map_or("?".into(), |(f, r)| format!("{}{r}", f.letter()))
                }
                OpdKind::Label { .. } => e.label.map_or("?".into(), |l| format!("L{}", l.0)),
                OpdKind::Mask => mask_text(imm as Mask),
                OpdKind::Kind => kind_name(imm as u8).unwrap_or("?").to_string(),
                OpdKind::Konst => match self.consts.get(imm as usize) {
                    Some(Opd::Int(i)) => i.to_string(),
                    Some(Opd::Num(n)) => n.to_string(),
                    Some(Opd::Str(s, _)) => format!("{:?}", String::from_utf8_lossy(s)),
                    _ => format!("k{imm}"),
                },
                OpdKind::Sym => self
                    .syms
                    .get(imm as usize)
                    .map_or("?".into(), |s| String::from_utf8_lossy(s).into_owned()),
                _ => (imm as i64).to_string(),
            }
        });
        let name = match e.target {
            Target::Atom(_) => info.name.to_string(),
            Target::Rt(_) => format!("rt.{}", info.name),
        };
        format!("{name:<9}{}", ops.map(|o| format!(" {o}")).collect::<Vec<_>>().join(","))
            .trim_end()
            .to_string()
    }
}

impl ExpandSink for Recorder {
    fn temp(&mut self, _: Fam) -> u32 {
        self.regs += 1;
        self.regs - 1
    }
    fn free_temp(&mut self, _: Fam, _: u32) {}
    fn label(&mut self, _: bool) -> u32 {
        self.labels += 1;
        self.labels - 1
    }
    fn bind(&mut self, label: u32) {
        self.push(Event::Bind(label));
    }
    fn begin_cold(&mut self, label: u32) {
        self.sections.push(Vec::new());
        self.open.push(self.sections.len() - 1);
        self.bind(label);
    }
    fn end_cold(&mut self) {
        self.open.pop();
    }
    fn konst(&mut self, c: &Opd) -> u32 {
        let i = self.consts.iter().position(|x| x == c).unwrap_or_else(|| {
            self.consts.push(c.clone());
            self.consts.len() - 1
        });
        i as u32
    }
    fn sym(&mut self, name: &[u8], _: bool) -> u32 {
        let i = self.syms.iter().position(|x| x == name).unwrap_or_else(|| {
            self.syms.push(name.to_vec());
            self.syms.len() - 1
        });
        i as u32
    }
    fn fresh(&mut self, _: Fresh) -> u32 {
        self.fresh += 1;
        self.fresh - 1
    }
    fn ins(&mut self, e: &Encoded) {
        let (span, depth) = (self.span, self.depth);
        self.push(Event::Ins(Line { ins: *e, span, depth }));
    }
    fn enter_op(&mut self, _: &'static OpDef) {
        self.depth += 1;
    }
    fn leave_op(&mut self) {
        self.depth -= 1;
    }
    fn at(&mut self, span: (u32, u32)) {
        self.span = span;
    }
    fn name_temp(&mut self, fam: Fam, n: u8, reg: u32) {
        if self.depth == 1 {
            self.temp_names.push((reg, format!("[{}{n}]", fam.letter())));
        }
    }
    fn name_label(&mut self, def: &'static LabelDef, label: u32) {
        if self.depth == 1 {
            self.label_defs.push((label, def));
        }
    }
    fn decide(&mut self, _: &'static PredDef) -> Option<bool> {
        // inner ops see real operands; only the outermost has unknown ones
        if !self.scripted || self.depth != 1 {
            return None;
        }
        let i = self.decisions;
        self.decisions += 1;
        Some(self.script.get(i).copied().unwrap_or(false))
    }
}
