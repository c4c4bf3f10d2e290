//! Generated operand wrappers (see `l1_spec::gen::dispatch`). `unsafe`: each wrapper relies on the verifier
//! having checked the registers of the instruction it is given.
#![allow(clippy::all, clippy::undocumented_unsafe_blocks, unused_mut, unused_parens, unused_imports)]
include!(concat!(env!("OUT_DIR"), "/wrappers.rs"));
