//! List::Util: reductions, searches, pair functions, uniq, shuffle, zip and mesh.

use crate::args::*;
use keshi_text::num::Num;
use keshi_value::{Array, Ptr, Scalar, Val};
use keshi_vm::rt::{arith, compare, math};
use keshi_vm::warn::cat;
use keshi_vm::{R, Ret, Vm, Want};
use std::cmp::Ordering;
use std::collections::HashSet;

pub const SUBS: &[Def] = &[
    ("max", max, Some("@")),
    ("min", min, Some("@")),
    ("maxstr", maxstr, Some("@")),
    ("minstr", minstr, Some("@")),
    ("sum", sum, Some("@")),
    ("sum0", sum0, Some("@")),
    ("product", product, Some("@")),
    ("reduce", reduce, Some("&@")),
    ("reductions", reductions, Some("&@")),
    ("first", first, Some("&@")),
    ("any", any, Some("&@")),
    ("all", all, Some("&@")),
    ("none", none, Some("&@")),
    ("notall", notall, Some("&@")),
    ("head", head, Some("$@")),
    ("tail", tail, Some("$@")),
    ("pairs", pairs, Some("@")),
    ("unpairs", unpairs, Some("@")),
    ("pairkeys", pairkeys, Some("@")),
    ("pairvalues", pairvalues, Some("@")),
    ("pairfirst", pairfirst, Some("&@")),
    ("pairgrep", pairgrep, Some("&@")),
    ("pairmap", pairmap, Some("&@")),
    ("shuffle", shuffle, Some("@")),
    ("sample", sample, Some("$@")),
    ("uniq", uniq, Some("@")),
    ("uniqint", uniqint, Some("@")),
    ("uniqnum", uniqnum, Some("@")),
    ("uniqstr", uniqstr, Some("@")),
    ("zip", zip, None),
    ("zip_longest", zip, None),
    ("zip_shortest", zip_shortest, None),
    ("mesh", mesh, None),
    ("mesh_longest", mesh, None),
    ("mesh_shortest", mesh_shortest, None),
];

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "List::Util", SUBS);
    // One shared object provides both packages.
    define(vm, "Scalar::Util", crate::scalar_util::SUBS);
    // What has become part of the language is the same sub there: Scalar/Util.pm assigns it again.
    for name in ["blessed", "refaddr", "reftype", "weaken", "unweaken", "is_weak"] {
        let code = vm.gv_str(&format!("builtin::{name}")).cv.get().clone();
        let here = if name == "is_weak" { "isweak" } else { name };
        vm.gv_str(&format!("Scalar::Util::{here}")).cv.set(code);
    }
    define(vm, "Sub::Util", crate::sub_util::SUBS);
    let g = vm.gv_str("List::Util::REAL_MULTICALL");
    g.scalar().set(Val::int(1));
    Ok(())
}

/// The extreme of the arguments under `cmp`; the element itself is returned. NaN wins.
fn extreme(vm: &mut Vm, a: &Args, less: fn(&mut Vm, &Val, &Val) -> R<Val>, numeric: bool) -> R<Ret> {
    if a.is_empty() {
        return undef();
    }
    let mut best = arg(vm, a, 0)?;
    for i in 1..a.len() {
        if numeric && !best.is_ref() && vm.to_nv(&best)?.is_nan() {
            break;
        }
        let v = arg(vm, a, i)?;
        let nan = numeric && !v.is_ref() && vm.to_nv(&v)?.is_nan();
        let r = less(vm, &v, &best)?;
        if nan || vm.truth(&r)? {
            best = v;
        }
    }
    ok(best)
}

fn max(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    extreme(vm, a, compare::gt, true)
}
fn min(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    extreme(vm, a, compare::lt, true)
}
fn maxstr(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    extreme(vm, a, compare::sgt, false)
}
fn minstr(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    extreme(vm, a, compare::slt, false)
}

/// Folds with an arithmetic operator; a single plain value is made a number.
fn fold(vm: &mut Vm, a: &Args, op: fn(&mut Vm, &Val, &Val) -> R<Val>) -> R<Ret> {
    let mut acc = arg(vm, a, 0)?;
    if !acc.is_ref() || vm.overloaded(&acc)?.is_none() {
        acc = vm.to_num_val(&acc)?;
    }
    for i in 1..a.len() {
        let v = arg(vm, a, i)?;
        acc = op(vm, &acc, &v)?;
    }
    ok(acc)
}

