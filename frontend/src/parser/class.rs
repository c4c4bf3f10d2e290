//! `class`, `field`, `method`, `ADJUST`.
use super::expr::mk;
use super::*;

/// The class being compiled.
pub(crate) struct ClassState {
    def: ClassDef,
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
        self.finish_class()?;
        self.lx.skip_space();
        let (name, version) = self.package_name()?;
        let mut def = ClassDef {
            name: name.clone(),
            version: version.clone(),
            isa: None,
            attrs: Vec::new(),
            fields: Vec::new(),
            steps: Vec::new(),
        };
        if self.next_is(b':') {
            self.lx.pos += 1;
            for a in self.attributes()? {
                if &*a.name == "isa" {
                    let text = a.arg.as_ref().map(PStr::to_text).unwrap_or_default();
                    let mut words = text.split_whitespace();
                    let Some(base) = words.next() else {
                        return self.fatal("Class attribute isa requires a value");
                    };
                    def.isa = Some((base.into(), words.next().map(PStr::text)));
                } else {
                    return self.fatal(&format!("Unrecognized class attribute {}", a.name));
                }
            }
        }
        self.host.declare_package(&name, version.as_ref());
        let begun = def.clone();
        self.with_ctx(|host, ctx| host.class_begin(&begun, ctx), None)?;
        if self.next_is(b'{') {
            let line = self.line();
            self.lx.pos += 1;
            self.push_scope();
            self.package = name.clone();
            self.class = Some(ClassState { def });
            let stmts = self.statements(false)?;
            let end_line = self.line();
            self.close_brace()?;
            self.finish_class()?;
            let lexicals = self.pop_scope();
            let body = Block { stmts, lexicals, line, end_line };
            return Ok(Some(Stmt { cop, labels: Vec::new(), kind: StmtKind::Package { name, body } }));
        }
        self.end_of_statement()?;
        self.package = name;
        self.class = Some(ClassState { def });
        Ok(None)
    }

    /// Hands the class in progress, if any, to the Host.
    pub(crate) fn finish_class(&mut self) -> PResult {
        let Some(c) = self.class.take() else { return Ok(()) };
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
        let index = self.class.as_ref().map_or(0, |c| c.def.fields.len()) as u32;
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
                let arg = a.arg.as_ref().map(PStr::to_text);
                match &*a.name {
                    "param" if sigil != Sigil::Scalar => {
                        return self.fatal("Only scalar fields can take a :param attribute");
                    }
                    "param" => field.param = Some(arg.as_deref().unwrap_or(&bare).trim().into()),
                    "reader" => field.reader = Some(arg.as_deref().unwrap_or(&bare).trim().into()),
                    "writer" if sigil != Sigil::Scalar => {
                        return self.fatal("Can only apply a :writer attribute to a scalar field");
                    }
                    "writer" => {
                        let name = arg.unwrap_or_else(|| format!("set_{bare}"));
                        field.writer = Some(name.trim().into());
                    }
                    other => return self.fatal(&format!("Unrecognized field attribute {other}")),
                }
            }
        }
        field.default = self.field_default()?;
        self.end_of_statement()?;
        if let Some(c) = &mut self.class {
            c.def.fields.push(field);
            c.def.steps.push(ClassStep::Field(index));
        }
        Ok(StmtKind::Field(idx))
    }

    fn field_default(&mut self) -> PResult<Option<(DefaultWhen, Rc<SubDef>)>> {
        self.lx.skip_space();
        let (when, len) = if self.lx.looking_at("//=") {
            (DefaultWhen::Undef, 3)
        } else if self.lx.looking_at("||=") {
            (DefaultWhen::False, 3)
        } else if self.lx.cur() == b'=' {
            (DefaultWhen::Missing, 1)
        } else {
            return Ok(None);
        };
        self.lx.pos += len;
        let line = self.line();
        self.push_unit(SubKind::FieldInit);
        self.push_scope();
        self.unit().class_method = true;
        let self_idx = self.declare("$self", PadKind::My)?;
        self.unit().self_idx = Some(self_idx);
        let cop = self.cop(line);
        let e = self.expr()?;
        self.check_barewords()?;
        let stmt = Stmt { cop, labels: Vec::new(), kind: StmtKind::Expr(mk(line, e.kind)) };
        let lexicals = self.pop_scope();
        let unit = self.pop_unit();
        let mut def = self.sub_def(unit, None, line);
        def.body = Some(Block { stmts: vec![stmt], lexicals, line, end_line: line });
        Ok(Some((when, Rc::new(def))))
    }
}
