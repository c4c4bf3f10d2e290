//! `use` and `no`.
use super::expr::mk;
use super::*;

impl Parser<'_> {
    pub(crate) fn use_stmt(&mut self, no: bool, line: u32) -> PResult {
        let word = if no { "no" } else { "use" };
        self.lx.skip_space();
        let c = self.lx.cur();
        if c.is_ascii_digit() || (c == b'v' && self.lx.peek(1).is_ascii_digit()) {
            return self.use_version(no);
        }
        if !self.lx.ident_at(self.lx.pos, self.utf8()) && !self.at_package_sep() {
            return self.syntax_error();
        }
        if self.has_errors() {
            // perl compiles the statement, then refuses to run it.
            return self.begin_not_safe();
        }
        let (name, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
        self.lx.pos = end;
        let module: Name = name.trim_end_matches("::").into();
        let version = self.optional_version()?;
        self.push_unit(SubKind::Begin);
        self.push_scope();
        let hints = self.hints.clone();
        let args = if self.at_use_end() { None } else { Some(self.expr()?) };
        self.check_barewords()?;
        self.end_of_statement()?;
        let import = !matches!(&args, Some(Expr { kind: ExprKind::List { items, parens: true }, .. }) if items.is_empty());
        let args = args.map(super::term::flatten).unwrap_or_default();
        let const_args = constant_args(&args);
        let stmts = self.use_statements(&module, version.clone(), args, import, no, line);
        let body = Block { stmts, lexicals: Vec::new(), line, end_line: line };
        self.pop_scope();
        let unit = self.pop_unit();
        let mut def = self.sub_def(unit, Some(format!("{}::BEGIN", self.package).into()), line);
        def.body = Some(body);
        def.hints = hints;
        let stmt = UseStmt { no, module, version, import, code: Rc::new(def), const_args };
        let _ = word;
        let end = self.line();
        self.with_ctx(|host, ctx| host.use_module(&stmt, ctx), Some(("BEGIN failed", end)))?;
        self.intro();
        Ok(())
    }

    fn at_use_end(&mut self) -> bool {
        self.lx.skip_space();
        matches!(self.lx.cur(), b';' | b'}') || self.lx.eof()
    }

    /// `require M; M->VERSION(V); M->import(LIST)`
    fn use_statements(
        &mut self,
        module: &Name,
        version: Option<Expr>,
        args: Vec<Expr>,
        import: bool,
        no: bool,
        line: u32,
    ) -> Vec<Stmt> {
        // The debugger sees its calls, but does not stop at it.
        let cop = self.statement_cop(line);
        let debug = cop.debug.clone().map(|d| DebugHooks { statement: false, ..d });
        let cop = self.cop_with(line, debug);
        let stmt =
            |e: ExprKind| Stmt { cop: cop.clone(), labels: Vec::new(), kind: StmtKind::Expr(mk(line, e)) };
        let class = || mk(line, ExprKind::Str(PStr::text(module)));
        let path = format!("{}.pm", module.replace("::", "/"));
        let arg = Box::new(mk(line, ExprKind::Str(PStr::text(&path))));
        let load = match self.overrider("require") {
            Some(name) => self.plain_call(name, vec![*arg], line).take(),
            None => ExprKind::Require { arg, bareword: true },
        };
        let mut out = vec![stmt(load)];
        let method = |name: &str, args: Vec<Expr>, maybe: bool| {
            ExprKind::Method(Box::new(MethodOp {
                invocant: class(),
                name: MethodName::Plain(name.into()),
                args,
                maybe,
            }))
        };
        if let Some(v) = version {
            out.push(stmt(method("VERSION", vec![v], false)));
        }
        if import {
            out.push(stmt(method(if no { "unimport" } else { "import" }, args, true)));
        }
        out
    }

    fn use_version(&mut self, no: bool) -> PResult {
        let version = self.term()?;
        self.end_of_statement()?;
        if self.has_errors() {
            return self.begin_not_safe();
        }
        let end = self.line();
        self.with_ctx(|host, ctx| host.use_version(&version, no, ctx), Some(("BEGIN failed", end)))
    }
}

/// The texts of a list of constants.
fn constant_args(args: &[Expr]) -> Option<Vec<PStr>> {
    let mut out = Vec::new();
    for a in args {
        match &a.kind {
            ExprKind::Str(s) | ExprKind::Bareword(s) => out.push(s.clone()),
            ExprKind::Int(i) => out.push(PStr::text(&i.to_string())),
            ExprKind::List { items, parens: true } => out.extend(constant_args(items)?),
            ExprKind::Unary(UnOp::Neg, e) => match &e.kind {
                ExprKind::Str(s) => out.push(PStr::text(&format!("-{}", s.to_text()))),
                _ => return None,
            },
            _ => return None,
        }
    }
    Some(out)
}
