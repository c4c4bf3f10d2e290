//! Foreign functions: symbol lookup, conversion of Perl values to C arguments and back, the call.
//!
//! `unsafe`: this module is where Perl code may call arbitrary C code. What Rust relies on: the address comes
//! from the dynamic linker and its library is kept loaded by the function; argument storage lives until the
//! call has returned; a `cstr` result is null or terminated, as the signature promises. A wrong signature
//! is undefined behaviour, exactly as in C.

use crate::signature::{Signature, Type};
use keshi_io::errno::Errno;
use keshi_text::utf8;
use keshi_value::{Array, Ptr, Scalar, Val};
use keshi_vm::{R, Vm};
use libffi::middle::{Arg, Cif, CodePtr, Type as CType, arg};
use libloading::os::unix::Library;
use std::ffi::{CStr, c_char, c_void};
use std::rc::Rc;

/// A foreign function ready to be called.
pub struct Function {
    name: String,
    sig: Signature,
    cif: Cif,
    code: *mut c_void,
    /// Keeps the code in memory.
    _library: Rc<Library>,
}

/// Libraries looked at when none is named: the process itself, then libc and libm.
const DEFAULTS: &[&str] = &["", "libc.so.6", "libm.so.6", "libSystem.dylib"];

/// Opens a library by path or soname; the empty name is the process.
pub fn open(name: &str) -> Result<Rc<Library>, String> {
    if name.is_empty() {
        return Ok(Rc::new(Library::this()));
    }
    // SAFETY: loading runs the library's initialisers, which is what was asked for.
    match unsafe { Library::new(name) } {
        Ok(l) => Ok(Rc::new(l)),
        // The linker's own words are in the source of the error.
        Err(e) => Err(std::error::Error::source(&e).map_or_else(|| e.to_string(), |s| s.to_string())),
    }
}

fn address(lib: &Library, name: &str) -> Option<*mut c_void> {
    // SAFETY: only the address is taken; its type is the signature's business.
    let s = unsafe { lib.get::<*mut c_void>(name.as_bytes()) }.ok()?;
    Some(s.into_raw()).filter(|p| !p.is_null())
}

fn c_type(t: Type) -> CType {
    match t {
        Type::I8 => CType::i8(),
        Type::U8 => CType::u8(),
        Type::I16 => CType::i16(),
        Type::U16 => CType::u16(),
        Type::I32 => CType::i32(),
        Type::U32 => CType::u32(),
        Type::I64 => CType::i64(),
        Type::U64 => CType::u64(),
        Type::F32 => CType::f32(),
        Type::F64 => CType::f64(),
        Type::Ptr | Type::Cstr => CType::pointer(),
        Type::Void => CType::void(),
    }
}

