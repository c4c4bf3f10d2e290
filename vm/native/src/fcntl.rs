//! Fcntl: file control constants and mode tests; Errno's table; Socket's constants.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};

macro_rules! from_libc {
    ($($n:ident)*) => { &[$((stringify!($n), libc::$n as i64),)*] }
}

/// Constants POSIX shares.
pub const FILE_CONSTANTS: &[(&str, i64)] = from_libc! {
    FD_CLOEXEC F_DUPFD F_GETFD F_GETFL F_GETLK F_RDLCK F_SETFD F_SETFL F_SETLK F_SETLKW F_UNLCK F_WRLCK
    O_ACCMODE O_APPEND O_CREAT O_EXCL O_NOCTTY O_NONBLOCK O_RDONLY O_RDWR O_TRUNC O_WRONLY
    SEEK_CUR SEEK_END SEEK_SET
    S_IRGRP S_IROTH S_IRUSR S_IRWXG S_IRWXO S_IRWXU S_ISGID S_ISUID S_IWGRP S_IWOTH S_IWUSR S_IXGRP S_IXOTH S_IXUSR
};

const MORE: &[(&str, i64)] = from_libc! {
    LOCK_SH LOCK_EX LOCK_NB LOCK_UN O_NDELAY O_SYNC O_DSYNC O_ASYNC O_CLOEXEC O_DIRECTORY O_NOFOLLOW
    F_GETOWN F_SETOWN
    S_IFBLK S_IFCHR S_IFDIR S_IFIFO S_IFLNK S_IFREG S_IFSOCK S_ISVTX
};

const SUBS: &[Def] = &[
    ("S_IMODE", s_imode, None),
    ("S_IFMT", s_ifmt, None),
    ("S_ISREG", is_kind, None),
    ("S_ISDIR", is_kind, None),
    ("S_ISLNK", is_kind, None),
    ("S_ISSOCK", is_kind, None),
    ("S_ISBLK", is_kind, None),
    ("S_ISCHR", is_kind, None),
    ("S_ISFIFO", is_kind, None),
];

pub fn boot(vm: &mut Vm) -> R<()> {
    define_constants(vm, "Fcntl", FILE_CONSTANTS);
    define_constants(vm, "Fcntl", MORE);
    define_constants(vm, "Fcntl", &[("_S_IFMT", libc::S_IFMT as i64)]);
    define(vm, "Fcntl", SUBS);
    Ok(())
}

fn s_imode(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let m = iv(vm, a, 0)?;
    int(m & 0o7777)
}

fn s_ifmt(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    if a.is_empty() {
        return int(libc::S_IFMT as i64);
    }
    let m = iv(vm, a, 0)?;
    int(m & libc::S_IFMT as i64)
}

/// `S_ISREG` …: which one follows from the name called.
fn is_kind(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let m = if a.is_empty() { 0 } else { iv(vm, a, 0)? };
    let kind = match c.glob.get().as_ref().and_then(|g| g.name.as_str()).map(|n| n.bytes()) {
        Some(b"S_ISREG") => libc::S_IFREG,
        Some(b"S_ISDIR") => libc::S_IFDIR,
        Some(b"S_ISLNK") => libc::S_IFLNK,
        Some(b"S_ISSOCK") => libc::S_IFSOCK,
        Some(b"S_ISBLK") => libc::S_IFBLK,
        Some(b"S_ISCHR") => libc::S_IFCHR,
        _ => libc::S_IFIFO,
    };
    yes_no(m & libc::S_IFMT as i64 == kind as i64)
}

/// Errno's constants; our Errno.pm exports them.
pub fn boot_errno(vm: &mut Vm) -> R<()> {
    let names = vm.gv_str("Errno::_names").array().clone();
    for (n, v) in keshi_io::errno::NAMES {
        define_constant(vm, "Errno", n, Val::int(*v as i64));
        names.push(Val::bytes(n));
    }
    Ok(())
}
