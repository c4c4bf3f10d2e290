//! Matching: patterns at their sites, `m//`, `s///`, `split`, `pos`, capture variables.
//!
//! The engine is keshi-regex. A pattern of the program is compiled with it, so that its errors and warnings
//! come then, and found in the cache (or made again) at first use under the cop of its place; interpolated
//! patterns are cached per site while their text stays the same.

mod assemble;
mod captures;
mod compile;
mod host;
mod pattern;
mod run;
mod split;
mod subst;

pub use assemble::build;
pub use captures::*;
pub use compile::{Place, Report, compile_ahead};
pub use host::exec_at;
pub use pattern::{from_value, last_successful, literal, qr};
pub use run::*;
pub use split::{split, split_n};
pub use subst::{subst_begin, subst_const, subst_end, subst_next, subst_put};

use keshi_value::{Ptr, Scalar, Val};

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    /// Sites of `m?…?` that have matched since the last `reset`, by chunk address and site.
    pub once: Vec<(usize, u64)>,
    /// The variable of the match about to run: `$_` in code blocks.
    pub target: Option<Ptr<Scalar>>,
    /// What property subs returned, by full name and `/i`: each is asked once.
    pub properties: std::collections::HashMap<(Vec<u8>, bool), Vec<u8>>,
    /// Patterns compiled from run-time text: (text, utf8, flags) → PTR.
    pub cache: std::collections::HashMap<(Vec<u8>, bool, u32), Val>,
}