impl Function {
    /// Looks up `name` in `library` (`None`: the process, libc, libm).
    pub fn find(name: &str, sig: &str, library: Option<&str>) -> Result<Function, String> {
        let parsed = Signature::parse(sig).map_err(|e| format!("signature \"{sig}\" of {name}: {e}"))?;
        let mut found = None;
        match library {
            Some(l) => {
                let lib = open(l).map_err(|e| format!("can't load library \"{l}\": {e}"))?;
                found = address(&lib, name).map(|a| (lib, a));
            }
            None => {
                for l in DEFAULTS {
                    let Ok(lib) = open(l) else { continue };
                    if let Some(a) = address(&lib, name) {
                        found = Some((lib, a));
                        break;
                    }
                }
            }
        }
        let Some((lib, code)) = found else {
            let place = library.map_or("the process, libc or libm".to_string(), |l| format!("\"{l}\""));
            return Err(format!("no function {name} in {place}"));
        };
        if let Some(fixed) = parsed.fixed {
            // C promotes variadic arguments.
            if let Some(t) = parsed.args[fixed..]
                .iter()
                .find(|t| matches!(t, Type::I8 | Type::U8 | Type::I16 | Type::U16 | Type::F32))
            {
                return Err(format!(
                    "signature of {name}: {t:?} can't be a variadic argument (C promotes it)"
                ));
            }
        }
        let types: Vec<CType> = parsed.args.iter().map(|t| c_type(*t)).collect();
        let cif = match parsed.fixed {
            Some(n) => Cif::try_new_variadic(types, n, c_type(parsed.ret)),
            None => Cif::try_new(types, c_type(parsed.ret)),
        };
        let cif = cif.map_err(|e| format!("signature \"{sig}\" of {name}: libffi says {e:?}"))?;
        Ok(Function { name: name.to_string(), sig: parsed, cif, code, _library: lib })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// Calls the function with the values of `args`.
    pub fn call(&self, vm: &mut Vm, args: &Ptr<Array>) -> R<Val> {
        let want = self.sig.args.len();
        if args.len() != want {
            let plural = if want == 1 { "" } else { "s" };
            return Err(vm.die_text(&format!(
                "{} takes {want} argument{plural}, not {}",
                self.name,
                args.len()
            )));
        }
        let mut stored = Vec::with_capacity(want);
        for (i, t) in self.sig.args.iter().enumerate() {
            stored.push(self.argument(vm, args, i, *t)?);
        }
        let refs: Vec<Arg> = stored.iter().map(Stored::arg).collect();
        Errno(0).set();
        let result = self.invoke(&refs);
        let e = Errno::last();
        drop(refs);
        if e.0 != 0 {
            keshi_vm::rt::sys::set_errno(vm, e.0);
        }
        for s in stored {
            s.copy_back(vm)?;
        }
        Ok(result)
    }

    fn argument(&self, vm: &mut Vm, args: &Ptr<Array>, i: usize, t: Type) -> R<Stored> {
        let v = vm.av_get(args, i as i64)?;
        Ok(match t {
            Type::I8 => Stored::I8(vm.to_iv(&v)? as i8),
            Type::U8 => Stored::U8(vm.to_num(&v)?.iv() as u8),
            Type::I16 => Stored::I16(vm.to_iv(&v)? as i16),
            Type::U16 => Stored::U16(vm.to_num(&v)?.iv() as u16),
            Type::I32 => Stored::I32(vm.to_iv(&v)? as i32),
            Type::U32 => Stored::U32(vm.to_num(&v)?.iv() as u32),
            Type::I64 => Stored::I64(vm.to_iv(&v)?),
            Type::U64 => Stored::U64(vm.to_uv(&v)?),
            Type::F32 => Stored::F32(vm.to_nv(&v)? as f32),
            Type::F64 => Stored::F64(vm.to_nv(&v)?),
            Type::Cstr if v.is_undef() => Stored::Address(std::ptr::null_mut()),
            Type::Cstr => {
                let mut b = self.octets(vm, &v, i)?;
                if b.contains(&0) {
                    return Err(vm.die_text(&format!(
                        "argument {} of {}: a cstr can't contain a NUL character",
                        i + 1,
                        self.name
                    )));
                }
                b.push(0);
                Stored::buffer(b, None)
            }
            Type::Ptr if v.is_undef() => Stored::Address(std::ptr::null_mut()),
            Type::Ptr if v.is_str() => {
                let mut b = self.octets(vm, &v, i)?;
                b.push(0);
                let cell = args.as_mut_slice()[i].promote();
                Stored::buffer(b, Some(cell).filter(|c| !c.is_readonly()))
            }
            Type::Ptr if v.is_ref() => {
                return Err(vm.die_text(&format!(
                    "argument {} of {}: a reference is no address",
                    i + 1,
                    self.name
                )));
            }
            Type::Ptr => Stored::Address(vm.to_uv(&v)? as usize as *mut c_void),
            Type::Void => return Err(vm.die_text("void is no type of an argument")),
        })
    }

    fn octets(&self, vm: &mut Vm, v: &Val, i: usize) -> R<Vec<u8>> {
        let (b, u) = vm.str_bytes(v)?;
        match utf8::as_bytes(&b, u) {
            Some(o) => Ok(o.into_owned()),
            None => Err(vm.die_text(&format!("Wide character in argument {} of {}", i + 1, self.name))),
        }
    }

    fn invoke(&self, args: &[Arg]) -> Val {
        let (cif, code) = (&self.cif, CodePtr::from_ptr(self.code));
        // SAFETY: the number and types of `args` are those of the cif; the module header says what the
        // program promises.
        unsafe {
            match self.sig.ret {
                Type::I8 => Val::int(cif.call::<i8>(code, args) as i64),
                Type::U8 => Val::int(cif.call::<u8>(code, args) as i64),
                Type::I16 => Val::int(cif.call::<i16>(code, args) as i64),
                Type::U16 => Val::int(cif.call::<u16>(code, args) as i64),
                Type::I32 => Val::int(cif.call::<i32>(code, args) as i64),
                Type::U32 => Val::int(cif.call::<u32>(code, args) as i64),
                Type::I64 => Val::int(cif.call::<i64>(code, args)),
                Type::U64 => Val::uint(cif.call::<u64>(code, args)),
                Type::F32 => Val::num(cif.call::<f32>(code, args) as f64),
                Type::F64 => Val::num(cif.call::<f64>(code, args)),
                Type::Ptr => match cif.call::<*mut c_void>(code, args) as usize {
                    0 => Val::undef(),
                    p => Val::uint(p as u64),
                },
                Type::Cstr => {
                    let p = cif.call::<*const c_char>(code, args);
                    if p.is_null() { Val::undef() } else { Val::bytes(CStr::from_ptr(p).to_bytes()) }
                }
                Type::Void => {
                    cif.call::<()>(code, args);
                    Val::undef()
                }
            }
        }
    }
}

/// An argument in C form, kept until the call is over.
enum Stored {
    I8(i8),
    U8(u8),
    I16(i16),
    U16(u16),
    I32(i32),
    U32(u32),
    I64(i64),
    U64(u64),
    F32(f32),
    F64(f64),
    Address(*mut c_void),
    /// The string's bytes with a NUL behind, where they are, and the variable a change goes back to.
    Buffer {
        bytes: Vec<u8>,
        at: *mut c_void,
        before: Option<(Vec<u8>, Ptr<Scalar>)>,
    },
}

impl Stored {
    fn buffer(mut bytes: Vec<u8>, cell: Option<Ptr<Scalar>>) -> Stored {
        let at = bytes.as_mut_ptr() as *mut c_void;
        let before = cell.map(|c| (bytes.clone(), c));
        Stored::Buffer { bytes, at, before }
    }
    fn arg(&self) -> Arg<'_> {
        match self {
            Stored::I8(v) => arg(v),
            Stored::U8(v) => arg(v),
            Stored::I16(v) => arg(v),
            Stored::U16(v) => arg(v),
            Stored::I32(v) => arg(v),
            Stored::U32(v) => arg(v),
            Stored::I64(v) => arg(v),
            Stored::U64(v) => arg(v),
            Stored::F32(v) => arg(v),
            Stored::F64(v) => arg(v),
            Stored::Address(v) => arg(v),
            Stored::Buffer { at, .. } => arg(at),
        }
    }
    /// A string the function changed is stored in the variable it came from.
    fn copy_back(self, vm: &mut Vm) -> R<()> {
        if let Stored::Buffer { bytes, before: Some((before, cell)), .. } = self {
            // The function wrote through `at`; the vector owns that memory.
            let n = bytes.len() - 1;
            if bytes[..n] != before[..n] {
                vm.set_sv(&cell, Val::bytes(&bytes[..n]))?;
            }
        }
        Ok(())
    }
}
