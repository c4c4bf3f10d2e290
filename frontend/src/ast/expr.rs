//! Expressions.
//!
//! Contract: `line` is the source line perl would report for the operator. Containers in element and slice
//! nodes are *array-valued* (or hash-valued) expressions: `Lex`/`Pkg` with that sigil, `Deref` with that
//! sigil, or `My`. So `$a[0]`, `$$r[0]`, `$r->[0]` and `${…}[0]` are all `Elem`.
use super::*;

#[derive(Debug)]
pub struct Expr {
    pub line: u32,
    pub kind: ExprKind,
}

impl Expr {
    pub fn new(line: u32, kind: ExprKind) -> Expr {
        Expr { line, kind }
    }

    /// Moves the kind out (a type with `Drop` cannot be taken apart by a pattern).
    pub fn take(&mut self) -> ExprKind {
        std::mem::replace(&mut self.kind, ExprKind::Error)
    }

    /// Has no operands.
    fn leaf(&self) -> bool {
        use ExprKind::*;
        matches!(
            self.kind,
            Error | Int(_) | Uint(_) | Num(_) | Str(_) | Bareword(_) | Lex { .. } | Pkg { .. } | HostConst(_)
        )
    }
}

/// Programs nest as deeply as they like: a chain of a million `+` is a tree a million levels high. So whatever
/// descends the tree, dropping and copying too, asks for stack at each step.
impl Drop for Expr {
    fn drop(&mut self) {
        if !self.leaf() {
            deeper(|| drop(self.take()));
        }
    }
}

impl Clone for Expr {
    fn clone(&self) -> Expr {
        deeper(|| Expr { line: self.line, kind: self.kind.clone() })
    }
}

pub type ExprBox = Box<Expr>;

#[derive(Clone, Debug)]
pub enum ExprKind {
    // ---- constants
    Int(i64),
    /// An integer literal above `i64::MAX`.
    Uint(u64),
    Num(f64),
    Str(PStr),
    /// A v-string: its value and its spelling (for the magic `v` mark).
    VString {
        value: PStr,
        literal: PStr,
    },
    /// A bareword used as a string. Under `use strict 'subs'` the parser has already complained.
    Bareword(PStr),
    /// A constant the Host holds: inlined `use constant` subs, `overload::constant` results.
    HostConst(HostConst),
    /// `"a $b @c"`: the parts are concatenated; array parts are wrapped in [`ExprKind::Join`].
    Interp(Vec<Expr>),
    /// An array-valued part of an interpolation: `join($", LIST)`.
    Join(ExprBox),
    /// `LIST` of the comma operator. `parens` says that parentheses (or `qw`) enclosed it, which matters to
    /// assignment, `x`, `my` and `local`. Also used for `()` and for one parenthesised expression.
    List {
        items: Vec<Expr>,
        parens: bool,
    },

    // ---- variables
    Lex {
        sigil: Sigil,
        idx: PadIdx,
    },
    /// A package variable with its full name; `Sigil::Glob` is `*name`, `Sigil::Code` is `&name` as a value
    /// (operand of `\`, `defined`, `exists`, `undef`).
    Pkg {
        sigil: Sigil,
        name: Name,
    },
    /// `my`, `our`, `state` declarations, executed at this point.
    My(Box<MyDecl>),
    /// `$a[i]`
    Elem {
        array: ExprBox,
        index: ExprBox,
    },
    /// `$h{k}`; several keys (`$h{1,2}`) arrive joined: `Func(Join, [$;, …])`.
    HElem {
        hash: ExprBox,
        key: ExprBox,
    },
    /// `@a[LIST]`
    Slice {
        array: ExprBox,
        index: ExprBox,
    },
    /// `@h{LIST}`
    HSlice {
        hash: ExprBox,
        keys: ExprBox,
    },
    /// `%a[LIST]`
    KvSlice {
        array: ExprBox,
        index: ExprBox,
    },
    /// `%h{LIST}`
    KvHSlice {
        hash: ExprBox,
        keys: ExprBox,
    },
    /// `(LIST)[LIST]`
    ListSlice {
        list: ExprBox,
        index: ExprBox,
    },
    /// `$$x @{…} %$x &$x *{…}` and their postfix forms, as a value of that sigil. `&$x` here is the code
    /// itself, calls are [`ExprKind::Call`].
    Deref {
        sigil: Sigil,
        expr: ExprBox,
    },
    /// `$#a`, `$#{…}`, `$x->$#*`: the operand is array-valued.
    ArrayLast(ExprBox),
    /// `*foo{THING}`
    GlobSlot {
        glob: ExprBox,
        slot: ExprBox,
    },
    Local(ExprBox),

