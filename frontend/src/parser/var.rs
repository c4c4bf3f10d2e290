//! Variables: names after a sigil, dereferences, and what a name means here.
use super::expr::{bx, mk};
use super::scope::Found;
use super::*;

/// What follows a sigil.
pub(crate) enum VarName {
    /// A name: identifier, digits, punctuation or `^Name` (control character form `^X`).
    Plain(String),
    /// `${ BLOCK }` or `$$ref`.
    Deref(Expr),
    /// `${name[…]}`: the bracket is still open; the subscript follows, then `}`.
    Braced(String),
}

/// The name of `$^W` or `${^WARNING_BITS}`: its first character is the control character itself.
fn control_name(text: &[u8]) -> String {
    let mut name = String::new();
    for (i, &c) in text.iter().enumerate() {
        name.push(if i == 0 { (c ^ 64) as char } else { c as char });
    }
    name
}

/// Punctuation that names a variable.
fn is_punct_var(c: u8, sigil: Sigil) -> bool {
    match sigil {
        Sigil::Array => matches!(
            c,
            b'-' | b'+'
                | b'_'
                | b'!'
                | b'&'
                | b'`'
                | b'\''
                | b','
                | b'.'
                | b'/'
                | b'\\'
                | b';'
                | b'<'
                | b'>'
                | b'('
                | b')'
                | b'['
                | b']'
                | b'0'
                ..=b'9' | b'?' | b'"' | b'|' | b'~' | b'^' | b'=' | b'*' | b'%' | b':' | b'#' | b'@'
        ),
        _ => c.is_ascii_punctuation() && c != b'{' && c != b'}',
    }
}

