use super::*;
use crate::builder::{Arg, HandlerSpec, PadEntry};
use crate::chunk::*;
use crate::isa::{ATOMS, OpdKind, RTS, op};
use crate::view::{View, set_slot};
use std::sync::Arc;

/// xorshift64*: the same chunks on every machine.
pub(crate) struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }
    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }
    pub fn chance(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn bytes(&mut self) -> Vec<u8> {
        (0..self.below(9))
            .map(|_| if self.chance(3) { self.next() as u8 } else { b'a' + self.below(26) as u8 })
            .collect()
    }
    fn boxed(&mut self) -> Box<[u8]> {
        self.bytes().into()
    }
    fn text(&mut self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
    fn bits(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(10),
            1 => self.next(),
            2 => u64::MAX - self.below(3),
            _ => f64::to_bits(
                [0.0, -0.0, 1.5, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, 5e-324]
                    [self.below(8) as usize],
            ),
        }
    }

    fn konst(&mut self, depth: u32) -> Const {
        match self.below(if depth > 0 { 15 } else { 12 }) {
            0 => Const::Undef,
            1 => Const::Int(self.bits() as i64),
            2 => Const::Uint(self.bits()),
            // A NaN is equal to no NaN, not even in a test.
            3 => Const::Num(Some(f64::from_bits(self.bits())).filter(|n| !n.is_nan()).unwrap_or(0.1)),
            4 => Const::Bool(self.chance(2)),
            5 | 6 => Const::Str { bytes: self.bytes(), utf8: self.chance(2) },
            7 => Const::VString { bytes: self.bytes(), utf8: self.chance(2), literal: self.bytes() },
            8 => Const::Glob(self.text().into()),
            9 => Const::Scope((0..self.below(4)).map(|i| (self.boxed(), i as u32)).collect()),
            10 => Const::Regex { pattern: self.bytes(), utf8: self.chance(2), flags: self.next() as u32 },
            11 => Const::Table((0..self.below(4)).map(|_| self.below(20) as u32).collect()),
            12 => Const::Chunk(Arc::new(self.chunk(depth - 1))),
            _ => Const::List((0..self.below(4)).map(|_| self.konst(depth - 1)).collect()),
        }
    }

    fn ins(&mut self, len: u64) -> Ins {
        if self.chance(8) {
            let mut part = || self.next() as u16;
            return Ins { op: part(), a: part(), b: part(), c: part(), imm: self.bits() };
        }
        let mut ins = Ins { op: self.below(ATOMS.len() as u64) as u16, ..Ins::default() };
        if crate::view::is_entry_call(ins.op) {
            ins.imm = self.below(RTS.len() as u64);
        }
        let Some(v) = View::new(&ins) else { return ins };
        for o in v.info.operands {
            let x = match o.kind {
                OpdKind::Reg(..) => self.below(30),
                OpdKind::Label { .. } => self.below(len + 3),
                OpdKind::Mask => self.below(0x10000),
                OpdKind::Kind => self.below(12),
                _ => self.bits(),
            };
            let _ = set_slot(&mut ins, o.slot, x);
        }
        ins
    }

    /// Any chunk with sorted tables; most are not valid programs.
    pub fn chunk(&mut self, depth: u32) -> Chunk {
        let len = self.below(25);
        let pc = |r: &mut Self| r.below(len + 2) as u32;
        let mut lines: Vec<_> = (0..self.below(5))
            .map(|_| LineEntry {
                pc: self.below(len + 1) as u32,
                line: self.below(99) as u32,
                cop: if self.chance(3) { u32::MAX } else { self.below(4) as u32 },
            })
            .collect();
        lines.sort_by_key(|e| e.pc);
        let mut sites: Vec<_> = (0..self.below(5))
            .map(|_| OpSite { pc: self.below(len + 1) as u32, op: self.text().into() })
            .collect();
        sites.sort_by_key(|e| e.pc);
        let parent = |r: &mut Self| if r.chance(2) { None } else { Some(r.below(3) as u32) };
        Chunk {
            name: self.boxed(),
            kind: [ChunkKind::Main, ChunkKind::Sub, ChunkKind::Eval, ChunkKind::Begin, ChunkKind::Format]
                [self.below(5) as usize],
            pad_id: self.next() as u32,
            file: self.bytes().into(),
            package: self.bytes().into(),
            line: self.below(1000) as u32,
            code: (0..len).map(|_| self.ins(len)).collect(),
            n_sp: self.below(20) as u16,
            n_slots: self.below(40) as u16,
            consts: (0..self.below(6)).map(|_| self.konst(depth)).collect(),
            syms: (0..self.below(3)).map(|_| Sym { name: self.boxed(), utf8: self.chance(2) }).collect(),
            n_ics: self.below(9) as u32,
            n_loops: self.below(9) as u32,
            n_colds: self.below(9) as u32,
            pad: (0..self.below(4))
                .map(|_| PadVar {
                    name: self.boxed(),
                    slot: self.next() as u16,
                    fam: [Fam::I, Fam::N, Fam::S, Fam::P][self.below(4) as usize],
                    capture: parent(self),
                    state: self.chance(2),
                })
                .collect(),
            captures: (0..self.below(3))
                .map(|_| CaptureSource { name: self.boxed(), outer: self.below(9) as u32 })
                .collect(),
            cops: (0..self.below(3))
                .map(|_| Cop {
                    file: self.bytes().into(),
                    package: self.bytes().into(),
                    hints: self.next() as u32,
                    features: self.bits(),
                    warnings: if self.chance(2) { Some(self.bytes().into()) } else { None },
                    hinthash: if self.chance(2) {
                        None
                    } else {
                        let value = |r: &mut Self| if r.chance(3) { None } else { Some(r.boxed()) };
                        Some(
                            (0..self.below(3))
                                .map(|_| {
                                    let value = value(self);
                                    HintEntry {
                                        key: self.boxed(),
                                        key_utf8: self.chance(2),
                                        value_utf8: value.is_some() && self.chance(2),
                                        value,
                                    }
                                })
                                .collect(),
                        )
                    },
                    label: if self.chance(2) { Some(self.boxed()) } else { None },
                })
                .collect(),
            lines,
            regions: (0..self.below(3))
                .map(|_| Region { start: pc(self), end: pc(self), handler: self.below(3) as u32 })
                .collect(),
            handlers: (0..self.below(3))
                .map(|_| match self.below(3) {
                    0 => Handler::Goto {
                        parent: parent(self),
                        mark: self.below(40) as u16,
                        label: self.boxed(),
                        target: pc(self),
                    },
                    1 => Handler::Eval {
                        parent: parent(self),
                        mark: self.below(40) as u16,
                        target: pc(self),
                        is_try: self.chance(2),
                    },
                    _ => Handler::Loop {
                        parent: parent(self),
                        mark: self.below(40) as u16,
                        label: if self.chance(2) { Some(self.boxed()) } else { None },
                        next: pc(self),
                        last: pc(self),
                        redo: pc(self),
                    },
                })
                .collect(),
            sites,
            prototype: if self.chance(2) { Some(self.boxed()) } else { None },
            attrs: self.below(32) as u32,
            aliased: (0..self.below(4)).map(|_| self.next() as u16).collect(),
        }
    }
}

