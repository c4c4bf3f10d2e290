//! The clock: `time`, `times`, `localtime`, `gmtime`.

use super::io::list;
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::time::{self as sys, Tm};
use keshi_value::Val;

/// `rt.time`
pub fn time(_vm: &mut Vm) -> R<Val> {
    Ok(Val::int(sys::time()))
}

/// `rt.times.l`
pub fn times(vm: &mut Vm) -> R<Val> {
    match sys::times() {
        Ok(t) => Ok(list(t.map(Val::num).to_vec())),
        Err(e) => {
            vm.errno(e);
            Ok(list(vec![]))
        }
    }
}

/// `rt.times`
pub fn times_user(vm: &mut Vm) -> R<Val> {
    match sys::times() {
        Ok(t) => Ok(Val::num(t[0])),
        Err(e) => {
            vm.errno(e);
            Ok(Val::undef())
        }
    }
}

/// Times beyond these have years the C library's calendar cannot hold.
const LATEST: f64 = 67_767_976_233_316_800.0;
const EARLIEST: f64 = -67_768_100_567_755_200.0;

fn broken(vm: &mut Vm, v: &Val, op: &str, f: fn(i64) -> Option<Tm>) -> R<Option<Tm>> {
    let t = vm.to_nv(v)?.floor();
    if !(EARLIEST..=LATEST).contains(&t) {
        let how = if t < 0.0 { "small" } else { "large" };
        let shown = if t.is_finite() { format!("{t:.0}") } else { not_finite(t) };
        vm.warn(cat::OVERFLOW, &format!("{op}({shown}) too {how}"))?;
        vm.warn(cat::OVERFLOW, &format!("{op}({shown}) failed"))?;
        return Ok(None);
    }
    let r = f(t as i64);
    if r.is_none() {
        vm.warn(cat::OVERFLOW, &format!("{op}({t:.0}) failed"))?;
    }
    Ok(r)
}

fn not_finite(t: f64) -> String {
    String::from_utf8_lossy(&keshi_text::num::nv_string(t)).into_owned()
}

fn fields(tm: Option<Tm>) -> Val {
    list(match tm {
        Some(t) => [
            t.sec.into(),
            t.min.into(),
            t.hour.into(),
            t.mday.into(),
            t.mon.into(),
            t.year,
            t.wday.into(),
            t.yday.into(),
            i64::from(t.isdst),
        ]
        .map(Val::int)
        .to_vec(),
        None => vec![],
    })
}

/// As `localtime` and `asctime` write them.
pub const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
pub const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn text(tm: Option<Tm>) -> Val {
    match tm {
        Some(t) => Val::text(&format!(
            "{} {} {:2} {:02}:{:02}:{:02} {}",
            DAYS.get(t.wday as usize).unwrap_or(&""),
            MONTHS.get(t.mon as usize).unwrap_or(&""),
            t.mday,
            t.hour,
            t.min,
            t.sec,
            t.year + 1900
        )),
        None => Val::undef(),
    }
}

/// `rt.localtime.l`
pub fn localtime(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(fields(broken(vm, b, "localtime", sys::localtime)?))
}

/// `rt.localtime`
pub fn localtime_text(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(text(broken(vm, b, "localtime", sys::localtime)?))
}

/// `rt.gmtime.l`
pub fn gmtime(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(fields(broken(vm, b, "gmtime", sys::gmtime)?))
}

/// `rt.gmtime`
pub fn gmtime_text(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(text(broken(vm, b, "gmtime", sys::gmtime)?))
}
