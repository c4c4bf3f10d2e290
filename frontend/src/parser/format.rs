//! `format NAME =`
use super::*;
use crate::lexer::memchr_newline;

impl Parser<'_> {
    /// After the word `format`. False: it is no format declaration.
    pub(crate) fn format_decl(&mut self, line: u32) -> PResult<bool> {
        self.lx.skip_space();
        let mut name = "STDOUT".to_string();
        if self.lx.ident_at(self.lx.pos, self.utf8()) || self.at_package_sep() {
            let (n, end) = self.lx.scan_word(self.lx.pos, self.utf8(), self.apos());
            name = n;
            self.lx.pos = end;
            self.lx.skip_space();
        }
        if self.lx.cur() != b'=' || matches!(self.lx.peek(1), b'=' | b'>' | b'~') {
            return Ok(false);
        }
        self.lx.pos += 1;
        while matches!(self.lx.cur(), b' ' | b'\t' | b'\r' | b'\x0c') {
            self.lx.pos += 1;
        }
        if self.lx.cur() != b'\n' {
            return self.syntax_error();
        }
        self.lx.pos += 1;
        let name = self.qualify(&name, Sigil::Glob);
        self.push_unit(SubKind::Format);
        self.push_scope();
        let hints = self.hints.clone();
        let mut lines = Vec::new();
        loop {
            if self.lx.eof() {
                return self.fatal("Format not terminated");
            }
            let end = memchr_newline(&self.lx.src, self.lx.pos);
            let text = self.lx.src[self.lx.pos..end].to_vec();
            let at = self.line();
            let trimmed: &[u8] = text.strip_suffix(b"\r").unwrap_or(&text);
            let next = (end + 1).min(self.lx.src.len());
            if trimmed.first() == Some(&b'.') && trimmed[1..].iter().all(|c| matches!(c, b' ' | b'\t')) {
                self.lx.pos = next;
                break;
            }
            self.lx.pos = next;
            if text.first() == Some(&b'#') {
                continue;
            }
            let mut picture = text.clone();
            picture.push(b'\n');
            let cop = self.cop(at);
            let args = if has_fields(&text) { self.format_args()? } else { Vec::new() };
            lines.push(FormatLine { cop, picture: self.pstr(&picture), args });
        }
        self.check_barewords()?;
        self.pop_scope();
        let unit = self.pop_unit();
        let def = FormatDef {
            name,
            pad: unit.pad,
            package: self.package.clone(),
            file: self.lx.file(),
            line,
            lines,
            hints,
        };
        let def = Rc::new(def);
        self.with_ctx(|host, ctx| host.define_format(def, ctx), None)?;
        Ok(true)
    }

    /// The argument line: statements up to the end of the line, or in braces over several lines; their value
    /// is the list.
    fn format_args(&mut self) -> PResult<Vec<Expr>> {
        while matches!(self.lx.cur(), b' ' | b'\t') {
            self.lx.pos += 1;
        }
        let line = self.line();
        let braces = self.lx.cur() == b'{';
        if braces {
            self.lx.pos += 1;
        } else {
            self.lx.limit_to_line(true);
        }
        let result = self.statements(false);
        self.lx.limit_to_line(false);
        let mut stmts = result?;
        if braces {
            self.close_brace()?;
            self.lx.skip_to_eol();
        }
        self.lx.pos = (self.lx.pos + 1).min(self.lx.src.len());
        if stmts.is_empty() {
            return Ok(Vec::new());
        }
        if stmts.len() == 1
            && let StmtKind::Expr(_) = stmts[0].kind
            && let Some(StmtKind::Expr(e)) = stmts.pop().map(|mut s| s.take())
        {
            return Ok(super::term::flatten(e));
        }
        let block = Block { stmts, lexicals: Vec::new(), line, end_line: line };
        Ok(vec![Expr::new(line, ExprKind::DoBlock(block))])
    }
}

/// Does the picture line take arguments?
fn has_fields(text: &[u8]) -> bool {
    text.iter().any(|c| matches!(c, b'@' | b'^'))
}
