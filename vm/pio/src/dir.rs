//! Directory handles: `opendir`, `readdir`, `telldir`, `seekdir`, `rewinddir`, `closedir`.
//!
//! `unsafe`: the DIR pointer is ours from opendir until close or drop; an entry is copied before the next
//! call on the same pointer.

use crate::errno::{Errno, Res, check};
use crate::fd::{Fd, cstr};
use crate::process::c_bytes;
use std::ptr::NonNull;

/// An open directory.
pub struct DirHandle {
    dir: Option<NonNull<libc::DIR>>,
}

impl DirHandle {
    pub fn open(path: &[u8]) -> Res<DirHandle> {
        let p = cstr(path)?;
        // SAFETY: a live C string.
        let d = NonNull::new(unsafe { libc::opendir(p.as_ptr()) });
        Ok(DirHandle { dir: Some(d.ok_or_else(Errno::last)?) })
    }

    fn dir(&self) -> Res<*mut libc::DIR> {
        Ok(self.dir.ok_or(Errno(libc::EBADF))?.as_ptr())
    }

    pub fn is_open(&self) -> bool {
        self.dir.is_some()
    }

    /// The next name; None at the end.
    pub fn read(&mut self) -> Res<Option<Vec<u8>>> {
        let d = self.dir()?;
        Errno(0).set();
        // SAFETY: see the module header.
        unsafe {
            let e = libc::readdir(d);
            if e.is_null() {
                let e = Errno::last();
                return if e.0 == 0 { Ok(None) } else { Err(e) };
            }
            Ok(Some(c_bytes((*e).d_name.as_ptr())))
        }
    }

    pub fn tell(&self) -> Res<i64> {
        let d = self.dir()?;
        // SAFETY: an open directory.
        Ok(unsafe { libc::telldir(d) } as i64)
    }

    pub fn seek(&mut self, pos: i64) -> Res<()> {
        let d = self.dir()?;
        // SAFETY: an open directory.
        unsafe { libc::seekdir(d, pos as libc::c_long) };
        Ok(())
    }

    pub fn rewind(&mut self) -> Res<()> {
        let d = self.dir()?;
        // SAFETY: an open directory.
        unsafe { libc::rewinddir(d) };
        Ok(())
    }

    pub fn close(&mut self) -> Res<()> {
        let d = self.dir.take().ok_or(Errno(libc::EBADF))?;
        // SAFETY: closed once, as the pointer was taken out.
        check(unsafe { libc::closedir(d.as_ptr()) }).map(drop)
    }

    /// The descriptor, for `fileno`, `chdir`, `stat` and the file tests.
    pub fn fd(&self) -> Res<Fd> {
        let d = self.dir()?;
        // SAFETY: an open directory.
        check(unsafe { libc::dirfd(d) })
    }
}

impl Drop for DirHandle {
    fn drop(&mut self) {
        // Reading a directory loses nothing when its closing fails.
        let _ = self.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_and_returns() {
        let mut d = DirHandle::open(b"/").unwrap();
        let first = d.read().unwrap().unwrap();
        let pos = d.tell().unwrap();
        let second = d.read().unwrap();
        d.seek(pos).unwrap();
        assert_eq!(d.read().unwrap(), second);
        d.rewind().unwrap();
        assert_eq!(d.read().unwrap().unwrap(), first);
        d.close().unwrap();
        assert_eq!(d.close(), Err(Errno(libc::EBADF)));
        assert_eq!(d.read(), Err(Errno(libc::EBADF)));
    }
}
