//! Words in term position: keywords, builtins, subs, class names, barewords.
use super::expr::{bx, mk, prec};
use super::scope::Found;
use super::*;

impl Parser<'_> {
    /// A term that starts with a word. Returns it and whether subscripts may follow without an arrow.
    pub(crate) fn word_term(&mut self) -> PResult<(Expr, bool)> {
        let line = self.line();
        let start = self.lx.pos;
        let utf8 = self.utf8();
        let plain_end = self.lx.ident_end(start, utf8);
        let plain = String::from_utf8_lossy(&self.lx.src[start..plain_end]).into_owned();
        if self.fat_comma_ahead(plain_end) {
            self.lx.pos = plain_end;
            return Ok((mk(line, ExprKind::Str(PStr::text(&plain))), false));
        }
        // A quote word takes any delimiter, a colon too: `m::` is an empty pattern, not a package. A lexical sub
        // of that name comes first.
        if matches!(plain.as_str(), "q" | "qq" | "qw" | "qx" | "qr" | "m" | "s" | "y" | "tr")
            && matches!(self.lexical_sub_named(&plain), Found::No)
        {
            self.lx.pos = plain_end;
            if let Some(e) = self.quote_op(&plain, line)? {
                return Ok((e, false));
            }
            self.lx.pos = start;
        }
        let (mut name, mut end) = self.lx.scan_word(start, utf8, self.apos());
        if self.lx.at(plain_end) == b'\'' && end > plain_end && is_keyword(&plain, self) {
            // `eval'…'`: a keyword ends before the quote.
            (name, end) = (plain, plain_end);
        }
        self.check_length(&name, 252)?;
        self.lx.pos = end;
        // `=>` quotes a qualified name only if it is not a sub's.
        let quoted = self.fat_comma_ahead(end) && !name.ends_with("::");
        if quoted && !(name.contains("::") && self.host.sub_info(&self.qualify_sub(&name)).is_some()) {
            return Ok((mk(line, ExprKind::Str(PStr::text(&name))), false));
        }
        if let Some(core) = name.strip_prefix("CORE::").filter(|c| !c.contains("::")) {
            let core = core.to_string();
            if let Some(r) = self.keyword(&core, line, true)? {
                return Ok(r);
            }
            return self.fatal(&format!("CORE::{core} is not a keyword"));
        }
        if !name.contains("::") {
            if let Found::Lex(_) | Found::Import(_) | Found::Our(_) = self.lexical_sub_named(&name) {
                return self.plain_word(&name, line);
            }
            if let Some(r) = self.keyword(&name, line, false)? {
                return Ok(r);
            }
        }
        if !name.ends_with("::") && self.lx.looking_at("::") || name.ends_with("::") && self.lx.cur() == b'$'
        {
            return self.fatal(&format!("Bad name after {}::", name.trim_end_matches("::")));
        }
        if self.lx.cur() == b'\'' && self.apos() {
            return self.fatal(&format!("Bad name after {name}'"));
        }
        self.plain_word(&name, line)
    }

    /// A keyword as a term; `None`: not a keyword here. `core`: written with `CORE::`, so not overridable.
    fn keyword(&mut self, word: &str, line: u32, core: bool) -> PResult<Option<(Expr, bool)>> {
        let e = match word {
            "my" | "our" => {
                let e = self.declaration(word, false)?;
                return Ok(Some((e, false)));
            }
            "state" if core || self.feature(Feature::State) => self.declaration(word, false)?,
            "local" => self.local_term(line)?,
            "sub" => self.anon_sub(line, false)?,
            "method" if self.feature(Feature::Class) => {
                self.need_class("method")?;
                self.warn_default(warn::EXPERIMENTAL_CLASS, "method is experimental")?;
                self.anon_sub(line, true)?
            }
            "do" => {
                if !core && let Some(r) = self.override_call("do", line)? {
                    return Ok(Some(r));
                }
                self.do_term(line)?
            }
            "eval" => self.eval_term(line)?,
            "return" => {
                let value = if self.at_list_end() { None } else { Some(bx(self.prec(prec::COMMA)?)) };
                mk(line, ExprKind::Return(value))
            }
            "next" | "last" | "redo" => {
                let label = self.loop_label()?;
                mk(
                    line,
                    match word {
                        "next" => ExprKind::Next(label),
                        "last" => ExprKind::Last(label),
                        _ => ExprKind::Redo(label),
                    },
                )
            }
            "goto" => self.goto_term(line)?,
            "dump" if !core && self.known_sub("dump").is_none() => {
                return self.fatal("dump() must be written as CORE::dump() as of Perl 5.30");
            }
            "dump" if core => {
                let label = self.loop_label()?;
                mk(line, ExprKind::Dump(label))
            }
            "require" => {
                if !core && let Some(r) = self.override_call("require", line)? {
                    return Ok(Some(r));
                }
                self.require_term(line)?
            }
            "__FILE__" | "__LINE__" | "__PACKAGE__" | "__SUB__" | "__CLASS__" => {
                match self.magic_word(word, line, core)? {
                    Some(e) => e,
                    None => return Ok(None),
                }
            }
            "__END__" | "__DATA__" if self.in_quote == 0 => {
                self.lx.pos = self.lx.src.len();
                return self.syntax_error();
            }
            "not" => {
                if self.next_is(b'(') {
                    self.lx.pos += 1;
                    let items = self.list_until(b')')?;
                    let arg = if items.is_empty() {
                        mk(line, ExprKind::Str(PStr::default()))
                    } else {
                        mk(line, ExprKind::List { items, parens: true })
                    };
                    mk(line, ExprKind::Not(bx(arg)))
                } else {
                    let e = self.prec(prec::LOW_NOT)?;
                    mk(line, ExprKind::Not(bx(e)))
                }
            }
            "if" | "unless" | "while" | "until" | "for" | "foreach" | "else" | "elsif" | "and" | "or"
            | "xor" | "eq" | "ne" | "lt" | "gt" | "le" | "ge" | "cmp" => {
                self.lx.pos -= word.len();
                return self.syntax_error();
            }
            "package" | "use" | "no" | "format" => return Ok(None),
            "evalbytes" if !core && !self.feature(Feature::EvalBytes) => return Ok(None),
            "say" if !core && !self.feature(Feature::Say) => return Ok(None),
            "fc" if !core && !self.feature(Feature::Fc) => return Ok(None),
            "any" if !core && !self.feature(Feature::KeywordAny) => return Ok(None),
            "all" if !core && !self.feature(Feature::KeywordAll) => return Ok(None),
            "break" if !core && !self.feature(Feature::Switch) => return Ok(None),
            _ => {
                let Some(info) = Func::by_name(word) else { return Ok(None) };
                if !core && let Some(r) = self.overridden(info, line)? {
                    return Ok(Some(r));
                }
                self.builtin(info, line)?
            }
        };
        Ok(Some((e, false)))
    }

    /// A call of the user's sub that overrides a builtin, if there is one.
    fn overridden(&mut self, info: &FuncInfo, line: u32) -> PResult<Option<(Expr, bool)>> {
        let mut hidden = false;
        if info.overridable {
            let full = format!("{}::{}", self.package, info.name);
            match self.host.sub_info(&full) {
                Some(s) if s.imported => return self.sub_call(&full, s, line).map(Some),
                Some(s) => hidden = !s.method,
                None => {}
            }
        }
        if info.overridable && hidden {
            let r = self.override_call(info.name, line)?;
            if r.is_none() {
                let msg =
                    format!("Ambiguous call resolved as CORE::{}(), qualify as such or use &", info.name);
                self.warn(warn::AMBIGUOUS, &msg)?;
            }
            return Ok(r);
        }
        if info.overridable || matches!(info.func, Func::Glob) {
            return self.override_call(info.name, line);
        }
        Ok(None)
    }

    /// A call of `CORE::GLOBAL::name`, or of an imported sub for the few strong keywords that allow it.
    fn override_call(&mut self, name: &str, line: u32) -> PResult<Option<(Expr, bool)>> {
        if matches!(name, "do" | "require" | "glob") {
            let full = format!("{}::{name}", self.package);
            if let Some(s) = self.host.sub_info(&full)
                && s.imported
                && !(name == "do" && self.next_is(b'{'))
            {
                return self.sub_call(&full, s, line).map(Some);
            }
        }
        match self.host.core_global(name) {
            Some(s) if !(name == "do" && self.next_is(b'{')) => {
                if name == "require"
                    && let Some(path) = self.bareword_path()?
                {
                    let callee =
                        mk(line, ExprKind::Pkg { sigil: Sigil::Code, name: "CORE::GLOBAL::require".into() });
                    let args = vec![mk(line, ExprKind::Str(path))];
                    let call = CallOp { callee, args, amp: false, inherit_args: false };
                    return Ok(Some((mk(line, ExprKind::Call(Box::new(call))), false)));
                }
                if name == "require" && self.at_list_end() {
                    let args = vec![self.topic(line)];
                    let call = self.plain_call("CORE::GLOBAL::require".into(), args, line);
                    return Ok(Some((call, false)));
                }
                self.sub_call(&format!("CORE::GLOBAL::{name}"), s, line).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn magic_word(&mut self, word: &str, line: u32, core: bool) -> PResult<Option<Expr>> {
        let kind = match word {
            "__FILE__" => ExprKind::Str(PStr::text(&self.lx.file())),
            "__LINE__" => ExprKind::Int(i64::from(line)),
            "__PACKAGE__" => ExprKind::Str(PStr::text(&self.package)),
            "__SUB__" if core || self.feature(Feature::CurrentSub) => ExprKind::CurSub,
            "__CLASS__" if core || self.feature(Feature::Class) => self.current_class(line)?.take(),
            _ => return Ok(None),
        };
        if self.next_is(b'(') && self.lx.peek(1) == b')' {
            self.lx.pos += 2;
        }
        Ok(Some(mk(line, kind)))
    }

    fn do_term(&mut self, line: u32) -> PResult<Expr> {
        if self.next_is(b'{') {
            let b = self.block()?;
            return Ok(mk(line, ExprKind::DoBlock(b)));
        }
        let e = self.prec(prec::UNI + 1)?;
        let e = self.bareword_to_str(e);
        Ok(mk(line, ExprKind::DoFile(bx(e))))
    }

    fn eval_term(&mut self, line: u32) -> PResult<Expr> {
        if self.next_is(b'{') {
            let b = self.block()?;
            return Ok(mk(line, ExprKind::EvalBlock(b)));
        }
        self.eval_string(line, false)
    }

    /// `eval EXPR`, `evalbytes EXPR`
    pub(crate) fn eval_string(&mut self, line: u32, bytes: bool) -> PResult<Expr> {
        let (mut args, _) = self.unary_args(false)?;
        let text = match args.pop() {
            Some(e) => e,
            None => self.topic(line),
        };
        let scope = self.eval_scope();
        Ok(mk(line, ExprKind::EvalStr(Box::new(EvalStr { text, bytes, scope, from_subst: false }))))
    }

    /// The operand of `next`, `last`, `redo`, `dump`.
    fn loop_label(&mut self) -> PResult<Label> {
        if self.at_list_end() {
            return Ok(Label::None);
        }
        if let Some(w) = self.peek_word()
            && !is_keyword(&w, self)
        {
            let after = self.lx.at(self.lx.pos + w.len());
            if after != b'(' && after != b':' {
                self.lx.pos += w.len();
                return Ok(Label::Name(w.as_str().into()));
            }
        }
        let e = self.prec(prec::ASSIGN)?;
        if let ExprKind::Bareword(s) = &e.kind {
            self.accept_bareword(&e);
            return Ok(Label::Name(s.to_text().as_str().into()));
        }
        Ok(Label::Expr(bx(e)))
    }

    fn goto_term(&mut self, line: u32) -> PResult<Expr> {
        self.lx.skip_space();
        if self.lx.cur() == b'&' && self.lx.peek(1) != b'&' {
            let mut e = self.prec(prec::ASSIGN)?;
            return Ok(match e.take() {
                ExprKind::Call(c) if c.amp && c.inherit_args => mk(line, ExprKind::GotoSub(bx(c.callee))),
                kind => mk(line, ExprKind::Goto(Label::Expr(bx(mk(line, kind))))),
            });
        }
        let label = self.loop_label()?;
        Ok(mk(line, ExprKind::Goto(label)))
    }

    fn require_term(&mut self, line: u32) -> PResult<Expr> {
        if let Some(path) = self.bareword_path()? {
            let arg = bx(mk(line, ExprKind::Str(path)));
            return Ok(mk(line, ExprKind::Require { arg, bareword: true }));
        }
        if self.next_is(b'<') {
            return self.fatal("<> at require-statement should be quotes");
        }
        // A version, even where a sub `v5` exists.
        let mut args = if self.lx.at_vstring() { vec![self.number()?] } else { self.unary_args(false)?.0 };
        let arg = match args.pop() {
            Some(e) => e,
            None => self.topic(line),
        };
        Ok(mk(line, ExprKind::Require { arg: bx(arg), bareword: false }))
    }

    /// `Foo::Bar` after `require`: the path of the module.
    fn bareword_path(&mut self) -> PResult<Option<PStr>> {
        self.lx.skip_space();
        if !self.lx.ident_at(self.lx.pos, self.utf8()) && !self.lx.looking_at("::") || self.lx.at_vstring() {
            return Ok(None);
        }
        let (name, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
        let word = name.strip_prefix("CORE::").unwrap_or(&name);
        let callable = self.lx.at(end) == b'(' || (!word.contains("::") && is_term_keyword(word));
        if callable || self.fat_comma_ahead(end) {
            return Ok(None);
        }
        self.lx.pos = end;
        if name.starts_with("::") {
            return self
                .croak(&format!("Bareword in require must not start with a double-colon: \"{name}\"\n"));
        }
        let path = format!("{}.pm", name.trim_end_matches("::").replace("::", "/"));
        Ok(Some(PStr::text(&path)))
    }

    // ---- words that are no keywords

    /// What is known about a sub of that name, seen from the current package.
    pub(crate) fn known_sub(&mut self, name: &str) -> Option<(Name, SubInfo)> {
        let full = self.qualify_sub(name);
        self.host.sub_info(&full).map(|s| (full, s))
    }

    fn plain_word(&mut self, name: &str, line: u32) -> PResult<(Expr, bool)> {
        if name.ends_with("::") && name.len() > 2 {
            let class = name.trim_end_matches("::");
            if !self.host.package_exists(class) {
                let msg = format!("Bareword \"{name}\" refers to nonexistent package");
                self.warn(warn::BAREWORD, &msg)?;
            }
            return Ok((mk(line, ExprKind::Str(PStr::text(class))), false));
        }
        let found = self.lexical_sub_named(name);
        // A sub of the program's own hides an op of that name.
        if matches!(found, Found::No)
            && let Some(info) = self.host.macro_builtin(name, &self.hints)
            && self.known_sub(name).is_none()
        {
            return self.macro_call(name, &info, line);
        }
        let known = match found {
            Found::Lex(idx) => return self.lexical_call(idx, line),
            Found::Our(full) => {
                let info = self.host.sub_info(&full).unwrap_or_default();
                Some((full, info))
            }
            Found::Import(LexImport::Builtin(b)) => {
                let full: Name = format!("builtin::{b}").into();
                let info = self.host.sub_info(&full).unwrap_or_default();
                Some((full, info))
            }
            Found::Import(LexImport::Host(c)) => {
                let code = mk(line, ExprKind::HostConst(c));
                let callee = mk(line, ExprKind::Deref { sigil: Sigil::Code, expr: bx(code) });
                return self.call_with_callee(callee, SubInfo::default(), line);
            }
            Found::No | Found::OutOfReach(_) => self.known_sub(name),
        };
        let save = self.lx.pos;
        self.lx.skip_space();
        let c = self.lx.cur();
        if c == b'(' {
            let (full, info) = known.unwrap_or_else(|| (self.qualify_sub(name), SubInfo::default()));
            return self.sub_call(&full, info, line);
        }
        if self.feature(Feature::Indirect) {
            let unknown = known.is_none();
            if (c == b'$' || c == b'{') && unknown && !(c == b'{' && self.class_brace_forbidden(name)) {
                return self.indirect_call(name, line);
            }
            if self.lx.ident_at(self.lx.pos, self.utf8())
                && self.second_word_is_object(name, known.as_ref().map(|k| &k.1))
            {
                return self.indirect_call(name, line);
            }
        }
        if let Some((full, info)) = known {
            return self.sub_call(&full, info, line);
        }
        self.lx.pos = save;
        Ok((self.bareword(name, line)?, false))
    }

    /// A brace after an upper-case bareword closes a condition's parenthesis or follows a class name.
    fn class_brace_forbidden(&self, _name: &str) -> bool {
        false
    }

    /// Two words in a row: is the second one a class or handle, so that this is `method Class …`?
    fn second_word_is_object(&mut self, first: &str, sub: Option<&SubInfo>) -> bool {
        let handle = self.qualify(first, Sigil::Glob);
        if sub.is_none() && self.host.is_filehandle(&handle) {
            return false;
        }
        if let Some(p) = sub.and_then(|s| s.proto.as_ref()) {
            let p = p.to_text();
            let p = p.trim_start_matches(';');
            if p.is_empty() || p.starts_with(['$', '_', '*']) {
                return false;
            }
        }
        let utf8 = self.utf8();
        let (second, end) = self.lx.scan_word(self.lx.pos, utf8, self.apos());
        if !second.contains("::") && is_keyword(&second, self) {
            return false;
        }
        if second.ends_with("::") && second.len() > 2 {
            return true;
        }
        if self.known_sub(&second).is_some() {
            return false;
        }
        if self.fat_comma_ahead(end) {
            return false;
        }
        if sub.is_none() {
            return true;
        }
        let glob = self.qualify(&second, Sigil::Glob);
        self.host.is_filehandle(&glob) || self.host.package_exists(&second)
    }
}

/// Is the word a keyword in the features in force?
pub(crate) fn is_keyword(w: &str, p: &Parser<'_>) -> bool {
    match w {
        "say" => p.feature(Feature::Say),
        "state" => p.feature(Feature::State),
        "fc" => p.feature(Feature::Fc),
        "evalbytes" => p.feature(Feature::EvalBytes),
        "any" => p.feature(Feature::KeywordAny),
        "all" => p.feature(Feature::KeywordAll),
        "given" | "when" | "default" | "break" => p.feature(Feature::Switch),
        "try" | "catch" | "finally" => p.feature(Feature::Try),
        "defer" => p.feature(Feature::Defer),
        "isa" => p.feature(Feature::Isa),
        "class" | "field" | "method" | "ADJUST" => p.feature(Feature::Class),
        "BEGIN" | "END" | "INIT" | "CHECK" | "UNITCHECK" | "AUTOLOAD" | "DESTROY" => true,
        "__FILE__" | "__LINE__" | "__PACKAGE__" | "__END__" | "__DATA__" | "__SUB__" => true,
        "if" | "unless" | "while" | "until" | "for" | "foreach" | "else" | "elsif" | "sub" | "package"
        | "use" | "no" | "format" | "continue" => true,
        _ => is_term_keyword(w),
    }
}

/// Keywords that start or join terms.
pub(crate) fn is_term_keyword(w: &str) -> bool {
    Func::by_name(w).is_some_and(|f| !matches!(f.name, "any" | "all"))
        || matches!(
            w,
            "my" | "our"
                | "local"
                | "do"
                | "eval"
                | "return"
                | "next"
                | "last"
                | "redo"
                | "goto"
                | "dump"
                | "require"
                | "not"
                | "and"
                | "or"
                | "xor"
                | "x"
                | "eq"
                | "ne"
                | "lt"
                | "gt"
                | "le"
                | "ge"
                | "cmp"
                | "q"
                | "qq"
                | "qw"
                | "qx"
                | "qr"
                | "m"
                | "s"
                | "y"
                | "tr"
                | "sub"
                | "__FILE__"
                | "__LINE__"
                | "__PACKAGE__"
                | "__SUB__"
        )
}
