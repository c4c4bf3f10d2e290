//! Interpolation: variables, escapes and case modifiers in strings and patterns.
use super::expr::{bx, mk};
use super::var::VarName;
use super::*;

/// The kind of text being interpolated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Mode {
    /// `"…"`, `qq`, heredocs, the replacement of `s///`.
    Qq,
    /// A pattern; `x` says that `#` comments are skipped.
    Pattern { x: bool },
}

impl Interp {
    pub fn new(mode: Mode, line: u32) -> Interp {
        let frames = vec![Frame { letter: 0, parts: Vec::new() }];
        Interp { mode, piece: Piece::default(), frames, code: Vec::new(), line }
    }
}

/// A constant piece under construction: octets until something forces UTF-8.
#[derive(Default)]
pub(crate) struct Piece {
    pub bytes: Vec<u8>,
    pub utf8: bool,
    /// The text as written, for `overload::constant`.
    pub source: Vec<u8>,
}

impl Piece {
    pub fn upgrade(&mut self) {
        if !self.utf8 {
            self.utf8 = true;
            let old = std::mem::take(&mut self.bytes);
            for b in old {
                keshi_text::utf8::encode(u64::from(b), &mut self.bytes);
            }
        }
    }

    pub fn octet(&mut self, b: u8) {
        if self.utf8 { keshi_text::utf8::encode(u64::from(b), &mut self.bytes) } else { self.bytes.push(b) }
    }

    pub fn point(&mut self, cp: u64) {
        if cp < 0x100 {
            return self.octet(cp as u8);
        }
        self.upgrade();
        keshi_text::utf8::encode(cp, &mut self.bytes);
    }

    pub fn append(&mut self, s: &PStr) {
        if s.utf8 {
            self.upgrade();
            self.bytes.extend_from_slice(&s.bytes);
        } else {
            for &b in s.bytes.iter() {
                self.octet(b);
            }
        }
    }
}

/// Code blocks of a pattern, with the index of the part they replace.
pub(crate) type CodeParts = Vec<(usize, PatPart)>;

/// One open case modifier with the parts inside it.
pub(crate) struct Frame {
    pub letter: u8,
    pub parts: Vec<Expr>,
}

/// The state of one interpolation.
pub(crate) struct Interp {
    pub mode: Mode,
    pub piece: Piece,
    pub frames: Vec<Frame>,
    pub code: CodeParts,
    pub line: u32,
}

/// Concatenates parts: a constant stays a constant.
pub(crate) fn join_parts(mut parts: Vec<Expr>, line: u32) -> Expr {
    match parts.len() {
        0 => mk(line, ExprKind::Str(PStr::default())),
        1 if matches!(parts[0].kind, ExprKind::Str(_) | ExprKind::HostConst(_)) => parts.remove(0),
        _ => mk(line, ExprKind::Interp(parts)),
    }
}

