//! Calls of subs and methods.
use super::expr::{bx, mk, prec};
use super::term::flatten;
use super::var::VarName;
use super::*;

impl Parser<'_> {
    /// `&name`, `&$code`, `&{…}`, with or without arguments.
    pub(crate) fn code_term(&mut self) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos += 1;
        let name = self.var_name(Sigil::Code, false)?;
        let callee = match name {
            VarName::Plain(n) => self.code_callee(&n, line)?,
            n => self.var_value(Sigil::Code, n, line)?,
        };
        let save = self.lx.pos;
        let call = if self.next_is(b'(') {
            self.lx.pos += 1;
            let args = self.list_until(b')')?;
            CallOp { callee, args, amp: true, inherit_args: false }
        } else {
            self.lx.pos = save;
            self.unit().uses_args = true;
            CallOp { callee, args: Vec::new(), amp: true, inherit_args: true }
        };
        let e = mk(line, ExprKind::Call(Box::new(call)));
        self.postfix(e, false)
    }

    fn code_callee(&mut self, name: &str, line: u32) -> PResult<Expr> {
        match self.lexical_sub_named(name) {
            scope::Found::Lex(idx) => return Ok(mk(line, ExprKind::Lex { sigil: Sigil::Code, idx })),
            scope::Found::Our(name) => return Ok(mk(line, ExprKind::Pkg { sigil: Sigil::Code, name })),
            scope::Found::Import(LexImport::Builtin(b)) => {
                let name = format!("builtin::{b}").into();
                return Ok(mk(line, ExprKind::Pkg { sigil: Sigil::Code, name }));
            }
            scope::Found::Import(LexImport::Host(c)) => {
                let code = mk(line, ExprKind::HostConst(c));
                return Ok(mk(line, ExprKind::Deref { sigil: Sigil::Code, expr: bx(code) }));
            }
            scope::Found::No | scope::Found::OutOfReach(_) => {}
        }
        let full = self.qualify_sub(name);
        self.host.mention(&full, Sigil::Code);
        Ok(mk(line, ExprKind::Pkg { sigil: Sigil::Code, name: full }))
    }

    /// A call of a lexical sub by its name.
    pub(crate) fn lexical_call(&mut self, idx: PadIdx, line: u32) -> PResult<(Expr, bool)> {
        let callee = mk(line, ExprKind::Lex { sigil: Sigil::Code, idx });
        let proto = self.lexical_proto(self.entry_name(idx).trim_start_matches('&'));
        self.call_with_callee(callee, SubInfo { proto, ..SubInfo::default() }, line)
    }

    /// A call of a package sub by its name; the position is after the name.
    pub(crate) fn sub_call(&mut self, full: &str, info: SubInfo, line: u32) -> PResult<(Expr, bool)> {
        self.host.unwatch_name(full);
        if let (Some(c), Some(p)) = (info.constant, &info.proto)
            && p.bytes.is_empty()
        {
            let save = self.lx.pos;
            if self.next_is(b'(') {
                self.lx.pos += 1;
                self.lx.skip_space();
                if self.lx.cur() != b')' {
                    return self.too_many(full);
                }
                self.lx.pos += 1;
            } else {
                self.lx.pos = save;
            }
            return Ok((mk(line, ExprKind::HostConst(c)), false));
        }
        let callee = mk(line, ExprKind::Pkg { sigil: Sigil::Code, name: full.into() });
        self.call_with_callee(callee, info, line)
    }

    fn too_many<T>(&mut self, full: &str) -> PResult<T> {
        self.error_near(&format!("Too many arguments for {full}"))?;
        Err(Abort)
    }

    pub(crate) fn call_with_callee(
        &mut self,
        callee: Expr,
        info: SubInfo,
        line: u32,
    ) -> PResult<(Expr, bool)> {
        let name = match &callee.kind {
            ExprKind::Pkg { name, .. } => name.to_string(),
            ExprKind::Lex { idx, .. } => self.entry_name(*idx).trim_start_matches('&').to_string(),
            _ => String::new(),
        };
        let args = match &info.proto {
            Some(p) => {
                let p = p.to_text();
                let short = name.rsplit("::").next().unwrap_or(&name).len();
                if matches!(p.as_str(), ";$" | "_") {
                    self.lint_ambiguous_call(short)?;
                }
                self.lx.skip_space();
                self.term_after_scalar()?;
                self.args_by_proto(&name, &p)?
            }
            None => self.plain_args()?.0,
        };
        let call = CallOp { callee, args, amp: false, inherit_args: false };
        Ok((mk(line, ExprKind::Call(Box::new(call))), false))
    }

    /// Arguments of a list operator: in parentheses, or up to an operator of low precedence. Says whether there
    /// were parentheses.
    pub(crate) fn plain_args(&mut self) -> PResult<(Vec<Expr>, bool)> {
        self.lx.skip_space();
        if self.lx.cur() == b'(' {
            self.lx.token_start();
            self.lx.pos += 1;
            return Ok((self.list_until(b')')?, true));
        }
        if self.at_list_end() {
            return Ok((Vec::new(), false));
        }
        self.term_after_scalar()?;
        let e = self.prec(prec::COMMA)?;
        Ok((flatten(e), false))
    }

    /// `f $x /…`: like perl, takes what follows the variable for a term if it looks like one.
    pub(crate) fn term_after_scalar(&mut self) -> PResult {
        let start = self.lx.pos;
        if self.lx.cur() != b'$' || !self.lx.ident_at(start + 1, self.utf8()) {
            return Ok(());
        }
        let (_, end) = self.lx.scan_word(start + 1, self.utf8(), self.apos());
        self.lx.pos = end;
        self.skip_space_quietly();
        let n = self.lx.peek(1);
        let term = self.lx.pos > end
            && self.lx.cur() == b'/'
            && !crate::lexer::is_space(n)
            && !matches!(n, b'=' | b'/');
        if term {
            self.term()?;
            self.lx.pos = end;
            return self.operator_expected();
        }
        self.lx.pos = start;
        Ok(())
    }

    /// A user macro builtin: a list operator with a prototype.
    pub(crate) fn macro_call(&mut self, name: &str, info: &MacroInfo, line: u32) -> PResult<(Expr, bool)> {
        let mut args = self.args_by_proto(name, &info.proto.to_text())?;
        for (a, writes) in args.iter_mut().zip(&info.writes) {
            if *writes {
                *a = self.modifiable(unshaped(a.clone()), name)?;
            }
        }
        Ok((mk(line, ExprKind::Macro { name: name.into(), args }), false))
    }

    // ---- methods

    /// What follows `->` when it is a method name; the position is on it.
    pub(crate) fn method_call(&mut self, invocant: Expr, line: u32) -> PResult<(Expr, bool)> {
        let invocant = self.bareword_to_str(invocant);
        let name = match self.lx.cur() {
            b'$' => {
                self.lx.pos += 1;
                let v = self.var_name(Sigil::Scalar, false)?;
                let e = self.var_value(Sigil::Scalar, v, line)?;
                MethodName::Dynamic(e)
            }
            b'&' => {
                self.lx.pos += 1;
                let Some(w) = self.peek_word() else { return self.syntax_error() };
                self.lx.pos += w.len();
                let callee = self.code_callee(&w, line)?;
                MethodName::Lexical(callee)
            }
            _ if self.lx.ident_at(self.lx.pos, self.utf8()) || self.at_package_sep() => {
                let (w, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
                self.lx.pos = end;
                self.method_name(&w)
            }
            _ => return self.syntax_error(),
        };
        let save = self.lx.pos;
        let args = if self.next_is(b'(') {
            self.lx.pos += 1;
            self.list_until(b')')?
        } else {
            self.lx.pos = save;
            Vec::new()
        };
        let op = MethodOp { invocant, name, args, maybe: false };
        Ok((mk(line, ExprKind::Method(Box::new(op))), true))
    }

    fn method_name(&self, w: &str) -> MethodName {
        if let Some(n) = w.strip_prefix("SUPER::").filter(|n| !n.contains("::")) {
            return MethodName::Super { name: n.into(), package: self.package.clone() };
        }
        match w.rsplit_once("::") {
            None => MethodName::Plain(w.into()),
            Some((class, name)) => {
                let (class, is_super) = match class.strip_suffix("::SUPER") {
                    Some(c) => (c, true),
                    None => (class, false),
                };
                let class = class.strip_prefix("::").unwrap_or(class);
                let class = if class.is_empty() { "main" } else { class };
                MethodName::Qualified { class: class.into(), name: name.into(), is_super }
            }
        }
    }

    /// `method Object LIST` and `method {block} LIST`; the position is on the object.
    pub(crate) fn indirect_call(&mut self, method: &str, line: u32) -> PResult<(Expr, bool)> {
        let invocant = match self.lx.cur() {
            b'$' => {
                self.lx.pos += 1;
                let v = self.var_name(Sigil::Scalar, false)?;
                self.var_value(Sigil::Scalar, v, line)?
            }
            b'{' => {
                let b = self.block()?;
                mk(line, ExprKind::DoBlock(b))
            }
            _ => {
                let (w, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
                self.lx.pos = end;
                mk(line, ExprKind::Str(PStr::text(w.trim_end_matches("::"))))
            }
        };
        let (mut args, _) = self.plain_args()?;
        let invocant = match &invocant.kind {
            // Nothing stands in front of the first argument.
            ExprKind::DoBlock(b) if b.stmts.is_empty() && !args.is_empty() => args.remove(0),
            _ => invocant,
        };
        let name = self.method_name(method);
        let op = MethodOp { invocant, name, args, maybe: false };
        Ok((mk(line, ExprKind::Method(Box::new(op))), false))
    }
}

/// An argument that is to be written to, without the scalar context that its prototype gave it.
fn unshaped(mut a: Expr) -> Expr {
    match a.take() {
        ExprKind::Func { func: Func::Scalar, mut args, parens } if args.len() == 1 => {
            let inner = args.remove(0);
            if super::proto::sigil_of(&inner).is_some_and(|s| s != '$') {
                return mk(a.line, ExprKind::Func { func: Func::Scalar, args: vec![inner], parens });
            }
            inner
        }
        kind => mk(a.line, kind),
    }
}
