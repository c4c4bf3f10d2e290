//! The Perl parser: recursive descent for statements and terms, precedence climbing for operators.
//!
//! Contract
//! * One [`Parser`] compiles one source text (file, `-e` text, string eval) to a [`SubDef`]. Everything that
//!   runs at compile time runs through the [`Host`] while parsing.
//! * `Err(Abort)` means that the parse cannot go on; the messages are queued in the parser. Errors perl survives
//!   are queued and parsing continues.
//! * Every recursive descent step goes through [`Parser::deeper`], so nesting cannot overflow the stack.
mod assign;
mod block;
mod builtin;
mod call;
mod class;
mod control;
mod decl;
mod error;
mod escape;
mod expr;
mod format;
mod interp;
mod lint;
mod lint_op;
mod lvalue;
mod patcheck;
mod pattern;
mod print;
mod proto;
mod quote;
mod scope;
mod sig;
mod stmt;
mod subs;
mod subscript;
mod term;
mod trans;
mod useless;
mod usemod;
mod var;
mod word;

use crate::ast::*;
use crate::host::*;
use crate::lexer::Lexer;
use scope::{ScopeMark, Unit, Vis};
use std::rc::Rc;

/// The parse stops here; messages are queued.
#[derive(Debug)]
pub struct Abort;

pub type PResult<T = ()> = Result<T, Abort>;

/// A source text with its starting position.
pub struct Source {
    pub text: Vec<u8>,
    /// The text is a UTF-8 flagged string (string evals); files are octets.
    pub utf8: bool,
    /// Octets are characters also under `use utf8`.
    pub characters: bool,
    pub file: Name,
    pub line: u32,
}

/// What the text is compiled into.
pub struct Options {
    pub kind: SubKind,
    pub package: Name,
    pub hints: Rc<Hints>,
    /// String eval: the names visible at the `eval`.
    pub scope: Option<Rc<EvalScope>>,
    /// `-c`: the final line of the messages differs.
    pub check_only: bool,
    /// A file loaded by `require` or `do`: who loaded it adds the last line of the messages.
    pub required: bool,
    /// The text is a pattern: only its code blocks are compiled (the flag: `/x` is on). The program gives the
    /// list offset of `{`, length, closure for each.
    pub pattern: Option<bool>,
}

impl Options {
    pub fn main() -> Options {
        Options {
            kind: SubKind::Main,
            package: "main".into(),
            hints: Rc::new(Hints::initial()),
            scope: None,
            check_only: false,
            required: false,
            pattern: None,
        }
    }
}

/// Why a compilation failed.
#[derive(Debug)]
pub enum CompileError {
    /// The complete text for `die` (main program, `require`) or `$@`.
    Message(PStr),
    /// BEGIN code threw this, or asked for `exit`.
    Exception(HostConst),
}

pub struct Parser<'h> {
    pub(crate) host: &'h mut dyn Host,
    pub(crate) lx: Lexer,
    /// Texts around the one being parsed: strings, patterns and their code.
    outer_lx: Vec<Lexer>,
    units: Vec<Unit>,
    vis: Vec<Vis>,
    scopes: Vec<ScopeMark>,
    eval_cache: Option<(u64, usize, Rc<EvalScope>)>,
    vis_generation: u64,
    pub(crate) package: Name,
    pub(crate) hints: Rc<Hints>,
    /// Class being compiled.
    class: Option<class::ClassState>,
    /// Classes begun and not complete, for the Host to forget if the parse fails.
    open_classes: Vec<Name>,
    /// Messages so far, in UTF-8.
    errors: Vec<u8>,
    error_count: usize,
    exception: Option<HostConst>,
    /// A syntax error ended the parse.
    syntax_failed: bool,
    /// Barewords that are errors unless someone accepts them, by identity of their text.
    barewords: Vec<(*const u8, String)>,
    kind: SubKind,
    check_only: bool,
    required: bool,
    pattern: Option<bool>,
    /// Inside the parentheses of `(?{…})` or an interpolated `@{[ … ]}`: no `__END__`, no heredoc lookups.
    in_quote: u32,
    /// The `{` here begins a hash whatever follows: the first thing inside of `${ … }`.
    pub(crate) hash_at: Option<usize>,
    /// The innermost quote is a pattern.
    in_pattern: bool,
    /// The next text to be parsed by [`Parser::within`] is that of a heredoc.
    heredoc_body: bool,
}

