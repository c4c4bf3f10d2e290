//! Runs LALRPOP over `src/grammar.lalrpop`.
fn main() {
    println!("cargo:rerun-if-changed=src/grammar.lalrpop");
    lalrpop::Configuration::new()
        .use_cargo_dir_conventions()
        .emit_rerun_directives(true)
        .process()
        .unwrap_or_else(|e| panic!("the L1 grammar does not build: {e}"));
}
