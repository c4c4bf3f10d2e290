//! Sub declarations: named, anonymous, lexical, methods and phase blocks.
use super::expr::mk;
use super::*;

impl Parser<'_> {
    /// `sub NAME …` after the keyword. False: no name follows, so it is an anonymous sub.
    pub(crate) fn named_sub(&mut self, kind: SubKind, line: u32) -> PResult<bool> {
        self.named_sub_kind(kind, line, false)
    }

    pub(crate) fn named_sub_kind(&mut self, kind: SubKind, line: u32, method: bool) -> PResult<bool> {
        self.lx.skip_space();
        if !self.lx.ident_at(self.lx.pos, self.utf8()) && !self.at_package_sep() {
            return Ok(false);
        }
        let (name, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
        self.lx.token_start();
        self.lx.pos = end;
        if matches!(name.as_str(), "BEGIN" | "END" | "INIT" | "CHECK" | "UNITCHECK")
            && (self.next_is(b'{') || self.next_is(b':') || self.prototype_ahead())
        {
            self.phase_block(&name, line)?;
            return Ok(true);
        }
        let full = match self.lexical_sub_named(&name) {
            scope::Found::Our(full) => full,
            _ => self.qualify_sub(&name),
        };
        self.barewords_of_statement(|p| {
            let def = p.sub_body(kind, Some(full), line, method)?;
            if p.has_errors() {
                // What follows an error leaves no trace.
                return Ok(());
            }
            let def = Rc::new(def);
            p.with_ctx(|host, ctx| host.define_sub(def, ctx), None)
        })?;
        Ok(true)
    }

    /// The full name a sub of that name is defined under.
    pub(crate) fn qualify_sub(&self, name: &str) -> Name {
        let name = name.strip_prefix("CORE::GLOBAL::").map_or(name, |_| name);
        if name.contains("::")
            || !matches!(
                name,
                "ENV" | "INC" | "ARGV" | "ARGVOUT" | "SIG" | "STDIN" | "STDOUT" | "STDERR" | "_"
            )
        {
            if name.contains("::") {
                return self.qualify(name, Sigil::Code);
            }
            return format!("{}::{name}", self.package).into();
        }
        format!("main::{name}").into()
    }

    /// Runs `f` with a list of its own for barewords that are still to be judged.
    fn barewords_of_statement<T>(&mut self, f: impl FnOnce(&mut Self) -> PResult<T>) -> PResult<T> {
        let saved = std::mem::take(&mut self.barewords);
        let r = f(self);
        self.barewords = saved;
        r
    }

    /// `sub {…}` after the keyword.
    #[keshi_memory::deep]
    pub(crate) fn anon_sub(&mut self, line: u32, method: bool) -> PResult<Expr> {
        let def = self.barewords_of_statement(|p| p.sub_body(SubKind::Anon, None, line, method))?;
        if def.body.is_none() {
            return self.fatal("Illegal declaration of anonymous subroutine");
        }
        self.host.anon_sub(&def);
        Ok(mk(line, ExprKind::AnonSub(Rc::new(def))))
    }

    /// A block used as a sub (`foo {…} LIST` with an `&` prototype).
    pub(crate) fn block_sub(&mut self) -> PResult<Expr> {
        let line = self.line();
        self.anon_sub(line, false)
    }

    /// Prototype, attributes, signature and body. A missing body is a forward declaration.
    fn sub_body(&mut self, kind: SubKind, name: Option<Name>, line: u32, method: bool) -> PResult<SubDef> {
        self.push_unit(kind);
        self.push_scope();
        let mut attrs = Vec::new();
        let mut proto = None;
        let mut written: Option<String> = None;
        let mut sig = None;
        if method {
            self.declare_self("$self")?;
        }
        self.lx.skip_space();
        let with_sig = self.feature(Feature::Signatures) || method;
        if self.lx.cur() == b'(' && !with_sig {
            let text = self.delimited(false, "Prototype")?.body;
            written = Some(self.excerpt(&text));
            let clean: Vec<u8> = text.into_iter().filter(|c| !crate::lexer::is_space(*c)).collect();
            proto = Some(self.pstr(&clean));
        } else if self.lx.cur() == b'(' {
            sig = Some(self.signature()?);
        }
        if self.next_is(b':') && self.lx.peek(1) != b':' {
            if sig.is_some() {
                return self.fatal("Subroutine attributes must come before the signature");
            }
            self.lx.pos += 1;
            attrs = self.attributes()?;
            if self.next_is(b'(') && with_sig {
                sig = Some(self.signature()?);
            }
        }
        self.unit().has_sig = sig.is_some();
        self.lx.skip_space();
        let hints = self.hints.clone();
        let mut body = None;
        if self.lx.cur() == b'{' {
            let body_line = self.line();
            self.lx.token_start();
            self.lx.pos += 1;
            self.intro();
            let stmts = self.body_statements()?;
            let end_line = self.line();
            self.close_brace()?;
            self.lint_block(&stmts, false)?;
            let lexicals = self.pop_scope();
            body = Some(Block { stmts, lexicals, line: body_line, end_line });
        } else {
            self.lx.skip_space();
            if name.is_none() || !matches!(self.lx.cur(), b';' | b'}') && !self.lx.eof() {
                return self.missing_sub_body(name.as_deref());
            }
            self.pop_scope();
        }
        let unit = self.pop_unit();
        let mut def = self.sub_def(unit, name, line);
        def.body = body;
        def.sig = sig;
        def.proto = proto;
        def.hints = hints;
        if let Some(text) = written {
            self.check_proto(&text, def.name.as_deref(), !text.is_ascii())?;
        }
        self.apply_attributes(&mut def, attrs)?;
        Ok(def)
    }

    fn missing_sub_body(&mut self, name: Option<&str>) -> PResult<SubDef> {
        match name {
            None => self.fatal("Illegal declaration of anonymous subroutine"),
            Some(n) => self.fatal(&format!("Illegal declaration of subroutine {n}")),
        }
    }

    /// Built-in attributes take effect, the others are kept for `attributes->import`.
    fn apply_attributes(&mut self, def: &mut SubDef, attrs: Vec<Attr>) -> PResult {
        let mut by_attribute = None;
        for a in attrs {
            match (&*a.name, &a.arg) {
                ("lvalue", None) => def.lvalue = true,
                ("method", None) => def.method_attr = true,
                ("const", None) if def.name.is_none() => def.const_attr = true,
                ("const", None) => return self.fatal(":const is not permitted on named subroutines"),
                ("prototype", Some(p)) => {
                    let clean: Vec<u8> =
                        p.bytes.iter().copied().filter(|c| !crate::lexer::is_space(*c)).collect();
                    if by_attribute.is_some() {
                        let text = p.to_text();
                        let text = format!(
                            "Attribute prototype({text}) discards earlier prototype attribute in same sub"
                        );
                        self.warn(warn::MISC, &text)?;
                    }
                    by_attribute = Some(PStr::new(clean, p.utf8));
                }
                _ => def.attrs.push(a),
            }
        }
        let Some(proto) = by_attribute else { return Ok(()) };
        let name: Name = match &def.name {
            Some(n) => n.clone(),
            None => format!("{}::__ANON__", def.package).into(),
        };
        let new = proto.to_text();
        self.check_proto(&new, Some(&name), self.utf8())?;
        if let Some(old) = def.proto.replace(proto) {
            let old = old.to_text();
            let text = format!("Prototype '{old}' overridden by attribute 'prototype({new})' in {name}");
            self.warn(warn::PROTOTYPE, &text)?;
        }
        Ok(())
    }

    /// Warns of a prototype that cannot mean what it says. `proto` is as written, with its spaces.
    fn check_proto(&mut self, proto: &str, name: Option<&str>, utf8: bool) -> PResult {
        let (mut greedy, mut after_greedy) = (None, false);
        let (mut bracket, mut slash) = (false, false);
        let (mut underscore, mut after_underscore, mut illegal) = (false, false, false);
        for c in proto.chars().filter(|c| !c.is_ascii_whitespace()) {
            after_greedy |= greedy.is_some();
            if std::mem::take(&mut underscore) && !matches!(c, ';' | '@' | '%') {
                after_underscore = true;
            }
            match c {
                '_' => underscore = true,
                '[' => bracket = true,
                ']' => bracket = false,
                '@' | '%' if !slash && !bracket => greedy = Some(c),
                c => illegal |= !"$@%*;&\\+".contains(c),
            }
            slash = c == '\\';
        }
        let proto = shown_proto(proto, utf8);
        let whose = name.map_or_else(|| "?".to_string(), str::to_string);
        if let Some(g) = greedy.filter(|_| after_greedy) {
            self.warn(warn::ILLEGALPROTO, &format!("Prototype after '{g}' for {whose} : {proto}"))?;
        }
        if bracket {
            self.warn(warn::ILLEGALPROTO, &format!("Missing ']' in prototype for {whose} : {proto}"))?;
        }
        if illegal {
            self.warn(warn::ILLEGALPROTO, &format!("Illegal character in prototype for {whose} : {proto}"))?;
        }
        if after_underscore {
            let text = format!("Illegal character after '_' in prototype for {whose} : {proto}");
            self.warn(warn::ILLEGALPROTO, &text)?;
        }
        Ok(())
    }

    /// Attributes after the colon.
    pub(crate) fn attributes(&mut self) -> PResult<Vec<Attr>> {
        let mut out = Vec::new();
        loop {
            self.lx.skip_space();
            if self.lx.cur() == b':' && self.lx.peek(1) != b':' {
                self.lx.pos += 1;
                continue;
            }
            if !self.lx.ident_at(self.lx.pos, self.utf8()) {
                // (A field's default may begin with `//=` or `||=`.)
                let c = self.lx.cur();
                if !out.is_empty() && !self.lx.eof() && !b";})={(/|".contains(&c) && c.is_ascii_graphic() {
                    let quote = if c == b'\'' { '"' } else { '\'' };
                    let text =
                        format!("Invalid separator character {quote}{}{quote} in attribute list", c as char);
                    return self.fatal(&text);
                }
                return Ok(out);
            }
            if matches!(self.peek_word().as_deref(), Some("x" | "if" | "unless" | "and" | "or" | "for"))
                && !out.is_empty()
            {
                return Ok(out);
            }
            let (name, end) = self.lx.scan_word(self.lx.pos, self.utf8(), false);
            // No package name.
            let name = name.split("::").next().unwrap_or_default().to_string();
            self.lx.pos = end.min(self.lx.pos + name.len());
            let mut arg = None;
            if self.lx.cur() == b'(' {
                let line = self.line();
                match self.lx.delimited(true, false, false) {
                    Ok(d) => arg = Some(self.pstr(&d.body)),
                    Err(_) => {
                        return self.fatal_at("Unterminated attribute parameter in attribute list", line);
                    }
                }
            }
            out.push(Attr { name: name.as_str().into(), arg });
        }
    }

    /// `my sub`, `state sub`, `our sub`; the position is on `sub`.
    pub(crate) fn lexical_sub(&mut self, word: &str, line: u32) -> PResult<Option<StmtKind>> {
        let method = self.peek_word().as_deref() == Some("method");
        if method {
            self.need_class("method")?;
            self.warn_default(warn::EXPERIMENTAL_CLASS, "method is experimental")?;
        }
        self.eat_word(if method { "method" } else { "sub" });
        self.lx.skip_space();
        let Some(name) = self.peek_word() else {
            return self.fatal(&format!("Missing name in \"{word} sub\""));
        };
        self.lx.pos += name.len();
        if self.lx.looking_at("::") {
            let (rest, end) = self.lx.scan_word(self.lx.pos, self.utf8(), false);
            self.lx.pos = end;
            let at = self.at_line(self.line());
            let text = if word == "our" {
                format!(
                    "No package name allowed for subroutine &{name}{rest} in \"our\"{at}, near \"our sub {name}{rest}\"\n"
                )
            } else {
                format!(
                    "\"{word}\" subroutine &{name}{rest} can't be in a package{at}, near \"{word} sub {name}{rest}\"\n"
                )
            };
            self.queue(&text)?;
        }
        let key = format!("&{name}");
        if word == "our" {
            let full = self.qualify_sub(&name);
            // It is not visible inside itself.
            self.declare(&key, PadKind::Our(full.clone()))?;
            let def = Rc::new(self.sub_body(SubKind::Named, Some(full), line, method)?);
            self.with_ctx(|host, ctx| host.define_sub(def, ctx), None)?;
            return Ok(None);
        }
        let kind = if word == "state" { PadKind::State } else { PadKind::Sub };
        // It is not visible inside itself: `my sub f; sub f {…}` is for that.
        let idx = self.declare(&key, kind)?;
        self.lexical_body(idx, &name, line, method, true).map(Some)
    }

    /// `sub NAME` where NAME is a declared lexical sub: defines that one. The position is after `sub`.
    pub(crate) fn lexical_definition(&mut self, line: u32) -> PResult<Option<StmtKind>> {
        self.lx.skip_space();
        let Some(name) = self.peek_word() else { return Ok(None) };
        let after = self.lx.pos + name.len();
        if self.lx.at(after) == b':' && self.lx.at(after + 1) == b':' {
            return Ok(None);
        }
        match self.lexical_sub_named(&name) {
            scope::Found::Lex(idx) => {
                self.lx.pos = after;
                self.lexical_body(idx, &name, line, false, false).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn lexical_body(
        &mut self,
        idx: PadIdx,
        name: &str,
        line: u32,
        method: bool,
        declares: bool,
    ) -> PResult<StmtKind> {
        let def =
            self.barewords_of_statement(|p| p.sub_body(SubKind::Lexical, Some(name.into()), line, method))?;
        let def = Rc::new(def);
        self.intro();
        self.set_lexical_proto(name, def.proto.clone());
        if def.body.is_some() && !self.has_errors() {
            let first = def.clone();
            self.with_ctx(|host, ctx| host.define_lexical_sub(idx, first, ctx), None)?;
        }
        Ok(StmtKind::LexSub { idx, def, declares })
    }

    /// `(…) {` with nothing but the characters of a prototype between the parentheses.
    pub(crate) fn prototype_ahead(&mut self) -> bool {
        if !self.next_is(b'(') {
            return false;
        }
        let mut at = self.lx.pos + 1;
        while b"$@%&*;\\[]_+ ".contains(&self.lx.at(at)) {
            at += 1;
        }
        if self.lx.at(at) != b')' {
            return false;
        }
        at += 1;
        while self.lx.at(at).is_ascii_whitespace() {
            at += 1;
        }
        self.lx.at(at) == b'{'
    }

    /// `BEGIN {…}` and its relatives; the position is before the block.
    pub(crate) fn phase_block(&mut self, word: &str, line: u32) -> PResult {
        let kind = match word {
            "BEGIN" => SubKind::Begin,
            "END" => SubKind::End,
            "INIT" => SubKind::Init,
            "CHECK" => SubKind::Check,
            "UNITCHECK" => SubKind::UnitCheck,
            _ => SubKind::Adjust,
        };
        let method = kind == SubKind::Adjust;
        let name: Name = format!("{}::{word}", self.package).into();
        let mut def = self.barewords_of_statement(|p| p.sub_body(kind, Some(name), line, method))?;
        if kind == SubKind::Adjust {
            def.name = None;
            self.add_adjust(Rc::new(def));
            return Ok(());
        }
        if def.body.is_none() {
            // `sub BEGIN : attribute;`
            return Ok(());
        }
        if def.proto.take().is_some() {
            self.warn_default(warn::MISC, &format!("Prototype on {word} block ignored"))?;
        }
        if !std::mem::take(&mut def.attrs).is_empty() {
            self.warn_default(warn::MISC, &format!("Attribute on {word} block ignored"))?;
        }
        if kind == SubKind::Init && &*self.package == "Module::Install::DSL" {
            // A module out there relies on this.
            let text = "Treating Module::Install::DSL::INIT block as BEGIN block as workaround";
            self.warn_default(warn::MISC, text)?;
            def.kind = SubKind::Begin;
        }
        let def = Rc::new(def);
        if kind == SubKind::Begin && self.has_errors() {
            return self.begin_not_safe();
        }
        let end = self.line();
        let suffix = (kind == SubKind::Begin).then_some(("BEGIN failed", end));
        self.with_ctx(|host, ctx| host.phase_block(def, ctx), suffix)
    }

    pub(crate) fn begin_not_safe<T>(&mut self) -> PResult<T> {
        let text =
            format!("BEGIN not safe after errors--compilation aborted{}.\n", self.at_line(self.line()));
        self.give_up(&text)
    }
}

/// A prototype as messages show it: what cannot be printed is escaped.
fn shown_proto(proto: &str, utf8: bool) -> String {
    let limit = proto.len();
    let mut out = String::new();
    for c in proto.chars() {
        if utf8 && out.len() >= limit {
            out.push_str("...");
            break;
        }
        match c {
            ' '..='~' => out.push(c),
            '\0'..='\x1f' | '\x7f' if !utf8 => out.push_str(&format!("\\{:o}", c as u32)),
            _ => out.push_str(&format!("\\x{{{:x}}}", c as u32)),
        }
    }
    out
}
