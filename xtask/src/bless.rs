//! `cargo xtask bless-perl --perl PATH [NAME…]`: records what real perl does with the programs
//! of `tests/perl/`. Each program runs twice (hash order differs between the runs) and is
//! refused if the two runs differ: a recorded program must be deterministic.

use crate::args::Args;
use std::time::Duration;
use xtask::perl_cases::{self, Interpreter};

pub fn main(mut args: Args) -> Result<(), String> {
    let path = args.path("--perl")?.ok_or("bless-perl wants --perl PATH")?;
    let names = args.words()?;
    let perl =
        Interpreter { path, flags: Vec::new(), keep_perl5lib: true, time_limit: Duration::from_secs(60) };
    let dir = xtask::workspace_root().join("tests/perl");
    let cases = perl_cases::all(&dir).map_err(|e| format!("{}: {e}", dir.display()))?;
    if let Some(unknown) = names.iter().find(|n| !cases.iter().any(|c| c.name == **n)) {
        return Err(format!("no program tests/perl/{unknown}.pl"));
    }
    for case in cases.iter().filter(|c| names.is_empty() || names.contains(&c.name)) {
        let fail = |e: std::io::Error| format!("{}: {e}", case.name);
        let outcome = case.run(&perl).map_err(fail)?;
        let again = case.run(&perl).map_err(fail)?;
        if let Some(text) = perl_cases::difference(&outcome, &again) {
            return Err(format!("{} shows something else in every run:\n{text}", case.name));
        }
        let changed = case.record(&outcome).map_err(fail)?;
        println!(
            "{:<14} {:<8} {}",
            case.name,
            outcome.status,
            if changed { "recorded" } else { "as before" }
        );
    }
    Ok(())
}
