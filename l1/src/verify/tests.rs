use super::*;
use crate::asm::asm;
use crate::asm::tests::Rng;
use crate::isa::Flags;

const HEAD: &str =
    "chunk \"m\" sub \"f\":1 package \"p\" pad 0 slots 4+6 ics 2 loops 1 colds 1 attrs 0\n .line 1\n";

fn chunk(body: &str) -> Chunk {
    asm(&format!("{HEAD}{body}\nend\n")).unwrap()
}

/// The chunk is refused, and `check` is the first complaint.
fn refused(check: u8, part: &str, body: &str) {
    refused_chunk(check, part, &chunk(body));
}

fn refused_chunk(check: u8, part: &str, c: &Chunk) {
    let faults = verify(c).expect_err("a broken chunk passes");
    let f = &faults[0];
    assert!(f.check == check && f.message.contains(part), "{f}, not V{check:02} …{part}…");
}

const GOOD: &str = "const k0 = \"x\"\n const k1 = table [a, b]\n sym y0 = \"main::x\"\n capture \"@x\" outer 0\n
 handler h0 = eval mark I4 -> b\n region r..a h0\n .line 1\n
 dyn.mark I4\n r: pad.get P0, #0\n br.kind P0, av, slow\n i.const I5, #0\n br.oob P0, I5, slow\n av.getq S1, P0, I5\n
 stmt #1\n a: switch I5, k1\n b: ret.v\n slow: cold #0\n s.const S1, k0\n jmp b";

#[test]
fn a_sound_chunk_passes() {
    assert_eq!(verify(&chunk(GOOD)), Ok(()));
    assert_eq!(verify_all(&chunk(GOOD)), Ok(()));
}

#[test]
fn v01_operands() {
    refused(1, "opcode 60000", "raw 60000 0 0 0 0\n ret.v");
    refused(1, "entry", &format!("raw {} 0 0 0 0xffffff\n ret.v", crate::isa::op::RT));
    refused(1, "slot 0 is used as", "s.undef S0\n list.new P0\n ret.v");
    refused(1, "constant 3", "s.const S0, k3\n ret.v");
    refused(1, "wrong sort", "const k0 = \"a\"\n i.const I5, #0\n switch I5, k0\n ret.v");
    refused(1, "symbol 0", "glob.av P1, y0, ic0\n ret.v");
    refused(1, "inline cache 9", "sym y0 = \"a\"\n glob.av P1, y0, ic9\n ret.v");
    refused(1, "loop counter 1", ".line 1\n loop #1\n ret.v");
    refused(1, "cold counter 7", "cold #7\n ret.v");
    refused(1, "set of tags", "br.tag S0, #0x40, a\n a: ret.v");
    refused(1, "kind of object", "list.new P1\n br.kind P1, #77, a\n a: ret.v");
    refused(1, "capture", "pad.get P1, #0\n ret.v");
}

#[test]
fn v02_slots() {
    refused(2, "I10", "i.const I10, #0\n ret.v");
    refused(2, "I3", "i.const I3, #0\n ret.v");
    refused(2, "S4", "s.undef S4\n ret.v");
    refused(2, "$x", "var S7 \"$x\"\n ret.v");
    refused(2, "aliased", "aliased 9\n ret.v");
}

#[test]
fn v03_labels() {
    refused(3, "jumps to 77", "jmp @77");
    refused(3, "falls out", "s.undef S0");
    refused(3, "no code", "");
    refused(3, "jump table", "const k0 = table [@50]\n ret.v");
}

