//! l1-spec: the language in which L1 is specified, and everything that reads it.
//!
//! `*.l1` files define prims, heaps, atoms and runtime entries; `ops/*.l1` and user files define ops (macros).
//! Build scripts call [`builtin_spec`] and the generators in [`gen`]; the engine links the same crate for the
//! schema types, the expander and the loader of user files.
pub mod ast;
pub mod check;
pub mod diag;
pub mod expand;
pub mod fuse;
pub mod r#gen;
pub mod lexer;
pub mod load;
pub mod ops;
pub mod parse;
pub mod record;
pub mod resolve;
pub mod rules;
pub mod schema;
pub mod select;
pub mod sem;
pub mod smt;
pub mod user;

pub use diag::Diagnostic;
pub use resolve::Spec;
pub use user::load_user_file;

macro_rules! embedded {
    ($($path:literal,)*) => { &[$(($path, include_str!(concat!("../", $path)))),*] };
}

/// The files of the instruction set, embedded, in the order in which they define it.
pub const FILES: &[(&str, &str)] = embedded![
    "prims.l1",
    "heaps.l1",
    "atoms.l1",
    "rt.l1",
    "rt/arith.l1",
    "rt/compare.l1",
    "rt/string.l1",
    "rt/list.l1",
    "rt/array.l1",
    "rt/hash.l1",
    "rt/refs.l1",
    "rt/scope.l1",
    "rt/sub.l1",
    "rt/control.l1",
    "rt/regex.l1",
    "rt/io.l1",
    "rt/file.l1",
    "rt/system.l1",
    "rt/time.l1",
];

/// The built-in instruction set. Errors are rendered: they are for the person who edits the files.
pub fn builtin_spec() -> Result<Spec, String> {
    spec_from(FILES)
}

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// Instruction set and built-in ops, for build scripts and tests.
pub fn builtin_set() -> Result<(Spec, ops::MacroSet), String> {
    let spec = builtin_spec()?;
    let set = ops_from(spec.isa(), OPS_FILES)?;
    Ok((spec, set))
}

/// Ops from named texts, checked, as built-in ops of a set.
pub fn ops_from(isa: &'static ops::Isa, files: &[(&str, &str)]) -> Result<ops::MacroSet, String> {
    let mut errors = String::new();
    let mut all = Vec::new();
    // All names first: an op may use one of a later file.
    let mut parsed = Vec::new();
    for (path, text) in files {
        match parse::file(text) {
            Ok(items) => parsed.push((*path, *text, items)),
            Err(d) => errors += &d.render(path, text),
        }
    }
    let empty = ops::MacroSet::new(isa, &[]);
    for (path, text, items) in &parsed {
        let src = load::Source { path: resolve::leak(path), text };
        let names = parsed.iter().flat_map(|p| &p.2);
        let (defs, diags) = load::ops_of_with(items, names, src, &empty);
        for d in diags {
            errors += &d.render(path, text);
        }
        all.extend(defs);
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    all.sort_by(|a, b| a.name.cmp(b.name));
    let set = ops::MacroSet::new(isa, Box::leak(all.into_boxed_slice()));
    for (path, text) in files {
        let mut diags = Vec::new();
        let of_file: Vec<_> = set.builtin.iter().filter(|o| o.file == *path).collect();
        // both variants of a `PMC` op have to pass here
        diags.extend(of_file.iter().flat_map(|o| check::check_op(&set, o)));
        for mut d in diags {
            d.resolve_lines(text);
            errors += &d.render(path, text);
        }
    }
    if errors.is_empty() { Ok(set) } else { Err(errors) }
}

/// The built-in rewrite rules.
pub fn builtin_rules(isa: &'static ops::Isa) -> Result<Vec<rules::Rule>, String> {
    let mut all = Vec::new();
    for (path, text) in RULES_FILES {
        match rules::rules_of(text, isa) {
            Ok(r) => all.extend(r),
            Err(e) => return Err(e.iter().map(|d| d.render(path, text)).collect()),
        }
    }
    Ok(all)
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
