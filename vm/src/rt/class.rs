//! Classes (feature `class`): what a stash knows about its class, construction of objects, the entry of methods.
//!
//! Laws
//! 1. A stash is a class if its `StashInfo::class` holds a [`Class`]; it is complete when `sealed`.
//! 2. An object is an `Instance` with one container for each field, those of base classes first; all of them
//!    exist from the start.
//! 3. Construction first gives every field its value, base classes first, then runs all ADJUST blocks in the
//!    same order; parameters nobody asked for are an error in the end.

use crate::Vm;
use crate::exc::{R, Ret, Want};
use crate::warn::cat;
use keshi_value::array::Instance;
use keshi_value::hash::Key;
use keshi_value::obj::{Kind, Obj};
use keshi_value::{Array, Body, Code, Hash, Ptr, Scalar, Val};

/// When the default of a field with a parameter is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    Missing,
    Undef,
    False,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Scalar,
    Array,
    Hash,
}

pub struct Field {
    pub shape: Shape,
    /// Name of the constructor's parameter.
    pub param: Option<Val>,
    pub init: Option<(When, Ptr<Code>)>,
}

/// What a stash knows about its class.
pub struct Class {
    pub base: Option<Ptr<Hash>>,
    /// Number of the first of `fields` in an object.
    pub first_field: u32,
    pub fields: Vec<Field>,
    pub adjust: Vec<Ptr<Code>>,
    pub sealed: bool,
}

/// The class a stash is, if any. The borrow must not be held while Perl code runs.
pub fn class_of(stash: &Ptr<Hash>) -> Option<&mut Class> {
    stash.hdr().ext_mut().stash_info.as_mut()?.class.as_mut()?.downcast_mut()
}

/// Makes the stash a class, or takes that back.
pub fn set_class(stash: &Ptr<Hash>, class: Option<Class>) {
    let info = stash.hdr().ext_mut().stash_info.get_or_insert_with(Default::default);
    info.class = class.map(|c| Box::new(c) as Box<dyn std::any::Any>);
}

/// `rt.method.self`
pub fn method_self(vm: &mut Vm) -> R<Val> {
    let args = vm.args();
    let this = if args.is_empty() { Val::undef() } else { super::array::shift(vm, &Val::ptr(args))? };
    let code = vm.frame().code.clone();
    if !this.is_ref() || this.kind() != Kind::OBJECT {
        let what = match vm.sub_full_name(&code) {
            Some(n) if !n.ends_with("::__ANON__") => {
                format!("method \"{}\"", n.rsplit("::").next().unwrap_or_default())
            }
            _ => "method".to_string(),
        };
        return Err(vm.die_from_caller(&format!("Cannot invoke {what} on a non-instance")));
    }
    let class = code.package.get().clone();
    let (name, _) = vm.str_bytes(&class)?;
    let name = name.into_owned();
    let Some(stash) = this.hdr().and_then(|h| h.stash().cloned()) else { return Ok(this) };
    if !vm.derives_from(&stash, &name)? {
        let of = String::from_utf8_lossy(&name).into_owned();
        let is = vm.blessed_name(&this).unwrap_or_default();
        let is = vm.text_of(&is)?;
        let msg = format!("Cannot invoke a method of \"{of}\" on an instance of \"{is}\"");
        return Err(vm.die_from_caller(&msg));
    }
    Ok(this)
}

/// `rt.field.get`
pub fn field(vm: &mut Vm, b: &Val, idx: u64) -> R<Val> {
    match instance(b).and_then(|o| o.fields.get().get(idx as usize).cloned()) {
        Some(v) => Ok(v),
        None => Err(vm.die_text(&format!("panic: no field {idx} in the object"))),
    }
}

fn instance(v: &Val) -> Option<Ptr<Instance>> {
    if !v.is_ref() || v.kind() != Kind::OBJECT {
        return None;
    }
    v.to_ptr()
}

