use crate::schema::*;
use crate::select::Opd;

#[test]
fn builtin_loads() {
    let s = crate::builtin_spec().unwrap_or_else(|e| panic!("{e}"));
    assert!(s.atoms.len() <= 224, "the atom count is capped");
    let i = s.atom("br.ntag").unwrap();
    let a = &s.atoms[i as usize];
    assert_eq!(a.operands[1].slot, Slot::Hi);
    assert_eq!(a.operands[2].slot, Slot::Lo);
    assert_eq!(a.proves, [Fact::Tag(0, MaskRef::Opd(1))]);
    let e = s.rt("add").unwrap();
    assert_eq!(s.rts[e as usize].operands.len(), 3);
}

#[test]
fn generators_accept_the_spec() {
    let (s, set) = crate::builtin_set().unwrap_or_else(|e| panic!("{e}"));
    let op = crate::r#gen::op::text(&s);
    assert!(op.contains("pub const I_ADD: u16"));
    let fused = crate::r#gen::fuse::patterns(&s, &set);
    assert!((20..200).contains(&fused.len()), "{}", fused.len());
    assert!(fused.is_sorted_by_key(|p| p.ops[0]));
    let arms = crate::r#gen::dispatch::arms(&s, &fused).unwrap();
    let wraps = crate::r#gen::dispatch::wrappers(&s).unwrap();
    assert!(wraps.contains("fn w_s_copy"));
    if let Some(dir) = std::env::var_os("L1_GEN_DIR") {
        let dir = std::path::Path::new(&dir);
        std::fs::write(dir.join("op.rs"), op).unwrap();
        std::fs::write(dir.join("arms.rs"), arms).unwrap();
        std::fs::write(dir.join("wrappers.rs"), wraps).unwrap();
    }
}

fn expand_text(ops: &str, name: &str, opds: &[Opd]) -> String {
    let s = crate::builtin_spec().unwrap_or_else(|e| panic!("{e}"));
    let set = crate::ops_from(s.isa(), &[("t.l1", ops)]).unwrap_or_else(|e| panic!("{e}"));
    let mut r = crate::record::Recorder::new(100, 100);
    crate::expand::expand(&set, &mut r, name, opds).unwrap_or_else(|e| panic!("{e}"));
    r.text(set.isa)
}

const SWAP: &str = "op swap(inout PMC, inout PMC) { move [P0], $1; move $1, $2; move $2, [P0] }";

#[test]
fn seed_swap_loads_and_expands() {
    let t = expand_text(SWAP, "swap", &[Opd::Reg(Fam::S, 1), Opd::Reg(Fam::S, 2)]);
    assert_eq!(t, "    s.move    S100, S1\n    s.move    S1, S2\n    s.move    S2, S100\n");
    let t = expand_text(SWAP, "swap", &[Opd::Reg(Fam::P, 1), Opd::Reg(Fam::P, 2)]);
    assert_eq!(t, "    p.move    P100, P1\n    p.move    P1, P2\n    p.move    P2, P100\n");
}

#[test]
fn cold_sections_and_constants() {
    let t = expand_text(
        include_str!("../ops/arith.l1"),
        "add",
        &[Opd::Reg(Fam::S, 1), Opd::Reg(Fam::S, 2), Opd::Reg(Fam::S, 3)],
    );
    assert!(t.starts_with("    br.ntag   S2, int, L"), "{t}");
    let hot: Vec<&str> = t.lines().take_while(|l| !l.starts_with("cold")).collect();
    assert!(hot.last().unwrap().starts_with('L'), "`done` vanishes before the end label: {t}");
}

#[test]
fn temporaries_are_dropped_on_every_exit() {
    let ops =
        "op f(out S $d, in S $a, label L) {\n rt.add [S0], $a, $a\n br.true [S0], L\n s.copy $d, [S0]\n}";
    let t = expand_text(ops, "f", &[Opd::Reg(Fam::S, 1), Opd::Reg(Fam::S, 2), Opd::Label(7)]);
    assert_eq!(t.matches("s.drop").count(), 2, "{t}");
}

#[test]
fn static_choices_and_lists() {
    let ops = "op idx(out I $d, in S $i) {\n static if const($i) and int($i) >= 0 { i.const $d, $i }\n else { toi $d, $i }\n}\n\
               op sum(out P $d, each S @xs) {\n list.new $d\n each $x in @xs { list.push $d, $x }\n}\n\
               op sum(out P $d, each S @xs) when len($xs) == 0 { list.new $d }";
    let t = expand_text(ops, "idx", &[Opd::Reg(Fam::I, 1), Opd::Int(4)]);
    assert_eq!(t, "    i.const   I1, 4\n");
    let t = expand_text(ops, "idx", &[Opd::Reg(Fam::I, 1), Opd::Int(-4)]);
    assert!(t.contains("toi"), "{t}");
    let t =
        expand_text(ops, "sum", &[Opd::Reg(Fam::P, 1), Opd::List(vec![Opd::Reg(Fam::S, 2), Opd::Int(3)])]);
    assert_eq!(t, "    list.new  P1\n    list.push P1, S2\n    s.const   S100, 3\n    list.push P1, S100\n");
}

#[test]
fn contexts() {
    let ops = "op rev(ctx, out any $d, in P $l) {\n for void { }\n for scalar { list.get $d, $l, 0 }\n \
               for list { p.copy $d, $l }\n}";
    let l = Opd::Reg(Fam::P, 2);
    let t = expand_text(ops, "rev", &[Opd::Ctx(1), Opd::Reg(Fam::S, 1), l.clone()]);
    assert_eq!(t, "    i.const   I100, 0\n    list.get  S1, P2, I100\n");
    let both = Opd::List(vec![Opd::Reg(Fam::S, 1), Opd::Reg(Fam::P, 3)]);
    let t = expand_text(ops, "rev", &[Opd::Ctx(3), both, l]);
    assert!(t.contains("want") && t.contains("list.get  S1") && t.contains("p.copy    P3, P2"), "{t}");
}

#[test]
fn guards_of_constants_are_decided() {
    let ops = "op cat(inout S $x, in S $v) {\n br.ntag $x, str, slow\n br.ntag $v, str, slow\n str.app $x, $v\n done\n\
               cold slow:\n rt.concat $x, $x, $v\n}";
    let t = expand_text(ops, "cat", &[Opd::Reg(Fam::S, 1), Opd::Str(b"a".to_vec(), false)]);
    assert!(
        t.starts_with("    br.ntag   S1, str, L100\n    s.const   S100, \"a\"\n    str.app   S1, S100\n"),
        "{t}"
    );
    let t = expand_text(ops, "cat", &[Opd::Reg(Fam::S, 1), Opd::Int(1)]);
    assert!(t.starts_with("    br.ntag   S1, str, L100\n    jmp       L100\n"), "{t}");
}
