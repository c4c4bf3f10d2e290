//! `dbmopen` and `dbmclose`: hashes on disk.

use super::array::{av, list_values};
use crate::Vm;
use crate::exc::{Exc, R};
use keshi_value::{Array, Val};

/// `rt.dbmopen`: ties the hash to whatever database module AnyDBM_File finds; what cannot be opened for writing
/// is opened for reading.
pub fn dbmopen(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let args = list_values(vm, &av(c), 0)?;
    let name = args.first().cloned().unwrap_or_default();
    let mode = args.get(1).cloned().unwrap_or_default();
    if !can_tie(vm)? {
        // Why the module cannot be had does not matter.
        if let Err(e) = vm.require_file(b"AnyDBM_File.pm")
            && !matches!(*e, Exc::Die(_))
        {
            return Err(e);
        }
        if !can_tie(vm)? {
            return Err(vm.die_text("No dbm on this machine"));
        }
    }
    let create = if vm.to_iv(&mode)? == 0 { 0 } else { libc::O_CREAT };
    let flags = [create | libc::O_RDWR, libc::O_RDONLY];
    for flags in flags {
        let list = Array::from_vec(vec![
            Val::bytes("AnyDBM_File"),
            name.clone(),
            Val::int(flags.into()),
            if mode.is_undef() { Val::bool(false) } else { mode.clone() },
        ]);
        let object = super::tie::tie(vm, b, &Val::ptr(list))?;
        if object.is_ref() {
            return Ok(Val::bool(true));
        }
    }
    Ok(Val::bool(false))
}

fn can_tie(vm: &mut Vm) -> R<bool> {
    match vm.stash(b"AnyDBM_File", false, false) {
        Some(s) => Ok(vm.find_method(&s, b"TIEHASH")?.is_some()),
        None => Ok(false),
    }
}

/// `rt.dbmclose`
pub fn dbmclose(vm: &mut Vm, b: &Val) -> R<Val> {
    super::tie::untie(vm, b)
}
