//! keshi-regex: Perl 5.42's regular expressions.
//!
//! [`compile`] turns pattern text into a [`Regex`]; [`exec`] matches it. Pattern and subject may each be
//! bytes (every byte a code point) or Perl's extended UTF-8; a `Regex` makes a program per subject encoding
//! when first needed. A `Regex` is immutable and may be shared between threads.
//!
//! What the surrounding program has to provide comes through two traits: [`CompileHost`] (named characters,
//! user-defined properties, code blocks, warnings) and [`ExecHost`] (running code blocks, signals).
//!
//! Layers: `parse` (text → [`ast`]), `analyze` (lengths, first bytes, required strings), `emit` (AST →
//! [`program`]), `exec` (the backtracking matcher), `unicode` (tables).

mod analyze;
pub mod ast;
mod classes;
mod emit;
mod error;
mod exec;
mod flags;
mod host;
mod parse;
pub mod program;
mod regex;
mod set;
mod unicode;
mod utf8;

pub use error::RegexError;
pub use exec::{Captures, ExecOpts, exec};
pub use flags::{Charset, Flags};
pub use host::{CodeBlock, CodeId, CodeOutcome, CompileHost, ExecHost, MatchView, NoHost, Postponed};
pub use regex::{Regex, compile};
pub use unicode::is_mark;
pub use unicode::names::NameTable;
pub use utf8::Cp;
