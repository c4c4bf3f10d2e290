use super::*;
use crate::asm::tests::Rng;
use crate::asm::{Dump, asm, dump_with};
use crate::chunk::Ins;
use crate::isa::{ATOMS, Body, Mode, OpdKind, RULES, fold, op};
use crate::verify::verify;
use crate::view::{View, set_slot};
use l1_spec::rules::{CExpr, Cond, Pat, Rule, VarKind};

const HEAD: &str = "chunk \"m\" sub \"f\":1 package \"p\" pad 0 slots 4+10 ics 2 loops 1 colds 4 attrs 0\n var S0 \"$x\"\n .line 1\n";

fn chunk(body: &str) -> Chunk {
    let c = asm(&format!("{HEAD}{body}\nend\n")).unwrap();
    assert_eq!(verify(&c), Ok(()), "{}", crate::asm::dump(&c));
    c
}

/// The code without header, pcs and comments.
fn code(c: &Chunk) -> String {
    let text = dump_with(c, Dump { bare: true, facts: false, effects: false, sites: false });
    let lines = text.lines().map(str::trim).filter(|l| !l.starts_with(".line") && *l != "end");
    let body = lines.skip_while(|l| !l.starts_with(|c: char| c.is_ascii_digit()) && !l.starts_with("bb"));
    body.map(|l| {
        l.trim_start_matches(|c: char| c.is_ascii_digit()).split_whitespace().collect::<Vec<_>>().join(" ")
    })
    .collect::<Vec<_>>()
    .join("\n")
}

/// One pass, before and after.
fn golden(pass: &str, before: &str, after: &str) {
    let c = run_pass(pass, &chunk(before)).unwrap();
    assert_eq!(verify(&c), Ok(()));
    let want: Vec<&str> = after.lines().map(str::trim).collect();
    assert_eq!(code(&c), want.join("\n"));
}

#[test]
fn rules_unbox_what_was_boxed() {
    golden(
        "rules",
        "want I4\n s.seti S1, I4\n s.geti I5, S1\n i.add I6, I5, I5\n s.seti S0, I6\n ret.s S0",
        "want I4\ns.seti S1, I4\ni.copy I5, I4\ni.add I6, I5, I5\ns.seti S0, I6\nret.s S0",
    );
}

#[test]
fn rules_fold_constants_and_branches() {
    golden(
        "rules",
        "i.const I4, #6\n i.const I5, #7\n i.mul I6, I4, I5\n i.addo I7, I6, I4, bb0\n br.i.lt I4, I5, bb0\n ret.v\n bb0: ret.v",
        "i.const I4, #6\ni.const I5, #7\ni.const I6, #42\ni.const I7, #48\njmp bb0\nret.v\nbb0:\nret.v",
    );
    // Division by a literal zero stays for the run time.
    let c = chunk("i.const I4, #6\n i.const I5, #7\n i.mod I6, I4, I5\n ret.v");
    assert!(code(&run_pass("rules", &c).unwrap()).contains("i.const I6, #6"));
}

#[test]
fn rules_put_literals_into_scratch_registers() {
    golden(
        "rules",
        "want I4\n i.const I5, #8\n i.mod I6, I4, I5\n s.seti S0, I6\n ret.s S0",
        "want I4\ni.const I5, #8\ni.const I14, #7\ni.and I6, I4, I14\ns.seti S0, I6\nret.s S0",
    );
}

#[test]
fn rules_stop_at_places_that_may_be_entered() {
    let text =
        "want I4\n s.seti S1, I4\n br.t I4, a\n s.setn S1, N9\n a: s.tag I5, S1\n s.seti S0, I5\n ret.s S0";
    let c = chunk(&text.replace("want I4\n", "n.const N9, #0.0\n want I4\n"));
    assert!(code(&run_pass("rules", &c).unwrap()).contains("s.tag"));
    // A register written in between is another value.
    let c = chunk("want I4\n s.seti S1, I4\n want I4\n s.geti I5, S1\n s.seti S0, I5\n ret.s S0");
    assert!(run_pass("rules", &c).is_some_and(|c| code(&c).contains("s.geti I5, S1")));
}

