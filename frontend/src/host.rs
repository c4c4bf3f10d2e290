//! What the parser needs from the running interpreter, and what it gives it.
//!
//! Contract
//! * Perl code runs while Perl code is parsed: the parser calls the Host for every `use`, `BEGIN`, named sub
//!   and format, at the point perl does, and reads its own state (hints, package, source) back afterwards.
//! * The Host may start further parsers from inside any of these calls.
//! * Calls that can die return `Err`: an exception object of the Host (its handle), or plain text.
use crate::ast::*;
use std::rc::Rc;

/// Why a Host call made the compilation stop.
#[derive(Clone, Debug, PartialEq)]
pub enum HostError {
    /// A message, complete with `at FILE line N.`.
    Message(PStr),
    /// An exception value held by the Host (`die $object` inside BEGIN, or `exit`).
    Exception(HostConst),
}

pub type HostResult<T = ()> = Result<T, HostError>;

/// A sub as the parser needs to know it to parse a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SubInfo {
    pub proto: Option<PStr>,
    /// It has a body (a forward declaration has none).
    pub defined: bool,
    /// Its glob was imported from another package: it may override a builtin.
    pub imported: bool,
    /// The value to inline for a constant sub; a list constant inlines as such.
    pub constant: Option<HostConst>,
    /// Declared `:lvalue`.
    pub lvalue: bool,
    /// Declared `:method`, or for another reason not meant by a builtin's name.
    pub method: bool,
}

/// Position of the compilation, for messages and for code run at BEGIN time.
#[derive(Clone, Debug)]
pub struct Place {
    pub file: Name,
    pub line: u32,
    pub package: Name,
}

/// The parser's state that BEGIN-time code may read and change.
pub struct BeginCtx<'a> {
    pub place: Place,
    /// `$^H`, `%^H`, `${^WARNING_BITS}`, read and written.
    pub hints: &'a mut Hints,
    /// Source text after the statement being run; a source filter replaces it.
    pub rest: &'a mut Rest,
    /// Lexical subs and variables to declare in the scope being compiled (`builtin::import`), name with sigil.
    pub imports: &'a mut Vec<(Name, LexImport)>,
    /// Pad of the code being compiled (BEGIN blocks and named subs capture from it).
    pub outer: PadId,
    /// The pads being compiled, outermost first: a captured variable of an inner one is the same instance as
    /// the variable it names further out.
    pub pads: &'a [PadLink],
}

/// How the entries of a pad under compilation continue outwards.
#[derive(Clone, Debug)]
pub struct PadLink {
    pub id: PadId,
    pub outer: Option<PadId>,
    /// Own entry, entry of the outer pad.
    pub captures: Vec<(PadIdx, PadIdx)>,
    /// It is the pad of a sub: its variables exist while the sub runs.
    pub of_sub: bool,
}

/// The unread source.
#[derive(Default)]
pub struct Rest {
    text: Vec<u8>,
    from: usize,
    changed: bool,
}

impl Rest {
    /// `text` from offset `from` on is still unread.
    pub fn new(text: Vec<u8>, from: usize) -> Rest {
        Rest { text, from, changed: false }
    }

    /// What is still to be parsed, from the line after the current one.
    pub fn text(&self) -> &[u8] {
        &self.text[self.from..]
    }

    /// Replaces what is still to be parsed.
    pub fn replace(&mut self, text: &[u8]) {
        self.text.truncate(self.from);
        self.text.extend_from_slice(text);
        self.changed = true;
    }

    pub fn changed(&self) -> bool {
        self.changed
    }

    /// The whole text, read and unread.
    pub fn into_source(self) -> Vec<u8> {
        self.text
    }
}

/// A `use`/`no` statement.
#[derive(Clone, Debug)]
pub struct UseStmt {
    pub no: bool,
    /// `Foo::Bar`
    pub module: Name,
    /// `use Module VERSION`: a number or v-string constant.
    pub version: Option<Expr>,
    /// `use M ()` does not import.
    pub import: bool,
    /// A complete `BEGIN` sub: `require Module; Module->VERSION(V); Module->import(LIST)`. A Host that
    /// implements a pragma natively may ignore it and evaluate `args` itself.
    pub code: Rc<SubDef>,
    /// The list, if it consists of constants only.
    pub const_args: Option<Vec<PStr>>,
}

/// Which numeric or string literals `overload::constant` wants to see.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConstKind {
    Integer,
    Float,
    Binary,
    /// Mode is `q`, `qq`, `tr` or `s`.
    String(&'static str),
    /// A constant piece of a pattern.
    Regex,
}

/// An op of the user's as the parser calls it.
#[derive(Clone, Debug, Default)]
pub struct MacroInfo {
    pub proto: PStr,
    /// By argument: whether the op changes it.
    pub writes: Vec<bool>,
}

/// What compiling a pattern gave to say, in perl's words, without position.
#[derive(Clone, Debug, Default)]
pub struct PatternReport {
    /// Category and text.
    pub warnings: Vec<(u32, PStr)>,
    pub error: Option<PStr>,
}

/// What a class takes over from its base.
#[derive(Clone, Debug, Default)]
pub struct ClassBase {
    /// Number of fields.
    pub fields: u32,
    /// Names of constructor parameters.
    pub params: Vec<Name>,
}

