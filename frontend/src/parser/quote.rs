//! Quote-like operators: strings, words, commands, heredocs and `<…>`.
use super::expr::{bx, mk};
use super::*;
use crate::lexer::quote::Delimited;

impl Parser<'_> {
    /// Reads delimited text or reports the missing terminator.
    pub(crate) fn delimited(&mut self, keep: bool, what: &str) -> PResult<Delimited> {
        let line = self.line();
        let utf8 = self.utf8();
        self.lint_delimiter()?;
        match self.lx.delimited(keep, utf8, self.feature(Feature::MoreDelims)) {
            Ok(d) => Ok(d),
            Err(close) => {
                let close = self.excerpt(&close);
                let msg = match what {
                    "string" => {
                        let q = if close == "\"" { '\'' } else { '"' };
                        format!("Can't find string terminator {q}{close}{q} anywhere before EOF")
                    }
                    w => format!("{w} not terminated"),
                };
                self.fatal_at(&msg, line)
            }
        }
    }

    /// A delimiter that is to become a bracket (or is the wrong side of one).
    fn lint_delimiter(&mut self) -> PResult {
        let utf8 = self.utf8();
        let (open, _) = self.lx.delimiter_at(self.lx.pos, utf8);
        if open[0] < 0x80 || !crate::lexer::pairs::is_paired(&open, utf8) {
            return Ok(());
        }
        let shown = self.excerpt(&open);
        if self.feature(Feature::MoreDelims) && crate::lexer::pairs::closing(&open, utf8).is_some() {
            let msg = format!("Use of '{shown}' is experimental as a string delimiter");
            return self.warn_default(warn::EXPERIMENTAL_EXTRA_PAIRED_DELIMITERS, &msg);
        }
        let msg = format!("Use of '{shown}' is deprecated as a string delimiter");
        self.warn_default(warn::DEPRECATED_DELIMITER_WILL_BE_PAIRED, &msg)
    }

    /// `"…"`, `'…'`, `` `…` `` or `/…/` at the current position.
    pub(crate) fn bare_quote(&mut self) -> PResult<Expr> {
        let line = self.line();
        match self.lx.cur() {
            b'"' => {
                let d = self.delimited(false, "string")?;
                self.double_quoted(d, line)
            }
            b'\'' => {
                let d = self.delimited(false, "string")?;
                self.single_quoted(&d, line)
            }
            b'`' => {
                let d = self.delimited(false, "string")?;
                let text = self.double_quoted(d, line)?;
                Ok(self.backtick(text, line))
            }
            _ => self.match_op(line, b'm'),
        }
    }

    /// A command to run; an imported `readpipe` or `CORE::GLOBAL::readpipe` may do it instead.
    fn backtick(&mut self, text: Expr, line: u32) -> Expr {
        match self.overrider("readpipe") {
            Some(name) => self.plain_call(name, vec![text], line),
            None => mk(line, ExprKind::Backtick(bx(text))),
        }
    }

    /// `<FH>`; an imported `readline` or `CORE::GLOBAL::readline` may do it instead.
    fn read_line(&mut self, handle: Expr, line: u32) -> Expr {
        match self.overrider("readline") {
            Some(name) => self.plain_call(name, vec![handle], line),
            None => mk(line, ExprKind::ReadLine { handle: bx(handle), safe_argv: false }),
        }
    }

    /// The sub that stands for a builtin written without its name.
    pub(crate) fn overrider(&mut self, builtin: &str) -> Option<Name> {
        let own = format!("{}::{builtin}", self.package);
        if self.host.sub_info(&own).is_some_and(|s| s.imported) {
            return Some(own.as_str().into());
        }
        self.host.core_global(builtin).map(|_| format!("CORE::GLOBAL::{builtin}").into())
    }

    /// A call of that sub, whatever its prototype.
    pub(crate) fn plain_call(&self, name: Name, args: Vec<Expr>, line: u32) -> Expr {
        let callee = mk(line, ExprKind::Pkg { sigil: Sigil::Code, name });
        mk(line, ExprKind::Call(Box::new(CallOp { callee, args, amp: false, inherit_args: false })))
    }

    pub(crate) fn double_quoted(&mut self, d: Delimited, line: u32) -> PResult<Expr> {
        let parts = self.interpolate(d.body, d.line, interp::Mode::Qq)?;
        Ok(interp::join_parts(parts, line))
    }

    pub(crate) fn single_quoted(&mut self, d: &Delimited, line: u32) -> PResult<Expr> {
        let mut out = Vec::with_capacity(d.body.len());
        let mut i = 0;
        while i < d.body.len() {
            if d.body[i] == b'\\' && d.body.get(i + 1) == Some(&b'\\') {
                i += 1;
            }
            out.push(d.body[i]);
            i += 1;
        }
        let value = self.pstr(&out);
        self.string_constant(value, &d.body, "q", line)
    }

    /// A constant piece of text, unless `overload::constant` claims it.
    pub(crate) fn string_constant(
        &mut self,
        value: PStr,
        source: &[u8],
        mode: &'static str,
        line: u32,
    ) -> PResult<Expr> {
        if self.hints.has(HINT_NEW_STRING) {
            let source = self.pstr(source);
            if let Some(c) = self.claimed_constant(ConstKind::String(mode), &source, &value)? {
                return Ok(mk(line, ExprKind::HostConst(c)));
            }
        }
        Ok(mk(line, ExprKind::Str(value)))
    }

    /// After a quote word (`q`, `qq`, `m`, …): is a delimiter next? Skips the space in front of it.
    fn quote_delimiter(&mut self) -> bool {
        let save = self.lx.pos;
        let glued = self.lx.cur() == b'#';
        if !glued {
            self.lx.skip_space();
        }
        let (c, n) = (self.lx.cur(), self.lx.peek(1));
        let spaced = self.lx.pos != save;
        let is_word = self.lx.ident_len(self.lx.pos, false, self.utf8()) > 0;
        if self.lx.eof() || (c == b'=' && n == b'>') || (is_word && !spaced) {
            self.lx.pos = save;
            return false;
        }
        true
    }

    /// The quote operator named by `word`, which was just consumed; `None` if it is an ordinary word here.
    pub(crate) fn quote_op(&mut self, word: &str, line: u32) -> PResult<Option<Expr>> {
        if !matches!(word, "q" | "qq" | "qw" | "qx" | "qr" | "m" | "s" | "y" | "tr") {
            return Ok(None);
        }
        if !self.quote_delimiter() {
            let save = self.lx.pos;
            self.lx.skip_space();
            if !self.lx.eof() {
                self.lx.pos = save;
                return Ok(None);
            }
            // The end of the program counts as a semicolon, which then delimits a string.
            let what = match word {
                "m" | "qr" => "Search pattern",
                "s" => "Substitution pattern",
                "y" | "tr" => "Transliteration pattern",
                _ => return self.fatal_at("Can't find string terminator \";\" anywhere before EOF", line),
            };
            return self.fatal_at(&format!("{what} not terminated"), line);
        }
        Ok(Some(match word {
            "q" => {
                let d = self.delimited(false, "string")?;
                self.single_quoted(&d, line)?
            }
            "qq" => {
                let d = self.delimited(false, "string")?;
                self.double_quoted(d, line)?
            }
            "qw" => {
                let list = self.qw(line)?;
                return self.after_list(list).map(Some);
            }
            "qx" => {
                let d = self.delimited(false, "string")?;
                let text = if d.open == b'\'' {
                    mk(line, ExprKind::Str(self.pstr(&d.body)))
                } else {
                    self.double_quoted(d, line)?
                };
                self.backtick(text, line)
            }
            "qr" => self.match_op(line, b'q')?,
            "m" => self.match_op(line, b'm')?,
            "s" => self.subst_op(line)?,
            _ => self.trans_op(line)?,
        }))
    }

    /// `qw(…)` as a parenthesised list; the position is on the delimiter.
    pub(crate) fn qw(&mut self, line: u32) -> PResult<Expr> {
        let d = self.delimited(false, "string")?;
        let mut items = Vec::new();
        let (mut comma, mut comment) = (false, false);
        for w in d.body.split(|&c| crate::lexer::is_space(c)).filter(|w| !w.is_empty()) {
            comma |= w.len() > 1 && w.ends_with(b",") || w == b",";
            comment |= w.starts_with(b"#");
            let mut out = Vec::with_capacity(w.len());
            let mut i = 0;
            while i < w.len() {
                if w[i] == b'\\' && w.get(i + 1) == Some(&b'\\') {
                    i += 1;
                }
                out.push(w[i]);
                i += 1;
            }
            let value = self.pstr(&out);
            items.push(self.string_constant(value, w, "q", line)?);
        }
        if comma {
            self.warn(warn::QW, "Possible attempt to separate words with commas")?;
        }
        if comment {
            self.warn(warn::QW, "Possible attempt to put comments in qw() list")?;
        }
        Ok(mk(line, ExprKind::List { items, parens: true }))
    }

    /// `<…>` or a heredoc in term position.
    pub(crate) fn angle_term(&mut self) -> PResult<Expr> {
        let line = self.line();
        if self.lx.peek(1) == b'<' {
            if self.lx.looking_at("<<>>") {
                self.lx.pos += 4;
                let handle = mk(line, ExprKind::Pkg { sigil: Sigil::Glob, name: "main::ARGV".into() });
                return Ok(mk(line, ExprKind::ReadLine { handle: bx(handle), safe_argv: true }));
            }
            let utf8 = self.utf8();
            match self.lx.heredoc_tag(utf8) {
                Some(Ok(tag)) => return self.heredoc(&tag, line),
                Some(Err(msg)) => return self.fatal(&msg),
                None => {
                    let q = self.lx.peek(2);
                    if !q.is_ascii_digit() {
                        return self.fatal("Use of bare << to mean <<\"\" is forbidden");
                    }
                }
            }
        }
        self.input_symbol(line)
    }

    fn heredoc(&mut self, tag: &crate::lexer::quote::HeredocTag, line: u32) -> PResult<Expr> {
        let mut level = None;
        if !self.lx.has_next_line() {
            level = (0..self.outer_lx.len()).rev().find(|&i| self.outer_lx[i].has_next_line());
        }
        let taken = match level {
            Some(i) => self.outer_lx[i].take_heredoc(tag),
            None => self.lx.take_heredoc(tag),
        };
        let Some((mut body, body_line, indent)) = taken else {
            let t = self.excerpt(&tag.tag);
            return self.fatal_at(&format!("Can't find string terminator \"{t}\" anywhere before EOF"), line);
        };
        if tag.indent {
            body = match crate::lexer::quote::unindent(&body, &indent) {
                Ok(b) => b,
                Err(n) => {
                    return self.fatal_at(
                        &format!("Indentation on line {n} of here-doc doesn't match delimiter"),
                        line,
                    );
                }
            };
        }
        match tag.quote {
            b'\'' => {
                let value = self.pstr(&body);
                self.string_constant(value, &body, "q", line)
            }
            q => {
                self.heredoc_body = true;
                let parts = self.interpolate(body, body_line, interp::Mode::Qq)?;
                self.heredoc_body = false;
                let text = interp::join_parts(parts, line);
                Ok(if q == b'`' { self.backtick(text, line) } else { text })
            }
        }
    }

    /// `<FH>`, `<$fh>`, `<>`, `<*.c>`
    fn input_symbol(&mut self, line: u32) -> PResult<Expr> {
        let start = self.lx.pos + 1;
        let rest = &self.lx.src[start.min(self.lx.src.len())..];
        let Some(n) = rest.iter().position(|&c| c == b'>') else {
            return self.fatal("Unterminated <> operator");
        };
        let text = rest[..n].to_vec();
        let utf8 = self.utf8();
        let simple_from = usize::from(text.first() == Some(&b'$'));
        let name = &text[simple_from..];
        let is_name =
            name.iter().all(|&c| crate::lexer::is_word(c) || c == b':' || c == b'\'' || (utf8 && c >= 0x80));
        if is_name && (simple_from == 0 || !name.is_empty()) {
            self.lx.pos = start + n + 1;
            let name = String::from_utf8_lossy(name).replace('\'', "::");
            let handle = if simple_from == 1 {
                self.named_var(Sigil::Scalar, &name, line)?
            } else {
                let full =
                    if name.is_empty() { "main::ARGV".into() } else { self.qualify(&name, Sigil::Glob) };
                self.mention_handle(&name, &full);
                mk(line, ExprKind::Pkg { sigil: Sigil::Glob, name: full })
            };
            return Ok(self.read_line(handle, line));
        }
        let Ok(d) = self.lx.delimited(true, utf8, false) else {
            return self.fatal("Glob not terminated");
        };
        let mut parts = self.interpolate(d.body, d.line, interp::Mode::Qq)?;
        // A lone variable is not made a string: it may be an object with `<>`.
        let pattern = if parts.len() == 1 { parts.remove(0) } else { interp::join_parts(parts, line) };
        Ok(mk(line, ExprKind::Glob(bx(pattern))))
    }
}
