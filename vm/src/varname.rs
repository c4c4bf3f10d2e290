//! Names of variables for `Use of uninitialized value $x in …`.
//!
//! The operand is found from the running instruction: of its scalar registers one that is undefined. Its name is
//! that of the pad variable that lives there, or of what was loaded into it: the instructions before are looked
//! through for the load. Of several undefined operands the names come in the order in which perl looks at them,
//! one with each warning. Functions that convert the items of a list say which item they are at; the list is
//! followed back to the instruction that made the item ([`crate::varlist`]). A name is given only if there is no
//! doubt.
//!
//! `unsafe`: register numbers come from the verified chunk of the running frame, so `fp + r` is a live slot.

use crate::Vm;
use crate::exc::R;
use keshi_l1::chunk::{Chunk, Const, Fam};
use keshi_l1::isa::Mode;
use keshi_l1::view::View;
use keshi_value::array::ABSENT;
use keshi_value::hash::Entry;
use keshi_value::obj::{Kind, Obj};
use keshi_value::val::tag;
use keshi_value::{Hash, Val};

/// How many instructions back a load is looked for.
const REACH: usize = 256;
/// As many columns of a key are shown.
const KEY_MAX: usize = 32;
/// Larger arrays and hashes are not searched for the element.
pub(crate) const SEARCH_MAX: usize = 1000;

/// What is being converted: kept for the names in warnings.
#[derive(Default)]
pub struct Converting {
    /// Item of the operand list.
    item: Option<usize>,
    /// What is done with the value, where the operation has several steps.
    pub(crate) step: Option<&'static str>,
    /// Frame, instruction and number of the undefined operand that the next warning is about.
    pub(crate) next: Option<(usize, u32, usize)>,
}

/// A load found by [`Vm::scalar_name`].
struct Load<'a> {
    c: &'a Chunk,
    pc: usize,
    v: View<'a>,
    /// Other operands may have been the undefined ones: an element that is not there is not named.
    unsure: bool,
}

impl Vm {
    /// The value is item `i` of the operand list.
    #[inline]
    pub fn at_item(&mut self, i: usize, v: &Val) {
        if v.is_undef() {
            self.rtstate.converting.item = Some(i);
        }
    }

    /// Nothing is converted after all.
    pub fn no_item(&mut self) {
        self.rtstate.converting.item = None;
    }

    /// The value is the handle: the first item of the operand list, if the handle is there.
    pub fn at_handle(&mut self) {
        let f = self.frames.last().map(|f| f.linked.clone());
        let pc = self.pc_index(self.frames.len().max(1) - 1) as usize;
        let first = f.and_then(|l| {
            let v = View::new(l.chunk.code.get(pc)?)?;
            v.regs().find(|(_, mode, fam, _)| *fam == Fam::S && *mode == Mode::In)
        });
        if first.is_none() {
            self.rtstate.converting.item = Some(0);
        }
    }

    /// The integer that item `i` of the operand list is; nothing if it is not there.
    pub fn iv_item(&mut self, l: &[Val], i: usize) -> R<i64> {
        let none = Val::undef();
        let v = l.get(i).unwrap_or(&none);
        self.at_item(i, v);
        self.to_iv(v)
    }

    /// The variable that the running operation found undefined.
    pub fn uninit_name(&mut self) -> Option<String> {
        let item = self.rtstate.converting.item.take();
        let last = self.rtstate.converting.next.take();
        let depth = self.frames.len();
        let f = self.frames.last()?;
        let pc = self.pc_index(depth - 1);
        let linked = f.linked.clone();
        let c = &linked.chunk;
        let v = View::new(c.code.get(pc as usize)?)?;
        if let Some(i) = item {
            return self.item_name(c, pc as usize, &v, i);
        }
        let regs = self.undefined_operands(&v);
        let n = last.filter(|l| (l.0, l.1) == (depth, pc) && l.2 < regs.len()).map_or(0, |l| l.2);
        if n + 1 < regs.len() {
            self.rtstate.converting.next = Some((depth, pc, n + 1));
        }
        let operands = operands(&v).filter(|r| !is_constant(c, pc as usize, *r)).count();
        let unsure = operands > 1 || matches!(v.info.name, "print.1" | "say.1");
        self.scalar_name(c, pc as usize, *regs.get(n)?, unsure)
    }