fn sum(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    if a.is_empty() { undef() } else { fold(vm, a, arith::add) }
}
fn sum0(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    if a.is_empty() { int(0) } else { fold(vm, a, arith::add) }
}
fn product(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    if a.is_empty() { int(1) } else { fold(vm, a, arith::mul) }
}

/// Calls `step` for every intermediate result of a reduction with `$a` and `$b`.
fn reducing(vm: &mut Vm, a: &Args, mut step: impl FnMut(&Val)) -> R<Val> {
    let block = code(vm, a, 0)?;
    if a.len() < 2 {
        return Ok(Val::undef());
    }
    let (ga, gb) = (caller_glob(vm, "a"), caller_glob(vm, "b"));
    let mut acc = arg(vm, a, 1)?;
    step(&acc);
    with_scalars(vm, &[ga.clone(), gb.clone()], |vm| {
        for i in 2..a.len() {
            ga.sv.set(Some(Scalar::new(acc.clone())));
            gb.sv.set(Some(cell(a, i)));
            let r = vm.call(&block, Array::new(), Want::Scalar)?.scalar();
            acc = vm.read(&r)?;
            step(&acc);
        }
        Ok(())
    })?;
    Ok(acc)
}

fn reduce(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = reducing(vm, a, |_| ())?;
    ok(r)
}

fn reductions(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let mut out = Vec::new();
    reducing(vm, a, |v| out.push(v.clone()))?;
    counted(w, out)
}

/// A list, or in scalar context its length.
fn counted(w: Want, v: Vec<Val>) -> R<Ret> {
    if w == Want::List { list(v) } else { int(v.len() as i64) }
}

/// Index of the first argument for which the block gives `wanted`.
fn search(vm: &mut Vm, a: &Args, wanted: bool) -> R<Option<usize>> {
    let block = code(vm, a, 0)?;
    let g = vm.gv.defgv.clone();
    with_scalars(vm, std::slice::from_ref(&g), |vm| {
        for i in 1..a.len() {
            g.sv.set(Some(cell(a, i)));
            let r = vm.call(&block, Array::new(), Want::Scalar)?.scalar();
            if vm.truth(&r)? == wanted {
                return Ok(Some(i));
            }
        }
        Ok(None)
    })
}

fn first(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    match search(vm, a, true)? {
        Some(i) => {
            let v = arg(vm, a, i)?;
            ok(v)
        }
        None => undef(),
    }
}
fn any(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(search(vm, a, true)?.is_some())
}
fn all(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(search(vm, a, false)?.is_none())
}
fn none(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(search(vm, a, true)?.is_none())
}
fn notall(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(search(vm, a, false)?.is_some())
}

/// `head`/`tail`: a negative size counts from the other end.
fn part(vm: &mut Vm, a: &Args, from_end: bool) -> R<Ret> {
    let size = iv(vm, a, 0)?;
    let mut v = rest(vm, a, 1)?;
    let n = v.len() as i64;
    let keep = if size < 0 { (n + size).max(0) } else { size.min(n) } as usize;
    if from_end {
        v.drain(..v.len() - keep);
    } else {
        v.truncate(keep);
    }
    list(v)
}
fn head(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    part(vm, a, false)
}
fn tail(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    part(vm, a, true)
}

fn warn_odd(vm: &mut Vm, n: usize, name: &str) -> R<()> {
    if n % 2 == 1 {
        vm.warn(cat::MISC, &format!("Odd number of elements in {name}"))?;
    }
    Ok(())
}

fn pairs(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    warn_odd(vm, a.len(), "pairs")?;
    let stash = vm.stash(b"List::Util::_Pair", false, true);
    let mut out = Vec::with_capacity(a.len().div_ceil(2));
    for i in (0..a.len()).step_by(2) {
        let r = Val::reference(Array::from_vec(vec![arg(vm, a, i)?, arg(vm, a, i + 1)?]));
        if let (Some(st), Some(h)) = (&stash, r.hdr()) {
            h.bless(st.clone());
        }
        out.push(r);
    }
    counted(w, out)
}

