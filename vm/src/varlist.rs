//! Names of the items of an operand list (`sprintf`, `print`, `join`, slices …) for warnings.
//!
//! The list was made by a straight run of instructions: it is gone through from `list.new` on, counting items,
//! to the instruction that put the wanted one there. Where the run branches around a push there is no name.

use crate::Vm;
use crate::varname::{
    SEARCH_MAX, container_name, element, is_cold, key_of, pad_name, target, undefined, writer,
};
use keshi_l1::chunk::{Chunk, Fam};
use keshi_l1::isa::Mode;
use keshi_l1::view::View;

impl Vm {
    /// Name of item `i` of the list that the instruction at `pc` takes.
    pub(crate) fn item_name(&self, c: &Chunk, pc: usize, v: &View, i: usize) -> Option<String> {
        let list = v.regs().filter(|(_, mode, fam, _)| *fam == Fam::P && mode.reads()).last()?.3;
        let start = (0..pc).rev().find(|p| {
            View::new(&c.code[*p]).is_some_and(|v| v.regs().any(|(_, m, _, r)| r == list && m == Mode::Out))
        })?;
        let first = View::new(&c.code[start])?;
        if first.is_rt() || first.info.name != "list.new" || branches(c, start, pc, list) {
            return None;
        }
        let single = pushes(c, start, pc, list).filter(|(p, v)| !constant(c, *p, v)).count() == 1;
        let unsure = !single || matches!(v.info.name, "print" | "say" | "printf");
        let mut at = 0;
        for (p, push) in pushes(c, start, pc, list) {
            let n = match (push.is_rt(), push.info.name) {
                (false, "list.push" | "list.slot") => {
                    if at == i {
                        return self.scalar_name(c, p, push.reg(1)?, unsure);
                    }
                    1
                }
                (false, "list.cell") => {
                    if at == i {
                        return container_name(c, p, push.reg(1)?, '$');
                    }
                    1
                }
                (true, "list.copy.av") | (false, "list.av") => {
                    let held = self.container(c, p, push.reg(1)?)?;
                    let a = held.as_av()?;
                    if i < at + a.len() {
                        let name = container_name(c, p, push.reg(1)?, '@')?;
                        if !undefined(a.as_slice().get(i - at)?) {
                            return None;
                        }
                        return Some(match a.len() > SEARCH_MAX {
                            true => format!("within {name}"),
                            false => format!("${}[{}]", &name[1..], i - at),
                        });
                    }
                    a.len()
                }
                (true, "list.copy.hv") | (false, "list.hv") => {
                    let held = self.container(c, p, push.reg(1)?)?;
                    let h = held.as_hv()?;
                    if i < at + 2 * h.len() {
                        let name = container_name(c, p, push.reg(1)?, '%')?;
                        if h.len() > SEARCH_MAX {
                            return Some(format!("within {name}"));
                        }
                        let e = h.entries().nth((i - at) / 2)?;
                        let (key, utf8) = key_of(e);
                        return undefined(e.raw()).then(|| element(&name, &key, utf8));
                    }
                    2 * h.len()
                }
                _ => return None,
            };
            at += n;
        }
        None
    }
}

/// The instructions that put something into the list.
fn pushes(c: &Chunk, start: usize, end: usize, list: u16) -> impl Iterator<Item = (usize, View<'_>)> {
    (start + 1..end).filter_map(move |p| {
        let v = View::new(&c.code[p])?;
        (v.reg(0) == Some(list) && v.regs().next()?.2 == Fam::P).then_some((p, v))
    })
}

/// Does a branch between `start` and `end` go around a push, or back?
fn branches(c: &Chunk, start: usize, end: usize, list: u16) -> bool {
    (start..end).any(|p| {
        let Some(to) = target(c, p) else { return false };
        !is_cold(c, to) && (to <= p || to > end || pushes(c, p, to, list).next().is_some())
    })
}

fn constant(c: &Chunk, pc: usize, push: &View) -> bool {
    let Some(r) = push.reg(1) else { return false };
    !push.is_rt()
        && push.info.name == "list.push"
        && pad_name(c, r, Fam::S, '$').is_none()
        && writer(c, pc, r).is_some_and(|(_, v)| !v.is_rt() && v.info.name == "s.const")
}