/// `CLASS->new(NAME => VALUE, …)`: the native sub of every class; its data is the class name.
pub fn new(vm: &mut Vm, args: &Ptr<Array>, _want: Want, code: &Ptr<Code>) -> R<Ret> {
    let name = match code.body.get() {
        Body::Native(_, data) => data.clone(),
        _ => Val::undef(),
    };
    let text = vm.text_of(&name)?;
    let (bytes, utf8) = vm.str_bytes(&name)?;
    let bytes = bytes.into_owned();
    let stash = match vm.stash(&bytes, utf8, false) {
        Some(s) if class_of(&s).is_some_and(|c| c.sealed) => s,
        _ => return Err(vm.die_text(&format!("Cannot create an object of incomplete class \"{text}\""))),
    };
    let values = vm.av_values(args)?;
    if values.len() % 2 == 0 {
        let msg = format!("Odd number of arguments passed to \"{text}\" constructor");
        vm.warn_always(cat::MISC, msg.as_bytes(), !msg.is_ascii())?;
    }
    let params = Hash::new();
    for pair in values.get(1..).unwrap_or_default().chunks(2) {
        let v = pair.get(1).cloned().unwrap_or_default();
        vm.hv_set(&params, &pair[0], v)?;
    }
    let chain = lineage(&stash);
    let object = Instance::new(stash.clone());
    for c in &chain {
        let containers = class_of(c).map(|c| c.fields.iter().map(|f| container(f.shape)).collect());
        object.fields.get_mut().extend::<Vec<Val>>(containers.unwrap_or_default());
    }
    object.hdr().bless(stash);
    let this = Val::reference(object.clone());
    for c in &chain {
        let Some(n) = class_of(c).map(|c| c.fields.len()) else { continue };
        for i in 0..n {
            init_field(vm, c, i, &this, &object, &params, &text)?;
        }
    }
    for c in &chain {
        let blocks = class_of(c).map(|c| c.adjust.clone()).unwrap_or_default();
        for code in blocks {
            vm.call(&code, Array::from_vec(vec![this.clone()]), Want::Void)?;
        }
    }
    if !params.is_empty() {
        let mut left = Vec::new();
        for k in params.keys() {
            left.push(vm.text_of(&k)?);
        }
        left.sort();
        let list = left.join(", ");
        return Err(vm.die_text(&format!("Unrecognised parameters for \"{text}\" constructor: {list}")));
    }
    Ok(Ret::Scalar(this))
}

/// The class and its bases, the root first.
fn lineage(stash: &Ptr<Hash>) -> Vec<Ptr<Hash>> {
    let mut chain = vec![stash.clone()];
    while let Some(base) = chain.last().and_then(class_of).and_then(|c| c.base.clone()) {
        chain.push(base);
    }
    chain.reverse();
    chain
}

fn container(shape: Shape) -> Val {
    match shape {
        Shape::Scalar => Val::ptr(Scalar::new(Val::undef())),
        Shape::Array => Val::ptr(Array::new()),
        Shape::Hash => Val::ptr(Hash::new()),
    }
}

fn init_field(
    vm: &mut Vm,
    class: &Ptr<Hash>,
    i: usize,
    this: &Val,
    object: &Ptr<Instance>,
    params: &Ptr<Hash>,
    class_name: &str,
) -> R<()> {
    let Some(c) = class_of(class) else { return Ok(()) };
    let place = object.fields.get()[c.first_field as usize + i].clone();
    let (shape, param) = (c.fields[i].shape, c.fields[i].param.clone());
    let init = c.fields[i].init.clone();
    if let Some(name) = param {
        let (b, u) = vm.str_bytes(&name)?;
        let key = Key::new(&b, u);
        let given = params.exists(&key).then(|| params.get(&key).unwrap_or_default());
        params.delete(&key);
        let usable = match (&given, init.as_ref().map(|i| i.0)) {
            (None, None) => {
                let name = vm.text_of(&name)?;
                return Err(vm.die_text(&format!(
                    "Required parameter '{name}' is missing for \"{class_name}\" constructor"
                )));
            }
            (None, _) => false,
            (Some(v), Some(When::Undef)) => !v.is_undef(),
            (Some(v), Some(When::False)) => vm.truth(v)?,
            (Some(_), _) => true,
        };
        if usable {
            if let (Some(s), Some(v)) = (place.as_scalar(), given) {
                s.set(v);
            }
            return Ok(());
        }
    }
    let Some((_, code)) = init else { return Ok(()) };
    let args = Array::from_vec(vec![this.clone()]);
    match shape {
        Shape::Scalar => {
            let v = vm.call(&code, args, Want::Scalar)?.scalar();
            let v = vm.read(&v)?;
            if let Some(s) = place.as_scalar() {
                s.set(v);
            }
        }
        Shape::Array => {
            let list = vm.call(&code, args, Want::List)?.list();
            let values = vm.av_values(&list)?;
            if let Some(a) = place.as_av() {
                values.into_iter().for_each(|v| a.push(v));
            }
        }
        Shape::Hash => {
            let list = vm.call(&code, args, Want::List)?.list();
            let values = vm.av_values(&list)?;
            if values.len() % 2 == 1 {
                let msg = "Odd number of elements in hash field initialization";
                vm.warn(cat::MISC, msg)?;
            }
            if let Some(h) = place.hv() {
                for pair in values.chunks(2) {
                    vm.hv_set(&h, &pair[0], pair.get(1).cloned().unwrap_or_default())?;
                }
            }
        }
    }
    Ok(())
}
