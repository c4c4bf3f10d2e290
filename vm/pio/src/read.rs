//! Reading records, characters and bytes.

use crate::encoding::{char_len, downgrade, upgrade};
use crate::errno::{Errno, Res};
use crate::fd;
use crate::handle::Handle;
use memchr::memmem;

/// The input record separator `$/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rs {
    /// A string; `utf8` is its flag.
    Str { bytes: Vec<u8>, utf8: bool },
    /// undef: everything up to the end of the file.
    Slurp,
    /// The empty string: paragraphs, separated by blank lines.
    Paragraph,
    /// A reference to a number: that many bytes, or characters on a character handle.
    Record(usize),
}

impl Rs {
    pub fn newline() -> Rs {
        Rs::Str { bytes: b"\n".to_vec(), utf8: false }
    }

    /// The separator in the form `$/` has for a handle of bytes or of characters.
    fn bytes_for(bytes: &[u8], utf8: bool, handle_utf8: bool) -> Vec<u8> {
        if utf8 == handle_utf8 || bytes.is_ascii() {
            return bytes.to_vec();
        }
        if handle_utf8 {
            let mut v = Vec::new();
            upgrade(bytes, &mut v);
            return v;
        }
        downgrade(bytes).unwrap_or_else(|| bytes.to_vec())
    }
}

impl Handle {
    /// `<FH>` in scalar context: as [`read_line`](Handle::read_line), except that with `$/` undef a file found
    /// empty gives one empty record before the end of file.
    pub fn read_scalar(&mut self, rs: &Rs, out: &mut Vec<u8>) -> Res<bool> {
        let got = self.read_line(rs, out)?;
        if got || *rs != Rs::Slurp || self.had_record {
            return Ok(got);
        }
        self.had_record = true;
        self.lines += 1;
        Ok(true)
    }

    /// Reads one record and appends it to `out`, separator included. Ok(false) at end of file. The bytes are
    /// UTF-8 if the handle [is](Handle::is_utf8). Counts `$.`. This is one step of `<FH>` in list context.
    pub fn read_line(&mut self, rs: &Rs, out: &mut Vec<u8>) -> Res<bool> {
        self.ready_to_read()?;
        if matches!(rs, Rs::Str { .. } | Rs::Slurp) {
            self.clamp_memory();
        }
        let start = out.len();
        let r = match rs {
            Rs::Str { bytes, .. } if bytes.len() == 1 && bytes[0] < 0x80 => self.until_byte(bytes[0], out),
            Rs::Str { bytes, utf8 } => {
                let sep = Rs::bytes_for(bytes, *utf8, self.utf8);
                if sep.is_empty() { self.slurp(out) } else { self.until(&sep, start, out) }
            }
            Rs::Slurp => self.slurp(out),
            Rs::Paragraph => self.paragraph(start, out),
            Rs::Record(n) => self.read(*n, out).map(drop),
        };
        let got = out.len() > start;
        match r {
            Err(e) if e.is_interrupt() => {
                self.unread_tail(start, out);
                Err(e)
            }
            Err(e) if !got => Err(e),
            _ => {
                // The mark would make every later try fail; perl clears it so that a growing file, or a
                // terminal after ^D, can be read on.
                if got {
                    self.lines += 1;
                    self.had_record = true;
                } else {
                    self.at_eof = false
                }
                Ok(got)
            }
        }
    }

    fn unread_tail(&mut self, start: usize, out: &mut Vec<u8>) {
        let tail = out.split_off(start);
        self.unread(&tail);
    }

    fn until_byte(&mut self, sep: u8, out: &mut Vec<u8>) -> Res<()> {
        let mut done = false;
        while !done
            && self.consume(&mut |avail| {
                let n = match memchr::memchr(sep, avail) {
                    Some(p) => {
                        done = true;
                        p + 1
                    }
                    None => avail.len(),
                };
                out.extend_from_slice(&avail[..n]);
                n
            })?
        {}
        Ok(())
    }

    /// A separator of several bytes, which may straddle two buffers.
    fn until(&mut self, sep: &[u8], start: usize, out: &mut Vec<u8>) -> Res<()> {
        let mut done = false;
        while !done
            && self.consume(&mut |avail| {
                let old = out.len();
                out.extend_from_slice(avail);
                let from = old.saturating_sub(sep.len() - 1).max(start);
                match memmem::find(&out[from..], sep) {
                    Some(p) => {
                        done = true;
                        out.truncate(from + p + sep.len());
                        out.len() - old
                    }
                    None => avail.len(),
                }
            })?
        {}
        Ok(())
    }

