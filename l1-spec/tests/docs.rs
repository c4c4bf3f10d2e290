//! The committed reference pages are those of the spec.
#[test]
fn reference_pages_are_fresh() {
    let (spec, set) = l1_spec::builtin_set().unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for (name, text) in
        [("atoms.md", l1_spec::r#gen::docs::atoms(&spec)), ("ops.md", l1_spec::r#gen::docs::ops(&set))]
    {
        let have = std::fs::read_to_string(root.join(name)).unwrap_or_default();
        assert!(have == text, "docs/{name} is stale: run `cargo xtask docs`");
    }
}
