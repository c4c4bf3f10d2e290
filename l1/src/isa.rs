//! The instruction set, generated from l1-spec/*.l1: opcode numbers ([`op`]), entry numbers ([`rt`]), heaps and the
//! schema of every atom ([`ATOMS`]) and runtime entry ([`RTS`]).
pub use l1_spec::schema::*;

include!(concat!(env!("OUT_DIR"), "/op.rs"));

/// The opcode with this name.
pub fn atom_named(name: &str) -> Option<u16> {
    ATOM_NAMES.binary_search_by_key(&name, |e| e.0).ok().map(|i| ATOM_NAMES[i].1)
}

/// The runtime entry with this name.
pub fn rt_named(name: &str) -> Option<u16> {
    RT_NAMES.binary_search_by_key(&name, |e| e.0).ok().map(|i| RT_NAMES[i].1)
}
