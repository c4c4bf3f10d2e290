//! Compile-time warnings about operators and calls whose operands were probably meant otherwise.
use super::scope::Found;
use super::*;

impl Parser<'_> {
    /// `@a[0]`, `@h{x}` with one scalar index. `from`: where the subscript begins; only what looks simple there is
    /// warned of, and not what is assigned to.
    pub(crate) fn lint_slice(&mut self, base: &Expr, index: &Expr, from: usize) -> PResult {
        if !self.simple_subscript(from) || self.assigned_next() {
            return Ok(());
        }
        let shown = match &index.kind {
            ExprKind::Str(s) => format!("\"{}\"", s.to_text()),
            ExprKind::Int(i) => i.to_string(),
            ExprKind::Unary(UnOp::Neg, x) if let ExprKind::Int(i) = x.kind => format!("-{i}"),
            ExprKind::Lex { sigil: Sigil::Scalar, .. }
            | ExprKind::Pkg { sigil: Sigil::Scalar, .. }
            | ExprKind::Deref { sigil: Sigil::Scalar, .. }
            | ExprKind::ArrayLast(_)
            | ExprKind::PreInc(_)
            | ExprKind::PreDec(_)
            | ExprKind::PostInc(_)
            | ExprKind::PostDec(_)
            | ExprKind::Interp(_)
            | ExprKind::Binary(..) => "...".to_string(),
            _ => return Ok(()),
        };
        let (name, sigil) = match &base.kind {
            ExprKind::Lex { sigil, idx } => (self.entry_name(*idx)[1..].to_string(), *sigil),
            ExprKind::Pkg { sigil, name } => {
                (name.strip_prefix("main::").unwrap_or(name).to_string(), *sigil)
            }
            _ => return Ok(()),
        };
        let (o, c) = if sigil == Sigil::Array { ('[', ']') } else { ('{', '}') };
        self.warn(
            warn::SYNTAX,
            &format!("Scalar value @{name}{o}{shown}{c} better written as ${name}{o}{shown}{c}"),
        )
    }

    fn simple_subscript(&self, from: usize) -> bool {
        let lx = &self.lx;
        let mut p = from + 1;
        while matches!(lx.at(p), b' ' | b'\t') {
            p += 1;
        }
        if lx.at(p) == b'q' && lx.at(p + 1) == b'w' && !crate::lexer::is_word(lx.at(p + 2)) {
            return false;
        }
        while crate::lexer::is_word(lx.at(p)) || lx.at(p) >= 0x80 || b" \t$#+-'\"".contains(&lx.at(p)) {
            p += 1;
        }
        matches!(lx.at(p), b'}' | b']')
    }

    /// An assignment operator follows.
    fn assigned_next(&self) -> bool {
        let lx = &self.lx;
        let mut p = lx.pos;
        while crate::lexer::is_space(lx.at(p)) {
            p += 1;
        }
        lx.at(p) == b'=' && !matches!(lx.at(p + 1), b'=' | b'~')
    }

    /// `$a[1,2]`: there are no arrays of two dimensions. `name` begins the element, `at` is its bracket.
    pub(crate) fn lint_multidimensional(&mut self, name: usize, at: usize) -> PResult {
        let lx = &self.lx;
        let word = |p: usize| crate::lexer::is_word(lx.at(p)) || lx.at(p) >= 0x80;
        let space = |p: usize| crate::lexer::is_space(lx.at(p));
        let mut p = at + 1;
        loop {
            match lx.at(p) {
                _ if space(p) => p += 1,
                b'$' | b'@' => {
                    p += 1;
                    while lx.at(p) == b'$' || space(p) {
                        p += 1;
                    }
                    while word(p) {
                        p += 1;
                    }
                }
                b'0'..=b'9' => {
                    while word(p) {
                        p += 1;
                    }
                }
                _ => break,
            }
        }
        if lx.at(p) != b',' {
            return Ok(());
        }
        while p + 1 < lx.src.len() && lx.at(p) != b']' {
            p += 1;
        }
        let text = self.excerpt(&self.lx.src[name..=p]);
        self.warn(warn::SYNTAX, &format!("Multidimensional syntax {text} not supported"))
    }

    /// `$SIG{TERM} = handler;`: the word is a call. The position is behind the name of the hash.
    pub(crate) fn lint_signal_word(&mut self) -> PResult {
        let lx = &self.lx;
        let end = crate::lexer::memchr_newline(&lx.src, lx.pos);
        let find = |from: usize, c: u8| lx.src[from..end].iter().position(|x| *x == c).map(|i| from + i);
        let Some(mut p) = find(lx.pos, b'}').and_then(|p| find(p, b'=')) else { return Ok(()) };
        p += 1;
        while crate::lexer::is_space(lx.at(p)) {
            p += 1;
        }
        let start = p;
        while crate::lexer::is_word(lx.at(p)) || lx.at(p) >= 0x80 || lx.at(p) == b':' {
            p += 1;
        }
        let first = lx.at(start);
        let mut q = p;
        while crate::lexer::is_space(lx.at(q)) {
            q += 1;
        }
        if p == start || first.is_ascii_digit() || first == b':' || lx.at(q) != b';' {
            return Ok(());
        }
        let name = self.excerpt(&lx.src[start..p]);
        let full = self.qualify_sub(&name);
        if self.host.sub_info(&full).is_none() {
            return Ok(());
        }
        self.warn(warn::SYNTAX, &format!("You need to quote \"{name}\""))
    }

    /// `sort { $a <=> $b }` with a lexical `$a` or `$b`.
    pub(crate) fn lint_sort(&mut self, block: &Block) -> PResult {
        let Some(Stmt { kind: StmtKind::Expr(e), .. }) = block.stmts.last() else { return Ok(()) };
        let ExprKind::Binary(BinOp::NumCmp | BinOp::StrCmp, l, r) = &e.kind else { return Ok(()) };
        for side in [l, r] {
            if let ExprKind::Lex { sigil: Sigil::Scalar, idx } = side.kind {
                let name = self.entry_name(idx);
                if matches!(&*name, "$a" | "$b") {
                    let word = if self.is_state(idx) { "state" } else { "my" };
                    self.warn(warn::SYNTAX, &format!("\"{word} {name}\" used in sort comparison"))?;
                }
            }
        }
        Ok(())
    }

    /// `join /x/, …`: the separator is no pattern.
    pub(crate) fn lint_join(&mut self, args: &[Expr]) -> PResult {
        let Some(Expr { kind: ExprKind::Match(m), .. }) = args.first() else { return Ok(()) };
        if m.target.is_some() {
            return Ok(());
        }
        let MatchPat::Literal(pat) = &m.pat else { return Ok(()) };
        let text = match pat.parts.as_slice() {
            [PatPart::Lit(s)] => s.to_text(),
            [] => String::new(),
            _ => "STRING".into(),
        };
        self.warn(warn::SYNTAX, &format!("/{text}/ should probably be written as \"{text}\""))
    }

    /// `stat @a`
    pub(crate) fn lint_stat(&mut self, func: Func, arg: &Expr) -> PResult {
        let name = match &arg.kind {
            ExprKind::Lex { sigil: Sigil::Array, idx } => Some(self.entry_name(*idx)[1..].to_string()),
            ExprKind::Pkg { sigil: Sigil::Array, name } => {
                Some(name.strip_prefix("main::").unwrap_or(name).to_string())
            }
            ExprKind::Deref { sigil: Sigil::Array, .. } => None,
            _ => return Ok(()),
        };
        let cure = name.map_or(String::new(), |n| format!(" (did you want {} ${n}[0]?)", func.name()));
        let msg = format!("Array passed to {} will be coerced to a scalar{cure}", func.name());
        self.warn(warn::SYNTAX, &msg)
    }

    /// `each %{ +{…} }`: a new container every time.
    pub(crate) fn lint_each(&mut self, arg: &Expr) -> PResult {
        let ExprKind::Deref { sigil, expr } = &arg.kind else { return Ok(()) };
        let mut inner = &**expr;
        loop {
            inner = match &inner.kind {
                ExprKind::DoBlock(b) => match b.stmts.last() {
                    Some(Stmt { kind: StmtKind::Expr(e), .. }) => e,
                    _ => return Ok(()),
                },
                ExprKind::List { items, .. } if items.len() == 1 => &items[0],
                _ => break,
            };
        }
        let what = match (&inner.kind, sigil) {
            (ExprKind::AnonHash(_), Sigil::Hash) => "hash",
            (ExprKind::AnonArray(_), Sigil::Array) => "array",
            _ => return Ok(()),
        };
        let msg = format!("each on anonymous {what} will always start from the beginning");
        self.warn(warn::SYNTAX, &msg)
    }

    /// `!$a == $b`: the `!` binds tighter.
    pub(crate) fn lint_negated(&mut self, left: &Expr, right: Option<&Expr>, what: &str) -> PResult {
        let ExprKind::Not(inner) = &left.kind else { return Ok(()) };
        if matches!(inner.kind, ExprKind::Not(_)) || right.is_some_and(|r| matches!(r.kind, ExprKind::Not(_)))
        {
            return Ok(());
        }
        self.warn(warn::PRECEDENCE, &format!("Possible precedence problem between ! and {what}"))
    }

    /// A sub of one optional argument, whose name of `len` bytes ends here or before some space.
    pub(crate) fn lint_ambiguous_call(&mut self, len: usize) -> PResult {
        let at = self.lx.pos;
        let mut end = at;
        while end > 0 && crate::lexer::is_space(self.lx.at(end - 1)) {
            end -= 1;
        }
        if end < len {
            return Ok(());
        }
        self.lx.pos = end;
        let r = self.lint_ambiguous_unary(end - len);
        self.lx.pos = at;
        r
    }

    /// `"@name"` or `"@name{…}"` of an array or hash nobody has mentioned.
    pub(crate) fn lint_unintended(&mut self, sigil: Sigil, name: &str) -> PResult {
        if !name.starts_with(|c: char| c == '_' || c.is_alphabetic()) || !self.warns(warn::AMBIGUOUS, false) {
            return Ok(());
        }
        if !name.contains("::") && !matches!(self.lookup(&format!("{}{name}", sigil.ch())), Found::No) {
            return Ok(());
        }
        let full = self.qualify(name, sigil);
        if &*full == "DB::args" || self.host.has_container(&full, sigil) {
            return Ok(());
        }
        self.warn(
            warn::AMBIGUOUS,
            &format!("Possible unintended interpolation of {}{name} in string", sigil.ch()),
        )
    }

    /// `open FOO || die`: the operator belongs to the name. The position is behind the word.
    pub(crate) fn lint_open(&mut self) -> PResult {
        let lx = &self.lx;
        let skip = |mut p: usize| {
            while crate::lexer::is_space(lx.at(p)) {
                p += 1;
            }
            p
        };
        let start = skip(lx.pos);
        if !lx.ident_at(start, self.utf8()) {
            return Ok(());
        }
        let end = lx.ident_end(start, self.utf8());
        let t = skip(end);
        let (c, n) = (lx.at(t), lx.at(t + 1));
        if !b"|&*+-=!?:.".contains(&c) || (c, n) == (b'=', b'>') || (c, n) == (b':', b':') {
            return Ok(());
        }
        let name = self.excerpt(&lx.src[start..end]);
        if super::word::is_keyword(&name, self) {
            return Ok(());
        }
        let msg = format!("Precedence problem: open {name} should be open({name})");
        self.warn_default(warn::PRECEDENCE, &msg)
    }

    /// A line that begins with `&name` after an operand.
    pub(crate) fn lint_semicolon(&mut self) -> PResult {
        let lx = &self.lx;
        let p = lx.pos;
        if p == 0 || lx.at(p - 1) != b'\n' || !lx.ident_at(p + 1, self.utf8()) {
            return Ok(());
        }
        let line = self.line() - 1;
        self.warn_at(warn::SEMICOLON, "Semicolon seems to be missing", line, false)
    }

    /// A constant word where a truth value is asked for.
    pub(crate) fn lint_bareword_test(&mut self, e: &Expr) -> PResult {
        match &e.kind {
            ExprKind::Bareword(_) => self.warn(warn::BAREWORD, "Bareword found in conditional"),
            _ => Ok(()),
        }
    }

    /// `$x = sort …`
    pub(crate) fn lint_scalar_sort(&mut self, right: &Expr) -> PResult {
        let mut e = right;
        while let ExprKind::List { items, parens: true } = &e.kind
            && let [one] = items.as_slice()
        {
            e = one;
        }
        match &e.kind {
            ExprKind::Sort(_) => self.warn(warn::SCALAR, "Useless use of sort in scalar context"),
            _ => Ok(()),
        }
    }
}
