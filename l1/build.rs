//! Generates the instruction tables, the built-in ops, the rewrite rules and the folder from l1-spec.
use l1_spec::r#gen;

fn main() {
    let (spec, set) = l1_spec::builtin_set().unwrap_or_else(|e| panic!("\n{e}"));
    let rules = l1_spec::builtin_rules(set.isa).unwrap_or_else(|e| panic!("\n{e}"));
    let text = [
        r#gen::op::text(&spec),
        r#gen::ops::text(set.builtin),
        r#gen::rules::text(&rules),
        r#gen::rules::fold(&spec).unwrap_or_else(|e| panic!("\n{e}")),
    ];
    r#gen::write_out("op.rs", &text.concat());
}
