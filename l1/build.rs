//! Generates the instruction tables from l1-spec.
fn main() {
    let spec = l1_spec::builtin_spec().unwrap_or_else(|e| panic!("\n{e}"));
    l1_spec::r#gen::write_out("op.rs", &l1_spec::r#gen::op::text(&spec));
}