    // ---- operators
    /// `\ EXPR`; a parenthesised list operand makes references to each member.
    Ref(ExprBox),
    Unary(UnOp, ExprBox),
    Binary(BinOp, ExprBox, ExprBox),
    /// `&&`/`and`, `||`/`or`, `//`. Statement modifiers `if` and `unless` arrive as `And`/`Or`.
    Logical(LogOp, ExprBox, ExprBox),
    /// `!`/`not`
    Not(ExprBox),
    PreInc(ExprBox),
    PreDec(ExprBox),
    PostInc(ExprBox),
    PostDec(ExprBox),
    Assign(ExprBox, ExprBox),
    OpAssign(BinOp, ExprBox, ExprBox),
    LogAssign(LogOp, ExprBox, ExprBox),
    /// `\$x = \$y`, `\my @a = …`: the left side holds `Ref`/`My` targets (feature refaliasing).
    RefAssign(ExprBox, ExprBox),
    Cond(ExprBox, ExprBox, ExprBox),
    /// `..` and `...`: a list, or a flip-flop in scalar context.
    Range {
        from: ExprBox,
        to: ExprBox,
        dots3: bool,
    },
    /// `x`: the list form if the left side is a parenthesised list (and context is list).
    Repeat(ExprBox, ExprBox),
    /// `a < b <= c`, `a == b != c`: each operand is evaluated once.
    ChainCmp {
        first: ExprBox,
        rest: Vec<(BinOp, Expr)>,
    },
    SmartMatch(ExprBox, ExprBox),
    /// `EXPR isa CLASS`; a bareword class is a `Str`.
    Isa(ExprBox, ExprBox),
    /// `-e FILE`: `op` is the letter. In a stack (`-f -w $x`) the operand is another `FileTest`.
    FileTest {
        op: u8,
        operand: ExprBox,
    },

    // ---- quote-like operators
    Match(Box<MatchOp>),
    Subst(Box<SubstOp>),
    Trans(Box<TransOp>),
    Qr(Box<Pattern>),
    /// `` `…` ``/`qx`
    Backtick(ExprBox),
    /// `<FH>`, `<$fh>`, `readline`: the operand is a `Pkg{Glob}` or an expression. `<<>>` sets `safe_argv`.
    ReadLine {
        handle: ExprBox,
        safe_argv: bool,
    },
    /// `<*.c>` and `glob`
    Glob(ExprBox),

    // ---- functions
    Func {
        func: Func,
        args: Vec<Expr>,
        /// Written with parentheses (tells `eof` from `eof()`).
        parens: bool,
    },
    /// `print`, `printf`, `say`. `handle` is a glob, a scalar or a block's value.
    Print {
        func: Func,
        handle: Option<ExprBox>,
        args: Vec<Expr>,
    },
    /// `exec`/`system` with an indirect object naming the program.
    SysExec {
        func: Func,
        program: Option<ExprBox>,
        args: Vec<Expr>,
    },
    Sort(Box<SortOp>),
    /// `map`, `grep`, `any`, `all`
    MapGrep(Box<MapOp>),
    Call(Box<CallOp>),
    Method(Box<MethodOp>),
    /// A user macro builtin registered by the Host.
    Macro {
        name: Name,
        args: Vec<Expr>,
    },
    AnonSub(Rc<SubDef>),
    AnonArray(Vec<Expr>),
    AnonHash(Vec<Expr>),

    // ---- blocks as expressions and flow
    DoBlock(Block),
    DoFile(ExprBox),
    EvalBlock(Block),
    EvalStr(Box<EvalStr>),
    /// `require VERSION`, `require Foo::Bar` (a `Str` "Foo/Bar.pm" with `bareword`), `require EXPR`.
    Require {
        arg: ExprBox,
        bareword: bool,
    },
    Return(Option<ExprBox>),
    Next(Label),
    Last(Label),
    Redo(Label),
    /// `goto LABEL`, `goto EXPR`; `goto &sub` has a `Call` without arguments and `amp`, see [`CallOp`].
    Goto(Label),
    GotoSub(ExprBox),
    Dump(Label),
    /// `__SUB__`
    CurSub,
    /// `...`
    Yada,
    /// `&CORE::name` as a value: the builtin as a sub.
    CoreSub(Func),
    /// An expression the parser reported an error for; never reaches the emitter.
    Error,
}

/// Handle of a constant value owned by the Host.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HostConst(pub u64);

