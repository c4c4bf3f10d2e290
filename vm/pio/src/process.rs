//! Processes: commands and perl's rule for when the shell runs them, fork, exec, system, wait, kill.
//!
//! `unsafe`: fork; between fork and exec the child calls only async-signal-safe functions on memory prepared
//! before the fork, because other threads' locks may be held for ever in it. The rest are system calls on
//! integers and live local buffers.

use crate::errno::{Errno, Res, check};
use crate::fd::{self, Fd};
use crate::{registry, signals};
use std::ffi::{CStr, CString};

/// A status as `wait` gives it: what `$?` shows. -1 stands for a child that could not be waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitStatus(pub i32);

/// The shell that runs commands with metacharacters.
pub const SHELL: &str = "/bin/sh";

/// A program to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The program, if it differs from the first word: `exec { $program } @argv`.
    pub program: Option<Vec<u8>>,
    pub argv: Vec<Vec<u8>>,
    /// `NAME=value` strings; None means this process's environment.
    pub env: Option<Vec<Vec<u8>>>,
    /// The command line ended in `2>&1`, which needs no shell.
    pub stderr_to_stdout: bool,
    /// The whole line, if it was split into words here: handed to the shell if the program turns out to be
    /// no binary.
    pub line: Option<Vec<u8>>,
}

impl Command {
    /// A command of several words: the shell is never used.
    pub fn list(argv: Vec<Vec<u8>>) -> Command {
        Command { argv, ..Command::default() }
    }

    /// A command line run by the shell.
    pub fn shell(line: &[u8]) -> Command {
        Command::list(vec![b"sh".to_vec(), b"-c".to_vec(), line.to_vec()]).with_program(SHELL.as_bytes())
    }

    pub fn with_program(mut self, p: &[u8]) -> Command {
        self.program = Some(p.to_vec());
        self
    }

    pub fn with_env(mut self, env: Option<Vec<Vec<u8>>>) -> Command {
        self.env = env;
        self
    }

    /// A command given as one string: split into words if nothing in it needs a shell, else left to the
    /// shell. None if the string is blank.
    pub fn parse(line: &[u8]) -> Option<Command> {
        let line = line.trim_ascii_start();
        if line.is_empty() {
            return None;
        }
        let (mut words, mut merged) = (line, false);
        if needs_shell(line) {
            match strip_merge(line) {
                Some(head) if !needs_shell(head) => (words, merged) = (head, true),
                _ => return Some(Command::shell(line)),
            }
        }
        let argv: Vec<Vec<u8>> = words
            .split(|b| b.is_ascii_whitespace() || *b == 0x0b)
            .filter(|w| !w.is_empty())
            .map(<[u8]>::to_vec)
            .collect();
        let mut c = Command::list(argv);
        c.stderr_to_stdout = merged;
        c.line = Some(line.to_vec());
        Some(c)
    }

    /// The program's name, as the "Can't exec" warning shows it.
    pub fn name(&self) -> &[u8] {
        self.program.as_deref().or(self.argv.first().map(Vec::as_slice)).unwrap_or_default()
    }
}

/// Perl's test for a command line that only a shell understands.
fn needs_shell(line: &[u8]) -> bool {
    let blank_at = |i: usize| line.get(i).is_some_and(u8::is_ascii_whitespace);
    if (line[0] == b'.' && blank_at(1)) || (line.starts_with(b"exec") && blank_at(4)) {
        return true;
    }
    let word = line.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    if line.get(word) == Some(&b'=') {
        return true;
    }
    // A newline at the very end only ends the command.
    let body = line.strip_suffix(b"\n").unwrap_or(line);
    body.iter().any(|b| b"$&*(){}[]'\";\\|?<>~`\n".contains(b))
}

/// Removes a final ` 2>&1`.
fn strip_merge(line: &[u8]) -> Option<&[u8]> {
    let head = line.trim_ascii_end().strip_suffix(b"2>&1")?;
    head.last().filter(|b| b.is_ascii_whitespace())?;
    Some(head)
}

