//! sort: perl's stable merge sort, driven from Rust for the built-in orders and from L1 for comparison blocks.

use super::array::av;
use super::scope::alias_ptr;
use crate::Vm;
use crate::exc::{R, Want};
use keshi_text::num::Num;
use keshi_value::obj::{Hdr, Kind, Obj};
use keshi_value::scalar::RegexObj;
use keshi_value::{Array, Body, Ptr, Scalar, Val};
use std::cell::RefCell;
use std::cmp::Ordering;

const NUMERIC: u64 = 1;
const DESCENDING: u64 = 2;

/// Compares two numbers like `<=>`; NaN counts as equal, as perl's sort treats it.
fn num_cmp(a: Num, b: Num) -> Ordering {
    super::compare::cmp_num(a, b).unwrap_or(Ordering::Equal)
}

/// Stable merge sort whose comparison may fail.
fn merge_sort<T: Clone>(v: Vec<T>, cmp: &mut dyn FnMut(&T, &T) -> R<Ordering>) -> R<Vec<T>> {
    let mut runs: Vec<Vec<T>> = v.into_iter().map(|x| vec![x]).collect();
    while runs.len() > 1 {
        let mut next = Vec::with_capacity(runs.len().div_ceil(2));
        let mut it = runs.into_iter();
        while let Some(a) = it.next() {
            match it.next() {
                Some(b) => {
                    let mut out = Vec::with_capacity(a.len() + b.len());
                    let (mut i, mut j) = (0, 0);
                    while i < a.len() && j < b.len() {
                        if cmp(&a[i], &b[j])? == Ordering::Greater {
                            out.push(b[j].clone());
                            j += 1;
                        } else {
                            out.push(a[i].clone());
                            i += 1;
                        }
                    }
                    out.extend_from_slice(&a[i..]);
                    out.extend_from_slice(&b[j..]);
                    next.push(out);
                }
                None => next.push(a),
            }
        }
        runs = next;
    }
    Ok(runs.pop().unwrap_or_default())
}

/// sort with a built-in order; elements stay aliases.
pub fn sort(vm: &mut Vm, b: Val, flags: u64) -> R<Val> {
    let items = av(&b).take_all();
    let desc = flags & DESCENDING != 0;
    let mut overloaded = false;
    for v in &items {
        let r = v.resolve();
        if r.is_ref() && vm.overloaded(r)?.is_some() {
            overloaded = true;
        }
    }
    if overloaded {
        let mut cmp = |x: &Val, y: &Val| -> R<Ordering> {
            let (x, y) = (vm.read(x)?, vm.read(y)?);
            let r = if flags & NUMERIC != 0 {
                super::compare::ncmp(vm, &x, &y)?
            } else {
                super::compare::scmp(vm, &x, &y)?
            };
            let o = vm.to_iv_quiet(&r)?.cmp(&0);
            Ok(if desc { o.reverse() } else { o })
        };
        return Ok(Val::ptr(Array::from_vec(merge_sort(items, &mut cmp)?)));
    }
    if flags & NUMERIC != 0 {
        let mut keyed = Vec::with_capacity(items.len());
        for v in items {
            let x = vm.read(&v)?;
            keyed.push((vm.to_num(&x)?, v));
        }
        let order = |a: &(Num, Val), b: &(Num, Val)| {
            let o = num_cmp(a.0, b.0);
            if desc { o.reverse() } else { o }
        };
        if keyed.iter().any(|(n, _)| matches!(n, Num::Num(f) if f.is_nan())) {
            // No total order: Rust's own sort might refuse it.
            keyed = merge_sort(keyed, &mut |a, b| Ok(order(a, b)))?;
        } else {
            keyed.sort_by(order);
        }
        return Ok(Val::ptr(Array::from_vec(keyed.into_iter().map(|k| k.1).collect())));
    }
    let mut keyed = Vec::with_capacity(items.len());
    for v in items {
        let x = vm.read(&v)?;
        let (s, u) = vm.str_bytes(&x)?;
        keyed.push((s.into_owned(), u, v));
    }
    keyed.sort_by(|a, b| {
        let o = keshi_text::strings::cmp(&a.0, a.1, &b.0, b.1);
        if desc { o.reverse() } else { o }
    });
    Ok(Val::ptr(Array::from_vec(keyed.into_iter().map(|k| k.2).collect())))
}

