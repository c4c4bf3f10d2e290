//! Subs, pads, signatures, classes and formats as the Host receives them.
use super::*;

/// The lexicals of one sub (or file, or eval).
///
/// Law 1: an entry with `outer` is a capture; it names an entry of the pad `Pad::outer`.
/// Law 2: `captured` is final when the sub that owns the pad has been parsed. A named sub that captures from a
/// pad still being parsed takes that pad's first instance, like perl.
#[derive(Clone, Debug)]
pub struct Pad {
    pub id: PadId,
    pub outer: Option<PadId>,
    pub entries: Vec<PadEntry>,
    /// Holds `eval EXPR` (or `s///ee`): every visible variable is captured.
    pub has_eval: bool,
}

#[derive(Clone, Debug)]
pub struct PadEntry {
    /// With sigil; empty for an internal temporary.
    pub name: Name,
    pub kind: PadKind,
    /// Some inner sub (or string eval) uses it: it must live in a cell.
    pub captured: bool,
    /// `\` is applied to it somewhere, or it is aliased (`foreach`, `\my`).
    pub ref_taken: bool,
    /// Where it lives in the pad `Pad::outer`.
    pub outer: Option<PadIdx>,
    pub line: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub enum PadKind {
    My,
    State,
    /// `our`: an alias for the package variable; owns nothing.
    Our(Name),
    /// A field of the class, by index; bound from the object at method entry.
    Field(u32),
    /// `my sub`/`state sub`.
    Sub,
    /// A lexical sub brought in by `use builtin …` or by the Host.
    Import(LexImport),
}

/// What a lexically imported name stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum LexImport {
    /// A function of `builtin::`, by its short name.
    Builtin(Name),
    /// A value the Host holds.
    Host(HostConst),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SubKind {
    Named,
    Anon,
    Lexical,
    /// The main program or a required file.
    Main,
    /// The text of a string eval.
    Eval,
    Begin,
    UnitCheck,
    Check,
    Init,
    End,
    /// `(?{ … })` and `(??{ … })` in a literal pattern.
    RegexCode,
    /// A format's argument expressions.
    Format,
    /// `ADJUST` of a class.
    Adjust,
    /// The initialiser expression of one field.
    FieldInit,
}

#[derive(Clone, Debug)]
pub struct SubDef {
    pub kind: SubKind,
    /// Full name of a named sub; `my sub` has its bare name.
    pub name: Option<Name>,
    /// Package the sub was compiled in.
    pub package: Name,
    pub file: Name,
    pub line: u32,
    pub proto: Option<PStr>,
    /// `:lvalue`
    pub lvalue: bool,
    /// `:method`
    pub method_attr: bool,
    /// `:const` (anonymous subs): called once when the closure is made.
    pub const_attr: bool,
    /// Other attributes, for `attributes->import`.
    pub attrs: Vec<Attr>,
    /// `method` of a class: `$self` is pad entry `self_idx`.
    pub class_method: bool,
    pub self_idx: Option<PadIdx>,
    pub sig: Option<Signature>,
    pub pad: Pad,
    /// `None`: a forward declaration.
    pub body: Option<Block>,
    /// The body holds a string eval, `@_` or `&foo;` — the argument array must exist.
    pub uses_args: bool,
    /// Pragmas in force where the body starts.
    pub hints: Rc<Hints>,
    /// Main program or file: `package`/`class` feature `module_true` held at the end of the file.
    pub module_true: bool,
    /// The program itself, not a file that `require` or `do` runs: nobody wants its value.
    pub program: bool,
}

/// A signature. The emitter checks arity first, then assigns from `@_` in order.
///
/// Arity messages: `Too few arguments for subroutine 'main::f' (got 0; expected 1)`, `at least` with optional
/// parameters, `Too many …`, and `Odd name/value argument for subroutine 'main::f'` for a slurpy hash.
#[derive(Clone, Debug)]
pub struct Signature {
    pub params: Vec<SigParam>,
    /// `@rest`/`%rest`, or a nameless slurpy.
    pub slurpy: Option<(Sigil, Option<PadIdx>)>,
    pub required: u32,
}

#[derive(Clone, Debug)]
pub struct SigParam {
    /// `None`: `$` without a name.
    pub idx: Option<PadIdx>,
    pub default: Option<SigDefault>,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub struct SigDefault {
    pub when: DefaultWhen,
    /// `None`: `$=`, optional without a value.
    pub expr: Option<Expr>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefaultWhen {
    /// `=`
    Missing,
    /// `//=`
    Undef,
    /// `||=`
    False,
}

/// A complete class, handed to the Host when its scope ends.
#[derive(Clone, Debug)]
pub struct ClassDef {
    pub name: Name,
    pub version: Option<Expr>,
    /// `:isa(BASE [VERSION])`
    pub isa: Option<(Name, Option<PStr>)>,
    pub attrs: Vec<Attr>,
    /// Number of its first field; the base class has the ones below.
    pub first_field: u32,
    pub fields: Vec<FieldDef>,
    /// Construction order of `ADJUST` blocks and field initialisers, as written.
    pub steps: Vec<ClassStep>,
}

#[derive(Clone, Debug)]
pub enum ClassStep {
    Field(u32),
    Adjust(Rc<SubDef>),
}

#[derive(Clone, Debug)]
pub struct FieldDef {
    pub name: Name,
    pub sigil: Sigil,
    /// `:param` or `:param(name)`
    pub param: Option<Name>,
    /// `:reader` or `:reader(name)`
    pub reader: Option<Name>,
    /// `:writer` (named `set_NAME`) or `:writer(name)`
    pub writer: Option<Name>,
    pub attrs: Vec<Attr>,
    pub default: Option<(DefaultWhen, Rc<SubDef>)>,
}
