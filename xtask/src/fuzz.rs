//! `cargo xtask fuzz [--minutes N] [--seed N] [--keshi PATH] [--memory MIB] [--keep DIR]`: damaged and recombined
//! programs must not bring the interpreter down.
//!
//! Contract. Every case is a program of `tests/perl/` (or one of `tests/macros/programs/`) that [`mutate`] has
//! changed. A case fails by a Rust panic, by a signal it did not get from here, by a chunk that the verifier
//! refuses, by an allocation that ends the process, or by a loop that SIGINT does not end. What the program does
//! otherwise, also dying, is its own affair. A failing case is made smaller and kept, with the flags it needs in its
//! first line. The same seed gives the same cases.
//!
//! Programs run with limits on memory, processor time and file size in an empty directory, and [`mutate::harmless`]
//! refuses every text that names something which reaches beyond the process.

mod mutate;

use crate::args::Args;
use mutate::Rng;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How the cases run, in turn.
const MODES: &[&[&str]] = &[
    &["--jit=off"],
    &["--hot=1", "--jit=sync"],
    &["--parallel=force", "--hot=1", "--jit=sync", "--threads=2"],
    &["--hot=1", "--jit=sync", "--stress=exit"],
];
/// A case that runs longer is interrupted, and has this long to end.
const PATIENCE: Duration = Duration::from_secs(4);
const GRACE: Duration = Duration::from_secs(4);
/// Runs that making one case smaller may take.
const SHRINK_RUNS: usize = 80;

struct Runner {
    keshi: PathBuf,
    /// Kibibytes of address space.
    memory: u64,
    dir: tempfile::TempDir,
}

pub fn main(mut args: Args) -> Result<(), String> {
    let minutes = args.number("--minutes")?.unwrap_or(5);
    let seed = args.number("--seed")?.unwrap_or(1);
    let root = xtask::workspace_root();
    let keshi = args.path("--keshi")?.unwrap_or_else(|| root.join("target/debug/keshi"));
    let memory = u64::from(args.number("--memory")?.unwrap_or(2048)) * 1024;
    let keep = args.path("--keep")?.unwrap_or_else(|| root.join("target/fuzz"));
    args.finish()?;
    let keshi = keshi.canonicalize().map_err(|e| format!("{}: {e}", keshi.display()))?;
    let fail = |e: std::io::Error| format!("{}: {e}", keep.display());
    std::fs::create_dir_all(&keep).map_err(fail)?;
    let seeds = seeds(&root)?;
    let runner = Runner { keshi, memory, dir: tempfile::tempdir().map_err(fail)? };
    let end = Instant::now() + Duration::from_secs(u64::from(minutes) * 60);
    let (mut cases, mut found) = (0u32, BTreeMap::<String, PathBuf>::new());
    while Instant::now() < end {
        let mut rng = Rng::new(u64::from(seed) << 32 | u64::from(cases));
        let text = mutate::program(&mut rng, &seeds);
        let flags = MODES[cases as usize % MODES.len()];
        cases += 1;
        if !mutate::harmless(&text) {
            continue;
        }
        let Some(fault) = runner.fault(&text, flags)? else { continue };
        if found.contains_key(&fault) {
            continue;
        }
        let small = runner.shrink(text, flags, &fault)?;
        let file = keep.join(format!("case-{seed}-{cases}.pl"));
        let head = format!("# {} {fault}\n", flags.join(" "));
        std::fs::write(&file, [head.as_bytes(), &small].concat()).map_err(fail)?;
        println!("{}: {fault}", file.display());
        found.insert(fault, file);
    }
    println!("{cases} cases in {minutes} min (seed {seed}), {} kinds of failure", found.len());
    if found.is_empty() { Ok(()) } else { Err("the interpreter did not stand it".into()) }
}

fn seeds(root: &Path) -> Result<Vec<Vec<u8>>, String> {
    let mut out = Vec::new();
    for dir in ["tests/perl", "tests/macros/programs"] {
        let dir = root.join(dir);
        let fail = |e: std::io::Error| format!("{}: {e}", dir.display());
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(&dir).map_err(fail)?.filter_map(|e| Some(e.ok()?.path())).collect();
        files.sort();
        for f in files.iter().filter(|f| f.extension().is_some_and(|e| e == "pl")) {
            out.push(std::fs::read(f).map_err(fail)?);
        }
    }
    Ok(out)
}

