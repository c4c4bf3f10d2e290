//! Package variables: slots of globs, globs as values, glob assignment.

use crate::Vm;
use crate::exc::R;
use crate::magic::Magic;
use keshi_value::glob::gvf;
use keshi_value::obj::{Kind, Obj, flag};
use keshi_value::val::{meta, tag};
use keshi_value::{Body, Code, Glob, IoObj, Ptr, Val};

fn g(vm: &Vm, x: u32) -> &Ptr<Glob> {
    &vm.frame().linked.globs[x as usize]
}

/// `glob.sv`
pub fn sv(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    Ok(Val::ptr(g(vm, x).scalar().clone()))
}

/// `glob.av`
pub fn av(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    let g = g(vm, x);
    if g.shares(&vm.gv.defgv) {
        let g = g.clone();
        return Ok(Val::ptr(vm.glob_array(&g)));
    }
    Ok(Val::ptr(g.array().clone()))
}

/// `glob.hv`
pub fn hv(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    Ok(Val::ptr(g(vm, x).hash().clone()))
}

/// `glob.cv`
pub fn cv(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    Ok(glob_code(g(vm, x)))
}

/// The sub of a glob; an undefined one comes as a stub that knows its name (AUTOLOAD, messages).
pub(super) fn glob_code(g: &Ptr<Glob>) -> Val {
    match g.cv.get() {
        Some(c) => Val::ptr(c.clone()),
        None => {
            let c = Code::new(Body::None);
            c.glob.set(Some(g.clone()));
            Val::ptr(c)
        }
    }
}

/// `glob.io`
pub fn io(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    Ok(g(vm, x).io.get().as_ref().map_or(Val::undef(), |i| Val::ptr(i.clone())))
}

/// `glob.bind`: `*x = v`.
pub fn bind(vm: &mut Vm, x: u32, v: &Val) -> R<()> {
    let g = g(vm, x).clone();
    assign(vm, &g, v)
}

/// `*g = v`: a reference assigns one slot, a glob makes an alias of everything, a string names a glob.
pub fn assign(vm: &mut Vm, g: &Ptr<Glob>, v: &Val) -> R<()> {
    if g.hdr().has(keshi_value::obj::flag::READONLY) {
        return Err(vm.die_text("Modification of a read-only value attempted"));
    }
    let intro = g.take_flag(gvf::INTRO);
    match v.tag() {
        tag::GLOB => {
            let src = v.gv().expect("GLOB");
            alias_glob(vm, g, &src);
            Ok(())
        }
        tag::REF => assign_ref(vm, g, v, intro),
        tag::UNDEF => {
            if vm.warns(crate::warn::cat::MISC) {
                vm.warn(crate::warn::cat::MISC, "Undefined value assigned to typeglob")?;
            }
            Ok(())
        }
        _ => {
            let (b, u) = vm.str_bytes(v)?;
            let name = b.strip_prefix(b"*").unwrap_or(&b).to_vec();
            let full = vm.qualify(&name);
            let src = vm.gv(&full, u);
            alias_glob(vm, g, &src);
            Ok(())
        }
    }
}

/// `*g = *src`: one body for both.
fn alias_glob(vm: &mut Vm, g: &Ptr<Glob>, src: &Ptr<Glob>) {
    g.share(src);
    for bit in [gvf::IMPORTED_SV, gvf::IMPORTED_AV, gvf::IMPORTED_HV, gvf::IMPORTED_CV] {
        vm.mark_imported(g, bit);
    }
    vm.glob_array_replaced(g);
    vm.glob_hash_replaced(g);
    vm.glob_sub_replaced(g);
}