    /// The registers of the undefined operands, in the order in which perl converts them.
    fn undefined_operands(&self, v: &View) -> Vec<u16> {
        let mut all: Vec<u16> = operands(v).collect();
        match order(v) {
            Order::Forward => {}
            Order::Backward => all.reverse(),
            Order::LastFirst => all.rotate_right(1),
            Order::Middle => {
                if let [s, off, len, repl] = all[..] {
                    all = vec![len, off, repl, s];
                }
            }
            Order::NotFirst => drop(all.drain(..all.len().min(1))),
        }
        let plain: Vec<u16> = all.iter().copied().filter(|r| undefined(self.slot_value(*r))).collect();
        if !plain.is_empty() {
            return plain;
        }
        all.into_iter().filter(|r| magical(self.slot_value(*r))).collect()
    }

    pub(crate) fn slot_value(&self, r: u16) -> &Val {
        // SAFETY: see the module's header.
        unsafe { &*self.fp.add(r as usize) }
    }

    /// Name of the scalar that register `r` holds at `pc`. `unsure`: see [`Load`].
    pub(crate) fn scalar_name(&self, c: &Chunk, pc: usize, r: u16, unsure: bool) -> Option<String> {
        if let Some(n) = pad_name(c, r, Fam::S, '$') {
            return Some(n);
        }
        let (pc, v) = writer(c, pc, r)?;
        match (v.is_rt(), v.info.name) {
            (false, "s.copy" | "s.move") => self.scalar_name(c, pc, v.reg(1)?, unsure),
            (false, "cell.load" | "cell.get") | (true, "cell.alias") => container_name(c, pc, v.reg(1)?, '$'),
            (true, "slot.alias" | "alias.set") => self.scalar_name(c, pc, v.reg(1)?, unsure),
            (true, "length") => Some(format!("length({})", self.scalar_name(c, pc, v.reg(1)?, unsure)?)),
            (true, n @ ("shift" | "pop")) => Some(format!("{n}({})", container_name(c, pc, v.reg(1)?, '@')?)),
            (false, "rx.cap") => Some(format!("${}", v.value(1))),
            // The variable of a loop that keeps `$_` in a register.
            (true, "list.item" | "av.alias") => Some("$_".into()),
            (false, "arg.get") => Some(format!("$_[{}]", v.value(1))),
            (false, "av.getq" | "av.get") | (true, "av.fetch") => {
                self.array_element(&Load { c, pc, v, unsure })
            }
            (false, "hv.getk" | "hv.get") => self.hash_element(&Load { c, pc, v, unsure }),
            _ => None,
        }
    }

    fn array_element(&self, l: &Load) -> Option<String> {
        let p = l.v.reg(1)?;
        let name = container_name(l.c, l.pc, p, '@')?;
        let held = self.container(l.c, l.pc, p);
        let a = held.as_ref().and_then(Val::as_av);
        let index = match l.v.is_rt() {
            true => {
                self.scalar_value(l.c, l.pc, l.v.reg(2)?).filter(|i| i.tag() == tag::INT).map(|i| i.as_i64())
            }
            false => self.index(l.c, l.pc, l.v.reg(2)?),
        };
        let tied = a.is_some_and(|a| a.hdr().kind.get() != Kind::ARRAY);
        if tied && (l.unsure || !l.v.is_rt() && !self.constant_index(l)) {
            return (!l.unsure).then(|| format!("within {name}"));
        }
        if let Some(i) = index {
            let there = a.is_some_and(|a| {
                let at = if i < 0 { i + a.len() as i64 } else { i };
                usize::try_from(at).is_ok_and(|at| a.as_slice().get(at).is_some_and(|v| v.meta & ABSENT == 0))
            });
            return (there || !l.unsure).then(|| format!("${}[{i}]", &name[1..]));
        }
        let found = a.filter(|a| a.len() <= SEARCH_MAX).and_then(|a| {
            only(
                a.as_slice()
                    .iter()
                    .enumerate()
                    .filter(|(_, v)| v.meta & ABSENT == 0 && undefined(v))
                    .map(|e| e.0),
            )
        });
        match found {
            Some(i) => Some(format!("${}[{i}]", &name[1..])),
            None => (!l.unsure).then(|| format!("within {name}")),
        }
    }