/// Parses one source text completely.
pub fn parse(host: &mut dyn Host, source: Source, options: Options) -> Result<Rc<SubDef>, CompileError> {
    let mut p = Parser::new(host, source, options);
    let result = p.program();
    p.finish(result)
}

impl<'h> Parser<'h> {
    pub fn new(host: &'h mut dyn Host, source: Source, options: Options) -> Parser<'h> {
        let mut lx = Lexer::new(source.text, source.file, source.line, source.utf8);
        lx.characters = source.characters;
        if lx.src.starts_with(b"\xef\xbb\xbf") && options.kind == SubKind::Main {
            lx.pos = 3;
        }
        let in_sub = options.scope.as_ref().is_some_and(|s| s.in_sub);
        let mut p = Parser {
            host,
            lx,
            outer_lx: Vec::new(),
            units: Vec::new(),
            vis: Vec::new(),
            scopes: Vec::new(),
            eval_cache: None,
            vis_generation: 0,
            package: options.package,
            hints: options.hints,
            class: None,
            open_classes: Vec::new(),
            errors: Vec::new(),
            error_count: 0,
            exception: None,
            syntax_failed: false,
            barewords: Vec::new(),
            kind: options.kind,
            check_only: options.check_only,
            required: options.required,
            pattern: options.pattern,
            in_quote: 0,
            hash_at: None,
            in_pattern: false,
            heredoc_body: false,
        };
        if let Some(scope) = options.scope {
            p.open_eval_scope(&scope);
        }
        p.push_unit(options.kind);
        p.units.last_mut().expect("unit was pushed").in_sub = in_sub;
        p
    }

    fn program(&mut self) -> PResult<Rc<SubDef>> {
        let file = self.lx.file();
        let line = self.lx.line();
        self.push_scope();
        let hints = self.hints.clone();
        let stmts = match self.pattern {
            None => self.statements(true)?,
            Some(x) => {
                let cop = self.cop(line);
                let items = self.pattern_code(x)?;
                let list = expr::mk(line, ExprKind::List { items, parens: true });
                vec![Stmt { cop, labels: Vec::new(), kind: StmtKind::Expr(list) }]
            }
        };
        self.lint_block(&stmts, self.kind == SubKind::Main && !self.required)?;
        self.lint_once()?;
        self.finish_class()?;
        let module_true = self.hints.feature(Feature::ModuleTrue);
        let end_line = self.lx.line();
        let lexicals = self.pop_scope();
        let unit = self.pop_unit();
        let body = Block { stmts, lexicals, line, end_line };
        let mut def = self.sub_def(unit, None, line);
        def.file = file;
        def.body = Some(body);
        def.hints = hints;
        def.module_true = module_true;
        def.program = self.kind == SubKind::Main && !self.required;
        Ok(Rc::new(def))
    }

    /// Runs one step of the descent. A text whose nesting takes this much stack is refused: compiling it would take as
    /// much again.
    pub(crate) fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> PResult<T>) -> PResult<T> {
        const MOST_STACK: usize = 2 << 30;
        if keshi_memory::stack_used() > MOST_STACK {
            return self.fatal("Expressions or blocks nested too deeply");
        }
        keshi_memory::deeper(|| f(self))
    }

    // ---- state other modules ask for

    pub(crate) fn utf8(&self) -> bool {
        self.lx.utf8 || !self.lx.characters && self.hints.has(HINT_UTF8)
    }

    pub(crate) fn apos(&self) -> bool {
        self.hints.feature(Feature::AposAsNameSep)
    }

    pub(crate) fn feature(&self, f: Feature) -> bool {
        self.hints.feature(f)
    }

    pub(crate) fn line(&self) -> u32 {
        self.lx.line()
    }

    pub(crate) fn cop(&self, line: u32) -> Rc<Cop> {
        self.cop_with(line, None)
    }

    pub(crate) fn cop_with(&self, line: u32, debug: Option<DebugHooks>) -> Rc<Cop> {
        let (file, package) = (self.lx.file(), self.package.clone());
        Rc::new(Cop { line, file, package, hints: self.hints.clone(), debug })
    }

