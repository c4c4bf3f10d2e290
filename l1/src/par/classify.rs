//! Classification of registers over the back edge: invariant, induction, private, reduction; else rejected.

use super::plan::*;
use super::values::{Base, Id, Node, Values};
use crate::chunk::Fam;
use crate::isa::op;

/// Why a loop stays sequential: the instruction and the reason, perhaps what would help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    pub pc: Option<u32>,
    pub reason: String,
    pub hint: Option<&'static str>,
}

pub(super) fn reject<T>(pc: impl Into<Option<u32>>, reason: impl Into<String>) -> Result<T, Reject> {
    Err(Reject { pc: pc.into(), reason: reason.into(), hint: None })
}

/// Strips unboxing.
pub(super) fn bare(v: &Values, id: Id) -> Id {
    match v.node(id) {
        Node::Pure { op: op::S_GETI | op::S_SETI, args, .. } => bare(v, args[0]),
        _ => id,
    }
}

/// `root + k` for one update per iteration.
fn step_of(v: &Values, id: Id, root: Id) -> Option<i64> {
    let Node::Pure { op: o, args, .. } = v.node(bare(v, id)) else { return None };
    let (a, b) = (bare(v, *args.first()?), bare(v, *args.get(1)?));
    let k = |id: Id| match v.node(id) {
        Node::Const(k) => Some(*k),
        _ => None,
    };
    match *o {
        op::I_ADD | op::I_ADDO if a == root => k(b),
        op::I_ADD | op::I_ADDO if b == root => k(a),
        op::I_SUB | op::I_SUBO if a == root => k(b)?.checked_neg(),
        _ => None,
    }
    .filter(|k| *k != 0)
}

/// The reduction that `id` is over `root`, if it is one all the way down.
pub(super) fn chain(v: &Values, id: Id, root: Id) -> Option<ReduceOp> {
    let mut found = None;
    let mut seen = Vec::new();
    in_chain(v, id, root, &mut found, &mut seen).then_some(found).flatten()
}

fn in_chain(v: &Values, id: Id, root: Id, found: &mut Option<ReduceOp>, seen: &mut Vec<Id>) -> bool {
    let id = bare(v, id);
    if id == root || seen.contains(&id) {
        return true;
    }
    seen.push(id);
    match v.node(id) {
        Node::Phi(list) => list.iter().all(|x| in_chain(v, *x, root, found, seen)),
        Node::Pure { op: o, args, .. } if args.len() == 2 => {
            let (r, commutes) = match *o {
                op::I_ADD | op::I_ADDO => (ReduceOp::Add, true),
                op::I_SUB | op::I_SUBO => (ReduceOp::Add, false),
                op::I_AND => (ReduceOp::And, true),
                op::I_OR => (ReduceOp::Or, true),
                op::I_XOR => (ReduceOp::Xor, true),
                _ => return false,
            };
            if *found.get_or_insert(r) != r {
                return false;
            }
            let (a, b) = (args[0], args[1]);
            match (v.depends(a, root), v.depends(b, root)) {
                (true, false) => in_chain(v, a, root, found, seen),
                (false, true) if commutes => in_chain(v, b, root, found, seen),
                _ => false,
            }
        }
        _ => false,
    }
}

/// The atoms of an ordered float sum over `root`.
fn float_chain(v: &Values, id: Id, root: Id, pcs: &mut Vec<u32>) -> bool {
    match v.node(id) {
        _ if id == root => true,
        Node::Pure { op: op::S_GETN | op::S_SETN, args, .. } => float_chain(v, args[0], root, pcs),
        // As in `addend_bound`: joins only.
        Node::Phi(list) if list.iter().all(|x| *x == id || !v.contains(*x, id)) => {
            list.iter().all(|x| *x == id || float_chain(v, *x, root, pcs))
        }
        Node::Pure { op: op::N_ADD, pc, args } => {
            let dep = |i: usize| v.depends(args[i], root);
            let inner = match (dep(0), dep(1)) {
                (true, false) => args[0],
                (false, true) => args[1],
                _ => return false,
            };
            pcs.push(*pc);
            float_chain(v, inner, root, pcs)
        }
        _ => false,
    }
}