#[test]
fn v04_regions() {
    let two = "handler h0 = eval mark I4 -> a\n handler h1 = eval in h0 mark I4 -> a\n";
    let code = " a: nop\n b: nop\n c: nop\n d: ret.v";
    refused(4, "overlap", &format!("{two} region a..c h0\n region b..d h1\n{code}"));
    refused(4, "directly inside", &format!("{two} region a..b h1\n{code}"));
    refused(4, "malformed", &format!("{two} region b..a h0\n{code}"));
    refused(4, "malformed", &format!("{two} region a..b h5\n{code}"));
    refused(4, "no I register", &format!("handler h0 = eval mark I0 -> a\n region a..b h0\n{code}"));
    refused(4, "after its parent", &format!("handler h0 = eval in h0 mark I4 -> a\n region a..b h0\n{code}"));
    refused(4, "continues at 99", &format!("handler h0 = eval mark I4 -> @99\n region a..b h0\n{code}"));
}

#[test]
fn v05_unassigned() {
    refused(5, "I4", "i.copy I5, I4\n ret.v");
    refused(5, "I5", "i.const I4, #1\n br.t I4, a\n i.const I5, #1\n a: i.copy I6, I5\n ret.v");
    // In a handler nothing that the region assigned can be relied on.
    refused(
        5,
        "I6",
        "handler h0 = eval mark I4 -> b\n region a..b h0\n dyn.mark I4\n a: i.const I6, #1\n stmt #1\n b: i.copy I7, I6\n ret.v",
    );
}

#[test]
fn v06_taken() {
    refused(6, "S0", "s.move S1, S0\n s.copy S2, S0\n ret.v");
    refused(6, "P0", "list.new P0\n list.new P1\n list.cat P1, P0\n list.push P0, S2\n ret.v");
    refused(6, "S0", ".line 1\n a: loop #0\n s.copy S2, S0\n s.move S1, S0\n jmp a");
    // Taken behind the last atom that may raise, and given back: a handler never sees it gone.
    let region =
        "handler h0 = eval mark I4 -> b\n region a..b h0\n dyn.mark I4\n a: stmt #1\n s.move S1, S0\n";
    assert_eq!(verify(&chunk(&format!("{region} s.move S0, S1\n b: s.copy S2, S0\n ret.v"))), Ok(()));
    refused(6, "S0", &format!("{region} stmt #1\n s.move S0, S1\n b: s.copy S2, S0\n ret.v"));
    assert_eq!(verify(&chunk("s.move S1, S0\n s.drop S0\n s.undef S0\n s.copy S1, S0\n ret.v")), Ok(()));
    // A handler sees what its region took, but not what a return took out of the frame.
    let handled = |take: &str| {
        chunk(&format!(
            "handler h0 = eval mark I4 -> b\n region a..b h0\n dyn.mark I4\n .line 1\n a: stmt #1\n {take}\n b: s.copy S2, S0\n ret.v"
        ))
    };
    assert!(verify(&handled("s.move S1, S0")).is_err());
    assert_eq!(verify(&handled("ret.s S0")), Ok(()));
}

#[test]
fn v07_requirements() {
    refused(7, "tag(S0) in int|uint|bool", "s.geti I4, S0\n ret.v");
    refused(7, "I5!=0", "i.const I4, #1\n i.const I5, #0\n i.mod I4, I4, I5\n ret.v");
    refused(7, "P0!=null", "sym y0 = \"f\"\n glob.cv P0, y0, ic0\n br.kind P0, av, a\n a: ret.v");
    refused(7, "inb(P0,I4)", "av.new P0\n i.const I4, #0\n av.getq S1, P0, I4\n ret.v");
    let guarded = "list.new P0\n i.const I4, #0\n br.kind P0, av, x\n br.oob P0, I4, x\n";
    assert_eq!(verify(&chunk(&format!("{guarded} av.getq S1, P0, I4\n x: ret.v"))), Ok(()));
    refused(7, "inb", &format!("{guarded} av.push P0, S2\n av.getq S1, P0, I4\n x: ret.v"));
    refused(7, "inb", &format!("{guarded} i.const I4, #1\n av.getq S1, P0, I4\n x: ret.v"));
    // One of two paths is not guarded.
    refused(7, "tag(S0)", "i.const I4, #1\n br.t I4, a\n br.ntag S0, int, b\n a: s.geti I5, S0\n b: ret.v");
}

