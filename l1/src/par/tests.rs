use super::*;
use crate::asm::asm;

const HEAD: &str = "chunk \"m\" sub \"t/x.pl\":1 package \"p\" pad 0 slots 6+12 ics 4 loops 3 colds 4 attrs 0
 sym y0 = \"main::sum\"\n sym y1 = \"main::_\"\n sym y2 = \"main::n\"\n var S0 \"$sum\"\n .line 12\n";

fn chunk(body: &str) -> Chunk {
    let c = asm(&format!("{HEAD}{body}\nend\n")).unwrap();
    crate::verify::verify(&c).unwrap_or_else(|e| panic!("{}\n{}", e[0], crate::asm::dump(&c)));
    c
}

fn verdicts(c: &Chunk) -> Vec<Verdict> {
    analyse(c, &|_| None)
}

fn plan(body: &str) -> Plan {
    let c = chunk(body);
    let v = verdicts(&c).remove(0);
    let p = v.result.unwrap_or_else(|r| panic!("{r:?}\n{}", crate::asm::dump(&c)));
    assert_eq!(crate::verify::verify_plan(&c, &p), Ok(()));
    p
}

fn refused(part: &str, body: &str) -> String {
    let c = chunk(body);
    let v = verdicts(&c).remove(0);
    let text = report_line(&c, &v, None);
    let r = v.result.expect_err("the loop must not be parallel");
    assert!(r.reason.contains(part), "{r:?} lacks {part:?}");
    text
}

/// `for my $i (1 .. 1000) { BODY }` with S1 as `$i`; I6 counts, I7 is the bound, I8 one.
fn counted(before: &str, body: &str, after: &str) -> String {
    format!(
        "{before}\n i.const I6, #1\n i.const I7, #1000\n i.const I8, #1\n
         test: br.i.lt I7, I6, done\n s.seti S1, I6\n {body}\n
         next: i.addo I6, I6, I8, done\n loop #0\n jmp test\n done: {after}"
    )
}

/// `$sum += …` with the addend in I9, as op add has it.
const ADD: &str =
    "br.ntag S0, int, notint\n s.geti I10, S0\n i.addo I10, I10, I9, slow\n s.seti S0, I10\n jmp next
 notint: br.ntag S0, num, slow\n s.getn N12, S0\n n.add N12, N12, N12\n s.setn S0, N12\n jmp next
 slow: cold #0\n rt.add S0, S0, S1\n jmp next\n";

const INIT: &str = "i.const I6, #0\n s.seti S0, I6";

#[test]
fn integer_sum_with_a_bound() {
    let body =
        format!("s.geti I9, S1\n i.mulo I9, I9, I9, slow\n i.const I11, #7\n i.mod I9, I9, I11\n {ADD}");
    let p = plan(&counted(INIT, &body, "ret.s S0"));
    let sum = Slot { fam: Fam::S, n: 0 };
    assert_eq!(
        p.commits,
        [Commit::Reduce { place: Place::Slot(sum), op: ReduceOp::Add, bound: Some(Bound::fixed(7)) }]
    );
    assert_eq!(p.inductions, [Induction { slot: Slot { fam: Fam::I, n: 6 }, step: 1 }]);
    assert_eq!((p.test.go_on, p.test.limit, p.test.limit_reg), (While::Le, Source::Const(1000), Some(7)));
    assert_eq!((p.bound_for(1, 0, 10), p.bound_for(1, 10, 990)), (Some(10), Some(1000)));
    assert_eq!(p.trips(1, 1000), Some(1000));
    assert_eq!(p.aborts.len(), 1);
    assert!(p.private.contains(&Slot { fam: Fam::S, n: 1 }) && p.live_out.is_empty());
    assert!(p.entry.contains(&Entry::Tag(0, 4)));
}

#[test]
fn an_addend_is_bounded_by_what_the_loop_does_not_write() {
    let body = format!("s.geti I9, S1\n s.geti I11, S2\n br.f I11, slow\n i.mod I9, I9, I11\n {ADD}");
    let before = format!("{INIT}\n i.const I13, #-5\n s.seti S2, I13");
    let p = plan(&counted(&before, &body, "ret.s S0"));
    let [Commit::Reduce { bound: Some(b), .. }] = &p.commits[..] else { panic!("{p:?}") };
    assert_eq!(*b, Bound { fixed: 0, regs: vec![2] });
    let five = |r| (r == 2).then_some(-5);
    assert!(b.rules_out_overflow(0, 1 << 60, five) && b.rules_out_overflow(i64::MIN + 6, 1, five));
    assert!(!b.rules_out_overflow(0, 1 << 61, five) && !b.rules_out_overflow(i64::MAX - 4, 1, five));
    assert!(!b.rules_out_overflow(0, 1, |_| None));
}

