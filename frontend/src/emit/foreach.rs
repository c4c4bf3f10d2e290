//! `foreach`.
//!
//! Over one array the loop is live: the elements are aliased by index as the array is at that moment. Over a
//! range of integers it counts. Any other list is built first, of aliases.
use super::expr::container_sigil;
use super::loops::OpenLoop;
use super::*;
use keshi_l1::builder::PadEntry;

/// What is bound to each item.
#[derive(Clone, Debug)]
enum Var {
    /// A register: an S-slot lexical, or the private stand-in of a package variable.
    Reg(Reg),
    /// A captured lexical.
    Cell(Reg),
    /// A package variable: its glob's scalar is replaced, and restored after the loop.
    Global(Name),
    Many(Vec<PadIdx>),
    RefAlias(Expr),
}

/// One foreach being emitted.
struct Each<'f> {
    f: &'f Foreach,
    labels: &'f [Name],
    parts: Vec<&'f Block>,
    var: Var,
    /// Name to look up as this loop's variable inside the body.
    topic: Option<Name>,
    /// Pad entry of the items of a loop over a variable from outside, and where that variable lives.
    item: Option<PadIdx>,
    hidden: Option<(PadIdx, Home)>,
}

impl Emitter<'_> {
    pub fn foreach(&mut self, f: &Foreach, labels: &[Name]) -> E {
        self.scope_open(&f.lexicals)?;
        self.save_matches(&f.body)?;
        let parts: Vec<&Block> = [Some(&f.body), f.cont.as_ref()].into_iter().flatten().collect();
        let (var, topic) = self.loop_var(f, &parts)?;
        let mut each = Each { f, labels, parts, var, topic, item: None, hidden: None };
        self.stand_in(&mut each);
        let single = !matches!(each.var, Var::Many(_));
        if single && let Some((from, to)) = range_of(&f.list) {
            self.foreach_range(&mut each, from, to)?;
        } else if single && let Some(array) = single_array(&f.list) {
            let av = self.av(array, true)?;
            self.foreach_over(&mut each, av, true)?;
            self.done(av)?;
        } else {
            self.foreach_list(&mut each)?;
        }
        self.scope_close()
    }

    fn loop_var(&mut self, f: &Foreach, parts: &[&Block]) -> E<(Var, Option<Name>)> {
        let global = match &f.var {
            ForVar::Pkg(n) => n.clone(),
            ForVar::Lex { idx, .. } => match self.homes[*idx as usize].clone() {
                Home::Slot { reg, .. } => return Ok((Var::Reg(reg), None)),
                Home::Cell(p) => return Ok((Var::Cell(p), None)),
                Home::Pkg(n) => n,
                _ => return self.fail(self.line, "internal error of the compiler: loop variable"),
            },
            ForVar::Many(v) => return Ok((Var::Many(v.clone()), None)),
            ForVar::RefAlias(e) => return Ok((Var::RefAlias(e.clone()), None)),
        };
        let private = self.private_topic(&[], parts)
            && !parts.iter().any(|b| super::mapsort::has_given(b))
            && &*global == "main::_";
        let var = if private { Var::Reg(self.b.var(b"", Fam::S)) } else { Var::Global(global.clone()) };
        Ok((var, Some(global)))
    }

    /// The items of a loop over a variable from outside live in an entry of the pad of their own, a lexical of the
    /// loop's scope: nothing has to be put back, whether the loop ends, dies or is left from a called sub.
    fn stand_in(&mut self, each: &mut Each<'_>) {
        let ForVar::Lex { idx: of, declared: false, .. } = each.f.var else { return };
        let fam = match each.var {
            Var::Cell(_) => Fam::P,
            Var::Reg(_) => Fam::S,
            _ => return,
        };
        let name: Box<[u8]> = self.pad.entries[of as usize].name.as_bytes().into();
        let reg = self.b.var(&name, fam);
        let home = if fam == Fam::P { Home::Cell(reg) } else { Home::Slot { reg, direct: false } };
        if fam == Fam::P {
            each.var = Var::Cell(reg);
        } else {
            self.b.note_aliased(reg);
            each.var = Var::Reg(reg);
        }
        let idx = self.own_entry(&name, reg, home);
        each.item = Some(idx);
    }

    /// A pad entry beyond the parser's, cleared with the innermost scope.
    fn own_entry(&mut self, name: &[u8], reg: Reg, home: Home) -> PadIdx {
        let idx = self.b.add_pad(PadEntry { name: name.into(), reg, capture: None, state: false });
        debug_assert_eq!(idx as usize, self.homes.len(), "homes and pad go in step");
        self.homes.push(home);
        self.top().lexicals.push(idx);
        self.opened.push(idx);
        idx
    }

    fn foreach_list(&mut self, each: &mut Each<'_>) -> E {
        let l = self.new_list()?;
        self.items(&each.f.list, l)?;
        let av = self.b.var(b"", Fam::P);
        self.atom("p.move", &[av.into(), l.into()])?;
        self.spent(l);
        // Like a lexical of the loop's scope: every way out lets go of the items.
        self.own_entry(b"", av, Home::Cv(av));
        self.foreach_over(each, av, false)
    }

    /// The items of the list; constants among them are read-only.
    #[keshi_memory::deep]
    pub fn items(&mut self, e: &Expr, l: Reg) -> E {
        if let ExprKind::List { items, .. } = &e.kind {
            return items.iter().try_for_each(|x| self.items(x, l));
        }
        let t = self.ts();
        match super::expr::literal(e) {
            Some(v) => self.copy_to(t, &v)?,
            None if matches!(e.kind, ExprKind::HostConst(_)) => {
                self.spent(t);
                return self.op_host_items(e, l);
            }
            None => {
                self.spent(t);
                return self.list(e, l, Mode::Alias);
            }
        }
        self.op("const.cell", &[t.into()])?;
        self.op("list.alias", &[l.into(), t.into()])?;
        self.done(t)
    }

    /// An inlined constant: its values are read-only.
    fn op_host_items(&mut self, e: &Expr, l: Reg) -> E {
        let ExprKind::HostConst(h) = &e.kind else { return Ok(()) };
        let k = self.konst(Const::Int(h.0 as i64));
        self.op("host.items", &[l.into(), k])
    }

    /// Binds the variable for the whole loop; undone by `loop_end`.
    fn loop_begin(&mut self, each: &mut Each<'_>) -> E<OpenLoop> {
        if let Var::Global(n) = &each.var {
            self.scope_push(Scope::default());
            self.mark_scope()?;
            let s = self.sym(n);
            self.op("topic.save", &[s])?;
        }
        // From here on the name means the item; the variable itself is untouched, however the loop is left.
        if let (ForVar::Lex { idx, .. }, Some(item)) = (&each.f.var, each.item) {
            let home = self.homes[item as usize].clone();
            each.hidden = Some((*idx, std::mem::replace(&mut self.homes[*idx as usize], home)));
            self.stand_ins.push((*idx, item));
        }
        // An iteration started anew by `redo` from a called sub finds the variable in any case.
        match each.var.clone() {
            Var::Reg(reg) => self.atom("s.undef", &[reg.into()])?,
            Var::Cell(p) => self.op("my.cell", &[p.into()])?,
            Var::Many(v) => v.into_iter().try_for_each(|i| self.var_init_early(i))?,
            _ => {}
        }
        if let Some(n) = &each.topic {
            let reg = match each.var {
                Var::Reg(r) => Some(r),
                _ => None,
            };
            self.topics.push((n.clone(), reg));
        }
        let topical = each.topic.as_deref() == Some("main::_");
        self.loop_open(each.labels, &each.parts, topical)
    }

    fn loop_end(&mut self, each: &mut Each<'_>, lp: &OpenLoop) -> E {
        self.loop_close(lp)?;
        if each.topic.is_some() {
            self.topics.pop();
        }
        if let Some((idx, home)) = each.hidden.take() {
            self.homes[idx as usize] = home;
            self.stand_ins.pop();
        }
        match &each.var {
            Var::Reg(reg) => self.atom("s.undef", &[(*reg).into()]),
            Var::Global(_) => self.scope_close(),
            _ => Ok(()),
        }
    }

    /// Loop over an array (live) or a list of aliases.
    fn foreach_over(&mut self, each: &mut Each<'_>, av: Reg, live: bool) -> E {
        let (i, one, n) = (self.b.var(b"", Fam::I), self.b.var(b"", Fam::I), self.b.var(b"", Fam::I));
        self.atom("i.const", &[i.into(), Arg::Imm(0)])?;
        self.atom("i.const", &[one.into(), Arg::Imm(1)])?;
        let copy = live && self.only_read(each.f);
        let lp = self.loop_begin(each)?;
        let (test, done) = (self.label(), self.label());
        self.bind(test)?;
        let rest = if live { "av.rest" } else { "list.rest" };
        self.op(rest, &[n.into(), av.into(), Arg::Imm(0)])?;
        self.atom("br.i.le", &[n.into(), i.into(), done.into()])?;
        if let Var::Many(vars) = each.var.clone() {
            for idx in vars {
                let (over, joined) = (self.label(), self.label());
                let t = self.ts();
                self.atom("br.i.le", &[n.into(), i.into(), over.into()])?;
                self.op("list.item", &[t.into(), av.into(), i.into()])?;
                self.atom("i.add", &[i.into(), i.into(), one.into()])?;
                self.jmp(joined)?;
                self.bind(over)?;
                // Missing items of the last round are read-only.
                self.atom("s.undef", &[t.into()])?;
                self.op("const.cell", &[t.into()])?;
                self.bind(joined)?;
                match self.homes[idx as usize].clone() {
                    Home::Slot { reg, .. } => self.op("alias.set", &[reg.into(), t.into()])?,
                    Home::Cell(p) => self.op("s.box", &[p.into(), t.into()])?,
                    _ => return self.fail(self.line, "internal error of the compiler: loop variable"),
                }
                self.done(t)?;
            }
        } else {
            let item = match (live, copy) {
                (_, true) => "av.get",
                (true, _) => "av.alias",
                _ => "list.item",
            };
            match each.var {
                // A register that is only read takes the item directly.
                Var::Reg(reg) => self.op(item, &[reg.into(), av.into(), i.into()])?,
                _ => {
                    let t = self.ts();
                    self.op(item, &[t.into(), av.into(), i.into()])?;
                    self.bind_item(&each.var.clone(), t)?;
                    self.done(t)?;
                }
            }
        }
        self.loop_body(each, &lp)?;
        if !matches!(each.var, Var::Many(_)) {
            self.atom("i.add", &[i.into(), i.into(), one.into()])?;
        }
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.loop_end(each, &lp)
    }

    fn loop_body(&mut self, each: &Each<'_>, lp: &OpenLoop) -> E {
        self.bind(lp.redo)?;
        if each.f.modifier {
            self.modifier_body(&each.f.body)?;
        } else {
            self.loop_block(&each.f.body)?;
        }
        self.bind(lp.next)?;
        if let Some(c) = &each.f.cont {
            self.block(c, Dest::Void)?;
        }
        Ok(())
    }

    /// The loop variable becomes what `t` holds: an alias, or a value of its own.
    fn bind_item(&mut self, v: &Var, t: Reg) -> E {
        match v {
            Var::Reg(reg) => self.op("alias.set", &[(*reg).into(), t.into()]),
            Var::Cell(p) => self.op("s.box", &[(*p).into(), t.into()]),
            Var::Global(n) => {
                let s = self.sym(n);
                self.op("topic.set", &[t.into(), s])
            }
            Var::RefAlias(e) => {
                let x = self.ts();
                if matches!(e.kind, ExprKind::Ref(_) | ExprKind::My(_)) {
                    self.copy_to(x, &t.into())?;
                    self.alias_target(e, x)?;
                } else {
                    // Any other scalar becomes the item itself.
                    let c = self.tp();
                    self.op("s.box", &[c.into(), t.into()])?;
                    self.op("ref.new", &[x.into(), c.into()])?;
                    self.done(c)?;
                    let target = Expr::new(e.line, ExprKind::Ref(Box::new(e.clone())));
                    self.alias_target(&target, x)?;
                }
                self.done(x)
            }
            Var::Many(_) => Ok(()),
        }
    }

    /// The body cannot tell a copy of the element from an alias.
    fn only_read(&self, f: &Foreach) -> bool {
        let ForVar::Lex { idx, declared: true, .. } = &f.var else { return false };
        if !matches!(self.homes[*idx as usize], Home::Slot { .. }) || self.pad.has_eval {
            return false;
        }
        let mut ok = !self.facts.written.contains(idx) && !self.pad.entries[*idx as usize].ref_taken;
        let mut check = |b: &Block| {
            scan::visit_block(b, &mut |e| {
                use ExprKind::*;
                match &e.kind {
                    // Anything that may reach the array's elements in another way.
                    Call(_)
                    | Method(_)
                    | EvalStr(_)
                    | Macro { .. }
                    | Local(_)
                    | Subst(_)
                    | Trans(_)
                    | GotoSub(_)
                    | DoFile(_)
                    | Require { .. }
                    | RefAssign(..)
                    | MapGrep(_)
                    | Sort(_)
                    | AnonSub(_) => ok = false,
                    Assign(l, _)
                    | OpAssign(_, l, _)
                    | LogAssign(_, l, _)
                    | PreInc(l)
                    | PreDec(l)
                    | PostInc(l)
                    | PostDec(l) => ok &= only_scalar_lexicals(l),
                    Func { func, .. } => {
                        use ast::Func::*;
                        ok &= !matches!(
                            func,
                            Push | Pop | Shift | Unshift | Splice | Chop | Chomp | Undef | Delete | Tie
                        );
                    }
                    _ => {}
                }
            })
        };
        check(&f.body);
        if let Some(c) = &f.cont {
            check(c)
        }
        ok
    }

    /// `for (A .. B)`: counted if the bounds are numbers; otherwise the list is made, for it may be one of strings.
    fn foreach_range(&mut self, each: &mut Each<'_>, from: &Expr, to: &Expr) -> E {
        let numeric = matches!(super::expr::literal(from), Some(Arg::Int(_)))
            && !matches!(super::expr::literal(to), Some(Arg::Str(..)));
        if !numeric {
            return self.foreach_list(each);
        }
        let (i, hi) = (self.b.var(b"", Fam::I), self.b.var(b"", Fam::I));
        let a = self.operand(from)?;
        let b = self.operand(to)?;
        self.op("range.bound", &[i.into(), a.clone()])?;
        self.op("range.bound", &[hi.into(), b.clone()])?;
        self.done_arg(&b)?;
        self.done_arg(&a)?;
        let one = self.b.var(b"", Fam::I);
        self.atom("i.const", &[one.into(), Arg::Imm(1)])?;
        let lp = self.loop_begin(each)?;
        let (test, done) = (self.label(), self.label());
        self.bind(test)?;
        self.atom("br.i.lt", &[hi.into(), i.into(), done.into()])?;
        match each.var {
            // The slot may still be the alias of the iteration before: it is overwritten, not assigned.
            Var::Reg(reg) => self.atom("s.seti", &[reg.into(), i.into()])?,
            _ => {
                let t = self.ts();
                self.atom("s.seti", &[t.into(), i.into()])?;
                self.bind_item(&each.var.clone(), t)?;
                self.done(t)?;
            }
        }
        self.loop_body(each, &lp)?;
        // The bound may be the largest integer.
        self.atom("i.addo", &[i.into(), i.into(), one.into(), done.into()])?;
        self.tick()?;
        self.jmp(test)?;
        self.bind(done)?;
        self.loop_end(each, &lp)
    }
}