#[test]
fn forward_copies() {
    golden(
        "forward",
        "want I4\n i.copy I5, I4\n i.copy I6, I5\n i.add I7, I6, I5\n want I4\n i.add I7, I7, I6\n ret.v",
        "want I4\ni.copy I5, I4\ni.copy I6, I4\ni.add I7, I4, I4\nwant I4\ni.add I7, I7, I6\nret.v",
    );
}

#[test]
fn guards_that_are_proved_go() {
    golden(
        "guards",
        "want I4\n s.seti S1, I4\n br.ntag S1, int, a\n br.ntag S0, int, a\n br.ntag S0, int|num, a\n br.tag S0, int, a\n trap #1\n a: ret.v",
        "want I4\ns.seti S1, I4\nbr.ntag S0, int, bb0\njmp bb0\ntrap #1\nbb0:\nret.v",
    );
    golden(
        "guards",
        "list.new P2\n br.null P2, a\n br.kind P2, av, a\n list.push P2, S0\n a: ret.v",
        "list.new P2\nlist.push P2, S0\nret.v",
    );
}

#[test]
fn jumps_are_threaded() {
    golden(
        "jumps",
        "want I4\n br.t I4, a\n jmp b\n a: jmp c\n trap #9\n b: nop\n c: ret.v",
        "want I4\nbr.t I4, bb0\nbb0:\nret.v",
    );
}

#[test]
fn dead_code_goes() {
    golden(
        "dce",
        "want I4\n i.add I5, I4, I4\n i.add I6, I5, I4\n s.seti S1, I6\n s.seti S0, I4\n ret.s S0",
        "want I4\ns.seti S0, I4\nret.s S0",
    );
    // What may hold the last reference to an object is dropped where the program says.
    let c = chunk("rt.wantarray S1\n want I4\n s.seti S1, I4\n ret.v");
    assert!(code(&run_pass("dce", &c).unwrap()).contains("s.seti S1"));
    // Live in a handler.
    let c = chunk(
        "handler h0 = eval mark I4 -> b\n region a..b h0\n dyn.mark I4\n want I5\n a: i.add I6, I5, I5\n want I6\n stmt #1\n b: i.copy I7, I5\n s.seti S0, I7\n ret.s S0",
    );
    assert!(code(&run_pass("dce", &c).unwrap()).contains("want I5"));
}

#[test]
fn all_passes_together() {
    // `my $y = $x + 1; $y * 2` with the guards that ops bring along.
    let c = chunk(
        "br.ntag S0, int, s1\n s.geti I4, S0\n i.const I5, #1\n i.addo I4, I4, I5, s1\n s.seti S1, I4\n
         a: br.ntag S1, int, s2\n s.geti I4, S1\n i.const I5, #2\n i.mulo I4, I4, I5, s2\n s.seti S2, I4\n
         b: ret.s S2\n
         s1: cold #0\n rt.add S1, S0, S0\n jmp a\n s2: cold #1\n rt.mul S2, S1, S1\n jmp b",
    );
    let Optimised { chunk: o, stats, .. } = optimise(&c);
    assert_eq!(verify(&o), Ok(()));
    assert!(stats.atoms_after <= stats.atoms_before);
    let again = optimise(&o).chunk;
    assert_eq!(again.code.len(), o.code.len(), "the result is stable");
}

#[test]
fn ticks_keep_their_place() {
    let c = chunk(
        "want I4\n s.seti S1, I4\n a: br.ntag S1, int, b\n s.geti I5, S1\n i.const I6, #8\n i.mod I5, I5, I6\n s.seti S1, I5\n
         nop\n loop #0\n jmp a\n b: ret.s S1",
    );
    let o = optimise(&c);
    let tick = c.code.iter().position(|i| i.op == op::LOOP).unwrap();
    assert_eq!(o.chunk.code[o.pcs[tick] as usize].op, op::LOOP);
    assert_eq!(o.pcs.len(), c.code.len() + 1);
    assert!(
        o.chunk.code.iter().any(|i| i.op == op::I_AND) && o.chunk.code.iter().all(|i| i.op != op::BR_NTAG)
    );
}

