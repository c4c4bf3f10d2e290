//! The programs in `tests/perl/` and how one of them is run.
//!
//! `NAME.pl` is a case. Beside it there may be:
//! * `NAME.switches`: arguments before the script's name, one a line
//! * `NAME.args`: arguments after it, one a line
//! * `NAME.in`: standard input (empty without the file)
//! * `NAME.files/`: files the program finds in its working directory
//!
//! and the recorded behaviour of real perl: `NAME.stdout`, `NAME.stderr`, `NAME.status` and,
//! for a case with `NAME.files/`, the files as the program left them in `NAME.after/`.
//!
//! A case runs in a scratch directory of its own that holds a copy of the script and of its
//! files, so that messages name the script by a relative path and programs may write files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// One program of `tests/perl/`.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    dir: PathBuf,
}

/// Everything that a run shows to the outside, byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// `exit N` or `signal N`.
    pub status: String,
    /// Files in the scratch directory that are new or changed after the run.
    pub files: BTreeMap<String, Vec<u8>>,
}

/// Which interpreter runs the case, and with which arguments of its own.
#[derive(Clone, Debug)]
pub struct Interpreter {
    pub path: PathBuf,
    pub flags: Vec<OsString>,
    /// Whether `PERL5LIB` reaches the child (an uninstalled perl needs it).
    pub keep_perl5lib: bool,
    /// A run that takes longer is killed and reported as an error.
    pub time_limit: Duration,
}

/// All cases under `dir`, by name.
pub fn all(dir: &Path) -> io::Result<Vec<Case>> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "pl")
            && let Some(stem) = path.file_stem().and_then(|s| s.to_str())
        {
            cases.push(Case { name: stem.to_owned(), dir: dir.to_owned() });
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

impl Case {
    fn sibling(&self, extension: &str) -> PathBuf {
        self.dir.join(format!("{}.{extension}", self.name))
    }

    fn lines_of(&self, extension: &str) -> io::Result<Vec<String>> {
        match fs::read_to_string(self.sibling(extension)) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }

    /// Runs the case and collects what it shows.
    pub fn run(&self, interpreter: &Interpreter) -> io::Result<Outcome> {
        let scratch = tempfile::Builder::new().prefix("keshi-case-").tempdir()?;
        let script = format!("{}.pl", self.name);
        fs::copy(self.sibling("pl"), scratch.path().join(&script))?;
        let fixture =
            if self.sibling("files").is_dir() { Some(read_dir_files(&self.sibling("files"))?) } else { None };
        for (name, bytes) in fixture.iter().flatten() {
            fs::write(scratch.path().join(name), bytes)?;
        }
        let input = match fs::read(self.sibling("in")) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(e) => return Err(e),
        };

        let mut command = Command::new(&interpreter.path);
        command
            .args(&interpreter.flags)
            .args(self.lines_of("switches")?)
            .arg(&script)
            .args(self.lines_of("args")?)
            .current_dir(scratch.path())
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        for name in ["PERL5OPT", "PERL_UNICODE", "PERL5DB", "KESHI_OPT"] {
            command.env_remove(name);
        }
        if !interpreter.keep_perl5lib {
            command.env_remove("PERL5LIB");
        }
        let mut outcome = run_limited(command, input, interpreter.time_limit)?;
        if let Some(fixture) = fixture {
            outcome.files = read_dir_files(scratch.path())?;
            outcome.files.retain(|name, bytes| *name != script && fixture.get(name) != Some(bytes));
        }
        Ok(outcome)
    }

    /// What real perl showed when the case was recorded.
    pub fn recorded(&self) -> io::Result<Outcome> {
        let after = self.sibling("after");
        Ok(Outcome {
            stdout: fs::read(self.sibling("stdout"))?,
            stderr: fs::read(self.sibling("stderr"))?,
            status: fs::read_to_string(self.sibling("status"))?.trim_end().to_owned(),
            files: if after.is_dir() { read_dir_files(&after)? } else { BTreeMap::new() },
        })
    }

    /// Makes `outcome` the recorded behaviour; true if that changed anything.
    pub fn record(&self, outcome: &Outcome) -> io::Result<bool> {
        if self.recorded().is_ok_and(|old| old == *outcome) {
            return Ok(false);
        }
        fs::write(self.sibling("stdout"), &outcome.stdout)?;
        fs::write(self.sibling("stderr"), &outcome.stderr)?;
        fs::write(self.sibling("status"), format!("{}\n", outcome.status))?;
        let after = self.sibling("after");
        if after.is_dir() {
            fs::remove_dir_all(&after)?;
        }
        if !outcome.files.is_empty() {
            fs::create_dir(&after)?;
            for (name, bytes) in &outcome.files {
                fs::write(after.join(name), bytes)?;
            }
        }
        Ok(true)
    }
}

