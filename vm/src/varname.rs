//! Names of variables for `Use of uninitialized value $x in …`.
//!
//! The operand is found from the running instruction: of its scalar registers the one that is undefined. Its name
//! is that of the pad variable that lives there, or of what was loaded into it: the instructions before are looked
//! through for the load. A name is given only if there is no doubt.
//!
//! `unsafe`: register numbers come from the verified chunk of the running frame, so `fp + r` is a live slot.

use crate::Vm;
use keshi_l1::chunk::{Chunk, Const, Fam};
use keshi_l1::view::View;
use keshi_value::Val;
use keshi_value::obj::{Kind, Obj};
use keshi_value::val::tag;

/// How many instructions back a load is looked for.
const REACH: usize = 64;
/// Longer keys are not shown.
const KEY_MAX: usize = 32;

impl Vm {
    /// The variable that the running operation found undefined.
    pub fn uninit_name(&self) -> Option<String> {
        let f = self.frames.last()?;
        let pc = self.pc_index(self.frames.len() - 1) as usize;
        let c = &f.linked.chunk;
        let v = View::new(c.code.get(pc)?)?;
        if !v.is_rt() {
            return None;
        }
        let mut found = None;
        for (_, mode, fam, r) in v.regs() {
            if fam != Fam::S || !mode.reads() || !undefined(self.slot_value(r)) {
                continue;
            }
            let name = self.scalar_name(c, pc, r)?;
            if found.as_ref().is_some_and(|n| *n != name) {
                return None;
            }
            found = Some(name);
        }
        found
    }

    fn slot_value(&self, r: u16) -> &Val {
        // SAFETY: see the module's header.
        unsafe { &*self.fp.add(r as usize) }
    }

    /// Name of the scalar that register `r` holds at `pc`.
    fn scalar_name(&self, c: &Chunk, pc: usize, r: u16) -> Option<String> {
        if let Some(n) = pad_name(c, r, Fam::S, '$') {
            return Some(n);
        }
        let (pc, v) = writer(c, pc, r)?;
        match (v.is_rt(), v.info.name) {
            (false, "s.copy" | "s.move") => self.scalar_name(c, pc, v.reg(1)?),
            (false, "cell.load" | "cell.get") => container_name(c, pc, v.reg(1)?, '$'),
            (false, "av.getq" | "av.get") => {
                let name = container_name(c, pc, v.reg(1)?, '@')?;
                let i = self.index(c, pc, v.reg(2)?)?;
                Some(format!("${}[{i}]", &name[1..]))
            }
            (true, "av.fetch") => {
                let name = container_name(c, pc, v.reg(1)?, '@')?;
                let i = self.scalar_value(c, pc, v.reg(2)?)?;
                if i.tag() != tag::INT {
                    return None;
                }
                Some(format!("${}[{}]", &name[1..], i.as_i64()))
            }
            (false, "hv.getk") => {
                let name = container_name(c, pc, v.reg(1)?, '%')?;
                let key = c.consts.get(v.value(2) as usize)?;
                element(&name, const_text(key)?)
            }
            (false, "hv.get") => {
                let name = container_name(c, pc, v.reg(1)?, '%')?;
                let key = self.scalar_value(c, pc, v.reg(2)?)?;
                element(&name, key.as_str()?.bytes())
            }
            _ => None,
        }
    }

    /// The integer in register `r` at `pc`: a constant, or the value of a variable.
    fn index(&self, c: &Chunk, pc: usize, r: u16) -> Option<i64> {
        let (pc, v) = writer(c, pc, r)?;
        match (v.is_rt(), v.info.name) {
            (false, "i.const") => Some(v.value(1) as i64),
            (false, "s.geti") => {
                let s = self.scalar_value(c, pc, v.reg(1)?)?;
                if s.tag() == tag::INT { Some(s.as_i64()) } else { None }
            }
            _ => None,
        }
    }

    /// The value of a pad variable or of a constant in register `r`.
    fn scalar_value(&self, c: &Chunk, pc: usize, r: u16) -> Option<Val> {
        if pad_name(c, r, Fam::S, '$').is_some() {
            return Some(self.slot_value(r).resolve().clone());
        }
        let (_, v) = writer(c, pc, r)?;
        if v.is_rt() || v.info.name != "s.const" {
            return None;
        }
        match c.consts.get(v.value(1) as usize)? {
            Const::Int(i) => Some(Val::int(*i)),
            Const::Str { bytes, utf8 } => Some(Val::str(bytes, *utf8)),
            _ => None,
        }
    }
}

fn undefined(v: &Val) -> bool {
    match v.tag() {
        tag::UNDEF => true,
        tag::IND => v.as_scalar().is_some_and(|s| s.hdr().kind.get() == Kind::SCALAR && s.get().is_undef()),
        _ => false,
    }
}

/// The one pad variable that lives in slot `r`.
fn pad_name(c: &Chunk, r: u16, fam: Fam, sigil: char) -> Option<String> {
    let mut names = c.pad.iter().filter(|p| p.slot == r && p.fam == fam).map(|p| &p.name);
    let name = names.next()?;
    if names.any(|n| n != name) || name.first() != Some(&(sigil as u8)) || name.len() < 2 {
        return None;
    }
    String::from_utf8(name.to_vec()).ok()
}

/// Name, with sigil, of the cell, array or hash in P register `r` at `pc`.
fn container_name(c: &Chunk, pc: usize, r: u16, sigil: char) -> Option<String> {
    if let Some(n) = pad_name(c, r, Fam::P, sigil) {
        return Some(n);
    }
    let (_, v) = writer(c, pc, r)?;
    let loads = match sigil {
        '$' => "glob.sv",
        '@' => "glob.av",
        _ => "glob.hv",
    };
    if v.is_rt() || v.info.name != loads {
        return None;
    }
    let sym = c.syms.get(v.value(1) as usize)?;
    let name = std::str::from_utf8(&sym.name).ok()?;
    Some(format!("{sigil}{}", name.strip_prefix("main::").unwrap_or(name)))
}

/// The instruction before `pc` that wrote register `r`, on the only way to `pc`.
fn writer(c: &Chunk, pc: usize, r: u16) -> Option<(usize, View<'_>)> {
    let mut p = pc;
    for _ in 0..REACH {
        p = p.checked_sub(1)?;
        let v = View::new(&c.code[p])?;
        if !v.is_rt() && v.info.name == "cold" {
            // The way into a cold block is the branch to it.
            p = c.code.iter().position(|i| View::new(i).and_then(|v| v.label()) == Some(p as u32))?;
            continue;
        }
        if v.ends_block() {
            return None;
        }
        if v.regs().any(|(_, mode, _, slot)| slot == r && mode.writes()) {
            return Some((p, v));
        }
    }
    None
}

fn const_text(k: &Const) -> Option<&[u8]> {
    match k {
        Const::Str { bytes, .. } => Some(bytes),
        _ => None,
    }
}

/// `$h{"key"}`
fn element(hash: &str, key: &[u8]) -> Option<String> {
    let plain = |b: &u8| (b.is_ascii_graphic() || *b == b' ') && !matches!(b, b'"' | b'\\' | b'$' | b'@');
    if key.len() > KEY_MAX || !key.iter().all(plain) {
        return None;
    }
    Some(format!("${}{{\"{}\"}}", &hash[1..], String::from_utf8_lossy(key)))
}