/// A chunk in which a rule's left side occurs.
fn instance(r: &Rule) -> Chunk {
    let mut g = Gen { code: Vec::new(), next: [1, 20], cond: r.cond };
    let root = g.atom(&r.lhs);
    let end = g.code.len() as u64 + 2;
    for i in &mut g.code {
        if i.imm == LABEL {
            i.imm = end;
        } else if i.imm >> 32 == LABEL >> 32 {
            i.imm = i.imm & 0xffff_ffff | end << 32;
        } else if i.imm & 0xffff_ffff == LABEL & 0xffff_ffff && i.op != op::I_CONST && i.op != op::N_CONST {
            i.imm = i.imm >> 32 << 32 | end;
        }
    }
    let _ = root;
    let mut c = chunk("ret.v");
    c.n_sp = 20;
    c.n_slots = 60;
    c.code.clear();
    c.code.extend(g.code);
    c.code.push(Ins { op: op::RET_V, ..Ins::default() });
    c.code.push(Ins { op: op::RET_V, ..Ins::default() });
    c.code.push(Ins { op: op::RET_V, ..Ins::default() });
    c.pad.clear();
    c
}

const LABEL: u64 = 0x7abc_def1_7abc_def1;

struct Gen {
    code: Vec<Ins>,
    /// Next S register, next I or N register.
    next: [u16; 2],
    cond: Option<Cond>,
}

impl Gen {
    fn fresh(&mut self, fam: l1_spec::schema::Fam) -> u16 {
        let high = matches!(fam, l1_spec::schema::Fam::I | l1_spec::schema::Fam::N);
        self.next[high as usize] += 1;
        self.next[high as usize] - 1
    }

    /// Registers of variables: fixed places, so that equal variables are equal registers.
    fn reg(&mut self, p: &Pat, fam: l1_spec::schema::Fam) -> u16 {
        match p {
            Pat::Var(n) => {
                let r =
                    if matches!(fam, l1_spec::schema::Fam::I | l1_spec::schema::Fam::N) { 40 } else { 10 }
                        + *n as u16;
                if fam == l1_spec::schema::Fam::I {
                    self.code.insert(0, Ins { op: op::WANT, a: r, ..Ins::default() });
                } else if fam == l1_spec::schema::Fam::N {
                    self.code.insert(0, Ins { op: op::I_TON, a: r, b: 59, ..Ins::default() });
                    self.code.insert(0, Ins { op: op::WANT, a: 59, ..Ins::default() });
                }
                r
            }
            Pat::Const(k) => {
                let r = self.fresh(fam);
                let o = if fam == l1_spec::schema::Fam::N { op::N_CONST } else { op::I_CONST };
                let x = self.konst(k);
                self.code.push(Ins { op: o, a: r, imm: x, ..Ins::default() });
                r
            }
            _ => self.atom(p).expect("an inner atom has a result"),
        }
    }

    fn konst(&self, k: &CExpr) -> u64 {
        let value = |n: u8| Some(if n.is_multiple_of(2) { 8 } else { 16 } as i64);
        k.eval(&value).unwrap_or(0) as u64
    }

    fn atom(&mut self, p: &Pat) -> Option<u16> {
        let Pat::App(o, args) = p else { return None };
        let info = &ATOMS[*o as usize];
        let mut ins = Ins { op: *o, ..Ins::default() };
        let (mut args, mut out) = (args.iter(), None);
        for d in info.operands {
            let x = match d.kind {
                OpdKind::Reg(Mode::Out, f) => {
                    out = Some(self.fresh(f));
                    out.unwrap() as u64
                }
                OpdKind::Reg(_, f) => self.reg(args.next().unwrap(), f) as u64,
                OpdKind::Label { .. } => {
                    args.next();
                    if d.slot == crate::isa::Slot::Imm { LABEL } else { LABEL & 0xffff_ffff }
                }
                OpdKind::Mask => {
                    args.next();
                    self.mask()
                }
                _ => match args.next().unwrap() {
                    Pat::Const(k) => self.konst(k),
                    _ => 8,
                },
            };
            set_slot(&mut ins, d.slot, x).unwrap();
        }
        self.code.push(ins);
        out
    }

