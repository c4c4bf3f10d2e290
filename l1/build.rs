//! Generates the instruction tables and the built-in ops from l1-spec.
fn main() {
    let (spec, set) = l1_spec::builtin_set().unwrap_or_else(|e| panic!("\n{e}"));
    let text = l1_spec::r#gen::op::text(&spec) + &l1_spec::r#gen::ops::text(set.builtin);
    l1_spec::r#gen::write_out("op.rs", &text);
}
