//! Time: the clock, `times`, `sleep`, `alarm`, broken-down time.
//!
//! `unsafe`: calls that fill plain C structs, valid when zeroed.

use crate::errno::{Errno, Res, check};
use crate::process::c_bytes;

/// Seconds since the epoch, with their fraction.
pub fn now() -> f64 {
    match std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH) {
        Ok(d) => d.as_secs_f64(),
        Err(e) => -e.duration().as_secs_f64(),
    }
}

/// `time`
pub fn time() -> i64 {
    now().floor() as i64
}

/// `times`: user, system, children's user, children's system seconds.
pub fn times() -> Res<[f64; 4]> {
    // SAFETY: see the module header.
    unsafe {
        let mut t: libc::tms = std::mem::zeroed();
        if libc::times(&mut t) == -1i32 as libc::clock_t {
            return Err(Errno::last());
        }
        let hz = libc::sysconf(libc::_SC_CLK_TCK).max(1) as f64;
        Ok([t.tms_utime, t.tms_stime, t.tms_cutime, t.tms_cstime].map(|n| n as f64 / hz))
    }
}

/// `sleep`: returns after that many seconds, or earlier when a signal arrives; None sleeps until one does.
/// The whole seconds slept come back.
pub fn sleep(seconds: Option<u64>) -> u64 {
    let start = time();
    match seconds {
        // SAFETY: pause only waits.
        None => unsafe {
            libc::pause();
        },
        Some(s) => {
            let want = libc::timespec { tv_sec: s.min(i32::MAX as u64) as libc::time_t, tv_nsec: 0 };
            // SAFETY: a live timespec. An interruption is an answer, not a failure.
            unsafe {
                libc::nanosleep(&want, std::ptr::null_mut());
            }
        }
    }
    u64::try_from(time() - start).unwrap_or(0)
}

/// `alarm`: SIGALRM after that many seconds (0 cancels); returns what was left of the one before.
pub fn alarm(seconds: u32) -> u32 {
    // SAFETY: integers only.
    unsafe { libc::alarm(seconds) }
}

/// A broken-down time: the nine fields of `localtime`, and the zone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tm {
    pub sec: i32,
    pub min: i32,
    pub hour: i32,
    pub mday: i32,
    pub mon: i32,
    /// Years since 1900.
    pub year: i64,
    pub wday: i32,
    pub yday: i32,
    pub isdst: i32,
    pub gmtoff: i64,
    pub zone: Vec<u8>,
}

fn broken(t: i64, local: bool) -> Option<Tm> {
    // SAFETY: see the module header; the zone name is the C library's static string.
    unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        let t = t as libc::time_t;
        let r = if local { libc::localtime_r(&t, &mut tm) } else { libc::gmtime_r(&t, &mut tm) };
        if r.is_null() {
            return None;
        }
        Some(Tm {
            sec: tm.tm_sec,
            min: tm.tm_min,
            hour: tm.tm_hour,
            mday: tm.tm_mday,
            mon: tm.tm_mon,
            year: tm.tm_year.into(),
            wday: tm.tm_wday,
            yday: tm.tm_yday,
            isdst: tm.tm_isdst,
            gmtoff: tm.tm_gmtoff as i64,
            zone: c_bytes(tm.tm_zone),
        })
    }
}

/// `gmtime`; None if the year does not fit.
pub fn gmtime(t: i64) -> Option<Tm> {
    broken(t, false)
}

/// `localtime`; None if the year does not fit. `TZ` is looked at each time.
pub fn localtime(t: i64) -> Option<Tm> {
    unsafe extern "C" {
        safe fn tzset();
    }
    tzset();
    broken(t, true)
}

/// The machine's name.
pub fn gethostname() -> Res<Vec<u8>> {
    let mut buf = vec![0u8; 256];
    // SAFETY: a buffer with its length.
    check(unsafe { libc::gethostname(buf.as_mut_ptr().cast(), buf.len()) })?;
    buf.truncate(buf.iter().position(|b| *b == 0).unwrap_or(buf.len()));
    Ok(buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_down() {
        let t = gmtime(86400 * 365).unwrap();
        assert_eq!((t.year, t.mon, t.mday, t.wday), (71, 0, 1, 5));
        assert_eq!(gmtime(-1).unwrap().year, 69);
        assert!(gmtime(i64::MAX).is_none());
        assert!(times().unwrap()[0] >= 0.0 && !gethostname().unwrap().is_empty());
    }
}
