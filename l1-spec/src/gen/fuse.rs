//! Fused runs: which ones there are, and the arms that execute them.
use super::dispatch::{Env, Ty, slot_text};
use crate::check::operands;
use crate::expand::{Encoded, expand_op};
use crate::fuse::{NO_CLASS, Pattern};
use crate::ops::*;
use crate::record::{Event, Recorder};
use crate::resolve::{Spec, leak_slice};
use crate::schema::*;
use std::collections::HashMap;
use std::fmt::Write;

/// Shortest run worth an arm.
const MIN: usize = 3;
/// Longest run.
const MAX: usize = 12;

/// The runs of pure atoms in the built-in ops, sorted for [`crate::fuse::find`].
pub fn patterns(spec: &Spec, set: &MacroSet) -> Vec<Pattern> {
    let mut all: Vec<Pattern> = Vec::new();
    for op in set.builtin {
        let plain = op
            .params
            .iter()
            .all(|p| !matches!(p.kind, ParamKind::Reg(_, PFam::Any) | ParamKind::Each(_) | ParamKind::Ctx));
        if !plain {
            continue;
        }
        let mut rec = Recorder::new(op.params.len() as u32, crate::check::LOCAL_LABELS);
        if expand_op(set, &mut rec, op, &operands(op, 0, Fam::S, 0)).is_err() {
            continue;
        }
        for section in &rec.sections {
            let mut run: Vec<&Encoded> = Vec::new();
            for e in section {
                match e {
                    Event::Ins(l) if fusible(spec, &l.ins) => {
                        run.push(&l.ins);
                        if spec.atoms[l.ins.op as usize].ends_block() {
                            all.extend(pattern(spec, &std::mem::take(&mut run)));
                        }
                    }
                    Event::Ins(l) if jumps(spec, &l.ins) => {
                        // The builder leaves out a jump to what follows, so the run is known without it as well.
                        all.extend(pattern(spec, &run));
                        run.push(&l.ins);
                        all.extend(pattern(spec, &std::mem::take(&mut run)));
                    }
                    _ => all.extend(pattern(spec, &std::mem::take(&mut run))),
                }
            }
            all.extend(pattern(spec, &run));
        }
    }
    all.sort_by_key(|p| (p.ops[0], std::cmp::Reverse(p.ops.len()), p.ops, p.classes, p.masks));
    all.dedup();
    all
}

fn fusible(spec: &Spec, e: &Encoded) -> bool {
    let info = &spec.atoms[e.op as usize];
    matches!(e.target, Target::Atom(_))
        && info.body.is_pure()
        && !matches!(info.body, Body::Skip | Body::Goto)
}

/// May end a run.
fn jumps(spec: &Spec, e: &Encoded) -> bool {
    matches!(e.target, Target::Atom(_)) && matches!(spec.atoms[e.op as usize].body, Body::Goto)
}

fn pattern(spec: &Spec, run: &[&Encoded]) -> Option<Pattern> {
    if !(MIN..=MAX).contains(&run.len()) {
        return None;
    }
    let mut numbers: Vec<(Fam, u32)> = Vec::new();
    let mut written = Vec::new();
    let (mut classes, mut masks) = (Vec::new(), Vec::new());
    for (k, e) in run.iter().enumerate() {
        let mut row = [NO_CLASS; 3];
        for (c, r) in row.iter_mut().zip(e.regs) {
            if let Some(r) = r {
                let n = numbers.iter().position(|x| *x == r).unwrap_or_else(|| {
                    numbers.push(r);
                    numbers.len() - 1
                });
                *c = n as u8;
            }
        }
        for o in spec.atoms[e.op as usize].operands {
            match (o.kind, o.slot) {
                (OpdKind::Reg(Mode::Out, Fam::I | Fam::N), s) => written.push(row[index(s)]),
                (OpdKind::Mask, Slot::Hi) => masks.push((k as u8, (e.imm >> 32) as u16)),
                _ => {}
            }
        }
        classes.push(row);
    }
    if numbers.len() > 32 {
        return None;
    }
    let low = |c: u8| matches!(numbers[c as usize].0, Fam::I | Fam::N);
    let mut distinct = Vec::new();
    for a in 0..numbers.len() as u8 {
        for b in 0..a {
            if low(a) && low(b) && (written.contains(&a) || written.contains(&b)) {
                distinct.push((b, a));
            }
        }
    }
    Some(Pattern {
        ops: leak_slice(run.iter().map(|e| e.op).collect()),
        classes: leak_slice(classes),
        distinct: leak_slice(distinct),
        masks: leak_slice(masks),
    })
}

fn index(s: Slot) -> usize {
    match s {
        Slot::A => 0,
        Slot::B => 1,
        _ => 2,
    }
}

/// The table `FUSED`; pattern `i` has opcode `FUSED_BASE + i`.
pub fn table(spec: &Spec, patterns: &[Pattern]) -> String {
    let mut o = format!(
        "/// Opcode of the first fused run.\npub const FUSED_BASE: u16 = {};\n\n\
         /// Fused runs, by opcode from `FUSED_BASE` on.\npub static FUSED: &[l1_spec::fuse::Pattern] = &[\n",
        spec.atoms.len()
    );
    for p in patterns {
        let _ = writeln!(
            o,
            "    l1_spec::fuse::Pattern {{ ops: &{:?}, classes: &{:?}, distinct: &{:?}, masks: &{:?} }},",
            p.ops, p.classes, p.distinct, p.masks
        );
    }
    o + "];\n"
}

