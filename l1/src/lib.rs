//! L1: chunks, their construction from macro expansion, facts, verification, text form and rewriting.
pub mod asm;
pub mod builder;
pub mod chunk;
pub mod isa;
pub mod view;