/// The differences between two outcomes for a reader, or `None` if there are none.
pub fn difference(expected: &Outcome, got: &Outcome) -> Option<String> {
    let mut report = String::new();
    if expected.status != got.status {
        report += &format!("status: expected {}, got {}\n", expected.status, got.status);
    }
    text_difference("stdout", &expected.stdout, &got.stdout, &mut report);
    text_difference("stderr", &expected.stderr, &got.stderr, &mut report);
    let empty = Vec::new();
    for name in expected.files.keys().chain(got.files.keys().filter(|k| !expected.files.contains_key(*k))) {
        match (expected.files.get(name), got.files.get(name)) {
            (Some(_), None) => report += &format!("file {name}: missing\n"),
            (None, Some(_)) => report += &format!("file {name}: not expected\n"),
            (a, b) => {
                let (a, b) = (a.unwrap_or(&empty), b.unwrap_or(&empty));
                text_difference(&format!("file {name}"), a, b, &mut report);
            }
        }
    }
    (!report.is_empty()).then_some(report)
}

fn text_difference(what: &str, expected: &[u8], got: &[u8], report: &mut String) {
    if expected == got {
        return;
    }
    let (a, b) = (readable(expected), readable(got));
    let diff = similar::TextDiff::from_lines(&a, &b);
    *report += &diff.unified_diff().context_radius(2).header(&format!("{what} expected"), "got").to_string();
}

/// Bytes that are not printable ASCII shown as `\xNN`, so that every difference is visible.
fn readable(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for &b in bytes {
        match b {
            b'\n' | b'\t' | b' '..=b'~' => out.push(b as char),
            _ => out += &format!("\\x{b:02x}"),
        }
    }
    out
}

fn read_dir_files(dir: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.insert(entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path())?);
        }
    }
    Ok(files)
}

/// Runs `command` with `input`, killing it after `limit`.
pub fn run_limited(mut command: Command, input: Vec<u8>, limit: Duration) -> io::Result<Outcome> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    let feeder = thread::spawn(move || {
        if let Some(mut pipe) = stdin {
            // A program that does not read its input closes the pipe: no error of the run.
            let _ = pipe.write_all(&input);
        }
    });
    let reader = |pipe: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut bytes)?;
            }
            io::Result::Ok(bytes)
        })
    };
    let out = reader(child.stdout.take().map(|p| Box::new(p) as _));
    let err = reader(child.stderr.take().map(|p| Box::new(p) as _));

    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("still running after {} s", limit.as_secs()),
            ));
        }
        thread::sleep(Duration::from_millis(2));
    };
    let _ = feeder.join();
    let collect = |h: thread::JoinHandle<io::Result<Vec<u8>>>| {
        h.join().unwrap_or_else(|_| Err(io::Error::other("a reader thread died")))
    };
    Ok(Outcome {
        stdout: collect(out)?,
        stderr: collect(err)?,
        status: describe(status),
        files: BTreeMap::new(),
    })
}

fn describe(status: std::process::ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "unknown".to_owned(),
    }
}
