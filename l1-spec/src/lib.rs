//! l1-spec: the language in which L1 is specified, and everything that reads it.
//!
//! `*.l1` files define prims, heaps, atoms and runtime entries; `ops/*.l1` and user files define ops (macros).
//! Build scripts call [`builtin_spec`] and the generators in [`gen`]; the engine links the same crate for the
//! schema types, the expander and the loader of user files.
pub mod ast;
pub mod diag;
pub mod r#gen;
pub mod lexer;
pub mod parse;
pub mod resolve;
pub mod schema;
pub mod sem;

pub use diag::Diagnostic;
pub use resolve::Spec;

/// The files of the instruction set, embedded.
pub const FILES: [(&str, &str); 4] = [
    ("prims.l1", include_str!("../prims.l1")),
    ("heaps.l1", include_str!("../heaps.l1")),
    ("atoms.l1", include_str!("../atoms.l1")),
    ("rt.l1", include_str!("../rt.l1")),
];

/// The built-in instruction set. Errors are rendered: they are for the person who edits the files.
pub fn builtin_spec() -> Result<Spec, String> {
    spec_from(&FILES)
}

/// A spec from named texts; later files may refer to earlier ones.
pub fn spec_from(files: &[(&str, &str)]) -> Result<Spec, String> {
    let mut spec = Spec::default();
    let mut errors = String::new();
    for (name, text) in files {
        match parse::file(text) {
            Ok(items) => {
                for d in spec.add_items(&items) {
                    errors += &d.render(name, text);
                }
            }
            Err(d) => errors += &d.render(name, text),
        }
    }
    if errors.is_empty() { Ok(spec) } else { Err(errors) }
}

#[cfg(test)]
mod tests;