#[test]
fn an_unknown_start_value_needs_a_hint() {
    let body = format!("s.geti I9, S1\n {ADD}");
    let c = chunk(&counted("", &body, "ret.s S0"));
    assert!(verdicts(&c)[0].result.is_err());
    let v = analyse(&c, &|r| (r == 0).then_some(4)).remove(0);
    assert!(v.result.unwrap().entry.contains(&Entry::Tag(0, 4)));
}

#[test]
fn sum_used_otherwise_is_refused() {
    let body = format!(
        "s.geti I9, S1\n br.ntag S0, int, skip\n s.geti I11, S0\n br.i.lt I11, I9, skip\n nop\n skip: {ADD}"
    );
    refused("uses S0 from the iteration before", &counted(INIT, &body, "ret.s S0"));
    let body = format!("s.geti I9, S1\n list.push P5, S0\n {ADD}");
    refused("S0", &counted(&format!("{INIT}\n list.new P5"), &body, "ret.l P5"));
}

#[test]
fn ordered_append() {
    let p = plan(&counted("list.new P5", "list.push P5, S1", "ret.l P5"));
    assert_eq!(p.commits, [Commit::Append { list: 5 }]);
    refused("reads P5", &counted("list.new P5", "list.get S2, P5, I6\n list.push P5, S2", "ret.l P5"));
}

#[test]
fn array_slices() {
    let body = "s.geti I9, S1\n i.sub I9, I9, I8\n av.set P5, I9, S1";
    let p = plan(&counted("av.new P5", body, "ret.v"));
    assert!(matches!(&p.commits[..], [Commit::ArrayStore { array: 5, pcs }] if pcs.len() == 1));
    refused("key not affine", &counted("av.new P5", "i.mul I9, I6, I6\n av.set P5, I9, S1", "ret.v"));
}

#[test]
fn shared_writes_are_refused_by_name() {
    let text =
        refused("`hv.set` writes Hv[P4,S1] shared", &counted("hv.new P4", "hv.set P4, S1, S1", "ret.v"));
    assert_eq!(
        text,
        "t/x.pl:12 loop     SEQ   0006 `hv.set` writes Hv[P4,S1] shared, key not affine      (try: per-chunk hash + merge)"
    );
    refused(
        "in order",
        &counted("pad.get P4, #0\n", "io.write P4, S1", "ret.v").replace("pad.get P4, #0", "list.new P4"),
    );
    refused(
        "calls Perl code",
        &counted("", "glob.cv P3, y0, ic0\n list.new P4\n call.v P3, P4, ic1", "ret.v"),
    );
    refused("leaves the loop", &counted("", "s.geti I9, S1\n br.t I9, next\n ret.v", "ret.v"));
    refused("may run Perl", &counted("", "rt.local.sv y0", "ret.v"));
    refused("safe in parallel", &counted("", "rt.eval.enter", "ret.v"));
    refused("`rt.rand`", &counted("", "rt.rand S2, S1", "ret.v"));
}

#[test]
fn carried_values_are_refused() {
    refused("uses S2", &counted("", "rt.concat S2, S2, S1", "ret.s S2"));
    refused(
        "some iterations only",
        &counted("", "s.geti I9, S1\n br.t I9, next\n s.copy S2, S1", "ret.s S2"),
    );
    // Assigned in every iteration, or not read afterwards: private.
    let p = plan(&counted("", "s.copy S2, S1", "ret.s S2"));
    assert_eq!(p.live_out, [Slot { fam: Fam::S, n: 2 }]);
    plan(&counted("", "s.geti I9, S1\n br.t I9, next\n s.copy S2, S1", "ret.v"));
}

#[test]
fn package_variables_reduce_through_their_cell() {
    let body = "glob.sv P3, y0, ic0\n cell.load S2, P3\n br.ntag S2, int, slow\n s.geti I9, S1\n s.geti I10, S2
        i.addo I10, I10, I9, slow\n s.seti S2, I10\n cell.store P3, S2\n jmp next\n slow: cold #0\n jmp next\n";
    let p = plan(&counted("", body, "ret.v"));
    assert_eq!(p.commits, [Commit::Reduce { place: Place::Sym(0), op: ReduceOp::Add, bound: None }]);
    assert!(p.entry.contains(&Entry::SymInt(0)));
    let other = body.replace(
        "s.geti I9, S1",
        "glob.sv P4, y2, ic1\n cell.load S5, P4\n br.ntag S5, int, slow\n s.geti I9, S5",
    );
    let p = plan(&counted("", &other, "ret.v"));
    assert!(p.entry.contains(&Entry::DistinctScalars(Place::Sym(0), Place::Sym(2))));
    refused("writes a shared scalar", &counted("", "glob.sv P3, y0, ic0\n cell.store P3, S1", "ret.v"));
}

