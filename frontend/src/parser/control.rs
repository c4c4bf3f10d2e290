//! `if`, loops, `given`/`when`, `try`.
use super::expr::{bx, mk};
use super::scope::Found;
use super::*;

impl Parser<'_> {
    /// `( EXPR )` of a compound statement: declarations in it become visible at its end.
    fn condition(&mut self) -> PResult<Expr> {
        self.expect(b'(')?;
        let e = self.expr()?;
        self.expect(b')')?;
        self.intro();
        self.lint_condition(&e)?;
        self.check_barewords()?;
        Ok(e)
    }

    pub(crate) fn if_stmt(&mut self, unless: bool) -> PResult<StmtKind> {
        self.push_scope();
        let mut arms = Vec::new();
        let cond = self.condition()?;
        let line = cond.line;
        let cond = if unless { mk(line, ExprKind::Not(bx(cond))) } else { cond };
        let body = self.block()?;
        arms.push((cond, body));
        let mut otherwise = None;
        loop {
            self.lx.skip_space_and_pod();
            match self.peek_word().as_deref() {
                Some("elsif") => {
                    self.eat_word("elsif");
                    let cond = self.condition()?;
                    let body = self.block()?;
                    arms.push((cond, body));
                }
                Some("else") => {
                    self.eat_word("else");
                    self.lx.skip_space();
                    if self.peek_word().as_deref() == Some("if") {
                        return self.fatal("elseif should be elsif");
                    }
                    otherwise = Some(self.block()?);
                    break;
                }
                Some("elseif") => {
                    // Given whatever the pragmas say; what follows is a syntax error.
                    let text = format!("elseif should be elsif{}.\n", self.at_line(self.line()));
                    self.emit_warning(warn::SYNTAX, &text)?;
                    self.eat_word("elseif");
                    self.lx.skip_space();
                    return self.syntax_error();
                }
                _ => break,
            }
        }
        let lexicals = self.pop_scope();
        Ok(StmtKind::If { unless, arms, otherwise, lexicals })
    }

    pub(crate) fn while_stmt(&mut self, until: bool) -> PResult<StmtKind> {
        self.push_scope();
        self.expect(b'(')?;
        let cond = if self.next_is(b')') {
            None
        } else {
            let e = self.expr()?;
            self.lint_condition(&e)?;
            Some(self.loop_condition(e, until))
        };
        self.expect(b')')?;
        let (body, cont, lexicals) = self.loop_body()?;
        // `until ()` never ends either.
        Ok(StmtKind::While(Box::new(While { cond, body, cont, lexicals, modifier: false, do_first: false })))
    }

    /// What follows the parentheses of a loop: the block, that of `continue`, and the scope's variables.
    fn loop_body(&mut self) -> PResult<(Block, Option<Block>, Vec<PadIdx>)> {
        self.intro();
        self.check_barewords()?;
        let body = self.block()?;
        let cont = self.continue_block()?;
        Ok((body, cont, self.pop_scope()))
    }

    /// perl's help for loop conditions: `while (<FH>)` reads into `$_` and tests for definedness.
    pub(crate) fn loop_condition(&mut self, e: Expr, negated: bool) -> Expr {
        let line = e.line;
        let defined = |e| mk(line, ExprKind::Func { func: Func::Defined, args: vec![e], parens: true });
        let reads = |e: &Expr| match &e.kind {
            ExprKind::ReadLine { .. } | ExprKind::Glob(_) => true,
            ExprKind::Func { func, .. } => matches!(func, Func::Readdir | Func::Each),
            _ => false,
        };
        let e = unwrap_parens(e);
        let e = match &e.kind {
            _ if reads(&e) => {
                let topic = self.topic(line);
                defined(mk(line, ExprKind::Assign(bx(topic), bx(e))))
            }
            ExprKind::Assign(l, r) if reads(r) && !super::assign::is_list_lvalue(l) => defined(e),
            _ => e,
        };
        if negated { mk(line, ExprKind::Not(bx(e))) } else { e }
    }

    /// `$_`
    pub(crate) fn topic(&mut self, line: u32) -> Expr {
        mk(line, ExprKind::Pkg { sigil: Sigil::Scalar, name: "main::_".into() })
    }

    pub(crate) fn for_stmt(&mut self) -> PResult<StmtKind> {
        self.push_scope();
        self.lx.skip_space();
        if self.lx.cur() == b'(' {
            return self.for_parens();
        }
        let var = self.loop_var()?;
        self.foreach_rest(var)
    }

    fn foreach_rest(&mut self, var: ForVar) -> PResult<StmtKind> {
        let line = self.line();
        self.expect(b'(')?;
        let items = self.list_until(b')')?;
        let list = mk(line, ExprKind::List { items, parens: true });
        let (body, cont, lexicals) = self.loop_body()?;
        Ok(StmtKind::Foreach(Box::new(Foreach { var, list, body, cont, lexicals, modifier: false })))
    }

    /// `for (…)`: a list or the three parts of a C-style loop.
    fn for_parens(&mut self) -> PResult<StmtKind> {
        let line = self.line();
        self.lx.pos += 1;
        let first = if self.next_is(b';') {
            None
        } else if self.next_is(b')') {
            Some(mk(line, ExprKind::List { items: Vec::new(), parens: true }))
        } else {
            Some(self.expr()?)
        };
        if self.eat(b';') {
            return self.c_style(first);
        }
        self.expect(b')')?;
        let (body, cont, lexicals) = self.loop_body()?;
        let items = first.map(super::term::flatten).unwrap_or_default();
        let list = mk(line, ExprKind::List { items, parens: true });
        let var = ForVar::Pkg("main::_".into());
        Ok(StmtKind::Foreach(Box::new(Foreach { var, list, body, cont, lexicals, modifier: false })))
    }

    fn c_style(&mut self, init: Option<Expr>) -> PResult<StmtKind> {
        self.intro();
        let cond = if self.next_is(b';') {
            None
        } else {
            let e = self.expr()?;
            Some(self.loop_condition(e, false))
        };
        self.expect(b';')?;
        self.intro();
        let step = if self.next_is(b')') { None } else { Some(self.expr()?) };
        self.expect(b')')?;
        self.intro();
        self.check_barewords()?;
        let body = self.block()?;
        let lexicals = self.pop_scope();
        Ok(StmtKind::CFor(Box::new(CFor { init, cond, step, body, lexicals })))
    }

    /// The variable between `foreach` and the list.
    fn loop_var(&mut self) -> PResult<ForVar> {
        let line = self.line();
        let core = self.lx.looking_at("CORE::");
        if core {
            self.lx.pos += "CORE::".len();
        }
        let word = self.peek_word();
        if let Some(w @ ("my" | "our" | "state")) = word.as_deref() {
            let kind = w.to_string();
            self.eat_word(&kind);
            return self.declared_loop_var(&kind, core);
        }
        if self.lx.cur() == b'\\' {
            self.lx.pos += 1;
            self.lx.skip_space();
            let target = self.ref_loop_target()?;
            return Ok(ForVar::RefAlias(target));
        }
        if self.lx.cur() != b'$' {
            if word.is_some() {
                return self.fatal("Missing $ on loop variable");
            }
            return self.syntax_error();
        }
        self.lx.token_start();
        self.lx.pos += 1;
        let name = self.var_name(Sigil::Scalar, false)?;
        let mut e = self.var_value(Sigil::Scalar, name, line)?;
        match e.take() {
            ExprKind::Lex { idx, .. } => {
                self.mark_ref_taken(idx);
                Ok(ForVar::Lex { idx, declared: false, state: false })
            }
            ExprKind::Pkg { name, .. } => Ok(ForVar::Pkg(name)),
            kind => Ok(ForVar::RefAlias(mk(line, kind))),
        }
    }

    fn declared_loop_var(&mut self, kind: &str, core: bool) -> PResult<ForVar> {
        self.lx.skip_space();
        if self.lx.cur() == b'\\' {
            self.declares_ref()?;
            if !self.feature(Feature::RefAliasing) {
                return self.fatal("Experimental aliasing via reference not enabled");
            }
            self.warn_default(warn::EXPERIMENTAL_REFALIASING, "Aliasing via reference is experimental")?;
            self.lx.pos += 1;
            self.lx.skip_space();
            let e = self.declaration(kind, true)?;
            self.note_refs(&e);
            return Ok(ForVar::RefAlias(e));
        }
        if self.lx.cur() == b'(' {
            if kind != "my" {
                return self.fatal(&format!("Missing $ on loop variable {kind}"));
            }
            self.lx.pos += 1;
            let mut vars = Vec::new();
            while !self.eat(b')') {
                if self.lx.cur() != b'$' {
                    return self.syntax_error();
                }
                let idx = self.declare_scalar("my")?;
                self.mark_ref_taken(idx);
                vars.push(idx);
                if !self.comma() {
                    self.expect(b')')?;
                    break;
                }
                while self.comma() {}
                self.lx.skip_space();
            }
            return Ok(if vars.len() == 1 {
                ForVar::Lex { idx: vars[0], declared: true, state: false }
            } else {
                ForVar::Many(vars)
            });
        }
        // `for my Class $x`
        if !core && kind != "state" && self.lx.cur() != b'$' && self.lx.ident_at(self.lx.pos, self.utf8()) {
            let (class, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
            self.class_name(&class)?;
            self.lx.pos = end;
            self.lx.skip_space();
        }
        if self.lx.cur() != b'$' {
            return self.fatal("Missing $ on loop variable");
        }
        if kind == "our" {
            let mut e = self.declaration("our", false)?;
            return match e.take() {
                ExprKind::My(d) => match d.vars.into_iter().next() {
                    Some(MyVar::Our { name, .. }) => {
                        self.intro();
                        Ok(ForVar::Pkg(name))
                    }
                    _ => self.syntax_error(),
                },
                _ => self.syntax_error(),
            };
        }
        let idx = self.declare_scalar(kind)?;
        self.mark_ref_taken(idx);
        Ok(ForVar::Lex { idx, declared: true, state: kind == "state" })
    }

    /// `$name` after `my`/`state`: declares it.
    fn declare_scalar(&mut self, kind: &str) -> PResult<PadIdx> {
        self.lx.pos += 1;
        let utf8 = self.utf8();
        if !self.lx.ident_at(self.lx.pos, utf8) {
            return self.syntax_error();
        }
        let end = self.lx.ident_end(self.lx.pos, utf8);
        let name = String::from_utf8_lossy(&self.lx.src[self.lx.pos..end]).into_owned();
        self.check_length(&name, 251)?;
        self.lx.pos = end;
        let pad_kind = if kind == "state" { PadKind::State } else { PadKind::My };
        self.declare(&format!("${name}"), pad_kind)
    }

    /// What follows `for \`: a declaration or a variable.
    fn ref_loop_target(&mut self) -> PResult<Expr> {
        if !self.feature(Feature::RefAliasing) {
            return self.fatal("Experimental aliasing via reference not enabled");
        }
        self.warn_default(warn::EXPERIMENTAL_REFALIASING, "Aliasing via reference is experimental")?;
        let line = self.line();
        let word = self.peek_word();
        if let Some(w @ ("my" | "our" | "state")) = word.as_deref() {
            let w = w.to_string();
            self.eat_word(&w);
            let e = self.declaration(&w, true)?;
            self.note_refs(&e);
            return Ok(e);
        }
        let c = self.lx.cur();
        let Some(sigil) = Sigil::from_ch(c) else { return self.syntax_error() };
        self.lx.pos += 1;
        let name = self.var_name(sigil, false)?;
        let e = self.var_value(sigil, name, line)?;
        self.note_refs(&e);
        Ok(mk(line, ExprKind::Ref(bx(e))))
    }

    // ---- given/when, try

    pub(crate) fn given_stmt(&mut self) -> PResult<StmtKind> {
        self.push_scope();
        let topic = self.condition()?;
        let body = self.block()?;
        let lexicals = self.pop_scope();
        Ok(StmtKind::Given { topic, body, lexicals })
    }

    pub(crate) fn when_stmt(&mut self) -> PResult<StmtKind> {
        self.push_scope();
        let line = self.line();
        let cond = self.condition()?;
        let cond = self.when_condition(cond, line);
        let body = self.block()?;
        let lexicals = self.pop_scope();
        Ok(StmtKind::When { cond, body, lexicals })
    }

    /// `when (EXPR)`: boolean-looking expressions are tested as they are, others smart-match `$_`.
    pub(crate) fn when_condition(&mut self, e: Expr, line: u32) -> Expr {
        let e = unwrap_parens(e);
        if is_boolean(&e) {
            return e;
        }
        let topic = self.topic(line);
        mk(line, ExprKind::SmartMatch(bx(topic), bx(super::expr::listed(e))))
    }

    pub(crate) fn try_stmt(&mut self) -> PResult<StmtKind> {
        let body = self.block()?;
        self.lx.skip_space_and_pod();
        let mut catch = None;
        if self.eat_word("catch") {
            self.push_scope();
            if !self.next_is(b'(') {
                return self.fatal("catch block requires a (VAR)");
            }
            self.expect(b'(')?;
            if !self.next_is(b'$') {
                return self.syntax_error();
            }
            let idx = self.declare_scalar("my")?;
            self.expect(b')')?;
            self.intro();
            let mut block = self.block()?;
            let mut lexicals = self.pop_scope();
            lexicals.append(&mut block.lexicals);
            block.lexicals = lexicals;
            catch = Some((idx, block));
            self.lx.skip_space_and_pod();
        }
        let mut finally = None;
        if self.peek_word().as_deref() == Some("finally") {
            self.eat_word("finally");
            self.warn_default(warn::EXPERIMENTAL_TRY, "try/catch/finally is experimental")?;
            finally = Some(self.block()?);
        }
        if catch.is_none() && finally.is_none() {
            return self.syntax_error();
        }
        Ok(StmtKind::Try(Box::new(Try { body, catch, finally })))
    }

    /// Is a lexical sub of that name visible?
    pub(crate) fn lexical_sub_named(&mut self, name: &str) -> Found {
        if name.contains("::") {
            return Found::No;
        }
        self.lookup(&format!("&{name}"))
    }
}