#[test]
fn v08_lines() {
    let mut c = chunk("stmt #1\n ret.v");
    c.lines.clear();
    refused_chunk(8, "no line", &c);
    refused(8, "no cop", ".line 1 c0\n ret.v");
    let mut c = chunk("stmt #1\n .line 2\n ret.v");
    c.lines.push(LineEntry { pc: 0, line: 9, cop: u32::MAX });
    refused_chunk(8, "not sorted", &c);
}

#[test]
fn v09_lists() {
    let call = ".line 1\n sym y0 = \"f\"\n glob.cv P1, y0, ic0\n list.new P0\n call.v P1, P0, ic1\n";
    refused(9, "P0", &format!("{call} list.push P0, S2\n ret.v"));
    refused(9, "P0", &format!("{call} call.v P1, P0, ic1\n ret.v"));
    assert_eq!(verify(&chunk(&format!("{call} list.new P0\n call.v P1, P0, ic1\n ret.v"))), Ok(()));
}

#[test]
fn v11_summaries() {
    let c = chunk("sym y0 = \"f\"\n glob.av P0, y0, ic0\n av.new P1\n i.const I4, #0\n ret.v");
    let e = summary(&c);
    assert_eq!(verify_summary(&c, &e), Ok(()));
    let f = verify_summary(&c, &Effect { reads: 0, ..e }).unwrap_err();
    assert!(f.check == 11 && f.message.contains("reads Glob"), "{f}");
    let f = verify_summary(&c, &Effect { flags: Flags(0), ..e }).unwrap_err();
    assert!(f.message.contains("alloc"), "{f}");
}

#[test]
fn nested_chunks_are_checked() {
    let inner = format!("{HEAD} i.copy I5, I4\n ret.v\n end\n");
    let c = chunk(&format!("const k0 = {inner}\n ret.v"));
    assert_eq!(verify(&c), Ok(()));
    assert!(verify_all(&c).unwrap_err().contains("V05"));
}

#[test]
fn anything_may_be_thrown_at_the_verifier() {
    let mut r = Rng(77);
    for _ in 0..3000 {
        let _ = verify(&r.chunk(1));
    }
    // Sound tables around random code reach the dataflow more often.
    let base = chunk(GOOD);
    for _ in 0..20_000 {
        let mut c = base.clone();
        for _ in 0..1 + r.below(4) {
            let i = r.below(c.code.len() as u64) as usize;
            match r.below(3) {
                0 => c.code.swap(i, 0),
                1 => {
                    c.code.remove(i);
                }
                _ => c.code[i].a = r.below(10) as u16,
            }
            if c.code.is_empty() {
                break;
            }
        }
        let _ = verify(&c);
    }
}

#[test]
fn long_code_is_checked_in_linear_time() {
    let mut b = crate::builder::tests::builder();
    let regs: Vec<_> = (0..500).map(|_| b.var(b"$x", Fam::S)).collect();
    let i = b.temp(Fam::I);
    b.atom("i.const", &[i.into(), 1.into()]).unwrap();
    for n in 0..20_000 {
        let (slow, r) = (b.cold_label(), regs[n % 500]);
        b.atom("br.ntag", &[r.into(), crate::builder::Arg::Mask(4), slow.into()]).unwrap();
        b.atom("s.geti", &[i.into(), r.into()]).unwrap();
        b.bind_cold(slow).unwrap();
        b.atom("s.seti", &[r.into(), i.into()]).unwrap();
        b.end_cold().unwrap();
    }
    b.atom("ret.v", &[]).unwrap();
    let c = b.finish().unwrap();
    let t = std::time::Instant::now();
    assert_eq!(verify(&c), Ok(()));
    assert!(t.elapsed().as_secs() < 5, "{:?} for {} atoms", t.elapsed(), c.code.len());
}