#[test]
fn every_chunk_round_trips() {
    let mut r = Rng(0x1234_5678_9abc_def1);
    for n in 0..3000 {
        let c = r.chunk(2);
        let text = dump(&c);
        let back = asm(&text).unwrap_or_else(|e| panic!("chunk {n}: {e}\n{text}"));
        assert!(back == c, "chunk {n} changed:\n{text}\nbecame\n{}", dump(&back));
        assert_eq!(dump(&back), text);
        let bare = dump_with(&c, Dump { bare: true, facts: false, effects: false, sites: false });
        assert!(asm(&bare).is_ok_and(|b| b == c));
    }
}

#[test]
fn every_atom_and_entry_has_a_text() {
    let mut r = Rng(99);
    for code in 0..ATOMS.len() as u16 {
        let entries = if crate::view::is_entry_call(code) { RTS.len() as u64 } else { 1 };
        for entry in 0..entries {
            let mut ins = Ins { op: code, imm: if entries > 1 { entry } else { 0 }, ..Ins::default() };
            let v = View::new(&ins).unwrap();
            if v.is_rt() && (code == op::BR_RT) != v.info.label().is_some() {
                continue;
            }
            for o in v.info.operands {
                let x = if o.is_label() { 0 } else { 1 + r.below(3) };
                set_slot(&mut ins, o.slot, x).unwrap();
            }
            let mut c = crate::builder::tests::builder();
            c.atom("ret.v", &[]).unwrap();
            let mut c = c.finish().unwrap();
            c.code.insert(0, ins);
            let text = dump(&c);
            assert!(!text.contains(" raw "), "{text}");
            assert_eq!(asm(&text).unwrap(), c);
        }
    }
}