#[test]
fn map_over_a_list_with_the_topic() {
    let p = plan(
        "list.new P4\n list.new P5\n i.const I6, #0\n i.const I8, #1
         test: rt.list.rest I7, P4, #0\n br.i.le I7, I6, done\n rt.list.item S1, P4, I6\n rt.topic.set S1, y1
         glob.sv P3, y1, ic0\n cell.load S2, P3\n rt.lc S2, S2\n list.push P5, S2
         i.add I6, I6, I8\n loop #0\n jmp test\n done: ret.l P5",
    );
    assert_eq!((p.commits, p.private_syms), (vec![Commit::Append { list: 5 }], vec![1]));
    assert_eq!((p.test.go_on, p.test.limit), (While::Lt, Source::Len(4)));
    assert!(p.reads_aliases && p.entry.contains(&Entry::Distinct(5, 4)));
}

#[test]
fn warm_cold_blocks_belong_to_the_body() {
    let c = chunk(&counted(
        "list.new P5",
        "br.ntag S1, num, slow\n s.copy S2, S1\n push: list.push P5, S2\n jmp next\n slow: cold #3\n rt.mul S2, S1, S1\n jmp push",
        "ret.l P5",
    ));
    let run = |warm: &dyn Fn(u32) -> bool| {
        Analysis::new(&c).verdict(&c, 0, &Profile { tags: &|_| None, warm }).and_then(|v| v.result.ok())
    };
    assert!(run(&|_| false).is_none());
    let p = run(&|id| id == 3).expect("with the profile it is parallel");
    assert_eq!((p.warm.clone(), p.aborts.clone()), (vec![3], vec![]));
    assert_eq!(crate::verify::verify_plan(&c, &p), Ok(()));
}

#[test]
fn inner_loops_and_float_sums() {
    // for i { my $t = 0.0; for j { $t += x } $sum += $t } is a float sum over the outer loop.
    let p = plan(&counted(
        "n.const N9, #0.0\n n.const N10, #0.5",
        "n.const N11, #0.0\n i.const I12, #0
         inner: br.i.le I7, I12, end\n n.add N11, N11, N10\n i.add I12, I12, I8\n loop #1\n jmp inner\n end: n.add N9, N9, N11",
        "s.setn S0, N9\n ret.s S0",
    ));
    let slot = Slot { fam: Fam::N, n: 9 };
    assert!(
        matches!(&p.commits[..], [Commit::OrderedSum { slot: s, pcs }] if *s == slot && pcs.len() == 1),
        "{p:?}"
    );
}

#[test]
fn bit_reductions_and_while_loops() {
    let p = plan(
        "i.const I6, #100\n i.const I8, #-2\n i.const I9, #-1\n i.const I10, #0
         test: br.i.le I6, I10, done\n i.and I9, I9, I6\n i.add I6, I6, I8\n loop #0\n jmp test\n done: s.seti S0, I9\n ret.s S0",
    );
    assert!(matches!(p.commits[..], [Commit::Reduce { op: ReduceOp::And, .. }]));
    assert_eq!((p.test.go_on, p.trips(100, 0), p.trips(99, 0)), (While::Gt, Some(50), Some(50)));
}

#[test]
fn trip_counts() {
    let mut p = plan(&counted("", "", "ret.v"));
    assert_eq!((p.trips(5, 4), p.trips(5, 5)), (Some(0), Some(1)));
    assert_eq!(p.trips(i64::MIN, i64::MAX), None);
    p.test.go_on = While::Lt;
    assert_eq!((p.trips(0, 10), p.trips(10, 0)), (Some(10), Some(0)));
    p.test.go_on = While::Ne;
    assert_eq!((p.trips(0, 10), p.trips(10, 0)), (Some(10), None));
}

#[test]
fn admitted_entries_exist() {
    assert_eq!(deps::unknown_value_entries(), Vec::<&str>::new());
}

