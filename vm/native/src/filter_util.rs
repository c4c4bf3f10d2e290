//! Filter::Util::Call: Perl's source filters.

use crate::args::*;
use keshi_vm::{R, Ret, Vm, Want};

pub fn boot(vm: &mut Vm) -> R<()> {
    define(
        vm,
        "Filter::Util::Call",
        &[
            ("real_import", real_import, None),
            ("filter_read", filter_read, Some(";$")),
            ("filter_del", filter_del, Some("")),
            ("unimport", filter_del, None),
        ],
    );
    Ok(())
}

/// `real_import(OBJECT, PACKAGE, IS_CODE)`
fn real_import(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 3, 3, "Filter::Util::Call::real_import(object, type, coderef)")?;
    let object = arg(vm, a, 0)?;
    let coderef = arg(vm, a, 2)?;
    let closure = vm.truth(&coderef)?;
    vm.add_filter(object, closure);
    Ok(Ret::Void)
}

fn filter_read(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let max = if a.is_empty() { 0 } else { iv(vm, a, 0)? };
    int(vm.filter_read(max.max(0) as usize)?)
}

fn filter_del(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    vm.disable_filter();
    Ok(Ret::Void)
}