fn assign_ref(vm: &mut Vm, g: &Ptr<Glob>, v: &Val, intro: bool) -> R<()> {
    if intro && v.kind() != Kind::SCALAR && v.gv().is_none() {
        vm.local_slot_for(g, v);
    }
    if let Some(s) = v.scalar() {
        if s.peek().tag() == tag::GLOB && matches!(vm.reftype(v), "GLOB") {
            let src = s.peek().gv().expect("GLOB");
            alias_glob(vm, g, &src);
            return Ok(());
        }
        if intro {
            vm.local_slot_for(g, v);
        }
        g.sv.set(Some(s));
        vm.mark_imported(g, gvf::IMPORTED_SV);
    } else if let Some(a) = v.av() {
        drop(vm.set_glob_array(g, Some(a)));
        vm.mark_imported(g, gvf::IMPORTED_AV);
        vm.glob_array_replaced(g);
    } else if let Some(h) = v.hv() {
        g.hv.set(Some(h));
        vm.mark_imported(g, gvf::IMPORTED_HV);
        vm.glob_hash_replaced(g);
    } else if let Some(c) = v.cv() {
        vm.redefine_warning(g, &c)?;
        if !intro {
            vm.prototype_warning(g, &c)?;
        }
        if c.glob.get().is_none() && c.name.get().is_undef() && !c.has(keshi_value::code::cvf::ANON) {
            c.glob.set(Some(g.clone()));
        }
        g.cv.set(Some(c));
        vm.mark_imported(g, gvf::IMPORTED_CV);
        vm.glob_sub_replaced(g);
    } else if let Some(io) = v.io() {
        g.io.set(Some(io));
    } else if let Some(f) = v.to_ptr::<keshi_value::Format>() {
        g.form.set(Some(f));
    } else if let Some(src) = v.gv() {
        alias_glob(vm, g, &src);
    }
    Ok(())
}

const STRICT_REFS: u32 = 0x2;

/// The glob a symbol operand means.
pub fn sym_glob(vm: &Vm, name: u32) -> Ptr<Glob> {
    vm.frame().linked.globs[name as usize].clone()
}

/// `rt.undef.gv`
pub fn undef_gv(vm: &mut Vm, a: &Val) -> R<()> {
    if let Some(g) = a.gv() {
        drop(g.renew());
        vm.glob_array_replaced(&g);
        vm.glob_hash_replaced(&g);
        vm.glob_sub_replaced(&g);
    }
    Ok(())
}

/// `rt.glob.val`
pub fn glob_value(vm: &mut Vm, name: u32) -> R<Val> {
    let mut v = Val::glob(sym_glob(vm, name));
    v.meta |= meta::REAL_GLOB;
    Ok(v)
}

/// `rt.glob.gv`
pub fn glob_ptr(vm: &mut Vm, name: u32) -> R<Val> {
    Ok(Val::ptr(sym_glob(vm, name)))
}

/// `rt.gv.val`
pub fn gv_value(_vm: &mut Vm, b: &Val) -> R<Val> {
    let mut v = b.gv().map_or(Val::undef(), Val::glob);
    v.meta |= meta::REAL_GLOB;
    Ok(v)
}

/// `rt.gv.assign`
pub fn gv_assign(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    match a.gv() {
        Some(g) => super::glob::assign(vm, &g, b),
        None => Ok(()),
    }
}

/// `rt.gv.copy`
pub fn gv_copy(_vm: &mut Vm, a: &mut Val) -> R<()> {
    let v = std::mem::take(a);
    a.put(copied(v));
    Ok(())
}

/// A glob as a variable holds it: another glob of the same name with the same body.
#[inline]
pub fn copied(v: Val) -> Val {
    if v.tag() == tag::GLOB { fake(v) } else { v }
}

#[cold]
fn fake(v: Val) -> Val {
    let Some(g) = v.gv() else { return v };
    let copy = Glob::new(g.name.clone(), Val::undef());
    copy.stash.set(g.stash.get().clone());
    copy.share(&g);
    Val::glob(copy)
}

