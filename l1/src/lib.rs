//! L1: chunks, their construction from macro expansion, facts, verification, text form and rewriting.
pub mod asm;
pub mod builder;
pub mod cfg;
pub mod chunk;
pub mod effects;
pub mod facts;
pub mod isa;
pub mod liveness;
pub mod par;
pub mod passes;
pub mod pattern;
pub mod verify;
pub mod view;
pub mod warn;
