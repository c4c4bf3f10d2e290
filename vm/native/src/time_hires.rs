//! Time::HiRes.
//!
//! `unsafe`: clock, sleep and timer calls on local structures.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};
use std::time::{Duration, Instant, SystemTime};

const SUBS: &[Def] = &[
    ("time", time, Some("")),
    ("sleep", sleep, Some(";@")),
    ("usleep", usleep, Some("$")),
    ("nanosleep", nanosleep, Some("$")),
    ("alarm", alarm, Some("$;$")),
    ("ualarm", ualarm, Some("$;$")),
    ("gettimeofday", gettimeofday, Some("")),
    ("clock_gettime", clock_gettime, Some(";$")),
    ("clock_getres", clock_getres, Some(";$")),
    ("clock", clock, Some("")),
    ("setitimer", setitimer, Some("$$;$")),
    ("getitimer", getitimer, Some("$")),
];

const CONSTANTS: &[(&str, i64)] = &[
    ("CLOCK_REALTIME", libc::CLOCK_REALTIME as i64),
    ("CLOCK_MONOTONIC", libc::CLOCK_MONOTONIC as i64),
    ("CLOCK_PROCESS_CPUTIME_ID", libc::CLOCK_PROCESS_CPUTIME_ID as i64),
    ("CLOCK_THREAD_CPUTIME_ID", libc::CLOCK_THREAD_CPUTIME_ID as i64),
    ("CLOCKS_PER_SEC", 1_000_000),
    ("ITIMER_REAL", 0),
    ("ITIMER_VIRTUAL", 1),
    ("ITIMER_PROF", 2),
    ("d_usleep", 1),
    ("d_ualarm", 1),
    ("d_gettimeofday", 1),
    ("d_nanosleep", 1),
    ("d_setitimer", 1),
    ("d_getitimer", 1),
    ("d_clock_gettime", 1),
    ("d_clock_getres", 1),
    ("d_clock", 1),
    ("d_clock_nanosleep", 0),
    ("d_hires_stat", 0),
    ("d_futimens", 0),
    ("d_utimensat", 0),
    ("d_hires_utime", 0),
];

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "Time::HiRes", SUBS);
    define_constants(vm, "Time::HiRes", CONSTANTS);
    Ok(())
}

fn now() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

fn time(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(Val::num(now().as_secs_f64()))
}

/// Sleeps until the time is over or a signal arrives; the seconds slept.
fn pause(vm: &mut Vm, d: Duration) -> R<f64> {
    let start = Instant::now();
    let t = libc::timespec { tv_sec: d.as_secs() as libc::time_t, tv_nsec: d.subsec_nanos() as libc::c_long };
    // SAFETY: a complete local structure.
    unsafe { libc::nanosleep(&t, std::ptr::null_mut()) };
    vm.sync()?;
    Ok(start.elapsed().as_secs_f64())
}

fn duration(vm: &mut Vm, n: f64, unit: f64, name: &str) -> R<Duration> {
    if n < 0.0 {
        let shown = String::from_utf8_lossy(&keshi_text::num::nv_string(n)).into_owned();
        return Err(vm.die_text(&format!("Time::HiRes::{name}({shown}): negative time not invented yet")));
    }
    Ok(Duration::try_from_secs_f64(n / unit).unwrap_or(Duration::MAX))
}

fn sleep(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = if a.is_empty() { f64::MAX } else { nv(vm, a, 0)? };
    let d = duration(vm, n, 1.0, "sleep")?;
    ok(Val::num(pause(vm, d)?))
}
fn usleep(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = nv(vm, a, 0)?;
    let d = duration(vm, n, 1e6, "usleep")?;
    ok(Val::num((pause(vm, d)? * 1e6).round()))
}
fn nanosleep(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let n = nv(vm, a, 0)?;
    let d = duration(vm, n, 1e9, "nanosleep")?;
    ok(Val::num((pause(vm, d)? * 1e9).round()))
}