/// A command with everything the child needs laid out before the fork.
struct Prepared {
    paths: Vec<CString>,
    /// The arguments for `sh FILE …`, one list per path, should the kernel not know the file's format.
    _argv: Vec<CString>,
    argv: Vec<*const libc::c_char>,
    _env: Vec<CString>,
    env: Option<Vec<*const libc::c_char>>,
    shell: CString,
    _script: Vec<CString>,
    script: Option<Vec<*const libc::c_char>>,
    merge: bool,
}

fn pointers(v: &[CString]) -> Vec<*const libc::c_char> {
    v.iter().map(|c| c.as_ptr()).chain([std::ptr::null()]).collect()
}

fn prepare(c: &Command) -> Res<Prepared> {
    if c.argv.is_empty() {
        return Err(Errno(libc::ENOENT));
    }
    let name = c.name();
    let mut paths = Vec::new();
    if name.contains(&b'/') {
        paths.push(fd::cstr(name)?);
    } else if !name.is_empty() {
        let path = match &c.env {
            Some(env) => env.iter().find_map(|e| e.strip_prefix(b"PATH=")).map(<[u8]>::to_vec),
            None => std::env::var_os("PATH").map(std::os::unix::ffi::OsStringExt::into_vec),
        };
        for dir in path.as_deref().unwrap_or(b"/bin:/usr/bin").split(|b| *b == b':') {
            let mut p = if dir.is_empty() { b".".to_vec() } else { dir.to_vec() };
            p.push(b'/');
            p.extend_from_slice(name);
            paths.push(fd::cstr(&p)?);
        }
    }
    let all = |v: &[Vec<u8>]| v.iter().map(|a| fd::cstr(a)).collect::<Res<Vec<_>>>();
    let argv = all(&c.argv)?;
    let env = c.env.as_deref().map(all).transpose()?;
    let script = match &c.line {
        Some(l) => Some(vec![fd::cstr(b"sh")?, fd::cstr(b"-c")?, fd::cstr(l)?]),
        None => None,
    };
    Ok(Prepared {
        paths,
        argv: pointers(&argv),
        _argv: argv,
        env: env.as_deref().map(pointers),
        _env: env.unwrap_or_default(),
        shell: fd::cstr(SHELL.as_bytes())?,
        script: script.as_deref().map(pointers),
        _script: script.unwrap_or_default(),
        merge: c.stderr_to_stdout,
    })
}

unsafe extern "C" {
    static environ: *const *const libc::c_char;
}

/// Replaces the process; returns only on failure. Allocates nothing.
fn exec_prepared(p: &mut Prepared) -> Errno {
    let mut result = Errno(libc::ENOENT);
    // SAFETY: the pointer arrays end in null and their strings live in `p`; `environ` is this process's own
    // list, which nothing changes meanwhile (in a forked child there is one thread).
    unsafe {
        if p.merge {
            libc::dup2(1, 2);
        }
        let env = match &p.env {
            Some(v) => v.as_ptr(),
            None => environ,
        };
        for i in 0..p.paths.len() {
            libc::execve(p.paths[i].as_ptr(), p.argv.as_ptr(), env);
            let e = Errno::last();
            match e.0 {
                libc::ENOENT | libc::ENOTDIR => {}
                libc::EACCES => result = e,
                libc::ENOEXEC => {
                    if let Some(s) = &p.script {
                        libc::execve(p.shell.as_ptr(), s.as_ptr(), env);
                    }
                    return e;
                }
                _ => return e,
            }
        }
    }
    result
}

/// `exec`: flushes every handle and replaces the process. Returns only on failure.
pub fn exec(c: &Command) -> Errno {
    // What cannot be flushed stays in its handle, which perl's exec loses silently as well.
    let _ = registry::flush_all();
    match prepare(c) {
        Ok(mut p) => exec_prepared(&mut p),
        Err(e) => e,
    }
}

/// `fork`: flushes every handle; None in the child.
pub fn fork() -> Res<Option<libc::pid_t>> {
    // Unflushable output stays buffered in both processes, as in perl.
    let _ = registry::flush_all();
    // SAFETY: the caller goes on in the child as the only thread.
    let pid = check(unsafe { libc::fork() })?;
    Ok((pid != 0).then_some(pid))
}

