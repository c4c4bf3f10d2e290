//! `goto LABEL`.
//!
//! Contract. While a statement list is emitted, `Emitter::gotos` has an entry for each label that stands in it or in
//! a construct below it. A `goto` takes the first entry of the innermost list that has the label, as perl does:
//! labels of the list itself before those in constructs. A jump leaves the scopes above the list; a jump into a
//! construct goes to a landing pad that enters the scopes in between. For a `goto` in a called sub or string eval a
//! list with labels is covered by handler regions.
use super::*;
use keshi_l1::builder::HandlerSpec;

/// A label that `goto` may name.
#[derive(Clone, Debug)]
pub(crate) struct GotoLabel {
    name: Name,
    /// Identity of the labelled statement.
    stmt: *const Stmt,
    at: L,
    bound: bool,
    /// Number of the statement list, and scopes and handler regions open at its start.
    list: usize,
    depth: usize,
    regions: usize,
    way: Way,
}

/// How a label is reached from its list.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Here,
    /// In a construct: statement of the list that holds it, whether that is the arm of an `if`.
    Inside {
        of: *const Stmt,
        arm: bool,
    },
    /// perl refuses, with this message.
    Barred(&'static str),
}

/// What `goto_open` hands to `goto_close`.
pub(crate) struct GotoList {
    first: usize,
    mark: Option<Reg>,
    regions: Vec<(u32, L, L)>,
    opened: usize,
}

const FOREACH: &str = "Can't \"goto\" into the middle of a foreach loop";
const GIVEN: &str = "Can't \"goto\" into the middle of a \"given\" block";
const DEFER: &str = "Can't \"goto\" into a \"defer\" block";
const LIST: &str = "Can't \"goto\" into a binary or list expression";

/// A label found below a statement: its statement, how many blocks are between, and why perl refuses it.
struct Found<'a> {
    name: &'a Name,
    stmt: &'a Stmt,
    levels: u32,
    barred: Option<&'static str>,
}

