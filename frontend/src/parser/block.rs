//! Blocks, and the decision whether a brace opens one.
use super::*;

impl Parser<'_> {
    /// `{ … }` with its own scope.
    pub(crate) fn block(&mut self) -> PResult<Block> {
        self.lx.skip_space();
        let line = self.line();
        self.expect(b'{')?;
        self.push_scope();
        self.block_rest(line)
    }

    /// The rest of a block whose brace was consumed and whose scope is open.
    pub(crate) fn block_rest(&mut self, line: u32) -> PResult<Block> {
        let stmts = self.body_statements()?;
        let end_line = self.line();
        self.close_brace()?;
        self.lint_block(&stmts, false)?;
        let lexicals = self.pop_scope();
        Ok(Block { stmts, lexicals, line, end_line })
    }

    pub(crate) fn close_brace(&mut self) -> PResult {
        if self.eat(b'}') {
            return Ok(());
        }
        if self.lx.eof() {
            return self.missing_bracket();
        }
        self.syntax_error()
    }

    /// Statements inside a brace that was just consumed.
    pub(crate) fn body_statements(&mut self) -> PResult<Vec<Stmt>> {
        self.lx.brackets += 1;
        let stmts = self.deeper(|p| p.statements(false))?;
        self.finish_class_of_scope()?;
        self.lx.brackets -= 1;
        Ok(stmts)
    }

    /// At `{` where both a block and an anonymous hash could stand: perl's guess, from the first token inside.
    pub(crate) fn brace_is_hash(&mut self) -> bool {
        let save = self.lx.pos;
        if self.hash_at == Some(save) {
            return true;
        }
        self.lx.pos += 1;
        self.skip_space_quietly();
        let answer = self.guess_hash();
        self.lx.pos = save;
        answer
    }

    /// At the block of `map` or `grep`: a brace that follows at once opens an anonymous hash, whatever is in it.
    pub(crate) fn hash_in_block(&mut self) {
        let save = self.lx.pos;
        self.lx.pos += 1;
        self.skip_space_quietly();
        if self.lx.cur() == b'{' {
            self.hash_at = Some(self.lx.pos);
        }
        self.lx.pos = save;
    }

    fn guess_hash(&mut self) -> bool {
        let lx = &self.lx;
        let first = lx.cur();
        if first == b'}' {
            return true;
        }
        let mut p = lx.pos;
        if matches!(first, b'\'' | b'"' | b'`') {
            p += 1;
            while p < lx.src.len() && lx.at(p) != first {
                p += if lx.at(p) == b'\\' { 2 } else { 1 };
            }
            p += 1;
        } else if first == b'q'
            && let Some(end) = self.skip_q_form(p)
        {
            p = end;
        } else if lx.ident_at(p, self.utf8()) {
            p = lx.ident_end(p, self.utf8());
        } else if first.is_ascii_digit() {
            while crate::lexer::is_word(lx.at(p)) {
                p += 1;
            }
        } else {
            return false;
        }
        self.lx.pos = p;
        self.skip_space_quietly();
        (self.lx.cur() == b',' && (first == b'q' || !first.is_ascii_lowercase())) || self.lx.looking_at("=>")
    }

    /// The end of `q(…)`/`qq(…)` at `p`, or `None` if the `q` is an ordinary word.
    fn skip_q_form(&self, p: usize) -> Option<usize> {
        let lx = &self.lx;
        let mut p = p + 1;
        if matches!(lx.at(p), b'q' | b'x' | b'w') {
            p += 1;
        }
        while crate::lexer::is_space(lx.at(p)) {
            p += 1;
        }
        let open = lx.at(p);
        if crate::lexer::is_word(open) || open == 0 || (open == b'=' && lx.at(p + 1) == b'>') {
            return None;
        }
        let close = crate::lexer::quote::closing(open);
        let mut depth = 1;
        p += 1;
        while p < lx.src.len() {
            let c = lx.at(p);
            if c == b'\\' {
                p += 1;
            } else if c == close {
                depth -= 1;
                if depth == 0 {
                    return Some(p + 1);
                }
            } else if c == open {
                depth += 1;
            }
            p += 1;
        }
        None
    }
}