fn timeval(s: f64) -> libc::timeval {
    libc::timeval { tv_sec: s as libc::time_t, tv_usec: (s.fract() * 1e6) as libc::suseconds_t }
}
fn seconds(t: libc::timeval) -> f64 {
    t.tv_sec as f64 + t.tv_usec as f64 / 1e6
}

unsafe extern "C" {
    #[link_name = "setitimer"]
    fn c_setitimer(which: i32, new: *const libc::itimerval, old: *mut libc::itimerval) -> i32;
    #[link_name = "getitimer"]
    fn c_getitimer(which: i32, cur: *mut libc::itimerval) -> i32;
}

/// Sets a timer; remaining seconds and interval of the old one.
fn set_timer(which: i32, value: f64, interval: f64) -> Option<(f64, f64)> {
    let new = libc::itimerval { it_interval: timeval(interval), it_value: timeval(value) };
    // SAFETY: local structures.
    let (r, old) = unsafe {
        let mut old: libc::itimerval = std::mem::zeroed();
        (c_setitimer(which, &new, &mut old), old)
    };
    (r == 0).then(|| (seconds(old.it_value), seconds(old.it_interval)))
}

fn alarm(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (s, i) = (nv(vm, a, 0)?, if a.len() > 1 { nv(vm, a, 1)? } else { 0.0 });
    match set_timer(0, s, i) {
        Some((left, _)) => ok(Val::num(left)),
        None => undef(),
    }
}
fn ualarm(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (s, i) = (nv(vm, a, 0)?, if a.len() > 1 { nv(vm, a, 1)? } else { 0.0 });
    match set_timer(0, s / 1e6, i / 1e6) {
        Some((left, _)) => int((left * 1e6) as i64),
        None => undef(),
    }
}
fn timer_result(w: Want, value: f64, interval: f64) -> R<Ret> {
    if w == Want::List { list(vec![Val::num(value), Val::num(interval)]) } else { ok(Val::num(value)) }
}
fn setitimer(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let which = iv(vm, a, 0)? as i32;
    let (s, i) = (nv(vm, a, 1)?, if a.len() > 2 { nv(vm, a, 2)? } else { 0.0 });
    match set_timer(which, s, i) {
        Some((v, i)) => timer_result(w, v, i),
        None => list(vec![]),
    }
}
fn getitimer(vm: &mut Vm, a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let which = iv(vm, a, 0)? as i32;
    // SAFETY: a local structure to be filled.
    let (r, t) = unsafe {
        let mut t: libc::itimerval = std::mem::zeroed();
        (c_getitimer(which, &mut t), t)
    };
    if r != 0 {
        return list(vec![]);
    }
    timer_result(w, seconds(t.it_value), seconds(t.it_interval))
}

fn gettimeofday(_vm: &mut Vm, _a: &Args, w: Want, _c: &Cv) -> R<Ret> {
    let n = now();
    if w == Want::List {
        return list(vec![Val::int(n.as_secs() as i64), Val::int(n.subsec_micros() as i64)]);
    }
    ok(Val::num(n.as_secs_f64()))
}

fn clock_arg(vm: &mut Vm, a: &Args) -> R<libc::clockid_t> {
    Ok(if a.is_empty() { libc::CLOCK_REALTIME } else { iv(vm, a, 0)? as libc::clockid_t })
}

fn clock_value(
    f: unsafe extern "C" fn(libc::clockid_t, *mut libc::timespec) -> i32,
    id: libc::clockid_t,
) -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: a local structure to be filled.
    if unsafe { f(id, &mut t) } != 0 { -1.0 } else { t.tv_sec as f64 + t.tv_nsec as f64 / 1e9 }
}
fn clock_gettime(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let id = clock_arg(vm, a)?;
    ok(Val::num(clock_value(libc::clock_gettime, id)))
}
fn clock_getres(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let id = clock_arg(vm, a)?;
    ok(Val::num(clock_value(libc::clock_getres, id)))
}
fn clock(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(Val::num(crate::posix::processor_time() as f64 / 1e6))
}
