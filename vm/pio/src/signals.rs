//! Signals: names, and handlers that only set a flag.
//!
//! A Perl handler runs between ops, never inside the C handler: the C handler marks the signal in a bit set
//! that the VM polls. Handlers are installed without SA_RESTART, so a blocking call returns EINTR and the VM
//! gets to run them.
//!
//! `unsafe`: sigaction and sigprocmask on zero-initialised C structs that are valid when all zero; the handler
//! itself touches atomics only (the VM's word is a static, so its address stays valid).

use crate::errno::{Res, check};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

/// Bit n-1 stands for signal n.
static PENDING: AtomicU64 = AtomicU64::new(0);
static ANY: AtomicBool = AtomicBool::new(false);

/// A word of the VM's, and the bit to set in it when a signal arrives.
static WORD: AtomicPtr<AtomicU32> = AtomicPtr::new(std::ptr::null_mut());
static BIT: AtomicU32 = AtomicU32::new(0);

/// Asks for `bit` to be set in `word` whenever a signal with a Perl handler arrives.
pub fn notify(word: &'static AtomicU32, bit: u32) {
    BIT.store(bit, Ordering::Relaxed);
    WORD.store(std::ptr::from_ref(word).cast_mut(), Ordering::Release);
}

/// The disposition of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Default,
    Ignore,
    /// A Perl handler: the signal is marked pending.
    Handler,
}

extern "C" fn mark(sig: libc::c_int) {
    PENDING.fetch_or(1 << (sig - 1), Ordering::Relaxed);
    ANY.store(true, Ordering::Release);
    // SAFETY: null or the address of a static.
    if let Some(w) = unsafe { WORD.load(Ordering::Acquire).as_ref() } {
        w.fetch_or(BIT.load(Ordering::Relaxed), Ordering::Release);
    }
}

/// True if some Perl handler waits to run.
pub fn any_pending() -> bool {
    ANY.load(Ordering::Acquire)
}

/// The flag behind [`any_pending`], for the dispatch loop and compiled code to read directly.
pub fn pending_flag() -> &'static AtomicBool {
    &ANY
}

/// Takes the pending signals, lowest number first.
pub fn take_pending() -> Vec<i32> {
    ANY.store(false, Ordering::Release);
    let bits = PENDING.swap(0, Ordering::AcqRel);
    (1..=64).filter(|s| bits >> (s - 1) & 1 == 1).collect()
}

/// Marks a signal pending as if it had arrived.
pub fn raise_pending(sig: i32) {
    if (1..=64).contains(&sig) {
        mark(sig)
    }
}

fn action_of(sa: &libc::sigaction) -> Action {
    match sa.sa_sigaction {
        libc::SIG_DFL => Action::Default,
        libc::SIG_IGN => Action::Ignore,
        _ => Action::Handler,
    }
}

/// Sets a signal's disposition and returns the one before.
pub fn set(sig: i32, action: Action) -> Res<Action> {
    // SAFETY: see the module header.
    unsafe {
        let (mut new, mut old): (libc::sigaction, libc::sigaction) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigemptyset(&mut new.sa_mask);
        new.sa_sigaction = match action {
            Action::Default => libc::SIG_DFL,
            Action::Ignore => libc::SIG_IGN,
            Action::Handler => mark as *const () as usize,
        };
        check(libc::sigaction(sig, &new, &mut old))?;
        Ok(action_of(&old))
    }
}

/// A signal's present disposition.
pub fn get(sig: i32) -> Res<Action> {
    // SAFETY: see the module header.
    unsafe {
        let mut old: libc::sigaction = std::mem::zeroed();
        check(libc::sigaction(sig, std::ptr::null(), &mut old))?;
        Ok(action_of(&old))
    }
}

/// A set of blocked signals, to be restored.
#[derive(Clone, Copy)]
pub struct Mask(libc::sigset_t);

/// `how`: SIG_BLOCK, SIG_UNBLOCK or SIG_SETMASK. Returns the mask before.
pub fn mask(how: i32, sigs: &[i32]) -> Res<Mask> {
    // SAFETY: see the module header.
    unsafe {
        let (mut new, mut old): (libc::sigset_t, libc::sigset_t) = (std::mem::zeroed(), std::mem::zeroed());
        libc::sigemptyset(&mut new);
        for s in sigs {
            check(libc::sigaddset(&mut new, *s))?;
        }
        check(libc::sigprocmask(how, &new, &mut old))?;
        Ok(Mask(old))
    }
}

