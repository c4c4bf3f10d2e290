//! What must be known about a sub before its first op is written.
//!
//! [`Facts`] answers, per pad entry: can the slot become an alias, is the declaration conditional. The walk also
//! serves questions about single blocks: does it contain `local`, calls, matches ([`block_has`]).
use super::*;
use keshi_memory::deeper;
use std::collections::HashSet;

#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Scalars a reference or alias may be taken of.
    pub aliased: HashSet<PadIdx>,
    /// Scalars that something writes to after their declaration.
    pub written: HashSet<PadIdx>,
    /// Declared where control may pass by.
    pub conditional: HashSet<PadIdx>,
    /// Holds a `goto LABEL` or a statement that one may name.
    pub has_goto: bool,
}

/// A direct part of an expression.
pub(crate) enum Part<'a> {
    Expr(&'a Expr),
    Block(&'a Block),
}

/// Calls `f` for the direct parts of an expression. Bodies of inner subs are not parts.
pub(crate) fn parts<'a>(e: &'a Expr, f: &mut dyn FnMut(Part<'a>)) {
    use ExprKind::*;
    // Chains of operators are as deep as they are long.
    let mut x = |e: &'a Expr| deeper(|| f(Part::Expr(e)));
    match &e.kind {
        Int(_)
        | Uint(_)
        | Num(_)
        | Str(_)
        | VString { .. }
        | Bareword(_)
        | HostConst(_)
        | Lex { .. }
        | Pkg { .. }
        | My(_)
        | AnonSub(_)
        | CurSub
        | Yada
        | CoreSub(_)
        | Error => {}
        Interp(v) | List { items: v, .. } | AnonArray(v) | AnonHash(v) => v.iter().for_each(x),
        Join(a)
        | ArrayLast(a)
        | Local(a)
        | Ref(a)
        | Unary(_, a)
        | Not(a)
        | PreInc(a)
        | PreDec(a)
        | PostInc(a)
        | PostDec(a)
        | Backtick(a)
        | Glob(a)
        | DoFile(a)
        | GotoSub(a) => x(a),
        Deref { expr, .. } => x(expr),
        Elem { array: a, index: b }
        | HElem { hash: a, key: b }
        | Slice { array: a, index: b }
        | HSlice { hash: a, keys: b }
        | KvSlice { array: a, index: b }
        | KvHSlice { hash: a, keys: b }
        | ListSlice { list: a, index: b }
        | GlobSlot { glob: a, slot: b }
        | Binary(_, a, b)
        | Logical(_, a, b)
        | Assign(a, b)
        | OpAssign(_, a, b)
        | LogAssign(_, a, b)
        | RefAssign(a, b)
        | Range { from: a, to: b, .. }
        | Repeat(a, b)
        | SmartMatch(a, b)
        | Isa(a, b) => {
            x(a);
            x(b)
        }
        Cond(a, b, c) => {
            x(a);
            x(b);
            x(c)
        }
        ChainCmp { first, rest } => {
            x(first);
            rest.iter().for_each(|(_, e)| x(e))
        }
        FileTest { operand, .. } => x(operand),
        Match(m) => {
            m.target.iter().for_each(&mut x);
            match &m.pat {
                MatchPat::Expr(e) => x(e),
                MatchPat::Literal(p) => pattern(p, &mut x),
            }
        }
        Subst(s) => {
            s.target.iter().for_each(&mut x);
            pattern(&s.pat, &mut x);
            x(&s.repl)
        }
        Trans(t) => t.target.iter().for_each(x),
        Qr(p) => pattern(p, &mut x),
        ReadLine { handle, .. } => x(handle),
        Func { args, .. } | Macro { args, .. } => args.iter().for_each(x),
        Print { handle, args, .. } | SysExec { program: handle, args, .. } => {
            handle.iter().for_each(|h| x(h));
            args.iter().for_each(x)
        }
        Sort(s) => {
            s.args.iter().for_each(&mut x);
            match &s.cmp {
                SortCmp::Default => {}
                SortCmp::Sub(e) => x(e),
                SortCmp::Block(b) => f(Part::Block(b)),
            }
        }
        MapGrep(m) => {
            m.args.iter().for_each(&mut x);
            match &m.body {
                MapBody::Expr(e) => x(e),
                MapBody::Block(b) => f(Part::Block(b)),
            }
        }
        Call(c) => {
            x(&c.callee);
            c.args.iter().for_each(x)
        }
        Method(m) => {
            x(&m.invocant);
            m.args.iter().for_each(&mut x);
            if let MethodName::Dynamic(e) | MethodName::Lexical(e) = &m.name {
                x(e)
            }
        }
        DoBlock(b) | EvalBlock(b) => f(Part::Block(b)),
        EvalStr(s) => x(&s.text),
        Require { arg, .. } => x(arg),
        Return(e) => e.iter().for_each(|e| x(e)),
        Next(l) | Last(l) | Redo(l) | Goto(l) | Dump(l) => {
            if let ast::Label::Expr(e) = l {
                x(e)
            }
        }
    }
}

fn pattern<'a>(p: &'a Pattern, x: &mut dyn FnMut(&'a Expr)) {
    for part in &p.parts {
        if let PatPart::Expr(e) = part {
            x(e)
        }
    }
}

/// Calls `f` for the expressions and blocks directly under a statement; the flag says that they may not run.
#[keshi_memory::deep]
pub(crate) fn stmt_parts<'a>(s: &'a StmtKind, f: &mut dyn FnMut(Part<'a>, bool)) {
    match s {
        StmtKind::Expr(e) => f(Part::Expr(e), false),
        StmtKind::If { arms, otherwise, .. } => {
            for (i, (c, b)) in arms.iter().enumerate() {
                f(Part::Expr(c), i > 0);
                f(Part::Block(b), true);
            }
            otherwise.iter().for_each(|b| f(Part::Block(b), true));
        }
        StmtKind::While(w) => {
            w.cond.iter().for_each(|e| f(Part::Expr(e), false));
            f(Part::Block(&w.body), true);
            w.cont.iter().for_each(|b| f(Part::Block(b), true));
        }
        StmtKind::CFor(c) => {
            c.init.iter().for_each(|e| f(Part::Expr(e), false));
            c.cond.iter().for_each(|e| f(Part::Expr(e), true));
            c.step.iter().for_each(|e| f(Part::Expr(e), true));
            f(Part::Block(&c.body), true);
        }
        StmtKind::Foreach(l) => {
            if let ForVar::RefAlias(e) = &l.var {
                f(Part::Expr(e), false)
            }
            f(Part::Expr(&l.list), false);
            f(Part::Block(&l.body), true);
            l.cont.iter().for_each(|b| f(Part::Block(b), true));
        }
        StmtKind::Block { body, cont } => {
            f(Part::Block(body), false);
            cont.iter().for_each(|b| f(Part::Block(b), true));
        }
        StmtKind::Package { body, .. } => f(Part::Block(body), false),
        StmtKind::Given { topic, body, .. } => {
            f(Part::Expr(topic), false);
            f(Part::Block(body), false);
        }
        StmtKind::When { cond, body, .. } => {
            f(Part::Expr(cond), false);
            f(Part::Block(body), true);
        }
        StmtKind::Default(b) | StmtKind::Defer(b) => f(Part::Block(b), true),
        StmtKind::Try(t) => {
            f(Part::Block(&t.body), false);
            t.catch.iter().for_each(|(_, b)| f(Part::Block(b), true));
            t.finally.iter().for_each(|b| f(Part::Block(b), true));
        }
        StmtKind::Nothing | StmtKind::LexSub { .. } | StmtKind::Field(_) => {}
    }
}

impl Facts {
    pub fn of(def: &SubDef) -> Facts {
        let mut f = Facts::default();
        for p in def.sig.iter().flat_map(|s| &s.params) {
            if let Some(e) = p.default.as_ref().and_then(|d| d.expr.as_ref()) {
                f.expr(e, true);
            }
        }
        if let Some(b) = &def.body {
            f.block(b, false);
            // A sub returns aliases of its variables if it is an lvalue sub.
            if def.lvalue {
                f.all_aliased(b);
            }
        }
        f
    }

    pub fn of_exprs<'a>(v: impl Iterator<Item = &'a Expr>) -> Facts {
        let mut f = Facts::default();
        v.for_each(|e| {
            f.expr(e, true);
            f.alias(e)
        });
        f
    }

    fn all_aliased(&mut self, b: &Block) {
        let mut seen = Vec::new();
        visit_block(b, &mut |e| {
            if let ExprKind::Lex { sigil: Sigil::Scalar, idx } = &e.kind {
                seen.push(*idx)
            }
        });
        self.aliased.extend(seen);
    }

    fn block(&mut self, b: &Block, cond: bool) {
        for s in &b.stmts {
            // After a label, or a jump backwards, anything may have been passed by. The label of a loop is one
            // only if there is a jump: it is there for `next` and `last`.
            let is_loop = matches!(
                s.kind,
                StmtKind::While(_) | StmtKind::CFor(_) | StmtKind::Foreach(_) | StmtKind::Block { .. }
            );
            self.has_goto |= !s.labels.is_empty() && !is_loop;
            self.stmt(&s.kind, cond);
        }
    }

    #[keshi_memory::deep]
    fn stmt(&mut self, s: &StmtKind, _cond: bool) {
        // Deferred blocks become closures.
        if let StmtKind::Defer(b) = s {
            self.all_aliased(b);
        }
        if let StmtKind::Try(t) = s
            && let Some(b) = &t.finally
        {
            self.all_aliased(b);
        }
        if let StmtKind::Foreach(l) = s {
            self.alias(&l.list);
            match &l.var {
                // The loop variable is an alias of each item.
                ForVar::Lex { idx, .. } => {
                    self.aliased.insert(*idx);
                }
                ForVar::Many(v) => self.aliased.extend(v),
                ForVar::RefAlias(e) => self.alias(e),
                ForVar::Pkg(_) => {}
            }
        }
        if let StmtKind::Given { topic, .. } = s {
            self.alias(topic);
        }
        stmt_parts(s, &mut |p, cond| match p {
            Part::Expr(e) => self.expr(e, cond),
            // A block is a scope of its own: its declarations are unconditional inside it.
            Part::Block(b) => self.block(b, false),
        });
    }

    fn mark(&mut self, idx: PadIdx) {
        self.aliased.insert(idx);
        self.written.insert(idx);
    }

    /// `e` stands where its lvalues become aliases.
    #[keshi_memory::deep]
    fn alias(&mut self, e: &Expr) {
        use ExprKind::*;
        match &e.kind {
            Lex { sigil: Sigil::Scalar, idx } => self.mark(*idx),
            My(d) => d.vars.iter().for_each(|v| {
                if let MyVar::Lex { idx, .. } = v {
                    self.mark(*idx)
                }
            }),
            List { items, .. } => items.iter().for_each(|e| self.alias(e)),
            Cond(_, a, b) | Logical(_, a, b) => {
                self.alias(a);
                self.alias(b)
            }
            Assign(a, _) | OpAssign(_, a, _) | LogAssign(_, a, _) | PreInc(a) | PreDec(a) | Local(a) => {
                self.alias(a)
            }
            // The walk itself comes by here.
            Ref(_) => {}
            MapGrep(m) => m.args.iter().for_each(|e| self.alias(e)),
            Sort(s) => s.args.iter().for_each(|e| self.alias(e)),
            DoBlock(b) | EvalBlock(b) => {
                if let Some(StmtKind::Expr(e)) = b.stmts.last().map(|s| &s.kind) {
                    self.alias(e)
                }
            }
            Func { func: ast::Func::Reverse, args, .. } => args.iter().for_each(|e| self.alias(e)),
            ListSlice { list, .. } => self.alias(list),
            _ => {}
        }
    }

    #[keshi_memory::deep]
    fn target(&mut self, t: &Expr) {
        match &t.kind {
            ExprKind::Lex { sigil: Sigil::Scalar, idx } => {
                self.written.insert(*idx);
            }
            ExprKind::List { items, .. } => items.iter().for_each(|e| self.target(e)),
            ExprKind::Cond(_, a, b) => {
                self.alias(a);
                self.alias(b)
            }
            ExprKind::Assign(a, _) | ExprKind::OpAssign(_, a, _) | ExprKind::LogAssign(_, a, _) => {
                self.target(a)
            }
            ExprKind::Func { args, .. } => args.iter().for_each(|e| self.alias(e)),
            _ => {}
        }
    }

    fn expr(&mut self, e: &Expr, cond: bool) {
        use ExprKind::*;
        match &e.kind {
            My(d) => {
                for v in &d.vars {
                    if let MyVar::Lex { idx, .. } = v {
                        if cond {
                            self.conditional.insert(*idx);
                        }
                        if !d.attrs.is_empty() {
                            self.mark(*idx);
                        }
                    }
                }
            }
            Ref(a) => self.alias(a),
            RefAssign(a, _) => self.alias(a),
            Call(c) => c.args.iter().for_each(|a| self.alias(a)),
            Method(m) => {
                self.alias(&m.invocant);
                m.args.iter().for_each(|a| self.alias(a))
            }
            MapGrep(m) => m.args.iter().for_each(|a| self.alias(a)),
            Sort(s) => s.args.iter().for_each(|a| self.alias(a)),
            Assign(a, _)
            | OpAssign(_, a, _)
            | LogAssign(_, a, _)
            | PreInc(a)
            | PreDec(a)
            | PostInc(a)
            | PostDec(a) => self.target(a),
            // pos lives in the magic of a cell.
            Match(m) => {
                if let (Some(t), MatchPat::Literal(p)) = (&m.target, &m.pat)
                    && p.mods.g
                {
                    self.alias(t)
                }
            }
            Subst(s) => s.target.iter().for_each(|t| self.alias(t)),
            Trans(t) => t.target.iter().for_each(|t| self.target(t)),
            // An op may write to its arguments; functions have had their own say.
            Macro { args, .. } => {
                args.iter().filter(|a| !matches!(a.kind, Func { .. })).for_each(|a| self.target(a))
            }
            Func { func, args, .. } => self.func(*func, args),
            Print { func: ast::Func::Printf, args, .. }
                if super::functable::formats_places(ast::Func::Printf, args) =>
            {
                args.iter().for_each(|a| self.alias(a))
            }
            GotoSub(_) => {}
            Goto(_) => self.has_goto = true,
            _ => {}
        }
        let later = |i: usize| match &e.kind {
            Logical(..) | LogAssign(..) | Cond(..) => i > 0,
            ChainCmp { .. } => i > 1,
            MapGrep(_) => true,
            _ => false,
        };
        let mut i = 0;
        parts(e, &mut |p| {
            match p {
                Part::Expr(x) => keshi_memory::deeper(|| self.expr(x, cond || later(i))),
                Part::Block(b) => self.block(b, false),
            }
            i += 1;
        });
    }

    fn func(&mut self, func: ast::Func, args: &[Expr]) {
        use ast::Func::*;
        match func {
            Tie | Pos | Substr | Vec | Lock | Tied | Untie | Read | Sysread | Recv | Fcntl | Ioctl
            | Syscall | Msgrcv | Shmread | Msgctl | Semctl | Shmctl => {
                args.iter().for_each(|a| self.alias(a))
            }
            Select if args.len() == 4 => args.iter().for_each(|a| self.alias(a)),
            Sprintf | Pack if super::functable::formats_places(func, args) => {
                args.iter().for_each(|a| self.alias(a))
            }
            Formline => args.iter().for_each(|a| self.alias(a)),
            Chop | Chomp if args.len() == 1 && !matches!(args[0].kind, ExprKind::List { .. }) => {
                args.iter().for_each(|a| self.target(a))
            }
            Chop | Chomp => args.iter().for_each(|a| self.alias(a)),
            Undef | Open | Opendir | Sysopen | Pipe | Socket | Socketpair | Accept => {
                args.iter().for_each(|a| self.target(a))
            }
            _ => {}
        }
    }
}

