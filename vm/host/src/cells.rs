//! Variables captured at compile time: which cell a named sub, BEGIN block or string eval gets for an outer
//! lexical.

use keshi_frontend::ast::{PadId, PadIdx};
use keshi_frontend::host::PadLink;
use keshi_l1::chunk::Chunk;
use keshi_value::Val;
use keshi_vm::Vm;
use keshi_vm::rt::pad::{FRESH, fresh_by_name};

/// The variable behind entry `idx` of a pad: of the running frame if the pad belongs to one (string eval),
/// else the instance made at compile time, which the code takes over when it first runs.
pub fn cell(vm: &mut Vm, pads: &[PadLink], pad: PadId, idx: PadIdx, name: &[u8]) -> Val {
    if let Some(link) = pads.iter().find(|p| p.id == pad) {
        if let (Some(outer), Some((_, o))) = (link.outer, link.captures.iter().find(|(i, _)| *i == idx)) {
            return cell(vm, pads, outer, *o, name);
        }
    }
    if let Some(v) = vm.frame_variable(pad.0, idx) {
        return v;
    }
    vm.proto_cells.entry((pad.0, idx)).or_insert_with(|| fresh_by_name(name)).clone()
}

/// The captures of a chunk whose enclosing pad is `outer`.
pub fn captures(vm: &mut Vm, pads: &[PadLink], outer: Option<PadId>, chunk: &Chunk) -> Vec<Val> {
    let caps = chunk.captures.clone();
    caps.iter()
        .map(|c| match outer {
            Some(p) if c.outer != FRESH => cell(vm, pads, p, c.outer, &c.name),
            _ => fresh_by_name(&c.name),
        })
        .collect()
}
