//! Work done at sync points: DESTROY calls, signal handlers.

use crate::Vm;
use crate::exc::{Exc, R, Want};
use keshi_value::obj::{self, Obj, PENDING, flag, pending};
use keshi_value::{Array, Hash, Ptr, Scalar, Val};
use std::sync::atomic::Ordering;

impl Vm {
    /// Called when the pending word is not zero.
    #[cold]
    pub fn sync(&mut self) -> R<()> {
        let p = PENDING.load(Ordering::Relaxed);
        if p & pending::DESTROY != 0 {
            self.run_destroy_queue()?;
        }
        if p & pending::SIGNAL != 0 {
            PENDING.fetch_and(!pending::SIGNAL, Ordering::Relaxed);
            crate::rt::sys::run_signal_handlers(self)?;
        }
        if let Some(e) = self.exc.take() {
            return Err(e);
        }
        Ok(())
    }

    /// DESTROY for everything queued, including what the destructors release.
    pub fn run_destroy_queue(&mut self) -> R<()> {
        loop {
            let q = obj::take_destroy_queue();
            if q.is_empty() {
                return Ok(());
            }
            for v in q {
                self.call_destroy(v)?;
            }
        }
    }

    /// One DESTROY call: `$@`, `local $_`-like state of the interrupted code is kept; an exception becomes
    /// the warning "(in cleanup)".
    fn call_destroy(&mut self, v: Val) -> R<()> {
        let Some(h) = v.hdr() else { return Ok(()) };
        let Some(stash) = h.stash().cloned() else { return Ok(()) };
        let Some(code) = self.method_or_autoload(&stash, b"DESTROY")? else { return Ok(()) };
        if !code.is_defined() {
            return Ok(());
        }
        let err = self.gv.errgv.scalar().clone();
        let saved = err.get();
        let status = self.gv.child_status.scalar().get();
        // The argument cannot be made to let the object go.
        let arg = Scalar::new(v.clone());
        arg.hdr().set(flag::READONLY, true);
        let r = self.call(&code, Array::from_vec(vec![Val::ind(arg)]), Want::Void);
        self.gv.child_status.scalar().set(status);
        let failed = match r {
            Err(e) => match *e {
                Exc::Die(v) => Some(v),
                other => return Err(Box::new(other)),
            },
            Ok(_) => None,
        };
        self.gv.errgv.scalar().set(saved);
        if let Some(msg) = failed {
            if self.rtstate.died_with_misc {
                let (b, u) = self.str_bytes(&msg)?;
                let mut out = b"\t(in cleanup) ".to_vec();
                out.extend_from_slice(&b);
                if !b.ends_with(b"\n") {
                    out.extend(self.position_suffix());
                }
                self.warn_value(Val::str(&out, u))?;
            }
        }
        // An object somebody else holds again may be destroyed once more later, as in perl.
        if let Some(h) = v.hdr() {
            if h.rc.get() > 1 {
                h.set(flag::DESTROYED, false);
            }
        }
        Ok(())
    }
}

/// Installed in the value crate: has the class a DESTROY method? Uses the running interpreter's stashes.
pub fn needs_destroy(stash: &Ptr<Hash>) -> bool {
    crate::stash::class_has_destroy(stash)
}

/// Objects that are still alive at the end of the program get their DESTROY, those reachable from
/// package variables first.
pub fn global_destruction(vm: &mut Vm) {
    vm.phase = "DESTRUCT";
    let mut seen = std::collections::HashSet::new();
    let mut found = Vec::new();
    let main = vm.main.clone();
    collect(vm, &main, &mut seen, &mut found, 0);
    for v in found {
        if let Some(h) = v.hdr() {
            if h.has(flag::DESTROYED) {
                continue;
            }
            h.set(flag::DESTROYED, true);
        }
        let _ = vm.call_destroy(v);
    }
    let _ = vm.run_destroy_queue();
}

/// Blessed objects reachable from a stash.
fn collect(
    vm: &mut Vm,
    stash: &Ptr<Hash>,
    seen: &mut std::collections::HashSet<usize>,
    found: &mut Vec<Val>,
    depth: u32,
) {
    if depth > 100 || !seen.insert(stash.addr()) {
        return;
    }
    let values: Vec<Val> = stash.entries().map(|e| e.raw().resolve().clone()).collect();
    for v in values {
        let Some(g) = v.gv() else { continue };
        if let Some(s) = g.sv.get() {
            objects(s.peek(), seen, found, 0);
        }
        if let Some(a) = g.av.get() {
            objects(&Val::ptr(a.clone()), seen, found, 0);
        }
        if let Some(h) = g.hv.get().clone() {
            if vm.is_stash(&h) {
                collect(vm, &h, seen, found, depth + 1);
            } else {
                objects(&Val::ptr(h), seen, found, 0);
            }
        }
        if let Some(c) = g.cv.get() {
            for cap in c.captures.get() {
                objects(cap, seen, found, 0);
            }
        }
    }
}

/// Blessed objects reachable from a value.
fn objects(v: &Val, seen: &mut std::collections::HashSet<usize>, found: &mut Vec<Val>, depth: u32) {
    let Some(h) = v.hdr() else { return };
    if depth > 1000 || v.as_gv().is_some() || v.is_str() || !seen.insert(v.addr() as usize) {
        return;
    }
    if h.has(flag::BLESSED) && v.as_regex().is_none() {
        found.push(v.ref_to_obj());
    }
    if let Some(s) = v.as_scalar() {
        objects(s.peek(), seen, found, depth + 1);
    } else if let Some(a) = v.as_av() {
        for e in a.as_slice() {
            objects(e.resolve(), seen, found, depth + 1);
        }
    } else if let Some(x) = v.as_hv() {
        let vals: Vec<Val> = x.entries().map(|e| e.raw().resolve().clone()).collect();
        for e in &vals {
            objects(e, seen, found, depth + 1);
        }
    } else if let Some(c) = v.as_cv() {
        for cap in c.captures.get() {
            objects(cap, seen, found, depth + 1);
        }
    }
}
