//! keshi-frontend: Perl source text to AST, and AST to Perl ops.
//!
//! Contract: [`ast`] is the interface between the parser and the emitter; [`host`] the interface between the
//! parser and the interpreter that runs `BEGIN`-time code.
pub mod ast;
pub mod host;