/// `(EXPR)` with one member is that member.
pub(crate) fn unwrap_parens(mut e: Expr) -> Expr {
    match e.take() {
        ExprKind::List { mut items, parens: true } if items.len() == 1 => match items.pop() {
            Some(i) => i,
            None => mk(e.line, ExprKind::List { items, parens: true }),
        },
        kind => mk(e.line, kind),
    }
}

#[keshi_memory::deep]
fn is_boolean(e: &Expr) -> bool {
    use ExprKind as K;
    match &e.kind {
        K::Not(_)
        | K::FileTest { .. }
        | K::SmartMatch(..)
        | K::Match(_)
        | K::Subst(_)
        | K::Call(_)
        | K::Method(_)
        | K::ChainCmp { .. }
        | K::Range { .. }
        | K::Isa(..) => true,
        K::Func { func, .. } => matches!(func, Func::Defined | Func::Exists | Func::Eof),
        K::Binary(op, ..) => matches!(
            op,
            BinOp::NumEq
                | BinOp::NumNe
                | BinOp::NumLt
                | BinOp::NumLe
                | BinOp::NumGt
                | BinOp::NumGe
                | BinOp::StrEq
                | BinOp::StrNe
                | BinOp::StrLt
                | BinOp::StrLe
                | BinOp::StrGt
                | BinOp::StrGe
        ),
        K::List { items, parens: true } if items.len() == 1 => is_boolean(&items[0]),
        K::Logical(LogOp::And, a, b) => is_boolean(a) && is_boolean(b),
        K::Logical(_, a, _) => is_boolean(a),
        _ => false,
    }
}
