//! The committed reference pages are those of the spec (`BLESS=1` or `cargo xtask docs` writes them).
#[test]
fn reference_pages_are_fresh() {
    let (spec, set) = l1_spec::builtin_set().unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    for (name, text) in
        [("atoms.md", l1_spec::r#gen::docs::atoms(&spec)), ("ops.md", l1_spec::r#gen::docs::ops(&set))]
    {
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(root.join(name), &text).unwrap();
        }
        let have = std::fs::read_to_string(root.join(name)).unwrap_or_default();
        assert!(have == text, "docs/{name} is stale: run `cargo xtask docs`");
    }
}
