//! Memory addresses in strings: what `pack` writes for `p` and `P` and `unpack` follows.
//!
//! A string whose address was given out is kept, with a NUL behind it, until [`KEPT`] others were: long enough
//! for a system call or an `unpack`, whatever becomes of the variable. Other addresses are read through the
//! kernel, which refuses what is not mapped.

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;
use std::collections::VecDeque;

/// Strings kept at the same time.
const KEPT: usize = 1024;

#[derive(Default)]
pub struct State {
    lent: VecDeque<Lent>,
}

struct Lent {
    /// The string that was asked for; held, so that its own address stays taken.
    of: Val,
    bytes: Box<[u8]>,
}

impl Lent {
    fn addr(&self) -> u64 {
        self.bytes.as_ptr() as u64
    }
}

/// The address of a NUL-terminated copy of the value's bytes, the same one for the same string; 0 for undef.
pub fn lend(vm: &mut Vm, v: &Val) -> R<u64> {
    if v.is_undef() {
        return Ok(0);
    }
    if v.as_str().is_some() {
        if let Some(l) =
            vm.rtstate.pointers.lent.iter().find(|l| l.of.as_str().is_some() && l.of.bits == v.bits)
        {
            return Ok(l.addr());
        }
    }
    let mut bytes = vm.str_bytes(v)?.0.into_owned();
    bytes.push(0);
    let lent = Lent { of: v.clone(), bytes: bytes.into_boxed_slice() };
    let addr = lent.addr();
    let all = &mut vm.rtstate.pointers.lent;
    if all.len() == KEPT {
        all.pop_front();
    }
    all.push_back(lent);
    Ok(addr)
}

/// The string at an address: `len` bytes, or up to its NUL.
pub fn follow(vm: &mut Vm, addr: u64, len: Option<usize>) -> R<Val> {
    let own = vm.rtstate.pointers.lent.iter().find_map(|l| {
        let from = usize::try_from(addr.checked_sub(l.addr())?).ok()?;
        let rest = l.bytes.get(from..)?;
        match len {
            Some(n) => rest.get(..n),
            None => rest.split(|&b| b == 0).next(),
        }
    });
    if let Some(b) = own {
        return Ok(Val::bytes(b));
    }
    match keshi_io::peek::read(addr, len) {
        Ok(b) => Ok(Val::bytes(b)),
        Err(e) => Err(vm.die_text(&format!("Can't read memory at address 0x{addr:x}: {}", e.message()))),
    }
}