    /// A mask that satisfies the rule's condition.
    fn mask(&self) -> u64 {
        match self.cond {
            Some(Cond::TagIn(t, _)) => 1 << t,
            Some(Cond::Not(Cond::TagIn(t, _))) => 0x11f & !(1 << t),
            _ => 4,
        }
    }
}

#[test]
fn every_rule_fires() {
    let mut silent = Vec::new();
    for r in RULES {
        let mut c = instance(r);
        // Pads the chunk's variables with a second kind of literal for conditions on one.
        let fired = rules::fired(&c);
        if !fired.contains(&r.name) {
            // Constant folding may be faster than a rule about literals.
            let folded =
                r.vars.iter().all(|v| !matches!(v.kind, VarKind::Reg(_))) && rules::run(&c).is_some();
            if !folded {
                c.sites.clear();
                silent.push((r.name, crate::asm::dump(&c)));
            }
        }
    }
    assert!(
        silent.is_empty(),
        "{} rules never fire:\n{}",
        silent.len(),
        silent.iter().map(|s| format!("{}\n{}", s.0, s.1)).collect::<String>()
    );
}

/// Runs pure code; the result is what `ret.s` returns.
fn interpret(c: &Chunk) -> Option<(u64, u64)> {
    let mut r = vec![(0u64, 0u64); c.n_slots as usize];
    let mut pc = 0;
    for _ in 0..10_000 {
        let ins = &c.code[pc];
        let v = View::new(ins)?;
        let (a, b) = (ins.a as usize, ins.b as usize);
        pc += 1;
        let go = |taken: bool, pc: &mut usize| {
            if taken {
                *pc = v.label().unwrap_or(0) as usize;
            }
        };
        match ins.op {
            op::RET_S => return Some(r[a]),
            op::RET_V => return None,
            op::JMP => pc = ins.imm as usize,
            op::WANT => r[a].1 = 2,
            op::S_SETI => r[a] = (2, r[b].1),
            op::S_SETU => r[a] = (3, r[b].1),
            op::S_SETN => r[a] = (1, r[b].1),
            op::S_GETI | op::S_GETN => r[a].1 = r[b].1,
            op::S_TAG => r[a].1 = r[b].0,
            op::BR_TAG => go(v.value(1) >> r[a].0 & 1 != 0, &mut pc),
            op::BR_NTAG => go(v.value(1) >> r[a].0 & 1 == 0, &mut pc),
            op::NOP => {}
            _ => {
                let mut x = [0; 2];
                for (n, (_, _, _, s)) in v.regs().filter(|r| r.1 != Mode::Out).enumerate() {
                    x[n] = r[s as usize].1;
                }
                let (value, taken) = fold(ins.op, x, ins.imm)?;
                match v.info.body {
                    Body::Value(_) => r[a].1 = value,
                    Body::Try(_) if !taken => r[a].1 = value,
                    _ => go(taken, &mut pc),
                }
            }
        }
    }
    None
}