/// Bounds of a loop over one range.
#[keshi_memory::deep]
fn range_of(list: &Expr) -> Option<(&Expr, &Expr)> {
    match &list.kind {
        ExprKind::Range { from, to, .. } => Some((from.as_ref(), to.as_ref())),
        ExprKind::List { items, .. } if items.len() == 1 => range_of(&items[0]),
        _ => None,
    }
}

/// The array of a loop over exactly one.
#[keshi_memory::deep]
fn single_array(list: &Expr) -> Option<&Expr> {
    match &list.kind {
        ExprKind::List { items, .. } if items.len() == 1 => single_array(&items[0]),
        ExprKind::My(_) | ExprKind::Local(_) => None,
        _ if container_sigil(list) == Some(Sigil::Array) => Some(list),
        _ => None,
    }
}

#[keshi_memory::deep]
fn only_scalar_lexicals(l: &Expr) -> bool {
    match &l.kind {
        ExprKind::Lex { sigil, .. } => *sigil == Sigil::Scalar,
        ExprKind::My(_) => true,
        ExprKind::List { items, .. } => items.iter().all(only_scalar_lexicals),
        // Elements of hashes are no array elements, unless they share scalars by aliasing.
        ExprKind::HElem { .. } => true,
        _ => false,
    }
}
