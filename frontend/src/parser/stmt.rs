//! Statements.
use super::expr::{bx, mk};
use super::*;

impl Parser<'_> {
    /// Statements up to the closing brace (not consumed) or the end of the text.
    pub(crate) fn statements(&mut self, top: bool) -> PResult<Vec<Stmt>> {
        // Barewords of an enclosing, unfinished statement are not judged yet.
        let outer = std::mem::take(&mut self.barewords);
        let stmts = self.statement_list(top)?;
        self.barewords = outer;
        Ok(stmts)
    }

    fn statement_list(&mut self, top: bool) -> PResult<Vec<Stmt>> {
        let mut stmts = Vec::new();
        loop {
            self.skip_statement_space()?;
            let c = self.lx.cur();
            if self.lx.eof() {
                break;
            }
            if c == b'}' {
                if !top {
                    break;
                }
                let at = self.at_line(self.line());
                self.queue(&format!("Unmatched right curly bracket{at}, at end of line\n"))?;
                return self.syntax_error();
            }
            if let Some(s) = self.deeper(Self::statement)? {
                stmts.push(s);
            }
            self.intro();
        }
        self.intro();
        Ok(stmts)
    }

    /// Space, comments and pod before a statement; the end markers end the text.
    fn skip_statement_space(&mut self) -> PResult {
        self.lx.skip_space_and_pod();
        self.skip_conflict_markers()?;
        self.end_markers();
        Ok(())
    }

    /// `__END__`, `__DATA__` and the control characters that do the same where a statement may end.
    pub(crate) fn end_markers(&mut self) {
        if self.in_quote != 0 {
            return;
        }
        match self.lx.cur() {
            4 | 26 => self.lx.pos = self.lx.src.len(),
            b'_' | b'C' if self.at_end_marker() => {
                let data = self.lx.looking_at("__DATA__") || self.lx.looking_at("CORE::__DATA__");
                self.data_section(data);
            }
            _ => {}
        }
    }

    /// `__END__` or `__DATA__`: the text of the program ends here, whatever the statement still wants.
    pub(crate) fn at_end_marker(&mut self) -> bool {
        let core = if self.lx.looking_at("CORE::__") { "CORE::".len() } else { 0 };
        if self.in_quote > 0 || core == 0 && !self.lx.looking_at("__") {
            return false;
        }
        let start = self.lx.pos + core;
        let end = self.lx.ident_end(start, false);
        matches!(&self.lx.src[start..end], b"__END__" | b"__DATA__") && !self.fat_comma_ahead(end)
    }

    /// Reports and skips lines that a version control system left behind.
    pub(crate) fn skip_conflict_markers(&mut self) -> PResult {
        while let Some(marker) = self.conflict_marker() {
            let at = self.at_line(self.line());
            self.queue(&format!("Version control conflict marker{at}, near \"{marker}\"\n"))?;
            self.lx.skip_to_eol();
            self.lx.skip_space_and_pod();
        }
        Ok(())
    }

    /// Seven `<`, `=` or `>` at the start of a line.
    fn conflict_marker(&self) -> Option<&'static str> {
        let lx = &self.lx;
        if lx.pos > 0 && lx.at(lx.pos - 1) != b'\n' || lx.nested {
            return None;
        }
        let marker = ["<<<<<<<", "=======", ">>>>>>>"].into_iter().find(|m| lx.looking_at(m))?;
        matches!(lx.peek(7), b' ' | b'\n' | b'\r' | 0).then_some(marker)
    }

    fn data_section(&mut self, data: bool) {
        let from = (crate::lexer::memchr_newline(&self.lx.src, self.lx.pos) + 1).min(self.lx.src.len());
        let package = if data { self.package.clone() } else { "main".into() };
        // `__END__` has a handle in the main program only.
        if self.kind == SubKind::Main && (data || !self.required) {
            self.host.data_section(&package, &self.lx.src[from..], self.utf8());
        }
        self.host.unwatch_name(&format!("{package}::DATA"));
        self.lx.pos = self.lx.src.len();
    }

    fn stmt(&self, cop: Rc<Cop>, kind: StmtKind) -> Option<Stmt> {
        Some(Stmt { cop, labels: Vec::new(), kind })
    }

    /// One statement. `None`: it left nothing to run.
    fn statement(&mut self) -> PResult<Option<Stmt>> {
        let mut labels: Vec<Name> = Vec::new();
        while let Some(l) = self.label() {
            labels.push(l);
            self.skip_statement_space()?;
            if self.lx.eof() || self.lx.cur() == b'}' {
                let cop = self.cop(self.line());
                return Ok(Some(Stmt { cop, labels, kind: StmtKind::Nothing }));
            }
        }
        self.lx.token_start();
        let stmt = self.unlabelled()?;
        if let Some(s) = &stmt
            && s.cop.debug.as_ref().is_some_and(|d| d.statement)
            && !matches!(s.kind, StmtKind::Nothing | StmtKind::LexSub { .. })
        {
            self.host.breakable(&s.cop.file, s.cop.line);
        }
        if labels.is_empty() {
            return Ok(stmt);
        }
        let mut stmt = match stmt {
            Some(s) => s,
            None => Stmt { cop: self.cop(self.line()), labels: Vec::new(), kind: StmtKind::Nothing },
        };
        stmt.labels = labels;
        Ok(Some(stmt))
    }

    /// `LABEL:`
    fn label(&mut self) -> Option<Name> {
        let word = self.peek_word()?;
        if matches!(word.as_str(), "q" | "qq" | "qw" | "qx" | "qr" | "m" | "s" | "y" | "tr" | "sub") {
            // Quote words take a colon as delimiter, `sub` takes attributes.
            return None;
        }
        let save = self.lx.pos;
        self.lx.pos += word.len();
        while matches!(self.lx.cur(), b' ' | b'\t' | b'\n' | b'\r') {
            self.lx.pos += 1;
        }
        if self.lx.cur() != b':' || self.lx.peek(1) == b':' {
            self.lx.pos = save;
            return None;
        }
        if word == "default" && self.feature(Feature::Switch) {
            self.lx.pos = save;
            return None;
        }
        self.lx.pos += 1;
        Some(word.as_str().into())
    }

    fn unlabelled(&mut self) -> PResult<Option<Stmt>> {
        let line = self.line();
        match self.lx.cur() {
            b';' => {
                self.lx.pos += 1;
                return Ok(None);
            }
            b'{' if !self.brace_is_hash() => {
                let cop = self.statement_cop(line);
                let body = self.block()?;
                let cont = self.continue_block()?;
                // The debugger stops at the first statement inside.
                let cop = match (&cop.debug, body.stmts.first()) {
                    (Some(_), Some(s)) => Rc::new(Cop { line: s.cop.line, ..(*cop).clone() }),
                    _ => cop,
                };
                return Ok(self.stmt(cop, StmtKind::Block { body, cont }));
            }
            _ => {}
        }
        if self.lx.looking_at("...") && self.lx.peek(3) != b'.' {
            let cop = self.statement_cop(line);
            self.lx.pos += 3;
            self.end_of_statement()?;
            return Ok(self.stmt(cop, StmtKind::Expr(mk(line, ExprKind::Yada))));
        }
        let core = self.lx.looking_at("CORE::");
        if core {
            self.lx.pos += "CORE::".len();
        }
        if let Some(word) = self.peek_word() {
            let after = self.lx.pos + word.len();
            let qualified = self.lx.at(after) == b':' && self.lx.at(after + 1) == b':'
                || self.lx.at(after) == b'\'' && self.apos() && self.lx.ident_at(after + 1, self.utf8());
            if !qualified
                && is_statement_word(&word)
                && !self.fat_comma_ahead(after)
                && let Some(result) = self.word_statement(&word, line, core)?
            {
                return Ok(result);
            }
        }
        if core {
            self.lx.pos -= "CORE::".len();
        }
        self.expression_statement(line)
    }

    /// A statement introduced by a keyword; `None`: the word is an ordinary term after all.
    fn word_statement(&mut self, word: &str, line: u32, core: bool) -> PResult<Option<Option<Stmt>>> {
        let start = self.lx.pos;
        let cop = self.statement_cop(line);
        let take = |p: &mut Self| p.lx.pos = start + word.len();
        let done = |kind: StmtKind| Ok(Some(Some(Stmt { cop: cop.clone(), labels: Vec::new(), kind })));
        match word {
            "if" | "unless" => {
                take(self);
                let s = self.if_stmt(word == "unless")?;
                done(s)
            }
            "while" | "until" => {
                take(self);
                let s = self.while_stmt(word == "until")?;
                done(s)
            }
            "for" | "foreach" => {
                take(self);
                let s = self.for_stmt()?;
                done(s)
            }
            "sub" => {
                take(self);
                if let Some(kind) = self.lexical_definition(line)? {
                    return done(kind);
                }
                if self.named_sub(SubKind::Named, line)? {
                    return Ok(Some(None));
                }
                self.lx.pos = start;
                Ok(None)
            }
            "BEGIN" | "END" | "INIT" | "CHECK" | "UNITCHECK" | "ADJUST" => {
                take(self);
                let block = self.next_is(b'{') || word != "ADJUST" && self.prototype_ahead();
                if !block || (word == "ADJUST" && !self.feature(Feature::Class)) {
                    self.lx.pos = start;
                    return Ok(None);
                }
                if word == "ADJUST" {
                    self.need_class(word)?;
                    self.warn_default(warn::EXPERIMENTAL_CLASS, "ADJUST is experimental")?;
                }
                self.phase_block(word, line)?;
                Ok(Some(None))
            }
            "AUTOLOAD" | "DESTROY" => {
                take(self);
                if !self.next_is(b'{') {
                    self.lx.pos = start;
                    return Ok(None);
                }
                self.lx.pos = start;
                self.named_sub(SubKind::Named, line)?;
                Ok(Some(None))
            }
            "package" => {
                take(self);
                let s = self.package_stmt(cop.clone())?;
                Ok(Some(s))
            }
            "use" | "no" => {
                take(self);
                self.use_stmt(word == "no", line)?;
                Ok(Some(None))
            }
            "format" => {
                take(self);
                if self.format_decl(line)? {
                    return Ok(Some(None));
                }
                self.lx.pos = start;
                Ok(None)
            }
            "my" | "state" | "our" => {
                take(self);
                self.lx.skip_space();
                let next = self.peek_word();
                let lexical = next.as_deref() == Some("sub")
                    || (next.as_deref() == Some("method") && self.feature(Feature::Class));
                if lexical && (core || word != "state" || self.feature(Feature::State)) {
                    let s = self.lexical_sub(word, line)?;
                    return match s {
                        Some(kind) => done(kind),
                        None => Ok(Some(None)),
                    };
                }
                self.lx.pos = start;
                Ok(None)
            }
            "given" if core || self.feature(Feature::Switch) => {
                take(self);
                let s = self.given_stmt()?;
                done(s)
            }
            "when" if core || self.feature(Feature::Switch) => {
                take(self);
                let s = self.when_stmt()?;
                done(s)
            }
            "default" if core || self.feature(Feature::Switch) => {
                take(self);
                self.lx.skip_space();
                if self.lx.cur() != b'{' {
                    self.lx.pos = start;
                    return Ok(None);
                }
                let b = self.block()?;
                done(StmtKind::Default(b))
            }
            "try" if core || self.feature(Feature::Try) => {
                take(self);
                let s = self.try_stmt()?;
                done(s)
            }
            "defer" if core || self.feature(Feature::Defer) => {
                take(self);
                self.warn_default(warn::EXPERIMENTAL_DEFER, "defer is experimental")?;
                let b = self.block()?;
                done(StmtKind::Defer(b))
            }
            "class" if self.feature(Feature::Class) => {
                take(self);
                let s = self.class_stmt(cop.clone())?;
                Ok(Some(s))
            }
            "method" if self.feature(Feature::Class) => {
                take(self);
                self.need_class(word)?;
                self.lx.skip_space();
                if self.lx.cur() != b'{' && self.lx.cur() != b'(' && self.lx.cur() != b':' {
                    self.warn_default(warn::EXPERIMENTAL_CLASS, "method is experimental")?;
                }
                if self.named_sub_kind(SubKind::Named, line, true)? {
                    return Ok(Some(None));
                }
                self.lx.pos = start;
                Ok(None)
            }
            "field" if self.feature(Feature::Class) => {
                take(self);
                self.need_class(word)?;
                let s = self.field_stmt()?;
                done(s)
            }
            _ => Ok(None),
        }
    }

    /// An expression with an optional modifier, up to `;` or the end of the block.
    fn expression_statement(&mut self, line: u32) -> PResult<Option<Stmt>> {
        let cop = self.statement_cop(line);
        let e = self.expr()?;
        let kind = self.modifiers(e)?;
        self.lx.skip_space();
        match self.lx.cur() {
            b';' => {
                self.lx.token_start();
                self.lx.pos += 1;
            }
            b'}' => {}
            4 | 26 => {}
            _ if self.lx.eof() || self.at_end_marker() => {}
            _ => return self.junk_after_statement(),
        }
        self.check_barewords()?;
        Ok(self.stmt(cop, kind))
    }

    /// A term where an operator was expected.
    fn junk_after_statement(&mut self) -> PResult<Option<Stmt>> {
        self.operator_expected()
    }

    /// Statement modifiers.
    fn modifiers(&mut self, e: Expr) -> PResult<StmtKind> {
        self.lx.skip_space();
        let line = self.line();
        let Some(word) = self.peek_word() else { return Ok(StmtKind::Expr(e)) };
        let negated = matches!(word.as_str(), "unless" | "until");
        match word.as_str() {
            "if" | "unless" => {
                self.eat_word(&word);
                let cond = self.expr()?;
                self.lint_condition(&cond)?;
                self.lint_read_test(&cond)?;
                let op = if negated { LogOp::Or } else { LogOp::And };
                self.lint_logical(&cond)?;
                self.refuse_dead_my(&cond, op, &e)?;
                Ok(StmtKind::Expr(mk(e.line, ExprKind::Logical(op, bx(cond), bx(e)))))
            }
            "while" | "until" => {
                self.eat_word(&word);
                let cond = self.expr()?;
                self.lint_condition(&cond)?;
                let cond = self.loop_condition(cond, negated);
                let do_first = matches!(e.kind, ExprKind::DoBlock(_));
                let body = self.modifier_body(e);
                Ok(StmtKind::While(Box::new(While {
                    cond: Some(cond),
                    body,
                    cont: None,
                    lexicals: Vec::new(),
                    modifier: true,
                    do_first,
                })))
            }
            "for" | "foreach" => {
                self.eat_word(&word);
                let list = self.expr()?;
                let body = self.modifier_body(e);
                Ok(StmtKind::Foreach(Box::new(Foreach {
                    var: ForVar::Pkg("main::_".into()),
                    list,
                    body,
                    cont: None,
                    lexicals: Vec::new(),
                    modifier: true,
                })))
            }
            "when" if self.feature(Feature::Switch) => {
                self.eat_word(&word);
                let cond = self.expr()?;
                let cond = self.when_condition(cond, line);
                let body = self.modifier_body(e);
                Ok(StmtKind::When { cond, body, lexicals: Vec::new() })
            }
            _ => Ok(StmtKind::Expr(e)),
        }
    }

    fn modifier_body(&mut self, e: Expr) -> Block {
        let line = e.line;
        let cop = self.cop(line);
        let stmt = Stmt { cop, labels: Vec::new(), kind: StmtKind::Expr(e) };
        Block { stmts: vec![stmt], lexicals: Vec::new(), line, end_line: line }
    }

    /// `continue BLOCK`
    pub(crate) fn continue_block(&mut self) -> PResult<Option<Block>> {
        self.lx.skip_space_and_pod();
        if self.peek_word().as_deref() == Some("continue") {
            let save = self.lx.pos;
            self.lx.pos += "continue".len();
            if self.next_is(b'{') {
                return self.block().map(Some);
            }
            self.lx.pos = save;
        }
        Ok(None)
    }
}

/// Words that can introduce a statement of their own kind.
fn is_statement_word(w: &str) -> bool {
    matches!(
        w,
        "if" | "unless"
            | "while"
            | "until"
            | "for"
            | "foreach"
            | "sub"
            | "BEGIN"
            | "END"
            | "INIT"
            | "CHECK"
            | "UNITCHECK"
            | "AUTOLOAD"
            | "DESTROY"
            | "ADJUST"
            | "package"
            | "use"
            | "no"
            | "format"
            | "my"
            | "state"
            | "our"
            | "given"
            | "when"
            | "default"
            | "try"
            | "defer"
            | "class"
            | "method"
            | "field"
    )
}
