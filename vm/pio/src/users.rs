//! Users and groups: `getpw*`, `getgr*`, the process's ids.
//!
//! `unsafe`: the passwd and group calls return pointers into static storage (or null), copied out before the
//! next call; ids are integers; getgroups fills a buffer passed with its length.

use crate::errno::{Res, check};
use crate::fd::cstr;
use crate::process::c_bytes;

/// One `getpw*` entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passwd {
    pub name: Vec<u8>,
    pub passwd: Vec<u8>,
    pub uid: u32,
    pub gid: u32,
    pub gecos: Vec<u8>,
    pub dir: Vec<u8>,
    pub shell: Vec<u8>,
}

/// One `getgr*` entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub name: Vec<u8>,
    pub passwd: Vec<u8>,
    pub gid: u32,
    pub members: Vec<Vec<u8>>,
}

/// # Safety
/// `p` is null or points to a valid entry.
unsafe fn passwd(p: *const libc::passwd) -> Option<Passwd> {
    // SAFETY: the caller's promise; the strings of an entry are valid with it.
    unsafe {
        let e = p.as_ref()?;
        Some(Passwd {
            name: c_bytes(e.pw_name),
            passwd: c_bytes(e.pw_passwd),
            uid: e.pw_uid,
            gid: e.pw_gid,
            gecos: c_bytes(e.pw_gecos),
            dir: c_bytes(e.pw_dir),
            shell: c_bytes(e.pw_shell),
        })
    }
}

/// # Safety
/// `p` is null or points to a valid entry.
unsafe fn group(p: *const libc::group) -> Option<Group> {
    // SAFETY: the caller's promise; `gr_mem` ends in null.
    unsafe {
        let e = p.as_ref()?;
        let mut members = Vec::new();
        let mut m = e.gr_mem;
        while !m.is_null() && !(*m).is_null() {
            members.push(c_bytes(*m));
            m = m.add(1);
        }
        Some(Group { name: c_bytes(e.gr_name), passwd: c_bytes(e.gr_passwd), gid: e.gr_gid, members })
    }
}

pub fn getpwnam(name: &[u8]) -> Option<Passwd> {
    let n = cstr(name).ok()?;
    // SAFETY: see the module header.
    unsafe { passwd(libc::getpwnam(n.as_ptr())) }
}

pub fn getpwuid(uid: u32) -> Option<Passwd> {
    // SAFETY: see the module header.
    unsafe { passwd(libc::getpwuid(uid)) }
}

pub fn getpwent() -> Option<Passwd> {
    // SAFETY: see the module header.
    unsafe { passwd(libc::getpwent()) }
}

pub fn setpwent() {
    // SAFETY: rewinds the C library's own cursor.
    unsafe { libc::setpwent() }
}

pub fn endpwent() {
    // SAFETY: closes the C library's own cursor.
    unsafe { libc::endpwent() }
}

pub fn getgrnam(name: &[u8]) -> Option<Group> {
    let n = cstr(name).ok()?;
    // SAFETY: see the module header.
    unsafe { group(libc::getgrnam(n.as_ptr())) }
}

pub fn getgrgid(gid: u32) -> Option<Group> {
    // SAFETY: see the module header.
    unsafe { group(libc::getgrgid(gid)) }
}

pub fn getgrent() -> Option<Group> {
    // SAFETY: see the module header.
    unsafe { group(libc::getgrent()) }
}

pub fn setgrent() {
    // SAFETY: rewinds the C library's own cursor.
    unsafe { libc::setgrent() }
}

pub fn endgrent() {
    // SAFETY: closes the C library's own cursor.
    unsafe { libc::endgrent() }
}

/// `getlogin`
pub fn getlogin() -> Option<Vec<u8>> {
    // SAFETY: null or a static C string.
    let n = unsafe { c_bytes(libc::getlogin()) };
    (!n.is_empty()).then_some(n)
}

/// (real, effective) user ids: `$<` and `$>`.
pub fn uids() -> (u32, u32) {
    // SAFETY: these cannot fail.
    unsafe { (libc::getuid(), libc::geteuid()) }
}

/// (real, effective) group ids.
pub fn gids() -> (u32, u32) {
    // SAFETY: these cannot fail.
    unsafe { (libc::getgid(), libc::getegid()) }
}

/// The supplementary groups.
pub fn groups() -> Res<Vec<u32>> {
    // SAFETY: a zero length only asks for the count; the buffer is passed with its length.
    unsafe {
        let n = check(libc::getgroups(0, std::ptr::null_mut()))?;
        let mut v = vec![0; n as usize];
        let n = check(libc::getgroups(n, v.as_mut_ptr()))?;
        v.truncate(n as usize);
        Ok(v)
    }
}

/// Sets the supplementary groups.
pub fn setgroups(g: &[u32]) -> Res<()> {
    // SAFETY: a buffer with its length.
    check(unsafe { libc::setgroups(g.len() as _, g.as_ptr()) }).map(drop)
}

/// Sets real and effective user id; None leaves one.
pub fn setreuid(real: Option<u32>, effective: Option<u32>) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::setreuid(real.unwrap_or(u32::MAX), effective.unwrap_or(u32::MAX)) }).map(drop)
}

/// Sets real and effective group id; None leaves one.
pub fn setregid(real: Option<u32>, effective: Option<u32>) -> Res<()> {
    // SAFETY: integers only.
    check(unsafe { libc::setregid(real.unwrap_or(u32::MAX), effective.unwrap_or(u32::MAX)) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_is_user_zero() {
        let r = getpwuid(0).unwrap();
        assert_eq!(getpwnam(&r.name).unwrap().uid, 0);
        assert_eq!(getgrgid(0).unwrap().gid, 0);
        assert!(getpwnam(b"no such user").is_none());
    }
}
