//! Arguments of native subs: reading them with perl's rules, the cells behind them, results, and the
//! tables from which a module's subs are defined.

use keshi_value::scalar::Dual;
use keshi_value::{Array, Body, Code, Ptr, Scalar, Val};
use keshi_vm::{NativeFn, R, Ret, Vm};

pub type Args = Ptr<Array>;
pub type Cv = Ptr<Code>;

/// A sub of a module: name, function, prototype.
pub type Def = (&'static str, NativeFn, Option<&'static str>);

/// Defines the subs of a package.
pub fn define(vm: &mut Vm, package: &str, subs: &[Def]) {
    for (name, f, proto) in subs {
        vm.define_native(&format!("{package}::{name}"), *f, *proto);
    }
}

/// Defines constant subs, which the compiler inlines.
pub fn define_constants(vm: &mut Vm, package: &str, list: &[(&str, i64)]) {
    for (name, n) in list {
        define_constant(vm, package, name, Val::int(*n));
    }
}

pub fn define_constant(vm: &mut Vm, package: &str, name: &str, v: Val) {
    let g = vm.gv_str(&format!("{package}::{name}"));
    let code = Code::new(Body::Const(v));
    code.set_flag(keshi_value::code::cvf::CONST, true);
    code.prototype.set(Some(b"".as_slice().into()));
    code.glob.set(Some(g.clone()));
    if let Some(p) = g.stash.get() {
        code.package.set(p.clone());
    }
    g.cv.set(Some(code));
    vm.methods_changed();
}

/// Argument `i`, undef beyond the end; get magic has run.
pub fn arg(vm: &mut Vm, a: &Args, i: usize) -> R<Val> {
    if i < a.len() { vm.av_get(a, i as i64) } else { Ok(Val::undef()) }
}

/// All arguments from `from` on.
pub fn rest(vm: &mut Vm, a: &Args, from: usize) -> R<Vec<Val>> {
    (from..a.len()).map(|i| vm.av_get(a, i as i64)).collect()
}

/// The scalar passed as argument `i`, to be changed or referred to; a copy if a plain value was passed.
pub fn cell(a: &Args, i: usize) -> Ptr<Scalar> {
    match a.as_mut_slice().get_mut(i) {
        Some(e) => e.promote(),
        None => Scalar::new(Val::undef()),
    }
}

pub fn iv(vm: &mut Vm, a: &Args, i: usize) -> R<i64> {
    let v = arg(vm, a, i)?;
    vm.to_iv(&v)
}

pub fn nv(vm: &mut Vm, a: &Args, i: usize) -> R<f64> {
    let v = arg(vm, a, i)?;
    vm.to_nv(&v)
}

/// Bytes and utf8 flag of argument `i`.
pub fn string(vm: &mut Vm, a: &Args, i: usize) -> R<(Vec<u8>, bool)> {
    let v = arg(vm, a, i)?;
    let (b, u) = vm.str_bytes(&v)?;
    Ok((b.into_owned(), u))
}

/// Argument `i` as octets; wide characters stay encoded (SvPV without SvPVbyte).
pub fn bytes(vm: &mut Vm, a: &Args, i: usize) -> R<Vec<u8>> {
    Ok(string(vm, a, i)?.0)
}

/// Argument `i` as octets, dying as perl does where a character does not fit one.
pub fn octets(vm: &mut Vm, a: &Args, i: usize) -> R<Vec<u8>> {
    let (b, u) = string(vm, a, i)?;
    match keshi_text::utf8::as_bytes(&b, u) {
        Some(o) => Ok(o.into_owned()),
        None => Err(vm.die_text("Wide character in subroutine entry")),
    }
}

pub fn text(vm: &mut Vm, a: &Args, i: usize) -> R<String> {
    let v = arg(vm, a, i)?;
    vm.text_of(&v)
}

/// Dies with perl's usage message unless the number of arguments is in `lo..=hi`.
pub fn count(vm: &mut Vm, a: &Args, lo: usize, hi: usize, usage: &str) -> R<()> {
    if a.len() < lo || a.len() > hi {
        return Err(vm.die_text(&format!("Usage: {usage}")));
    }
    Ok(())
}

/// The sub behind argument `i`: a code reference, or an object that overloads `&{}`.
pub fn code(vm: &mut Vm, a: &Args, i: usize) -> R<Cv> {
    let v = arg(vm, a, i)?;
    if let Some(c) = v.cv().filter(|_| v.is_ref()) {
        return Ok(c);
    }
    if v.is_ref() {
        if let Some(c) = vm.overload_deref(&v, "&{}")?.and_then(|r| r.cv()) {
            return Ok(c);
        }
    }
    Err(vm.die_text("Not a subroutine reference"))
}

pub fn ok(v: Val) -> R<Ret> {
    Ok(Ret::Scalar(v))
}
pub fn int(n: i64) -> R<Ret> {
    Ok(Ret::Scalar(Val::int(n)))
}
pub fn yes_no(b: bool) -> R<Ret> {
    Ok(Ret::Scalar(Val::bool(b)))
}
pub fn undef() -> R<Ret> {
    Ok(Ret::Scalar(Val::undef()))
}
pub fn list(v: Vec<Val>) -> R<Ret> {
    Ok(Ret::List(Array::from_vec(v)))
}
pub fn dual(num: Val, str: Val) -> Val {
    Val::dual(Dual::new(num, str, None))
}

/// The result of a system call: sets `$!` and gives undef on failure, `0 but true` for 0.
pub fn sys_result(vm: &mut Vm, r: i64) -> R<Ret> {
    match r {
        -1 => {
            set_errno(vm);
            undef()
        }
        0 => ok(Val::bytes("0 but true")),
        n => int(n),
    }
}

/// `$!` from the C library's errno.
pub fn set_errno(vm: &mut Vm) {
    keshi_vm::rt::sys::set_errno(vm, keshi_io::errno::Errno::last().0);
}

/// A glob of the package the running statement is in.
pub fn caller_glob(vm: &mut Vm, name: &str) -> Ptr<keshi_value::Glob> {
    let pkg = vm.here().package;
    let full = [&pkg[..], b"::", name.as_bytes()].concat();
    vm.gv(&full, !pkg.is_ascii())
}

/// Runs `f` while the scalars of the given globs are replaced; they come back whatever happens.
pub fn with_scalars<T>(
    vm: &mut Vm,
    globs: &[Ptr<keshi_value::Glob>],
    f: impl FnOnce(&mut Vm) -> R<T>,
) -> R<T> {
    let old: Vec<_> = globs.iter().map(|g| g.sv.get().clone()).collect();
    let r = f(vm);
    for (g, s) in globs.iter().zip(old) {
        g.sv.set(s);
    }
    r
}