#[test]
fn anything_may_be_analysed() {
    let mut r = crate::asm::tests::Rng(4242);
    for _ in 0..2000 {
        let _ = verdicts(&r.chunk(0));
    }
    let base = chunk(&counted(INIT, &format!("s.geti I9, S1\n {ADD}"), "ret.s S0"));
    for _ in 0..5000 {
        let mut c = base.clone();
        for _ in 0..1 + r.below(5) {
            let (i, j) = (r.below(c.code.len() as u64) as usize, r.below(c.code.len() as u64) as usize);
            match r.below(3) {
                0 => c.code.swap(i, j),
                1 => c.code[i] = c.code[j],
                _ => c.code[i].a = r.below(18) as u16,
            }
        }
        let _ = verdicts(&c);
    }
}

/// `for my $v (1 .. 1000) { $sum += $v * $v % 7 }` with the built-in ops, as the emitter writes it.
fn from_ops() -> Chunk {
    use crate::builder::{Arg, tests::builder};
    let mut b = builder();
    b.set_line(3, u32::MAX);
    let (sum, v) = (b.var(b"$sum", Fam::S), b.var(b"$v", Fam::S));
    let (i, hi, one) = (b.var(b"", Fam::I), b.var(b"", Fam::I), b.var(b"", Fam::I));
    for (r, k) in [(i, 1), (hi, 1000), (one, 1)] {
        b.atom("i.const", &[r.into(), Arg::Imm(k)]).unwrap();
    }
    b.atom("s.const", &[sum.into(), Arg::Int(0)]).unwrap();
    let (test, done) = (b.label(), b.label());
    b.bind(test).unwrap();
    b.atom("br.i.lt", &[hi.into(), i.into(), done.into()]).unwrap();
    b.atom("s.seti", &[v.into(), i.into()]).unwrap();
    b.stmt(4, u32::MAX).unwrap();
    let t = b.temp(Fam::S);
    b.op("mul", &[t.into(), v.into(), v.into()]).unwrap();
    b.op("mod", &[t.into(), t.into(), Arg::Int(7)]).unwrap();
    b.op("add", &[sum.into(), sum.into(), t.into()]).unwrap();
    b.free(t);
    b.atom("i.addo", &[i.into(), i.into(), one.into(), done.into()]).unwrap();
    let id = b.loop_id();
    b.atom("loop", &[Arg::Imm(id as u64)]).unwrap();
    b.atom("jmp", &[test.into()]).unwrap();
    b.bind(done).unwrap();
    b.atom("ret.s", &[sum.into()]).unwrap();
    b.finish().unwrap()
}

#[test]
fn a_loop_made_of_ops() {
    let c = from_ops();
    assert_eq!(crate::verify::verify(&c), Ok(()));
    let crate::passes::Optimised { chunk: o, stats, .. } = crate::passes::optimise(&c);
    assert_eq!(crate::verify::verify(&o), Ok(()));
    for c in [&c, &o] {
        let v = verdicts(c).remove(0);
        assert!(report_line(c, &v, None).ends_with("commit: sum S0"), "{}", report_line(c, &v, None));
        let p = v.result.unwrap();
        let [Commit::Reduce { op: ReduceOp::Add, bound: Some(b), .. }] = &p.commits[..] else {
            panic!("{p:?}")
        };
        assert_eq!(*b, Bound::fixed(7));
    }
    // Guards of values that were just made, and unboxing them again, are gone.
    assert!(
        stats.atoms_after + 6 <= stats.atoms_before,
        "{}\n{}",
        crate::asm::dump(&c),
        crate::asm::dump(&o)
    );
}

#[test]
fn a_plan_that_leaves_something_out_is_refused() {
    let c = chunk(&counted("list.new P5", "list.push P5, S1", "ret.l P5"));
    let p = verdicts(&c).remove(0).result.expect("parallel");
    let fault = |p: &Plan| crate::verify::verify_plan(&c, p).expect_err("a broken plan passes");
    let f = fault(&Plan { commits: vec![], ..p.clone() });
    assert!(f.check == 12 && f.message.contains("leaves out"), "{f}");
    let f = fault(&Plan { loop_id: 7, ..p.clone() });
    assert!(f.check == 12 && f.message.contains("no such loop"), "{f}");
    // The same plan for a body that also writes to something shared.
    let shared = chunk(&counted("list.new P5", "list.push P5, S1\n rt.print.1 S2, P4, S1", "ret.l P5"));
    let f = crate::verify::verify_plan(&shared, &p).expect_err("a shared write");
    assert!(f.check == 12, "{f}");
}
