//! A handle's input side: filling the buffer through the layers, and positions in the file.

use crate::encoding::{self, Escapes};
use crate::errno::{Errno, Res};
use crate::fd;
use crate::handle::{BUFFER, Backend, Handle, Stage, StageKind};

impl Stage {
    /// Decodes what is pending; appends to `out`.
    fn decode(&mut self, last: bool, out: &mut Vec<u8>, warn: &mut Vec<String>) {
        let used = match &self.what {
            StageKind::Encoding(e) => {
                e.decode(&mut self.rstate, &self.pending, last, out, &mut Escapes(warn))
            }
            StageKind::Crlf => {
                let src = &self.pending;
                let mut i = 0;
                loop {
                    let Some(p) = memchr::memchr(b'\r', &src[i..]).map(|p| p + i) else {
                        out.extend_from_slice(&src[i..]);
                        break src.len();
                    };
                    out.extend_from_slice(&src[i..p]);
                    match src.get(p + 1) {
                        None if !last => break p,
                        Some(b'\n') => {
                            out.push(b'\n');
                            i = p + 2;
                        }
                        _ => {
                            out.push(b'\r');
                            i = p + 1;
                        }
                    }
                }
            }
        };
        self.pending.drain(..used);
    }
}

/// Sends encoded bytes through the stages, bottom to top.
fn run_stages(stages: &mut [Stage], raw: &[u8], last: bool, warn: &mut Vec<String>) -> Vec<u8> {
    let mut data = raw.to_vec();
    for s in stages {
        s.pending.extend_from_slice(&data);
        data.clear();
        s.decode(last, &mut data, warn);
    }
    data
}

impl Handle {
    /// Unread decoded bytes in the buffer.
    pub(crate) fn ahead(&self) -> &[u8] {
        &self.rbuf[self.rpos..]
    }

    /// Makes sure input can be read: right direction, pending output written first.
    pub(crate) fn ready_to_read(&mut self) -> Res<()> {
        if !self.can_read() {
            return Err(Errno(libc::EBADF));
        }
        if !self.wbuf.is_empty() && !self.duplex() {
            self.flush_output()?;
        }
        Ok(())
    }

    /// Fills the empty buffer; false at end of file. In-memory handles without stages have no buffer and are
    /// not filled.
    pub(crate) fn fill(&mut self) -> Res<bool> {
        debug_assert!(self.ahead().is_empty());
        if self.at_eof {
            return Ok(false);
        }
        if self.tty {
            crate::registry::flush_terminals();
        }
        self.rpos = 0;
        self.rbuf.clear();
        if self.stages.is_empty() {
            let Backend::Fd(fd) = self.back else { return Ok(false) };
            // Without a buffering layer nothing may be read ahead.
            self.rbuf.resize(if self.layers.buffered() { BUFFER } else { 1 }, 0);
            let r = fd::retry(|| fd::read(fd, &mut self.rbuf));
            self.rbuf.truncate(*r.as_ref().unwrap_or(&0));
            return self.filled(r);
        }
        self.block.clear();
        self.before_block = self.stages.clone();
        loop {
            let mut raw = std::mem::take(&mut self.rawq);
            if raw.is_empty()
                && let Err(e) = self.read_raw(&mut raw)
            {
                return self.filled(Err(e));
            }
            let last = raw.is_empty();
            self.block.extend_from_slice(&raw);
            self.rbuf = run_stages(&mut self.stages, &raw, last, &mut self.warnings);
            if last || !self.rbuf.is_empty() {
                return self.filled(Ok(self.rbuf.len()));
            }
        }
    }

    /// Reads everything up to the end of the file straight into `out`. Only for a descriptor without stages
    /// whose buffer is empty.
    pub(crate) fn drain_fd(&mut self, fd: fd::Fd, out: &mut Vec<u8>) -> Res<()> {
        if self.tty {
            crate::registry::flush_terminals();
        }
        while !self.at_eof {
            let old = out.len();
            out.resize(out.capacity().max(old + BUFFER), 0);
            let r = fd::retry(|| fd::read(fd, &mut out[old..]));
            out.truncate(old + *r.as_ref().unwrap_or(&0));
            self.filled(r)?;
        }
        Ok(())
    }

