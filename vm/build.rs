//! Generates the dispatch arms and the operand wrappers of all heap atoms and runtime entries.
fn main() {
    let spec = l1_spec::builtin_spec().unwrap_or_else(|e| panic!("\n{e}"));
    let text = |r: Result<String, String>| r.unwrap_or_else(|e| panic!("\n{e}"));
    l1_spec::r#gen::write_out("arms.rs", &text(l1_spec::r#gen::dispatch::arms(&spec)));
    l1_spec::r#gen::write_out("wrappers.rs", &text(l1_spec::r#gen::dispatch::wrappers(&spec)));
}