/// Largest magnitude of what one iteration adds to `root`, if that can be seen.
pub(super) fn addend_bound(v: &Values, id: Id, root: Id) -> Option<Bound> {
    let id = bare(v, id);
    if id == root {
        return Some(Bound::default());
    }
    match v.node(id) {
        // Phis of joins only: one of an inner loop adds an unknown number of times and contains itself.
        Node::Phi(list) => {
            if list.iter().any(|x| v.contains(*x, id)) {
                return None;
            }
            either(list.iter().map(|x| addend_bound(v, *x, root)))
        }
        Node::Pure { args, .. } if args.len() == 2 => {
            let (acc, x) = if v.depends(args[0], root) { (args[0], args[1]) } else { (args[1], args[0]) };
            addend_bound(v, acc, root)?.plus(magnitude(v, x)?)
        }
        _ => None,
    }
}

fn either(mut all: impl Iterator<Item = Option<Bound>>) -> Option<Bound> {
    all.try_fold(Bound::default(), |m, b| Some(m.or(b?)))
}

fn magnitude(v: &Values, id: Id) -> Option<Bound> {
    let id = bare(v, id);
    match v.node(id) {
        Node::Const(k) => Some(Bound::fixed(k.unsigned_abs())),
        Node::Init(r) if !v.is_written(*r) => Some(Bound { fixed: 0, regs: vec![*r] }),
        Node::Pure { op: op::I_MOD | op::I_MODT, args, .. } => magnitude(v, args[1]),
        Node::Pure { op: op::I_AND, args, .. } => {
            let k = |i: usize| match v.node(bare(v, args[i])) {
                Node::Const(k) if *k >= 0 => Some(*k as u64),
                _ => None,
            };
            k(0).or(k(1)).map(Bound::fixed)
        }
        Node::Pure {
            op: op::I_EQ | op::I_LT | op::I_LE | op::U_LT | op::U_LE | op::N_EQ | op::N_LT | op::N_LE,
            ..
        } => Some(Bound::fixed(1)),
        Node::Phi(list) if list.len() <= 8 && !list.iter().any(|x| v.contains(*x, id)) => {
            either(list.iter().map(|x| magnitude(v, *x)))
        }
        _ => None,
    }
}

/// The classes found so far.
#[derive(Default)]
pub(super) struct Classes {
    pub inductions: Vec<Induction>,
    pub private: Vec<Slot>,
    pub live_out: Vec<Slot>,
    pub commits: Vec<Commit>,
    pub entry: Vec<Entry>,
}

