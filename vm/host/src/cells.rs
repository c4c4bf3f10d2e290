//! Variables captured at compile time: which cell a named sub, BEGIN block or string eval gets for an outer
//! lexical.

use keshi_frontend::ast::{PadId, PadIdx};
use keshi_frontend::host::PadLink;
use keshi_l1::chunk::{Chunk, Fam};
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
    if let Some(v) = frame_cell(vm, pad, idx) {
        return v;
    }
    vm.proto_cells.entry((pad.0, idx)).or_insert_with(|| fresh_by_name(name)).clone()
}

/// The variable in the innermost running frame of the chunk with that pad.
fn frame_cell(vm: &mut Vm, pad: PadId, idx: PadIdx) -> Option<Val> {
    let f = vm.frames.iter().rev().find(|f| f.linked.chunk.pad_id as u64 == pad.0)?;
    let var = f.linked.chunk.pad.get(idx as usize)?;
    if var.name.is_empty() {
        return None;
    }
    let fam = var.fam;
    let place = f.slot(var.slot);
    match fam {
        Fam::S => Some(Val::ptr(place.promote())),
        _ if place.bits != 0 => Some(place.ptr_to_obj()),
        _ => None,
    }
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
