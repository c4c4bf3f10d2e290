//! `tr///`.
use super::escape::Escape;
use super::expr::mk;
use super::*;
use crate::lexer::quote::Delimited;

impl Parser<'_> {
    /// `tr///`; the position is on the first delimiter.
    pub(crate) fn trans_op(&mut self, line: u32) -> PResult<Expr> {
        let d = self.delimited(false, "Transliteration pattern")?;
        let second = self.second_part(&d, "Transliteration replacement")?;
        let (mut complement, mut delete, mut squeeze, mut keep) = (false, false, false, false);
        loop {
            match self.lx.cur() {
                b'c' => complement = true,
                b'd' => delete = true,
                b's' => squeeze = true,
                b'r' => keep = true,
                _ => break,
            }
            self.lx.pos += 1;
        }
        let raw = |d: &Delimited| d.open == b'\'';
        let (raw1, raw2) = (raw(&d), raw(&second));
        let (search, u1) = self.trans_list(d.body, d.line, raw1)?;
        let (replace, u2) = self.trans_list(second.body, second.line, raw2)?;
        let identical = !delete && (replace.is_empty() || replace == search) && !complement
            || !delete && replace.is_empty();
        let op = TransOp {
            target: None,
            search,
            replace,
            complement,
            delete,
            squeeze,
            keep,
            negate: false,
            identical,
            utf8: u1 || u2,
        };
        Ok(mk(line, ExprKind::Trans(Box::new(op))))
    }

    /// One list of `tr`: code-point ranges in order.
    fn trans_list(&mut self, body: Vec<u8>, line: u32, raw: bool) -> PResult<(Vec<(u64, u64)>, bool)> {
        self.within(body, line, |p| {
            let mut out: Vec<(u64, u64)> = Vec::new();
            let mut utf8 = false;
            let mut pending_range = false;
            while !p.lx.eof() {
                if p.lx.cur() == b'-' && !pending_range && !out.is_empty() && p.lx.peek(1) != 0 && !raw_end(p)
                {
                    pending_range = true;
                    p.lx.pos += 1;
                    continue;
                }
                let start = p.lx.pos;
                let mut points = Vec::new();
                p.trans_char(raw, &mut points, &mut utf8)?;
                let _ = start;
                for cp in points {
                    if pending_range && let Some(last) = out.last_mut() {
                        pending_range = false;
                        if cp < last.1 {
                            let show = |c: u64| char::from_u32(c as u32).unwrap_or('?');
                            let msg = format!(
                                "Invalid range \"{}-{}\" in transliteration operator",
                                show(last.1),
                                show(cp)
                            );
                            return p.fatal(&msg);
                        }
                        if last.0 == last.1 {
                            last.1 = cp;
                        } else {
                            let from = last.1;
                            out.push((from + 1, cp));
                        }
                        // A finished range does not start another.
                        if p.lx.cur() == b'-' && p.lx.peek(1) != 0 {
                            let msg = "Ambiguous range in transliteration operator";
                            return p.fatal(msg);
                        }
                        continue;
                    }
                    out.push((cp, cp));
                }
            }
            Ok((out, utf8))
        })
    }

    fn trans_char(&mut self, raw: bool, out: &mut Vec<u64>, utf8: &mut bool) -> PResult {
        let c = self.lx.cur();
        if c == b'\\' && !raw && self.lx.pos + 1 < self.lx.src.len() {
            self.lx.pos += 1;
            match self.escape()? {
                Escape::Point(p) => out.push(p),
                Escape::Chars(s) => {
                    *utf8 = true;
                    out.extend(s.to_text().chars().map(|c| u64::from(u32::from(c))));
                }
                Escape::Literal => self.trans_plain(out, utf8),
            }
            return Ok(());
        }
        if c == b'\\' && raw && self.lx.peek(1) == b'\\' {
            self.lx.pos += 1;
        }
        self.trans_plain(out, utf8);
        Ok(())
    }

    fn trans_plain(&mut self, out: &mut Vec<u64>, utf8: &mut bool) {
        let c = self.lx.cur();
        if c >= 0x80
            && self.utf8()
            && let Some((ch, n)) = crate::lexer::decode(self.lx.rest())
        {
            *utf8 = true;
            out.push(u64::from(u32::from(ch)));
            self.lx.pos += n;
            return;
        }
        out.push(u64::from(c));
        self.lx.pos += 1;
    }
}

/// A `-` at the very end of a list is a character.
fn raw_end(p: &Parser<'_>) -> bool {
    p.lx.pos + 1 >= p.lx.src.len()
}
