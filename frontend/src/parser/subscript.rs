//! `[…]` and `{…}` behind a container: elements, slices, keys without quotes, and the fields of a class (`my Dog $x`).
use super::expr::{bx, mk};
use super::*;

impl Parser<'_> {
    /// `[…]` or `{…}` at the current position: the index expression.
    pub(crate) fn subscript(&mut self, open: u8) -> PResult<Expr> {
        self.lx.token_start();
        self.lx.pos += 1;
        if open == b'{'
            && let Some(key) = self.simple_key()
        {
            return Ok(key);
        }
        self.lx.brackets += 1;
        let e = self.expr()?;
        self.expect(crate::lexer::quote::closing(open))?;
        self.lx.brackets -= 1;
        Ok(e)
    }

    /// `word}` or `-word}`: a string key.
    fn simple_key(&mut self) -> Option<Expr> {
        let save = self.lx.pos;
        let line = self.line();
        self.skip_space_quietly();
        let utf8 = self.utf8();
        let start = self.lx.pos;
        let word = if self.lx.cur() == b'-' { start + 1 } else { start };
        if !self.lx.ident_at(word, utf8) {
            self.lx.pos = save;
            return None;
        }
        let end = self.lx.ident_end(word, utf8);
        self.lx.pos = end;
        self.skip_space_quietly();
        if self.lx.cur() != b'}' {
            self.lx.pos = save;
            return None;
        }
        self.lx.pos += 1;
        let text = self.lx.src[start..end].to_vec();
        Some(mk(line, ExprKind::Str(self.pstr(&text))))
    }

    /// One element of `base`; the position is on the bracket.
    pub(crate) fn elem_of(&mut self, base: Expr, open: u8, line: u32) -> PResult<Expr> {
        let index = self.subscript(open)?;
        if open == b'[' {
            return Ok(mk(line, ExprKind::Elem { array: bx(base), index: bx(index) }));
        }
        let key = self.joined_key(index)?;
        self.check_fields(&base, &key)?;
        Ok(mk(line, ExprKind::HElem { hash: bx(base), key: bx(key) }))
    }

    /// `$h{1,2}`: the keys are joined with `$;`.
    fn joined_key(&mut self, mut index: Expr) -> PResult<Expr> {
        let line = index.line;
        match index.take() {
            ExprKind::List { mut items, .. } if items.len() != 1 => {
                if !self.feature(Feature::Multidimensional) {
                    self.error_near("Multidimensional hash lookup is disabled")?;
                }
                let sep = mk(line, ExprKind::Pkg { sigil: Sigil::Scalar, name: "main::;".into() });
                items.insert(0, sep);
                Ok(mk(line, ExprKind::Func { func: Func::Join, args: items, parens: true }))
            }
            kind => Ok(mk(line, kind)),
        }
    }

    /// Constant keys of `%$x`, where `my Class $x` names a class that lists its fields.
    pub(super) fn check_fields(&mut self, base: &Expr, keys: &Expr) -> PResult {
        let ExprKind::Deref { sigil: Sigil::Hash, expr } = &base.kind else { return Ok(()) };
        let ExprKind::Lex { sigil: Sigil::Scalar, idx } = expr.kind else { return Ok(()) };
        let name = self.entry_name(idx);
        let Some(class) = self.declared_class(&name) else { return Ok(()) };
        let keys = match &keys.kind {
            ExprKind::List { items, .. } => items.as_slice(),
            _ => std::slice::from_ref(keys),
        };
        for key in keys {
            if let ExprKind::Str(s) = &key.kind
                && self.host.class_field(&class, s) == Some(false)
            {
                let key = s.to_text();
                let msg = format!("No such class field \"{key}\" in variable {name} of type {class}");
                return self.fatal(&msg);
            }
        }
        Ok(())
    }

    pub(crate) fn slice_of(&mut self, base: Expr, open: u8, line: u32) -> PResult<Expr> {
        let from = self.lx.pos;
        let e = self.slice_in_string(base, open, line)?;
        if let ExprKind::Slice { array: base, index } | ExprKind::HSlice { hash: base, keys: index } = &e.kind
        {
            self.lint_slice(base, index, from)?;
        }
        Ok(e)
    }

    /// The same inside a string, where perl does not ask whether an element was meant.
    pub(crate) fn slice_in_string(&mut self, base: Expr, open: u8, line: u32) -> PResult<Expr> {
        let index = bx(self.subscript(open)?);
        if open == b'{' {
            self.check_fields(&base, &index)?;
        }
        let kind = if open == b'[' {
            ExprKind::Slice { array: bx(base), index }
        } else {
            ExprKind::HSlice { hash: bx(base), keys: index }
        };
        Ok(mk(line, kind))
    }
}