#[test]
fn dump_reads_well() {
    let mut b = crate::builder::tests::builder();
    let x = b.var(b"$x", Fam::S);
    b.add_pad(PadEntry { name: (*b"$x").into(), reg: x, capture: None, state: false });
    let (i, m) = (b.temp(Fam::I), b.temp(Fam::I));
    let (slow, out) = (b.cold_label(), b.label());
    b.atom("dyn.mark", &[m.into()]).unwrap();
    let r = b.push_region(HandlerSpec::Eval { mark: m, target: out, is_try: false });
    b.atom("br.ntag", &[x.into(), Arg::Mask(1 << 2), slow.into()]).unwrap();
    b.atom("s.geti", &[i.into(), x.into()]).unwrap();
    b.bind_cold(slow).unwrap();
    b.atom("s.const", &[x.into(), Arg::Str(b"a;\"\n".to_vec(), false)]).unwrap();
    b.end_cold().unwrap();
    b.pop_region(r).unwrap();
    b.bind(out).unwrap();
    b.atom("ret.s", &[x.into()]).unwrap();
    let c = b.finish().unwrap();
    let want = r#"chunk "main::t" sub "t.pl":1 package "main" pad 0 slots 1+2 ics 0 loops 0 colds 1 attrs 0
  const k0 = "a;\"\n"
  var S0 "$x"
  handler h0 = eval mark I2 -> bb1
  region bb0..bb1 h0
  region bb2..bb3 h0
  .line 1
  0000  dyn.mark  I2                            ; reads Dyn
bb0:
  0001  br.ntag   S0, int, bb2                  ; ⊢ tag(S0) in int
  0002  s.geti    I1, S0
bb1:
  0003  ret.s     S0                            ; sync
bb2:
  0004  cold      #0
  0005  s.const   S0, k0                        ; "a;\"\n"  ⊢ tag(S0)=tagof(k0)
  0006  jmp       bb1
bb3:
end
"#;
    assert_eq!(dump(&c), want);
}

#[test]
fn faulty_texts_are_refused_with_their_line() {
    let head = "chunk \"m\" sub \"f\":1 package \"p\" pad 0 slots 1+1 ics 0 loops 0 colds 0 attrs 0\n";
    let fails = |body: &str, line: u32, part: &str| {
        let e = asm(&format!("{head}{body}end\n")).unwrap_err();
        assert!(e.line == line && e.message.contains(part), "{body}: {e}");
    };
    fails("  jmp bb1\n", 2, "not bound");
    fails("bb0:\nbb0:\n", 3, "twice");
    fails("  no.such S0\n", 2, "no atom");
    fails("  rt.no.such S0\n", 2, "no runtime entry");
    fails("  i.copy S0, I1\n", 2, "`I` with a number");
    fails("  i.copy I1\n", 2, "`,` is expected");
    fails("  i.copy I70000, I1\n", 2, "does not fit");
    fails("  const k1 = 2\n", 2, "k0 must come next");
    fails("  const k0 = \"abc\n", 2, "not closed");
    fails("  br.ntag S0, intt, bb0\n", 2, "no tag");
    fails("  i.const I1, #99999999999999999999999\n", 2, "64 bits");
    assert!(asm("").is_err());
    assert!(asm(head).is_err());
    let deep = "list [".repeat(100_000);
    fails(&format!("  const k0 = {deep}\n"), 2, "too deeply");
}
