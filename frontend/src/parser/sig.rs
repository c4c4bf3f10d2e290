//! Signatures.
use super::*;

impl Parser<'_> {
    /// `( $x, $y = 1, @rest )`; the position is on the parenthesis.
    pub(crate) fn signature(&mut self) -> PResult<Signature> {
        self.lx.token_start();
        // Where the delimiter in front of the parameter is.
        let mut from = self.lx.pos;
        self.lx.pos += 1;
        let mut sig = Signature { params: Vec::new(), slurpy: None, required: 0 };
        loop {
            self.lx.skip_space();
            let line = self.line();
            let c = self.lx.cur();
            self.lx.token_start();
            if matches!(c, b'$' | b'@' | b'%') {
                self.check_sig_sigil(from)?;
            }
            match c {
                b')' => {
                    self.lx.pos += 1;
                    break;
                }
                b'$' => {
                    self.lx.pos += 1;
                    let idx = self.sig_name('$')?;
                    let default = self.sig_default()?;
                    self.intro();
                    if sig.slurpy.is_some() {
                        self.error_near("Slurpy parameter not last")?;
                    }
                    match &default {
                        None if sig.params.iter().any(|p| p.default.is_some()) && sig.slurpy.is_none() => {
                            self.error_near("Mandatory parameter follows optional parameter")?;
                        }
                        None => sig.required += 1,
                        Some(d) if d.expr.is_none() && idx.is_some() => {
                            self.error_near("Optional parameter lacks default expression")?;
                        }
                        Some(_) => {}
                    }
                    sig.params.push(SigParam { idx, default, line });
                }
                b'@' | b'%' => {
                    self.lx.pos += 1;
                    let idx = self.sig_name(c as char)?;
                    self.intro();
                    if self.sig_default()?.is_some() {
                        self.error_near("A slurpy parameter may not have a default value")?;
                    } else if sig.slurpy.is_some() {
                        self.error_near("Multiple slurpy parameters not allowed")?;
                    }
                    let sigil = if c == b'@' { Sigil::Array } else { Sigil::Hash };
                    sig.slurpy = Some((sigil, idx));
                }
                b',' => return self.syntax_error(),
                _ => {
                    let seen = self.near_from(from, self.lx.pos + 1);
                    self.queue_near("A signature parameter must start with '$', '@' or '%'", &seen)?;
                    // What no token begins with is not looked at any further.
                    if !c.is_ascii() && !self.lx.ident_at(self.lx.pos, self.utf8()) {
                        self.queue_near("syntax error", &seen)?;
                        return self.syntax_abort();
                    }
                    return self.syntax_error();
                }
            }
            self.lx.skip_space();
            match self.lx.cur() {
                b',' => {
                    from = self.lx.pos;
                    while self.comma() {}
                }
                b')' => {}
                _ => {
                    let end = self.offending_end();
                    let seen = self.near_from(from, end);
                    self.queue_near("Illegal operator following parameter in a subroutine signature", &seen)?;
                    self.queue_near("syntax error", &seen)?;
                    return self.syntax_abort();
                }
            }
        }
        self.unit().uses_args = true;
        Ok(sig)
    }

    /// What stands right behind the sigil of a parameter; `from` is the delimiter in front of it.
    fn check_sig_sigil(&mut self, from: usize) -> PResult {
        let p = self.lx.pos + 1;
        let next = self.lx.at(p);
        if next == b'#' {
            let seen = self.near_from(from, p);
            let msg = "'#' not allowed immediately following a sigil in a subroutine signature";
            self.queue_near(msg, &seen)?;
            return self.syntax_error();
        }
        let fine = self.lx.ident_at(p, self.utf8())
            || crate::lexer::is_space(next)
            || matches!(next, b',' | b')' | b'=' | b'/' | b'|' | 0);
        if fine {
            return Ok(());
        }
        let seen = self.near_from(from, p);
        self.queue_near("Illegal character following sigil in a subroutine signature", &seen)?;
        self.lx.pos += 1;
        self.syntax_error()
    }

    fn sig_name(&mut self, sigil: char) -> PResult<Option<PadIdx>> {
        let utf8 = self.utf8();
        self.lx.skip_space();
        if !self.lx.ident_at(self.lx.pos, utf8) {
            return Ok(None);
        }
        let end = self.lx.ident_end(self.lx.pos, utf8);
        let name = String::from_utf8_lossy(&self.lx.src[self.lx.pos..end]).into_owned();
        self.lx.pos = end;
        if name == "_" {
            return self.fatal(&format!("Can't use global {sigil}_ in subroutine signature"));
        }
        self.declare(&format!("{sigil}{name}"), PadKind::My).map(Some)
    }

    /// `=`, `//=` or `||=` before the default of a parameter or field, and its length.
    pub(super) fn default_operator(&self) -> Option<(DefaultWhen, usize)> {
        if self.lx.looking_at("//=") {
            Some((DefaultWhen::Undef, 3))
        } else if self.lx.looking_at("||=") {
            Some((DefaultWhen::False, 3))
        } else if self.lx.cur() == b'=' {
            Some((DefaultWhen::Missing, 1))
        } else {
            None
        }
    }

    fn sig_default(&mut self) -> PResult<Option<SigDefault>> {
        self.lx.skip_space();
        let Some((when, len)) = self.default_operator() else { return Ok(None) };
        self.lx.token_start();
        self.lx.pos += len;
        self.lx.skip_space();
        let expr = if matches!(self.lx.cur(), b',' | b')') { None } else { Some(self.assign_expr()?) };
        Ok(Some(SigDefault { when, expr }))
    }
}