#[derive(Clone, Debug)]
pub enum Label {
    None,
    Name(Name),
    Expr(ExprBox),
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnOp {
    Neg,
    /// `~` as the hints say: numeric or string by the operand, numeric under `feature 'bitwise'`.
    BitNot,
    /// `~.`
    StrBitNot,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Concat,
    /// Only in `OpAssign`: `x=`. Plain `x` is `ExprKind::Repeat`.
    Repeat,
    Shl,
    Shr,
    /// `& | ^` choosing by operand type; under `feature 'bitwise'` the parser emits the `Num…` forms.
    BitAnd,
    BitOr,
    BitXor,
    NumBitAnd,
    NumBitOr,
    NumBitXor,
    StrBitAnd,
    StrBitOr,
    StrBitXor,
    NumEq,
    NumNe,
    NumLt,
    NumLe,
    NumGt,
    NumGe,
    NumCmp,
    StrEq,
    StrNe,
    StrLt,
    StrLe,
    StrGt,
    StrGe,
    StrCmp,
    /// `xor`, `^^`
    LogXor,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum LogOp {
    And,
    Or,
    Dor,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum DeclKind {
    My,
    Our,
    State,
    /// `field` inside a class.
    Field,
}

#[derive(Clone, Debug)]
pub struct MyDecl {
    pub kind: DeclKind,
    /// `my (…)`: a list, even with one variable.
    pub parens: bool,
    pub vars: Vec<MyVar>,
    /// `my Dog $spot`
    pub class: Option<Name>,
    pub attrs: Vec<Attr>,
}

#[derive(Clone, Debug)]
pub enum MyVar {
    /// `my`/`state`: a lexical.
    Lex { sigil: Sigil, idx: PadIdx },
    /// `our`: the package variable.
    Our { sigil: Sigil, name: Name },
    /// `undef` as a placeholder in `my (undef, $x)`.
    Undef,
}

#[derive(Clone, Debug)]
pub struct Attr {
    pub name: Name,
    /// Text between the parentheses, if there were any.
    pub arg: Option<PStr>,
}

#[derive(Clone, Debug)]
pub struct SortOp {
    pub cmp: SortCmp,
    pub args: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub enum SortCmp {
    Default,
    Block(Block),
    /// `sort NAME LIST`, `sort $sub LIST`: a `Pkg`/`Lex` with `Sigil::Code`, or an expression that yields a
    /// code reference or name.
    Sub(Expr),
}

#[derive(Clone, Debug)]
pub struct MapOp {
    pub func: Func,
    pub body: MapBody,
    pub args: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub enum MapBody {
    Block(Block),
    Expr(Expr),
}

#[derive(Clone, Debug)]
pub struct CallOp {
    /// `Pkg`/`Lex`/`Deref` with `Sigil::Code`.
    pub callee: Expr,
    pub args: Vec<Expr>,
    /// Called with `&`: prototypes were not applied.
    pub amp: bool,
    /// `&foo;` — the callee sees the caller's `@_` itself.
    pub inherit_args: bool,
}

#[derive(Clone, Debug)]
pub struct MethodOp {
    pub invocant: Expr,
    pub name: MethodName,
    pub args: Vec<Expr>,
    /// `maybe` marks `import`/`unimport` calls of `use`, silently skipped when
    /// no such method exists.
    pub maybe: bool,
}

#[derive(Clone, Debug)]
pub enum MethodName {
    /// `->name`
    Plain(Name),
    /// `->SUPER::name`, looked up from the package the call was compiled in.
    Super { name: Name, package: Name },
    /// `->Other::Class::name`: search starts at that class.
    Qualified { class: Name, name: Name, is_super: bool },
    /// `->$method`: code reference or name at run time.
    Dynamic(Expr),
    /// `->&priv(…)`: a lexical sub called with the invocant as first argument.
    Lexical(Expr),
}

/// `eval EXPR`: what the text may see.
#[derive(Clone, Debug)]
pub struct EvalStr {
    pub text: Expr,
    /// `evalbytes`
    pub bytes: bool,
    pub scope: Rc<EvalScope>,
    /// This node came from `s///ee`.
    pub from_subst: bool,
}

/// The lexical names visible at a string eval, as the pad of the enclosing sub knows them.
#[derive(Clone, Debug)]
pub struct EvalScope {
    pub pad: PadId,
    pub names: Vec<VisibleName>,
    /// The innermost enclosing sub takes part in `return`, `@_`, `__SUB__`.
    pub in_sub: bool,
    /// Inside a method or `ADJUST` block of this class.
    pub class: Option<Name>,
}

#[derive(Clone, Debug)]
pub struct VisibleName {
    /// Prototype of a lexical sub.
    pub proto: Option<PStr>,
    /// With sigil.
    pub name: Name,
    pub idx: PadIdx,
    /// `our`: the package variable's full name; `idx` is then meaningless.
    pub our: Option<Name>,
    pub state: bool,
    /// A lexical sub that the Host or `builtin` brought in; `idx` is then meaningless.
    pub import: Option<LexImport>,
}
