//! Runs LALRPOP over `src/grammar.lalrpop` and lists the files of `ops/` and `rules/`.
use std::fmt::Write;
use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=src/grammar.lalrpop");
    lalrpop::Configuration::new()
        .use_cargo_dir_conventions()
        .emit_rerun_directives(true)
        .process()
        .unwrap_or_else(|e| panic!("the L1 grammar does not build: {e}"));
    let mut text = String::new();
    for (name, dir, ext) in [("OPS_FILES", "ops", "l1"), ("RULES_FILES", "rules", "rules")] {
        println!("cargo:rerun-if-changed={dir}");
        let root = std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo");
        let mut files: Vec<_> = std::fs::read_dir(Path::new(&root).join(dir))
            .map(|d| {
                d.flatten().map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == ext)).collect()
            })
            .unwrap_or_default();
        files.sort();
        let _ = writeln!(
            text,
            "/// Embedded files, by path below the crate.\npub const {name}: &[(&str, &str)] = &["
        );
        for f in &files {
            let short = f.file_name().unwrap_or_default().to_string_lossy();
            let path = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/{dir}/{short}\")");
            let _ = writeln!(text, "    (\"{dir}/{short}\", include_str!({path})),");
        }
        text += "];\n";
    }
    let out = std::env::var("OUT_DIR").expect("set by cargo");
    std::fs::write(Path::new(&out).join("files.rs"), text).expect("the build directory is writable");
}
