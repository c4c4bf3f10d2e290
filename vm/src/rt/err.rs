//! The caught exception.

use crate::Vm;
use crate::exc::{Exc, R};
use keshi_value::Val;

/// `err.take`: the exception the handler was entered with.
pub fn take(vm: &mut Vm) -> R<Val> {
    Ok(match vm.caught.take().map(|e| *e) {
        Some(Exc::Die(v)) => v,
        _ => Val::undef(),
    })
}
