//! The process's locale, as far as it matters to Perl: whether its character set (`LC_CTYPE`) is UTF-8. It starts
//! as the environment asks for; `POSIX::setlocale` changes it.
//!
//! `unsafe`: setlocale and nl_langinfo with terminated strings; their results are copied at once. The standard
//! library does not read the locale.

use std::ffi::{CStr, CString};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static START: Once = Once::new();
static UTF8: AtomicBool = AtomicBool::new(false);

/// Sets the locale of a category; without a name asks for it. `None`: the system has no such locale.
fn call(category: i32, name: Option<&CStr>) -> Option<Vec<u8>> {
    let p = name.map_or(std::ptr::null(), CStr::as_ptr);
    // SAFETY: a terminated string or null; the answer is copied before anything else is asked.
    unsafe {
        let answer = libc::setlocale(category, p);
        (!answer.is_null()).then(|| CStr::from_ptr(answer).to_bytes().to_vec())
    }
}

fn note() {
    // SAFETY: the answer is a terminated string, compared at once.
    let utf8 = unsafe {
        let p = libc::nl_langinfo(libc::CODESET);
        !p.is_null() && CStr::from_ptr(p).to_bytes().eq_ignore_ascii_case(b"UTF-8")
    };
    UTF8.store(utf8, Ordering::Relaxed);
}

/// The environment's locale, taken over when first needed. Numbers stay those of the C locale.
fn start() {
    START.call_once(|| {
        call(libc::LC_ALL, Some(c""));
        call(libc::LC_NUMERIC, Some(c"C"));
        note();
    });
}

/// Is the locale's character set UTF-8?
pub fn is_utf8() -> bool {
    start();
    UTF8.load(Ordering::Relaxed)
}

/// setlocale(3)
pub fn set(category: i32, name: Option<&[u8]>) -> Option<Vec<u8>> {
    start();
    let name = match name {
        Some(n) => Some(CString::new(n).ok()?),
        None => None,
    };
    let answer = call(category, name.as_deref());
    if name.is_some() {
        note();
    }
    answer
}
