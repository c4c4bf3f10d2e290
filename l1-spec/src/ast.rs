//! What the parser hands to the resolver: the words of the file with their places, nothing interpreted yet.

/// Byte range in the source.
pub type Span = (usize, usize);

#[derive(Clone, Debug, PartialEq)]
pub struct Word<'s> {
    pub text: &'s str,
    pub span: Span,
}

/// One operand or parameter: `in S a`, `const int $k`, `label L`, `each S @xs`.
#[derive(Clone, Debug)]
pub struct Param<'s> {
    pub words: Vec<Word<'s>>,
    pub var: Option<Word<'s>>,
    pub span: Span,
}

#[derive(Clone, Debug, PartialEq)]
pub enum TermKind<'s> {
    Word(&'s str),
    Var(&'s str),
    Temp(char, u8),
    Int(i64),
    Call(Word<'s>, Vec<Term<'s>>),
    Index(Word<'s>, Vec<Term<'s>>),
    Mask(Vec<Word<'s>>),
    Star,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Term<'s> {
    pub kind: TermKind<'s>,
    pub span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rel {
    Is,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    NotIn,
}

impl Rel {
    /// A comparison as the set of orders it admits: 1 less, 2 equal, 4 greater.
    pub fn bits(self) -> Option<u8> {
        Some(match self {
            Rel::Lt => 1,
            Rel::Eq => 2,
            Rel::Le => 3,
            Rel::Gt => 4,
            Rel::Ne => 5,
            Rel::Ge => 6,
            Rel::Is | Rel::In | Rel::NotIn => return None,
        })
    }
}

#[derive(Clone, Debug)]
pub struct FactAst<'s> {
    pub lhs: Term<'s>,
    pub rel: Rel,
    pub rhs: Option<Term<'s>>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Clause<'s> {
    Requires(Vec<FactAst<'s>>),
    Proves(Vec<FactAst<'s>>),
    Reads(Vec<Term<'s>>),
    Writes(Vec<Term<'s>>),
    Flag(Word<'s>),
}

#[derive(Clone, Debug)]
pub enum BodyAst<'s> {
    Value(Term<'s>),
    Try(Term<'s>, Word<'s>),
    If(Term<'s>, Word<'s>),
    Goto(Word<'s>),
    Rust(Word<'s>),
    Intrinsic,
}

#[derive(Clone, Debug)]
pub struct Head<'s> {
    pub name: Word<'s>,
    pub params: Vec<Param<'s>>,
    pub body: BodyAst<'s>,
    pub clauses: Vec<Clause<'s>>,
}

#[derive(Clone, Debug)]
pub struct PrimAst<'s> {
    pub name: Word<'s>,
    pub params: Vec<Param<'s>>,
    pub result: Vec<Word<'s>>,
    /// `rust …`, `clif …`, `smt …` lines, text verbatim.
    pub lines: Vec<(Word<'s>, &'s str)>,
}

#[derive(Clone, Debug, PartialEq)]
pub enum ArgKind<'s> {
    Var(&'s str),
    List(&'s str),
    Temp(char, u8),
    Int(i64),
    Num(f64),
    Str(String),
    /// A label, mask, kind, tag, context or symbol name: decided by the operand it lands on.
    Words(Vec<Word<'s>>),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Arg<'s> {
    pub kind: ArgKind<'s>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Pred<'s> {
    Test(FactAst<'s>),
    Not(Box<Pred<'s>>),
    And(Box<Pred<'s>>, Box<Pred<'s>>),
    Or(Box<Pred<'s>>, Box<Pred<'s>>),
}

#[derive(Clone, Debug)]
pub enum StmtKind<'s> {
    Call(Word<'s>, Vec<Arg<'s>>),
    /// `restart cold slow:`; the last word is the name.
    Label(Vec<Word<'s>>),
    StaticIf(Pred<'s>, Vec<Stmt<'s>>, Vec<Stmt<'s>>),
    Each(Word<'s>, Word<'s>, Vec<Stmt<'s>>),
    For(Word<'s>, Vec<Stmt<'s>>),
}

#[derive(Clone, Debug)]
pub struct Stmt<'s> {
    pub kind: StmtKind<'s>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub struct OpAst<'s> {
    pub name: Word<'s>,
    pub params: Vec<Param<'s>>,
    pub when: Option<Pred<'s>>,
    /// `override`, `assert pure`.
    pub attrs: Vec<Word<'s>>,
    /// `perl sub`: result family and prototype.
    pub perl: Option<(Option<Word<'s>>, Option<String>)>,
    pub body: Vec<Stmt<'s>>,
}

#[derive(Clone, Debug)]
pub enum ItemKind<'s> {
    Group(Word<'s>),
    Heap(Word<'s>, Option<Word<'s>>),
    Prim(PrimAst<'s>),
    Atom(Head<'s>),
    Rt(Head<'s>),
    Op(OpAst<'s>),
}

#[derive(Clone, Debug)]
pub struct Item<'s> {
    pub docs: Vec<&'s str>,
    pub kind: ItemKind<'s>,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum PatAst<'s> {
    Word(Word<'s>),
    App(Word<'s>, Vec<PatAst<'s>>),
    Const(RExprAst<'s>),
}

#[derive(Clone, Debug)]
pub enum RExprAst<'s> {
    Int(i64),
    Num(f64),
    Word(Word<'s>),
    Bin(Box<RExprAst<'s>>, char, Box<RExprAst<'s>>),
}

#[derive(Clone, Debug)]
pub enum RCondAst<'s> {
    Call(Word<'s>, Word<'s>),
    Rel(RExprAst<'s>, Rel, RExprAst<'s>),
    Not(Box<RCondAst<'s>>),
    And(Box<RCondAst<'s>>, Box<RCondAst<'s>>),
}

#[derive(Clone, Debug)]
pub struct RuleAst<'s> {
    pub docs: Vec<&'s str>,
    pub name: Word<'s>,
    pub lhs: PatAst<'s>,
    pub cond: Option<RCondAst<'s>>,
    pub rhs: PatAst<'s>,
    pub canon: Option<Word<'s>>,
}
