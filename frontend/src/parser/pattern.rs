//! `m//`, `qr//` and `s///`.
use super::escape::Escape;
use super::expr::{bx, mk};
use super::interp::{Interp, Mode};
use super::*;
use crate::lexer::quote::Delimited;

impl Parser<'_> {
    /// `m`, `qr` (kind `q`) or a bare `/…/`; the position is on the delimiter.
    pub(crate) fn match_op(&mut self, line: u32, kind: u8) -> PResult<Expr> {
        let d = self.delimited(true, "Search pattern")?;
        let mods = self.pattern_mods(kind)?;
        if mods.c && !mods.g {
            self.warn(warn::REGEXP, "Use of /c modifier is meaningless without /g")?;
        }
        let once = d.open == b'?' && kind == b'm';
        let pat = self.pattern(d, mods, line)?;
        self.check_pattern(&pat)?;
        if kind == b'q' {
            return Ok(mk(line, ExprKind::Qr(Box::new(pat))));
        }
        let op = MatchOp { target: None, pat: MatchPat::Literal(pat), negate: false, once };
        Ok(mk(line, ExprKind::Match(Box::new(op))))
    }

    /// Reads modifiers; `kind` is `m`, `q` or `s`.
    fn pattern_mods(&mut self, kind: u8) -> PResult<PatMods> {
        let mut m = PatMods::default();
        while self.lx.cur().is_ascii_alphabetic() {
            let c = self.lx.cur();
            match c {
                b'i' => m.i = true,
                b'm' => m.m = true,
                b's' => m.s = true,
                b'x' => m.x = if m.x == 0 { 1 } else { 2 },
                b'n' => m.n = true,
                b'p' => m.p = true,
                b'o' => m.o = true,
                b'g' if kind != b'q' => m.g = true,
                b'c' if kind != b'q' => m.c = true,
                b'r' if kind == b's' => m.r = true,
                b'e' if kind == b's' => m.e += 1,
                b'a' => {
                    m.charset = match m.charset {
                        Charset::Ascii => Charset::AsciiRestrict,
                        Charset::None => Charset::Ascii,
                        _ => return self.exclusive_mods(m.charset, b'a'),
                    }
                }
                b'd' | b'l' | b'u' => {
                    let new = match c {
                        b'd' => Charset::Depends,
                        b'l' => Charset::Locale,
                        _ => Charset::Unicode,
                    };
                    if m.charset == new {
                        self.error(&format!("Regexp modifier \"/{}\" may not appear twice", c as char))?;
                    } else if m.charset != Charset::None {
                        return self.exclusive_mods(m.charset, c);
                    }
                    m.charset = new;
                }
                _ => {
                    if self.mod_is_word() {
                        break;
                    }
                    self.error_near(&format!("Unknown regexp modifier \"/{}\"", c as char))?;
                }
            }
            self.lx.pos += 1;
        }
        Ok(m)
    }

    /// A word operator glued to the modifiers (`m/x/and …`).
    fn mod_is_word(&self) -> bool {
        let end = self.lx.ident_end(self.lx.pos, false);
        matches!(
            &self.lx.src[self.lx.pos..end],
            b"and"
                | b"or"
                | b"xor"
                | b"if"
                | b"unless"
                | b"while"
                | b"until"
                | b"for"
                | b"foreach"
                | b"cmp"
                | b"eq"
                | b"ne"
                | b"lt"
                | b"gt"
                | b"le"
                | b"ge"
                | b"x"
                | b"isa"
        )
    }

    fn exclusive_mods<T>(&mut self, old: Charset, new: u8) -> PResult<T> {
        let old = match old {
            Charset::Depends => 'd',
            Charset::Locale => 'l',
            Charset::Unicode => 'u',
            _ => 'a',
        };
        let msg = format!("Regexp modifiers \"/{old}\" and \"/{}\" are mutually exclusive", new as char);
        self.error(&msg)?;
        Err(Abort)
    }

    /// Turns a delimited pattern into its parts.
    fn pattern(&mut self, d: Delimited, mods: PatMods, line: u32) -> PResult<Pattern> {
        let mods = self.default_mods(mods);
        let mut pat = Pattern { parts: Vec::new(), mods, delim: d.open, line, has_code: false, scope: None };
        if d.open == b'\'' && !contains_code(&d.body) {
            let named = d.body.windows(3).any(|w| w == b"\\N{");
            let lit = if named { self.names_only(d.body, d.line)? } else { self.pstr(&d.body) };
            if !lit.bytes.is_empty() {
                pat.parts.push(PatPart::Lit(lit));
            }
            return Ok(pat);
        }
        let mode = Mode::Pattern { x: mods.x > 0 };
        let interesting = |c: &u8| matches!(c, b'$' | b'@' | b'\\' | b'(');
        if !d.body.iter().any(interesting) && !self.hints.has(HINT_NEW_RE) {
            if !d.body.is_empty() {
                let lit = self.pstr(&d.body);
                pat.parts.push(PatPart::Lit(lit));
            }
            return Ok(pat);
        }
        let (parts, mut code) = self.interpolate_with_code(d.body, d.line, mode)?;
        pat.has_code = !code.is_empty();
        for (i, mut e) in parts.into_iter().enumerate() {
            if code.first().is_some_and(|(at, _)| *at == i) {
                pat.parts.push(code.remove(0).1);
                continue;
            }
            pat.parts.push(match e.take() {
                ExprKind::Str(s) => PatPart::Lit(s),
                kind => PatPart::Expr(mk(e.line, kind)),
            });
        }
        if self.hints.has(HINT_RE_EVAL) && pat.parts.iter().any(|p| matches!(p, PatPart::Expr(_))) {
            pat.scope = Some(self.eval_scope());
        }
        Ok(pat)
    }

    /// Adds what `use re '/flags'` and `use re 'strict'` set for the scope.
    fn default_mods(&self, mut m: PatMods) -> PatMods {
        if !self.hints.has(HINT_RE_FLAGS) {
            return m;
        }
        let number = |key| match self.hints.lookup(key) {
            Some(HintVal::Int(n)) => Some(*n),
            Some(HintVal::Str(s)) => std::str::from_utf8(&s.bytes).ok()?.parse().ok(),
            _ => None,
        };
        let bits = number("reflags").unwrap_or(0);
        m.m |= bits & 1 != 0;
        m.s |= bits & 2 != 0;
        m.i |= bits & 4 != 0;
        m.x = m.x.max(if bits & 16 != 0 { 2 } else { u8::from(bits & 8 != 0) });
        m.n |= bits & 32 != 0;
        m.p |= bits & 64 != 0;
        m.strict = bits & 1024 != 0;
        if m.charset == Charset::None {
            m.charset = match number("reflags_charset") {
                Some(0) => Charset::Depends,
                Some(1) => Charset::Locale,
                Some(2) => Charset::Unicode,
                Some(3) => Charset::Ascii,
                Some(4) => Charset::AsciiRestrict,
                _ => Charset::None,
            };
        }
        m
    }

    /// An expression whose value is a pattern.
    pub(crate) fn value_pattern(&mut self, e: Expr) -> MatchPat {
        if !self.hints.has(HINT_RE_EVAL) && !self.hints.has(HINT_RE_FLAGS) {
            return MatchPat::Expr(e);
        }
        let mods = self.default_mods(PatMods::default());
        let scope = self.hints.has(HINT_RE_EVAL).then(|| self.eval_scope());
        let line = e.line;
        MatchPat::Literal(Pattern {
            parts: vec![PatPart::Expr(e)],
            mods,
            delim: 0,
            line,
            has_code: false,
            scope,
        })
    }

    /// The code blocks of a pattern text, as a program that gives a list: for each block the offset of its
    /// `{`, its length, and a closure.
    pub(super) fn pattern_code(&mut self, x: bool) -> PResult<Vec<Expr>> {
        let mut items = Vec::new();
        let mut in_class = false;
        while !self.lx.eof() {
            match self.lx.cur() {
                b'\\' => self.lx.pos += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'#' if x && !in_class => {
                    self.lx.pos = crate::lexer::memchr_newline(&self.lx.src, self.lx.pos)
                }
                b'(' if !in_class => {
                    if self.lx.looking_at("(?#") {
                        let n = self.lx.rest().iter().position(|&c| c == b')');
                        self.lx.pos += n.unwrap_or(self.lx.rest().len());
                    } else if let Some((kind, brace)) = self.code_start() {
                        let line = self.line();
                        self.lx.pos += brace;
                        let at = self.lx.pos;
                        let sub = self.regex_code(line, kind)?;
                        let len = self.lx.pos - at;
                        self.code_end()?;
                        items.push(mk(line, ExprKind::Int(at as i64)));
                        items.push(mk(line, ExprKind::Int(len as i64)));
                        items.push(mk(line, ExprKind::AnonSub(sub)));
                        continue;
                    }
                }
                _ => {}
            }
            self.lx.pos = (self.lx.pos + 1).min(self.lx.src.len());
        }
        Ok(items)
    }

    /// Does a code block start here? Its kind, and how far away its brace is.
    fn code_start(&self) -> Option<(PatCode, usize)> {
        if self.lx.looking_at("(?{") {
            Some((PatCode::Run, 2))
        } else if self.lx.looking_at("(??{") {
            Some((PatCode::Postponed, 3))
        } else if self.lx.looking_at("(*{") {
            Some((PatCode::Optimistic, 2))
        } else if self.lx.looking_at("(**{") {
            Some((PatCode::Postponed, 3))
        } else {
            None
        }
    }

    fn code_end(&mut self) -> PResult {
        if self.lx.cur() != b')' {
            return self.fatal("Sequence (?{...}) not terminated with ')'");
        }
        Ok(())
    }

    /// A pattern without interpolation: only `\N{name}` is replaced.
    fn names_only(&mut self, body: Vec<u8>, line: u32) -> PResult<PStr> {
        self.within(body, line, |p| {
            let mut it = Interp::new(Mode::Pattern { x: false }, line);
            while !p.lx.eof() {
                if p.lx.cur() == b'\\' && p.name_known()? {
                    p.pattern_escape(&mut it)?;
                } else if p.lx.cur() == b'\\' {
                    p.copy_raw(&mut it, (p.lx.pos + 2).min(p.lx.src.len()));
                } else {
                    p.copy_raw(&mut it, p.lx.pos + 1);
                }
            }
            Ok(PStr::new(it.piece.bytes, it.piece.utf8))
        })
    }

    /// Is this no `\N{name}`, or one of a known character? (What is not known is the pattern compiler's to say.)
    fn name_known(&mut self) -> PResult<bool> {
        let Some(rest) = self.lx.rest().strip_prefix(b"\\N{") else { return Ok(true) };
        let Some(n) = rest.iter().position(|&c| c == b'}') else { return Ok(false) };
        let name = String::from_utf8_lossy(rest[..n].trim_ascii()).into_owned();
        let quantifier = name.bytes().all(|c| c.is_ascii_digit() || matches!(c, b',' | b' '));
        if quantifier || name.starts_with("U+") {
            return Ok(false);
        }
        Ok(self.with_ctx(|host, ctx| host.charname(&name, ctx), None)?.is_some())
    }

    /// A backslash in a pattern: kept for the regex compiler, except `\N{name}`.
    pub(crate) fn pattern_escape(&mut self, it: &mut Interp) -> PResult {
        if self.lx.peek(1) == b'N' && self.lx.peek(2) == b'{' {
            let inside = &self.lx.src[self.lx.pos + 3..];
            let quantifier = inside.iter().position(|&c| c == b'}').is_some_and(|n| {
                n > 0 && inside[..n].iter().all(|c| c.is_ascii_digit() || matches!(c, b',' | b' '))
            });
            if let Some(hex) = inside.strip_prefix(b"U+")
                && let Some(n) = hex.iter().position(|&c| c == b'}')
                && !is_code_points(&hex[..n])
            {
                self.error_within("Invalid hexadecimal number in \\N{U+...}")?;
                self.lx.pos += n + 6;
                // something in its place: the rest of the pattern is not at fault
                it.piece.octet(0);
                return Ok(());
            }
            if !quantifier && !inside.starts_with(b"U+") {
                self.lx.pos += 1;
                if let Escape::Chars(s) = self.escape()? {
                    let points: Vec<String> =
                        s.to_text().chars().map(|c| format!("{:X}", c as u32)).collect();
                    let prefix = if points.is_empty() { "" } else { "U+" };
                    for b in format!("\\N{{{prefix}{}}}", points.join(".")).bytes() {
                        it.piece.octet(b);
                    }
                }
                return Ok(());
            }
        }
        let n = crate::lexer::decode(&self.lx.src[(self.lx.pos + 1).min(self.lx.src.len())..])
            .map_or(1, |(_, n)| if self.utf8() { n } else { 1 });
        let end = self.lx.pos + 1 + n;
        self.copy_raw(it, end);
        Ok(())
    }

    /// `(` in a pattern: comments are skipped over, code blocks parsed. True if something was consumed.
    pub(crate) fn pattern_group(&mut self, it: &mut Interp) -> PResult<bool> {
        if self.lx.looking_at("(?#") {
            let n = self.lx.rest().iter().position(|&c| c == b')').map_or(self.lx.rest().len(), |n| n + 1);
            let end = self.lx.pos + n;
            self.copy_raw(it, end);
            return Ok(true);
        }
        let Some((kind, brace)) = self.code_start() else { return Ok(false) };
        self.flush(it)?;
        let start = self.lx.pos;
        let line = self.line();
        self.lx.pos += brace;
        let written = self.lx.src.clone();
        let sub = self.regex_code(line, kind)?;
        self.code_end()?;
        self.lx.pos += 1;
        // The text as written, with the heredocs that have been cut out of it.
        let end = match &self.lx.src[start..self.lx.pos] {
            now if written[start..].starts_with(now) => self.lx.pos,
            _ => self.lx.pos + (written.len() - self.lx.src.len()),
        };
        let text = self.pstr(&written[start..end]);
        if let Some(f) = it.frames.last_mut() {
            let index = f.parts.len();
            f.parts.push(mk(line, ExprKind::Str(text.clone())));
            it.code.push((index, PatPart::Code { text, kind, sub }));
        }
        Ok(true)
    }

    /// The block of `(?{ … })`, compiled as a closure.
    fn regex_code(&mut self, line: u32, kind: PatCode) -> PResult<Rc<SubDef>> {
        self.push_unit(SubKind::RegexCode);
        self.unit().in_sub = false;
        let hints = self.hints.clone();
        self.push_scope();
        self.lx.pos += 1;
        self.lx.brackets += 1;
        let stmts = self.statements(false)?;
        let end_line = self.line();
        self.lx.skip_space();
        if self.lx.eof() {
            return self.missing_bracket();
        }
        self.lx.brackets -= 1;
        if self.lx.cur() != b'}' {
            return self.syntax_error();
        }
        self.lx.pos += 1;
        let lexicals = self.pop_scope();
        let mut body = Block { stmts, lexicals, line, end_line };
        if kind == PatCode::Postponed && self.hints.has(HINT_RE_EVAL) {
            // The value is compiled here, where code blocks in it see the scope.
            let MatchPat::Literal(pat) = self.value_pattern(mk(line, ExprKind::DoBlock(body))) else {
                return self.fatal("panic: pattern of a code block");
            };
            let (cop, kind) = (self.cop(line), StmtKind::Expr(mk(line, ExprKind::Qr(Box::new(pat)))));
            let stmts = vec![Stmt { cop, labels: Vec::new(), kind }];
            body = Block { stmts, lexicals: Vec::new(), line, end_line };
        }
        let unit = self.pop_unit();
        let mut def = self.sub_def(unit, None, line);
        def.body = Some(body);
        def.hints = hints;
        Ok(Rc::new(def))
    }

    /// `s///`; the position is on the first delimiter.
    pub(crate) fn subst_op(&mut self, line: u32) -> PResult<Expr> {
        let d = self.delimited(true, "Substitution pattern")?;
        let second = self.second_part(&d, "Substitution replacement")?;
        let mods = self.pattern_mods(b's')?;
        let pat = self.pattern(d, mods, line)?;
        if mods.c {
            self.warn(warn::REGEXP, "Use of /c modifier is meaningless in s///")?;
        }
        let repl = if mods.e > 0 {
            self.subst_code(second, mods.e)?
        } else if second.open == b'\'' {
            mk(second.line, ExprKind::Str(self.pstr(&second.body)))
        } else {
            let second = self.backslash_groups(second)?;
            self.double_quoted(second, line)?
        };
        self.check_pattern(&pat)?;
        let op = SubstOp { target: None, pat, repl, negate: false };
        Ok(mk(line, ExprKind::Subst(Box::new(op))))
    }

    /// `\1` in a replacement stands for `$1`.
    fn backslash_groups(&mut self, mut d: Delimited) -> PResult<Delimited> {
        let mut i = 0;
        while i + 1 < d.body.len() {
            if d.body[i] != b'\\' {
                i += 1;
                continue;
            }
            let c = d.body[i + 1];
            if matches!(c, b'1'..=b'9') && !d.body.get(i + 2).is_some_and(u8::is_ascii_digit) {
                d.body[i] = b'$';
                let c = c as char;
                self.warn(warn::SYNTAX, &format!("\\{c} better written as ${c}"))?;
            }
            i += 2;
        }
        Ok(d)
    }

    fn subst_code(&mut self, d: Delimited, evals: u8) -> PResult<Expr> {
        let line = d.line;
        let block = self.within(d.body, d.line, |p| {
            p.push_scope();
            let stmts = p.statements(false)?;
            p.lx.skip_space();
            if p.lx.cur() == b'}' {
                return p.fatal("Bad evalled substitution pattern");
            }
            if !p.lx.eof() {
                return p.syntax_error();
            }
            let end_line = p.line();
            let lexicals = p.pop_scope();
            Ok(Block { stmts, lexicals, line, end_line })
        })?;
        let mut e = mk(line, ExprKind::DoBlock(block));
        for _ in 1..evals {
            let scope = self.eval_scope();
            e = mk(
                line,
                ExprKind::EvalStr(Box::new(EvalStr { text: e, bytes: false, scope, from_subst: true })),
            );
        }
        Ok(e)
    }

    /// The second part of `s` and `tr`: after brackets it has delimiters of its own.
    pub(super) fn second_part(&mut self, first: &Delimited, what: &str) -> PResult<Delimited> {
        if first.open == first.close {
            self.lx.pos -= 1;
            // A multi-byte delimiter ends with the byte the first part stopped at.
            while self.lx.cur() & 0xc0 == 0x80 && self.utf8() {
                self.lx.pos -= 1;
            }
        } else {
            self.lx.skip_space();
        }
        self.delimited(false, what)
    }

    /// `=~ EXPR` targets and `split` need a pattern from an expression.
    pub(crate) fn expr_pattern(&mut self, e: Expr) -> Expr {
        let line = e.line;
        let op = MatchOp { target: None, pat: self.value_pattern(e), negate: false, once: false };
        mk(line, ExprKind::Match(Box::new(op)))
    }

    /// Wraps an expression as an argument in scalar context.
    pub(crate) fn scalar_arg(&self, e: Expr) -> Expr {
        let line = e.line;
        match &e.kind {
            ExprKind::Lex { sigil: Sigil::Scalar, .. }
            | ExprKind::Pkg { sigil: Sigil::Scalar, .. }
            | ExprKind::Str(_)
            | ExprKind::Int(_)
            | ExprKind::Num(_)
            | ExprKind::Interp(_)
            | ExprKind::Elem { .. }
            | ExprKind::HElem { .. } => e,
            _ => mk(line, ExprKind::Func { func: Func::Scalar, args: vec![*bx(e)], parens: true }),
        }
    }
}

/// Hexadecimal numbers joined by `.`, their digits perhaps by single `_`.
fn is_code_points(text: &[u8]) -> bool {
    text.split(|&c| c == b'.' || c == b'_').all(|d| !d.is_empty() && d.iter().all(u8::is_ascii_hexdigit))
}

fn contains_code(body: &[u8]) -> bool {
    body.windows(3).any(|w| matches!(w, b"(?{" | b"(??" | b"(*{" | b"(**"))
}
