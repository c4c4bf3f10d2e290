//! Statements and blocks.
use super::*;

/// What perl keeps in a `nextstate`: position and lexical pragmas.
#[derive(Clone, Debug)]
pub struct Cop {
    pub line: u32,
    pub file: Name,
    pub package: Name,
    pub hints: Rc<Hints>,
    /// The debugger's hooks, if `$^P` asks for them here.
    pub debug: Option<DebugHooks>,
}

/// Which hooks of the debugger a statement has, and what its expressions may see.
#[derive(Clone, Debug)]
pub struct DebugHooks {
    pub scope: Rc<EvalScope>,
    /// `DB::DB` before it.
    pub statement: bool,
    /// `DB::sub` around its calls.
    pub calls: bool,
}

#[derive(Debug)]
pub struct Stmt {
    pub cop: Rc<Cop>,
    /// Labels before the statement, outermost first (perl allows several; the last one names a loop).
    pub labels: Vec<Name>,
    pub kind: StmtKind,
}

impl Stmt {
    /// Moves the kind out.
    pub fn take(&mut self) -> StmtKind {
        std::mem::replace(&mut self.kind, StmtKind::Nothing)
    }
}

impl Clone for Stmt {
    fn clone(&self) -> Stmt {
        deeper(|| Stmt { cop: self.cop.clone(), labels: self.labels.clone(), kind: self.kind.clone() })
    }
}

/// Blocks nest as deeply as expressions do.
impl Drop for Stmt {
    fn drop(&mut self) {
        deeper(|| drop(self.take()));
    }
}

/// A sequence of statements with its own scope.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub stmts: Vec<Stmt>,
    /// Pad entries introduced directly in this scope (`my`, lexical subs): fresh at each entry, released at
    /// exit. `state` variables and `our` are not listed.
    pub lexicals: Vec<PadIdx>,
    pub line: u32,
    pub end_line: u32,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    Expr(Expr),
    /// `if`/`unless … elsif … else`. `unless` arrives as a negated first condition, and is noted, for the value of
    /// the statement is that of the condition as written. `lexicals` are those declared in the conditions: they
    /// live until the end of the whole statement.
    If {
        unless: bool,
        arms: Vec<(Expr, Block)>,
        otherwise: Option<Block>,
        lexicals: Vec<PadIdx>,
    },
    While(Box<While>),
    /// `for (INIT; COND; STEP) BLOCK`
    CFor(Box<CFor>),
    Foreach(Box<Foreach>),
    /// A bare block: a loop that runs once.
    Block {
        body: Block,
        cont: Option<Block>,
    },
    /// A named sub or format was defined (or declared) here; the Host already has it.
    Nothing,
    /// `my sub`/`state sub`, or the definition of a declared one: the closure is made when control enters the
    /// enclosing block. The Host has a first instance.
    LexSub {
        idx: PadIdx,
        def: Rc<SubDef>,
        /// The name begins here.
        declares: bool,
    },
    /// `package NAME BLOCK`, `class NAME BLOCK`
    Package {
        name: Name,
        body: Block,
    },
    Given {
        topic: Expr,
        body: Block,
        lexicals: Vec<PadIdx>,
    },
    When {
        cond: Expr,
        body: Block,
        lexicals: Vec<PadIdx>,
    },
    Default(Block),
    Try(Box<Try>),
    /// `defer BLOCK`
    Defer(Block),

    /// `field $x = …` in a class: the initialiser is in the [`ClassDef`]; nothing happens here.
    Field(PadIdx),
}

#[derive(Clone, Debug)]
pub struct While {
    /// `None`: `while ()`, for ever.
    pub cond: Option<Expr>,
    /// `until` arrives as a negated condition.
    pub body: Block,
    pub cont: Option<Block>,
    /// Declared in the condition: one instance for the whole loop.
    pub lexicals: Vec<PadIdx>,
    /// `EXPR while COND`: no loop for `next`/`last`, no scope of its own.
    pub modifier: bool,
    /// `do BLOCK while COND`: the body runs before the first test.
    pub do_first: bool,
}

#[derive(Clone, Debug)]
pub struct CFor {
    pub init: Option<Expr>,
    pub cond: Option<Expr>,
    pub step: Option<Expr>,
    pub body: Block,
    pub lexicals: Vec<PadIdx>,
}

#[derive(Clone, Debug)]
pub struct Foreach {
    pub var: ForVar,
    pub list: Expr,

    pub body: Block,
    pub cont: Option<Block>,
    /// Loop variables and those declared in the list expression.
    pub lexicals: Vec<PadIdx>,
    /// `EXPR for LIST`: the body has no scope of its own.
    pub modifier: bool,
}

#[derive(Clone, Debug)]
pub enum ForVar {
    /// `for my $x`, or an outer lexical `$x` aliased for the loop.
    Lex { idx: PadIdx, declared: bool, state: bool },
    /// `for $x` with a package variable, `for our $x`, and the implied `$_` (`main::_`).
    Pkg(Name),
    /// `for my ($a, $b)`
    Many(Vec<PadIdx>),
    /// `for \my %h (…)`, `for \$x`: each item is a reference to alias.
    RefAlias(Expr),
}

#[derive(Clone, Debug)]
pub struct Try {
    pub body: Block,
    /// `catch ($e)`: the variable belongs to the catch block.
    pub catch: Option<(PadIdx, Block)>,
    pub finally: Option<Block>,
}
