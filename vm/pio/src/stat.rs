//! `stat` and `lstat`.
//!
//! `unsafe`: the C struct is plain integers, valid when zeroed, and filled by the kernel.

use crate::errno::{Res, check};
use crate::fd::{Fd, cstr};

/// The thirteen fields in perl's order, and the fractions of the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Stat {
    pub dev: u64,
    pub ino: u64,
    pub mode: u32,
    pub nlink: u64,
    pub uid: u32,
    pub gid: u32,
    pub rdev: u64,
    pub size: i64,
    pub atime: i64,
    pub mtime: i64,
    pub ctime: i64,
    pub blksize: i64,
    pub blocks: i64,
    pub atime_nsec: i64,
    pub mtime_nsec: i64,
    pub ctime_nsec: i64,
}

impl Stat {
    /// True if the file is of this kind (`S_IFDIR` …).
    pub fn is(&self, kind: libc::mode_t) -> bool {
        self.has(kind, libc::S_IFMT)
    }

    pub fn is_dir(&self) -> bool {
        self.is(libc::S_IFDIR)
    }

    /// Compares the mode bits under `mask` with `bits`.
    // `mode_t` has 16 bits on some systems.
    #[allow(clippy::unnecessary_cast)]
    pub fn has(&self, bits: libc::mode_t, mask: libc::mode_t) -> bool {
        self.mode & mask as u32 == bits as u32
    }

    /// The fields as `stat` returns them.
    pub fn fields(&self) -> [i128; 13] {
        [
            self.dev.into(),
            self.ino.into(),
            self.mode.into(),
            self.nlink.into(),
            self.uid.into(),
            self.gid.into(),
            self.rdev.into(),
            self.size.into(),
            self.atime.into(),
            self.mtime.into(),
            self.ctime.into(),
            self.blksize.into(),
            self.blocks.into(),
        ]
    }
}

fn call(f: impl FnOnce(*mut libc::stat) -> libc::c_int) -> Res<Stat> {
    // SAFETY: see the module header.
    let mut s: libc::stat = unsafe { std::mem::zeroed() };
    check(f(&mut s))?;
    // The field types differ between systems.
    #[allow(clippy::unnecessary_cast)]
    Ok(Stat {
        dev: s.st_dev as u64,
        ino: s.st_ino as u64,
        mode: s.st_mode as u32,
        nlink: s.st_nlink as u64,
        uid: s.st_uid,
        gid: s.st_gid,
        rdev: s.st_rdev as u64,
        size: s.st_size as i64,
        atime: s.st_atime as i64,
        mtime: s.st_mtime as i64,
        ctime: s.st_ctime as i64,
        blksize: s.st_blksize as i64,
        blocks: s.st_blocks as i64,
        atime_nsec: s.st_atime_nsec as i64,
        mtime_nsec: s.st_mtime_nsec as i64,
        ctime_nsec: s.st_ctime_nsec as i64,
    })
}

pub fn stat(path: &[u8]) -> Res<Stat> {
    let p = cstr(path)?;
    // SAFETY: a live C string and a writable struct.
    call(|s| unsafe { libc::stat(p.as_ptr(), s) })
}

pub fn lstat(path: &[u8]) -> Res<Stat> {
    let p = cstr(path)?;
    // SAFETY: a live C string and a writable struct.
    call(|s| unsafe { libc::lstat(p.as_ptr(), s) })
}

pub fn fstat(fd: Fd) -> Res<Stat> {
    // SAFETY: a writable struct.
    call(|s| unsafe { libc::fstat(fd, s) })
}
