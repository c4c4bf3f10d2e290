//! The name of this process as `ps` and `/proc` show it: `$0` assigned.
//!
//! `unsafe`: the argument strings the kernel put on the stack are overwritten in place; the kernel says where
//! they are (`/proc/self/stat`), nobody else writes there, and what the command line said was copied at the start.

use std::sync::OnceLock;

/// Where the argument strings are: address and length.
fn arguments() -> Option<(usize, usize)> {
    static AREA: OnceLock<Option<(usize, usize)>> = OnceLock::new();
    *AREA.get_or_init(|| {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // Fields are counted from the state, the third, for the command before it may contain anything.
        const STATE: usize = 3;
        const ARG_START: usize = 48;
        let mut rest = stat[stat.rfind(')')? + 1..].split_ascii_whitespace().skip(ARG_START - STATE);
        let (start, end): (usize, usize) = (rest.next()?.parse().ok()?, rest.next()?.parse().ok()?);
        (start != 0 && end > start).then(|| (start, end - start))
    })
}

/// Shows the process under another name, as much of it as there is room for.
pub fn set(name: &[u8]) {
    // The kernel keeps 15 bytes of a thread's name.
    let mut short = [0u8; 16];
    let n = name.len().min(15);
    short[..n].copy_from_slice(&name[..n]);
    // SAFETY: a string that ends in NUL; the kernel copies it.
    unsafe { libc::prctl(libc::PR_SET_NAME, short.as_ptr()) };
    if let Some((start, len)) = arguments() {
        let n = name.len().min(len - 1);
        // SAFETY: `start..start + len` is this process's argument area (module header), mapped writable for its
        // whole life.
        unsafe {
            let area = std::slice::from_raw_parts_mut(start as *mut u8, len);
            area[..n].copy_from_slice(&name[..n]);
            area[n..].fill(0);
        }
    }
}
