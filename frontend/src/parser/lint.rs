//! Compile-time warnings about code that parses but is probably wrong.
use super::*;

impl Parser<'_> {
    /// Warnings for the statements of a finished block: all but the last are in void context, all of them if
    /// `all_void` (main program, loop bodies).
    pub(crate) fn lint_block(&mut self, stmts: &[Stmt], all_void: bool) -> PResult {
        if !self.warnings_possible() {
            return Ok(());
        }
        for (i, s) in stmts.iter().enumerate() {
            if let Some(next) = stmts.get(i + 1) {
                self.lint_exec(s, next)?;
            }
            if all_void || i + 1 < stmts.len() {
                self.lint_void_stmt(s)?;
            }
        }
        Ok(())
    }

    /// After a named unary operator that starts at `from`: what follows could be meant as a binary operator.
    pub(crate) fn lint_ambiguous_unary(&mut self, from: usize) -> PResult {
        let after = self.lx.pos;
        self.skip_space_quietly();
        let p = std::mem::replace(&mut self.lx.pos, after);
        let lx = &self.lx;
        let (c, n) = (lx.at(p), lx.at(p + 1));
        let spaced = p > after;
        let eol = crate::lexer::memchr_newline(&lx.src, p);
        let doubtful = match c {
            b'-' if n == b'-' || n == b'>' || n == b'=' => false,
            b'-' if n.is_ascii_alphabetic() && !crate::lexer::is_word(lx.at(p + 2)) => false,
            b'+' if n == b'+' || n == b'=' => false,
            b'-' | b'+' => crate::lexer::is_space(n) || !spaced,
            b'<' => !matches!(n, b'<' | b'=') && !lx.src[p..eol].contains(&b'>'),
            b'/' => n != b'/' && &lx.src[from..after] != b"study",
            _ => false,
        };
        if !doubtful {
            return Ok(());
        }
        let mut end = from;
        while crate::lexer::is_word(lx.at(end)) || lx.at(end) == b'-' {
            end += 1;
        }
        let name = self.excerpt(&lx.src[from..end]);
        let msg = format!("Warning: Use of \"{name}\" without parentheses is ambiguous");
        self.warn_default(warn::AMBIGUOUS, &msg)
    }

    /// Names of package variables that the main program mentions once and nobody else does.
    pub(crate) fn lint_once(&mut self) -> PResult {
        if self.kind != SubKind::Main || self.required || self.has_errors() {
            return Ok(());
        }
        for (name, place) in self.host.watched_names() {
            let text = format!(
                "Name \"{name}\" used only once: possible typo at {} line {}.\n",
                place.file, place.line
            );
            self.emit_warning(warn::ONCE, &text)?;
        }
        Ok(())
    }

    fn warnings_possible(&mut self) -> bool {
        self.host
            .forced_warnings()
            .unwrap_or(!matches!(self.hints.warn, WarnBits::None) || self.host.dash_w())
    }

    /// Warns at the statement's own line, under its own pragmas.
    fn warn_in(&mut self, cop: &Cop, category: u32, msg: &str) -> PResult {
        let saved = std::mem::replace(&mut self.hints, cop.hints.clone());
        let place = format!(" at {} line {}.\n", cop.file, cop.line);
        let text = if msg.ends_with('\n') { msg.to_string() } else { format!("{msg}{place}") };
        let r = self.warn_text(category, &text);
        self.hints = saved;
        r
    }

    fn lint_exec(&mut self, s: &Stmt, next: &Stmt) -> PResult {
        let StmtKind::Expr(Expr { kind: ExprKind::SysExec { func: Func::Exec, .. }, .. }) = &s.kind else {
            return Ok(());
        };
        let excused = match &next.kind {
            StmtKind::Expr(e) => {
                matches!(&e.kind, ExprKind::Func { func: Func::Die | Func::Warn | Func::Exit, .. })
            }
            StmtKind::Block { .. } => true,
            _ => false,
        };
        if excused {
            return Ok(());
        }
        self.warn_in(&next.cop, warn::EXEC, "Statement unlikely to be reached")?;
        self.warn_in(&next.cop, warn::EXEC, "\t(Maybe you meant system() when you said exec()?)\n")
    }

    #[keshi_memory::deep]
    fn lint_void_stmt(&mut self, s: &Stmt) -> PResult {
        match &s.kind {
            StmtKind::Expr(e) => self.lint_void(e, &s.cop),
            StmtKind::If { arms, otherwise, .. } => {
                arms.iter().map(|a| &a.1).chain(otherwise).try_for_each(|b| self.lint_last(b))
            }
            StmtKind::Block { body, .. } => self.lint_last(body),
            StmtKind::While(w) if !w.modifier => self.lint_last(&w.body),
            StmtKind::Foreach(f) => self.lint_last(&f.body),
            _ => Ok(()),
        }
    }

    /// The last statement of a block in void context.
    fn lint_last(&mut self, b: &Block) -> PResult {
        b.stmts.last().map_or(Ok(()), |s| self.lint_void_stmt(s))
    }

    #[keshi_memory::deep]
    fn lint_void(&mut self, e: &Expr, cop: &Cop) -> PResult {
        match &e.kind {
            ExprKind::Logical(_, _, r) => return self.lint_void(r, cop),
            ExprKind::Cond(_, a, b) => {
                self.lint_void(a, cop)?;
                return self.lint_void(b, cop);
            }
            ExprKind::List { items, .. } => {
                for i in items {
                    self.lint_void(i, cop)?;
                }
                return Ok(());
            }
            ExprKind::EvalBlock(b) | ExprKind::DoBlock(b) => {
                return self.lint_last(b);
            }
            _ => {}
        }
        if let Some(what) = super::useless::useless(e) {
            self.warn_in(cop, warn::VOID, &format!("Useless use of {what} in void context"))?;
        }
        Ok(())
    }

    /// The condition of `if`, `while`, `?:`, `&&`, `||`.
    pub(crate) fn lint_condition(&mut self, e: &Expr) -> PResult {
        if let ExprKind::Assign(l, r) = &e.kind
            && !super::assign::is_list_lvalue(l)
            && matches!(r.kind, ExprKind::Int(_) | ExprKind::Num(_) | ExprKind::Str(_))
        {
            return self.warn_at(warn::SYNTAX, "Found = in conditional, should be ==", l.line, false);
        }
        Ok(())
    }

    /// A condition that reads: what it reads may be false.
    pub(crate) fn lint_read_test(&mut self, e: &Expr) -> PResult {
        let ExprKind::Assign(l, r) = &e.kind else { return Ok(()) };
        let what = match &r.kind {
            _ if super::assign::is_list_lvalue(l) => return Ok(()),
            ExprKind::ReadLine { .. } => "<HANDLE> construct",
            ExprKind::Glob(_) => "glob construct",
            ExprKind::Func { func: Func::Readdir, .. } => "readdir() operator",
            ExprKind::Func { func: Func::Each, .. } => "each() operator",
            _ => return Ok(()),
        };
        let msg = format!("Value of {what} can be \"0\"; test with defined()");
        self.warn_at(warn::MISC, &msg, l.line, false)
    }

    /// `push @a` without anything to push.
    pub(crate) fn lint_pushes_nothing(&mut self, func: Func, args: &[Expr]) -> PResult {
        if args.len() == 1 && matches!(func, Func::Push | Func::Unshift) {
            return self.warn(warn::SYNTAX, &format!("Useless use of {} with no values", func.name()));
        }
        Ok(())
    }

    /// `length @a`
    pub(crate) fn lint_length(&mut self, arg: &Expr) -> PResult {
        let (sigil, name) = match &arg.kind {
            ExprKind::Lex { sigil, idx } => (*sigil, Some(self.entry_name(*idx)[1..].to_string())),
            ExprKind::Pkg { sigil, name } => {
                (*sigil, Some(name.strip_prefix("main::").unwrap_or(name).to_string()))
            }
            ExprKind::Deref { sigil, .. } => (*sigil, None),
            ExprKind::My(d) => match d.vars.as_slice() {
                [MyVar::Lex { sigil, idx, .. }] => (*sigil, Some(self.entry_name(*idx)[1..].to_string())),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        let (shown, cure) = match (sigil, name) {
            (Sigil::Array, n) => {
                let n = n.map_or("@array".into(), |n| format!("@{n}"));
                (n.clone(), format!("scalar({n})"))
            }
            (Sigil::Hash, n) => {
                let n = n.map_or("%hash".into(), |n| format!("%{n}"));
                (n.clone(), format!("scalar(keys {n})"))
            }
            _ => return Ok(()),
        };
        self.warn(warn::SYNTAX, &format!("length() used on {shown} (did you mean \"{cure}\"?)"))
    }

    /// `$[ < 5`: probably `$]` was meant.
    pub(crate) fn lint_array_base(&mut self, op: BinOp, left: &Expr, right: &Expr) -> PResult {
        let base = |e: &Expr| matches!(&e.kind, ExprKind::Pkg { sigil: Sigil::Scalar, name } if &**name == "main::[");
        let number = |e: &Expr| matches!(e.kind, ExprKind::Int(_) | ExprKind::Num(_));
        let orders = matches!(op, BinOp::NumLt | BinOp::NumGt | BinOp::NumLe | BinOp::NumGe);
        if orders && (base(left) && number(right) || number(left) && base(right)) {
            let what = lvalue::binop_desc(op);
            return self.warn(warn::SYNTAX, &format!("$[ used in {what} (did you mean $] ?)"));
        }
        Ok(())
    }

    /// `$x !=~ /y/`; the position is after the `!=`.
    pub(crate) fn lint_not_bind(&mut self) -> PResult {
        let lx = &self.lx;
        if lx.cur() != b'~' {
            return Ok(());
        }
        let mut p = lx.pos + 1;
        while crate::lexer::is_space(lx.at(p)) {
            p += 1;
        }
        let word_ends = |n: usize| !crate::lexer::is_word(lx.at(p + n));
        let binds = match lx.at(p) {
            b'/' | b'?' => true,
            b'm' | b's' | b'y' => word_ends(1),
            b't' => lx.at(p + 1) == b'r' && word_ends(2),
            _ => false,
        };
        if binds { self.warn(warn::SYNTAX, "!=~ should be !~") } else { Ok(()) }
    }

    /// `$x =+ 3`; the position is after the `=`.
    pub(crate) fn lint_reversed(&mut self) -> PResult {
        let (c, n) = (self.lx.cur(), self.lx.peek(1));
        if b"+*/%.-&|^".contains(&c) && crate::lexer::is_space(n) {
            return self.warn(warn::SYNTAX, &format!("Reversed {}= operator", c as char));
        }
        Ok(())
    }

    /// `return … or …`: the right side is never reached.
    pub(crate) fn lint_logical(&mut self, left: &Expr) -> PResult {
        let what = match &left.kind {
            ExprKind::Return(_) => "return",
            ExprKind::Next(_) => "next",
            ExprKind::Last(_) => "last",
            ExprKind::Redo(_) => "redo",
            ExprKind::Goto(_) | ExprKind::GotoSub(_) => "goto",
            ExprKind::Dump(_) => "dump",
            ExprKind::Func { func: Func::Exit, .. } => "exit",
            ExprKind::Func { func: Func::Die, .. } => "die",
            _ => return Ok(()),
        };
        self.warn(warn::SYNTAX, &format!("Possible precedence issue with control flow operator ({what})"))
    }

    /// `$a & $b == $c`
    pub(crate) fn lint_bitwise(&mut self, op: BinOp, left: &Expr, right: &Expr) -> PResult {
        let sign = match op {
            BinOp::BitAnd | BinOp::NumBitAnd => "&",
            BinOp::BitOr | BinOp::NumBitOr => "|",
            BinOp::BitXor | BinOp::NumBitXor => "^",
            BinOp::StrBitAnd => "&.",
            BinOp::StrBitOr => "|.",
            BinOp::StrBitXor => "^.",
            _ => return Ok(()),
        };
        let compares = |e: &Expr| {
            matches!(
                &e.kind,
                ExprKind::Binary(
                    BinOp::NumEq
                        | BinOp::NumNe
                        | BinOp::NumLt
                        | BinOp::NumLe
                        | BinOp::NumGt
                        | BinOp::NumGe
                        | BinOp::NumCmp,
                    ..
                )
            )
        };
        if compares(left) || compares(right) {
            let msg = format!("Possible precedence problem on bitwise {sign} operator");
            self.warn(warn::PRECEDENCE, &msg)?;
        }
        Ok(())
    }

    /// `print (…) …`: the parentheses hold all arguments. The position is after the word.
    pub(crate) fn lint_function_parens(&mut self, name: &str) -> PResult {
        let lx = &self.lx;
        if lx.cur() != b' ' || lx.peek(1) != b'(' {
            return Ok(());
        }
        let mut p = lx.pos + 2;
        let mut level = 1;
        // perl has a file's text line by line, that of an eval as a whole.
        let end = match self.kind {
            SubKind::Eval => lx.src.len(),
            _ => crate::lexer::memchr_newline(&lx.src, p),
        };
        while p < end && level > 0 {
            match lx.at(p) {
                b'(' => level += 1,
                b')' => level -= 1,
                _ => {}
            }
            p += 1;
        }
        while p < end && crate::lexer::is_space(lx.at(p)) {
            p += 1;
        }
        if p < end && b";&/|})]oairuwef!=".contains(&lx.at(p)) {
            return Ok(());
        }
        self.warn(warn::SYNTAX, &format!("{name} (...) interpreted as function"))
    }

    /// `my $x, $y = …`: only the first is declared. The position is after the declaration.
    pub(crate) fn lint_missing_parens(&mut self, word: &str) -> PResult {
        let lx = &self.lx;
        let mut p = lx.pos;
        let skip = |mut p: usize| {
            while matches!(lx.at(p), b',' | b' ' | b'\t' | b'\n') {
                p += 1;
            }
            p
        };
        while matches!(lx.at(p), b' ' | b'\t') {
            p += 1;
        }
        if lx.at(p) != b',' {
            return Ok(());
        }
        p = skip(p);
        let mut seen = false;
        let globs = word == "local";
        while (matches!(lx.at(p), b'$' | b'@' | b'%') || globs && lx.at(p) == b'*')
            && (crate::lexer::is_word(lx.at(p + 1)) || lx.at(p + 1) >= 0x80)
        {
            p += 1;
            while crate::lexer::is_word(lx.at(p)) || lx.at(p) >= 0x80 {
                p += 1;
            }
            p = skip(p);
            seen = true;
        }
        if seen && matches!(lx.at(p), b';' | b'=') {
            return self.warn(warn::PARENTHESIS, &format!("Parentheses missing around \"{word}\" list"));
        }
        Ok(())
    }

    /// `@array =~ /x/`
    pub(crate) fn lint_bind(&mut self, left: &Expr, what: &str) -> PResult {
        let sigil = match &left.kind {
            ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => {
                *sigil
            }
            _ => return Ok(()),
        };
        let name = match (&left.kind, sigil) {
            (ExprKind::Lex { idx, .. }, Sigil::Array | Sigil::Hash) => self.entry_name(*idx).to_string(),
            (ExprKind::Pkg { name, .. }, Sigil::Array | Sigil::Hash) => {
                format!("{}{}", sigil.ch(), name.strip_prefix("main::").unwrap_or(name))
            }
            (_, Sigil::Array) => "@array".into(),
            (_, Sigil::Hash) => "%hash".into(),
            _ => return Ok(()),
        };
        self.warn(warn::MISC, &format!("Applying {what} to {name} will act on scalar({name})"))
    }
}
