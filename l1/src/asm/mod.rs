//! The text form of chunks: `--dump=l1`, test files, and the round trip that keeps both honest.
//!
//! Contract. [`asm`]`(`[`dump`]`(c)) == c` for every chunk, valid or not, whose line and site tables are sorted.
//! Everything after `;` is a comment which [`dump`] regenerates from the tables and the heads; the assembler never
//! reads it. An instruction which its head does not describe completely (unknown opcode, stray bits) is dumped as
//! `raw`, so a broken chunk can be dumped, looked at and assembled again for a verifier test.
//!
//! ```text
//! chunk "main::mean" sub "t/mean.pl":3 package "main" pad 0 slots 2+1 ics 0 loops 1 colds 0 attrs 0
//!   const k0 = "%.2f"
//!   cop c0 = "t/mean.pl" "main" hints 0 features 0
//!   var S0 "$n"
//! bb0:
//!   .line 4 c0
//!   0000  s.const   S0, k0                ; "%.2f" ⊢ tag(S0)=str
//!   0001  jmp       bb0
//! end
//! ```

mod ins;
mod lex;
mod parse;
mod print;

pub use parse::{AsmError, asm};
pub use print::{Dump, dump, dump_with, fact_text, loc_text};

#[cfg(test)]
pub(crate) mod tests;
