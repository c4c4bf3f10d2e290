//! `errno` values: what every function of this crate reports on failure, and what Perl shows as `$!` and `%!`.
//!
//! `unsafe`: `strerror_r` writes into a local buffer whose length is passed; `__errno_location` points to
//! this thread's `errno` for the life of the thread.

use std::fmt;

/// A C `errno` value.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Errno(pub i32);

/// The result of every system-facing function here.
pub type Res<T> = Result<T, Errno>;

impl Errno {
    /// The calling thread's `errno`.
    pub fn last() -> Errno {
        Errno(std::io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }

    /// Stores this value in the calling thread's `errno`.
    pub fn set(self) {
        #[cfg(any(target_os = "linux", target_os = "emscripten"))]
        // SAFETY: the location is valid for this thread.
        unsafe {
            *libc::__errno_location() = self.0
        };
        #[cfg(any(target_os = "macos", target_os = "freebsd", target_os = "ios"))]
        // SAFETY: the location is valid for this thread.
        unsafe {
            *libc::__error() = self.0
        };
    }

    /// The C library's text for the value: the string half of `$!`. Zero has no text.
    pub fn message(self) -> String {
        if self.0 == 0 {
            return String::new();
        }
        let mut buf = [0u8; 256];
        // SAFETY: `buf` is writable for its whole length.
        let r = unsafe { libc::strerror_r(self.0, buf.as_mut_ptr().cast(), buf.len()) };
        let end = buf.iter().position(|&b| b == 0).unwrap_or(buf.len());
        if r != 0 && end == 0 {
            return format!("Unknown error {}", self.0);
        }
        String::from_utf8_lossy(&buf[..end]).into_owned()
    }

    /// The symbolic name (`ENOENT`), as the keys of `%!`.
    pub fn name(self) -> Option<&'static str> {
        NAMES.iter().find(|(_, v)| *v == self.0).map(|(n, _)| *n)
    }

    /// The value for a symbolic name, if this system has it.
    pub fn by_name(name: &str) -> Option<Errno> {
        NAMES.iter().find(|(n, _)| *n == name).map(|(_, v)| Errno(*v))
    }

    pub fn is_interrupt(self) -> bool {
        self.0 == libc::EINTR
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(n) => write!(f, "{n}"),
            None => write!(f, "Errno({})", self.0),
        }
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Errno {}

impl From<std::io::Error> for Errno {
    fn from(e: std::io::Error) -> Errno {
        Errno(e.raw_os_error().unwrap_or(libc::EIO))
    }
}

/// Turns the `-1` of a system call into the errno.
pub fn check(r: libc::c_int) -> Res<libc::c_int> {
    if r == -1 { Err(Errno::last()) } else { Ok(r) }
}

/// As [`check`] for calls that return a size.
pub fn check_size(r: libc::ssize_t) -> Res<usize> {
    usize::try_from(r).map_err(|_| Errno::last())
}

macro_rules! names {
    ($($(#[$m:meta])* $n:ident)*) => {
        /// Every errno name of this system; where two names share a value the usual one comes first.
        pub const NAMES: &[(&str, i32)] = &[$($(#[$m])* (stringify!($n), libc::$n)),*];
    };
}

names! {
    EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY
    EEXIST EXDEV ENODEV ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK
    EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG ENOLCK ENOSYS ENOTEMPTY ELOOP EWOULDBLOCK ENOMSG EIDRM EUSERS
    ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP
    EPFNOSUPPORT EAFNOSUPPORT EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET
    ENOBUFS EISCONN ENOTCONN ESHUTDOWN ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY
    EINPROGRESS ESTALE EDQUOT EILSEQ EOVERFLOW ECANCELED EOWNERDEAD ENOTRECOVERABLE EBADMSG EMULTIHOP ENOLINK
    EPROTO ENOTSUP
    #[cfg(target_os = "linux")] EDEADLOCK
    #[cfg(target_os = "linux")] ECHRNG
    #[cfg(target_os = "linux")] EL2NSYNC
    #[cfg(target_os = "linux")] EL3HLT
    #[cfg(target_os = "linux")] EL3RST
    #[cfg(target_os = "linux")] ELNRNG
    #[cfg(target_os = "linux")] EUNATCH
    #[cfg(target_os = "linux")] ENOCSI
    #[cfg(target_os = "linux")] EL2HLT
    #[cfg(target_os = "linux")] EBADE
    #[cfg(target_os = "linux")] EBADR
    #[cfg(target_os = "linux")] EXFULL
    #[cfg(target_os = "linux")] ENOANO
    #[cfg(target_os = "linux")] EBADRQC
    #[cfg(target_os = "linux")] EBADSLT
    #[cfg(target_os = "linux")] EBFONT
    #[cfg(target_os = "linux")] ENOSTR
    #[cfg(target_os = "linux")] ENODATA
    #[cfg(target_os = "linux")] ETIME
    #[cfg(target_os = "linux")] ENOSR
    #[cfg(target_os = "linux")] ENONET
    #[cfg(target_os = "linux")] ENOPKG
    #[cfg(target_os = "linux")] EREMOTE
    #[cfg(target_os = "linux")] EADV
    #[cfg(target_os = "linux")] ESRMNT
    #[cfg(target_os = "linux")] ECOMM
    #[cfg(target_os = "linux")] EDOTDOT
    #[cfg(target_os = "linux")] ENOTUNIQ
    #[cfg(target_os = "linux")] EBADFD
    #[cfg(target_os = "linux")] EREMCHG
    #[cfg(target_os = "linux")] ELIBACC
    #[cfg(target_os = "linux")] ELIBBAD
    #[cfg(target_os = "linux")] ELIBSCN
    #[cfg(target_os = "linux")] ELIBMAX
    #[cfg(target_os = "linux")] ELIBEXEC
    #[cfg(target_os = "linux")] ERESTART
    #[cfg(target_os = "linux")] ESTRPIPE
    #[cfg(target_os = "linux")] EUCLEAN
    #[cfg(target_os = "linux")] ENOTNAM
    #[cfg(target_os = "linux")] ENAVAIL
    #[cfg(target_os = "linux")] EISNAM
    #[cfg(target_os = "linux")] EREMOTEIO
    #[cfg(target_os = "linux")] ENOMEDIUM
    #[cfg(target_os = "linux")] EMEDIUMTYPE
    #[cfg(target_os = "linux")] ENOKEY
    #[cfg(target_os = "linux")] EKEYEXPIRED
    #[cfg(target_os = "linux")] EKEYREVOKED
    #[cfg(target_os = "linux")] EKEYREJECTED
    #[cfg(target_os = "linux")] ERFKILL
    #[cfg(target_os = "linux")] EHWPOISON
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_messages() {
        assert_eq!(Errno::by_name("ENOENT"), Some(Errno(libc::ENOENT)));
        assert_eq!(Errno(libc::ENOENT).message(), "No such file or directory");
        assert_eq!(Errno(libc::EAGAIN).name(), Some("EAGAIN"));
        assert_eq!(Errno(0).message(), "");
        assert_eq!(Errno(99999).message(), "Unknown error 99999");
        Errno(libc::EPIPE).set();
        assert_eq!(Errno::last(), Errno(libc::EPIPE));
    }
}
