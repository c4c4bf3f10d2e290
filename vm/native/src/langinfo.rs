//! I18N::Langinfo: what the locale says about dates, numbers and its character set. Keshi formats in the C
//! locale; the character set is that of the environment.
//!
//! `unsafe`: nl_langinfo returns a static string that is copied at once.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};
use std::ffi::CStr;

macro_rules! from_libc {
    ($($n:ident)*) => { &[$((stringify!($n), libc::$n as i64),)*] }
}

const ITEMS: &[(&str, i64)] = from_libc! {
    ABDAY_1 ABDAY_2 ABDAY_3 ABDAY_4 ABDAY_5 ABDAY_6 ABDAY_7
    ABMON_1 ABMON_2 ABMON_3 ABMON_4 ABMON_5 ABMON_6 ABMON_7 ABMON_8 ABMON_9 ABMON_10 ABMON_11 ABMON_12
    ALT_DIGITS AM_STR CODESET CRNCYSTR
    DAY_1 DAY_2 DAY_3 DAY_4 DAY_5 DAY_6 DAY_7
    D_FMT D_T_FMT ERA ERA_D_FMT ERA_D_T_FMT ERA_T_FMT
    MON_1 MON_2 MON_3 MON_4 MON_5 MON_6 MON_7 MON_8 MON_9 MON_10 MON_11 MON_12
    NOEXPR NOSTR PM_STR RADIXCHAR THOUSEP T_FMT T_FMT_AMPM YESEXPR YESSTR
};

/// Items of glibc that the libc crate does not name: category in the high half, index in the low one.
#[cfg(target_os = "linux")]
const GLIBC: &[(&str, i64)] = &[
    ("_NL_ADDRESS_POSTAL_FMT", 0x9_0000),
    ("_NL_ADDRESS_COUNTRY_NAME", 0x9_0001),
    ("_NL_ADDRESS_COUNTRY_POST", 0x9_0002),
    ("_NL_ADDRESS_COUNTRY_AB2", 0x9_0003),
    ("_NL_ADDRESS_COUNTRY_AB3", 0x9_0004),
    ("_NL_ADDRESS_COUNTRY_CAR", 0x9_0005),
    ("_NL_ADDRESS_COUNTRY_NUM", 0x9_0006),
    ("_NL_ADDRESS_COUNTRY_ISBN", 0x9_0007),
    ("_NL_ADDRESS_LANG_NAME", 0x9_0008),
    ("_NL_ADDRESS_LANG_AB", 0x9_0009),
    ("_NL_ADDRESS_LANG_TERM", 0x9_000a),
    ("_NL_ADDRESS_LANG_LIB", 0x9_000b),
    ("_NL_IDENTIFICATION_TITLE", 0xc_0000),
    ("_NL_IDENTIFICATION_SOURCE", 0xc_0001),
    ("_NL_IDENTIFICATION_ADDRESS", 0xc_0002),
    ("_NL_IDENTIFICATION_CONTACT", 0xc_0003),
    ("_NL_IDENTIFICATION_EMAIL", 0xc_0004),
    ("_NL_IDENTIFICATION_TEL", 0xc_0005),
    ("_NL_IDENTIFICATION_FAX", 0xc_0006),
    ("_NL_IDENTIFICATION_LANGUAGE", 0xc_0007),
    ("_NL_IDENTIFICATION_TERRITORY", 0xc_0008),
    ("_NL_IDENTIFICATION_AUDIENCE", 0xc_0009),
    ("_NL_IDENTIFICATION_APPLICATION", 0xc_000a),
    ("_NL_IDENTIFICATION_ABBREVIATION", 0xc_000b),
    ("_NL_IDENTIFICATION_REVISION", 0xc_000c),
    ("_NL_IDENTIFICATION_DATE", 0xc_000d),
    ("_NL_IDENTIFICATION_CATEGORY", 0xc_000e),
    ("_NL_MEASUREMENT_MEASUREMENT", 0xb_0000),
    ("_NL_NAME_NAME_FMT", 0x8_0000),
    ("_NL_NAME_NAME_GEN", 0x8_0001),
    ("_NL_NAME_NAME_MR", 0x8_0002),
    ("_NL_NAME_NAME_MRS", 0x8_0003),
    ("_NL_NAME_NAME_MISS", 0x8_0004),
    ("_NL_NAME_NAME_MS", 0x8_0005),
    ("_NL_PAPER_HEIGHT", 0x7_0000),
    ("_NL_PAPER_WIDTH", 0x7_0001),
    ("_NL_TELEPHONE_TEL_INT_FMT", 0xa_0000),
    ("_NL_TELEPHONE_TEL_DOM_FMT", 0xa_0001),
    ("_NL_TELEPHONE_INT_SELECT", 0xa_0002),
    ("_NL_TELEPHONE_INT_PREFIX", 0xa_0003),
];
#[cfg(not(target_os = "linux"))]
const GLIBC: &[(&str, i64)] = &[];

/// Items whose value is a number, not a string.
const NUMBERS: &[&str] = &["_NL_ADDRESS_COUNTRY_NUM", "_NL_PAPER_HEIGHT", "_NL_PAPER_WIDTH"];

pub fn boot(vm: &mut Vm) -> R<()> {
    define_constants(vm, "I18N::Langinfo", ITEMS);
    define_constants(vm, "I18N::Langinfo", GLIBC);
    define(vm, "I18N::Langinfo", &[("langinfo", langinfo, Some("_"))]);
    Ok(())
}

fn langinfo(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "I18N::Langinfo::langinfo(code)")?;
    let code = iv(vm, a, 0)?;
    if code < 0 {
        keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
        return undef();
    }
    let name = ITEMS.iter().chain(GLIBC).find(|(_, n)| *n == code).map(|(n, _)| *n);
    let Ok(item) = libc::nl_item::try_from(code) else { return ok(Val::bytes("")) };
    // SAFETY: any number is allowed; an unknown one gives "".
    let p = unsafe { libc::nl_langinfo(item) };
    if let Some(n) = name.filter(|n| NUMBERS.contains(n)) {
        // glibc gives a number in the pointer's place.
        let n = if n == "_NL_ADDRESS_COUNTRY_NUM" {
            i64::from(p as usize as u32 as i32)
        } else {
            p as usize as i64
        };
        return ok(Val::text(&n.to_string()));
    }
    if p.is_null() {
        return ok(Val::bytes(""));
    }
    // SAFETY: a terminated string of the C library.
    let b = unsafe { CStr::from_ptr(p) }.to_bytes();
    if name == Some("_NL_MEASUREMENT_MEASUREMENT") {
        // One byte, not a digit.
        return ok(Val::bytes(b.first().map(|n| n.to_string()).unwrap_or_default()));
    }
    ok(Val::bytes(b))
}