/// sort by a sub given as reference or name.
pub fn sort_sub(vm: &mut Vm, b: Val, c: &Val) -> R<Val> {
    let items = av(&b).take_all();
    let code = if c.is_str() {
        // A sub name is exempt from strict refs here.
        let (n, u) = vm.str_bytes(c)?;
        let full = vm.qualify(n.strip_prefix(b"&").unwrap_or(&n));
        let g = vm.gv(&full, u);
        Val::ptr(super::coderef::declared_sub(vm, &g))
    } else {
        super::sub::code_of(vm, c)?
    };
    let Some(code) = code.cv() else { return Err(vm.die_text("Not a CODE reference")) };
    if !code.is_defined() && vm.autoload_for(&code).is_err() {
        let n = vm.sub_full_name(&code).unwrap_or_default();
        return Err(vm.die_text(&format!("Undefined sort subroutine \"{n}\" called")));
    }
    let by_args = code.prototype.get().as_deref() == Some(b"$$");
    let pkg = vm.here().package;
    let (ga, gb) = (vm.gv(&[&pkg[..], b"::a"].concat(), false), vm.gv(&[&pkg[..], b"::b"].concat(), false));
    let (oa, ob) = (ga.sv.get().clone(), gb.sv.get().clone());
    let mut cmp = |x: &Val, y: &Val| -> R<Ordering> {
        let args = Array::new();
        if by_args {
            args.push(x.clone());
            args.push(y.clone());
        } else {
            ga.sv.set(Some(cell(x)));
            gb.sv.set(Some(cell(y)));
        }
        vm.pending_sort = matches!(code.body.get(), Body::Chunk(_));
        let r = vm.call(&code, args, Want::Scalar)?.scalar();
        let r = vm.read(&r)?;
        sort_result(vm, &r)
    };
    // Every element gets its cell once, so that comparisons see (and may change) the same scalar.
    let items: Vec<Val> = items.into_iter().map(|v| Val::ind(cell(&v))).collect();
    let r = merge_sort(items, &mut cmp);
    ga.sv.set(oa);
    gb.sv.set(ob);
    Ok(Val::ptr(Array::from_vec(r?)))
}

fn cell(v: &Val) -> Ptr<Scalar> {
    if v.is_alias() { alias_ptr(v) } else { Scalar::new(v.clone()) }
}

/// The comparison's value as an ordering.
fn sort_result(vm: &mut Vm, r: &Val) -> R<Ordering> {
    let n = vm.to_num(r)?;
    Ok(match n {
        Num::Int(i) => i.cmp(&0),
        Num::Uint(_) => Ordering::Greater,
        Num::Num(f) => f.partial_cmp(&0.0).unwrap_or(Ordering::Equal),
    })
}

/// A bottom-up merge sort that can be stopped at every comparison.
struct Merge {
    src: Vec<Val>,
    dst: Vec<Val>,
    width: usize,
    /// Start of the pair of runs being merged.
    lo: usize,
    i: usize,
    j: usize,
}

impl Merge {
    fn mid(&self) -> usize {
        (self.lo + self.width).min(self.src.len())
    }
    fn hi(&self) -> usize {
        (self.lo + 2 * self.width).min(self.src.len())
    }
    /// Moves on until a comparison is needed; false: sorted.
    fn advance(&mut self) -> bool {
        loop {
            if self.width >= self.src.len() {
                return false;
            }
            if self.lo >= self.src.len() {
                std::mem::swap(&mut self.src, &mut self.dst);
                self.dst.clear();
                self.width *= 2;
                self.lo = 0;
                self.i = 0;
                self.j = self.mid();
                continue;
            }
            let (mid, hi) = (self.mid(), self.hi());
            if self.i < mid && self.j < hi {
                return true;
            }
            self.dst.extend(self.src[self.i..mid].iter().cloned());
            self.dst.extend(self.src[self.j..hi].iter().cloned());
            self.lo = hi;
            self.i = hi;
            self.j = self.mid();
        }
    }
    fn put(&mut self, o: Ordering) {
        if o == Ordering::Greater {
            self.dst.push(self.src[self.j].clone());
            self.j += 1;
        } else {
            self.dst.push(self.src[self.i].clone());
            self.i += 1;
        }
    }
}

/// `sort.begin`: the state travels in a P register as an opaque object.
pub fn sort_begin(_vm: &mut Vm, b: Val) -> R<Val> {
    let src: Vec<Val> = av(&b).take_all().iter().map(|v| Val::ind(cell(v))).collect();
    let mut m = Merge { dst: Vec::with_capacity(src.len()), src, width: 1, lo: 0, i: 0, j: 0 };
    m.j = m.mid();
    Ok(opaque(m))
}

/// Wraps runtime state for a P register.
fn opaque(m: Merge) -> Val {
    let o = RegexObj::new(Box::new(RefCell::new(m)), Val::undef());
    debug_assert!(o.hdr().kind() == Kind::REGEX && std::mem::size_of::<Hdr>() == 16);
    Val::ptr(o)
}

fn state(v: &Val) -> Option<&RefCell<Merge>> {
    v.as_regex()?.re.downcast_ref()
}

/// `sort.more`
pub fn sort_more(_vm: &mut Vm, b: &Val) -> R<i64> {
    Ok(state(b).is_some_and(|m| m.borrow_mut().advance()) as i64)
}
/// `sort.pair`
pub fn sort_pair(_vm: &mut Vm, c: &Val) -> R<(Val, Val)> {
    Ok(match state(c) {
        Some(m) => {
            let m = m.borrow();
            (m.src[m.i].clone(), m.src[m.j].clone())
        }
        None => (Val::undef(), Val::undef()),
    })
}
/// `sort.put`
pub fn sort_put(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let o = sort_result(vm, b)?;
    if let Some(m) = state(a) {
        m.borrow_mut().put(o);
    }
    Ok(())
}
/// `sort.end`
pub fn sort_end(_vm: &mut Vm, b: Val) -> R<Val> {
    Ok(match state(&b) {
        Some(m) => Val::ptr(Array::from_vec(std::mem::take(&mut m.borrow_mut().src))),
        None => Val::ptr(Array::new()),
    })
}
