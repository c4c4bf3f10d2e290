use super::*;
use crate::isa::op;

pub(crate) fn builder() -> Builder {
    Builder::new(b"main::t", ChunkKind::Sub, Arc::from(*b"t.pl"), Arc::from(*b"main"), 0, 1)
}

fn ops(c: &Chunk) -> Vec<u16> {
    c.code.iter().map(|i| i.op).collect()
}

#[test]
fn slots_s_and_p_first() {
    let mut b = builder();
    let i = b.temp(Fam::I);
    let s = b.var(b"$x", Fam::S);
    let p = b.temp(Fam::P);
    b.atom("i.const", &[i.into(), 7.into()]).unwrap();
    b.atom("s.seti", &[s.into(), i.into()]).unwrap();
    b.atom("av.new", &[p.into()]).unwrap();
    b.atom("ret.s", &[s.into()]).unwrap();
    let c = b.finish().unwrap();
    assert_eq!((c.n_sp, c.n_slots), (2, 3));
    assert_eq!(c.code[0], Ins { op: op::I_CONST, a: 2, b: 0, c: 0, imm: 7 });
    assert_eq!((c.code[1].a, c.code[1].b, c.code[2].a), (0, 2, 1));
}

#[test]
fn temporaries_are_reused_within_their_family() {
    let mut b = builder();
    let s = b.temp(Fam::S);
    b.free(s);
    let p = b.temp(Fam::P);
    assert_ne!(p.n, s.n);
    let s2 = b.temp(Fam::S);
    assert_eq!(s2, s);
    b.retain(s2);
    b.free(s2);
    assert_ne!(b.temp(Fam::S), s2);
    b.free(s2);
    b.free(s2);
    assert_eq!(b.temp(Fam::S), s2);
    assert_ne!(b.temp(Fam::S), s2, "a double free does not hand a register out twice");
}

#[test]
fn cold_code_moves_to_the_end_and_keeps_line_and_region() {
    let mut b = builder();
    let m = b.temp(Fam::I);
    let a = b.temp(Fam::I);
    let (slow, handler) = (b.cold_label(), b.label());
    b.atom("dyn.mark", &[m.into()]).unwrap();
    b.set_line(5, 0);
    let r = b.push_region(HandlerSpec::Eval { mark: m, target: handler, is_try: false });
    b.atom("i.const", &[a.into(), 1.into()]).unwrap();
    b.atom("i.addo", &[a.into(), a.into(), a.into(), slow.into()]).unwrap();
    b.bind_cold(slow).unwrap();
    b.atom("i.const", &[a.into(), 2.into()]).unwrap();
    b.end_cold().unwrap();
    b.pop_region(r).unwrap();
    b.set_line(6, 0);
    b.bind(handler).unwrap();
    b.atom("ret.v", &[]).unwrap();
    let c = b.finish().unwrap();
    assert_eq!(ops(&c), [op::DYN_MARK, op::I_CONST, op::I_ADDO, op::RET_V, op::COLD, op::I_CONST, op::JMP]);
    assert_eq!(c.code[2].imm, 4);
    assert_eq!(c.code[6].imm, 3);
    let cover: Vec<_> = c.regions.iter().map(|r| (r.start, r.end)).collect();
    assert_eq!(cover, [(1, 3), (4, 7)]);
    assert_eq!(c.line_at(5).unwrap().line, 5);
    assert_eq!(c.line_at(3).unwrap().line, 6);
    assert_eq!(c.handler_at(5), Some(0));
    assert_eq!(c.handler_at(3), None);
}

#[test]
fn nested_regions_inner_wins() {
    let mut b = builder();
    let m = b.temp(Fam::I);
    let end = b.label();
    b.atom("dyn.mark", &[m.into()]).unwrap();
    let r = b.push_region(HandlerSpec::Eval { mark: m, target: end, is_try: false });
    let q = b.push_region(HandlerSpec::Loop { mark: m, label: None, next: end, last: end, redo: end });
    b.atom("dbg", &[1.into()]).unwrap();
    b.pop_region(q).unwrap();
    b.pop_region(r).unwrap();
    b.bind(end).unwrap();
    b.atom("ret.v", &[]).unwrap();
    let c = b.finish().unwrap();
    assert_eq!(c.handler_at(1), Some(1));
    assert_eq!(c.handlers.len(), 2);
}

