//! Captured variables and closures.

use crate::Vm;
use crate::exc::R;
use keshi_l1::chunk::{Const, Fam};
use keshi_value::code::cvf;
use keshi_value::{Array, Body, Code, Hash, Scalar, Val};
use std::rc::Rc;

/// Outer index of a capture that starts as a new variable of each closure (`state`).
pub const FRESH: u32 = u32::MAX;

/// A fresh variable for a pad name, by its sigil.
pub fn fresh_by_name(name: &[u8]) -> Val {
    match name.first() {
        Some(b'@') => Val::ptr(Array::new()),
        Some(b'%') => Val::ptr(Hash::new()),
        Some(b'&') => Val::ptr(Code::new(Body::None)),
        _ => Val::ptr(Scalar::new(Val::undef())),
    }
}

impl Vm {
    /// The variable at entry `idx` of pad `pad` in the innermost running frame of that pad.
    pub fn frame_variable(&mut self, pad: u64, idx: u32) -> Option<Val> {
        let f = self.frames.iter().rev().find(|f| f.linked.chunk.pad_id as u64 == pad)?;
        let var = f.linked.chunk.pad.get(idx as usize)?;
        if var.name.is_empty() {
            return None;
        }
        let fam = var.fam;
        let place = f.slot(var.slot);
        match fam {
            Fam::S => Some(Val::ptr(place.promote())),
            _ if place.bits != 0 => Some(place.ptr_to_obj()),
            _ => None,
        }
    }
}

/// `pad.get`: captured variable `idx` of the running closure.
pub fn get(vm: &mut Vm, idx: u64) -> R<Val> {
    let f = vm.frame();
    match f.code.captures.get().get(idx as usize) {
        Some(v) if v.bits != 0 => Ok(v.clone()),
        _ => {
            let name = f.linked.chunk.captures.get(idx as usize).map(|c| c.name.clone()).unwrap_or_default();
            Ok(fresh_by_name(&name))
        }
    }
}

/// `pad.set`
pub fn set(vm: &mut Vm, idx: u64, a: &Val) -> R<()> {
    let c = vm.frame().code.captures.get_mut();
    if c.len() <= idx as usize {
        c.resize_with(idx as usize + 1, Val::undef);
    }
    c[idx as usize].put(a.clone());
    Ok(())
}

/// `clos.new`: a closure over constant `proto`; captures follow by `clos.cap`.
pub fn closure(vm: &mut Vm, proto: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let Const::Chunk(chunk) = &linked.chunk.consts[proto as usize] else {
        return Err(vm.die_text("panic: closure constant is no chunk"));
    };
    // The inner chunk is linked once per enclosing linked chunk and kept in its site data.
    let inner = match linked.site_data.get()[proto as usize].as_cv() {
        Some(c) => match c.body.get() {
            keshi_value::Body::Chunk(l) => l.clone(),
            _ => vm.link(chunk.clone()),
        },
        None => {
            let l = vm.link(chunk.clone());
            let holder = vm.new_code(Rc::clone(&l), Vec::new());
            linked.site_data.get_mut()[proto as usize] = Val::ptr(holder);
            l
        }
    };
    let n = inner.chunk.captures.len();
    let captures = inner.chunk.captures.iter().map(|c| match c.outer {
        FRESH => fresh_by_name(&c.name),
        _ => Val::undef(),
    });
    let captures = captures.collect();
    let code = vm.new_code(inner, captures);
    code.set_flag(cvf::ANON, true);
    if n > 0 {
        code.set_flag(cvf::CLONED, true);
    }
    Ok(Val::ptr(code))
}

/// `lexsub.fill`: the variable of a lexical sub gets the closure's body; a `state` sub only once.
pub fn fill(_vm: &mut Vm, a: &Val, b: &Val, state: u64) -> R<()> {
    if let (Some(a), Some(b)) = (a.as_cv(), b.as_cv())
        && (state == 0 || !a.is_defined())
    {
        a.become_like(b);
    }
    Ok(())
}

/// `clos.cap`: captured variable `idx` of closure `c` is `a`.
pub fn capture(_vm: &mut Vm, c: &Val, idx: u64, a: &Val) -> R<()> {
    if let Some(c) = c.as_cv() {
        let caps = c.captures.get_mut();
        if caps.len() <= idx as usize {
            caps.resize_with(idx as usize + 1, Val::undef);
        }
        let v = a.ptr_to_obj();
        caps[idx as usize].put(v);
    }
    Ok(())
}