/// A descriptor of ours above the standard three, so that setting those cannot overwrite it. Closed when
/// dropped if it is ours alone.
struct Lifted {
    fd: Fd,
    close: bool,
}

impl Lifted {
    /// A descriptor the caller keeps.
    fn copy(f: Fd) -> Res<Lifted> {
        if f > 2 {
            return Ok(Lifted { fd: f, close: false });
        }
        // SAFETY: integers only.
        let n = check(unsafe { libc::fcntl(f, libc::F_DUPFD_CLOEXEC, 3) })?;
        Ok(Lifted { fd: n, close: true })
    }

    /// A descriptor handed over.
    fn owned(f: Fd) -> Res<Lifted> {
        let mut l = Lifted::copy(f)?;
        if l.close {
            fd::close(f)?;
        }
        l.close = true;
        Ok(l)
    }
}

impl Drop for Lifted {
    fn drop(&mut self) {
        if self.close {
            // A pipe end or a copy: closing it can lose nothing.
            let _ = fd::close(self.fd);
        }
    }
}

/// Starts a command with some descriptors put in place: `(from, to)`. An exec that fails in the child is
/// reported here, by its errno.
pub fn spawn(c: &Command, wiring: &[(Fd, Fd)], keep_mask: Option<&signals::Mask>) -> Res<libc::pid_t> {
    // What cannot be flushed stays in its handle and is reported there.
    let _ = registry::flush_all();
    let mut prepared = prepare(c)?;
    let (r, w) = fd::pipe()?;
    let (report_r, report_w) = (Lifted::owned(r)?, Lifted::owned(w)?);
    let moved = wiring.iter().map(|&(f, t)| Ok((Lifted::copy(f)?, t))).collect::<Res<Vec<_>>>()?;
    // SAFETY: the child below only calls async-signal-safe functions.
    let forked = check(unsafe { libc::fork() });
    if forked == Ok(0) {
        // SAFETY: as above; the process ends here.
        unsafe {
            for (from, to) in &moved {
                libc::dup2(from.fd, *to);
            }
            if let Some(m) = keep_mask {
                signals::restore_mask(m);
            }
            let e = exec_prepared(&mut prepared);
            let bytes = e.0.to_ne_bytes();
            libc::write(report_w.fd, bytes.as_ptr().cast(), bytes.len());
            libc::_exit(255)
        }
    }
    drop(report_w);
    let mut bytes = [0u8; 4];
    let got = forked.and_then(|pid| {
        loop {
            match fd::read(report_r.fd, &mut bytes) {
                Err(e) if e.is_interrupt() => {}
                r => break r.map(|n| (pid, n)),
            }
        }
    });
    let (pid, n) = got?;
    if n == bytes.len() {
        // The child never became the command; its exit status means nothing.
        let _ = wait_for(pid);
        return Err(Errno(i32::from_ne_bytes(bytes)));
    }
    Ok(pid)
}

/// `system`: runs a command and waits. SIGINT and SIGQUIT go to the command alone meanwhile.
pub fn system(c: &Command) -> Res<WaitStatus> {
    system_with(c, &mut || true)
}

/// As [`system`], running `on_signal` when a Perl handler is pending while the command runs; its answer false
/// ends the wait with EINTR (the handler died).
pub fn system_with(c: &Command, on_signal: &mut dyn FnMut() -> bool) -> Res<WaitStatus> {
    let mask = signals::mask(libc::SIG_BLOCK, &[libc::SIGCHLD])?;
    let r = spawn(c, &[], Some(&mask)).and_then(|pid| {
        let quiet = [libc::SIGINT, libc::SIGQUIT];
        let _ignored = Ignored::new(&quiet);
        wait_for_with(pid, on_signal)
    });
    signals::restore_mask(&mask);
    r
}

/// Signals ignored while this lives.
struct Ignored(Vec<(i32, libc::sigaction)>);

