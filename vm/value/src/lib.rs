//! Values and heap objects of the interpreter: what perl calls SV, AV, HV, CV, GV and IO.
//!
//! Contract. A [`Val`] is 16 bytes, owns what it points to and counts references plainly (no atomics:
//! an interpreter lives on one thread; parallel workers never touch counts of foreign objects).
//! Dropping a value never runs Perl code: an object whose class has a destructor is queued
//! (see [`obj::pending`]) and the VM calls DESTROY at its next sync point. Reading never writes:
//! no numeric caching in strings, no flag flips.
//!
//! `unsafe` is confined to this crate's modules, each of which states its invariants.

pub mod array;
pub mod code;
pub mod glob;
pub mod hash;
pub mod obj;
pub mod scalar;
pub mod string;
pub mod val;

pub use array::Array;
pub use code::{Body, Code, Linked};
pub use glob::{Format, Glob, IoObj, SavedGp};
pub use hash::Hash;
pub use obj::{Hdr, Kind, Ptr};
pub use scalar::Scalar;
pub use string::PStr;
pub use val::{Val, tag};
