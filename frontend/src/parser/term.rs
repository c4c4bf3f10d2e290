//! Terms: everything an operator may apply to.
use super::expr::{bx, mk, prec};
use super::*;
use crate::lexer::number::{NumNote, Number};

impl Parser<'_> {
    pub(crate) fn term(&mut self) -> PResult<Expr> {
        self.lx.skip_space();
        self.skip_conflict_markers()?;
        self.lx.token_start();
        let line = self.line();
        match self.lx.cur() {
            b'$' => self.scalar_term(),
            b'@' => self.array_term(),
            b'%' => self.hash_term(),
            b'&' => self.code_term(),
            b'*' => self.glob_term(),
            b'(' => self.paren_term(line),
            b'[' => {
                self.lx.pos += 1;
                let items = self.list_until(b']')?;
                let e = mk(line, ExprKind::AnonArray(items));
                self.postfix(e, false)
            }
            b'{' => {
                let e = self.anon_hash()?;
                self.postfix(e, false)
            }
            b'"' | b'\'' | b'`' | b'/' => {
                let e = self.bare_quote()?;
                self.postfix(e, false)
            }
            b'0'..=b'9' => self.number_term(),
            b'.' if self.lx.peek(1).is_ascii_digit() => self.number_term(),
            b'<' => {
                let e = self.angle_term()?;
                self.postfix(e, false)
            }
            b'-' | b'+' | b'!' | b'~' | b'\\' => self.prec(prec::UNARY),
            _ if self.lx.at_vstring() && !self.sub_named_like_version() => self.number_term(),
            _ if self.lx.ident_at(self.lx.pos, self.utf8()) || self.at_package_sep() => {
                let (e, subscripts) = self.word_term()?;
                self.postfix(e, subscripts)
            }
            _ => self.unrecognized(),
        }
    }

    fn unrecognized(&mut self) -> PResult<Expr> {
        self.refuse_character()?;
        self.syntax_error()
    }

    /// Dies if no token can start with the character here.
    pub(crate) fn refuse_character(&mut self) -> PResult {
        let c = self.lx.cur();
        let odd = c >= 0x7f || c < 0x20 && !matches!(c, 0 | 4 | 26) && !crate::lexer::is_space(c);
        if self.lx.eof() || !odd || self.lx.ident_at(self.lx.pos, self.utf8()) {
            return Ok(());
        }
        let wide = self.utf8().then(|| keshi_text::utf8::at(&self.lx.src, self.lx.pos));
        let shown = match wide {
            Some((ch, n)) if n > 1 => format!("\\x{{{ch:x}}}"),
            _ if !(0x20..0x7f).contains(&c) => format!("\\x{c:02X}"),
            _ => (c as char).to_string(),
        };
        let line_start = self.lx.src[..self.lx.pos].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let before = self.excerpt(&self.lx.src[line_start..self.lx.pos]);
        let column = before.chars().count() + 1;
        // perl shows the last ten characters.
        let before: String = before.chars().skip(column.saturating_sub(11)).collect();
        self.fatal(&format!(
            "Unrecognized character {shown}; marked by <-- HERE after {before}<-- HERE near column {column}"
        ))
    }

    /// Comma list up to the closing bracket, which is consumed.
    pub(crate) fn list_until(&mut self, close: u8) -> PResult<Vec<Expr>> {
        if self.eat(close) {
            return Ok(Vec::new());
        }
        if close == b'}' && self.lx.eof() {
            return self.missing_bracket();
        }
        let depth = self.lx.brackets;
        self.lx.brackets += u32::from(close != b')');
        let e = self.expr()?;
        self.expect(close)?;
        self.lx.brackets = depth;
        Ok(flatten(e))
    }

    fn paren_term(&mut self, line: u32) -> PResult<Expr> {
        self.lx.pos += 1;
        let items = self.list_until(b')')?;
        let list = mk(line, ExprKind::List { items, parens: true });
        self.after_list(list)
    }

    /// `(LIST)[…]`, or the list itself.
    pub(crate) fn after_list(&mut self, list: Expr) -> PResult<Expr> {
        let line = list.line;
        if self.next_is(b'[') {
            let index = bx(self.subscript(b'[')?);
            let e = mk(line, ExprKind::ListSlice { list: bx(list), index });
            return self.postfix(e, true);
        }
        self.postfix(list, false)
    }

    pub(crate) fn anon_hash(&mut self) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos += 1;
        let items = self.list_until(b'}')?;
        Ok(mk(line, ExprKind::AnonHash(items)))
    }

    /// Subscripts, arrows and calls after a term. `subscripts`: the term is an element, so that arrows between
    /// brackets may be left out.
    pub(crate) fn postfix(&mut self, mut e: Expr, mut subscripts: bool) -> PResult<Expr> {
        loop {
            let save = self.lx.pos;
            self.lx.skip_space();
            let line = self.line();
            match self.lx.cur() {
                b'-' if self.lx.peek(1) == b'>' => {
                    self.lx.token_start();
                    self.lx.pos += 2;
                    (e, subscripts) = self.arrow(e, line)?;
                }
                c @ (b'[' | b'{') if subscripts => {
                    let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
                    let base = mk(line, ExprKind::Deref { sigil, expr: bx(e) });
                    e = self.elem_of(base, c, line)?;
                }
                b'(' if subscripts => {
                    e = self.call_value(e, line)?;
                }
                _ => {
                    self.lx.pos = save;
                    return Ok(e);
                }
            }
        }
    }

    /// `EXPR(LIST)`: calls a code reference; the position is on the parenthesis.
    fn call_value(&mut self, code: Expr, line: u32) -> PResult<Expr> {
        self.lx.pos += 1;
        let args = self.list_until(b')')?;
        let callee = mk(line, ExprKind::Deref { sigil: Sigil::Code, expr: bx(code) });
        let call = CallOp { callee, args, amp: true, inherit_args: false };
        Ok(mk(line, ExprKind::Call(Box::new(call))))
    }

    /// What follows `->`. Returns the new term and whether it is subscriptable without an arrow.
    fn arrow(&mut self, e: Expr, line: u32) -> PResult<(Expr, bool)> {
        self.lx.skip_space();
        let deref = |sigil, e| mk(line, ExprKind::Deref { sigil, expr: bx(e) });
        let (c, n) = (self.lx.cur(), self.lx.peek(1));
        match (c, n) {
            (b'[', _) | (b'{', _) => {
                if let (ExprKind::Bareword(s), true) = (&e.kind, self.hints.has(HINT_STRICT_REFS)) {
                    let what = if c == b'[' { "an ARRAY" } else { "a HASH" };
                    let name = s.to_text();
                    return self.fatal(&format!(
                        "Can't use bareword (\"{name}\") as {what} ref while \"strict refs\" in use"
                    ));
                }
                let e = self.bareword_to_str(e);
                let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
                Ok((self.elem_of(deref(sigil, e), c, line)?, true))
            }
            (b'(', _) => Ok((self.call_value(e, line)?, true)),
            (b'@', b'*') => Ok((self.postfix_deref(Sigil::Array, e, line), false)),
            (b'%', b'*') => Ok((self.postfix_deref(Sigil::Hash, e, line), false)),
            (b'$', b'*') => Ok((self.postfix_deref(Sigil::Scalar, e, line), false)),
            (b'&', b'*') => {
                let callee = self.postfix_deref(Sigil::Code, e, line);
                self.unit().uses_args = true;
                let call = CallOp { callee, args: Vec::new(), amp: true, inherit_args: true };
                Ok((mk(line, ExprKind::Call(Box::new(call))), true))
            }
            (b'*', b'*') => Ok((self.postfix_deref(Sigil::Glob, e, line), false)),
            (b'*', b'{') => {
                self.lx.pos += 1;
                let slot = bx(self.subscript(b'{')?);
                Ok((mk(line, ExprKind::GlobSlot { glob: bx(deref(Sigil::Glob, e)), slot }), true))
            }
            (b'$', b'#') if self.lx.peek(2) == b'*' => {
                self.lx.pos += 3;
                Ok((mk(line, ExprKind::ArrayLast(bx(deref(Sigil::Array, e)))), false))
            }
            (b'@', b'[' | b'{') => {
                self.lx.pos += 1;
                let e = self.bareword_to_str(e);
                let sigil = if n == b'[' { Sigil::Array } else { Sigil::Hash };
                Ok((self.slice_of(deref(sigil, e), n, line)?, true))
            }
            (b'%', b'[' | b'{') => {
                self.lx.pos += 1;
                let sigil = if n == b'[' { Sigil::Array } else { Sigil::Hash };
                let base = bx(deref(sigil, e));
                let index = bx(self.subscript(n)?);
                let kind = if n == b'[' {
                    ExprKind::KvSlice { array: base, index }
                } else {
                    ExprKind::KvHSlice { hash: base, keys: index }
                };
                Ok((mk(line, kind), false))
            }
            _ => self.method_call(e, line),
        }
    }

    fn postfix_deref(&mut self, sigil: Sigil, e: Expr, line: u32) -> Expr {
        self.lx.pos += 2;
        let e = self.bareword_to_str(e);
        mk(line, ExprKind::Deref { sigil, expr: bx(e) })
    }

    /// `v77` without a point is a word where a sub has that name.
    fn sub_named_like_version(&mut self) -> bool {
        let rest = self.lx.rest();
        let end = 1 + rest[1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if rest.get(end) == Some(&b'.') && rest.get(end + 1).is_some_and(u8::is_ascii_digit) {
            return false;
        }
        let name = format!("{}::{}", self.package, String::from_utf8_lossy(&rest[..end]));
        self.host.sub_info(&name).is_some()
    }

    /// A numeric literal or v-string.
    fn number_term(&mut self) -> PResult<Expr> {
        let e = self.number()?;
        self.postfix(e, false)
    }

    pub(crate) fn number(&mut self) -> PResult<Expr> {
        let line = self.line();
        let start = self.lx.pos;
        let Some(lit) = self.lx.number() else { return self.syntax_error() };
        let text = self.lx.src[start..self.lx.pos].to_vec();
        for note in &lit.notes {
            match note {
                NumNote::Illegal(m) => self.error_near(m)?,
                NumNote::Overflow(what) => {
                    self.warn_default(warn::OVERFLOW, &format!("Integer overflow in {what} number"))?
                }
                NumNote::NonPortable(m) => self.warn(warn::PORTABLE, m)?,
                NumNote::NoDigits(what) => {
                    self.error_near(&format!("No digits found for {what} literal"))?;
                }
                NumNote::HexFloat(m) => self.warn(warn::OVERFLOW, &format!("Hexadecimal float: {m}"))?,
                NumNote::Misplaced => self.warn(warn::SYNTAX, "Misplaced _ in number")?,
            }
        }
        let kind = match &lit.number {
            Number::Int(v) => match i64::try_from(*v) {
                Ok(i) => ExprKind::Int(i),
                Err(_) => ExprKind::Uint(*v),
            },
            Number::Float(f) => ExprKind::Num(*f),
            Number::VString(points) => {
                ExprKind::VString { value: encode_points(points), literal: PStr::new(text.clone(), false) }
            }
        };
        let (bit, const_kind) = match (&lit.number, lit.radix) {
            (Number::VString(_), _) => return Ok(mk(line, kind)),
            (_, true) => (HINT_NEW_BINARY, ConstKind::Binary),
            (Number::Int(_), _) => (HINT_NEW_INTEGER, ConstKind::Integer),
            _ => (HINT_NEW_FLOAT, ConstKind::Float),
        };
        if self.hints.has(bit) {
            let clean: Vec<u8> = text.iter().copied().filter(|&c| c != b'_').collect();
            let value = PStr::new(clean, false);
            if let Some(c) = self.claimed_constant(const_kind, &value, &value)? {
                return Ok(mk(line, ExprKind::HostConst(c)));
            }
        }
        Ok(mk(line, kind))
    }

    /// Asks the Host whether `overload::constant` claims this literal.
    pub(crate) fn claimed_constant(
        &mut self,
        kind: ConstKind,
        source: &PStr,
        value: &PStr,
    ) -> PResult<Option<HostConst>> {
        let (source, value) = (source.clone(), value.clone());
        self.with_ctx(|host, ctx| host.overload_constant(kind, &source, &value, ctx), None)
    }

    // ---- barewords

    /// A bareword used as a string where `strict 'subs'` may object.
    pub(crate) fn bareword(&mut self, name: &str, line: u32) -> PResult<Expr> {
        let s = PStr::text(name);
        if self.hints.has(HINT_STRICT_SUBS) {
            self.barewords.push((s.bytes.as_ptr(), name.to_string()));
        } else if name.bytes().all(|c| c.is_ascii_lowercase())
            && !self.lx.looking_at("->")
            && !self.host.package_exists(name)
        {
            let msg = format!("Unquoted string \"{name}\" may clash with future reserved word");
            self.warn(warn::RESERVED, &msg)?;
        }
        Ok(mk(line, ExprKind::Bareword(s)))
    }

    /// Someone has a use for this bareword: no complaint.
    pub(crate) fn accept_bareword(&mut self, e: &Expr) {
        if let ExprKind::Bareword(s) = &e.kind {
            let id = s.bytes.as_ptr();
            self.barewords.retain(|(p, _)| *p != id);
        }
    }

    /// Turns a bareword into the string it stands for.
    pub(crate) fn bareword_to_str(&mut self, e: Expr) -> Expr {
        if let ExprKind::Bareword(s) = &e.kind {
            self.accept_bareword(&e);
            return mk(e.line, ExprKind::Str(s.clone()));
        }
        e
    }

    /// Turns a bareword into the glob of that name (file handles).
    pub(crate) fn bareword_to_glob(&mut self, e: Expr) -> Expr {
        if let ExprKind::Bareword(s) = &e.kind {
            self.accept_bareword(&e);
            let name = self.qualify(&s.to_text(), Sigil::Glob);
            let written = s.to_text();
            self.mention_handle(&written, &name);
            return mk(e.line, ExprKind::Pkg { sigil: Sigil::Glob, name });
        }
        e
    }

    /// A word names a file handle; outside `feature 'bareword_filehandles'` only perl's own may.
    pub(crate) fn mention_handle(&mut self, written: &str, full: &str) {
        let standard =
            matches!(written, "STDIN" | "STDOUT" | "STDERR" | "DATA" | "ARGV" | "ARGVOUT" | "_" | "");
        if !standard && !self.feature(Feature::BarewordFilehandles) {
            let feature = "under 'no feature \"bareword_filehandles\"'";
            // Too many errors end the parse at the next one.
            let _ = self.error(&format!("Bareword filehandle \"{written}\" not allowed {feature}"));
        }
        let new = self.is_watched(full, Sigil::Glob);
        self.host.mention_handle(full);
        if new {
            self.watch(full);
        }
    }

    /// Reports the barewords of a finished statement that nobody wanted.
    pub(crate) fn check_barewords(&mut self) -> PResult {
        if self.barewords.is_empty() {
            return Ok(());
        }
        for (_, name) in std::mem::take(&mut self.barewords) {
            self.error(&format!("Bareword \"{name}\" not allowed while \"strict subs\" in use"))?;
        }
        Ok(())
    }
}

/// The members of a comma list; a parenthesised list stays one member.
pub(crate) fn flatten(mut e: Expr) -> Vec<Expr> {
    match e.take() {
        ExprKind::List { items, parens: false } => items,
        kind => vec![mk(e.line, kind)],
    }
}

/// A string of these code points: octets if they all fit.
pub(crate) fn encode_points(points: &[u64]) -> PStr {
    if points.iter().all(|&p| p < 0x100) {
        return PStr::new(points.iter().map(|&p| p as u8).collect::<Vec<u8>>(), false);
    }
    let mut out = Vec::new();
    for &p in points {
        keshi_text::utf8::encode(p, &mut out);
    }
    PStr::new(out, true)
}
