//! One run of a program with what it cost.
//!
//! The one `unsafe` block calls `wait4`, the only interface that gives the resource usage of a
//! single child: the pid is that of a child of ours that nobody else waits for, and both out
//! pointers are to live locals.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// An interpreter with the switches of one way to run it.
#[derive(Clone, Debug)]
pub struct Way {
    pub program: PathBuf,
    pub flags: Vec<OsString>,
}

impl Way {
    pub fn new(program: &Path, flags: &[&str]) -> Way {
        Way { program: program.to_owned(), flags: flags.iter().map(OsString::from).collect() }
    }
}

#[derive(Clone, Debug)]
pub struct Run {
    pub cpu: Duration,
    pub wall: Duration,
    pub peak_kib: i64,
    pub stdout: Vec<u8>,
}

/// Runs `script` once; a status other than 0 is an error.
pub fn run(way: &Way, script: &Path) -> io::Result<Run> {
    let start = Instant::now();
    let mut child = Command::new(&way.program)
        .args(&way.flags)
        .arg(script)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdout = Vec::new();
    if let Some(pipe) = &mut child.stdout {
        pipe.read_to_end(&mut stdout)?;
    }
    let pid = child.id() as libc::pid_t;
    let mut status = 0;
    // SAFETY: see the head of the file. All-zero bytes are a valid rusage.
    let (waited, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        (libc::wait4(pid, &mut status, 0, &mut usage), usage)
    };
    let wall = start.elapsed();
    if waited != pid {
        return Err(io::Error::last_os_error());
    }
    if status != 0 {
        return Err(io::Error::other(format!("{} ended with wait status {status}", way.program.display())));
    }
    let time = |t: libc::timeval| Duration::new(t.tv_sec as u64, t.tv_usec as u32 * 1000);
    Ok(Run { cpu: time(usage.ru_utime) + time(usage.ru_stime), wall, peak_kib: usage.ru_maxrss, stdout })
}

/// Runs `script` twice at the same time; what the later one to end took. Two runs share nothing but the machine: what
/// they take longer than one alone is what this machine's second core lacks.
pub fn twice_at_once(way: &Way, script: &Path) -> io::Result<Duration> {
    std::thread::scope(|s| {
        let other = s.spawn(|| run(way, script));
        let here = run(way, script)?.wall;
        let there = other.join().map_err(|_| io::Error::other("a thread of the measurement died"))??;
        Ok(here.max(there.wall))
    })
}

/// The middle one of the values.
pub fn median(values: impl IntoIterator<Item = Duration>) -> Duration {
    let mut values: Vec<Duration> = values.into_iter().collect();
    values.sort();
    values.get(values.len() / 2).copied().unwrap_or_default()
}
