//! Generates the dispatch arms and the typed wrappers of atoms and runtime entries from l1-spec.
use l1_spec::r#gen::{dispatch, fuse, write_out};

fn main() {
    let (spec, set) = l1_spec::builtin_set().unwrap_or_else(|e| panic!("\n{e}"));
    let ok = |r: Result<String, String>| r.unwrap_or_else(|e| panic!("\n{e}"));
    let fused = fuse::patterns(&spec, &set);
    write_out("arms.rs", &ok(dispatch::arms(&spec, &fused)));
    write_out("wrappers.rs", &(ok(dispatch::wrappers(&spec)) + &fuse::table(&spec, &fused)));
}
