//! Atoms of the dynamic scope.

use crate::Vm;
use crate::dyns::Dyn;
use crate::exc::R;
use keshi_value::Val;

/// `dyn.sv`: `local $x`.
pub fn save_sv(vm: &mut Vm, x: u32) -> R<()> {
    let g = vm.frame().linked.globs[x as usize].clone();
    vm.local_sv(&g).map(drop)
}

/// `dyn.slot`: `local` of an element.
pub fn save_elem(vm: &mut Vm, a: &Val, k: &Val) -> R<()> {
    super::scope::local_any_elem(vm, a, k)
}

/// `dyn.glob`: parts of a glob, 1 array, 2 hash, 3 all.
pub fn save_glob(vm: &mut Vm, x: u32, part: u64) -> R<()> {
    let g = vm.frame().linked.globs[x as usize].clone();
    match part {
        1 => drop(vm.local_av(&g)),
        2 => drop(vm.local_hv(&g)),
        _ => vm.local_glob(&g),
    }
    Ok(())
}

/// `dyn.defer`
pub fn defer(vm: &mut Vm, code: &Val) -> R<()> {
    if let Some(c) = code.cv() {
        vm.dyns.push(Dyn::Defer(c));
    }
    Ok(())
}
