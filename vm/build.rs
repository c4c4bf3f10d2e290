//! Generates the dispatch arms and the typed wrappers of atoms and runtime entries from l1-spec.
fn main() {
    let spec = l1_spec::builtin_spec().unwrap_or_else(|e| panic!("\n{e}"));
    let ok = |r: Result<String, String>| r.unwrap_or_else(|e| panic!("\n{e}"));
    l1_spec::r#gen::write_out("arms.rs", &ok(l1_spec::r#gen::dispatch::arms(&spec)));
    l1_spec::r#gen::write_out("wrappers.rs", &ok(l1_spec::r#gen::dispatch::wrappers(&spec)));
}