    fn hash_element(&self, l: &Load) -> Option<String> {
        let p = l.v.reg(1)?;
        let name = container_name(l.c, l.pc, p, '%')?;
        let held = self.container(l.c, l.pc, p)?;
        let h = held.as_hv()?;
        let key = match l.v.info.name {
            "hv.getk" => match l.c.consts.get(l.v.value(2) as usize)? {
                Const::Str { bytes, utf8 } => Some(Val::str(bytes, *utf8)),
                _ => None,
            },
            _ => self.scalar_value(l.c, l.pc, l.v.reg(2)?),
        };
        let tied = h.hdr().kind.get() != Kind::HASH;
        let literal = l.v.info.name == "hv.getk" || is_constant(l.c, l.pc, l.v.reg(2)?);
        if tied && (l.unsure || !literal) {
            return (!l.unsure).then(|| format!("within {name}"));
        }
        if let Some(k) = key {
            let s = k.as_str()?;
            let there = h.raw(&keshi_value::hash::Key::new(s.bytes(), s.utf8())).is_some();
            return (there || !l.unsure).then(|| element(&name, s.bytes(), s.utf8()));
        }
        match undefined_key(h) {
            Some(k) => Some(element(&name, &k.0, k.1)),
            None => (!l.unsure).then(|| format!("within {name}")),
        }
    }

    /// The array or hash in P register `r` at `pc`; a package's one may have left the register.
    pub(crate) fn container(&self, c: &Chunk, pc: usize, r: u16) -> Option<Val> {
        let v = self.slot_value(r);
        if v.as_av().is_some() || v.as_hv().is_some() {
            return Some(v.clone());
        }
        let (_, w) = writer(c, pc, r)?;
        let g = self.frames.last()?.linked.globs.get(w.value(1) as usize)?;
        match w.info.name {
            "glob.av" => g.av.get().clone().map(Val::ptr),
            "glob.hv" => g.hv.get().clone().map(Val::ptr),
            _ => None,
        }
    }