impl Parser<'_> {
    /// Reads what follows a sigil; the position is just after it. `in_str`: inside a string no space is allowed.
    #[keshi_memory::deep]
    pub(crate) fn var_name(&mut self, sigil: Sigil, in_str: bool) -> PResult<VarName> {
        let utf8 = self.utf8();
        // perl takes NUL for space here.
        while !in_str && !self.lx.eof() && (crate::lexer::is_space(self.lx.cur()) || self.lx.cur() == 0) {
            self.lx.pos += usize::from(self.lx.cur() == 0);
            self.lx.skip_space();
        }
        let c = self.lx.cur();
        if self.lx.ident_at(self.lx.pos, utf8) || self.at_package_sep() {
            let word = self.scan_var_word(in_str);
            self.check_length(&word, if sigil == Sigil::Glob { 252 } else { 251 })?;
            return Ok(VarName::Plain(word));
        }
        match c {
            b'{' => self.braced_name(sigil),
            b'$' => self.dollar_name(sigil, in_str),
            b'0'..=b'9' => {
                let start = self.lx.pos;
                while self.lx.cur().is_ascii_digit() {
                    self.lx.pos += 1;
                }
                self.digits_name(start, self.lx.pos).map(VarName::Plain)
            }
            b'^' => {
                let n = self.lx.peek(1);
                if n.is_ascii_uppercase() || matches!(n, b'[' | b']' | b'^' | b'_' | b'?' | b'\\') && !in_str
                {
                    self.lx.pos += 2;
                    return Ok(VarName::Plain(control_name(&[n])));
                }
                self.lx.pos += 1;
                Ok(VarName::Plain("^".into()))
            }
            b'}' if sigil == Sigil::Scalar && !in_str => {
                self.lx.pos += 1;
                Ok(VarName::Plain("}".into()))
            }
            c if is_punct_var(c, sigil) => {
                self.lx.pos += 1;
                Ok(VarName::Plain((c as char).to_string()))
            }
            // A graphic character of Latin-1; no-break space and soft hyphen are none.
            c if c > 0xa0 && c != 0xad && !utf8 => {
                self.lx.pos += 1;
                Ok(VarName::Plain((c as char).to_string()))
            }
            _ => self.syntax_error(),
        }
    }

    /// The digits of a capture variable's name.
    fn digits_name(&mut self, start: usize, end: usize) -> PResult<String> {
        let text = String::from_utf8_lossy(&self.lx.src[start..end]).into_owned();
        if text.len() > 1 && text.starts_with('0') {
            return self.fatal("Numeric variables with more than one digit may not start with '0'");
        }
        Ok(text)
    }

    /// Names have perl's limit.
    pub(crate) fn check_length(&mut self, word: &str, max: usize) -> PResult {
        if word.len() > max { self.fatal("Identifier too long") } else { Ok(()) }
    }

    /// `::` or `'` in front of a name.
    pub(crate) fn at_package_sep(&self) -> bool {
        let (a, b) = (self.lx.cur(), self.lx.peek(1));
        (a == b':'
            && b == b':'
            && (self.lx.ident_at(self.lx.pos + 2, self.utf8()) || self.lx.peek(2) != b':'))
            || (a == b'\''
                && self.apos()
                && self.lx.ident_at(self.lx.pos + 1, self.utf8())
                && !self.lx.nested)
    }

    fn scan_var_word(&mut self, in_str: bool) -> String {
        let utf8 = self.utf8();
        let (name, mut end) = self.lx.scan_word(self.lx.pos, utf8, self.apos());
        let mut name = name;
        if self.lx.at(end) == b':' && self.lx.at(end + 1) == b':' && self.lx.at(end + 2) == b'$' {
            // `$foo::$bar` is `$foo::` and `$bar`.
            name.push_str("::");
            end += 2;
        }
        // In a string `$x::` keeps its separator, but `"$x:"` does not take the colon.
        if in_str && name.ends_with("::") && name.len() == 2 {
            end = self.lx.pos + 2;
        }
        self.lx.pos = end;
        if name.starts_with("::") && name.len() > 2 {
            name.insert_str(0, "main");
        }
        name
    }

    /// After `$`: another `$` is a dereference if a name or a block follows, else `$$`.
    fn dollar_name(&mut self, _sigil: Sigil, in_str: bool) -> PResult<VarName> {
        let line = self.line();
        let save = self.lx.pos;
        let p = save + 1;
        let n = self.lx.at(p);
        let name_follows = n == b'$'
            || self.lx.ident_at(p, self.utf8())
            || n == b'{'
            || (n == b':' && self.lx.at(p + 1) == b':')
            || (n == b'^' && self.lx.at(p + 1).is_ascii_uppercase() && !in_str)
            || (n.is_ascii_digit());
        if !name_follows {
            self.lx.pos += 1;
            return Ok(VarName::Plain("$".into()));
        }
        self.lx.pos += 1;
        let inner = self.var_name(Sigil::Scalar, in_str)?;
        let e = self.var_value(Sigil::Scalar, inner, line)?;
        Ok(VarName::Deref(e))
    }

    /// `{…}` after a sigil: a name in braces or a block.
    fn braced_name(&mut self, sigil: Sigil) -> PResult<VarName> {
        let start = self.lx.pos;
        let utf8 = self.utf8();
        self.lx.pos += 1;
        self.skip_space_quietly();
        let c = self.lx.cur();
        let mut name = None;
        if c == b'^' && (self.lx.peek(1).is_ascii_alphabetic() || self.lx.peek(1) == b'_') {
            let end = self.lx.ident_end(self.lx.pos + 1, utf8);
            name = Some(control_name(&self.lx.src[self.lx.pos + 1..end]));
            self.lx.pos = end;
        } else if self.lx.ident_at(self.lx.pos, utf8) || self.at_package_sep() {
            name = Some(self.scan_var_word(false));
        } else if c.is_ascii_digit() {
            let mut p = self.lx.pos;
            while self.lx.at(p).is_ascii_digit() {
                p += 1;
            }
            let from = std::mem::replace(&mut self.lx.pos, p);
            name = Some(self.digits_name(from, p)?);
        } else if c.is_ascii_punctuation()
            && !matches!(c, b'{' | b'}')
            && (c != b'^' || self.lx.peek(1) == b'}')
            && self.closes_after(1)
        {
            name = Some((c as char).to_string());
            self.lx.pos += 1;
        } else if c == b'^' && self.lx.peek(2) == b'}' {
            name = Some(control_name(&[self.lx.peek(1)]));
            self.lx.pos += 2;
        }
        if let Some(name) = name {
            self.skip_space_quietly();
            let c = self.lx.cur();
            let plain = name.starts_with(|c: char| c == '_' || c.is_alphabetic());
            if c == b'}' && plain && !self.lx.nested {
                let callable =
                    word::is_keyword(&name, self) || self.known_sub(&name).is_some_and(|s| s.1.defined);
                if callable {
                    let f =
                        if sigil == Sigil::Array && self.lx.at(start - 1) == b'#' { '@' } else { sigil.ch() };
                    let msg = format!("Ambiguous use of {f}{{{name}}} resolved to {f}{name}");
                    self.warn(warn::AMBIGUOUS, &msg)?;
                }
            }
            if c == b'}' {
                let end = std::mem::replace(&mut self.lx.pos, start + 1);
                // Once more for the `#line` directives in front of the name.
                self.lx.skip_space();
                self.lx.pos = end + 1;
                return Ok(VarName::Plain(name));
            }
            if self.lx.eof() {
                return self.missing_bracket();
            }
            let is_word =
                !matches!(name.as_str(), "sub" | "q" | "qq" | "qw" | "m" | "s" | "y" | "tr" | "qr" | "qx");
            if (c == b'[' || c == b'{')
                && is_word
                && matches!(sigil, Sigil::Scalar | Sigil::Array)
                && !(c == b'{' && self.word_takes_block(&name))
            {
                if !self.lx.nested && word::is_keyword(&name, self) {
                    let (f, close) = (sigil.ch(), crate::lexer::quote::closing(c) as char);
                    let dots = format!("{}...{close}", c as char);
                    let msg = format!("Ambiguous use of {f}{{{name}{dots}}} resolved to {f}{name}{dots}");
                    self.warn(warn::AMBIGUOUS, &msg)?;
                }
                return Ok(VarName::Braced(name));
            }
        }
        self.lx.pos = start;
        let body = self.deref_block()?;
        Ok(VarName::Deref(body))
    }

    /// Does only space stand between the character after the next `n` and a closing brace?
    fn closes_after(&self, n: usize) -> bool {
        let mut p = self.lx.pos + n;
        while crate::lexer::is_space(self.lx.at(p)) {
            p += 1;
        }
        self.lx.at(p) == b'}'
    }

    /// `${ map {…} … }` and the like: the brace belongs to the word.
    fn word_takes_block(&self, name: &str) -> bool {
        matches!(
            name,
            "map" | "grep" | "sort" | "do" | "eval" | "sub" | "any" | "all" | "print" | "say" | "method"
        )
    }

    /// `{ … }` as the operand of a sigil: a block whose last value counts.
    fn deref_block(&mut self) -> PResult<Expr> {
        let line = self.line();
        let start = self.lx.pos;
        self.lx.pos += 1;
        if self.next_is(b'}') {
            // Not even an empty statement; perl shows what it has read of it.
            self.lx.pos += usize::from(self.lx.nested);
            let seen = self.lx.src[start.saturating_sub(1)..self.lx.pos].to_vec();
            let at = self.at_line(line);
            let text = format!("syntax error{at}, near \"{}\"\n", self.excerpt(&seen));
            self.syntax_failed = true;
            self.queue(&text)?;
            return Err(Abort);
        }
        self.hash_at = (self.lx.cur() == b'{').then_some(self.lx.pos);
        self.lx.pos = start;
        let mut block = self.block()?;
        if block.stmts.len() == 1
            && block.lexicals.is_empty()
            && block.stmts[0].labels.is_empty()
            && matches!(block.stmts[0].kind, StmtKind::Expr(_))
            && let Some(StmtKind::Expr(e)) = block.stmts.pop().map(|mut s| s.take())
        {
            return Ok(e);
        }
        Ok(mk(line, ExprKind::DoBlock(block)))
    }

    /// The variable as a value of that sigil.
    pub(crate) fn var_value(&mut self, sigil: Sigil, name: VarName, line: u32) -> PResult<Expr> {
        match name {
            VarName::Plain(n) => self.named_var(sigil, &n, line),
            VarName::Deref(e) => Ok(mk(line, ExprKind::Deref { sigil, expr: bx(self.symbolic(e)) })),
            VarName::Braced(n) => {
                let e = self.braced_subscript(sigil, &n, line)?;
                self.lx.skip_space();
                self.expect(b'}')?;
                Ok(e)
            }
        }
    }

    /// A bareword in `${name}`-like places is a symbolic name.
    fn symbolic(&mut self, e: Expr) -> Expr {
        self.bareword_to_str(e)
    }

    fn braced_subscript(&mut self, sigil: Sigil, name: &str, line: u32) -> PResult<Expr> {
        let c = self.lx.cur();
        let base_sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
        let base = self.named_var(base_sigil, name, line)?;
        let mut e =
            if sigil == Sigil::Array { self.slice_of(base, c, line)? } else { self.elem_of(base, c, line)? };
        if sigil == Sigil::Scalar {
            e = self.postfix(e, true)?;
        }
        Ok(e)
    }

    /// Resolves a named variable: lexical, `our`, or package variable under the rules of `strict 'vars'`.
    pub(crate) fn named_var(&mut self, sigil: Sigil, name: &str, line: u32) -> PResult<Expr> {
        // Without `use utf8` a letter of Latin-1 is punctuation.
        let word = name.starts_with(|c: char| c == '_' || c.is_alphabetic() && (c.is_ascii() || self.utf8()));
        if word && !name.contains("::") {
            let key = format!("{}{name}", sigil.ch());
            match self.lookup(&key) {
                Found::Lex(idx) => return Ok(mk(line, ExprKind::Lex { sigil, idx })),
                Found::Our(name) => return Ok(mk(line, ExprKind::Pkg { sigil, name })),
                // A lexically imported variable: the Host holds a reference to it.
                Found::Import(LexImport::Host(c)) => {
                    let expr = bx(mk(line, ExprKind::HostConst(c)));
                    return Ok(mk(line, ExprKind::Deref { sigil, expr }));
                }
                Found::OutOfReach(msg) => return self.fatal(&msg),
                Found::Import(_) | Found::No => {}
            }
        }
        if name == "_" && sigil == Sigil::Array {
            self.unit().uses_args = true;
        }
        let full = if word || name.contains("::") {
            self.qualify(name, sigil)
        } else {
            format!("main::{name}").into()
        };
        if word && !name.contains("::") && self.hints.has(HINT_STRICT_VARS) {
            if !self.check_strict_var(sigil, name, &full)? {
                return Ok(mk(line, ExprKind::Pkg { sigil, name: full }));
            }
        }
        if sigil == Sigil::Scalar && matches!(name, "#" | "*") {
            return self.fatal(&format!("${name} is no longer supported as of Perl 5.30"));
        }
        self.mention_var(&full, sigil);
        Ok(mk(line, ExprKind::Pkg { sigil, name: full }))
    }

    /// A package variable is named.
    pub(crate) fn mention_var(&mut self, full: &str, sigil: Sigil) {
        let new = self.is_watched(full, sigil);
        self.host.mention(full, sigil);
        if new {
            self.watch(full);
        }
    }

    /// Is this the first mention of a name, by the main program, that may be a typo if no other follows?
    pub(crate) fn is_watched(&mut self, full: &str, sigil: Sigil) -> bool {
        let short = full.rsplit("::").next().unwrap_or(full);
        self.kind == SubKind::Main
            && !self.required
            && short.starts_with(char::is_alphabetic)
            && !(sigil == Sigil::Scalar && matches!(short, "a" | "b"))
            && !matches!(short, "ISA" | "VERSION" | "EXPORT" | "EXPORT_OK" | "EXPORT_FAIL" | "EXPORT_TAGS")
            && full != "DB::args"
            && self.warns(warn::ONCE, false)
            && !self.host.glob_exists(full)
    }

    pub(crate) fn watch(&mut self, full: &str) {
        let place = Place { file: self.lx.file(), line: self.line(), package: self.package.clone() };
        self.host.watch_name(full, place);
    }

    /// False: the name is not allowed, and said so.
    fn check_strict_var(&mut self, sigil: Sigil, name: &str, full: &str) -> PResult<bool> {
        if matches!(sigil, Sigil::Code | Sigil::Glob)
            || is_global_name(name, sigil)
            || sigil == Sigil::Scalar && (name == "a" || name == "b")
            || self.host.var_imported(full, sigil)
        {
            return Ok(true);
        }
        let s = sigil.ch();
        if self.host.glob_exists(full) {
            self.warn_default(warn::MISC, &format!("Variable \"{s}{name}\" is not imported"))?;
        }
        self.error(&format!(
            "Global symbol \"{s}{name}\" requires explicit package name (did you forget to declare \"my {s}{name}\"?)"
        ))?;
        Ok(false)
    }

    /// A term that starts with `$`.
    pub(crate) fn scalar_term(&mut self) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos += 1;
        if self.lx.cur() == b'#' {
            let n = self.lx.peek(1);
            if matches!(n, b'{' | b'$' | b'@' | b'+' | b'-')
                || n == b':' && self.lx.peek(2) == b':'
                || n == b'^' && self.lx.peek(2).is_ascii_uppercase()
                || self.lx.ident_at(self.lx.pos + 1, self.utf8())
            {
                self.lx.pos += 1;
                let name = self.var_name(Sigil::Array, false)?;
                let array = match name {
                    VarName::Braced(_) => return self.syntax_error(),
                    n => self.var_value(Sigil::Array, n, line)?,
                };
                return Ok(mk(line, ExprKind::ArrayLast(bx(array))));
            }
        }
        let begin = self.lx.pos.saturating_sub(1);
        let name = self.var_name(Sigil::Scalar, false)?;
        self.lx.token_start();
        let save = self.lx.pos;
        if !matches!(name, VarName::Braced(_)) {
            self.skip_space_quietly();
        }
        let c = self.lx.cur();
        match name {
            VarName::Plain(n) if c == b'[' || c == b'{' => {
                let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
                if c == b'[' {
                    self.lint_multidimensional(begin, self.lx.pos)?;
                } else if &*n == "SIG" {
                    self.lint_signal_word()?;
                }
                let base = self.named_var(sigil, &n, line)?;
                let e = self.elem_of(base, c, line)?;
                self.postfix(e, true)
            }
            VarName::Deref(r) if c == b'[' || c == b'{' => {
                let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
                let r = self.symbolic(r);
                let base = mk(line, ExprKind::Deref { sigil, expr: bx(r) });
                let e = self.elem_of(base, c, line)?;
                self.postfix(e, true)
            }
            name => {
                if !matches!(name, VarName::Braced(_)) {
                    self.lx.pos = save;
                }
                let e = self.var_value(Sigil::Scalar, name, line)?;
                self.postfix(e, false)
            }
        }
    }

    /// A term that starts with `@`: array or slice.
    pub(crate) fn array_term(&mut self) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos += 1;
        let name = self.var_name(Sigil::Array, false)?;
        let braced = matches!(name, VarName::Braced(_));
        let save = self.lx.pos;
        if !braced {
            self.skip_space_quietly();
        }
        let c = self.lx.cur();
        if !braced && (c == b'[' || c == b'{') {
            let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
            let base = self.var_value(sigil, name, line)?;
            let e = self.slice_of(base, c, line)?;
            return self.postfix(e, true);
        }
        if !braced {
            self.lx.pos = save;
        }
        let e = self.var_value(Sigil::Array, name, line)?;
        self.no_arrow_after(e, "an array")
    }

    /// `@a->[0]`, `%h->{k}`
    fn no_arrow_after(&mut self, e: Expr, what: &str) -> PResult<Expr> {
        if self.lx.looking_at("->[") || self.lx.looking_at("->{") {
            return self.fatal(&format!("Can't use {what} as a reference"));
        }
        Ok(e)
    }

    /// A term that starts with `%`: hash or key/value slice.
    pub(crate) fn hash_term(&mut self) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos += 1;
        let name = self.var_name(Sigil::Hash, false)?;
        let c = self.lx.cur();
        if c == b'[' || c == b'{' {
            let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
            let base = self.var_value(sigil, name, line)?;
            let index = bx(self.subscript(c)?);
            if c == b'{' {
                self.check_fields(&base, &index)?;
            }
            let kind = if c == b'[' {
                ExprKind::KvSlice { array: bx(base), index }
            } else {
                ExprKind::KvHSlice { hash: bx(base), keys: index }
            };
            return Ok(mk(line, kind));
        }
        let e = self.var_value(Sigil::Hash, name, line)?;
        self.no_arrow_after(e, "a hash")
    }

    /// A term that starts with `*`: a glob.
    pub(crate) fn glob_term(&mut self) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos += 1;
        let name = self.var_name(Sigil::Glob, false)?;
        let e = self.var_value(Sigil::Glob, name, line)?;
        if self.next_is(b'{') {
            let slot = bx(self.subscript(b'{')?);
            let e = mk(line, ExprKind::GlobSlot { glob: bx(e), slot });
            return self.postfix(e, true);
        }
        self.postfix(e, false)
    }
}
