use super::*;
use crate::asm::asm;
use crate::cfg::Cfg;

/// Facts before the instruction at `pc`.
fn before(body: &str, pc: u32) -> Facts {
    let head = "chunk \"m\" sub \"f\":1 package \"p\" pad 0 slots 9+9 ics 2 loops 1 colds 0 attrs 0\n var S0 \"$x\"\n .line 1\n";
    let c = asm(&format!("{head}{body}\nend\n")).unwrap();
    let cfg = Cfg::new(&c);
    let mut found = None;
    Flow::new(&c, &cfg).visit(&c, &cfg, |p, _, f, _| {
        if p == pc {
            found = Some(f.clone())
        }
    });
    found.expect("the place is reachable")
}

const INT: u16 = 1 << 2;

#[test]
fn guards_prove_on_both_sides() {
    let t = "br.ntag S0, int, slow\n ret.v\n slow: ret.v";
    assert_eq!(before(t, 1).slot(0).mask, INT);
    assert_eq!(before(t, 2).slot(0).mask, !INT);
}

#[test]
fn joins_keep_what_both_know() {
    let t = "br.t I9, a\n s.seti S0, I9\n jmp b\n a: s.setn S0, N10\n b: ret.v";
    assert_eq!(before(t, 4).slot(0).mask, INT | 2);
}

#[test]
fn loops_reach_a_fixed_point() {
    let t =
        "s.seti S0, I9\n s.seti S1, I9\n head: loop #0\n br.t I9, out\n s.undef S1\n jmp head\n out: ret.v";
    let f = before(t, 6);
    assert_eq!((f.slot(0).mask, f.slot(1).mask), (INT, INT | 1));
}

#[test]
fn perl_code_kills_heap_facts_only() {
    let t = "pad.get P1, #0\n br.kind P1, av, x\n i.const I9, #3\n br.oob P1, I9, x\n s.seti S0, I9\n stmt #1\n ret.v\n x: ret.v";
    let f = before(t, 5);
    assert!(f.slot(1).has(SlotFact::PLAIN) && f.has_rel(Rel::Inb(1, 9)));
    let f = before(t, 6);
    assert!(!f.slot(1).has(SlotFact::PLAIN) && !f.has_rel(Rel::Inb(1, 9)));
    assert_eq!((Some(f.slot(1).kind), f.slot(0).mask), (crate::isa::kind_named("av"), INT));
}

#[test]
fn a_written_index_or_length_unproves_bounds() {
    let guard = "pad.get P1, #0\n br.kind P1, av, x\n i.const I9, #3\n br.oob P1, I9, x\n";
    assert!(!before(&format!("{guard} i.add I9, I9, I9\n ret.v\n x: ret.v"), 5).has_rel(Rel::Inb(1, 9)));
    assert!(before(&format!("{guard} i.copy I10, I9\n ret.v\n x: ret.v"), 5).has_rel(Rel::Inb(1, 10)));
    assert!(!before(&format!("{guard} av.push P1, S0\n ret.v\n x: ret.v"), 5).has_rel(Rel::Inb(1, 9)));
}

#[test]
fn aliased_slots_keep_nothing_across_heap_atoms() {
    let t = "s.seti S0, I9\n i.add I9, I9, I9\n av.push P1, S2\n ret.v";
    assert_eq!(before(&format!("aliased 0\n{t}"), 2).slot(0).mask, INT);
    assert_eq!(before(&format!("aliased 0\n{t}"), 3).slot(0).mask, MASK_ANY);
    assert_eq!(before(t, 3).slot(0).mask, INT);
}

#[test]
fn fresh_objects_stay_plain_until_they_escape() {
    let t = "list.new P1\n stmt #1\n list.push P1, S0\n p.copy P2, P1\n stmt #1\n ret.v";
    assert!(before(t, 2).slot(1).has(SlotFact::PLAIN));
    assert!(before(t, 3).slot(1).has(SlotFact::FRESH));
    assert!(!before(t, 4).slot(1).has(SlotFact::FRESH));
    assert!(!before(t, 5).slot(1).has(SlotFact::PLAIN));
}

#[test]
fn handlers_assume_nothing() {
    let t = "handler h0 = eval mark I17 -> x\n region a..x h0\n a: s.seti S0, I9\n stmt #1\n x: ret.v";
    assert_eq!(before(t, 2).slot(0).mask, MASK_ANY);
}

#[test]
fn constants_flow() {
    let t = "i.const I9, #7\n i.copy I10, I9\n br.i.ne I11, I10, x\n ret.v\n x: ret.v";
    assert_eq!(before(t, 3).slot(11).value, Some(7));
    assert_eq!(before(t, 4).slot(11).value, None);
    assert!(before("br.f I9, x\n ret.v\n x: ret.v", 1).slot(9).has(SlotFact::NON_ZERO));
}
