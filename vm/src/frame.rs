//! The value stack and the control frames.
//!
//! Invariants (`unsafe` here and in `dispatch`, `call`, `operand` relies on them):
//! 1. the value stack is one reservation that never moves; `fp..fp+n_slots` of the running frame is live;
//! 2. S and P slots (`0..n_sp`) of a live frame always hold valid values;
//! 3. slots above the running frame are dead (never dropped, never read before being written).

use crate::exc::{CallLv, R, Want};
use keshi_l1::chunk::Ins;
use keshi_value::{Array, Code, Linked, Ptr, Val};
use std::rc::Rc;

/// Where a returned value goes in the calling frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RetTo {
    Void,
    /// S slot.
    S(u16),
    /// P slot, always a list.
    L(u16),
    /// Back to Rust (`Vm::call`): left in `Vm::ret`.
    Native,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameKind {
    Sub,
    /// Main program, `do FILE`, `require`.
    File,
    EvalStr,
    /// A code block of a pattern: part of the code around the match. `caller` and `@_` see through it, and what
    /// it localises stays until the match backtracks over it or ends.
    Pattern,
    /// Comparator of sort called by name, DESTROY, signal handlers, … count as Sub for `caller`.
    Format,
}

pub struct Frame {
    pub linked: Rc<Linked>,
    pub code: Ptr<Code>,
    pub fp: *mut Val,
    /// Next instruction, saved when the frame is not on top.
    pub pc: *const Ins,
    pub want: Want,
    pub lv: CallLv,
    pub kind: FrameKind,
    pub args: Option<Ptr<Array>>,
    pub dyn_mark: usize,
    pub ret: RetTo,
    /// Last match of the calling scope, restored at exit (perl's PL_curpm is dynamically scoped).
    pub saved_match: Option<Rc<crate::regex::MatchState>>,
    /// For evals: text, for `caller`.
    pub eval_text: Option<Val>,
    /// Called by `sort`: `goto` cannot leave it.
    pub sort: bool,
    /// Scope constant of the running statement, for the debugger.
    pub debug_scope: Option<u32>,
    /// Runs a BEGIN block: index into `rtstate.begin_place`.
    pub begin: Option<usize>,
}

impl Frame {
    /// An S or P slot of this frame.
    #[allow(clippy::mut_from_ref)]
    pub fn slot(&self, n: u16) -> &mut Val {
        debug_assert!(n < self.linked.chunk.n_sp);
        // SAFETY: invariants 1 and 2; the caller keeps the borrow short.
        unsafe { &mut *self.fp.add(n as usize) }
    }
}

/// Reserved address range for values.
pub struct ValueStack {
    base: *mut Val,
    limit: *mut Val,
}

/// 1 GiB of values by default; the reservation shrinks where the address space is limited.
const STACK_BYTES: usize = 1 << 30;
/// Room that every check leaves for the deepest single frame.
const RED_ZONE: usize = 65536 * 16;

impl ValueStack {
    pub fn new() -> ValueStack {
        let mut size = STACK_BYTES;
        loop {
            // SAFETY: anonymous private mapping, no file, no address asked for.
            let p = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    size,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
                    -1,
                    0,
                )
            };
            if p != libc::MAP_FAILED {
                let base = p as *mut Val;
                // SAFETY: stays inside the mapping.
                let limit = unsafe { (p as *mut u8).add(size - RED_ZONE) as *mut Val };
                return ValueStack { base, limit };
            }
            assert!(size > 4 * RED_ZONE, "no address space for the value stack");
            size /= 2;
        }
    }
    pub fn base(&self) -> *mut Val {
        self.base
    }
    #[inline]
    pub fn has_room(&self, sp: *mut Val) -> bool {
        sp < self.limit
    }
}

impl Drop for ValueStack {
    fn drop(&mut self) {
        let size = self.limit as usize - self.base as usize + RED_ZONE;
        // SAFETY: the mapping made in `new`; the interpreter is gone.
        unsafe {
            libc::munmap(self.base as *mut libc::c_void, size);
        }
    }
}

impl crate::Vm {
    /// Pushes a frame for `linked`; its first instruction runs next.
    pub fn push_frame(
        &mut self,
        linked: Rc<Linked>,
        code: Ptr<Code>,
        args: Option<Ptr<Array>>,
        want: Want,
        kind: FrameKind,
        ret: RetTo,
    ) -> R<()> {
        let fp = match self.frames.last_mut() {
            Some(f) => {
                f.pc = self.pc;
                // SAFETY: invariant 1: the next frame starts behind the running one.
                unsafe { f.fp.add(f.linked.chunk.n_slots as usize) }
            }
            None => self.stack.base(),
        };
        if !self.stack.has_room(fp) {
            return Err(self.die_text("Out of memory in perl:util:safesysrealloc (value stack exhausted)"));
        }
        let n = linked.chunk.n_sp as usize;
        // SAFETY: room was checked; zeroed words are undef.
        unsafe { std::ptr::write_bytes(fp as *mut u64, 0, n * 2) };
        self.pc = linked.code.get().as_ptr();
        self.fp = fp;
        code.depth.set(code.depth.get() + 1);
        linked.calls.set(linked.calls.get().wrapping_add(1));
        let dyn_mark = self.dyns.len();
        let saved_match = self.last_match.clone();
        self.frames.push(Frame {
            linked,
            code,
            fp,
            pc: self.pc,
            want,
            lv: CallLv::None,
            kind,
            args,
            dyn_mark,
            ret,
            saved_match,
            eval_text: self.pending_eval_text.take(),
            sort: std::mem::take(&mut self.pending_sort),
            begin: self.pending_begin.take(),
            debug_scope: None,
        });
        Ok(())
    }

    /// Leaves the top frame: undoes its dynamic scope, drops its slots, resumes the caller's registers.
    pub fn pop_frame(&mut self) -> R<Frame> {
        let top = self.frames.last().expect("a frame");
        let r = if top.kind == FrameKind::Pattern {
            Ok(())
        } else {
            let mark = top.dyn_mark;
            self.dyn_unwind(mark)
        };
        let f = self.frames.pop().expect("a frame");
        for i in 0..f.linked.chunk.n_sp as usize {
            // SAFETY: invariant 2; afterwards the slot is dead (3).
            unsafe {
                let p = f.fp.add(i);
                if (*p).meta != 0 {
                    let v = std::mem::take(&mut *p);
                    drop(v);
                }
            }
        }
        f.code.depth.set(f.code.depth.get().wrapping_sub(1));
        self.last_match = f.saved_match.clone();
        if let Some(t) = self.frames.last() {
            self.fp = t.fp;
            self.pc = t.pc;
        }
        r.map(|()| f)
    }

    #[inline]
    pub fn frame(&self) -> &Frame {
        self.frames.last().expect("a running frame")
    }
}
