//! keshi-frontend: Perl source text to AST, and AST to Perl ops.
//!
//! Contract: [`ast`] is the interface between the parser and the emitter; [`host`] the interface between the
//! parser and the interpreter that runs `BEGIN`-time code; [`parser::parse`] compiles one source text.
pub mod ast;
pub mod dump;
pub mod emit;
pub mod host;
pub mod lexer;
pub mod parser;

pub use dump::dump_sub as dump_ast;
pub use parser::{CompileError, Options, Source, core_prototype, parse};
