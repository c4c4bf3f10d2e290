//! List operators with an indirect object: `print`, `printf`, `say`, `exec`, `system`, `sort`.
use super::expr::{bx, mk, prec};
use super::scope::Found;
use super::term::flatten;
use super::*;

impl Parser<'_> {
    /// `print`, `printf`, `say`
    pub(crate) fn print_op(&mut self, func: Func, line: u32) -> PResult<Expr> {
        self.lint_function_parens(func.name())?;
        let parens = self.open_paren();
        let handle = self.indirect_object(func)?;
        let mut args = if self.at_list_end() { Vec::new() } else { flatten(self.prec(prec::COMMA)?) };
        if parens {
            self.expect(b')')?;
        }
        if args.is_empty() && func != Func::Printf {
            args.push(self.topic(line));
        }
        let handle = handle.map(bx);
        Ok(mk(line, ExprKind::Print { func, handle, args }))
    }

    fn open_paren(&mut self) -> bool {
        self.lx.skip_space();
        let yes = self.lx.cur() == b'(';
        if yes {
            self.lx.token_start();
            self.lx.pos += 1;
        }
        yes
    }

    /// `exec`, `system`
    pub(crate) fn exec_op(&mut self, func: Func, line: u32) -> PResult<Expr> {
        let parens = self.open_paren();
        let program = self.indirect_object(func)?.map(bx);
        let args = if self.at_list_end() { Vec::new() } else { flatten(self.prec(prec::COMMA)?) };
        if parens {
            self.expect(b')')?;
        }
        Ok(mk(line, ExprKind::SysExec { func, program, args }))
    }

    /// The file handle (or program) in front of the list, if there is one.
    fn indirect_object(&mut self, func: Func) -> PResult<Option<Expr>> {
        self.lx.skip_space();
        let line = self.line();
        match self.lx.cur() {
            b'{' => {
                if func != Func::Exec && func != Func::System && self.brace_is_hash() {
                    return Ok(None);
                }
                let mut b = self.block()?;
                if b.stmts.len() == 1
                    && b.lexicals.is_empty()
                    && let Some(Stmt { kind: StmtKind::Expr(_), .. }) = b.stmts.first()
                    && let Some(StmtKind::Expr(e)) = b.stmts.pop().map(|mut s| s.take())
                {
                    return Ok(Some(self.bareword_to_glob(e)));
                }
                Ok(Some(mk(line, ExprKind::DoBlock(b))))
            }
            b'$' => self.scalar_object(),
            _ if self.lx.ident_at(self.lx.pos, self.utf8()) || self.lx.looking_at("::") => {
                if matches!(func, Func::Exec | Func::System) { Ok(None) } else { self.word_handle(line) }
            }
            _ => Ok(None),
        }
    }

    /// `print $fh LIST`: a simple scalar followed by something that starts a term.
    fn scalar_object(&mut self) -> PResult<Option<Expr>> {
        let line = self.line();
        let save = self.lx.pos;
        let utf8 = self.utf8();
        let mut p = save + 1;
        while self.lx.at(p) == b'$' {
            p += 1;
        }
        let braced = self.lx.at(p) == b'{';
        let qualified = self.lx.at(p) == b':' && self.lx.at(p + 1) == b':';
        if braced || !qualified && !self.lx.ident_at(p, utf8) {
            return Ok(None);
        }
        let (_, end) = self.lx.scan_word(p, utf8, self.apos());
        let after = self.lx.at(end);
        self.lx.pos = end;
        self.skip_space_quietly();
        let spaced = self.lx.pos > end;
        let term =
            self.lx.cur() == b'(' || spaced && crate::lexer::is_space(after) && self.term_follows_handle();
        self.lx.pos = save;
        if !term {
            return Ok(None);
        }
        self.lx.pos += 1;
        let name = self.var_name(Sigil::Scalar, false)?;
        self.var_value(Sigil::Scalar, name, line).map(Some)
    }

    /// After `print $fh `: does a term start here (as opposed to an operator)?
    fn term_follows_handle(&mut self) -> bool {
        let lx = &self.lx;
        let (c, n) = (lx.cur(), lx.peek(1));
        let utf8 = self.utf8();
        match c {
            b'$' | b'@' | b'"' | b'\'' | b'`' => true,
            b'&' | b'*' | b'%' => lx.ident_at(lx.pos + 1, utf8) || (c == b'%' || c == b'&') && n == b'$',
            b'<' => {
                n == b'<' && !crate::lexer::is_space(lx.peek(2)) && lx.peek(2) != b'='
                    || lx.ident_at(lx.pos + 1, utf8)
            }
            b'0'..=b'9' => true,
            b'.' => n.is_ascii_digit(),
            b'-' | b'+' | b'?' => !crate::lexer::is_space(n) && n != b'=' && n != c,
            b'/' => !crate::lexer::is_space(n) && n != b'=' && n != b'/',
            b'\\' => true,
            _ if lx.ident_at(lx.pos, utf8) => {
                let (w, _) = lx.scan_word(lx.pos, utf8, true);
                if word::is_keyword(&w, self) {
                    return !matches!(
                        w.as_str(),
                        "x" | "eq"
                            | "ne"
                            | "lt"
                            | "gt"
                            | "le"
                            | "ge"
                            | "cmp"
                            | "and"
                            | "or"
                            | "xor"
                            | "if"
                            | "unless"
                            | "while"
                            | "until"
                            | "for"
                            | "foreach"
                            | "isa"
                            | "when"
                    );
                }
                self.known_sub(&w).is_some()
                    || !matches!(self.lexical_sub_named(&w), Found::No)
                    || w.ends_with("::")
                    || lx_call_follows(self, &w)
            }
            _ => false,
        }
    }

    /// `print FH LIST`: a bareword that is no sub and is not followed by an operator.
    fn word_handle(&mut self, line: u32) -> PResult<Option<Expr>> {
        let save = self.lx.pos;
        let utf8 = self.utf8();
        if self.lx.at_vstring() {
            return Ok(None);
        }
        let (name, end) = self.lx.scan_word(save, utf8, self.apos());
        if !name.contains("::") && word::is_keyword(&name, self) {
            return Ok(None);
        }
        if self.lx.at(end) == b'(' || self.fat_comma_ahead(end) {
            return Ok(None);
        }
        if !matches!(self.lexical_sub_named(&name), Found::No) || self.known_sub(&name).is_some() {
            return Ok(None);
        }
        self.lx.pos = end;
        self.skip_space_quietly();
        let (c, n) = (self.lx.cur(), self.lx.peek(1));
        let operator = match c {
            b',' | b'?' | b':' | b'=' | b'|' | b'^' | b'>' => true,
            b'.' => !n.is_ascii_digit(),
            b'-' => n == b'>',
            b'(' => false,
            b'&' => n == b'&',
            _ => false,
        };
        if operator {
            if c == b',' && !name.contains("::") {
                return self.fatal("No comma allowed after filehandle");
            }
            self.lx.pos = save;
            return Ok(None);
        }
        self.lx.pos = end;
        let full = self.qualify(name.trim_end_matches("::"), Sigil::Glob);
        self.mention_handle(&name, &full);
        Ok(Some(mk(line, ExprKind::Pkg { sigil: Sigil::Glob, name: full })))
    }

    /// `sort`
    pub(crate) fn sort_op(&mut self, line: u32) -> PResult<Expr> {
        self.lint_function_parens("sort")?;
        let parens = self.open_paren();
        self.lx.skip_space();
        if self.at_list_end() && !parens {
            self.error_near("Not enough arguments for sort")?;
            return Ok(mk(line, ExprKind::Error));
        }
        let cmp = self.sort_comparator()?;
        let args = if self.at_list_end() { Vec::new() } else { flatten(self.prec(prec::COMMA)?) };
        if parens {
            self.expect(b')')?;
        }
        Ok(mk(line, ExprKind::Sort(Box::new(SortOp { cmp, args }))))
    }

    fn sort_comparator(&mut self) -> PResult<SortCmp> {
        let line = self.line();
        match self.lx.cur() {
            b'{' => {
                if self.brace_is_hash() {
                    return Ok(SortCmp::Default);
                }
                let block = self.block()?;
                self.lint_sort(&block)?;
                Ok(SortCmp::Block(block))
            }
            b'$' => match self.scalar_object()? {
                Some(e) => Ok(SortCmp::Sub(e)),
                None => Ok(SortCmp::Default),
            },
            _ if self.lx.ident_at(self.lx.pos, self.utf8()) || self.lx.looking_at("::") => {
                self.sort_sub_name(line)
            }
            _ => Ok(SortCmp::Default),
        }
    }

    /// `sort NAME LIST`
    fn sort_sub_name(&mut self, line: u32) -> PResult<SortCmp> {
        let save = self.lx.pos;
        let utf8 = self.utf8();
        let (name, end) = self.lx.scan_word(save, utf8, self.apos());
        // `CORE::reverse` is the function too.
        let plain = name.strip_prefix("CORE::").unwrap_or(&name);
        if !plain.contains("::") && word::is_keyword(plain, self) {
            return Ok(SortCmp::Default);
        }
        self.lx.pos = end;
        self.skip_space_quietly();
        let (c, n) = (self.lx.cur(), self.lx.peek(1));
        let list_follows = match c {
            b'(' => self.lx.pos > end,
            b',' | b';' | b')' | b'=' | b'}' | b'.' => false,
            b'-' => n != b'>',
            _ => !self.lx.eof(),
        };
        if !list_follows {
            self.lx.pos = save;
            return Ok(SortCmp::Default);
        }
        self.lx.pos = end;
        let callee = match self.lexical_sub_named(&name) {
            Found::Lex(idx) => mk(line, ExprKind::Lex { sigil: Sigil::Code, idx }),
            Found::Our(name) => mk(line, ExprKind::Pkg { sigil: Sigil::Code, name }),
            _ => mk(line, ExprKind::Pkg { sigil: Sigil::Code, name: self.qualify_sub(&name) }),
        };
        Ok(SortCmp::Sub(callee))
    }
}

/// `print $fh name(…)`: a word with an opening parenthesis is a call.
fn lx_call_follows(p: &Parser<'_>, w: &str) -> bool {
    p.lx.at(p.lx.pos + w.len()) == b'('
}