    fn constant_index(&self, l: &Load) -> bool {
        let found = l.v.reg(2).and_then(|r| writer(l.c, l.pc, r));
        found.is_some_and(|(_, v)| !v.is_rt() && v.info.name == "i.const")
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

/// A tied or otherwise magical scalar: what it is can only be asked it.
fn magical(v: &Val) -> bool {
    v.tag() == tag::IND && v.as_scalar().is_some_and(|s| s.hdr().kind.get() != Kind::SCALAR)
}

pub(crate) fn undefined(v: &Val) -> bool {
    match v.tag() {
        tag::UNDEF => true,
        tag::IND => v.as_scalar().is_some_and(|s| s.hdr().kind.get() == Kind::SCALAR && s.get().is_undef()),
        _ => false,
    }
}

/// The one pad variable that lives in slot `r`.
pub(crate) fn pad_name(c: &Chunk, r: u16, fam: Fam, sigil: char) -> Option<String> {
    let mut names = c.pad.iter().filter(|p| p.slot == r && p.fam == fam).map(|p| &p.name);
    let name = names.next()?;
    if names.any(|n| n != name) || name.first() != Some(&(sigil as u8)) || name.len() < 2 {
        return None;
    }
    String::from_utf8(name.to_vec()).ok()
}

/// Name, with sigil, of the cell, array or hash in P register `r` at `pc`.
pub(crate) fn container_name(c: &Chunk, pc: usize, r: u16, sigil: char) -> Option<String> {
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
    Some(format!("{sigil}{}", shown(name.strip_prefix("main::").unwrap_or(name))))
}

/// `^FOO` for names that start with a control character.
fn shown(name: &str) -> std::borrow::Cow<'_, str> {
    match name.as_bytes() {
        [c @ 1..=26, rest @ ..] => format!("^{}{}", (c ^ 64) as char, String::from_utf8_lossy(rest)).into(),
        _ => name.into(),
    }
}

/// The instruction before `pc` that wrote register `r`, on the only way to `pc`.
pub(crate) fn writer(c: &Chunk, pc: usize, r: u16) -> Option<(usize, View<'_>)> {
    let mut p = pc;
    for _ in 0..REACH {
        p = p.checked_sub(1)?;
        let v = View::new(&c.code[p])?;
        if !v.is_rt() && v.info.name == "cold" {
            // The way into a cold block is the branch to it.
            p = (0..c.code.len()).find(|i| target(c, *i) == Some(p))? + 1;
            continue;
        }
        if v.ends_block() {
            // The way to what follows is a branch.
            p = (0..p).find(|i| target(c, *i) == Some(p + 1))? + 1;
            continue;
        }
        if v.regs().any(|(_, mode, _, slot)| slot == r && mode.writes()) {
            // What another branch may have written instead cannot be told.
            let around = (0..p).any(|i| target(c, i).is_some_and(|t| t > p && t <= pc && !is_cold(c, t)));
            return (!around).then_some((p, v));
        }
    }
    None
}

/// Where the instruction branches to.
pub(crate) fn target(c: &Chunk, i: usize) -> Option<usize> {
    View::new(&c.code[i])?.label().map(|l| l as usize)
}

pub(crate) fn is_cold(c: &Chunk, i: usize) -> bool {
    c.code.get(i).and_then(View::new).is_some_and(|v| !v.is_rt() && v.info.name == "cold")
}

/// `$h{"key"}`
pub(crate) fn element(hash: &str, key: &[u8], utf8: bool) -> String {
    format!("${}{{{}}}", &hash[1..], keshi_text::quote::display(key, utf8, KEY_MAX))
}

/// The key of the only undefined value.
fn undefined_key(h: &Hash) -> Option<(Vec<u8>, bool)> {
    if h.len() > SEARCH_MAX {
        return None;
    }
    only(h.entries().filter(|e| undefined(e.raw())).map(key_of))
}

/// An entry's key: bytes and flag.
pub(crate) fn key_of(e: &Entry) -> (Vec<u8>, bool) {
    let k = e.key_val();
    k.as_str().map_or((Vec::new(), false), |s| (s.bytes().to_vec(), s.utf8()))
}

fn only<T>(mut i: impl Iterator<Item = T>) -> Option<T> {
    let first = i.next()?;
    i.next().is_none().then_some(first)
}

/// The scalar registers that an instruction reads.
fn operands<'a>(v: &View<'a>) -> impl Iterator<Item = u16> + use<'a> {
    v.regs().filter(|(_, mode, fam, _)| *fam == Fam::S && mode.reads()).map(|o| o.3)
}

/// Does register `r` hold a constant at `pc`?
fn is_constant(c: &Chunk, pc: usize, r: u16) -> bool {
    pad_name(c, r, Fam::S, '$').is_none()
        && writer(c, pc, r).is_some_and(|(_, v)| !v.is_rt() && v.info.name == "s.const")
}

/// The order in which perl looks at the operands.
enum Order {
    Forward,
    Backward,
    /// The last one, then the others from the left.
    LastFirst,
    /// Length, offset, replacement, string.
    Middle,
    /// The first is not warned about.
    NotFirst,
}

fn order(v: &View) -> Order {
    let number = |o: u64| matches!(o & 255, 1..=6 | 9 | 10 | 20..=26);
    let imm = |name| v.info.operand(name).map_or(0, |(i, _)| v.value(i));
    match v.info.name {
        "add" | "sub" | "mul" | "div" | "mod" | "pow" | "shl" | "shr" | "eq" | "ne" | "lt" | "le" | "gt"
        | "ge" | "ncmp" | "atan2" | "vec.n" | "vec.lv" | "substr" | "substr.len" | "substr.lv"
        | "sysopen" | "socket" | "socketpair" => Order::Backward,
        "int.op" if number(imm("op")) => Order::Backward,
        // `+=`, `-=`, `.=`, `|=` and `^=` may start from nothing.
        "opassign" if matches!(imm("op") & 255, 1 | 2 | 7 | 12 | 13 | 15 | 16 | 18 | 19) => Order::NotFirst,
        "opassign" if number(imm("op")) => Order::Backward,
        "substr.repl" => Order::Middle,
        "index.pos" | "rindex.pos" => Order::LastFirst,
        _ => Order::Forward,
    }
}
