//! `my`, `our`, `state`, `local`, and `package`.
use super::expr::{bx, mk, prec};
use super::*;
use crate::lexer::raw::Op;

impl Parser<'_> {
    /// What follows `my`, `our`, `state` or `field`. `is_ref`: after `my \`. `my \X` is `\my X`.
    pub(crate) fn declaration(&mut self, word: &str, is_ref: bool) -> PResult<Expr> {
        let line = self.line();
        let kind = match word {
            "my" => DeclKind::My,
            "our" => DeclKind::Our,
            "state" => DeclKind::State,
            _ => DeclKind::Field,
        };
        let mut class = None;
        self.lx.skip_space();
        if self.lx.ident_at(self.lx.pos, self.utf8()) {
            let (name, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
            self.lx.pos = end;
            class = Some(self.class_name(&name)?);
            self.lx.skip_space();
        }
        let refs = self.declared_refs(u32::from(is_ref))?;
        let since = self.declared_so_far();
        let mut e = if self.lx.cur() == b'(' {
            self.lx.pos += 1;
            let items = self.declared_list(word, kind)?;
            gathered(items, kind, line)
        } else {
            let v = self.declared_var(word, kind)?;
            self.lint_missing_parens(word)?;
            my_expr(kind, false, vec![v], line)
        };
        let save = self.lx.pos;
        self.lx.skip_space();
        let attribute = self.lx.cur() == b':' && self.lx.peek(1) != b':' && self.attribute_follows();
        if attribute {
            self.lx.pos += 1;
            if self.lx.cur() == b'=' {
                return self.fatal("Use of := for an empty attribute list is not allowed");
            }
            let attrs = self.attributes()?;
            each_decl(&mut e, &mut |d| d.attrs = attrs.clone());
        } else {
            self.lx.pos = save;
        }
        if let Some(c) = &class {
            self.set_declared_class(since, c);
            each_decl(&mut e, &mut |d| d.class = class.clone());
        }
        for _ in 0..refs {
            e = mk(line, ExprKind::Ref(bx(e)));
        }
        if has_ref(&e) {
            self.note_refs(&e);
            // `my \$x ** 1` declares the power.
            if matches!(self.next_op(), Some((Op::Pow, _))) {
                self.error_near(&format!("Can't declare exponentiation (**) in \"{word}\""))?;
            }
        }
        Ok(e)
    }

    /// Takes the `\` before declared variables; the count of them, `before` included.
    fn declared_refs(&mut self, before: u32) -> PResult<u32> {
        let mut refs = before;
        while self.lx.cur() == b'\\' {
            if refs == 0 {
                self.declares_ref()?;
            }
            self.lx.pos += 1;
            refs += 1;
            self.lx.skip_space();
        }
        Ok(refs)
    }

    /// `my \$x` is an experiment.
    pub(crate) fn declares_ref(&mut self) -> PResult {
        if !self.feature(Feature::DeclaredRefs) {
            return self.fatal("The experimental declared_refs feature is not enabled");
        }
        self.warn_default(warn::EXPERIMENTAL_DECLARED_REFS, "Declaring references is experimental")
    }

    /// After `my $x :` a word is an attribute (in `c ? my $x : f` it is not, but perl takes it as one, too).
    fn attribute_follows(&mut self) -> bool {
        let save = self.lx.pos;
        self.lx.pos += 1;
        self.skip_space_quietly();
        let yes = self.lx.ident_at(self.lx.pos, self.utf8()) || matches!(self.lx.cur(), b'=' | b';');
        self.lx.pos = save;
        yes
    }

    /// The package a type name in `my Dog $x` stands for.
    pub(crate) fn class_name(&mut self, name: &str) -> PResult<Name> {
        if name == "__PACKAGE__" {
            return Ok(self.package.clone());
        }
        // A constant stands for the class it names.
        if let Some((_, SubInfo { constant: Some(c), .. })) = self.known_sub(name)
            && let Some(class) = self.host.const_text(c).map(|t| t.to_text())
            && self.host.package_exists(&class)
        {
            return Ok(class.as_str().into());
        }
        let name = name.trim_end_matches("::");
        if !self.host.package_exists(name) {
            return self.fatal(&format!("No such class {name}"));
        }
        Ok(name.into())
    }

    /// The members of `my (…)`, after the parenthesis.
    fn declared_list(&mut self, word: &str, kind: DeclKind) -> PResult<Vec<Expr>> {
        let mut items = Vec::new();
        loop {
            self.lx.skip_space();
            let line = self.line();
            let refs = self.declared_refs(0)?;
            match self.lx.cur() {
                b')' if refs == 0 => {
                    self.lx.pos += 1;
                    return Ok(items);
                }
                b',' if refs == 0 => {
                    self.lx.pos += 1;
                    continue;
                }
                _ => {}
            }
            if let Some(w @ ("my" | "our" | "state")) = self.peek_word().as_deref() {
                let before = self.lx.src[..self.lx.pos].iter().rposition(|c| !crate::lexer::is_space(*c));
                let near = self.excerpt(&self.lx.src[before.unwrap_or(0)..self.lx.pos + w.len()]);
                let at = self.at_line(self.line());
                self.queue(&format!("Can't redeclare \"{w}\" in \"{word}\"{at}, near \"{near}\"\n"))?;
                let w = w.to_string();
                self.eat_word(&w);
                let _ = self.declaration(&w, false)?;
                continue;
            }
            let mut e = if self.peek_word().as_deref() == Some("undef") {
                self.eat_word("undef");
                my_expr(kind, false, vec![MyVar::Undef], line)
            } else if self.lx.cur() == b'(' && refs > 0 {
                self.lx.pos += 1;
                let inner = self.declared_list(word, kind)?;
                gathered(inner, kind, line)
            } else {
                let v = self.declared_var(word, kind)?;
                my_expr(kind, false, vec![v], line)
            };
            for _ in 0..refs {
                e = mk(line, ExprKind::Ref(bx(e)));
            }
            items.push(e);
        }
    }

    fn declared_var(&mut self, word: &str, kind: DeclKind) -> PResult<MyVar> {
        self.lx.token_start();
        let c = self.lx.cur();
        let Some(sigil @ (Sigil::Scalar | Sigil::Array | Sigil::Hash)) = Sigil::from_ch(c) else {
            return self.syntax_error();
        };
        self.lx.pos += 1;
        self.lx.skip_space();
        let utf8 = self.utf8();
        if !self.lx.ident_at(self.lx.pos, utf8) && !self.lx.looking_at("::") {
            return self.not_declarable(word, c);
        }
        let (name, end) = self.lx.scan_word(self.lx.pos, utf8, self.apos());
        self.check_length(&name, 251)?;
        self.lx.pos = end;
        let shown = format!("{}{name}", c as char);
        if name.contains("::") {
            let msg = if kind == DeclKind::Our {
                format!("No package name allowed for variable {shown} in \"our\"")
            } else {
                format!("\"{word}\" variable {shown} can't be in a package")
            };
            self.error_near(&msg)?;
            return Ok(MyVar::Undef);
        }
        if kind == DeclKind::Our {
            let full = self.qualify(&name, sigil);
            self.host.mention(&full, sigil);
            self.declare(&shown, PadKind::Our(full.clone()))?;
            return Ok(MyVar::Our { sigil, name: full });
        }
        if name == "_" {
            self.error_near(&format!("Can't use global {shown} in \"{word}\""))?;
            return Ok(MyVar::Undef);
        }
        let pad_kind = if kind == DeclKind::State { PadKind::State } else { PadKind::My };
        let idx = self.declare(&shown, pad_kind)?;
        Ok(MyVar::Lex { sigil, idx })
    }

    fn not_declarable(&mut self, word: &str, sigil: u8) -> PResult<MyVar> {
        let line = self.line();
        let s = sigil as char;
        if let Ok(super::var::VarName::Plain(n)) = self.var_name(Sigil::Scalar, false) {
            let shown: String = n
                .chars()
                .map(|c| {
                    if c.is_ascii_control() { format!("^{}", (c as u8 ^ 64) as char) } else { c.to_string() }
                })
                .collect();
            let text = format!(
                "Can't use global {s}{shown} in \"{word}\"{}, near \"{word} {s}{shown}\"\n",
                self.at_line(line)
            );
            self.queue(&text)?;
            return Ok(MyVar::Undef);
        }
        self.syntax_error()
    }

    /// `local EXPR`
    pub(crate) fn local_term(&mut self, line: u32) -> PResult<Expr> {
        let e = self.prec(prec::UNARY)?;
        if !super::assign::is_list_lvalue(&e) {
            self.lint_missing_parens("local")?;
        }
        if has_ref(&e) {
            self.declares_ref()?;
            self.check_local_refs(&e)?;
        }
        if matches!(e.kind, ExprKind::KvSlice { .. } | ExprKind::KvHSlice { .. }) {
            self.check_modifiable(&e, "local")?;
        }
        self.check_local(&e)?;
        Ok(localized(e, line))
    }

    #[keshi_memory::deep]
    fn check_local_refs(&mut self, e: &Expr) -> PResult {
        match &e.kind {
            ExprKind::Ref(x) => self.check_local_refs(x),
            ExprKind::List { items, .. } => items.iter().try_for_each(|i| self.check_local_refs(i)),
            _ => self.check_modifiable(e, "local"),
        }
    }

    #[keshi_memory::deep]
    fn check_local(&mut self, e: &Expr) -> PResult {
        match &e.kind {
            ExprKind::Lex { idx, .. } => {
                let name = self.entry_name(*idx);
                self.error(&format!("Can't localize lexical variable {name}"))
            }
            ExprKind::List { items, .. } => {
                for i in items {
                    self.check_local(i)?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// `package NAME [VERSION] [BLOCK]` after the keyword.
    pub(crate) fn package_stmt(&mut self, cop: Rc<Cop>) -> PResult<Option<Stmt>> {
        self.lx.skip_space();
        let (name, version) = self.package_name()?;
        if self.next_is(b'{') {
            let line = self.line();
            self.lx.pos += 1;
            self.push_scope();
            self.package = name.clone();
            self.host.declare_package(&name, version.as_ref());
            let body = self.block_rest(line)?;
            return Ok(Some(Stmt { cop, labels: Vec::new(), kind: StmtKind::Package { name, body } }));
        }
        self.end_of_statement()?;
        self.finish_unit_class()?;
        self.package = name.clone();
        self.host.declare_package(&name, version.as_ref());
        Ok(None)
    }

    /// A package name with an optional version.
    pub(crate) fn package_name(&mut self) -> PResult<(Name, Option<Expr>)> {
        if !self.lx.ident_at(self.lx.pos, self.utf8()) && !self.at_package_sep() {
            return self.syntax_error();
        }
        let (name, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
        self.lx.pos = end;
        let mut name: &str = &name;
        while let Some(n) = name.strip_prefix("main::").filter(|n| !n.is_empty()) {
            name = n;
        }
        let name: Name = name.strip_prefix("::").unwrap_or(name).into();
        self.lx.skip_space();
        let mut version = None;
        if !matches!(self.lx.cur(), b';' | b':' | b'{' | b'}') && !self.lx.eof() {
            if let Some(what) = bad_version(self.lx.rest()) {
                return self.wrong_version(what);
            }
            version = self.optional_version()?;
        }
        Ok((name, version))
    }

    /// The version of a package is not in perl's strict form.
    fn wrong_version<T>(&mut self, what: &str) -> PResult<T> {
        let lx = &self.lx;
        // Back over the name to the keyword.
        let mut from = lx.pos;
        for _ in 0..2 {
            while from > 0 && crate::lexer::is_space(lx.at(from - 1)) {
                from -= 1;
            }
            while from > 0 && !crate::lexer::is_space(lx.at(from - 1)) {
                from -= 1;
            }
        }
        let seen = self.near_from(from, self.lx.pos);
        self.queue_near(&format!("Invalid version format ({what})"), &seen)?;
        let text = self.lx.rest();
        let number =
            text.iter().position(|c| !matches!(c, b'0'..=b'9' | b'.' | b'_' | b'v')).unwrap_or(text.len());
        let end = if number > 0 { self.lx.pos + number } else { self.offending_end() };
        let seen = self.near_from(from, end);
        self.queue_near("syntax error", &seen)?;
        self.syntax_abort()
    }

    /// A version literal, if one stands here and a statement end or a brace follows.
    pub(crate) fn optional_version(&mut self) -> PResult<Option<Expr>> {
        self.lx.skip_space();
        let c = self.lx.cur();
        let version = c.is_ascii_digit() || c == b'v' && self.lx.peek(1).is_ascii_digit();
        if !version {
            return Ok(None);
        }
        let save = self.lx.pos;
        let e = self.term()?;
        let c = self.lx.cur();
        if c == b';' || c == b'{' || c == b'}' || crate::lexer::is_space(c) || self.lx.eof() {
            self.lx.skip_space();
            if !matches!(self.lx.cur(), b',' | b'=' | b'-' | b'+' | b'.' | b'*') {
                return Ok(Some(e));
            }
        }
        self.lx.pos = save;
        Ok(None)
    }

    /// `;`, or the end of block or text.
    pub(crate) fn end_of_statement(&mut self) -> PResult {
        self.lx.skip_space();
        self.end_markers();
        match self.lx.cur() {
            b';' => {
                self.lx.token_start();
                self.lx.pos += 1;
                Ok(())
            }
            b'}' => Ok(()),
            _ if self.lx.eof() || self.at_end_marker() => Ok(()),
            _ => self.syntax_error(),
        }
    }
}

fn my_expr(kind: DeclKind, parens: bool, vars: Vec<MyVar>, line: u32) -> Expr {
    mk(line, ExprKind::My(Box::new(MyDecl { kind, parens, vars, class: None, attrs: Vec::new() })))
}

/// The members of `my (…)`: one declaration, or a list if there are references among them.
fn gathered(items: Vec<Expr>, kind: DeclKind, line: u32) -> Expr {
    if items.iter().all(|e| matches!(e.kind, ExprKind::My(_))) {
        let mut vars = Vec::new();
        for mut e in items {
            if let ExprKind::My(d) = e.take() {
                vars.extend(d.vars);
            }
        }
        return my_expr(kind, true, vars, line);
    }
    let items = items
        .into_iter()
        .map(|e| match &e.kind {
            ExprKind::My(d) if matches!(d.vars[..], [MyVar::Undef]) => {
                mk(line, ExprKind::Func { func: Func::Undef, args: Vec::new(), parens: false })
            }
            _ => e,
        })
        .collect();
    mk(line, ExprKind::List { items, parens: true })
}

/// The declarations in what `my …` became.
#[keshi_memory::deep]
fn each_decl(e: &mut Expr, f: &mut dyn FnMut(&mut MyDecl)) {
    match &mut e.kind {
        ExprKind::My(d) => f(d),
        ExprKind::Ref(x) => each_decl(x, f),
        ExprKind::List { items, .. } => items.iter_mut().for_each(|x| each_decl(x, f)),
        _ => {}
    }
}

/// `local \$x`: a reference among what is localized.
#[keshi_memory::deep]
fn has_ref(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Ref(_) => true,
        ExprKind::List { items, .. } => items.iter().any(has_ref),
        _ => false,
    }
}

/// `local EXPR`; of references what they refer to is localized.
#[keshi_memory::deep]
fn localized(mut e: Expr, line: u32) -> Expr {
    if !has_ref(&e) {
        return mk(line, ExprKind::Local(bx(e)));
    }
    match e.take() {
        ExprKind::Ref(mut x) => match x.take() {
            ExprKind::List { items, parens } => {
                let items = items.into_iter().map(|i| localized(i, line)).collect();
                mk(line, ExprKind::Ref(bx(mk(line, ExprKind::List { items, parens }))))
            }
            kind => mk(line, ExprKind::Ref(bx(localized(mk(line, kind), line)))),
        },
        ExprKind::List { items, parens } => {
            let items = items.into_iter().map(|i| localized(i, line)).collect();
            mk(line, ExprKind::List { items, parens })
        }
        kind => mk(line, ExprKind::Local(bx(mk(line, kind)))),
    }
}

/// What is wrong with a version in perl's strict sense: `1.23`, or `v` with at least three parts.
fn bad_version(text: &[u8]) -> Option<&'static str> {
    let at = |i: usize| text.get(i).copied().unwrap_or(0);
    let ends = |c: u8| matches!(c, 0 | b';' | b'{' | b'}') || crate::lexer::is_space(c);
    let digits = |mut i: usize| {
        while at(i).is_ascii_digit() {
            i += 1;
        }
        i
    };
    let mut i = 0;
    if at(0) == b'v' {
        if !at(1).is_ascii_digit() {
            return Some("dotted-decimal versions require at least three parts");
        }
        if at(1) == b'0' && at(2).is_ascii_digit() {
            return Some("no leading zeros");
        }
        i = digits(1);
        let mut parts = 1;
        while at(i) == b'.' && at(i + 1).is_ascii_digit() {
            let end = digits(i + 1);
            if end - i > 4 {
                return Some("maximum 3 digits between decimals");
            }
            i = end;
            parts += 1;
        }
        if at(i) == b'_' {
            return Some("no underscores");
        }
        if parts < 3 {
            return Some("dotted-decimal versions require at least three parts");
        }
    } else {
        match at(0) {
            b'.' => return Some("0 before decimal required"),
            b'0' if at(1).is_ascii_digit() => return Some("no leading zeros"),
            b'-' => return Some("negative version number"),
            _ => {}
        }
        i = digits(i);
        match at(i) {
            _ if i == 0 => return Some("non-numeric data"),
            b'_' => return Some("no underscores"),
            b'.' => {
                let end = digits(i + 1);
                match at(end) {
                    _ if end == i + 1 => return Some("fractional part required"),
                    b'.' => return Some("dotted-decimal versions must begin with 'v'"),
                    b'_' => return Some("no underscores"),
                    _ => i = end,
                }
            }
            _ => {}
        }
    }
    (!ends(at(i)) && at(i) != b'#').then_some("non-numeric data")
}