/// Every expression below `b`, outermost first, without inner subs.
#[keshi_memory::deep]
pub(crate) fn visit_block<'a>(b: &'a Block, f: &mut dyn FnMut(&'a Expr)) {
    for s in &b.stmts {
        stmt_parts(&s.kind, &mut |p, _| match p {
            Part::Expr(e) => visit_expr(e, f),
            Part::Block(b) => visit_block(b, f),
        });
    }
}

pub(crate) fn visit_expr<'a>(e: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    f(e);
    parts(e, &mut |p| match p {
        Part::Expr(e) => keshi_memory::deeper(|| visit_expr(e, f)),
        Part::Block(b) => visit_block(b, f),
    });
}

/// Does `test` hold for an expression of the block, not looking into blocks with a scope of their own?
#[keshi_memory::deep]
fn own_exprs(b: &Block, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    #[keshi_memory::deep]
    fn walk(e: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        if test(e) {
            return true;
        }
        let mut hit = false;
        parts(e, &mut |p| {
            if let Part::Expr(x) = p {
                hit = hit || walk(x, test)
            }
        });
        hit
    }
    let mut hit = false;
    for s in &b.stmts {
        if matches!(s.kind, StmtKind::Foreach(_) | StmtKind::While(_) | StmtKind::CFor(_)) {
            // Conditions and lists of nested loops belong to this block, too.
        }
        stmt_parts(&s.kind, &mut |p, _| match p {
            Part::Expr(e) => hit = hit || walk(e, test),
            // The body of a statement modifier loop has no scope.
            Part::Block(b) if modifier(&s.kind) => hit = hit || own_exprs(b, test),
            Part::Block(_) => {}
        });
    }
    hit
}

