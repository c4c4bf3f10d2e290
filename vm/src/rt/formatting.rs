//! `sprintf`, `pack`, `unpack` and `tr` on top of keshi-text.

use super::array::{av, list_values};
use crate::Vm;
use crate::conv::num_val;
use crate::exc::{Exc, R};
use crate::warn::cat;
use keshi_l1::chunk::Const;
use keshi_text::num::Num;
use keshi_text::pack::{Kind, Template, Value};
use keshi_text::tr::{Flags, ListChar, Tr};
use keshi_text::{Args, Warning};
use keshi_value::{Array, Val};
use std::borrow::Cow;

/// A list of values as the formatting functions take their arguments.
pub struct ListArgs<'a> {
    pub vm: &'a mut Vm,
    pub list: Vec<Val>,
    /// The variables behind the values, where there are some, for `%n`.
    pub places: Vec<Val>,
    pub name: &'static str,
}

impl Args for ListArgs<'_> {
    type Err = Box<Exc>;
    fn count(&self) -> usize {
        self.list.len()
    }
    fn str(&mut self, i: usize) -> R<(Cow<'_, [u8]>, bool)> {
        self.vm.at_item(i + 1, &self.list[i]);
        self.vm.str_bytes(&self.list[i])
    }
    fn vector(&mut self, i: usize) -> R<(Cow<'_, [u8]>, bool)> {
        let v = self.list[i].clone();
        match self.vm.version_components(&v)? {
            Some(parts) => {
                let mut out = Vec::new();
                for p in parts {
                    keshi_text::utf8::encode(p, &mut out);
                }
                Ok((Cow::Owned(out), true))
            }
            None => {
                let octets = self.vm.use_bytes();
                let (s, u) = self.str(i)?;
                Ok((s, u && !octets))
            }
        }
    }
    fn num(&mut self, i: usize) -> R<Num> {
        self.vm.at_item(i + 1, &self.list[i]);
        self.vm.to_num(&self.list[i])
    }
    fn addr(&mut self, i: usize) -> R<u64> {
        Ok(self.list[i].addr())
    }
    fn ptr(&mut self, i: usize) -> R<u64> {
        if self.places.get(i).is_some_and(|p| !p.is_alias()) {
            self.vm.warn(cat::PACK, "Attempt to pack pointer to temporary value")?;
        }
        super::pointers::lend(self.vm, &self.list[i])
    }
    fn set_len(&mut self, i: usize, len: usize) -> R<()> {
        match self.places.get(i).filter(|p| p.is_alias()) {
            Some(p) => {
                self.vm.assign(&mut p.clone(), Val::int(len as i64))?;
                // The same variable may be among the arguments that follow.
                for (v, p) in self.list.iter_mut().zip(&self.places).skip(i + 1).filter(|(_, p)| p.is_alias())
                {
                    *v = self.vm.read(p)?;
                }
                Ok(())
            }
            None if self.places.is_empty() => {
                Err(self.vm.unimplemented("%n in a format that is not a constant"))
            }
            None => Err(self.vm.die_text("Modification of a read-only value attempted")),
        }
    }
    fn warn(&mut self, w: Warning) -> R<()> {
        warn(self.vm, &w)
    }
    fn warn_always(&mut self, w: Warning) -> R<()> {
        let c = cat::by_name(w.cat.name()).unwrap_or(cat::MISC);
        self.vm.warn_always(c, w.msg.as_bytes(), false)
    }
    fn die(&mut self, msg: String) -> Box<Exc> {
        self.vm.die_text(&msg)
    }
    fn name(&self) -> &'static str {
        self.name
    }
}

fn warn(vm: &mut Vm, w: &Warning) -> R<()> {
    let c = cat::by_name(w.cat.name()).unwrap_or(cat::MISC);
    vm.warn(c, &w.msg)
}

/// sprintf with the format as first element; `name` for messages.
pub fn sprintf_values(vm: &mut Vm, vs: Vec<Val>, name: &'static str) -> R<Val> {
    sprintf_into(vm, vs, Vec::new(), name)
}

/// The same with the variables that the values come from.
pub fn sprintf_into(vm: &mut Vm, mut vs: Vec<Val>, mut places: Vec<Val>, name: &'static str) -> R<Val> {
    if vs.is_empty() {
        return Ok(Val::bytes(""));
    }
    let fmt = vs.remove(0);
    vm.at_item(0, &fmt);
    let (f, u) = vm.str_bytes(&fmt)?;
    if !places.is_empty() {
        places.remove(0);
    }
    let mut args = ListArgs { vm, list: vs, places, name };
    let (b, bu) = keshi_text::sprintf::sprintf(&f, u, &mut args)?;
    Ok(Val::str(&b, bu))
}

/// sprintf
pub fn sprintf(vm: &mut Vm, b: &Val) -> R<Val> {
    let vs = list_values(vm, &av(b), 0)?;
    let mut places = av(b).as_slice().to_vec();
    if !places.iter().any(Val::is_alias) {
        places.clear();
    }
    sprintf_into(vm, vs, places, "sprintf")
}

/// sprintf with a constant format and one value
pub fn sprintf_one(vm: &mut Vm, b: &Val, format: u32) -> R<Val> {
    let f = vm.frame().linked.consts[format as usize].clone();
    sprintf_values(vm, vec![f, b.clone()], "sprintf")
}

