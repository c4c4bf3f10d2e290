//! Loading macro files at run time: parse, resolve, check, register; and the texts of `--l1-check` and `--l1-doc`.
use crate::check;
use crate::diag::Diagnostic;
use crate::expand::head_text;
use crate::load;
use crate::ops::*;
use crate::parse;
use crate::resolve::leak;
use crate::schema::*;
use std::fmt::Write;

/// The ops of `text` on top of `base`, or everything that is wrong with them in file order.
pub fn load_user_file(text: &str, path: &str, base: &MacroSet) -> Result<MacroSet, Vec<Diagnostic>> {
    let items = parse::file(text).map_err(|d| vec![d])?;
    let src = load::Source { path: leak(path), text };
    let (defs, mut diags) = load::ops_of(&items, src, base);
    let defs: Vec<&'static OpDef> = defs.into_iter().map(|d| &*Box::leak(Box::new(d))).collect();
    let mut all = base.clone();
    for d in &defs {
        all.add(d);
    }
    diags.extend(check::check_names(base, &distinct(&defs)));
    let good = checked(&all, &defs, &mut diags);
    if diags.is_empty() {
        let mut set = base.clone();
        for d in good {
            set.add(d);
        }
        return Ok(set);
    }
    diags.sort_by_key(|d| d.span);
    for d in &mut diags {
        d.resolve_lines(text);
    }
    Err(diags)
}