/// `used(root)` is the first place where the value at the start of the iteration is used for anything but a pure
/// computation or a test of its tag. `live` tells what is read after the loop, `carried` what the next iteration may
/// read: a register that meets its old value only where paths join, and is not read there, is not carried.
pub(super) fn registers(
    v: &Values,
    used: &dyn Fn(Id) -> Option<u32>,
    live: &dyn Fn(u16) -> bool,
    carried: &dyn Fn(u16) -> bool,
) -> Result<Classes, Reject> {
    let mut k = Classes::default();
    for &(r, fam) in &v.written {
        let slot = Slot { fam, n: r };
        let last = v.last.get(&r).copied().unwrap_or(Id::MAX);
        let Some(root) = v.find(&Node::Init(r)).filter(|_| carried(r) || live(r)) else {
            // Never read before it is written, and never left as it was.
            k.private.push(slot);
            if live(r) {
                k.live_out.push(slot);
            }
            continue;
        };
        if last == root {
            k.private.push(slot);
            continue;
        }
        let last_users: Vec<u16> = v
            .written
            .iter()
            .filter(|w| w.0 != r && v.last.get(&w.0).is_some_and(|l| v.depends(*l, root)))
            .map(|w| w.0)
            .collect();
        let carried_elsewhere = |live: &dyn Fn(u16) -> bool| {
            last_users.iter().copied().find(|u| live(*u) || carried(*u) && v.find(&Node::Init(*u)).is_some())
        };
        let integer = fam == Fam::I || fam == Fam::S;
        if integer && let Some(step) = step_of(v, last, root) {
            if fam == Fam::S {
                k.entry.push(Entry::Tag(r, 1 << 2));
            }
            k.inductions.push(Induction { slot, step });
            continue;
        }
        let use_pc = used(root);
        let cell_user = v.cells.values().any(|x| v.depends(*x, root));
        let free = use_pc.is_none() && carried_elsewhere(live).is_none() && !cell_user;
        if integer
            && free
            && let Some(o) = chain(v, last, root)
        {
            if fam == Fam::S {
                k.entry.push(Entry::Tag(r, 1 << 2));
            }
            let bound = addend_bound(v, last, root);
            k.commits.push(Commit::Reduce { place: Place::Slot(slot), op: o, bound });
            continue;
        }
        let mut pcs = Vec::new();
        if free && fam != Fam::P && float_chain(v, last, root, &mut pcs) && !pcs.is_empty() {
            if fam == Fam::S {
                k.entry.push(Entry::Tag(r, 1 << 1));
            }
            k.commits.push(Commit::OrderedSum { slot, pcs });
            continue;
        }
        // Read only where it is certainly overwritten later? Then nothing of the old value is used.
        let unread = use_pc.is_none() && carried_elsewhere(live).is_none() && !cell_user;
        if unread && (!v.depends(last, root) || !live(r)) && !reads_itself(v, last, root) {
            k.private.push(slot);
            if live(r) {
                k.live_out.push(slot);
            }
            continue;
        }
        return match use_pc {
            _ if unread => {
                reject(None, format!("{slot} is assigned in some iterations only and read after the loop"))
            }
            Some(pc) => reject(pc, format!("uses {slot} from the iteration before")),
            None => reject(None, format!("{slot} carries a value from iteration to iteration")),
        };
    }
    Ok(k)
}

/// The new value is computed from the old one, not just left as it was on some path.
fn reads_itself(v: &Values, last: Id, root: Id) -> bool {
    match v.node(last) {
        _ if last == root => false,
        Node::Phi(list) if list.iter().all(|x| *x == last || !v.contains(*x, last)) => {
            list.iter().any(|x| *x != last && reads_itself(v, *x, root))
        }
        _ => v.depends(last, root),
    }
}

/// The same for memory cells which the loop stores to.
pub(super) fn cells(
    v: &Values,
    used: &dyn Fn(Id) -> Option<u32>,
    store_pc: &dyn Fn(Base) -> Option<u32>,
    live: &dyn Fn(u16) -> bool,
    k: &mut Classes,
) -> Result<(), Reject> {
    let mut all: Vec<(Base, Id)> = v.cells.iter().map(|(b, i)| (*b, *i)).collect();
    all.sort_by_key(|x| x.1);
    for (base, last) in all {
        let root = v.find(&Node::MemInit(base));
        if root == Some(last) {
            continue;
        }
        let (place, entry) = match base {
            Base::Sym(s) => (Place::Sym(s), Entry::SymInt(s)),
            Base::Reg(r) => (Place::Cell(r), Entry::CellInt(r)),
            _ => return reject(store_pc(base), "writes a shared scalar"),
        };
        let Some(root) = root else { return reject(store_pc(base), "writes a shared scalar") };
        if let Some(pc) = used(root) {
            return reject(pc, "uses a shared scalar which the loop changes");
        }
        let kept = v.written.iter().filter(|w| live(w.0) || v.find(&Node::Init(w.0)).is_some());
        let in_register = kept.filter_map(|w| v.last.get(&w.0)).any(|x| v.depends(*x, root));
        if in_register || v.cells.iter().any(|x| *x.0 != base && v.depends(*x.1, root)) {
            return reject(store_pc(base), "copies a shared scalar which the loop changes");
        }
        match chain(v, last, root) {
            Some(op) => {
                k.entry.push(entry);
                let bound = if v.inner_stores { None } else { addend_bound(v, last, root) };
                k.commits.push(Commit::Reduce { place, op, bound });
            }
            None => return reject(store_pc(base), "writes a shared scalar"),
        }
    }
    Ok(())
}