fn unpairs(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let mut out = Vec::with_capacity(a.len() * 2);
    for v in rest(vm, a, 0)? {
        let Some(p) = v.av().filter(|_| v.is_ref()) else { continue };
        for i in 0..2 {
            out.push(vm.av_get(&p, i)?);
        }
    }
    counted(w, out)
}

fn half(vm: &mut Vm, a: &Args, w: Want, name: &str, offset: usize) -> R<Ret> {
    warn_odd(vm, a.len(), name)?;
    let mut out = Vec::with_capacity(a.len().div_ceil(2));
    for i in (0..a.len()).step_by(2) {
        out.push(arg(vm, a, i + offset)?);
    }
    counted(w, out)
}
fn pairkeys(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    half(vm, a, w, "pairkeys", 0)
}
fn pairvalues(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    half(vm, a, w, "pairvalues", 1)
}

/// Calls the block for each pair with `$a` and `$b`; `f` gets the pair's index and the result, and says
/// whether to go on.
fn each_pair(
    vm: &mut Vm,
    a: &Args,
    name: &str,
    want: Want,
    mut f: impl FnMut(&mut Vm, usize, Ret) -> R<bool>,
) -> R<()> {
    let block = code(vm, a, 0)?;
    warn_odd(vm, a.len() - 1, name)?;
    let (ga, gb) = (caller_glob(vm, "a"), caller_glob(vm, "b"));
    with_scalars(vm, &[ga.clone(), gb.clone()], |vm| {
        for i in (1..a.len()).step_by(2) {
            ga.sv.set(Some(cell(a, i)));
            gb.sv.set(Some(if i + 1 < a.len() { cell(a, i + 1) } else { Scalar::new(Val::undef()) }));
            let r = vm.call(&block, Array::new(), want)?;
            if !f(vm, i, r)? {
                break;
            }
        }
        Ok(())
    })
}

fn pairfirst(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let mut found = None;
    each_pair(vm, a, "pairfirst", Want::Scalar, |vm, i, r| {
        let hit = vm.truth(&r.scalar())?;
        if hit {
            found = Some(i);
        }
        Ok(!hit)
    })?;
    match (w, found) {
        (Want::List, Some(i)) => list(vec![arg(vm, a, i)?, arg(vm, a, i + 1)?]),
        (Want::List, None) => list(vec![]),
        (_, f) => yes_no(f.is_some()),
    }
}

fn pairgrep(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let mut out = Vec::new();
    each_pair(vm, a, "pairgrep", Want::Scalar, |vm, i, r| {
        if vm.truth(&r.scalar())? {
            out.push(arg(vm, a, i)?);
            out.push(arg(vm, a, i + 1)?);
        }
        Ok(true)
    })?;
    if w == Want::List { list(out) } else { int(out.len() as i64 / 2) }
}

fn pairmap(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let mut out = Vec::new();
    each_pair(vm, a, "pairmap", Want::List, |vm, _, r| {
        for v in r.list().as_slice().to_vec() {
            out.push(vm.read(&v)?);
        }
        Ok(true)
    })?;
    counted(w, out)
}

/// A random index below `n`, from `$List::Util::RAND` if set.
fn random(vm: &mut Vm, n: usize) -> R<usize> {
    let g = vm.gv_str("List::Util::RAND");
    let hook = g.scalar().get();
    let r = match hook.cv().filter(|_| hook.is_ref()) {
        Some(c) => {
            let v = vm.call_scalar(&c, vec![])?;
            vm.to_nv(&v)?
        }
        None => {
            let v = math::rand(vm, &Val::int(1))?;
            v.as_f64()
        }
    };
    Ok(((r * n as f64) as usize).min(n - 1))
}

fn pick(vm: &mut Vm, mut pool: Vec<Val>, n: usize) -> R<Vec<Val>> {
    for i in 0..n.min(pool.len()) {
        let j = i + random(vm, pool.len() - i)?;
        pool.swap(i, j);
    }
    pool.truncate(n);
    Ok(pool)
}

fn shuffle(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = rest(vm, a, 0)?;
    let n = v.len();
    list(pick(vm, v, n)?)
}

fn sample(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = iv(vm, a, 0)?.max(0) as usize;
    let v = rest(vm, a, 1)?;
    list(pick(vm, v, n)?)
}

