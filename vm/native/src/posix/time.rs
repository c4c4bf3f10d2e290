//! Time: mktime, strftime, asctime, ctime, clock, times, tzset.
//!
//! `unsafe`: C time functions on local `struct tm` values and buffers whose size is passed.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::rt::time::{DAYS, MONTHS};
use keshi_vm::{R, Ret, Vm, Want};

pub const SUBS: &[Def] = &[
    ("mktime", mktime, None),
    ("strftime", strftime, None),
    ("asctime", asctime, None),
    ("ctime", ctime, None),
    ("clock", clock, None),
    ("times", times, None),
    ("tzset", tzset, None),
    ("tzname", tzname, None),
    ("difftime", difftime, None),
];

unsafe extern "C" {
    #[link_name = "clock"]
    pub safe fn processor_time() -> libc::clock_t;
    #[link_name = "tzset"]
    fn c_tzset();
    #[link_name = "tzname"]
    static c_tzname: [*const libc::c_char; 2];
}

/// `sec, min, hour, mday, mon, year, wday = 0, yday = 0, isdst = -1` from argument `from` on.
fn tm(vm: &mut Vm, a: &Args, from: usize) -> R<libc::tm> {
    let mut n = [0i32; 9];
    n[8] = -1;
    for (i, place) in n.iter_mut().enumerate() {
        if from + i < a.len() {
            *place = iv(vm, a, from + i)?.clamp(i32::MIN as i64, i32::MAX as i64) as i32;
        }
    }
    // SAFETY: all-zero is a valid `struct tm`.
    let mut t: libc::tm = unsafe { std::mem::zeroed() };
    [t.tm_sec, t.tm_min, t.tm_hour, t.tm_mday, t.tm_mon, t.tm_year, t.tm_wday, t.tm_yday, t.tm_isdst] = n;
    Ok(t)
}

fn mktime(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 6, 9, "POSIX::mktime(sec, min, hour, mday, mon, year, wday = 0, yday = 0, isdst = -1)")?;
    let mut t = tm(vm, a, 0)?;
    // SAFETY: a complete local `struct tm`.
    let r = unsafe { libc::mktime(&mut t) };
    sys_time(r)
}

/// A time, undef for the error value; 0 is "0 but true".
fn sys_time(t: libc::time_t) -> R<Ret> {
    match t {
        -1 => undef(),
        0 => ok(Val::bytes("0 but true")),
        t => int(t),
    }
}

fn strftime(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(
        vm,
        a,
        7,
        10,
        "POSIX::strftime(fmt, sec, min, hour, mday, mon, year, wday = -1, yday = -1, isdst = -1)",
    )?;
    let (fmt, u) = string(vm, a, 0)?;
    let mut t = tm(vm, a, 1)?;
    // Normalised like mktime does, but the hour stays as given whatever daylight saving time says.
    let mut n = t;
    // SAFETY: local `struct tm` values.
    if unsafe { libc::mktime(&mut n) } != -1 {
        let (hour, min, sec) = (t.tm_hour, t.tm_min, t.tm_sec);
        let dst = t.tm_isdst;
        let in_range = (0..24).contains(&hour) && (0..60).contains(&min) && (0..=60).contains(&sec);
        t = n;
        if in_range {
            (t.tm_hour, t.tm_min, t.tm_sec) = (hour, min, sec);
        }
        if dst >= 0 {
            t.tm_isdst = dst;
        }
    }
    if fmt.is_empty() {
        return ok(Val::str(b"", u));
    }
    let Ok(c) = std::ffi::CString::new(fmt.clone()) else { return ok(Val::bytes("")) };
    let mut size = fmt.len() * 4 + 64;
    loop {
        let mut buf = vec![0u8; size];
        // SAFETY: `buf` has `size` bytes, `c` is terminated, `t` is complete.
        let n = unsafe { libc::strftime(buf.as_mut_ptr().cast(), size, c.as_ptr(), &t) };
        if n > 0 || size > fmt.len() * 400 + 4096 {
            buf.truncate(n);
            return ok(Val::str(&buf, u && !buf.is_ascii()));
        }
        size *= 4;
    }
}

fn asc(t: &libc::tm) -> Val {
    Val::text(&format!(
        "{} {} {:2} {:02}:{:02}:{:02} {}\n",
        DAYS.get(t.tm_wday as usize).unwrap_or(&"???"),
        MONTHS.get(t.tm_mon as usize).unwrap_or(&"???"),
        t.tm_mday,
        t.tm_hour,
        t.tm_min,
        t.tm_sec,
        t.tm_year as i64 + 1900
    ))
}

fn asctime(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 6, 9, "POSIX::asctime(sec, min, hour, mday, mon, year, wday = 0, yday = 0, isdst = -1)")?;
    let mut t = tm(vm, a, 0)?;
    let mut n = t;
    // SAFETY: a local `struct tm`.
    if unsafe { libc::timegm(&mut n) } != -1 {
        t.tm_wday = n.tm_wday;
    }
    ok(asc(&t))
}

fn ctime(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "POSIX::ctime(time)")?;
    let t = iv(vm, a, 0)?;
    // SAFETY: local values.
    let mut out: libc::tm = unsafe { std::mem::zeroed() };
    if unsafe { libc::localtime_r(&t, &mut out) }.is_null() {
        return undef();
    }
    ok(asc(&out))
}

fn clock(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(processor_time())
}

fn times(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // SAFETY: a local structure to be filled.
    let (t, real) = unsafe {
        let mut t: libc::tms = std::mem::zeroed();
        let real = libc::times(&mut t);
        (t, real)
    };
    list([real, t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime].map(Val::int).to_vec())
}

fn tzset(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // SAFETY: the interpreter is single-threaded where it touches the environment.
    unsafe { c_tzset() };
    Ok(Ret::Void)
}

fn tzname(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // SAFETY: after tzset both pointers are terminated strings that live until the next tzset.
    let names = unsafe {
        c_tzset();
        c_tzname
            .map(|p| if p.is_null() { Vec::new() } else { std::ffi::CStr::from_ptr(p).to_bytes().to_vec() })
    };
    list(names.iter().map(Val::bytes).collect())
}

fn difftime(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (x, y) = (nv(vm, a, 0)?, nv(vm, a, 1)?);
    ok(crate::builtin::integral(x - y))
}