#[keshi_memory::deep]
fn modifier(s: &StmtKind) -> bool {
    match s {
        StmtKind::While(w) => w.modifier,
        StmtKind::Foreach(f) => f.modifier,
        _ => false,
    }
}

/// The block itself puts something on the stack of `local`.
pub(crate) fn block_has_local(b: &Block) -> bool {
    b.stmts.iter().any(|s| matches!(s.kind, StmtKind::Defer(_)))
        || own_exprs(b, &mut |e| matches!(e.kind, ExprKind::Local(_)))
}

/// The block itself holds a match or substitution.
pub(crate) fn block_has_match(b: &Block) -> bool {
    own_exprs(b, &mut |e| {
        matches!(e.kind, ExprKind::Match(_) | ExprKind::Subst(_))
            || matches!(&e.kind, ExprKind::Func { func: ast::Func::Split, .. })
    })
}

/// Does `test` hold for an expression anywhere in the statement?
pub(crate) fn stmt_any(s: &StmtKind, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    let mut hit = false;
    stmt_parts(s, &mut |p, _| match p {
        Part::Expr(e) => visit_expr(e, &mut |x| hit = hit || test(x)),
        Part::Block(b) => visit_block(b, &mut |x| hit = hit || test(x)),
    });
    hit
}

pub(crate) fn block_any(b: &Block, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    let mut hit = false;
    visit_block(b, &mut |e| hit = hit || test(e));
    hit
}

/// Code of other subs may run: a `last` from there may have to find a loop here.
pub(crate) fn calls(e: &Expr) -> bool {
    use ExprKind::*;
    matches!(
        e.kind,
        Call(_)
            | Method(_)
            | EvalStr(_)
            | DoFile(_)
            | Require { .. }
            | Macro { .. }
            | Sort(_)
            | GotoSub(_)
            | Next(ast::Label::Expr(_))
            | Last(ast::Label::Expr(_))
            | Redo(ast::Label::Expr(_))
            | Func { func: ast::Func::Write, .. }
    )
}
