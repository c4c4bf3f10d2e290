//! Errors and warnings in perl's words.
use super::*;

impl Parser<'_> {
    /// ` at FILE line N`
    pub(crate) fn at_line(&self, line: u32) -> String {
        format!(" at {} line {line}", self.lx.file())
    }

    fn push_error(&mut self, text: &str) {
        self.errors.extend_from_slice(text.as_bytes());
        self.error_count += 1;
    }

    /// Adds a string to the messages.
    fn append(&mut self, text: &PStr) {
        if text.utf8 {
            self.errors.extend_from_slice(&text.bytes);
        } else {
            text.bytes.iter().for_each(|&b| keshi_text::utf8::encode(u64::from(b), &mut self.errors));
        }
    }

    /// A piece of the source for a message: octets of a text that is not UTF-8 are characters of their own.
    pub(crate) fn excerpt(&self, bytes: &[u8]) -> String {
        if self.utf8() {
            let shown = |c: u64| u32::try_from(c).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            keshi_text::utf8::code_points(bytes, true).map(shown).collect()
        } else {
            bytes.iter().map(|&b| b as char).collect()
        }
    }

    /// The `near "…"` part: from the token before the offending one to the end of the offending one. When the
    /// construct just ended with a parenthesis, that is the offending token, else the next one is.
    fn near(&self) -> String {
        let lx = &self.lx;
        let [_, old, last] = lx.recent;
        let closed = lx.pos > 0 && matches!(lx.at(lx.pos - 1), b')' | b']' | b'}') && last < lx.pos;
        // With the end of the text (or of a statement of an eval, which perl ends by a `;` of its own) as the
        // offending token there is nothing to show.
        if !closed && !lx.nested {
            let mut p = lx.pos;
            while crate::lexer::is_space(lx.at(p)) {
                p += 1;
            }
            if p >= lx.src.len() || lx.at(p) == b';' && self.kind == SubKind::Eval {
                return ", at EOF".into();
            }
        }
        let (from, end) = if closed {
            (if last + 1 == lx.pos { old } else { last }, lx.pos)
        } else if self.kind == SubKind::Eval && lx.cur() == b';' {
            // What ends a statement of an eval's text counts as its end.
            return ", at EOF".into();
        } else if last < lx.pos {
            (last, self.offending_end())
        } else {
            (old, self.offending_end())
        };
        let mut from = from.min(lx.src.len());
        if end > from + 200 {
            from = last.min(end);
        }
        let end = end.max(from);
        let text = self.excerpt(&lx.src[from..end.min(from + 200)]);
        let text = text.trim_start();
        if text.is_empty() || lx.pos >= lx.src.len() && text.trim().is_empty() {
            return ", at EOF".into();
        }
        format!(", near \"{text}\"")
    }

    /// End of the token at the current position; after a word with the space behind it.
    pub(crate) fn offending_end(&self) -> usize {
        let lx = &self.lx;
        let utf8 = self.utf8();
        let mut p = lx.pos;
        while crate::lexer::is_space(lx.at(p)) {
            p += 1;
        }
        let sigil = matches!(lx.at(p), b'$' | b'@' | b'%' | b'&');
        if lx.ident_at(p, utf8) || sigil && lx.ident_at(p + 1, utf8) {
            p = lx.scan_word(p + usize::from(sigil), utf8, false).1;
            while crate::lexer::is_space(lx.at(p)) {
                p += 1;
            }
        } else if lx.at(p) == b'$' && lx.at(p + 1) == b'#' {
            p += 2;
        } else if lx.at(p).is_ascii_digit() {
            while lx.at(p).is_ascii_digit() {
                p += 1;
            }
        } else if matches!(lx.at(p), b'"' | b'\'' | b'`') {
            let quote = lx.at(p);
            p += 1;
            while p < lx.src.len() && lx.at(p) != quote {
                p += if lx.at(p) == b'\\' { 2 } else { 1 };
            }
            p += 1;
        } else if sigil {
            p += 1;
        } else if lx.at(p) == b')' {
            // The lexer looks for a block behind it.
            p += 1;
            while crate::lexer::is_space(lx.at(p)) {
                p += 1;
            }
        } else if lx.at(p) == b'{' {
            p += 1;
            while matches!(lx.at(p), b' ' | b'\t') {
                p += 1;
            }
        } else if lx.at(p) == b'~' && !self.feature(Feature::SmartMatch) {
            p += 1;
        } else if let Some((_, n)) = crate::lexer::raw::operator(&lx.src[p.min(lx.src.len())..]) {
            p += n;
        } else {
            p = crate::lexer::memchr_newline(&lx.src, p);
        }
        p.min(lx.src.len())
    }

    /// Adds perl's guess that a string with many lines was not meant to be one.
    fn runaway(&mut self) -> String {
        let Some(m) = &self.lx.multiline else { return String::new() };
        if self.line().saturating_sub(m.end) > 1 {
            return String::new();
        }
        let text = format!(
            "  (Might be a runaway multi-line {}{} string starting on line {})\n",
            m.open, m.close, m.start
        );
        self.lx.multiline = None;
        text
    }

    /// `syntax error` where an operator was expected but a term stands; perl says what it found.
    pub(crate) fn operator_expected<T>(&mut self) -> PResult<T> {
        self.lx.skip_space();
        let lx = &self.lx;
        let (c, n) = (lx.cur(), lx.peek(1));
        let utf8 = self.utf8();
        let what = match c {
            b'0'..=b'9' => "Number",
            b'"' | b'\'' => "String",
            b'`' => "Backticks",
            b'$' if n == b'#' => "Array length",
            b'$' => "Scalar",
            b'@' => "Array",
            b'\\' => "Backslash",
            _ if lx.ident_at(lx.pos, utf8) => {
                let w = self.peek_word().unwrap_or_default();
                if word::is_keyword(&w, self) { "" } else { "Bareword" }
            }
            _ => "",
        };
        if what.is_empty() {
            return self.syntax_error();
        }
        if matches!(what, "String" | "Backticks") {
            // perl reads the string before it complains about where it stands.
            let here = self.lx.pos;
            self.delimited(false, "string")?;
            self.lx.pos = here;
        }
        let lx = &self.lx;
        let [_, older, prev] = lx.recent;
        let (older, prev) = if prev == lx.pos { (older, older) } else { (older, prev) };
        let _ = older;
        let text = self.excerpt(&lx.src[prev.min(lx.pos)..lx.pos]);
        let end = match c {
            b'$' | b'@' if n == b'{' => lx.pos + 2,
            b'$' if n == b'#' => lx.pos + 3,
            _ => self.offending_end(),
        };
        let found = self.excerpt(&lx.src[lx.pos..end.min(lx.src.len())]).trim_end().to_string();
        let line_start = lx.src[..prev.min(lx.pos)].iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
        let first_on_line = lx.src[line_start..lx.pos].iter().all(|&b| crate::lexer::is_space(b));
        let word = text.trim_end();
        let hint = if first_on_line || text.contains('\n') {
            "Missing semicolon on previous line?".to_string()
        } else if word.starts_with(|ch: char| ch == '_' || ch.is_alphabetic()) && word.len() < text.len() {
            format!("Do you need to predeclare \"{word}\"?")
        } else {
            format!("Missing operator before \"{found}\"?")
        };
        let near = format!("{text}{found}");
        let message = format!(
            "{what} found where operator expected ({hint}){}, near \"{near}\"\n",
            self.at_line(self.line())
        );
        self.no_op_warning(&message)?;
        self.syntax_error()
    }

    /// The text ends where a closing brace or bracket is wanted.
    pub(crate) fn missing_bracket<T>(&mut self) -> PResult<T> {
        let past = self.kind == SubKind::Main && !self.lx.nested && self.lx.src.ends_with(b"\n");
        let at = self.at_line(self.line() - u32::from(past));
        if self.lx.nested {
            let place = if self.in_pattern { "within pattern" } else { "within string" };
            self.queue(&format!("Missing right curly or square bracket{at}, {place}\n"))?;
            self.queue(&format!("syntax error{at}, at EOF\n"))?;
        } else {
            self.queue(&format!("Missing right curly or square bracket{at}, at end of line\n"))?;
            self.queue(&format!("syntax error{at}, at EOF\n"))?;
        }
        self.syntax_failed = true;
        Err(Abort)
    }

    /// `syntax error at FILE line N, near "…"`: ends the parse.
    pub(crate) fn syntax_error<T>(&mut self) -> PResult<T> {
        self.lx.skip_space();
        self.refuse_character()?;
        // A string eval ends with a `;` of perl's own, which is what stands in the way there.
        let unfinished = if self.lx.nested { self.in_pattern } else { self.kind != SubKind::Eval };
        if self.lx.eof() && self.lx.brackets > 0 && unfinished {
            return self.missing_bracket();
        }
        self.lx.token_start();
        // The end of a file is on its last line, not after it.
        let past =
            self.kind == SubKind::Main && !self.lx.nested && self.lx.eof() && self.lx.src.ends_with(b"\n");
        let line = self.line() - u32::from(past);
        let text = format!("syntax error{}{}\n", self.at_line(line), self.near());
        let text = text + &self.runaway();
        self.push_error(&text);
        self.syntax_failed = true;
        Err(Abort)
    }

    /// The source text between two places, for `near`.
    pub(crate) fn near_from(&self, from: usize, to: usize) -> String {
        let to = to.min(self.lx.src.len());
        self.excerpt(&self.lx.src[from.min(to)..to])
    }

    /// An error near a text the caller knows.
    pub(crate) fn queue_near(&mut self, msg: &str, near: &str) -> PResult {
        let text = format!("{msg}{}, near \"{near}\"\n", self.at_line(self.line()));
        self.queue(&text)
    }

    /// Ends the parse after a syntax error that has been reported.
    pub(crate) fn syntax_abort<T>(&mut self) -> PResult<T> {
        self.syntax_failed = true;
        Err(Abort)
    }

    /// An error perl reports with the position and `near`, and parses on.
    pub(crate) fn error_near(&mut self, msg: &str) -> PResult {
        let text = format!("{msg}{}{}\n", self.at_line(self.line()), self.near());
        let text = text + &self.runaway();
        self.queue(&text)
    }

    /// An error inside a string or pattern; perl parses on.
    pub(crate) fn error_within(&mut self, msg: &str) -> PResult {
        let place = if self.in_pattern { "within pattern" } else { "within string" };
        let text = format!("{msg}{}, {place}\n", self.at_line(self.line()));
        self.queue(&text)
    }

    /// An error without `near`; perl parses on.
    pub(crate) fn error(&mut self, msg: &str) -> PResult {
        let text = format!("{msg}{}.\n", self.at_line(self.line()));
        self.queue(&text)
    }

    pub(crate) fn queue(&mut self, text: &str) -> PResult {
        if self.error_count >= usize::MAX / 2 {
            return Err(Abort);
        }
        self.push_error(text);
        if self.error_count >= 10 {
            let file = self.lx.file();
            self.errors.extend_from_slice(format!("{file} has too many errors.\n").as_bytes());
            self.error_count = usize::MAX / 2;
            return Err(Abort);
        }
        Ok(())
    }

    /// An error that ends the parse at once: `MSG at FILE line N.`
    pub(crate) fn fatal<T>(&mut self, msg: &str) -> PResult<T> {
        let line = self.line();
        self.fatal_at(msg, line)
    }

    pub(crate) fn fatal_at<T>(&mut self, msg: &str, line: u32) -> PResult<T> {
        let text = format!("{msg}{}.\n", self.at_line(line));
        self.croak(&text)
    }

    /// Ends the parse like a `die` of the compiler: nothing is appended to the text. To whoever catches it, it takes
    /// the place of what was queued.
    pub(crate) fn croak<T>(&mut self, text: &str) -> PResult<T> {
        if self.kind == SubKind::Eval || self.required {
            self.errors.clear();
        }
        self.give_up(text)
    }

    /// Ends the parse with all that was queued.
    pub(crate) fn give_up<T>(&mut self, text: &str) -> PResult<T> {
        self.push_error(text);
        self.error_count = usize::MAX / 2;
        Err(Abort)
    }

    /// Turns a failure of the Host into the end of the parse; `suffix` is perl's trailer for BEGIN code.
    pub(crate) fn host_failed<T>(&mut self, e: HostError, suffix: Option<(&str, u32)>) -> PResult<T> {
        match e {
            HostError::Exception(v) => self.exception = Some(v),
            HostError::Message(m) => {
                self.append(&m);
                if let Some((what, line)) = suffix {
                    let text = format!("{what}--compilation aborted{}.\n", self.at_line(line));
                    self.errors.extend_from_slice(text.as_bytes());
                }
            }
        }
        self.error_count = usize::MAX / 2;
        Err(Abort)
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.error_count > 0
    }

    /// Warns in a category that is off by default.
    pub(crate) fn warn(&mut self, category: u32, msg: &str) -> PResult {
        self.warn_at(category, msg, self.line(), false)
    }

    /// Is a warning to be given here? `default_on` for those perl gives without any switch.
    pub(crate) fn warns(&mut self, category: u32, default_on: bool) -> bool {
        match self.host.forced_warnings() {
            Some(all) => all,
            None => {
                let dash_w = self.host.dash_w();
                self.hints.warns(category, dash_w, default_on)
            }
        }
    }

    /// Warns in a category that is on by default (deprecations, severe).
    pub(crate) fn warn_default(&mut self, category: u32, msg: &str) -> PResult {
        self.warn_at(category, msg, self.line(), true)
    }

    pub(crate) fn warn_at(&mut self, category: u32, msg: &str, line: u32, default_on: bool) -> PResult {
        if !self.warns(category, default_on) {
            return Ok(());
        }
        let text =
            if msg.ends_with('\n') { msg.to_string() } else { format!("{msg}{}.\n", self.at_line(line)) };
        self.emit_warning(category, &text)
    }

    /// The same for text that may not be UTF-8; categories that are on by default are.
    pub(crate) fn warn_bytes(&mut self, category: u32, msg: &PStr) -> PResult {
        if !self.warns(category, warn::default_on(category)) {
            return Ok(());
        }
        let text = self.positioned(msg);
        if self.hints.fatal(category) {
            return self.croak_bytes(&text);
        }
        match self.host.warn(&text) {
            Ok(()) => Ok(()),
            Err(e) => self.host_failed(e, None),
        }
    }

    /// `MSG at FILE line N.`
    fn positioned(&self, msg: &PStr) -> PStr {
        let mut bytes = msg.bytes.to_vec();
        bytes.extend_from_slice(format!("{}.\n", self.at_line(self.line())).as_bytes());
        PStr::new(bytes, msg.utf8)
    }

    /// An error that ends the parse at once, of text that may not be UTF-8.
    pub(crate) fn fatal_bytes<T>(&mut self, msg: &PStr) -> PResult<T> {
        let text = self.positioned(msg);
        // it takes the place of what was queued
        self.errors.clear();
        self.croak_bytes(&text)
    }

    fn croak_bytes<T>(&mut self, text: &PStr) -> PResult<T> {
        self.append(text);
        self.error_count = usize::MAX / 2;
        Err(Abort)
    }

    /// Warns with a complete text.
    pub(crate) fn warn_text(&mut self, category: u32, text: &str) -> PResult {
        if !self.warns(category, false) {
            return Ok(());
        }
        self.emit_warning(category, text)
    }

    pub(crate) fn emit_warning(&mut self, category: u32, text: &str) -> PResult {
        if self.hints.fatal(category) {
            return self.croak(text);
        }
        match self.host.warn(&PStr::text(text)) {
            Ok(()) => Ok(()),
            Err(e) => self.host_failed(e, None),
        }
    }

    /// What stands where no term may: a warning, the syntax error follows.
    fn no_op_warning(&mut self, text: &str) -> PResult {
        if self.warns(warn::SYNTAX, true) { self.emit_warning(warn::SYNTAX, text) } else { Ok(()) }
    }

    /// Makes the result of the whole parse.
    pub(crate) fn finish(mut self, result: PResult<Rc<SubDef>>) -> Result<Rc<SubDef>, CompileError> {
        if let Some(v) = self.exception.take() {
            for name in std::mem::take(&mut self.open_classes) {
                self.host.class_abandon(&name);
            }
            return Err(CompileError::Exception(v));
        }
        match result {
            Ok(def) if self.error_count == 0 => return Ok(def),
            _ => {}
        }
        for name in std::mem::take(&mut self.open_classes) {
            self.host.class_abandon(&name);
        }
        let counted = self.error_count < usize::MAX / 2;
        if counted && (self.syntax_failed || self.kind == SubKind::Main && !self.required) {
            let file = self.lx.file();
            let tail = if self.check_only {
                format!("{file} had compilation errors.\n")
            } else {
                format!("Execution of {file} aborted due to compilation errors.\n")
            };
            self.errors.extend_from_slice(tail.as_bytes());
        }
        Err(CompileError::Message(narrowed(self.errors)))
    }
}

/// A string of these characters (in UTF-8); octets if they all fit.
fn narrowed(text: Vec<u8>) -> PStr {
    match std::str::from_utf8(&text) {
        Ok(s) if s.chars().all(|c| (c as u32) < 0x100) => {
            PStr::new(s.chars().map(|c| c as u8).collect::<Vec<u8>>(), false)
        }
        _ => PStr::new(text, true),
    }
}
