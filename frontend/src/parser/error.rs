//! Errors and warnings in perl's words.
use super::*;

impl Parser<'_> {
    /// ` at FILE line N`
    pub(crate) fn at_line(&self, line: u32) -> String {
        format!(" at {} line {line}", self.lx.file())
    }

    fn push_error(&mut self, text: &str) {
        self.errors_utf8 |= !text.is_ascii();
        self.errors.extend_from_slice(text.as_bytes());
        self.error_count += 1;
    }

    /// The `near "…"` part: from the token before the offending one to the end of the offending one.
    fn near(&self) -> String {
        let lx = &self.lx;
        let [older, old, last] = lx.recent;
        let mut from = if lx.pos == last { old } else { last };
        if lx.pos != last && old + 200 > lx.pos && old < last {
            from = old;
        }
        let _ = older;
        let from = from.min(lx.src.len());
        if lx.rest().iter().all(|&c| crate::lexer::is_space(c)) && lx.pos == last {
            // At the end of the text perl shows what it read last.
            if from >= lx.src.len() {
                return ", at EOF".into();
            }
        }
        let mut end = self.offending_end();
        if end <= from {
            end = lx.src.len();
        }
        let text = String::from_utf8_lossy(&lx.src[from..end.min(from + 200)]).into_owned();
        if text.trim().is_empty() {
            return ", at EOF".into();
        }
        format!(", near \"{text}\"")
    }

    /// End of the token at the current position, with the space behind it.
    fn offending_end(&self) -> usize {
        let lx = &self.lx;
        let utf8 = self.utf8();
        let mut p = lx.pos;
        if lx.ident_at(p, utf8) {
            p = lx.scan_word(p, utf8, false).1;
            while matches!(lx.at(p), b' ' | b'\t') {
                p += 1;
            }
        } else if matches!(lx.at(p), b'$' | b'@' | b'%') && lx.ident_at(p + 1, utf8) {
            p = lx.scan_word(p + 1, utf8, false).1;
            while matches!(lx.at(p), b' ' | b'\t') {
                p += 1;
            }
        } else if lx.at(p).is_ascii_digit() {
            while lx.at(p).is_ascii_digit() {
                p += 1;
            }
        } else if matches!(lx.at(p), b'}' | b';' | b')') {
            p += 1;
        } else if let Some((_, n)) = crate::lexer::raw::operator(lx.rest()) {
            p += n;
        } else {
            p = crate::lexer::memchr_newline(&lx.src, p);
        }
        p.min(lx.src.len())
    }

    /// `syntax error at FILE line N, near "…"`: ends the parse.
    pub(crate) fn syntax_error<T>(&mut self) -> PResult<T> {
        self.lx.skip_space();
        self.lx.token_start();
        let text = format!("syntax error{}{}\n", self.at_line(self.line()), self.near());
        self.push_error(&text);
        Err(Abort)
    }

    /// An error perl reports with the position and `near`, and parses on.
    pub(crate) fn error_near(&mut self, msg: &str) -> PResult {
        let text = format!("{msg}{}{}\n", self.at_line(self.line()), self.near());
        self.queue(&text)
    }

    /// An error without `near`; perl parses on.
    pub(crate) fn error(&mut self, msg: &str) -> PResult {
        let text = format!("{msg}{}.\n", self.at_line(self.line()));
        self.queue(&text)
    }

    pub(crate) fn queue(&mut self, text: &str) -> PResult {
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

    /// Ends the parse like a `die` of the compiler: nothing is appended to the text.
    pub(crate) fn croak<T>(&mut self, text: &str) -> PResult<T> {
        self.push_error(text);
        self.error_count = usize::MAX / 2;
        Err(Abort)
    }

    /// Turns a failure of the Host into the end of the parse; `suffix` is perl's trailer for BEGIN code.
    pub(crate) fn host_failed<T>(&mut self, e: HostError, suffix: Option<(&str, u32)>) -> PResult<T> {
        match e {
            HostError::Exception(v) => self.exception = Some(v),
            HostError::Message(m) => {
                self.errors.extend_from_slice(&m.bytes);
                self.errors_utf8 |= m.utf8;
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

    /// Warns in a category that is on by default (deprecations, severe).
    pub(crate) fn warn_default(&mut self, category: u32, msg: &str) -> PResult {
        self.warn_at(category, msg, self.line(), true)
    }

    pub(crate) fn warn_at(&mut self, category: u32, msg: &str, line: u32, default_on: bool) -> PResult {
        let dash_w = self.host.dash_w();
        if !self.hints.warns(category, dash_w, default_on) {
            return Ok(());
        }
        let text = format!("{msg}{}.\n", self.at_line(line));
        if self.hints.fatal(category) {
            return self.croak(&text);
        }
        match self.host.warn(&PStr::text(&text)) {
            Ok(()) => Ok(()),
            Err(e) => self.host_failed(e, None),
        }
    }

    /// Makes the result of the whole parse.
    pub(crate) fn finish(mut self, result: PResult<Rc<SubDef>>) -> Result<Rc<SubDef>, CompileError> {
        if let Some(v) = self.exception.take() {
            return Err(CompileError::Exception(v));
        }
        match result {
            Ok(def) if self.error_count == 0 => return Ok(def),
            _ => {}
        }
        let counted = self.error_count < usize::MAX / 2;
        if counted && self.kind == SubKind::Main {
            let file = self.lx.file();
            let tail = if self.check_only {
                format!("{file} had compilation errors.\n")
            } else {
                format!("Execution of {file} aborted due to compilation errors.\n")
            };
            self.errors.extend_from_slice(tail.as_bytes());
        }
        Err(CompileError::Message(PStr::new(self.errors, self.errors_utf8)))
    }
}
