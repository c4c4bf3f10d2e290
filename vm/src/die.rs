//! Raising exceptions with perl's position text, `$@`, `__DIE__`, and where in the source we are.

use crate::exc::{Exc, R, Want};
use crate::{Ret, Vm};
use keshi_l1::chunk::{Cop, Handler};
use keshi_value::{Array, Val};

/// Position of running code.
#[derive(Clone)]
pub struct Where {
    pub file: std::sync::Arc<[u8]>,
    pub line: u32,
    pub package: std::sync::Arc<[u8]>,
}

impl Vm {
    /// Pc index of frame `i` (the instruction being executed, or the call it waits in).
    pub fn pc_index(&self, i: usize) -> u32 {
        let f = &self.frames[i];
        let pc = if i + 1 == self.frames.len() { self.pc } else { f.pc };
        let base = f.linked.code.get().as_ptr();
        // SAFETY: `pc` points into (or one past) this frame's code.
        let d = unsafe { pc.offset_from(base) };
        (d.max(1) - 1) as u32
    }

    /// Cop and line of frame `i`.
    pub fn cop_of(&self, i: usize) -> Option<(&Cop, u32)> {
        let c = &self.frames.get(i)?.linked.chunk;
        // A builtin as a sub (`&CORE::name`) stands where it is called.
        if c.lines.is_empty() && i > 0 {
            return self.cop_of(i - 1);
        }
        let e = c.line_at(self.pc_index(i))?;
        Some((&c.cops[e.cop as usize], e.line))
    }

    /// Cop of the running statement.
    pub fn cop(&self) -> Option<(&Cop, u32)> {
        self.cop_of(self.frames.len().checked_sub(1)?)
    }

    pub fn here(&self) -> Where {
        match self.cop() {
            Some((c, line)) => Where { file: c.file.clone(), line, package: c.package.clone() },
            None => Where { file: b"-".as_slice().into(), line: 0, package: b"main".as_slice().into() },
        }
    }

    /// `$^H` as it was where the running statement was compiled.
    pub fn hints(&self) -> u32 {
        self.cop().map_or(0, |(c, _)| c.hints)
    }

    /// Is that `$^H` bit on in the running statement?
    pub fn hint(&self, bit: u32) -> bool {
        self.cop().is_some_and(|(c, _)| c.hints & bit != 0)
    }

    /// ` at FILE line N.` + `, <FH> line M` as perl appends it.
    pub fn position_suffix(&self) -> Vec<u8> {
        let w = self.here();
        self.suffix_at(&w.file, w.line)
    }

    /// The same for another place.
    pub fn suffix_at(&self, file: &[u8], line: u32) -> Vec<u8> {
        let mut out = Vec::new();
        if line > 0 {
            out.extend_from_slice(b" at ");
            out.extend_from_slice(file);
            out.extend_from_slice(format!(" line {line}").as_bytes());
        }
        if let Some(g) = self.rtstate.io.last_read.get() {
            if let Some(io) = g.io.get() {
                let n = io.lines.get();
                if n != 0 {
                    let unit = if self.rs_is_newline() { "line" } else { "chunk" };
                    out.extend_from_slice(b", <");
                    if let Some(name) = g.name.as_str().filter(|_| !g.shares(&self.gv.argv)) {
                        out.extend_from_slice(name.bytes());
                    }
                    out.extend_from_slice(format!("> {unit} {n}").as_bytes());
                }
            }
        }
        if self.phase == "DESTRUCT" {
            out.extend_from_slice(b" during global destruction");
        }
        out.extend_from_slice(b".\n");
        out
    }

    fn rs_is_newline(&self) -> bool {
        self.gv
            .rs
            .sv
            .get()
            .as_ref()
            .and_then(|s| s.peek().as_str().map(|s| s.bytes() == b"\n"))
            .unwrap_or(false)
    }

    /// `die "text"` at the running statement, with `__DIE__` handling.
    pub fn die_text(&mut self, msg: &str) -> Box<Exc> {
        self.die_bytes(msg.as_bytes(), !msg.is_ascii())
    }

    /// The same for arbitrary bytes; position and newline are appended unless the text ends in one.
    pub fn die_bytes(&mut self, msg: &[u8], utf8: bool) -> Box<Exc> {
        let mut b = msg.to_vec();
        if b.last() != Some(&b'\n') {
            b.extend(self.position_suffix());
        }
        self.die_value(Val::str(&b, utf8))
    }

    /// `die VALUE`, value complete. Calls `$SIG{__DIE__}`.
    pub fn die_value(&mut self, v: Val) -> Box<Exc> {
        match self.call_die_hook(v) {
            Ok(v) => Box::new(Exc::Die(v)),
            Err(e) => e,
        }
    }

    fn call_die_hook(&mut self, v: Val) -> R<Val> {
        if self.rtstate.in_die_hook {
            return Ok(v);
        }
        let Some(code) = self.signal_hook("__DIE__")? else { return Ok(v) };
        self.rtstate.in_die_hook = true;
        let r = self.call(&code, Array::from_vec(vec![v.clone()]), Want::Scalar);
        self.rtstate.in_die_hook = false;
        r.map(|_: Ret| v)
    }

    /// `$SIG{__DIE__}`/`$SIG{__WARN__}` as code, if set.
    pub fn signal_hook(&mut self, name: &str) -> R<Option<keshi_value::Ptr<keshi_value::Code>>> {
        let Some(h) = self.gv.sig.hv.get().clone() else { return Ok(None) };
        let Some(v) = h.get_str(name) else { return Ok(None) };
        if v.is_undef() {
            return Ok(None);
        }
        if let Some(c) = v.cv() {
            return Ok(Some(c));
        }
        let (b, _) = self.str_bytes(&v)?;
        if b.is_empty() || &b[..] == b"DEFAULT" || &b[..] == b"IGNORE" {
            return Ok(None);
        }
        let full = if memchr::memmem::find(&b, b"::").is_some() {
            b.to_vec()
        } else {
            [b"main::".as_slice(), &b].concat()
        };
        let g = self.gv_lookup(&full);
        Ok(g.and_then(|g| g.cv.get().clone()).filter(|c| c.is_defined()))
    }

    /// Depth of enclosing `eval`s (blocks and strings) as `$^S` and `caller` see them: the handler
    /// regions around the pc of each frame.
    pub fn eval_depth(&self) -> usize {
        let mut n = 0;
        for i in 0..self.frames.len() {
            n += self.eval_regions(i).len();
        }
        n
    }

    /// Eval handlers around the pc of frame `i`, innermost first; with the pc where each begins.
    pub fn eval_regions(&self, i: usize) -> Vec<u32> {
        let c = &self.frames[i].linked.chunk;
        let mut h = c.handler_at(self.pc_index(i));
        let mut out = Vec::new();
        while let Some(k) = h {
            h = match &c.handlers[k as usize] {
                Handler::Eval { parent, is_try, .. } => {
                    if !is_try {
                        out.push(k);
                    }
                    *parent
                }
                Handler::Loop { parent, .. } | Handler::Goto { parent, .. } => *parent,
            };
        }
        out
    }

    /// "… is not implemented in Keshi" – the only form in which something may be missing.
    pub fn unimplemented(&mut self, what: &str) -> Box<Exc> {
        self.die_text(&format!("{what} is not implemented in Keshi"))
    }
}