    /// The cop of a statement that the debugger may stop at.
    pub(crate) fn statement_cop(&mut self, line: u32) -> Rc<Cop> {
        let (statement, calls) = self.host.debugging();
        if !statement && !calls || &*self.package == "DB" {
            return self.cop(line);
        }
        let scope = self.eval_scope();
        self.cop_with(line, Some(DebugHooks { scope, statement, calls }))
    }

    /// A string constant of source octets.
    pub(crate) fn pstr(&self, bytes: &[u8]) -> PStr {
        PStr::new(bytes, self.utf8() && bytes.iter().any(|&b| b >= 0x80))
    }

    /// `name` qualified with the current package, unless it is qualified or one of the names that always live
    /// in `main`.
    pub(crate) fn qualify(&self, name: &str, sigil: Sigil) -> Name {
        if name.contains("::") {
            let full = name.strip_prefix("::").unwrap_or(name);
            let mut full = full;
            while let Some(rest) = full.strip_prefix("main::") {
                if !rest.contains("::") {
                    break;
                }
                full = rest;
            }
            return if full.contains("::") { full.into() } else { format!("main::{full}").into() };
        }
        if is_global_name(name, sigil) {
            return format!("main::{name}").into();
        }
        format!("{}::{name}", self.package).into()
    }

    // ---- small parsing helpers

    /// Skips space, then tests for a character.
    pub(crate) fn next_is(&mut self, c: u8) -> bool {
        self.lx.skip_space();
        self.lx.cur() == c
    }

    /// Skips space and consumes the character, if it is there.
    pub(crate) fn eat(&mut self, c: u8) -> bool {
        let yes = self.next_is(c);
        if yes {
            self.lx.token_start();
            self.lx.pos += 1;
        }
        yes
    }

    pub(crate) fn expect(&mut self, c: u8) -> PResult {
        if self.eat(c) {
            return Ok(());
        }
        if c == b'}' && self.lx.eof() {
            return self.missing_bracket();
        }
        // A closing bracket comes after a complete expression.
        if matches!(c, b')' | b']' | b'}') { self.operator_expected() } else { self.syntax_error() }
    }

    /// The plain word at the current position, not consumed.
    pub(crate) fn peek_word(&self) -> Option<String> {
        if !self.lx.ident_at(self.lx.pos, self.utf8()) {
            return None;
        }
        let end = self.lx.ident_end(self.lx.pos, self.utf8());
        Some(String::from_utf8_lossy(&self.lx.src[self.lx.pos..end]).into_owned())
    }

    /// Consumes the given plain word, if it is next.
    pub(crate) fn eat_word(&mut self, word: &str) -> bool {
        self.lx.skip_space();
        let yes = self.peek_word().as_deref() == Some(word);
        if yes {
            self.lx.token_start();
            self.lx.pos += word.len();
        }
        yes
    }

    /// Is `=>` next (after space and comments)? Nothing is consumed.
    pub(crate) fn fat_comma_ahead(&mut self, from: usize) -> bool {
        let save = self.lx.pos;
        self.lx.pos = from;
        self.skip_space_quietly();
        let yes = self.lx.looking_at("=>");
        self.lx.pos = save;
        yes
    }

    /// Skips space without letting `#line` directives take effect (for lookahead).
    pub(crate) fn skip_space_quietly(&mut self) {
        loop {
            match self.lx.cur() {
                b'#' => self.lx.skip_to_eol(),
                c if crate::lexer::is_space(c) => self.lx.pos += 1,
                _ => return,
            }
        }
    }