#[test]
fn jumps_are_threaded_and_dead_code_goes() {
    let mut b = builder();
    let (l1, l2, l3) = (b.label(), b.label(), b.label());
    let a = b.temp(Fam::I);
    b.atom("i.const", &[a.into(), 0.into()]).unwrap();
    b.atom("br.t", &[a.into(), l1.into()]).unwrap();
    b.atom("jmp", &[l2.into()]).unwrap();
    b.atom("dbg", &[9.into()]).unwrap();
    b.bind(l1).unwrap();
    b.atom("jmp", &[l3.into()]).unwrap();
    b.bind(l2).unwrap();
    b.atom("nop", &[]).unwrap();
    b.bind(l3).unwrap();
    b.atom("ret.v", &[]).unwrap();
    let c = b.finish().unwrap();
    assert_eq!(ops(&c), [op::I_CONST, op::BR_T, op::RET_V]);
    assert_eq!(c.code[1].imm, 2);
}

#[test]
fn switch_tables_hold_pcs() {
    let mut b = builder();
    let (l0, l1) = (b.label(), b.label());
    let a = b.temp(Fam::I);
    b.atom("i.const", &[a.into(), 0.into()]).unwrap();
    let t = b.table(&[l1, l0]).unwrap();
    b.atom("switch", &[a.into(), Arg::Const(t)]).unwrap();
    b.bind(l0).unwrap();
    b.atom("dbg", &[0.into()]).unwrap();
    b.bind(l1).unwrap();
    b.atom("ret.v", &[]).unwrap();
    let c = b.finish().unwrap();
    assert_eq!(c.consts[t as usize], Const::Table([3, 2].into()));
}

#[test]
fn literals_load_and_constants_are_shared() {
    let mut b = builder();
    let s = b.temp(Fam::S);
    b.atom("s.const", &[s.into(), Arg::Str(b"ab".to_vec(), false)]).unwrap();
    b.atom("s.const", &[s.into(), Arg::Str(b"ab".to_vec(), false)]).unwrap();
    b.atom("s.seti", &[s.into(), 5.into()]).unwrap();
    b.atom("ret.s", &[s.into()]).unwrap();
    let c = b.finish().unwrap();
    assert_eq!(c.consts.len(), 1);
    assert_eq!(ops(&c)[2..4], [op::I_CONST, op::S_SETI]);
}

#[test]
fn misuse_is_an_error() {
    let mut b = builder();
    let s = b.temp(Fam::S);
    let l = b.label();
    let msg = |r: Result<()>| r.unwrap_err().0;
    assert!(msg(b.atom("no.such", &[])).contains("no atom"));
    assert!(msg(b.atom("i.copy", &[s.into(), s.into()])).contains("operand `d`"));
    assert!(msg(b.atom("i.copy", &[s.into()])).contains("takes 2 operands"));
    assert!(msg(b.end_cold()).contains("without"));
    assert!(msg(b.pop_region(3)).contains("innermost"));
    b.bind(l).unwrap();
    assert!(msg(b.bind(l)).contains("twice"));
    let unbound = b.label();
    b.atom("jmp", &[unbound.into()]).unwrap();
    assert!(b.finish().unwrap_err().0.contains("not bound"));
    let mut b = builder();
    b.atom("dbg", &[0.into()]).unwrap();
    assert!(b.finish().unwrap_err().0.contains("falls out"));
    let mut b = builder();
    for _ in 0..66_000 {
        b.temp(Fam::S);
    }
    b.atom("ret.v", &[]).unwrap();
    assert!(b.finish().unwrap_err().0.contains("65535"));
}
