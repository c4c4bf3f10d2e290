//! Signatures.
use super::*;

impl Parser<'_> {
    /// `( $x, $y = 1, @rest )`; the position is on the parenthesis.
    pub(crate) fn signature(&mut self) -> PResult<Signature> {
        self.lx.token_start();
        self.lx.pos += 1;
        let mut sig = Signature { params: Vec::new(), slurpy: None, required: 0 };
        loop {
            self.lx.skip_space();
            let line = self.line();
            let c = self.lx.cur();
            match c {
                b')' => {
                    self.lx.pos += 1;
                    break;
                }
                b'$' => {
                    if sig.slurpy.is_some() {
                        return self.fatal("Slurpy parameter not last");
                    }
                    self.lx.pos += 1;
                    let idx = self.sig_name('$')?;
                    let default = self.sig_default()?;
                    self.intro();
                    if default.is_none() {
                        if sig.params.iter().any(|p| p.default.is_some()) {
                            return self.fatal("Mandatory parameter follows optional parameter");
                        }
                        sig.required += 1;
                    }
                    sig.params.push(SigParam { idx, default, line });
                }
                b'@' | b'%' => {
                    if sig.slurpy.is_some() {
                        return self.fatal("Multiple slurpy parameters not allowed");
                    }
                    self.lx.pos += 1;
                    let idx = self.sig_name(c as char)?;
                    self.intro();
                    if self.next_is(b'=') {
                        return self.fatal("A slurpy parameter may not have a default value");
                    }
                    let sigil = if c == b'@' { Sigil::Array } else { Sigil::Hash };
                    sig.slurpy = Some((sigil, idx));
                }
                _ => {
                    return self.fatal("A signature parameter must start with '$', '@' or '%'");
                }
            }
            self.lx.skip_space();
            match self.lx.cur() {
                b',' => while self.comma() {},
                b')' => {}
                _ => return self.syntax_error(),
            }
        }
        self.unit().uses_args = true;
        Ok(sig)
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

    fn sig_default(&mut self) -> PResult<Option<SigDefault>> {
        self.lx.skip_space();
        let (when, len) = if self.lx.looking_at("//=") {
            (DefaultWhen::Undef, 3)
        } else if self.lx.looking_at("||=") {
            (DefaultWhen::False, 3)
        } else if self.lx.cur() == b'=' {
            (DefaultWhen::Missing, 1)
        } else {
            return Ok(None);
        };
        self.lx.pos += len;
        self.lx.skip_space();
        let expr = if matches!(self.lx.cur(), b',' | b')') { None } else { Some(self.assign_expr()?) };
        Ok(Some(SigDefault { when, expr }))
    }
}