    fn slurp(&mut self, out: &mut Vec<u8>) -> Res<()> {
        // A file is read straight into the result.
        if self.stages.is_empty()
            && let Ok(fd) = self.fd()
        {
            out.extend_from_slice(self.ahead());
            self.rpos = self.rbuf.len();
            let size = crate::stat::fstat(fd).map_or(0, |s| s.size.max(0) as usize);
            let pos = fd::seek(fd, 0, libc::SEEK_CUR).unwrap_or(0) as usize;
            out.reserve(size.saturating_sub(pos).min(1 << 30) + 1);
            return self.drain_fd(fd, out);
        }
        while self.consume(&mut |avail| {
            out.extend_from_slice(avail);
            avail.len()
        })? {}
        Ok(())
    }

    fn skip_newlines(&mut self) -> Res<()> {
        let mut more = true;
        while more
            && self.consume(&mut |avail| {
                let n = avail.iter().take_while(|b| **b == b'\n').count();
                more = n == avail.len();
                n
            })?
        {}
        Ok(())
    }

    fn paragraph(&mut self, start: usize, out: &mut Vec<u8>) -> Res<()> {
        self.skip_newlines()?;
        self.until(b"\n\n", start, out)?;
        if out.len() > start { self.skip_newlines() } else { Ok(()) }
    }

    /// `read`: up to `n` characters (bytes on a byte handle), appended to `out`; returns how many.
    pub fn read(&mut self, n: usize, out: &mut Vec<u8>) -> Res<usize> {
        self.ready_to_read()?;
        let start = out.len();
        let r = if self.utf8 { self.read_chars(n, out) } else { self.read_bytes(n, out) };
        match r {
            (count, None) => Ok(count),
            (_, Some(e)) if e.is_interrupt() => {
                self.unread_tail(start, out);
                Err(e)
            }
            (0, Some(e)) => Err(e),
            (count, Some(_)) => Ok(count),
        }
    }

    fn read_bytes(&mut self, n: usize, out: &mut Vec<u8>) -> (usize, Option<Errno>) {
        let mut left = n;
        while left > 0 {
            let r = self.consume(&mut |avail| {
                let k = avail.len().min(left);
                out.extend_from_slice(&avail[..k]);
                left -= k;
                k
            });
            match r {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => return (n - left, Some(e)),
            }
        }
        (n - left, None)
    }

    fn read_chars(&mut self, n: usize, out: &mut Vec<u8>) -> (usize, Option<Errno>) {
        // `owed`: bytes the character begun still lacks.
        let (mut count, mut owed) = (0, 0usize);
        while count < n || owed > 0 {
            let r = self.consume(&mut |avail| {
                let mut i = 0;
                while i < avail.len() {
                    if owed > 0 {
                        owed -= 1;
                    } else if count < n {
                        count += 1;
                        owed = char_len(avail[i]) - 1;
                    } else {
                        break;
                    }
                    i += 1;
                }
                out.extend_from_slice(&avail[..i]);
                i
            });
            match r {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => return (count, Some(e)),
            }
        }
        (count, None)
    }

    /// `getc`: one character appended to `out`; false at end of file.
    pub fn getc(&mut self, out: &mut Vec<u8>) -> Res<bool> {
        Ok(self.read(1, out)? == 1)
    }

    /// Puts characters (as the handle delivers them) back in front of the input.
    pub fn ungetc(&mut self, bytes: &[u8]) {
        self.unread(bytes)
    }

    /// `sysread`: one system call, past the buffers; up to `n` bytes appended to `out`.
    pub fn sysread(&mut self, n: usize, out: &mut Vec<u8>) -> Res<usize> {
        if !self.can_read() {
            return Err(Errno(libc::EBADF));
        }
        let fd = self.fd()?;
        let start = out.len();
        out.resize(start + n, 0);
        let r = fd::read(fd, &mut out[start..]);
        out.truncate(start + *r.as_ref().unwrap_or(&0));
        r
    }
}
