//! Patterns without interpolated values are compiled when the program is: their errors and warnings come then.
use super::*;

impl Parser<'_> {
    /// Has the Host compile a complete pattern; says what is wrong with it.
    pub(super) fn check_pattern(&mut self, pat: &Pattern) -> PResult {
        if pat.parts.iter().any(|p| matches!(p, PatPart::Expr(_))) {
            return Ok(());
        }
        let utf8 = pat.parts.iter().any(|p| match p {
            PatPart::Lit(s) | PatPart::Code { text: s, .. } => s.utf8,
            PatPart::Expr(_) => false,
        });
        let mut text = Vec::new();
        let mut blocks = Vec::new();
        for part in &pat.parts {
            match part {
                PatPart::Lit(s) => text.extend_from_slice(&encoded(s, utf8)),
                PatPart::Code { text: s, .. } => {
                    let code = encoded(s, utf8);
                    let brace = code.iter().position(|&c| c == b'{').unwrap_or(0);
                    blocks.push((text.len() + brace, code.len() - brace - 1));
                    text.extend_from_slice(&code);
                }
                PatPart::Expr(_) => {}
            }
        }
        // Plain text cannot be wrong.
        let debug = self.hints.lookup("regcomp").is_some();
        if !debug
            && text
                .iter()
                .all(|&c| c.is_ascii_alphanumeric() || matches!(c, b' ' | b'_' | b'-' | b':' | b'/'))
        {
            return Ok(());
        }
        let (text, flags) = (PStr::new(text, utf8), pat.flags());
        let said = self.with_ctx(|host, ctx| host.check_pattern(&text, flags, &blocks, ctx), None)?;
        for (category, msg) in said.warnings {
            self.warn_bytes(category, &msg)?;
        }
        match said.error {
            Some(msg) => self.fatal_bytes(&msg),
            None => Ok(()),
        }
    }
}

/// The bytes of a part in the encoding of the whole.
fn encoded(s: &PStr, utf8: bool) -> Vec<u8> {
    if s.utf8 || !utf8 { s.bytes.to_vec() } else { s.to_text().into_bytes() }
}