impl Ignored {
    fn new(sigs: &[i32]) -> Ignored {
        let mut saved = Vec::new();
        for &s in sigs {
            // SAFETY: zeroed sigaction structs are valid.
            unsafe {
                let (mut new, mut old): (libc::sigaction, libc::sigaction) =
                    (std::mem::zeroed(), std::mem::zeroed());
                new.sa_sigaction = libc::SIG_IGN;
                if libc::sigaction(s, &new, &mut old) == 0 {
                    saved.push((s, old));
                }
            }
        }
        Ignored(saved)
    }
}

impl Drop for Ignored {
    fn drop(&mut self) {
        for (s, old) in &self.0 {
            // SAFETY: `old` came from sigaction.
            unsafe { libc::sigaction(*s, old, std::ptr::null_mut()) };
        }
    }
}

/// Waits for one child, through interruptions.
pub fn wait_for(pid: libc::pid_t) -> Res<WaitStatus> {
    wait_for_with(pid, &mut || true)
}

/// Waits for one child; `on_signal` as for [`system_with`].
pub fn wait_for_with(pid: libc::pid_t, on_signal: &mut dyn FnMut() -> bool) -> Res<WaitStatus> {
    loop {
        match waitpid(pid, 0) {
            Err(e) if e.is_interrupt() && on_signal() => {}
            r => return r.map(|(_, s)| s),
        }
    }
}

/// `waitpid`: the pid (0 if WNOHANG found nothing to report) and its status.
pub fn waitpid(pid: libc::pid_t, flags: i32) -> Res<(libc::pid_t, WaitStatus)> {
    let mut st = 0;
    // SAFETY: `st` is writable.
    let p = fd::retry(|| check(unsafe { libc::waitpid(pid, &mut st, flags) }))?;
    Ok((p, WaitStatus(st)))
}

/// `wait`
pub fn wait() -> Res<(libc::pid_t, WaitStatus)> {
    waitpid(-1, 0)
}

/// `kill`: a negative `sig` or pid addresses process groups. Returns how many were signalled and the last
/// failure.
pub fn kill(sig: i32, pids: &[libc::pid_t]) -> (usize, Option<Errno>) {
    let (mut n, mut err) = (0, None);
    for &p in pids {
        // SAFETY: integers only.
        let r = unsafe { if sig < 0 { libc::killpg(p, -sig) } else { libc::kill(p, sig) } };
        match check(r) {
            Ok(_) => n += 1,
            Err(e) => err = Some(e),
        }
    }
    (n, err)
}

/// Runs a command and collects its standard output (`qx`).
pub fn capture(c: &Command) -> Res<(Vec<u8>, WaitStatus)> {
    let mut h = crate::handle::Handle::new();
    h.open_command(crate::open::Direction::From, c, &crate::open::OpenOpts::default())?;
    let mut out = Vec::new();
    loop {
        match h.read_line(&crate::read::Rs::Slurp, &mut out) {
            Err(e) if e.is_interrupt() => continue,
            r => break r.map(drop)?,
        }
    }
    let closed = h.close();
    Ok((out, closed.status.unwrap_or(WaitStatus(-1))))
}

/// Descriptors 0 to 2, which the parent may have closed, are opened on the null device, as perl does: a file opened
/// later must not become standard output. They stay open across exec.
pub fn complete_standard_handles() {
    use std::os::fd::IntoRawFd;
    for n in 0..3 {
        // SAFETY: system calls on integers.
        let closed = unsafe { libc::fcntl(n, libc::F_SETFD, 0) } == -1;
        if closed && let Ok(f) = std::fs::File::options().read(n == 0).write(n != 0).open("/dev/null") {
            // The lowest free number is `n`. Nothing owns it: standard handles are never closed by accident.
            let fd = f.into_raw_fd();
            // SAFETY: as above.
            unsafe { libc::fcntl(fd, libc::F_SETFD, 0) };
        }
    }
}

/// The process's environment as it was started or since changed: names and values.
pub fn environment() -> Vec<(Vec<u8>, Vec<u8>)> {
    use std::os::unix::ffi::OsStringExt;
    std::env::vars_os().map(|(k, v)| (k.into_vec(), v.into_vec())).collect()
}