/// Keeps the values whose key was not seen before.
fn unique(vm: &mut Vm, a: &Args, w: Want, mut key: impl FnMut(&mut Vm, &mut Val) -> R<Vec<u8>>) -> R<Ret> {
    let mut seen: HashSet<Vec<u8>> = HashSet::new();
    let mut out = Vec::new();
    for i in 0..a.len() {
        let mut v = arg(vm, a, i)?;
        if seen.insert(key(vm, &mut v)?) {
            out.push(v);
        }
    }
    counted(w, out)
}

fn string_key(vm: &mut Vm, v: &Val) -> R<Vec<u8>> {
    let (b, u) = vm.str_bytes(v)?;
    Ok(keshi_text::utf8::as_utf8(&b, u).into_owned())
}

fn uniq(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    unique(vm, a, w, |vm, v| {
        if v.is_undef() {
            return Ok(b"u".to_vec());
        }
        let mut k = b"s".to_vec();
        k.extend(string_key(vm, v)?);
        Ok(k)
    })
}
fn uniqstr(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    unique(vm, a, w, |vm, v| {
        let k = string_key(vm, v)?;
        if v.is_undef() {
            *v = Val::bytes("");
        }
        Ok(k)
    })
}
fn uniqint(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    unique(vm, a, w, |vm, v| {
        let n = vm.to_num(v)?;
        *v = match n {
            Num::Num(f) if !f.is_finite() || f.abs() >= 18446744073709551615.0 => Val::num(f.trunc()),
            Num::Num(f) if f < 0.0 => Val::int(f as i64),
            Num::Num(f) => Val::uint(f as u64),
            Num::Int(i) => Val::int(i),
            Num::Uint(u) => Val::uint(u),
        };
        string_key(vm, v)
    })
}
fn uniqnum(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    unique(vm, a, w, |vm, v| {
        let n = vm.to_num(v)?;
        if v.is_undef() {
            *v = Val::int(0);
        }
        // Equal numbers get equal keys, however they are represented.
        Ok(match n {
            Num::Num(f) if f.is_nan() => b"nan".to_vec(),
            Num::Num(f) if f == f.trunc() && (-9.3e18..1.85e19).contains(&f) => {
                (f as i128).to_string().into_bytes()
            }
            Num::Num(f) => format!("f{:x}", f.to_bits()).into_bytes(),
            Num::Int(i) => i.to_string().into_bytes(),
            Num::Uint(u) => u.to_string().into_bytes(),
        })
    })
}

/// The array arguments of `zip`/`mesh` and how many rounds there are.
fn columns(vm: &mut Vm, a: &Args, name: &str, shortest: bool) -> R<(Vec<Ptr<Array>>, i64)> {
    let mut cols = Vec::with_capacity(a.len());
    let mut n: Option<i64> = None;
    for v in rest(vm, a, 0)? {
        let Some(av) = v.av().filter(|_| v.is_ref()) else {
            return Err(vm.die_text(&format!("Expected an ARRAY reference to {name}")));
        };
        let len = vm.av_len(&av)?;
        n = Some(match n {
            None => len,
            Some(m) if (len.cmp(&m) == Ordering::Less) == shortest => len,
            Some(m) => m,
        });
        cols.push(av);
    }
    Ok((cols, n.unwrap_or(0)))
}

fn zipped(vm: &mut Vm, a: &Args, name: &str, shortest: bool, flat: bool) -> R<Ret> {
    let (cols, n) = columns(vm, a, name, shortest)?;
    let mut out = Vec::new();
    for i in 0..n {
        let mut row = Vec::with_capacity(cols.len());
        for c in &cols {
            row.push(vm.av_get(c, i)?);
        }
        if flat {
            out.extend(row);
        } else {
            out.push(Val::reference(Array::from_vec(row)));
        }
    }
    list(out)
}
fn zip(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = short_name(c);
    zipped(vm, a, &name, false, false)
}
fn zip_shortest(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    zipped(vm, a, "zip_shortest", true, false)
}
fn mesh(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = short_name(c);
    zipped(vm, a, &name, false, true)
}
fn mesh_shortest(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    zipped(vm, a, "mesh_shortest", true, true)
}

fn short_name(c: &Cv) -> String {
    match c.glob.get().as_ref().and_then(|g| g.name.as_str()) {
        Some(n) => String::from_utf8_lossy(n.bytes()).into_owned(),
        None => String::new(),
    }
}
