//! Runtime functions of topic `misc` (heads in l1-spec/rt.l1 and atoms.l1): hashes on disk.

use super::array::{av, list_values};
use crate::Vm;
use crate::exc::R;
use keshi_value::{Array, Val};

/// `rt.dbmopen`: ties the hash to whatever database module AnyDBM_File finds; what cannot be opened for writing
/// is opened for reading.
pub fn dbmopen(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let args = list_values(vm, &av(c), 0)?;
    let name = args.first().cloned().unwrap_or_default();
    let mode = args.get(1).cloned().unwrap_or_default();
    vm.require_file(b"AnyDBM_File.pm")?;
    let flags = [if mode.is_undef() { libc::O_RDWR } else { libc::O_CREAT | libc::O_RDWR }, libc::O_RDONLY];
    for flags in flags {
        let list = Array::from_vec(vec![
            Val::bytes("AnyDBM_File"),
            name.clone(),
            Val::int(flags.into()),
            if mode.is_undef() { Val::int(0o666) } else { mode.clone() },
        ]);
        let object = super::tie::tie(vm, b, &Val::ptr(list))?;
        if object.is_ref() {
            return Ok(Val::bool(true));
        }
    }
    Ok(Val::bool(false))
}

/// `rt.dbmclose`
pub fn dbmclose(vm: &mut Vm, b: &Val) -> R<Val> {
    super::tie::untie(vm, b)
}
