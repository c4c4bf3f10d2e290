//! `docs`: writes the reference pages that are made from l1-spec; `--check` only compares.

use crate::args::Args;

pub fn main(mut args: Args) -> Result<(), String> {
    let check = args.flag("--check");
    args.finish()?;
    let (spec, set) = l1_spec::builtin_set()?;
    let root = xtask::workspace_root().join("docs");
    for (name, text) in
        [("atoms.md", l1_spec::r#gen::docs::atoms(&spec)), ("ops.md", l1_spec::r#gen::docs::ops(&set))]
    {
        let path = root.join(name);
        if check {
            if std::fs::read_to_string(&path).unwrap_or_default() != text {
                return Err(format!("docs/{name} is stale: run `cargo xtask docs`"));
            }
        } else {
            std::fs::write(&path, text).map_err(|e| format!("docs/{name}: {e}"))?;
        }
    }
    Ok(())
}