/// pack
pub fn pack(vm: &mut Vm, b: &Val) -> R<Val> {
    let mut vs = list_values(vm, &av(b), 0)?;
    let mut places = av(b).as_slice().to_vec();
    let t = vs.remove(0);
    // The emitter tells variables and constants from temporaries where it sees a pointer in the template, which it
    // passes as an alias then.
    if !places.remove(0).is_alias() {
        places.clear();
    }
    vm.at_item(0, &t);
    let (t, _) = vm.str_bytes(&t)?;
    let t = match Template::parse(&t, Kind::Pack) {
        Ok(t) => t,
        Err(m) => return Err(vm.die_text(&m)),
    };
    let mut args = ListArgs { vm, list: vs, places, name: "pack" };
    let (b, u) = keshi_text::pack::pack(&t, &mut args)?;
    Ok(Val::str(&b, u))
}

fn unpack_values(vm: &mut Vm, b: &Val, c: &Val, one: bool) -> R<Vec<Val>> {
    let (t, _) = vm.str_bytes(b)?;
    let t = match Template::parse(&t, Kind::Unpack) {
        Ok(t) => t,
        Err(m) => return Err(vm.die_text(&m)),
    };
    let (d, u) = vm.str_bytes(c)?;
    let u = u && !vm.use_bytes();
    let mut warnings = Vec::new();
    let r = keshi_text::pack::unpack(&t, &d, u, one, &mut warnings);
    for w in &warnings {
        warn(vm, w)?;
    }
    match r {
        Ok(vs) => vs.into_iter().map(|v| unpacked(vm, v)).collect(),
        Err(m) => Err(vm.die_text(&m)),
    }
}

fn unpacked(vm: &mut Vm, v: Value) -> R<Val> {
    Ok(match v {
        Value::Undef => Val::undef(),
        Value::Str(b, u) => Val::str(&b, u),
        Value::Num(n) => num_val(n),
        Value::Ptr { addr, len } => super::pointers::follow(vm, addr, len)?,
    })
}

/// unpack in list context
pub fn unpack(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(Val::ptr(Array::from_vec(unpack_values(vm, b, c, false)?)))
}
/// unpack in scalar context
pub fn unpack_scalar(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    Ok(unpack_values(vm, b, c, true)?.into_iter().next().unwrap_or_default())
}

/// The compiled table of a transliteration, kept at its constant's site.
fn table(vm: &mut Vm, k: u32) -> R<std::rc::Rc<Tr>> {
    let linked = vm.frame().linked.clone();
    if let Some(o) = linked.site_data.get()[k as usize].as_regex() {
        if let Some(t) = o.re.downcast_ref::<std::rc::Rc<Tr>>() {
            return Ok(t.clone());
        }
    }
    let Const::List(l) = &linked.chunk.consts[k as usize] else {
        return Err(vm.die_text("panic: transliteration table"));
    };
    let int = |i: usize| match l.get(i) {
        Some(Const::Int(n)) => *n as u64,
        _ => 0,
    };
    let (bits, n) = (int(0), int(1) as usize);
    let list = |from: usize, to: usize| -> Vec<ListChar> {
        let mut out = Vec::new();
        let mut i = from;
        while i + 1 < to {
            let (a, b) = (int(i), int(i + 1));
            out.push(ListChar { cp: a, escaped: true });
            if b != a {
                out.push(ListChar { cp: b'-' as u64, escaped: false });
                out.push(ListChar { cp: b, escaped: true });
            }
            i += 2;
        }
        out
    };
    let flags = Flags {
        complement: bits & 1 != 0,
        delete: bits & 2 != 0,
        squeeze: bits & 4 != 0,
        ret: bits & 8 != 0,
    };
    let t = match Tr::compile(&list(2, 2 + 2 * n), &list(2 + 2 * n, l.len()), flags) {
        Ok(t) => t,
        Err(m) => return Err(vm.die_text(&m)),
    };
    for w in &t.warnings {
        warn(vm, w)?;
    }
    let t = std::rc::Rc::new(t);
    let holder = keshi_value::scalar::RegexObj::new(Box::new(t.clone()), Val::undef());
    linked.site_data.get_mut()[k as usize] = Val::ptr(holder);
    Ok(t)
}

/// tr///
pub fn trans(vm: &mut Vm, b: &mut Val, k: u32) -> R<Val> {
    let t = table(vm, k)?;
    let p = b.clone();
    let v = vm.read(&p)?;
    let (s, u) = vm.str_bytes(&v)?;
    let r = t.run(&s, u);
    if let Some((n, nu)) = r.changed {
        vm.assign(b, Val::str(&n, nu))?;
    } else if !t.identical && b.alias_cell().is_some_and(|c| c.is_readonly()) {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    Ok(Val::int(r.count as i64))
}
/// tr///r
pub fn trans_copy(vm: &mut Vm, b: &Val, k: u32) -> R<Val> {
    let t = table(vm, k)?;
    let (s, u) = vm.str_bytes(b)?;
    Ok(match t.run(&s, u).changed {
        Some((n, nu)) => Val::str(&n, nu),
        None => Val::str(&s, u),
    })
}
