//! Every program of `tests/perl/` in every mode of execution, compared byte for byte with what
//! real perl did (see `xtask/src/perl_cases.rs` for the files, `cargo xtask bless-perl` for
//! the recording). Tests are named `program::mode`, so both can be selected:
//! `cargo test --test perl_programs queens`, `cargo test --test perl_programs ::fused`.

use libtest_mimic::{Arguments, Failed, Trial};
use std::process::ExitCode;
use std::time::Duration;
use xtask::perl_cases::{self, Case, Interpreter};

/// The modes: all must show the same, because all run the same L1 code.
const MODES: &[(&str, &[&str])] = &[
    ("default", &[]),
    // Every chunk goes through the verifier and through its text form and back; in debug builds in all modes.
    ("plain", &["--jit=off", "--fuse=off", "--parallel=off", "--verify"]),
    ("fused", &["--jit=off", "--parallel=off"]),
    ("compiled", &["--hot=1", "--jit=sync"]),
    ("exits", &["--hot=1", "--jit=sync", "--stress=exit"]),
    ("parallel", &["--parallel=force", "--hot=1", "--jit=sync"]),
];

fn check(case: &Case, flags: &[&str]) -> Result<(), Failed> {
    let keshi = Interpreter {
        path: env!("CARGO_BIN_EXE_keshi").into(),
        flags: flags.iter().map(Into::into).collect(),
        keep_perl5lib: false,
        time_limit: Duration::from_secs(120),
    };
    let expected = case.recorded().map_err(|e| format!("{}: not recorded: {e}", case.name))?;
    let got = case.run(&keshi).map_err(|e| format!("{} {}: {e}", case.name, flags.join(" ")))?;
    match perl_cases::difference(&expected, &got) {
        None => Ok(()),
        Some(text) => Err(format!("keshi {} {}.pl\n{text}", flags.join(" "), case.name).into()),
    }
}

/// Tests of `KNOWN_FAILURES` (one `program::mode` a line, `#` begins a remark): reported as ignored until the
/// cause, which docs/STATUS.md names, is mended. `cargo test --test perl_programs -- --ignored` runs them.
fn known_failures(dir: &std::path::Path) -> Result<Vec<String>, String> {
    let path = dir.join("KNOWN_FAILURES");
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let lines = text.lines().map(|l| l.split('#').next().unwrap_or("").trim());
    Ok(lines.filter(|l| !l.is_empty()).map(str::to_string).collect())
}

fn main() -> ExitCode {
    let args = Arguments::from_args();
    let dir = xtask::workspace_root().join("tests/perl");
    let cases = match perl_cases::all(&dir) {
        Ok(cases) => cases,
        Err(e) => {
            eprintln!("{}: {e}", dir.display());
            return ExitCode::FAILURE;
        }
    };
    let known = match known_failures(&dir) {
        Ok(list) => list,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::FAILURE;
        }
    };
    let mut trials = Vec::new();
    for case in cases {
        for &(mode, flags) in MODES {
            let case = case.clone();
            let name = format!("{}::{mode}", case.name);
            let ignored = known.contains(&name);
            trials.push(Trial::test(name, move || check(&case, flags)).with_ignored_flag(ignored));
        }
    }
    libtest_mimic::run(&args, trials).exit_code()
}