    fn filled(&mut self, r: Res<usize>) -> Res<bool> {
        match r {
            Ok(0) => {
                self.at_eof = true;
                Ok(false)
            }
            Ok(_) => Ok(true),
            Err(e) => {
                if !e.is_interrupt() && e.0 != libc::EAGAIN {
                    self.error = Some(e);
                }
                Err(e)
            }
        }
    }

    fn read_raw(&mut self, raw: &mut Vec<u8>) -> Res<()> {
        match &mut self.back {
            Backend::Closed => Err(Errno(libc::EBADF)),
            Backend::Fd(fd) => {
                raw.resize(BUFFER, 0);
                let r = fd::retry(|| fd::read(*fd, raw));
                raw.truncate(*r.as_ref().unwrap_or(&0));
                r.map(drop)
            }
            Backend::Mem { buf, pos, .. } => {
                buf.view(&mut |v| {
                    let from = (*pos as usize).min(v.len());
                    let to = (from + BUFFER).min(v.len());
                    raw.extend_from_slice(&v[from..to]);
                    *pos = to as u64;
                });
                Ok(())
            }
        }
    }

    /// Offers the available input to `f`, which says how many bytes it takes; false at end of file (then `f`
    /// was not called).
    pub(crate) fn consume(&mut self, f: &mut dyn FnMut(&[u8]) -> usize) -> Res<bool> {
        if self.ahead().is_empty() {
            if let (Backend::Mem { buf, pos, .. }, true) = (&mut self.back, self.stages.is_empty()) {
                let mut any = false;
                buf.view(&mut |v| {
                    if let Some(rest) = v.get(*pos as usize..).filter(|r| !r.is_empty()) {
                        any = true;
                        *pos += f(rest) as u64;
                    }
                });
                return Ok(any);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
        let n = f(&self.rbuf[self.rpos..]);
        self.rpos += n;
        Ok(true)
    }

    /// Reading lines from a scalar brings a position beyond its end back to the end; nothing else does.
    pub(crate) fn clamp_memory(&mut self) {
        if let Backend::Mem { buf, pos, .. } = &mut self.back {
            buf.view(&mut |v| *pos = (*pos).min(v.len() as u64));
        }
    }

    /// Puts decoded bytes back in front of the input.
    pub(crate) fn unread(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.at_eof = false;
        if let (Backend::Mem { buf, pos, .. }, true) = (&mut self.back, self.rbuf.len() == self.rpos)
            && self.stages.is_empty()
        {
            // Bytes just read from the scalar go back by moving the position.
            let mut same = false;
            buf.view(&mut |v| same = v.get(..*pos as usize).is_some_and(|v| v.ends_with(bytes)));
            if same {
                *pos -= bytes.len() as u64;
                return;
            }
        }
        let start = self.rpos.saturating_sub(bytes.len());
        self.rbuf.splice(start..self.rpos, bytes.iter().copied());
        self.rpos = start;
    }

    /// Encoded bytes that were read from the file but not consumed by the program.
    pub(crate) fn unread_raw(&mut self) -> Vec<u8> {
        if self.stages.is_empty() {
            return self.ahead().to_vec();
        }
        let mut rest = match self.consumed_of_block() {
            Ok(used) => self.block[used..].to_vec(),
            // Nothing of the block is consumed: what earlier blocks left pending belongs to it.
            Err(()) => {
                let mut v = self.before_block.first().map(|s| s.pending.clone()).unwrap_or_default();
                v.extend_from_slice(&self.block);
                v
            }
        };
        rest.extend_from_slice(&self.rawq);
        rest
    }

    /// How many bytes of `block` the consumed part of `rbuf` came from; Err if nothing is consumed.
    fn consumed_of_block(&self) -> Result<usize, ()> {
        if self.rpos == 0 {
            return Err(());
        }
        if self.rpos == self.rbuf.len() {
            let pending = self.stages.first().map_or(0, |s| s.pending.len());
            return Ok(self.block.len().saturating_sub(pending));
        }
        // Decodes the block again, byte by byte, until it has given as many characters: exact for every
        // stack of layers, and `tell` is rare.
        let mut stages = self.before_block.clone();
        let (mut got, mut ignore) = (0, Vec::new());
        for (i, b) in self.block.iter().enumerate() {
            got += run_stages(&mut stages, &[*b], false, &mut ignore).len();
            if got >= self.rpos {
                return Ok(i + 1);
            }
        }
        Ok(self.block.len())
    }

    /// Forgets read-ahead, setting the file's own position to where the program is. A pipe or terminal
    /// cannot seek and keeps its buffer.
    pub(crate) fn drop_ahead(&mut self) -> Res<()> {
        let n = self.unread_raw().len() as i64;
        match &mut self.back {
            Backend::Fd(fd) => {
                if n > 0 && fd::seek(*fd, -n, libc::SEEK_CUR).is_err() {
                    return Ok(());
                }
            }
            Backend::Mem { pos, .. } => *pos = pos.saturating_sub(n as u64),
            Backend::Closed => {}
        }
        self.reset_input();
        Ok(())
    }

    fn reset_input(&mut self) {
        self.rbuf.clear();
        self.rpos = 0;
        self.block.clear();
        self.rawq.clear();
        for s in &mut self.stages {
            s.pending.clear();
        }
    }

    /// `tell`: the byte offset in the file of the next character.
    pub fn tell(&mut self) -> Res<u64> {
        let ahead = if self.readable { self.unread_raw().len() as u64 } else { 0 };
        match &self.back {
            Backend::Closed => Err(Errno(libc::EBADF)),
            Backend::Mem { pos, .. } => Ok(pos.saturating_sub(ahead)),
            Backend::Fd(fd) => {
                let fd = *fd;
                if !self.wbuf.is_empty() && fd::status_flags(fd)? & libc::O_APPEND != 0 {
                    self.flush_output()?;
                }
                Ok(fd::seek(fd, 0, libc::SEEK_CUR)?.saturating_sub(ahead) + self.wbuf.len() as u64)
            }
        }
    }

    /// `seek`: flushes, forgets read-ahead, clears the end-of-file mark.
    pub fn seek(&mut self, offset: i64, whence: i32) -> Res<()> {
        let offset = if whence == libc::SEEK_CUR && self.readable {
            offset - self.unread_raw().len() as i64
        } else {
            offset
        };
        self.flush_output()?;
        match &mut self.back {
            Backend::Closed => return Err(Errno(libc::EBADF)),
            Backend::Fd(fd) => {
                fd::seek(*fd, offset, whence)?;
            }
            Backend::Mem { buf, pos, .. } => {
                let base = match whence {
                    libc::SEEK_SET => 0,
                    libc::SEEK_CUR => *pos as i64,
                    libc::SEEK_END => {
                        let mut n = 0;
                        buf.view(&mut |v| n = v.len() as i64);
                        n
                    }
                    _ => return Err(Errno(libc::EINVAL)),
                };
                let to = base.checked_add(offset).and_then(|p| u64::try_from(p).ok());
                *pos = to.ok_or(Errno(libc::EINVAL))?;
            }
        }
        self.reset_input();
        for s in &mut self.stages {
            if offset == 0 && whence == libc::SEEK_SET {
                s.rstate = encoding::State::default();
            }
        }
        self.at_eof = false;
        Ok(())
    }

    /// `sysseek`: the descriptor's own position, past every buffer. Returns the new offset.
    pub fn sysseek(&mut self, offset: i64, whence: i32) -> Res<u64> {
        if self.is_memory() {
            self.seek(offset, whence)?;
            return self.tell();
        }
        fd::seek(self.fd()?, offset, whence)
    }

    /// `eof(FH)`: true if the next read would find nothing. May wait for input.
    pub fn eof(&mut self) -> Res<bool> {
        if !self.can_read() {
            return Ok(true);
        }
        if !self.ahead().is_empty() {
            return Ok(false);
        }
        self.ready_to_read()?;
        match self.consume(&mut |_| 0) {
            Ok(more) => Ok(!more),
            Err(e) if e.is_interrupt() => Err(e),
            Err(_) => Ok(true),
        }
    }

    /// `truncate(FH, LEN)`
    pub fn truncate(&mut self, len: i64) -> Res<()> {
        self.flush_output()?;
        if let Backend::Mem { .. } = self.back {
            return Err(Errno(libc::EBADF));
        }
        fd::truncate(self.fd()?, len)
    }
}
