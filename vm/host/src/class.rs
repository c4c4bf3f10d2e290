//! Class declarations (feature `class`): what the compiler does with them.

use crate::begin::{host_error, make_code};
use crate::compile::Dumps;
use crate::hints;
use keshi_frontend::ast::*;
use keshi_frontend::host::{BeginCtx, ClassBase, HostResult};
use keshi_value::hash::Key;
use keshi_value::obj::{Obj, flag};
use keshi_value::{Body, Hash, Ptr, Val};
use keshi_vm::rt::class::{self, Class, Field, Shape, When};
use keshi_vm::{R, Vm, Want};

fn stash(vm: &mut Vm, name: &str) -> R<Ptr<Hash>> {
    match vm.stash(name.as_bytes(), !name.is_ascii(), true) {
        Some(s) => Ok(s),
        None => Err(vm.die_text(&format!("panic: no stash for class {name}"))),
    }
}

/// `class NAME :isa(BASE)`: the package becomes a class that is not complete yet.
pub fn begin(vm: &mut Vm, def: &ClassDef) -> HostResult<ClassBase> {
    let r = begin_class(vm, def);
    r.map_err(|e| host_error(vm, e))
}

fn begin_class(vm: &mut Vm, def: &ClassDef) -> R<ClassBase> {
    let name = &def.name;
    let own = stash(vm, name)?;
    if class::class_of(&own).is_some() {
        return Err(vm.die_text(&format!("Cannot reopen existing class \"{name}\"")));
    }
    let isa = vm.gv(format!("{name}::ISA").as_bytes(), !name.is_ascii()).array().clone();
    if !isa.is_empty() {
        return Err(vm.die_text(&format!("Cannot create class {name} as it already has a non-empty @ISA")));
    }
    let mut taken = ClassBase::default();
    let mut base = None;
    if let Some((parent, version)) = &def.isa {
        let s = base_class(vm, parent, version.as_ref())?;
        if let Some(c) = class::class_of(&s) {
            taken.fields = c.first_field + c.fields.len() as u32;
        }
        taken.params = params(vm, &s)?;
        vm.av_push(&isa, Val::text(parent))?;
        base = Some(s);
    }
    let first_field = taken.fields;
    let class = Class { base, first_field, fields: Vec::new(), adjust: Vec::new(), sealed: false };
    class::set_class(&own, Some(class));
    isa.hdr().set(flag::READONLY, true);
    let code = vm.define_native(&format!("{name}::new"), class::new, None);
    if let Body::Native(f, _) = *code.body.get() {
        code.body.set(Body::Native(f, Val::text(name)));
    }
    vm.methods_changed();
    Ok(taken)
}

/// The complete class of that name, loaded if need be, of at least that version.
fn base_class(vm: &mut Vm, name: &str, version: Option<&PStr>) -> R<Ptr<Hash>> {
    let known = |vm: &mut Vm| {
        vm.stash(name.as_bytes(), !name.is_ascii(), false).filter(|s| class::class_of(s).is_some())
    };
    let found = match known(vm) {
        Some(s) => Some(s),
        None => {
            vm.require_file(format!("{}.pm", name.replace("::", "/")).as_bytes())?;
            known(vm)
        }
    };
    let complete = found.filter(|s| class::class_of(s).is_some_and(|c| c.sealed));
    let Some(s) = complete else {
        return Err(vm.die_text(&format!("Class :isa attribute requires a class but \"{name}\" is not one")));
    };
    if let Some(v) = version {
        vm.call_method(&Val::text(name), "VERSION", vec![hints::pstr_val(v)], Want::Void)?;
    }
    Ok(s)
}

/// The constructor parameters of a class and its bases.
fn params(vm: &mut Vm, stash: &Ptr<Hash>) -> R<Vec<Name>> {
    let mut out = Vec::new();
    let mut next = Some(stash.clone());
    while let Some(s) = next {
        let Some(c) = class::class_of(&s) else { break };
        let names: Vec<Val> = c.fields.iter().filter_map(|f| f.param.clone()).collect();
        next = c.base.clone();
        for n in names {
            out.push(vm.text_of(&n)?.as_str().into());
        }
    }
    Ok(out)
}

/// The class is complete: its initialisers and ADJUST blocks become closures over the variables around it.
pub fn end(vm: &mut Vm, def: &ClassDef, ctx: &mut BeginCtx<'_>, dumps: &Dumps) -> HostResult {
    let mut fields = Vec::new();
    for f in &def.fields {
        let shape = match f.sigil {
            Sigil::Array => Shape::Array,
            Sigil::Hash => Shape::Hash,
            _ => Shape::Scalar,
        };
        let init = match &f.default {
            None => None,
            Some((when, code)) => {
                let when = match when {
                    DefaultWhen::Missing => When::Missing,
                    DefaultWhen::Undef => When::Undef,
                    DefaultWhen::False => When::False,
                };
                Some((when, make_code(vm, code, ctx, dumps)?))
            }
        };
        fields.push(Field { shape, param: f.param.as_ref().map(|p| Val::text(p)), init });
    }
    let mut adjust = Vec::new();
    for step in &def.steps {
        if let ClassStep::Adjust(code) = step {
            adjust.push(make_code(vm, code, ctx, dumps)?);
        }
    }
    let own = stash(vm, &def.name).map_err(|e| host_error(vm, e))?;
    if let Some(c) = class::class_of(&own) {
        c.fields = fields;
        c.adjust = adjust;
        c.sealed = true;
    }
    Ok(())
}

/// Compilation failed inside the class: the package is empty again.
pub fn abandon(vm: &mut Vm, name: &str) {
    let Some(s) = vm.stash(name.as_bytes(), !name.is_ascii(), false) else { return };
    class::set_class(&s, None);
    let isa = vm.gv(format!("{name}::ISA").as_bytes(), !name.is_ascii()).array().clone();
    isa.hdr().set(flag::READONLY, false);
    isa.clear();
    for k in s.keys() {
        let Some(key) = k.as_str().map(|k| Key::new(k.bytes(), k.utf8())) else { continue };
        if let Some(g) = s.get(&key).and_then(|v| v.gv()) {
            g.cv.set(None);
        }
    }
    vm.methods_changed();
}