#[test]
fn optimised_code_computes_the_same() {
    let mut r = Rng(0xfeed);
    let usable: Vec<u16> = (0..ATOMS.len() as u16)
        .filter(|o| {
            let a = &ATOMS[*o as usize];
            let regs = a.operands.iter().all(|d| match d.kind {
                OpdKind::Reg(_, f) => matches!(f, l1_spec::schema::Fam::I | l1_spec::schema::Fam::N),
                OpdKind::Imm | OpdKind::Label { .. } => true,
                _ => false,
            });
            regs && a.body.is_pure()
                && a.requires.is_empty()
                && *o != op::WANT
                && *o != op::DYN_MARK
                && *o != op::JMP
        })
        .collect();
    let (mut changed, mut ran) = (0, 0);
    for round in 0..4000 {
        let n = 6 + r.below(30);
        let mut code = Vec::new();
        // I registers 4..10, N registers 10..14, S registers 0..4.
        for i in 4..10 {
            let x = [0, 1, u64::MAX, 8, i64::MAX as u64, r.next()][r.below(6) as usize];
            code.push(Ins {
                op: if r.chance(3) { op::WANT } else { op::I_CONST },
                a: i,
                imm: x,
                ..Ins::default()
            });
            if code.last().unwrap().op == op::WANT {
                code.last_mut().unwrap().imm = 0;
            }
        }
        for i in 10..14 {
            let x = [0.0f64, -0.0, 1.0, 2.5, f64::NAN, 1e300][r.below(6) as usize];
            code.push(Ins { op: op::N_CONST, a: i, imm: x.to_bits(), ..Ins::default() });
        }
        for s in 0..4 {
            code.push(Ins { op: op::S_SETI, a: s, b: 4 + s, ..Ins::default() });
        }
        let start = code.len() as u64;
        let end = start + n;
        for k in 0..n {
            let int = |r: &mut Rng| 4 + r.below(6) as u16;
            let ins = match r.below(6) {
                0 => Ins { op: op::S_SETI, a: r.below(4) as u16, b: int(&mut r), ..Ins::default() },
                1 => Ins { op: op::S_TAG, a: int(&mut r), b: r.below(4) as u16, ..Ins::default() },
                2 => {
                    let mut i = Ins {
                        op: [op::BR_TAG, op::BR_NTAG][r.below(2) as usize],
                        a: r.below(4) as u16,
                        ..Ins::default()
                    };
                    let v = View::new(&i).unwrap();
                    let (m, l) = (v.info.operands[1].slot, v.info.operands[2].slot);
                    set_slot(&mut i, m, [4, 6, 1][r.below(3) as usize]).unwrap();
                    set_slot(&mut i, l, start + k + 1 + r.below(n - k)).unwrap();
                    i
                }
                3 => {
                    Ins { op: op::S_SETN, a: r.below(4) as u16, b: 10 + r.below(4) as u16, ..Ins::default() }
                }
                _ => {
                    let o = usable[r.below(usable.len() as u64) as usize];
                    let mut i = Ins { op: o, ..Ins::default() };
                    for d in ATOMS[o as usize].operands {
                        let x = match d.kind {
                            OpdKind::Reg(_, l1_spec::schema::Fam::I) => int(&mut r) as u64,
                            OpdKind::Reg(..) => 10 + r.below(4),
                            OpdKind::Label { .. } => start + k + 1 + r.below(n - k),
                            _ => r.below(20),
                        };
                        set_slot(&mut i, d.slot, x).unwrap();
                    }
                    i
                }
            };
            code.push(ins);
        }
        assert_eq!(code.len() as u64, end);
        for i in 5..10 {
            code.push(Ins { op: op::I_XOR, a: 4, b: 4, c: i, ..Ins::default() });
        }
        for s in 1..4 {
            code.push(Ins { op: op::S_TAG, a: 5, b: s, ..Ins::default() });
            code.push(Ins { op: op::I_ADD, a: 4, b: 4, c: 5, ..Ins::default() });
        }
        code.push(Ins { op: op::S_SETI, a: 0, b: 4, ..Ins::default() });
        code.push(Ins { op: op::RET_S, a: 0, ..Ins::default() });
        let mut c = chunk("ret.v");
        c.code = code;
        if verify(&c).is_err() {
            continue;
        }
        let Optimised { chunk: o, stats, .. } = optimise(&c);
        assert_eq!(verify(&o), Ok(()), "round {round}\n{}\n{}", crate::asm::dump(&c), crate::asm::dump(&o));
        let (x, y) = (interpret(&c), interpret(&o));
        assert_eq!(x, y, "round {round}\n{}\nbecame\n{}", crate::asm::dump(&c), crate::asm::dump(&o));
        changed += (stats.changes.iter().sum::<u32>() > 0) as u32;
        ran += x.is_some() as u32;
    }
    assert!(changed > 1000 && ran > 500, "{changed} changed, {ran} ran");
}

#[test]
fn anything_may_be_optimised() {
    let mut r = Rng(31337);
    let mut sound = 0;
    for _ in 0..3000 {
        let c = r.chunk(0);
        if verify(&c).is_ok() {
            sound += 1;
            assert_eq!(verify(&optimise(&c).chunk), Ok(()));
        }
    }
    let _ = sound;
}