/// The ops without the second variant of `PMC` ones.
fn distinct(defs: &[&'static OpDef]) -> Vec<&'static OpDef> {
    let mut v: Vec<&'static OpDef> = Vec::new();
    for d in defs {
        if v.last().is_none_or(|l| l.span != d.span) {
            v.push(d);
        }
    }
    v
}

/// Checks all; of the variants of one `PMC` op those that pass are kept, and one has to.
pub(crate) fn checked(
    set: &MacroSet,
    defs: &[&'static OpDef],
    diags: &mut Vec<Diagnostic>,
) -> Vec<&'static OpDef> {
    let mut good = Vec::new();
    let mut i = 0;
    while i < defs.len() {
        let n = defs[i..].iter().take_while(|d| d.span == defs[i].span && d.name == defs[i].name).count();
        let found: Vec<_> = defs[i..i + n].iter().map(|d| check::check_op(set, d)).collect();
        if n > 1 && found.iter().any(Vec::is_empty) {
            good.extend(defs[i..i + n].iter().zip(&found).filter(|f| f.1.is_empty()).map(|f| *f.0));
        } else {
            good.extend(&defs[i..i + n]);
            diags.extend(found.into_iter().next().unwrap_or_default());
        }
        i += n;
    }
    good
}

/// All diagnostics as the user sees them.
pub fn render(path: &str, text: &str, diags: &[Diagnostic]) -> String {
    let mut o = String::new();
    for d in diags {
        o += &d.render(path, text);
        o.push('\n');
    }
    let n = diags.len();
    let _ = writeln!(o, "{n} error{} in {path}", if n == 1 { "" } else { "s" });
    o
}

/// `--l1-check`: the report, and whether the file is good.
pub fn check_report(text: &str, path: &str, base: &MacroSet) -> (String, bool) {
    match load_user_file(text, path, base) {
        Err(d) => (render(path, text, &d), false),
        Ok(set) => {
            let mut o = String::new();
            let mut ops: Vec<_> = set.user_ops().filter(|o| o.file == path).collect();
            ops.sort_by_key(|o| (o.line, o.name));
            for op in &ops {
                let _ = writeln!(o, "{path}:{}: {}", op.line, op.signature());
                if let Some(v) = op.perl_view() {
                    let _ = writeln!(o, "    in Perl: {}", perl_call(op.name, &v));
                }
            }
            let _ = writeln!(o, "{} op{}, no errors", ops.len(), if ops.len() == 1 { "" } else { "s" });
            (o, true)
        }
    }
}

/// `$ret = clamp($, $, $)`: how Perl code calls an op.
fn perl_call(name: &str, v: &PerlView) -> String {
    let args: Vec<String> = (0..v.params.len())
        .map(|i| {
            let place = if v.params[i].1 == Fam::P { "\\[@%]" } else { "$" };
            format!("{place}{}", if v.writes(i) { " (changed)" } else { "" })
        })
        .collect();
    let ret = if v.ret.is_some() { "$ret = " } else { "" };
    format!("{ret}{name}({})", args.join(", "))
}

/// `--l1-doc NAME`: everything known under a name: op variants, atom, runtime entry.
pub fn doc(set: &MacroSet, name: &str) -> Option<String> {
    let mut o = String::new();
    for op in set.variants(name) {
        let kind = if op.perl.is_some() { "perl sub" } else { "op" };
        let _ = writeln!(o, "{kind} {}", op.signature());
        for l in op.doc.lines() {
            let _ = writeln!(o, "    {l}");
        }
        if let Some(v) =
            set.user_variants(name).iter().find(|u| std::ptr::eq(**u, op)).and_then(|u| u.perl_view())
        {
            let _ = writeln!(o, "    in Perl: {}", perl_call(op.name, &v));
        }
        let _ = writeln!(o, "    defined in {}:{}\n", op.file, op.line);
    }
    if let Some(i) = set.isa.atom(name) {
        ins_doc(set.isa, "atom", &set.isa.atoms[i as usize], &mut o);
    }
    if let Some(i) = set.isa.rt(name.strip_prefix("rt.").unwrap_or(name)) {
        ins_doc(set.isa, "rt", &set.isa.rts[i as usize], &mut o);
    }
    if o.is_empty() {
        for i in crate::select::short_atoms(set.isa, name) {
            ins_doc(set.isa, "atom", &set.isa.atoms[i as usize], &mut o);
        }
    }
    (!o.is_empty()).then_some(o)
}

fn ins_doc(isa: &Isa, kind: &str, info: &InsInfo, o: &mut String) {
    let _ = writeln!(o, "{kind} {}", head_text(info));
    for l in info.doc.lines() {
        let _ = writeln!(o, "    {l}");
    }
    for c in clauses(isa, info) {
        let _ = writeln!(o, "    {c}");
    }
    let body = match info.body {
        Body::Rust(p) => format!("one Rust function, rt::{p}"),
        Body::Intrinsic => "control intrinsic".into(),
        _ => "pure, defined by prims".into(),
    };
    let _ = writeln!(o, "    {body}\n");
}

/// The clauses of a head as text: `requires …`, `proves …`, `reads …`, `writes …`, flags.
pub fn clauses(isa: &Isa, info: &InsInfo) -> Vec<String> {
    let facts = |v: &[Fact]| v.iter().map(|f| fact_text(info, f)).collect::<Vec<_>>().join(", ");
    let locs = |v: &[Loc]| v.iter().map(|l| loc_text(isa, info, l)).collect::<Vec<_>>().join(", ");
    let mut v = Vec::new();
    for (word, text) in [
        ("requires", facts(info.requires)),
        ("proves", facts(info.proves)),
        ("reads", locs(info.reads)),
        ("writes", locs(info.writes)),
        ("flags", info.flags.names().collect::<Vec<_>>().join(" ")),
    ] {
        if !text.is_empty() {
            v.push(format!("{word} {text}"));
        }
    }
    v
}

fn opd(info: &InsInfo, i: u8) -> String {
    let n = info.operands.get(i as usize).map_or("?", |o| o.name);
    if n.starts_with(|c: char| c.is_ascii_digit()) { format!("${n}") } else { n.to_string() }
}

/// A fact of a head in the notation of atoms.l1.
pub fn fact_text(info: &InsInfo, f: &Fact) -> String {
    let o = |i: &u8| opd(info, *i);
    let k = |k: &KindRef| match k {
        KindRef::Lit(k) => kind_name(*k).unwrap_or("?").to_string(),
        KindRef::Opd(i) => o(i),
        KindRef::SameAs(i) => format!("kind({})", o(i)),
        KindRef::OfConst(i) => format!("kindof({})", o(i)),
    };
    match f {
        Fact::Tag(a, MaskRef::Lit(m)) => format!("tag({}) in {}", o(a), mask_text(*m)),
        Fact::Tag(a, MaskRef::Opd(i)) => format!("tag({}) in {}", o(a), o(i)),
        Fact::Tag(a, MaskRef::NotOpd(i)) => format!("tag({}) not in {}", o(a), o(i)),
        Fact::Tag(a, MaskRef::SameAs(i)) => format!("tag({})=tag({})", o(a), o(i)),
        Fact::Tag(a, MaskRef::OfConst(i)) => format!("tag({})=tagof({})", o(a), o(i)),
        Fact::Kind(a, x) => format!("kind({})={}", o(a), k(x)),
        Fact::Plain(a, x) => format!("plain({}, {})", o(a), k(x)),
        Fact::Inb(a, b) => format!("inb({}, {})", o(a), o(b)),
        Fact::NonNull(a) => format!("{} != null", o(a)),
        Fact::NonZero(a) => format!("{} != 0", o(a)),
        Fact::Zero(a) => format!("{} = 0", o(a)),
        Fact::Same(a, b) => format!("{} = {}", o(a), o(b)),
        Fact::Class(a, b) => format!("class({}, {})", o(a), o(b)),
        Fact::Code(a, b) => format!("code({}, {})", o(a), o(b)),
        Fact::Fresh(a) => format!("fresh({})", o(a)),
        Fact::Borrowed(a) => format!("borrowed({})", o(a)),
    }
}

/// A location of a head: `Av[a,i]`.
pub fn loc_text(isa: &Isa, info: &InsInfo, l: &Loc) -> String {
    let heap = isa.heaps.get(l.heap as usize).map_or("?", |h| h.0);
    let place = |p: &Place| match p {
        Place::Any => "*".to_string(),
        Place::End => "end".into(),
        Place::Opd(i) => opd(info, *i),
    };
    match (l.base, l.index) {
        (Place::Any, Place::Any) => heap.into(),
        (b, Place::Any) if heap != "Av" && heap != "Hv" => format!("{heap}({})", place(&b)),
        (b, i) => format!("{heap}[{},{}]", place(&b), place(&i)),
    }
}