impl Mask {
    pub fn contains(&self, sig: i32) -> bool {
        // SAFETY: the set came from sigprocmask.
        unsafe { libc::sigismember(&self.0, sig) == 1 }
    }
}

pub fn restore_mask(m: &Mask) {
    // SAFETY: the mask came from sigprocmask. It can fail only for a bad first argument.
    unsafe {
        libc::sigprocmask(libc::SIG_SETMASK, &m.0, std::ptr::null_mut());
    }
}

/// Blocks every signal in the calling thread: worker threads do this, so that signals reach the thread that
/// runs Perl.
pub fn block_all_here() {
    // SAFETY: see the module header.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &all, std::ptr::null_mut());
    }
}

macro_rules! table {
    ($($n:ident)*) => { &[$((stringify!($n), libc::$n)),*] };
}

const CLASSIC: &[(&str, i32)] = table! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGABRT SIGBUS SIGFPE SIGKILL SIGUSR1 SIGSEGV SIGUSR2 SIGPIPE SIGALRM
    SIGTERM SIGCHLD SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGXCPU SIGXFSZ SIGVTALRM SIGPROF SIGWINCH
    SIGIO SIGSYS
};

#[cfg(target_os = "linux")]
const LOCAL: &[(&str, i32)] = table! { SIGSTKFLT SIGPWR };
#[cfg(not(target_os = "linux"))]
const LOCAL: &[(&str, i32)] = &[];

const ALIASES: &[(&str, i32)] = &[
    ("IOT", libc::SIGABRT),
    #[cfg(target_os = "linux")]
    ("CLD", libc::SIGCHLD),
    #[cfg(target_os = "linux")]
    ("POLL", libc::SIGIO),
];

#[cfg(target_os = "linux")]
fn realtime() -> (i32, i32) {
    (libc::SIGRTMIN(), libc::SIGRTMAX())
}

#[cfg(not(target_os = "linux"))]
fn realtime() -> (i32, i32) {
    (i32::MAX, 31)
}

/// The name of a signal number without `SIG`; 0 is ZERO.
pub fn name(sig: i32) -> Option<String> {
    if sig == 0 {
        return Some("ZERO".into());
    }
    if let Some((n, _)) = CLASSIC.iter().chain(LOCAL).find(|(_, v)| *v == sig) {
        return Some(n["SIG".len()..].to_string());
    }
    let (min, max) = realtime();
    match sig {
        s if s == min => Some("RTMIN".into()),
        s if s == max => Some("RTMAX".into()),
        s if s > 31 && s <= max => Some(format!("NUM{s}")),
        _ => None,
    }
}

/// The number of a signal name, with or without `SIG`.
pub fn number(name_in: &str) -> Option<i32> {
    let n = name_in.strip_prefix("SIG").unwrap_or(name_in);
    all().into_iter().find(|(have, _)| have == n).map(|(_, v)| v)
}

/// Names and numbers in the order of `$Config{sig_name}`: by number, then the aliases.
pub fn all() -> Vec<(String, i32)> {
    let (_, max) = realtime();
    let mut v: Vec<(String, i32)> = (0..=max).filter_map(|s| name(s).map(|n| (n, s))).collect();
    v.extend(ALIASES.iter().map(|(n, s)| (n.to_string(), *s)));
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(name(2).as_deref(), Some("INT"));
        assert_eq!(number("SIGTERM"), Some(15));
        assert_eq!(number("CHLD"), number("CLD"));
        assert_eq!(number("NOPE"), None);
        assert_eq!(all()[0], ("ZERO".into(), 0));
    }

    #[test]
    fn a_handled_signal_is_pending() {
        let old = set(libc::SIGUSR2, Action::Handler).unwrap();
        assert_eq!(get(libc::SIGUSR2).unwrap(), Action::Handler);
        // SAFETY: raise only runs our handler.
        unsafe { libc::raise(libc::SIGUSR2) };
        assert!(any_pending());
        assert!(take_pending().contains(&libc::SIGUSR2));
        set(libc::SIGUSR2, old).unwrap();
    }
}