/// Sets or removes a variable of the process's environment, where C code looks. Names the system cannot hold
/// are ignored, as the C library refuses them.
pub fn set_env(name: &[u8], value: Option<&[u8]>) {
    let Ok(n) = CString::new(name) else { return };
    if name.is_empty() || name.contains(&b'=') {
        return;
    }
    // SAFETY: live C strings. Perl runs on one thread; worker threads do not read the environment.
    unsafe {
        match value.map(CString::new) {
            Some(Ok(v)) => libc::setenv(n.as_ptr(), v.as_ptr(), 1),
            _ => libc::unsetenv(n.as_ptr()),
        };
    }
}

/// The process's own identity.
pub fn getpid() -> libc::pid_t {
    // SAFETY: cannot fail.
    unsafe { libc::getpid() }
}

pub fn getppid() -> libc::pid_t {
    // SAFETY: cannot fail.
    unsafe { libc::getppid() }
}

pub fn getpgrp(pid: libc::pid_t) -> Res<libc::pid_t> {
    // SAFETY: integers only.
    check(unsafe { libc::getpgid(pid) })
}

pub fn setpgrp(pid: libc::pid_t, group: libc::pid_t) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::setpgid(pid, group) }).map(drop)
}

/// `getpriority`: -1 is a legal answer, so errno tells failure.
pub fn getpriority(which: i32, who: i32) -> Res<i32> {
    Errno(0).set();
    // SAFETY: integers only.
    let r = unsafe { libc::getpriority(which as _, who as _) };
    match Errno::last() {
        e if r == -1 && e.0 != 0 => Err(e),
        _ => Ok(r),
    }
}

pub fn setpriority(which: i32, who: i32, prio: i32) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::setpriority(which as _, who as _, prio) }).map(drop)
}

/// Ends the process at once, without flushing or destructors (`POSIX::_exit`).
pub fn exit_now(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// A C string's bytes, copied.
///
/// # Safety
/// `p` is null or a valid C string.
pub(crate) unsafe fn c_bytes(p: *const libc::c_char) -> Vec<u8> {
    // SAFETY: the caller's promise.
    if p.is_null() { Vec::new() } else { unsafe { CStr::from_ptr(p) }.to_bytes().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(s: &str) -> Option<Vec<String>> {
        let c = Command::parse(s.as_bytes())?;
        Some(c.argv.iter().map(|a| String::from_utf8_lossy(a).into_owned()).collect())
    }

    #[test]
    fn the_shell_runs_only_what_needs_it() {
        assert_eq!(words("  echo  a b\n").unwrap(), ["echo", "a", "b"]);
        assert_eq!(words("echo $HOME").unwrap()[..2], ["sh", "-c"]);
        assert_eq!(words("FOO=1 env").unwrap()[..2], ["sh", "-c"]);
        assert_eq!(words("exec ls").unwrap()[..2], ["sh", "-c"]);
        assert_eq!(words("   "), None);
        let c = Command::parse(b"ls -l 2>&1").unwrap();
        assert!(c.stderr_to_stdout && c.argv == [b"ls".to_vec(), b"-l".to_vec()]);
        assert_eq!(words("a; ls 2>&1").unwrap()[..2], ["sh", "-c"]);
    }

    #[test]
    fn system_and_capture() {
        let run = |s: &str| system(&Command::parse(s.as_bytes()).unwrap());
        assert_eq!(run("exit 3; x").unwrap(), WaitStatus(3 << 8));
        assert_eq!(run("true").unwrap(), WaitStatus(0));
        assert_eq!(run("/no/such/program").unwrap_err(), Errno(libc::ENOENT));
        assert_eq!(run("kill -9 $$").unwrap(), WaitStatus(9));
        let (out, st) = capture(&Command::parse(b"echo hi; exit 2").unwrap()).unwrap();
        assert_eq!((out.as_slice(), st), (&b"hi\n"[..], WaitStatus(512)));
    }

    #[test]
    fn the_environment_can_be_given() {
        let c =
            Command::parse(b"echo $A").unwrap().with_env(Some(vec![b"A=x".to_vec(), b"PATH=/bin".to_vec()]));
        assert_eq!(capture(&c).unwrap().0, b"x\n");
    }
}
