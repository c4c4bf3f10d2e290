//! `crypt`, from the C library's libcrypt, which is opened when first needed: nothing is linked for it.
//!
//! `unsafe`: opening a system library and calling its one function with live C strings, as `crypt(3)` says.

use crate::errno::{Errno, Res};
use crate::fd::cstr;
use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
use std::ffi::{CStr, c_char};
use std::sync::{Mutex, OnceLock};

type Function = unsafe extern "C" fn(*const c_char, *const c_char) -> *mut c_char;

/// Names of the library, the current one first.
const NAMES: [&str; 3] = ["libcrypt.so.1", "libcrypt.so.2", "libcrypt.so"];

struct Crypt {
    call: Function,
    /// What `call` points into.
    _library: Library,
}

/// The result is the library's static buffer: one caller at a time.
static CRYPT: OnceLock<Option<Mutex<Crypt>>> = OnceLock::new();

fn load() -> Option<Mutex<Crypt>> {
    NAMES.iter().find_map(|name| {
        // SAFETY: the system's libcrypt has no initialisers with effects, and `crypt` has this type.
        unsafe {
            let library = Library::open(Some(*name), RTLD_NOW | RTLD_LOCAL).ok()?;
            let call = *library.get::<Function>(b"crypt\0").ok()?;
            Some(Mutex::new(Crypt { call, _library: library }))
        }
    })
}

/// The hash of `key` by the method and salt that `setting` names; ENOSYS where there is no libcrypt. Both end at
/// their first NUL.
pub fn crypt(key: &[u8], setting: &[u8]) -> Res<Vec<u8>> {
    let Some(c) = CRYPT.get_or_init(load) else { return Err(Errno(libc::ENOSYS)) };
    let until_nul = |s: &[u8]| cstr(s.split(|&b| b == 0).next().unwrap_or_default());
    let (key, setting) = (until_nul(key)?, until_nul(setting)?);
    let c = c.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: live C strings; the answer is null or a C string that stays until the next call, which the lock holds
    // off.
    unsafe {
        let r = (c.call)(key.as_ptr(), setting.as_ptr());
        if r.is_null() { Err(Errno::last()) } else { Ok(CStr::from_ptr(r).to_bytes().to_vec()) }
    }
}