/// The arms of the fused runs for `l1_dispatch!`.
pub(super) fn arms(spec: &Spec, patterns: &[Pattern]) -> Result<String, String> {
    let mut o = String::new();
    for (i, p) in patterns.iter().enumerate() {
        let n = p.ops.len();
        let names: Vec<_> = p.ops.iter().map(|op| spec.atoms[*op as usize].name).collect();
        let body = arm(spec, p).map_err(|e| format!("fused {}: {e}", names.join(" ")))?;
        let gone = p.ops.last().is_some_and(|op| matches!(spec.atoms[*op as usize].body, Body::Goto));
        let next = if gone { String::new() } else { format!("$pc = p.add({n});") };
        let _ = writeln!(
            o,
            "            // {}\n            {} => {{ let p = $pc.sub(1); 'run: {{ {body} {next} }} }}",
            names.join(" · "),
            spec.atoms.len() + i
        );
    }
    Ok(o)
}

fn arm(spec: &Spec, p: &Pattern) -> Result<String, String> {
    // Where each class first occurs, and its value if this run has computed it.
    let mut first: HashMap<u8, String> = HashMap::new();
    let mut known: HashMap<u8, String> = HashMap::new();
    let mut o = String::new();
    for (k, op) in p.ops.iter().enumerate() {
        let info = &spec.atoms[*op as usize];
        let at = format!("(*p.add({k}))");
        for (c, f) in p.classes[k].iter().zip(["a", "b", "c"]) {
            if *c != NO_CLASS {
                first.entry(*c).or_insert_with(|| format!("{at}.{f}"));
            }
        }
        let class = |o: &Operand| p.classes[k][index(o.slot)];
        let mask = p.masks.iter().find(|m| m.0 as usize == k).map(|m| m.1);
        let place = |_: u8, o: &Operand, want: Option<Fam>| match o.kind {
            OpdKind::Reg(_, f) => {
                let c = class(o);
                let reg = format!("$fp.add({} as usize)", first[&c]);
                match (f, known.get(&c)) {
                    (Fam::N, Some(v)) => (v.clone(), Ty::N),
                    (Fam::I, Some(v)) => (v.clone(), Ty::I),
                    (Fam::N, None) => (format!("f64::from_bits((*{reg}).bits)"), Ty::N),
                    (Fam::S, _) => (format!("(&*{reg})"), Ty::S),
                    _ => (format!("(*{reg}).bits as i64"), Ty::I),
                }
            }
            OpdKind::Mask if mask.is_some() => (format!("{}i64", mask.unwrap_or(0)), Ty::I),
            OpdKind::Imm if want == Some(Fam::N) => (format!("f64::from_bits({at}.imm)"), Ty::N),
            _ => (format!("({}) as i64", slot_text(o.slot, &at)), Ty::I),
        };
        let env = Env { spec, atom: info, dollar: "$", place: Some(&place) };
        let jump =
            info.label().map(|l| format!("{{ $pc = $base.add({}); break 'run; }}", slot_text(l.slot, &at)));
        let jump = || jump.clone().ok_or("no label");
        let out = info.operands.iter().find(|o| matches!(o.kind, OpdKind::Reg(Mode::Out, _)));
        let mut computed = None;
        let mut store = |o: &mut String, text: &str, ty: Ty| -> Result<(), String> {
            let d = out.ok_or("no `out` operand")?;
            let reg = &first[&class(d)];
            let v = format!("v{k}");
            let _ = match (d.reg().map(|r| r.1), ty) {
                (Some(Fam::S), Ty::S) => write!(o, "$crate::operand::put($fp, {reg}, {text}); "),
                (Some(Fam::N), Ty::N) => {
                    write!(o, "let {v} = {text}; (*$fp.add({reg} as usize)).bits = f64::to_bits({v}); ")
                }
                (Some(Fam::I), Ty::I | Ty::B) => {
                    write!(o, "let {v} = ({text}) as i64; (*$fp.add({reg} as usize)).bits = {v} as u64; ")
                }
                (f, t) => return Err(format!("a {t:?} cannot be stored into {f:?}")),
            };
            if ty != Ty::S {
                computed = Some((class(d), v));
            }
            Ok(())
        };
        match &info.body {
            Body::If(e) => {
                let _ = write!(o, "if {} {} ", env.expr(e, None)?.0, jump()?);
            }
            Body::Try(e) => {
                let (t, ty) = env.expr(e, None)?;
                let _ = write!(o, "let (w{k}, o{k}) = {t}; if o{k} {} ", jump()?);
                store(&mut o, &format!("w{k}"), ty)?;
            }
            Body::Value(e) => {
                let (t, ty) = env.expr(e, out.and_then(|o| o.reg()).map(|r| r.1))?;
                store(&mut o, &t, ty)?;
            }
            Body::Goto => {
                let target = info.label().map(|l| slot_text(l.slot, &at)).ok_or("no label")?;
                let _ = write!(o, "$pc = $base.add({target});");
            }
            _ => return Err("not fusible".into()),
        }
        if let Some((c, v)) = computed {
            known.insert(c, v);
        }
    }
    Ok(o)
}
