//! Everyday commands: `cargo xtask COMMAND`. Each command lives in its own module and returns
//! a message on failure; this file only chooses.

mod args;
mod bench;
mod bless;
mod compat;
mod docs;
mod fuzz;
mod licenses;
mod lint;
mod order;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  bless-perl --perl PATH [NAME…]     record what real perl does with tests/perl/*.pl
                                     (an uninstalled perl finds its library through PERL5LIB)
  bench [--perl PATH] [--keshi PATH] [--runs N] [--perturb] [NAME…]
                                     ratios to perl of the programs in benches/
  compat [--revision R] SCORE.json   writes docs/COMPATIBILITY.md from a run of the scorer
  docs [--check]                     writes docs/atoms.md and docs/ops.md, or tells if they are stale
  order [--keshi PATH]               writes src/startup.order, for the linker (needs valgrind)
  fuzz [--minutes N] [--seed N] [--keshi PATH] [--memory MIB] [--keep DIR]
                                     damaged programs must not bring the interpreter down
  order [--keshi PATH]               writes src/startup.order, for the linker (needs valgrind)
  licenses                           the licence of every dependency against deny.toml
  lint                               files that are too long, names that must not be committed
";

fn main() -> ExitCode {
    let mut args = args::Args::from_env();
    let result = match args.command().as_deref() {
        Some("bless-perl") => bless::main(args),
        Some("bench") => bench::main(args),
        Some("compat") => compat::main(args),
        Some("docs") => docs::main(args),
        Some("fuzz") => fuzz::main(args),
        Some("licenses") => licenses::main(args),
        Some("order") => order::main(args),
        Some("lint") => lint::main(args),
        Some("help") | None => {
            print!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("no command '{other}'\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