/// `rt.gv.export`: `*{$a} = \&{$b};` A constant that stands in a stash without a glob is handed on as it is.
pub fn gv_export(vm: &mut Vm, a: &Val, b: &Val) -> R<()> {
    let is_name = |v: &Val| v.is_str() && !v.is_ref();
    let proxy = if is_name(b) {
        let (n, u) = vm.str_bytes_quiet(b)?;
        let n = n.strip_prefix(b"&").unwrap_or(&n);
        let full = vm.qualify(n);
        vm.constant_entry(&full, u)
    } else {
        None
    };
    let Some(proxy) = proxy else {
        let code = super::coderef::code_ref_dyn(vm, b)?;
        let g = super::refs::deref_gv(vm, a, 1)?;
        return gv_assign(vm, &g, &code);
    };
    if is_name(a) && !vm.hint(STRICT_REFS) {
        let (n, u) = vm.str_bytes_quiet(a)?;
        let full = vm.qualify(&n);
        if vm.copy_entry(&full, u, &proxy) {
            return Ok(());
        }
    }
    let g = super::refs::deref_gv(vm, a, 1)?;
    match crate::proxy::proxied_sub(&proxy) {
        Some(code) => gv_assign(vm, &g, &Val::reference(code)),
        None => Ok(()),
    }
}

/// `rt.gv.slot`: `*foo{THING}`
pub fn gv_slot(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let Some(g) = b.gv() else { return Ok(Val::undef()) };
    let (n, _) = vm.str_bytes(c)?;
    fn r<T: Obj>(o: &Option<Ptr<T>>) -> Val {
        o.as_ref().map_or(Val::undef(), |p| Val::reference(p.clone()))
    }
    Ok(match &n[..] {
        b"SCALAR" => Val::reference(g.scalar().clone()),
        b"ARRAY" if g.shares(&vm.gv.defgv) => Val::reference(vm.glob_array(&g)),
        b"ARRAY" => r(g.av.get()),
        b"HASH" => r(g.hv.get()),
        b"CODE" => r(g.cv.get()),
        b"IO" | b"FILEHANDLE" => match g.io.get().clone() {
            Some(io) => {
                if !io.hdr().has(flag::BLESSED) {
                    if let Some(s) = vm.stash(b"IO::File", false, true) {
                        io.hdr().bless(s);
                    }
                }
                Val::reference(io)
            }
            None => Val::undef(),
        },
        b"FORMAT" => r(g.form.get()),
        b"GLOB" => Val::reference(g.clone()),
        b"NAME" => g.name.clone(),
        b"PACKAGE" => {
            let Some(name) = g.stash.get().clone() else { return Ok(Val::bytes("__ANON__")) };
            let stash = name.as_str().and_then(|s| vm.stash(s.bytes(), s.utf8(), false));
            stash.filter(|s| vm.is_anonymous_stash(s)).map_or(name, |s| vm.stash_name(&s))
        }
        _ => Val::undef(),
    })
}

/// `rt.gv.part`
pub fn gv_part(vm: &mut Vm, b: &Val, part: u64) -> R<Val> {
    let Some(g) = b.gv() else { return Ok(Val::undef()) };
    Ok(match part {
        0 => Val::ptr(g.scalar().clone()),
        1 => Val::ptr(vm.glob_array(&g)),
        2 => Val::ptr(g.hash().clone()),
        3 => g.cv.get().clone().map_or(Val::undef(), Val::ptr),
        _ => g.io.get().clone().map_or(Val::undef(), Val::ptr),
    })
}

/// `rt.viv.gv`: `open my $fh` makes an anonymous glob.
pub fn viv_gv(vm: &mut Vm, b: &mut Val, name: u32) -> R<Val> {
    let cur = {
        let raw = b.clone();
        vm.read(&raw)?
    };
    if !cur.is_undef() {
        return Ok(cur);
    }
    let sym = vm.frame().linked.chunk.syms[name as usize].name.clone();
    let pkg = vm.here().package;
    let g = Glob::new(Val::str(super::method::last_part(&sym), false), Val::bytes(&pkg[..]));
    g.io.set(Some(IoObj::new()));
    let r = Val::reference(g);
    vm.assign(b, r.clone())?;
    Ok(r)
}

