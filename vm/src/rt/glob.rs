//! Package variables: slots of globs, glob assignment.

use crate::Vm;
use crate::exc::R;
use crate::magic::Magic;
use keshi_value::glob::gvf;
use keshi_value::obj::Obj;
use keshi_value::val::tag;
use keshi_value::{Body, Code, Glob, Ptr, Val};

fn g(vm: &Vm, x: u32) -> &Ptr<Glob> {
    &vm.frame().linked.globs[x as usize]
}

/// `glob.sv`
pub fn sv(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    Ok(Val::ptr(g(vm, x).scalar().clone()))
}

/// `glob.av`
pub fn av(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    Ok(Val::ptr(g(vm, x).array().clone()))
}

/// `glob.hv`
pub fn hv(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    Ok(Val::ptr(g(vm, x).hash().clone()))
}

/// `glob.cv`: the sub; an undefined one comes as a stub that knows its name (AUTOLOAD, messages).
pub fn cv(vm: &mut Vm, x: u32, _c: u32) -> R<Val> {
    let g = g(vm, x).clone();
    Ok(match g.cv.get() {
        Some(c) => Val::ptr(c.clone()),
        None => {
            let c = Code::new(Body::None);
            c.glob.set(Some(g.clone()));
            Val::ptr(c)
        }
    })
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
    match v.tag() {
        tag::GLOB => {
            let src = v.gv().expect("GLOB");
            alias_glob(vm, g, &src);
            Ok(())
        }
        tag::REF => assign_ref(vm, g, v),
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

/// perl shares the whole GP between aliased globs; we share the slots as they are now.
fn alias_glob(vm: &mut Vm, g: &Ptr<Glob>, src: &Ptr<Glob>) {
    if g.same(src) {
        return;
    }
    // Slots that come into being on demand are made now, so that both globs see the same ones.
    src.scalar();
    src.array();
    src.hash();
    g.sv.set(src.sv.get().clone());
    g.av.set(src.av.get().clone());
    g.hv.set(src.hv.get().clone());
    g.cv.set(src.cv.get().clone());
    if src.io.get().is_none() {
        src.io.set(Some(keshi_value::IoObj::new()));
    }
    g.io.set(src.io.get().clone());
    g.form.set(src.form.get().clone());
    for bit in [gvf::IMPORTED_SV, gvf::IMPORTED_AV, gvf::IMPORTED_HV, gvf::IMPORTED_CV] {
        vm.mark_imported(g, bit);
    }
    vm.glob_array_replaced(g);
    vm.methods_changed();
}

fn assign_ref(vm: &mut Vm, g: &Ptr<Glob>, v: &Val) -> R<()> {
    if let Some(s) = v.scalar() {
        if s.peek().tag() == tag::GLOB && matches!(vm.reftype(v), "GLOB") {
            let src = s.peek().gv().expect("GLOB");
            alias_glob(vm, g, &src);
            return Ok(());
        }
        g.sv.set(Some(s));
        vm.mark_imported(g, gvf::IMPORTED_SV);
    } else if let Some(a) = v.av() {
        g.av.set(Some(a));
        vm.mark_imported(g, gvf::IMPORTED_AV);
        vm.glob_array_replaced(g);
    } else if let Some(h) = v.hv() {
        g.hv.set(Some(h));
        vm.mark_imported(g, gvf::IMPORTED_HV);
        vm.glob_hash_replaced(g);
    } else if let Some(c) = v.cv() {
        vm.redefine_warning(g, &c)?;
        if c.glob.get().is_none() && c.name.get().is_undef() && !c.has(keshi_value::code::cvf::ANON) {
            c.glob.set(Some(g.clone()));
        }
        g.cv.set(Some(c));
        vm.mark_imported(g, gvf::IMPORTED_CV);
        vm.methods_changed();
    } else if let Some(io) = v.io() {
        g.io.set(Some(io));
    } else if let Some(f) = v.to_ptr::<keshi_value::Format>() {
        g.form.set(Some(f));
    } else if let Some(src) = v.gv() {
        alias_glob(vm, g, &src);
    }
    Ok(())
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
        let Some(old) = g.cv.get().clone() else { return Ok(()) };
        if old.same(new) || !old.is_defined() || !self.warns(crate::warn::cat::REDEFINE) {
            return Ok(());
        }
        let name = String::from_utf8_lossy(&self.glob_full_name(g)).into_owned();
        let what =
            if matches!(old.body.get(), Body::Const(_)) { "Constant subroutine" } else { "Subroutine" };
        self.warn(crate::warn::cat::REDEFINE, &format!("{what} {name} redefined"))
    }

    /// Attaches `$#a` magic to a fresh scalar.
    pub fn array_len_lv(&mut self, a: Ptr<keshi_value::Array>) -> Val {
        Val::ind(self.magical(Magic::ArrayLen(a)))
    }
}