    /// Calls the Host with the parser's state; takes over what it changed. `suffix` names the phase for the
    /// message of a failure.
    pub(crate) fn with_ctx<T>(
        &mut self,
        f: impl FnOnce(&mut dyn Host, &mut BeginCtx<'_>) -> HostResult<T>,
        suffix: Option<(&str, u32)>,
    ) -> PResult<T> {
        let place = Place { file: self.lx.file(), line: self.line(), package: self.package.clone() };
        let outer = self.unit().pad.id;
        let mut hints = (*self.hints).clone();
        let mut imports = Vec::new();
        let src = std::mem::take(&mut self.lx.src);
        let from = (crate::lexer::memchr_newline(&src, self.lx.pos) + 1).min(src.len());
        let mut rest = Rest::new(src, from);
        let pads: Vec<PadLink> = self.units.iter().map(pad_link).collect();
        let mut ctx =
            BeginCtx { place, hints: &mut hints, rest: &mut rest, imports: &mut imports, outer, pads: &pads };
        let result = f(&mut *self.host, &mut ctx);
        self.lx.src = rest.into_source();
        let same = hints.bits == self.hints.bits && hints.version == self.hints.version;
        if !same || hints.warn != self.hints.warn || hints.hash != self.hints.hash {
            hints.refresh_features();
            self.hints = Rc::new(hints);
        }
        for (name, import) in imports {
            self.declare(&name, PadKind::Import(import))?;
        }
        match result {
            Ok(v) => Ok(v),
            Err(e) => self.host_failed(e, suffix),
        }
    }

    /// Parses `text` (the inside of a quote) with `f`, then returns to the current text.
    pub(crate) fn within<T>(
        &mut self,
        text: Vec<u8>,
        line: u32,
        f: impl FnOnce(&mut Self) -> PResult<T>,
    ) -> PResult<T> {
        let heredoc = std::mem::take(&mut self.heredoc_body);
        let mut inner = Lexer::new(text, self.lx.file(), line, self.lx.utf8);
        inner.nested = true;
        inner.characters = self.lx.characters;
        let outer = std::mem::replace(&mut self.lx, inner);
        self.outer_lx.push(outer);
        self.in_quote += 1;
        let r = f(self);
        self.in_quote -= 1;
        if let Some(outer) = self.outer_lx.pop() {
            let inner = std::mem::replace(&mut self.lx, outer);
            if inner.renumbered() {
                // A `#line` inside counts for what follows.
                let here = inner.src.len();
                let (mut line, mut pos) = (inner.line_at(here), self.lx.pos);
                if heredoc {
                    line += 1;
                    pos = (crate::lexer::memchr_newline(&self.lx.src, pos) + 1).min(self.lx.src.len());
                }
                self.lx.add_mark(pos, line, Some(inner.file_at(here)));
            }
        }
        r
    }
}

/// Names that live in `main::` whatever the package.
pub(crate) fn is_global_name(name: &str, sigil: Sigil) -> bool {
    let first = name.chars().next().unwrap_or('^');
    if !(first == '_' || first.is_alphabetic()) {
        return true;
    }
    match name {
        "ENV" | "INC" | "ARGV" | "ARGVOUT" | "STDIN" | "STDOUT" | "STDERR" | "_" => true,
        "SIG" => sigil != Sigil::Code || name == "SIG",
        _ => false,
    }
}

fn pad_link(unit: &Unit) -> PadLink {
    let pad = &unit.pad;
    let captures =
        pad.entries.iter().enumerate().filter_map(|(i, e)| Some((i as PadIdx, e.outer?))).collect();
    PadLink { id: pad.id, outer: pad.outer, captures, of_sub: unit.in_sub }
}

/// What `prototype "CORE::name"` reports: `None` for an unknown name, `Some(None)` for syntax that no prototype
/// describes.
pub fn core_prototype(name: &str) -> Option<Option<String>> {
    if matches!(name, "dump" | "__FILE__" | "__LINE__" | "__PACKAGE__" | "__SUB__" | "__CLASS__") {
        return Some(Some(String::new()));
    }
    if name == "not" {
        return Some(Some("$;".into()));
    }
    if let Some(f) = Func::by_name(name).filter(|f| !matches!(f.name, "any" | "all")) {
        let none = f.proto.is_empty() && f.syntax != func::Syntax::Nullary;
        return Some((!none).then(|| f.proto.to_string()));
    }
    let keyword = word::is_term_keyword(name)
        || matches!(
            name,
            "if" | "unless"
                | "while"
                | "until"
                | "for"
                | "foreach"
                | "else"
                | "elsif"
                | "package"
                | "use"
                | "no"
                | "format"
                | "continue"
                | "state"
                | "given"
                | "when"
                | "default"
                | "try"
                | "catch"
                | "finally"
                | "defer"
                | "isa"
                | "class"
                | "field"
                | "method"
                | "any"
                | "all"
                | "BEGIN"
                | "END"
                | "INIT"
                | "CHECK"
                | "UNITCHECK"
                | "ADJUST"
                | "AUTOLOAD"
                | "DESTROY"
                | "__DATA__"
                | "__END__"
        );
    keyword.then_some(None)
}