/// The interpreter, as the parser sees it.
pub trait Host {
    // ---- questions
    /// The sub of that full name, if it exists or was declared.
    fn sub_info(&mut self, full_name: &str) -> Option<SubInfo>;
    /// `CORE::GLOBAL::name`, if overridden.
    fn core_global(&mut self, name: &str) -> Option<SubInfo>;
    /// Has that glob an IO slot?
    fn is_filehandle(&mut self, full_name: &str) -> bool;
    fn package_exists(&mut self, name: &str) -> bool;
    /// May the package variable be named without qualification under `strict 'vars'`: was it imported
    /// (`use vars`, `Exporter`)?
    fn var_imported(&mut self, full_name: &str, sigil: Sigil) -> bool;
    /// `\N{name}`: the characters, or `None` for an unknown name.
    fn charname(&mut self, name: &str, ctx: &mut BeginCtx<'_>) -> HostResult<Option<PStr>>;
    /// The user's op of that name, if Perl code can call it (loaded with `--l1-macro` or `use l1`).
    fn macro_builtin(&mut self, name: &str, hints: &Hints) -> Option<MacroInfo>;
    /// A constant's value as the parser needs it for constant sub calls used as hash keys and class names.
    fn const_text(&mut self, c: HostConst) -> Option<PStr>;
    /// `$^W`
    /// Has the package array or hash been mentioned or filled?
    fn has_container(&mut self, _full_name: &str, _sigil: Sigil) -> bool {
        true
    }
    fn dash_w(&mut self) -> bool;
    /// All warnings (`-W`) or none (`-X`), whatever the pragmas say.
    fn forced_warnings(&mut self) -> Option<bool> {
        None
    }
    /// Does `$^P` ask for the debugger's hooks before statements, and around calls?
    fn debugging(&mut self) -> (bool, bool) {
        (false, false)
    }
    /// An anonymous sub is complete: the debugger lists it.
    fn anon_sub(&mut self, _def: &SubDef) {}
    /// A statement that the debugger can stop at begins on that line.
    fn breakable(&mut self, _file: &str, _line: u32) {}

    // ---- definitions
    /// A named sub (or forward declaration) is complete.
    fn define_sub(&mut self, def: Rc<SubDef>, ctx: &mut BeginCtx<'_>) -> HostResult;
    /// A lexical sub with that pad entry is complete: named subs and BEGIN blocks may capture and call it before
    /// control enters its block.
    fn define_lexical_sub(&mut self, idx: PadIdx, def: Rc<SubDef>, ctx: &mut BeginCtx<'_>) -> HostResult;
    fn define_format(&mut self, def: Rc<FormatDef>, ctx: &mut BeginCtx<'_>) -> HostResult;
    /// `BEGIN` runs now; `UNITCHECK`, `CHECK`, `INIT` and `END` are queued.
    fn phase_block(&mut self, def: Rc<SubDef>, ctx: &mut BeginCtx<'_>) -> HostResult;
    fn use_module(&mut self, stmt: &UseStmt, ctx: &mut BeginCtx<'_>) -> HostResult;
    /// `use VERSION`/`no VERSION`: `version` is the literal. Sets strictures and features, or dies.
    fn use_version(&mut self, version: &Expr, no: bool, ctx: &mut BeginCtx<'_>) -> HostResult;
    /// `package NAME [VERSION]`: the stash comes to be, `$NAME::VERSION` is set.
    fn declare_package(&mut self, name: &str, version: Option<&Expr>);
    /// A package variable is mentioned: perl creates globs at compile time.
    fn mention(&mut self, full_name: &str, sigil: Sigil);
    /// Does `%CLASS::FIELDS` have that key? `None`: there is no such hash.
    fn class_field(&mut self, _class: &str, _key: &PStr) -> Option<bool> {
        None
    }
    /// Is there a glob of that full name?
    fn glob_exists(&mut self, _full_name: &str) -> bool {
        false
    }
    /// A glob is about to be mentioned for the first time, at `place`: until it is mentioned again its name may
    /// be a typo.
    fn watch_name(&mut self, _full_name: &str, _place: Place) {}
    /// The name is used in another way; every mention says so, too.
    fn unwatch_name(&mut self, _full_name: &str) {}
    /// The names that have been mentioned once only, in order; they are no longer watched.
    fn watched_names(&mut self) -> Vec<(Name, Place)> {
        Vec::new()
    }
    /// A file handle is mentioned: its glob gets its handle at compile time.
    fn mention_handle(&mut self, full_name: &str) {
        self.mention(full_name, Sigil::Glob);
    }
    /// `class NAME` starts; `:isa` may load the base class.
    fn class_begin(&mut self, def: &ClassDef, ctx: &mut BeginCtx<'_>) -> HostResult<ClassBase>;
    fn class_end(&mut self, def: Rc<ClassDef>, ctx: &mut BeginCtx<'_>) -> HostResult;
    /// The parse failed inside the class: nothing of it stays.
    fn class_abandon(&mut self, name: &str);
    /// `__END__`/`__DATA__` was met: text after its line, for the `DATA` handle of `package`.
    fn data_section(&mut self, package: &str, text: &[u8], utf8: bool);
    /// A literal that `overload::constant` or `use bigint` style hints claim; `None` leaves it alone.
    fn overload_constant(
        &mut self,
        kind: ConstKind,
        source: &PStr,
        value: &PStr,
        ctx: &mut BeginCtx<'_>,
    ) -> HostResult<Option<HostConst>>;

    /// A pattern without interpolated values is complete. `flags` are those of its Regex constant, `blocks` its
    /// code blocks: offset of `{` and length.
    fn check_pattern(
        &mut self,
        _pattern: &PStr,
        _flags: u32,
        _blocks: &[(usize, usize)],
        _ctx: &mut BeginCtx<'_>,
    ) -> HostResult<PatternReport> {
        Ok(PatternReport::default())
    }

    // ---- messages
    /// A compile-time warning, already filtered by category, complete with position.
    /// `fatal` categories come as errors instead.
    fn warn(&mut self, text: &PStr) -> HostResult;
    /// An error perl reports but parses on (it is queued and raised at the end of the compilation).
    fn note_error(&mut self, _text: &PStr) {}
}