impl Runner {
    /// What is wrong with the interpreter after this program, in one line.
    fn fault(&self, text: &[u8], flags: &[&str]) -> Result<Option<String>, String> {
        let fail = |e: std::io::Error| format!("{}: {e}", self.dir.path().display());
        let path = |name: &str| self.dir.path().join(name);
        std::fs::write(path("case.pl"), text).map_err(fail)?;
        let errors = std::fs::File::create(path("stderr")).map_err(fail)?;
        let output = std::fs::File::create(path("stdout")).map_err(fail)?;
        // The limits hold for the shell, which becomes the interpreter.
        let limits = format!("ulimit -c 0 -t 20 -f 16384 -v {}; exec \"$@\"", self.memory);
        let mut child = Command::new("sh")
            .args(["-c", &limits, "sh"])
            .arg(&self.keshi)
            .args(flags)
            .arg("case.pl")
            .current_dir(self.dir.path())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(fail)?;
        let pid = child.id();
        let mut wait = |limit: Duration| -> Result<Option<std::process::ExitStatus>, String> {
            let start = Instant::now();
            loop {
                if let Some(s) = child.try_wait().map_err(fail)? {
                    return Ok(Some(s));
                }
                if start.elapsed() > limit {
                    return Ok(None);
                }
                std::thread::sleep(Duration::from_millis(3));
            }
        };
        let mut interrupted = false;
        let status = match wait(PATIENCE)? {
            Some(s) => s,
            None => {
                interrupted = true;
                signal(pid, "INT")?;
                match wait(GRACE)? {
                    Some(s) => s,
                    None => {
                        signal(pid, "KILL")?;
                        wait(GRACE)?;
                        return Ok(Some("it does not end on SIGINT".into()));
                    }
                }
            }
        };
        let text = std::fs::read(path("stderr")).map_err(fail)?;
        Ok(judge(status, interrupted, &String::from_utf8_lossy(&text)))
    }

    /// A smaller program with the same fault: lines are left out, in ever smaller pieces.
    fn shrink(&self, text: Vec<u8>, flags: &[&str], fault: &str) -> Result<Vec<u8>, String> {
        let mut lines: Vec<Vec<u8>> = text.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let (mut piece, mut runs) = (lines.len().div_ceil(2), 0);
        while piece > 0 && lines.len() > 1 && runs < SHRINK_RUNS {
            let (mut at, mut less) = (0, false);
            while at < lines.len() && runs < SHRINK_RUNS {
                let mut fewer = lines.clone();
                fewer.drain(at..(at + piece).min(lines.len()));
                runs += 1;
                let shorter = fewer.concat();
                if mutate::harmless(&shorter) && self.fault(&shorter, flags)?.as_deref() == Some(fault) {
                    (lines, less) = (fewer, true);
                } else {
                    at += piece;
                }
            }
            if !less || piece > lines.len() {
                piece /= 2;
            }
        }
        Ok(lines.concat())
    }
}

/// The fault that an end tells, if any.
fn judge(status: std::process::ExitStatus, interrupted: bool, stderr: &str) -> Option<String> {
    let line = |part: &str| stderr.lines().find(|l| l.contains(part)).map(str::to_string);
    if let Some(at) = line("panicked at") {
        // Thread and process are another in every run.
        let place = at.split("panicked at ").nth(1).unwrap_or(&at).trim_end_matches(':');
        return Some(format!("panic at {place}"));
    }
    if line("bug in the compiler").is_some() || line("bug in the plan").is_some() {
        let why = stderr.lines().find(|l| l.contains(": V")).unwrap_or("its text form");
        let check = why.split(": V").nth(1).map_or("text form", |c| c.get(..2).unwrap_or(c));
        return Some(format!("the verifier refuses it: V{check}"));
    }
    if line("memory allocation of").is_some() {
        return Some("an allocation that fails ends the process".into());
    }
    match status.signal() {
        // The limit on processor time, and the interrupt.
        Some(libc::SIGINT | libc::SIGXCPU | libc::SIGKILL) if interrupted => None,
        Some(libc::SIGXFSZ) => None,
        Some(s) => Some(format!("signal {s}")),
        None => None,
    }
}

fn signal(pid: u32, name: &str) -> Result<(), String> {
    let done = Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status();
    done.map(|_| ()).map_err(|e| format!("kill: {e}"))
}