impl Emitter<'_> {
    /// Announces the labels of a statement list.
    pub fn goto_open(&mut self, stmts: &[Stmt]) -> E<GotoList> {
        let mut open =
            GotoList { first: self.gotos.len(), mark: None, regions: Vec::new(), opened: self.opened.len() };
        self.goto_stmts.push(std::ptr::null());
        if !self.facts.has_goto {
            return Ok(open);
        }
        let (list, depth, regions) = (self.goto_stmts.len(), self.scopes.len(), self.b.region_depth());
        let add = |em: &mut Self, name: &Name, stmt, way| {
            let at = em.label();
            em.gotos.push(GotoLabel {
                name: name.clone(),
                stmt,
                at,
                bound: false,
                list,
                depth,
                regions,
                way,
            });
        };
        for s in stmts {
            for name in &s.labels {
                add(self, name, s, Way::Here);
            }
        }
        for s in stmts {
            let arm = matches!(s.kind, StmtKind::If { .. });
            let mut found = Vec::new();
            below(&s.kind, 0, None, &mut found);
            for f in found {
                let way = match f.barred {
                    Some(m) => Way::Barred(m),
                    None => Way::Inside { of: s, arm: arm && f.levels == 1 },
                };
                add(self, f.name, f.stmt, way);
            }
        }
        self.goto_regions(stmts, &mut open)?;
        Ok(open)
    }

    /// Handler regions for jumps from the subs that the list calls.
    fn goto_regions(&mut self, stmts: &[Stmt], open: &mut GotoList) -> E {
        let mut names: Vec<(Name, L)> = Vec::new();
        for g in &self.gotos[open.first..] {
            if !matches!(g.way, Way::Barred(_)) && !names.iter().any(|n| n.0 == g.name) {
                names.push((g.name.clone(), g.at));
            }
        }
        if names.is_empty() || !stmts.iter().any(|s| scan::stmt_any(&s.kind, &mut scan::calls)) {
            return Ok(());
        }
        let mark = self.b.var(b"", Fam::I);
        self.atom("dyn.mark", &[mark.into()])?;
        open.mark = Some(mark);
        // The first of the list is the one found: it must be the innermost region.
        for (name, at) in names.into_iter().rev() {
            let target = self.b.cold_label();
            let label = name.as_bytes().into();
            let id = self.b.push_region(HandlerSpec::Goto { mark, label, target });
            open.regions.push((id, target, at));
        }
        Ok(())
    }

    /// A statement of the list begins: its labels are here.
    pub fn goto_label(&mut self, s: &Stmt, open: &GotoList, d: Dest) -> E {
        if let Some(x) = self.goto_stmts.last_mut() {
            *x = s;
        }
        // What `local` did in this list so far stays when a jump comes back to it.
        if let Some(m) = open.mark {
            self.atom("dyn.mark", &[m.into()])?;
        }
        if s.labels.is_empty() || !self.facts.has_goto {
            return Ok(());
        }
        let same: Vec<usize> = (0..self.gotos.len())
            .filter(|&i| std::ptr::eq(self.gotos[i].stmt, s) && !self.gotos[i].bound)
            .collect();
        let here = self.label();
        for i in same {
            let g = self.gotos[i].clone();
            self.gotos[i].bound = true;
            if g.way == Way::Here {
                self.bind(g.at)?;
            } else if !matches!(g.way, Way::Barred(_)) {
                self.bind_cold(g.at)?;
                let inner = self.b.suspend_regions(g.regions);
                let r = self.enter_from(g.depth, d);
                self.b.resume_regions(inner);
                r?;
                self.jmp(here)?;
                self.end_cold()?;
            }
        }
        self.bind(here)
    }

    /// Landing pads of the list, and of labels that turned out to be nowhere.
    pub fn goto_close(&mut self, open: GotoList) -> E {
        self.goto_stmts.pop();
        for (id, _, _) in open.regions.iter().rev() {
            self.pop_region(*id)?;
        }
        for (_, pad, at) in open.regions {
            self.bind_cold(pad)?;
            self.clear_since(open.opened)?;
            self.jmp(at)?;
            self.end_cold()?;
        }
        for g in self.gotos.split_off(open.first) {
            if !g.bound && !matches!(g.way, Way::Barred(_)) {
                self.bind_cold(g.at)?;
                self.die_message(&format!("Can't find label {}", g.name))?;
                self.end_cold()?;
            }
        }
        Ok(())
    }

    /// Entry of the scopes from number `depth` on, for a jump into them.
    fn enter_from(&mut self, depth: usize, d: Dest) -> E {
        for i in depth..self.scopes.len() {
            let s = self.scopes[i].clone();
            for idx in &s.lexicals {
                self.var_init_early(*idx)?;
            }
            if let Some(FrameCx::Eval { dest, list, .. }) = &s.frame {
                self.op("eval.enter", &[])?;
                if let Dest::List(l, _) = dest {
                    self.op("list.new", &[(*l).into()])?;
                }
                if let Some(l) = list {
                    self.op("list.new", &[(*l).into()])?;
                }
            }
            for m in [s.handler_mark, s.mark].into_iter().flatten() {
                self.atom("dyn.mark", &[m.into()])?;
            }
            if let Some(p) = s.matches {
                self.op("match.save", &[p.into()])?;
            }
        }
        match d {
            Dest::List(l, _) => self.op("list.new", &[l.into()]),
            _ => Ok(()),
        }
    }

    /// An error in place of a jump: control does not go on here.
    pub fn refuse(&mut self, text: &str) -> E {
        self.die_message(text)?;
        self.atom("trap", &[Arg::Imm(0)])
    }

    fn die_message(&mut self, text: &str) -> E {
        let k = self.konst(Const::Str { bytes: text.as_bytes().to_vec(), utf8: !text.is_ascii() });
        self.op("die.msg", &[k])
    }

    /// The entries in the order in which a `goto` here looks at them, one for each name.
    fn goto_order(&self) -> Vec<GotoLabel> {
        let mut out: Vec<GotoLabel> = Vec::new();
        for list in (1..=self.goto_stmts.len()).rev() {
            // The construct the `goto` itself stands in comes first.
            let mine =
                |g: &GotoLabel| matches!(g.way, Way::Inside { of, .. } if of == self.goto_stmts[list - 1]);
            let all = || self.gotos.iter().filter(|g| g.list == list);
            for g in all().filter(|g| mine(g)).chain(all().filter(|g| !mine(g))) {
                if !out.iter().any(|o| o.name == g.name) {
                    out.push(g.clone());
                }
            }
        }
        out
    }

    pub fn goto(&mut self, label: &ast::Label, line: u32) -> E {
        self.at(line);
        match label {
            ast::Label::Name(n) => match self.goto_order().into_iter().find(|g| g.name == *n) {
                Some(g) => self.goto_entry(&g),
                None if self.in_sort_block() => self.refuse("Can't \"goto\" out of a pseudo block"),
                None => {
                    let v = Arg::Str(n.as_bytes().to_vec(), !n.is_ascii());
                    self.op("unwind.dyn", &[v, Arg::Imm(3)])
                }
            },
            ast::Label::Expr(e) => self.goto_computed(e),
            ast::Label::None => self.die_message("goto must have label"),
        }
    }

    /// Is this the block of a `sort`, or inside of one?
    fn in_sort_block(&self) -> bool {
        self.scopes.iter().any(|s| matches!(s.frame, Some(FrameCx::Sort { .. })))
    }

    fn goto_entry(&mut self, g: &GotoLabel) -> E {
        let leaves_sort =
            self.scopes.iter().skip(g.depth).any(|s| matches!(s.frame, Some(FrameCx::Sort { .. })));
        if leaves_sort {
            return self.refuse("Can't \"goto\" out of a pseudo block");
        }
        match g.way {
            Way::Here => {}
            Way::Barred(m) => return self.die_message(m),
            Way::Inside { of, arm } => {
                // From one arm of an `if` to another perl does not complain.
                let sibling = arm && self.scopes.len() > g.depth && self.goto_stmts[g.list - 1] == of;
                if !sibling {
                    self.op("goto.into", &[])?;
                }
            }
        }
        self.leave_to(g.depth)?;
        self.jmp(g.at)
    }

    /// A computed label is compared with those in reach; a code reference is a `goto &sub`.
    fn goto_computed(&mut self, e: &Expr) -> E {
        let v = self.scalar(e)?;
        let code = self.label();
        let is_ref = Arg::Mask(1 << 9 | 1 << 11);
        self.atom("br.tag", &[v.into(), is_ref, code.into()])?;
        let t = self.ts();
        for g in self.goto_order() {
            let next = self.label();
            let name = Arg::Str(g.name.as_bytes().to_vec(), !g.name.is_ascii());
            self.op("seq", &[t.into(), v.into(), name])?;
            self.atom("br.false", &[t.into(), next.into()])?;
            self.goto_entry(&g)?;
            self.bind(next)?;
        }
        self.done(t)?;
        self.op("unwind.dyn", &[v.into(), Arg::Imm(3)])?;
        self.bind(code)?;
        let p = self.tp();
        self.op("goto.code", &[p.into(), v.into()])?;
        self.done(v)?;
        self.tail_call(p)
    }

    /// The sub a `goto &…` goes to; `&$name` is exempt from `strict refs`, for `goto &$AUTOLOAD`.
    fn tail_callee(&mut self, x: &Expr) -> E<Reg> {
        let ExprKind::Deref { sigil: Sigil::Code, expr } = &x.kind else { return self.code_ptr(x) };
        let v = self.operand(expr)?;
        let p = self.tp();
        self.op("sub.code.sym", &[p.into(), v.clone()])?;
        self.done_arg(&v)?;
        Ok(p)
    }

    /// `goto &sub`
    pub fn goto_sub(&mut self, x: &Expr) -> E {
        let code = match &x.kind {
            ExprKind::Call(c) => self.tail_callee(&c.callee)?,
            ExprKind::Pkg { sigil: Sigil::Code, .. } | ExprKind::Lex { sigil: Sigil::Code, .. } => {
                self.code_ptr(x)?
            }
            ExprKind::Deref { sigil: Sigil::Code, .. } => self.tail_callee(x)?,
            _ => {
                let v = self.operand(x)?;
                let p = self.tp();
                self.op("goto.code", &[p.into(), v.clone()])?;
                self.done_arg(&v)?;
                p
            }
        };
        self.tail_call(code)
    }

    /// The running sub is replaced by `code`, with its `@_`.
    fn tail_call(&mut self, code: Reg) -> E {
        let in_eval = self.scopes.iter().any(|s| matches!(s.frame, Some(FrameCx::Eval { .. })));
        let refused = match self.kind {
            _ if self.in_sort_block() => Some("Can't goto subroutine outside a subroutine"),
            _ if in_eval => Some("Can't goto subroutine from an eval-block"),
            SubKind::Eval => Some("Can't goto subroutine from an eval-string"),
            SubKind::Main => Some("Can't goto subroutine outside a subroutine"),
            _ => None,
        };
        if let Some(m) = refused {
            self.die_message(m)?;
        }
        if self.cop.as_ref().is_some_and(|c| c.debug.as_ref().is_some_and(|d| d.calls)) {
            self.op("dbg.goto", &[code.into()])?;
        }
        let args = self.shared_args()?;
        self.op("call.tail", &[code.into(), args.into()])?;
        self.spent(args);
        self.spent(code);
        Ok(())
    }
}

