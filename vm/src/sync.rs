//! Work done at sync points: DESTROY calls, signal handlers.

use crate::Vm;
use crate::exc::{Exc, R, Want};
use crate::warn::cat;
use keshi_value::obj::{self, PENDING, flag, pending};
use keshi_value::{Array, Hash, Ptr, Val};
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
        let Some(code) = self.find_method(&stash, b"DESTROY")? else { return Ok(()) };
        if !code.is_defined() {
            return Ok(());
        }
        let err = self.gv.errgv.scalar().clone();
        let saved = err.get();
        let status = self.gv.child_status.scalar().get();
        let r = self.call(&code, Array::from_vec(vec![v.clone()]), Want::Void);
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
            if self.warns(cat::MISC) || self.cop().is_none_or(|(c, _)| c.warnings.is_none()) {
                let (b, u) = self.str_bytes(&msg)?;
                let mut out = b"\t(in cleanup) ".to_vec();
                let text = b.strip_suffix(b"\n").unwrap_or(&b);
                out.extend_from_slice(text);
                out.extend(self.position_suffix());
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
