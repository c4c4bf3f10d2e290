//! A handle's output side: `print`, `syswrite`, flushing.
//!
//! `unsafe`: poll on one local struct.

use crate::encoding::{Escapes, downgrade, upgrade};
use crate::errno::{Errno, Res};
use crate::fd;
use crate::handle::{BUFFER, Backend, Handle, StageKind};
use std::borrow::Cow;

/// One write. A signal that cuts a blocked write short makes it return a part of its length; the next one
/// would block again, so a pending Perl handler counts as an interruption before it.
fn write_some(fd: fd::Fd, s: &[u8]) -> Res<usize> {
    if crate::signals::any_pending() && !poll_writable(fd) {
        return Err(Errno(libc::EINTR));
    }
    fd::retry(|| fd::write(fd, s))
}

/// True if a write would not block.
fn poll_writable(fd: fd::Fd) -> bool {
    let mut p = libc::pollfd { fd, events: libc::POLLOUT, revents: 0 };
    // SAFETY: one live pollfd. An error shows in the write itself.
    unsafe { libc::poll(&mut p, 1, 0) != 0 }
}

impl Handle {
    /// Appends a Perl string to the output. Ok(true) means a wide character met a byte handle: its UTF-8 form
    /// was written and perl's "Wide character in %s" warning is due.
    ///
    /// Errors of earlier buffered output surface here when the buffer has to be written. After EINTR the
    /// string *is* taken; only writing it is late, so `print` never reports EINTR.
    pub fn print(&mut self, s: &[u8], utf8: bool) -> Res<bool> {
        if !self.can_write() {
            return Err(Errno(libc::EBADF));
        }
        let mut wide = false;
        let data: Cow<[u8]> = if utf8 == self.utf8 || s.is_ascii() {
            Cow::Borrowed(s)
        } else if self.utf8 {
            let mut v = Vec::new();
            upgrade(s, &mut v);
            Cow::Owned(v)
        } else {
            downgrade(s).map_or_else(
                || {
                    wide = true;
                    Cow::Borrowed(s)
                },
                Cow::Owned,
            )
        };
        match self.put(&data) {
            Err(e) if e.is_interrupt() => {}
            r => r?,
        }
        Ok(wide)
    }

    /// Ends one `print`, `printf`, `say` or `write`: flushes if `$|` is set.
    pub fn print_done(&mut self) -> Res<()> {
        if self.autoflush { self.flush_output() } else { Ok(()) }
    }

    fn put(&mut self, s: &[u8]) -> Res<()> {
        if self.rpos < self.rbuf.len() && !self.duplex() {
            self.drop_ahead()?;
        }
        let encoded = if self.stages.is_empty() { Cow::Borrowed(s) } else { Cow::Owned(self.encode(s)) };
        if encoded.is_empty() {
            return Ok(());
        }
        if self.is_memory() {
            if !self.layers.buffered_scalar() {
                self.write_memory(&encoded);
                return Ok(());
            }
            self.wbuf.extend_from_slice(&encoded);
            return if self.wbuf.len() >= BUFFER { self.flush_output() } else { Ok(()) };
        }
        // The buffer of an encoding is one, also above a handle without.
        let direct = self.unbuffered && !self.layers.encodes();
        if self.wbuf.is_empty() && (direct || encoded.len() >= BUFFER) {
            // Straight from the caller's bytes; only a remainder is kept.
            let fd = self.fd()?;
            let mut rest = &encoded[..];
            while !rest.is_empty() {
                match write_some(fd, rest) {
                    Ok(n) => rest = &rest[n..],
                    Err(e) => {
                        if e.is_interrupt() || e.0 == libc::EAGAIN {
                            self.wbuf.extend_from_slice(rest);
                        } else {
                            self.error = Some(e);
                        }
                        return Err(e);
                    }
                }
            }
            return Ok(());
        }
        self.wbuf.extend_from_slice(&encoded);
        let line_end = self.tty && memchr::memrchr(b'\n', &encoded).is_some();
        if self.wbuf.len() >= BUFFER || line_end || direct { self.flush_output() } else { Ok(()) }
    }

    fn encode(&mut self, s: &[u8]) -> Vec<u8> {
        let mut data = s.to_vec();
        for st in self.stages.iter_mut().rev() {
            let mut out = Vec::with_capacity(data.len() + 16);
            match &st.what {
                StageKind::Encoding(e) => {
                    e.encode(&mut st.wstate, &data, &mut out, &mut Escapes(&mut self.warnings));
                }
                StageKind::Crlf => {
                    for line in data.split_inclusive(|&b| b == b'\n') {
                        match line.split_last() {
                            Some((b'\n', head)) => {
                                out.extend_from_slice(head);
                                out.extend_from_slice(b"\r\n");
                            }
                            _ => out.extend_from_slice(line),
                        }
                    }
                }
            }
            data = out;
        }
        data
    }

    fn write_memory(&mut self, s: &[u8]) {
        if let Backend::Mem { buf, pos, append } = &mut self.back {
            let mut at = *pos as usize;
            if *append {
                buf.view(&mut |v| at = v.len());
            }
            buf.put(at, s);
            *pos = (at + s.len()) as u64;
        }
    }

    /// Writes out what is buffered. What could not be written stays; the error is also kept for `close`.
    pub fn flush_output(&mut self) -> Res<()> {
        if self.wbuf.is_empty() {
            return Ok(());
        }
        if self.is_memory() {
            let all = std::mem::take(&mut self.wbuf);
            self.write_memory(&all);
            return Ok(());
        }
        let fd = self.fd()?;
        let mut done = 0;
        let r = loop {
            if done == self.wbuf.len() {
                break Ok(());
            }
            match write_some(fd, &self.wbuf[done..]) {
                Ok(n) => done += n,
                Err(e) => break Err(e),
            }
        };
        self.wbuf.drain(..done);
        if let Err(e) = r
            && !e.is_interrupt()
            && e.0 != libc::EAGAIN
        {
            self.error = Some(e);
        }
        r
    }

    /// Perl's flush: pending output is written; read-ahead is given back to a file that can seek, so that
    /// another process sharing the descriptor goes on where this one is.
    pub fn flush(&mut self) -> Res<()> {
        self.flush_output()?;
        if self.readable && !self.is_memory() && !self.duplex() {
            self.drop_ahead()?;
        }
        Ok(())
    }

    /// `syswrite`: one system call, past the buffers. Returns the number of bytes written.
    pub fn syswrite(&mut self, s: &[u8]) -> Res<usize> {
        if !self.can_write() {
            return Err(Errno(libc::EBADF));
        }
        fd::write(self.fd()?, s)
    }
}
