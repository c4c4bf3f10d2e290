//! `class`, `field`, `method`, `ADJUST`.
//!
//! A class is a package whose Host object is begun at its head ([`Host::class_begin`]) and completed where its
//! scope ends ([`Host::class_end`]). Fields have numbers that are unique in an object: those of the base class
//! come first. Inside methods a field is a pad entry bound from the object at entry.
use super::expr::mk;
use super::scope::FieldRef;
use super::*;

/// The class being compiled.
pub(crate) struct ClassState {
    def: ClassDef,
    /// `class NAME { … }`: ends with its block. Otherwise it ends with the enclosing scope, or at the next
    /// `class` or `package`.
    block: bool,
    /// Number of open scopes at its head.
    depth: usize,
    /// Constructor parameters of the base classes.
    inherited: Vec<Name>,
}

impl ClassState {
    pub(crate) fn name(&self) -> Name {
        self.def.name.clone()
    }
}

impl Parser<'_> {
    /// `class NAME [VERSION] [:attrs] [BLOCK]` after the keyword.
    pub(crate) fn class_stmt(&mut self, cop: Rc<Cop>) -> PResult<Option<Stmt>> {
        self.warn_default(warn::EXPERIMENTAL_CLASS, "class is experimental")?;
        self.finish_unit_class()?;
        self.lx.skip_space();
        let (name, version) = self.package_name()?;
        let mut def = ClassDef {
            name: name.clone(),
            version: version.clone(),
            isa: None,
            attrs: Vec::new(),
            first_field: 0,
            fields: Vec::new(),
            steps: Vec::new(),
        };
        if self.next_is(b':') {
            self.lx.pos += 1;
            for a in self.attributes()? {
                self.class_attribute(&mut def, &a)?;
            }
        }
        self.host.declare_package(&name, version.as_ref());
        let begun = def.clone();
        let base = self.with_ctx(|host, ctx| host.class_begin(&begun, ctx), None)?;
        self.open_classes.push(name.clone());
        def.first_field = base.fields;
        let depth = self.scopes.len();
        if self.next_is(b'{') {
            let line = self.line();
            self.lx.pos += 1;
            self.push_scope();
            self.package = name.clone();
            let state = ClassState { def, block: true, depth, inherited: base.params };
            let outer = self.class.replace(state);
            let stmts = self.body_statements()?;
            let end_line = self.line();
            self.close_brace()?;
            self.finish_class()?;
            self.class = outer;
            let lexicals = self.pop_scope();
            let body = Block { stmts, lexicals, line, end_line };
            return Ok(Some(Stmt { cop, labels: Vec::new(), kind: StmtKind::Package { name, body } }));
        }
        self.end_of_statement()?;
        self.package = name;
        self.class = Some(ClassState { def, block: false, depth, inherited: base.params });
        Ok(None)
    }

    fn class_attribute(&mut self, def: &mut ClassDef, a: &Attr) -> PResult {
        if &*a.name != "isa" {
            return self.fatal(&format!("Unrecognized class attribute {}", a.name));
        }
        let text = a.arg.as_ref().map(PStr::to_text).unwrap_or_default();
        let mut words = text.split_whitespace();
        let Some(base) = words.next() else {
            return self.fatal("Class attribute isa requires a value");
        };
        if def.isa.is_some() {
            return self.fatal("Class already has a superclass, cannot add another");
        }
        let version = words.next().map(PStr::text);
        if let Some(rest) = words.next() {
            let msg = format!("Unexpected characters while parsing class :isa attribute: {rest}");
            return self.fatal(&msg);
        }
        def.isa = Some((base.into(), version));
        Ok(())
    }

    /// `method`, `field` and `ADJUST` belong into a class.
    pub(crate) fn need_class(&mut self, word: &str) -> PResult {
        if self.class.is_some() {
            return Ok(());
        }
        self.fatal(&format!("Cannot '{word}' outside of a 'class'"))
    }

    /// Completes a class without a block: another package begins.
    pub(crate) fn finish_unit_class(&mut self) -> PResult {
        if self.class.as_ref().is_some_and(|c| !c.block) {
            return self.finish_class();
        }
        Ok(())
    }

    /// The same where a scope ends.
    pub(crate) fn finish_class_of_scope(&mut self) -> PResult {
        if self.class.as_ref().is_some_and(|c| c.depth >= self.scopes.len()) {
            return self.finish_unit_class();
        }
        Ok(())
    }

    /// Hands the class in progress, if any, to the Host.
    pub(crate) fn finish_class(&mut self) -> PResult {
        if self.has_errors() {
            return Ok(());
        }
        let Some(c) = self.class.take() else { return Ok(()) };
        self.open_classes.retain(|n| *n != c.def.name);
        let def = Rc::new(c.def);
        self.with_ctx(|host, ctx| host.class_end(def, ctx), None)
    }

    pub(crate) fn add_adjust(&mut self, def: Rc<SubDef>) {
        if let Some(c) = &mut self.class {
            c.def.steps.push(ClassStep::Adjust(def));
        }
    }

    /// `field VAR [:attrs] [= EXPR]` after the keyword.
    pub(crate) fn field_stmt(&mut self) -> PResult<StmtKind> {
        self.warn_default(warn::EXPERIMENTAL_CLASS, "field is experimental")?;
        self.lx.skip_space();
        let c = self.lx.cur();
        let Some(sigil @ (Sigil::Scalar | Sigil::Array | Sigil::Hash)) = Sigil::from_ch(c) else {
            return self.syntax_error();
        };
        self.lx.pos += 1;
        let end = self.lx.ident_end(self.lx.pos, self.utf8());
        let bare = String::from_utf8_lossy(&self.lx.src[self.lx.pos..end]).into_owned();
        self.lx.pos = end;
        if bare.is_empty() {
            return self.syntax_error();
        }
        let Some((class, index)) =
            self.class.as_ref().map(|c| (c.name(), c.def.first_field + c.def.fields.len() as u32))
        else {
            return self.need_class("field").map(|()| StmtKind::Nothing);
        };
        let name = format!("{}{bare}", c as char);
        let idx = self.declare(&name, PadKind::Field(index))?;
        let mut field = FieldDef {
            name: name.as_str().into(),
            sigil,
            param: None,
            reader: None,
            writer: None,
            attrs: Vec::new(),
            default: None,
        };
        if self.next_is(b':') {
            self.lx.pos += 1;
            for a in self.attributes()? {
                self.field_attribute(&mut field, &bare, &a)?;
            }
        }
        field.default = self.field_default()?;
        self.end_of_statement()?;
        let here = FieldRef { index, class };
        if let Some(n) = field.reader.clone() {
            self.reader(&n, sigil, &name, &here)?;
        }
        if let Some(n) = field.writer.clone() {
            self.writer(&n, &name, &here)?;
        }
        if let Some(c) = &mut self.class {
            c.def.fields.push(field);
            c.def.steps.push(ClassStep::Field(index));
        }
        Ok(StmtKind::Field(idx))
    }

    fn field_attribute(&mut self, field: &mut FieldDef, bare: &str, a: &Attr) -> PResult {
        let arg = a.arg.as_ref().map(|p| p.to_text().trim().to_string()).filter(|s| !s.is_empty());
        match &*a.name {
            "param" if field.sigil != Sigil::Scalar => {
                self.fatal("Only scalar fields can take a :param attribute")
            }
            "param" if field.param.is_some() => {
                self.fatal("Field already has a parameter name, cannot add another")
            }
            "param" => {
                let name: Name = arg.as_deref().unwrap_or(bare).into();
                let used = self.class.as_ref().is_some_and(|c| {
                    c.inherited.contains(&name)
                        || c.def.fields.iter().any(|f| f.param.as_ref() == Some(&name))
                });
                if used {
                    return self.fatal(&format!(
                        "Cannot assign :param({name}) to field {} because that name is already in use",
                        field.name
                    ));
                }
                field.param = Some(name);
                Ok(())
            }
            "reader" => {
                field.reader = Some(self.accessor_name(arg.as_deref().unwrap_or(bare))?);
                Ok(())
            }
            "writer" if field.sigil != Sigil::Scalar => {
                self.fatal("Cannot apply a :writer attribute to a non-scalar field")
            }
            "writer" => {
                let name = arg.unwrap_or_else(|| format!("set_{bare}"));
                field.writer = Some(self.accessor_name(&name)?);
                Ok(())
            }
            other => self.fatal(&format!("Unrecognized field attribute {other}")),
        }
    }

    fn accessor_name(&mut self, name: &str) -> PResult<Name> {
        let good = name.starts_with(|c: char| c == '_' || c.is_alphabetic())
            && name.chars().all(|c| c == '_' || c.is_alphanumeric());
        if !good {
            return self.fatal(&format!("\"{name}\" is not a valid name for a generated method"));
        }
        Ok(name.into())
    }

    /// A method of one statement, as if written out.
    fn generated(
        &mut self,
        name: &str,
        build: impl FnOnce(&mut Self, PadIdx, &mut Vec<SigParam>) -> PResult<Vec<Expr>>,
    ) -> PResult {
        let line = self.line();
        let full = self.qualify_sub(name);
        self.push_unit(SubKind::Named);
        self.push_scope();
        let self_idx = self.declare_self("$self")?;
        let mut params = Vec::new();
        let exprs = build(self, self_idx, &mut params)?;
        let cop = self.cop(line);
        let stmt = |e| Stmt { cop: cop.clone(), labels: Vec::new(), kind: StmtKind::Expr(e) };
        let stmts = exprs.into_iter().map(stmt).collect();
        let lexicals = self.pop_scope();
        let unit = self.pop_unit();
        let mut def = self.sub_def(unit, Some(full), line);
        let required = params.len() as u32;
        def.sig = Some(Signature { params, slurpy: None, required });
        def.body = Some(Block { stmts, lexicals, line, end_line: line });
        let def = Rc::new(def);
        self.with_ctx(|host, ctx| host.define_sub(def, ctx), None)
    }

    fn reader(&mut self, name: &str, sigil: Sigil, var: &str, field: &FieldRef) -> PResult {
        self.generated(name, |p, _, _| {
            let idx = p.bind_field(p.unit_count() - 1, field, var);
            Ok(vec![mk(p.line(), ExprKind::Lex { sigil, idx })])
        })
    }

    fn writer(&mut self, name: &str, var: &str, field: &FieldRef) -> PResult {
        self.generated(name, |p, this, params| {
            let line = p.line();
            let lex = |idx| mk(line, ExprKind::Lex { sigil: Sigil::Scalar, idx });
            let value = p.declare("$value", PadKind::My)?;
            params.push(SigParam { idx: Some(value), default: None, line });
            let idx = p.bind_field(p.unit_count() - 1, field, var);
            let assign = ExprKind::Assign(Box::new(lex(idx)), Box::new(lex(value)));
            Ok(vec![mk(line, assign), lex(this)])
        })
    }

    /// Makes the innermost unit a method of the class: `name` is its variable for the object.
    pub(crate) fn declare_self(&mut self, name: &str) -> PResult<PadIdx> {
        let idx = self.declare(name, PadKind::My)?;
        self.intro();
        let class = self.class.as_ref().map(ClassState::name);
        let unit = self.unit();
        unit.class_method = true;
        unit.class = class;
        unit.self_idx = Some(idx);
        Ok(idx)
    }

    fn field_default(&mut self) -> PResult<Option<(DefaultWhen, Rc<SubDef>)>> {
        self.lx.skip_space();
        let Some((when, len)) = self.default_operator() else { return Ok(None) };
        self.lx.pos += len;
        let line = self.line();
        self.push_unit(SubKind::FieldInit);
        self.push_scope();
        // No program can name it: the object is not there for the expression, only for its fields.
        self.declare_self("$(self)")?;
        let cop = self.cop(line);
        let e = self.expr()?;
        self.check_barewords()?;
        let stmt = Stmt { cop, labels: Vec::new(), kind: StmtKind::Expr(e) };
        let lexicals = self.pop_scope();
        let unit = self.pop_unit();
        let mut def = self.sub_def(unit, None, line);
        def.body = Some(Block { stmts: vec![stmt], lexicals, line, end_line: line });
        Ok(Some((when, Rc::new(def))))
    }

    /// `__CLASS__`: the class of the object the innermost method runs for.
    pub(crate) fn current_class(&mut self, line: u32) -> PResult<Expr> {
        let Some(this) = self.innermost_self() else {
            return self.fatal("Cannot use __CLASS__ outside of a method or field initializer expression");
        };
        let object = mk(line, ExprKind::Lex { sigil: Sigil::Scalar, idx: this });
        Ok(mk(line, ExprKind::Func { func: Func::Ref, args: vec![object], parens: true }))
    }
}
