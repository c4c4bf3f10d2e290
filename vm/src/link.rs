//! Binding a chunk to this interpreter.

use crate::Vm;
use crate::call::native_ptr;
use crate::dispatch_gen::{FUSED, FUSED_BASE};
use crate::exc::NativeFn;
use keshi_l1::chunk::{Chunk, Const, Ins};
use keshi_value::code::{Ic, cvf};
use keshi_value::obj::Slot;
use keshi_value::scalar::Dual;
use keshi_value::val::meta;
use keshi_value::{Body, Code, Linked, Ptr, Val};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// The code with the opcode of the first atom of each known run replaced; everything else stays as it is.
fn fused(code: &[Ins]) -> Vec<Ins> {
    let mut out = code.to_vec();
    for (i, ins) in out.iter_mut().enumerate() {
        let at = |k: usize| code.get(i + k).map(|x| (x.op, [x.a, x.b, x.c], x.imm));
        if let Some(n) = l1_spec::fuse::find(FUSED, at) {
            ins.op = FUSED_BASE + n as u16;
        }
    }
    out
}

impl Vm {
    pub fn link(&mut self, chunk: Arc<Chunk>) -> Rc<Linked> {
        let consts = chunk.consts.iter().map(|c| self.const_val(c)).collect();
        let globs = chunk.syms.iter().map(|s| self.gv(&s.name, s.utf8)).collect();
        let id = chunk.pad_id as u64;
        let mut protos = Vec::new();
        if self.proto_cells.keys().any(|k| k.0 == id) {
            self.proto_cells.retain(|k, v| {
                if k.0 == id {
                    protos.push((k.1, v.clone()));
                }
                k.0 != id
            });
        }
        Rc::new(Linked {
            code: Slot::new(if self.fuse { fused(&chunk.code) } else { chunk.code.clone() }),
            consts,
            globs,
            ics: Slot::new(vec![Ic::default(); chunk.n_ics as usize]),
            loop_counts: (0..chunk.n_loops).map(|_| Cell::new(0)).collect(),
            cold_counts: (0..chunk.n_colds).map(|_| Cell::new(0)).collect(),
            calls: Cell::new(0),
            tier: Slot::new(None),
            site_data: Slot::new(vec![Val::undef(); chunk.consts.len()]),
            proto_cells: Slot::new(protos),
            fused: Cell::new(self.fuse),
            chunk,
        })
    }

    /// A constant as a value; constants that are data of an instruction (chunks, scopes, tables) are undef.
    pub fn const_val(&mut self, c: &Const) -> Val {
        match c {
            Const::Undef => Val::undef(),
            Const::Int(i) => Val::int(*i),
            Const::Uint(u) => Val::uint(*u),
            Const::Num(n) => Val::num(*n),
            Const::Bool(b) => Val::bool(*b),
            Const::Str { bytes, utf8 } => Val::str(bytes, *utf8),
            Const::VString { bytes, utf8, literal } => {
                let s = Val::str(bytes, *utf8);
                Val::dual(Dual::new(
                    Val::num(keshi_text::num::parse(bytes).num.nv()),
                    s,
                    Some(literal.clone()),
                ))
            }
            Const::Glob(name) => {
                let mut v = Val::glob(self.gv_str(name));
                v.meta |= meta::REAL_GLOB;
                v
            }
            Const::Chunk(_) | Const::Scope(_) | Const::Regex { .. } | Const::Table(_) | Const::List(_) => {
                Val::undef()
            }
        }
    }

    /// A sub for a linked chunk with the given captures.
    pub fn new_code(&mut self, linked: Rc<Linked>, captures: Vec<Val>) -> Ptr<Code> {
        let c = linked.chunk.clone();
        let mut captures = captures;
        // A `state` variable somebody captured at compile time is that of the first instance.
        for (i, var) in c.pad.iter().enumerate().filter(|(_, v)| v.state) {
            let protos = linked.proto_cells.get_mut();
            if let (Some(n), Some(at)) = (var.capture, protos.iter().position(|(k, _)| *k == i as u32))
                && c.captures[n as usize].outer == crate::rt::pad::FRESH
                && let Some(capture) = captures.get_mut(n as usize)
            {
                capture.put(protos.remove(at).1);
            }
        }
        let code = Code::new(Body::Chunk(linked));
        code.captures.set(captures);
        code.prototype.set(c.prototype.clone());
        code.package.set(Val::str(&c.package, !c.package.is_ascii()));
        code.file.set(Val::bytes(&c.file[..]));
        code.line.set(c.line);
        if c.attrs & keshi_l1::chunk::attr::LVALUE != 0 {
            code.set_flag(cvf::LVALUE, true);
        }
        if c.attrs & keshi_l1::chunk::attr::METHOD != 0 {
            code.set_flag(cvf::METHOD, true);
        }
        code
    }

    /// Defines a native sub under its full name.
    pub fn define_native(&mut self, full: &str, f: NativeFn, proto: Option<&str>) -> Ptr<Code> {
        let g = self.gv_str(full);
        let code = Code::new(Body::Native(native_ptr(f), Val::undef()));
        code.set_flag(cvf::NATIVE, true);
        code.prototype.set(proto.map(|p| p.as_bytes().into()));
        code.glob.set(Some(g.clone()));
        if let Some(p) = g.stash.get() {
            code.package.set(p.clone());
        }
        g.cv.set(Some(code.clone()));
        self.methods_changed();
        code
    }
}