impl Parser<'_> {
    /// The parts of an interpolating string.
    pub(crate) fn interpolate(&mut self, body: Vec<u8>, line: u32, mode: Mode) -> PResult<Vec<Expr>> {
        if !body.iter().any(|c| matches!(c, b'$' | b'@' | b'\\')) {
            if body.is_empty() {
                return Ok(Vec::new());
            }
            let value = self.pstr(&body);
            return Ok(vec![self.string_constant(value, &body, "qq", line)?]);
        }
        let (parts, _) = self.interpolate_with_code(body, line, mode)?;
        Ok(parts)
    }

    /// The parts of a pattern; code blocks are returned with the index of the part they stand for.
    pub(crate) fn interpolate_with_code(
        &mut self,
        body: Vec<u8>,
        line: u32,
        mode: Mode,
    ) -> PResult<(Vec<Expr>, CodeParts)> {
        self.within(body, line, |p| {
            let mut it = Interp::new(mode, line);
            let outer = std::mem::replace(&mut p.in_pattern, matches!(mode, Mode::Pattern { .. }));
            let result = p.interp_loop(&mut it);
            p.in_pattern = outer;
            result?;
            while it.frames.len() > 1 {
                p.close_frame(&mut it)?;
            }
            p.flush(&mut it)?;
            let parts = it.frames.pop().map(|f| f.parts).unwrap_or_default();
            Ok((parts, it.code))
        })
    }

    pub(crate) fn flush(&mut self, it: &mut Interp) -> PResult {
        let piece = std::mem::take(&mut it.piece);
        if piece.bytes.is_empty() {
            return Ok(());
        }
        let value = PStr::new(piece.bytes, piece.utf8);
        let e = match it.mode {
            Mode::Qq => self.string_constant(value, &piece.source, "qq", it.line)?,
            Mode::Pattern { .. } if self.hints.has(HINT_NEW_RE) => {
                let source = self.pstr(&piece.source);
                match self.claimed_constant(ConstKind::Regex, &source, &value)? {
                    Some(c) => mk(it.line, ExprKind::HostConst(c)),
                    None => mk(it.line, ExprKind::Str(value)),
                }
            }
            Mode::Pattern { .. } => mk(it.line, ExprKind::Str(value)),
        };
        if let Some(f) = it.frames.last_mut() {
            f.parts.push(e);
        }
        Ok(())
    }

    fn close_frame(&mut self, it: &mut Interp) -> PResult {
        self.flush(it)?;
        let Some(f) = it.frames.pop() else { return Ok(()) };
        let func = match f.letter {
            b'L' => Func::Lc,
            b'U' => Func::Uc,
            b'Q' => Func::Quotemeta,
            b'F' => Func::Fc,
            b'l' => Func::Lcfirst,
            _ => Func::Ucfirst,
        };
        if !f.parts.is_empty() {
            let arg = join_parts(f.parts, it.line);
            let e = mk(it.line, ExprKind::Func { func, args: vec![arg], parens: true });
            if let Some(outer) = it.frames.last_mut() {
                outer.parts.push(e);
            }
        }
        Ok(())
    }

    fn interp_loop(&mut self, it: &mut Interp) -> PResult {
        let pattern = matches!(it.mode, Mode::Pattern { .. });
        let mut in_class = false;
        while !self.lx.eof() {
            let c = self.lx.cur();
            match c {
                b'\\' => {
                    if self.case_modifier(it)? {
                        continue;
                    }
                    if pattern {
                        self.pattern_escape(it)?
                    } else {
                        self.string_escape(it)?
                    }
                    continue;
                }
                b'$' if !pattern && self.after_space(self.lx.pos + 1) >= self.lx.src.len() => {
                    self.error_within("Final $ should be \\$ or $name")?;
                    self.syntax_failed = true;
                    return Err(Abort);
                }
                b'$' if self.dollar_interpolates(pattern) => {
                    self.flush(it)?;
                    let e = self.interp_scalar(pattern)?;
                    if let Some(f) = it.frames.last_mut() {
                        f.parts.push(e);
                    }
                    continue;
                }
                b'@' if self.at_interpolates(pattern) => {
                    self.flush(it)?;
                    let e = self.interp_array(pattern)?;
                    let line = e.line;
                    if let Some(f) = it.frames.last_mut() {
                        f.parts.push(mk(line, ExprKind::Join(bx(e))));
                    }
                    continue;
                }
                b'(' if pattern && !in_class && it.frames.len() == 1 && self.pattern_group(it)? => {
                    continue;
                }
                b'#' if it.mode == (Mode::Pattern { x: true }) && !in_class => {
                    let end = crate::lexer::memchr_newline(&self.lx.src, self.lx.pos);
                    self.copy_raw(it, end);
                    continue;
                }
                b'[' if pattern => in_class = true,
                b']' if pattern => in_class = false,
                _ => {}
            }
            self.copy_raw(it, self.lx.pos + 1);
        }
        Ok(())
    }

    /// Copies source text up to `end` unchanged.
    pub(crate) fn copy_raw(&mut self, it: &mut Interp, end: usize) {
        let utf8 = self.utf8();
        let end = end.min(self.lx.src.len());
        while self.lx.pos < end {
            let c = self.lx.cur();
            it.piece.source.push(c);
            if c >= 0x80 && utf8 {
                it.piece.upgrade();
                it.piece.bytes.push(c);
            } else {
                it.piece.octet(c);
            }
            self.lx.pos += 1;
        }
    }

    /// `\L \U \Q \F \l \u \E`
    fn case_modifier(&mut self, it: &mut Interp) -> PResult<bool> {
        let mut letter = self.lx.peek(1);
        match letter {
            b'E' => {
                self.lx.pos += 2;
                if it.frames.len() == 1 {
                    self.warn(warn::MISC, "Useless use of \\E")?;
                }
                while it.frames.len() > 1 {
                    let top = it.frames.last().map_or(0, |f| f.letter);
                    self.close_frame(it)?;
                    if matches!(top, b'L' | b'U' | b'Q' | b'F') {
                        break;
                    }
                }
                return Ok(true);
            }
            b'L' | b'U' | b'Q' | b'F' | b'l' | b'u' => {}
            _ => return Ok(false),
        }
        self.flush(it)?;
        self.lx.pos += 2;
        // `\L\u` means `\u\L`.
        let next = self.lx.peek(1);
        let swap =
            self.lx.cur() == b'\\' && ((letter == b'L' && next == b'u') || (letter == b'U' && next == b'l'));
        if swap {
            self.lx.src[self.lx.pos + 1] = letter;
            letter = next;
        }
        if matches!(letter, b'L' | b'U' | b'F') {
            while it.frames.iter().any(|f| matches!(f.letter, b'L' | b'U' | b'F')) {
                self.close_frame(it)?;
            }
        }
        it.frames.push(Frame { letter, parts: Vec::new() });
        Ok(true)
    }

    fn dollar_interpolates(&self, pattern: bool) -> bool {
        let n = self.lx.peek(1);
        if self.lx.pos + 1 >= self.lx.src.len() {
            return false;
        }
        if pattern && matches!(n, b'(' | b')' | b'|' | b' ' | b'\r' | b'\n' | b'\t') {
            return false;
        }
        if n.is_ascii_whitespace() {
            // White space may stand between the sigil and the name.
            return !pattern;
        }
        if n < 0x80 {
            return crate::lexer::is_word(n)
                || matches!(n, b'{' | b'$' | b':' | b'^')
                || n.is_ascii_punctuation();
        }
        self.lx.ident_at(self.lx.pos + 1, self.utf8())
    }

    /// The position behind white space.
    fn after_space(&self, mut p: usize) -> usize {
        while self.lx.at(p).is_ascii_whitespace() {
            p += 1;
        }
        p
    }

    fn at_interpolates(&self, pattern: bool) -> bool {
        let n = self.lx.peek(1);
        if crate::lexer::is_word(n) || matches!(n, b'{' | b'$') {
            return true;
        }
        if n == b':' {
            return self.lx.peek(2) == b':' && self.lx.ident_at(self.lx.pos + 3, self.utf8());
        }
        if !pattern && matches!(n, b'+' | b'-') {
            return true;
        }
        self.lx.ident_at(self.lx.pos + 1, self.utf8())
    }

    /// `$name` with its subscripts inside a string.
    fn interp_scalar(&mut self, pattern: bool) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos = self.after_space(self.lx.pos + 1);
        if self.lx.cur() == b'#'
            && (self.lx.peek(1) == b'{'
                || !pattern && matches!(self.lx.peek(1), b'+' | b'-')
                || self.lx.peek(1) == b'$'
                || self.lx.ident_at(self.lx.pos + 1, self.utf8()))
        {
            self.lx.pos += 1;
            let name = self.var_name(Sigil::Array, true)?;
            let array = self.var_value(Sigil::Array, name, line)?;
            return Ok(mk(line, ExprKind::ArrayLast(bx(array))));
        }
        let braces = self.lx.cur() == b'{';
        let name = self.var_name(Sigil::Scalar, true)?;
        let c = self.lx.cur();
        match name {
            // `"${x}[0]"` is the scalar followed by text.
            VarName::Plain(n) if braces => self.named_var(Sigil::Scalar, &n, line),
            VarName::Plain(n) if (c == b'[' || c == b'{') && self.subscript_follows(pattern) => {
                let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
                let base = self.named_var(sigil, &n, line)?;
                let e = self.elem_of(base, c, line)?;
                self.interp_subscripts(e, pattern, true)
            }
            // After a block perl does not guess: a bracket is a subscript, in patterns too.
            VarName::Deref(r) if (c == b'[' || c == b'{') && (braces || self.subscript_follows(pattern)) => {
                let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
                let r = self.bareword_to_str(r);
                let base = mk(line, ExprKind::Deref { sigil, expr: bx(r) });
                let e = self.elem_of(base, c, line)?;
                self.interp_subscripts(e, pattern, true)
            }
            n => self.interp_arrows(n, line, pattern),
        }
    }

    fn interp_arrows(&mut self, name: VarName, line: u32, pattern: bool) -> PResult<Expr> {
        let braced = matches!(name, VarName::Braced(_));
        let e = self.var_value(Sigil::Scalar, name, line)?;
        if braced {
            return Ok(e);
        }
        self.interp_subscripts(e, pattern, false)
    }

    /// `@name` with its slice inside a string.
    fn interp_array(&mut self, pattern: bool) -> PResult<Expr> {
        let line = self.line();
        self.lx.pos += 1;
        let braces = self.lx.cur() == b'{';
        let name = self.var_name(Sigil::Array, true)?;
        let c = self.lx.cur();
        if let VarName::Plain(n) = &name {
            let n = n.to_string();
            self.lint_unintended(if c == b'{' && !braces { Sigil::Hash } else { Sigil::Array }, &n)?;
        }
        let whole = matches!(name, VarName::Braced(_)) || braces && matches!(name, VarName::Plain(_));
        if !whole && (c == b'[' || c == b'{') && self.subscript_follows(pattern) {
            let sigil = if c == b'[' { Sigil::Array } else { Sigil::Hash };
            let base = self.var_value(sigil, name, line)?;
            return self.slice_in_string(base, c, line);
        }
        self.var_value(Sigil::Array, name, line)
    }

    /// Subscripts and arrows after an interpolated scalar.
    fn interp_subscripts(&mut self, mut e: Expr, pattern: bool, mut subscripts: bool) -> PResult<Expr> {
        loop {
            let line = self.line();
            let c = self.lx.cur();
            let mut bracket = c;
            if c == b'-' && self.lx.peek(1) == b'>' {
                let n = self.lx.peek(2);
                if matches!(n, b'[' | b'{') {
                    self.lx.pos += 2;
                    bracket = n;
                } else if self.feature(Feature::PostderefQq) {
                    match (n, self.lx.peek(3)) {
                        (b'@', b'*') => {
                            self.lx.pos += 4;
                            let a = mk(line, ExprKind::Deref { sigil: Sigil::Array, expr: bx(e) });
                            return Ok(mk(line, ExprKind::Join(bx(a))));
                        }
                        (b'$', b'*') => {
                            self.lx.pos += 4;
                            return Ok(mk(line, ExprKind::Deref { sigil: Sigil::Scalar, expr: bx(e) }));
                        }
                        (b'$', b'#') if self.lx.peek(4) == b'*' => {
                            self.lx.pos += 5;
                            let a = mk(line, ExprKind::Deref { sigil: Sigil::Array, expr: bx(e) });
                            return Ok(mk(line, ExprKind::ArrayLast(bx(a))));
                        }
                        (b'@', open @ (b'[' | b'{')) => {
                            self.lx.pos += 3;
                            let sigil = if open == b'[' { Sigil::Array } else { Sigil::Hash };
                            let base = mk(line, ExprKind::Deref { sigil, expr: bx(e) });
                            let s = self.slice_of(base, open, line)?;
                            return Ok(mk(line, ExprKind::Join(bx(s))));
                        }
                        _ => return Ok(e),
                    }
                } else {
                    return Ok(e);
                }
            } else if !(subscripts && matches!(c, b'[' | b'{') && self.subscript_follows(pattern)) {
                return Ok(e);
            }
            let sigil = if bracket == b'[' { Sigil::Array } else { Sigil::Hash };
            let base = mk(line, ExprKind::Deref { sigil, expr: bx(e) });
            e = self.elem_of(base, bracket, line)?;
            subscripts = true;
        }
    }

    /// Is the bracket at the current position a subscript? In patterns it may be a class or a quantifier.
    fn subscript_follows(&self, pattern: bool) -> bool {
        if !pattern {
            return true;
        }
        let lx = &self.lx;
        let rest = &lx.src[lx.pos + 1..];
        if lx.cur() == b'{' {
            let n =
                rest.iter().take_while(|c| c.is_ascii_digit() || matches!(c, b',' | b' ' | b'\t')).count();
            let quantifier = n > 0 && rest.get(n) == Some(&b'}') && rest[..n].iter().any(u8::is_ascii_digit);
            return !quantifier;
        }
        class_or_index(rest)
    }
}

/// After `$name[` in a pattern: does an index follow (and not a character class)?
fn class_or_index(rest: &[u8]) -> bool {
    let Some(end) = rest.iter().position(|&c| c == b']') else { return false };
    let text = &rest[..end];
    let digits = |t: &[u8]| !t.is_empty() && t.iter().all(u8::is_ascii_digit);
    match text.first() {
        None | Some(b'^' | b']') => false,
        Some(b'$') => {
            // `$i]`, `$#a]`, `$i+1]`: an index; `$]`, `$\w]`: a class.
            let t = text.strip_prefix(b"$#").unwrap_or(&text[1..]);
            let name = t.iter().take_while(|&&c| crate::lexer::is_word(c)).count();
            // `$a-z]` is a range, `$a-1]` a difference.
            let range = t.get(name) == Some(&b'-') && t.get(name + 1).is_some_and(u8::is_ascii_alphabetic);
            t.first().is_some_and(|&c| crate::lexer::is_word_start(c) || matches!(c, b'{' | b'$'))
                && !t.contains(&b'\\')
                && !range
        }
        Some(b'-') => digits(&text[1..]),
        _ => digits(text),
    }
}