impl Vm {
    /// Adds the current package to a name that has none; punctuation and the names perl keeps in main go there.
    pub fn qualify(&self, name: &[u8]) -> Vec<u8> {
        let name = name.strip_prefix(b"*").unwrap_or(name);
        if let Some(r) = name.strip_prefix(b"::") {
            return [b"main::".as_slice(), r].concat();
        }
        if memchr::memmem::find(name, b"::").is_some() {
            return name.to_vec();
        }
        if let Some(i) = name.iter().rposition(|&c| c == b'\'').filter(|&i| i > 0 && i + 1 < name.len()) {
            let (p, n) = name.split_at(i);
            let p: Vec<u8> =
                p.iter().flat_map(|&c| if c == b'\'' { vec![b':', b':'] } else { vec![c] }).collect();
            return [&p[..], b"::", &n[1..]].concat();
        }
        let forced = !name.first().is_some_and(|c| c.is_ascii_alphabetic() || *c == b'_' || *c >= 0x80)
            || matches!(
                name,
                b"ENV" | b"INC" | b"ARGV" | b"ARGVOUT" | b"SIG" | b"STDIN" | b"STDOUT" | b"STDERR" | b"_"
            );
        if forced {
            return [b"main::".as_slice(), name].concat();
        }
        let pkg = self.here().package;
        [&pkg[..], b"::", name].concat()
    }

    /// "Subroutine %s redefined" when a glob's defined sub is replaced at run time.
    pub fn redefine_warning(&mut self, g: &Ptr<Glob>, new: &Ptr<Code>) -> R<()> {
        use crate::warn::cat::REDEFINE;
        let Some(old) = g.cv.get().clone() else { return Ok(()) };
        if old.same(new) || !old.is_defined() {
            return Ok(());
        }
        let name = String::from_utf8_lossy(&self.glob_full_name(g)).into_owned();
        if let Body::Const(was) = old.body.get().clone() {
            if let Body::Const(is) = new.body.get().clone() {
                if self.text_of(&was)? == self.text_of(&is)? {
                    return Ok(());
                }
            }
            if self.warns_default(REDEFINE) {
                let m = format!("Constant subroutine {name} redefined");
                self.warn_always(REDEFINE, m.as_bytes(), !m.is_ascii())?;
            }
            return Ok(());
        }
        if !self.warns(REDEFINE) {
            return Ok(());
        }
        self.warn(REDEFINE, &format!("Subroutine {name} redefined"))
    }

    /// "Prototype mismatch" when a glob's sub, defined or declared, is replaced at run time.
    fn prototype_warning(&mut self, g: &Ptr<Glob>, new: &Ptr<Code>) -> R<()> {
        use crate::warn::cat::PROTOTYPE;
        let Some(old) = g.cv.get().clone() else { return Ok(()) };
        let (was, is) = (old.prototype.get().clone(), new.prototype.get().clone());
        if old.same(new) || was == is || !self.warns_default(PROTOTYPE) {
            return Ok(());
        }
        let shown = |p: &[u8]| String::from_utf8_lossy(p).into_owned();
        let name = String::from_utf8_lossy(&self.glob_full_name(g)).into_owned();
        let was = was.map_or(": none".to_string(), |p| format!(" ({})", shown(&p)));
        let is = is.map_or("none".to_string(), |p| format!("({})", shown(&p)));
        let m = format!("Prototype mismatch: sub {name}{was} vs {is}");
        self.warn_always(PROTOTYPE, m.as_bytes(), !m.is_ascii())
    }

    /// Attaches `$#a` magic to a fresh scalar.
    pub fn array_len_lv(&mut self, a: Ptr<keshi_value::Array>) -> Val {
        Val::ind(self.magical(Magic::ArrayLen(a)))
    }
}