/// Labels in the blocks of a statement.
fn below<'a>(kind: &'a StmtKind, levels: u32, barred: Option<&'static str>, out: &mut Vec<Found<'a>>) {
    let own = match kind {
        StmtKind::Foreach(_) => Some(FOREACH),
        StmtKind::Given { .. } => Some(GIVEN),
        StmtKind::Defer(_) => Some(DEFER),
        StmtKind::Try(_) => Some("Can't \"goto\" into a \"try\" block"),
        _ => None,
    };
    scan::stmt_parts(kind, &mut |p, _| match p {
        scan::Part::Block(b) => in_block(b, levels + 1, barred.or(own), out),
        scan::Part::Expr(e) => in_expr(e, levels, barred, out),
    });
}

fn in_block<'a>(b: &'a Block, levels: u32, barred: Option<&'static str>, out: &mut Vec<Found<'a>>) {
    for s in &b.stmts {
        out.extend(s.labels.iter().map(|name| Found { name, stmt: s, levels, barred }));
        keshi_memory::deeper(|| below(&s.kind, levels, barred, out));
    }
}

/// Labels in the `do` and `eval` blocks of an expression. What is evaluated before anything else can be entered.
fn in_expr<'a>(e: &'a Expr, levels: u32, barred: Option<&'static str>, out: &mut Vec<Found<'a>>) {
    use ExprKind::*;
    if !matches!(e.kind, DoBlock(_) | EvalBlock(_)) && simple(e) {
        return;
    }
    let first_only = |i: usize| i > 0;
    let none = |_: usize| true;
    let all = |_: usize| false;
    let late: &dyn Fn(usize) -> bool = match &e.kind {
        DoBlock(_) | EvalBlock(_) | Logical(..) | Cond(..) => &all,
        Assign(..) | OpAssign(..) => &|i| i == 0,
        List { items, .. } | AnonArray(items) if items.len() > 1 => &none,
        Func { args, .. } if args.len() > 1 => &none,
        Call(_) | Method(_) | MapGrep(_) | Sort(_) | Print { .. } | AnonHash(_) | Interp(_) => &none,
        _ => &first_only,
    };
    let mut i = 0;
    scan::parts(e, &mut |p| {
        let barred = barred.or(late(i).then_some(LIST));
        match p {
            scan::Part::Block(b) => in_block(b, levels + 1, barred, out),
            scan::Part::Expr(x) => keshi_memory::deeper(|| in_expr(x, levels, barred, out)),
        }
        i += 1;
    });
}

/// Has no parts.
fn simple(e: &Expr) -> bool {
    use ExprKind::*;
    matches!(e.kind, Int(_) | Uint(_) | Num(_) | Str(_) | Lex { .. } | Pkg { .. } | My(_) | AnonSub(_))
}
