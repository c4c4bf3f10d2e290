//! Builtin functions in each context: the regular ones by their [`Shape`], the others by forms of their own.
use super::functable::{Places, Shape, is_ipc, is_sysdb, places, shape};
use super::*;
use ast::Func as F;

impl Emitter<'_> {
    pub fn func_scalar(&mut self, e: &Expr, f: F, args: &[Expr], parens: bool, d: Reg) -> E {
        use F::*;
        if let Some(s) = shape(f, args.len()) {
            return self.regular(f.name(), s, args, d);
        }
        if is_sysdb(f) || is_ipc(f) {
            let mode = if is_ipc(f) { Mode::Alias } else { Mode::Copy };
            let l = if mode == Mode::Alias { self.list_of(args, mode)? } else { self.scalars_of(args)? };
            let s = self.sym(f.name());
            self.op(if is_ipc(f) { "ipc" } else { "sysdb" }, &[d.into(), l.into(), s])?;
            return self.done(l);
        }
        match f {
            Scalar => self.scalar_into(arg(args)?, d),
            Defined => self.defined(arg(args)?, d),
            Exists => self.exists(arg(args)?, d),
            Delete => self.delete(arg(args)?, Dest::Scalar(d)),
            Undef => {
                self.undef(args)?;
                self.atom("s.undef", &[d.into()])
            }
            Shift | Pop => self.shift_pop(f, arg(args)?, d),
            Push | Unshift => self.push(f, args, Some(d)),
            Splice => {
                let (av, l) = self.splice_args(args)?;
                self.op("splice", &[d.into(), av.into(), l.into()])?;
                self.done(l)?;
                self.done(av)
            }
            Keys | Values => self.keys_count(f, arg(args)?, d),
            Each => {
                let x = arg(args)?;
                let (p, hash) = self.container_arg(x, true)?;
                self.op(if hash { "hv.each.s" } else { "av.each.s" }, &[d.into(), p.into()])?;
                self.done(p)
            }
            Join => {
                let (sep, rest) = first(args)?;
                // Separator and scalar variables are read by `join` itself, in its order: they may be tied.
                let l = self.new_list()?;
                for x in std::iter::once(sep).chain(rest) {
                    let scalar = match &x.kind {
                        ExprKind::Pkg { sigil: Sigil::Scalar, .. } => true,
                        // What can be no alias is not tied either.
                        ExprKind::Lex { sigil: Sigil::Scalar, idx } => {
                            !matches!(self.homes[*idx as usize], Home::Slot { direct: true, .. })
                        }
                        _ => false,
                    };
                    match std::ptr::eq(x, sep) && !scalar {
                        true => self.push_scalar(x, l)?,
                        false => self.list(x, l, if scalar { Mode::Alias } else { Mode::Copy })?,
                    }
                }
                self.op("join", &[d.into(), l.into()])?;
                self.done(l)
            }
            Reverse => {
                let l = self.list_of(args, Mode::Copy)?;
                if args.is_empty() {
                    self.push_scalar(&super::regex::topic_expr(), l)?;
                }
                self.op("reverse", &[d.into(), l.into()])?;
                self.done(l)
            }
            Split => {
                let l = self.new_list()?;
                self.split(args, l, 0)?;
                self.op("list.count", &[d.into(), l.into()])?;
                self.done(l)
            }
            Index | Rindex | Substr => self.in_place(f, args, d),
            Vec => {
                let l = self.scalars_of(args)?;
                self.op("vec.n", &[d.into(), l.into()])?;
                self.done(l)
            }
            Bless => {
                let v = self.operand(arg(args)?)?;
                let class = Self::text(&self.package.clone());
                self.op("bless", &[d.into(), v.clone(), class])?;
                self.done_arg(&v)
            }
            Die => {
                let l = self.list_of(args, Mode::Copy)?;
                self.op("die", &[l.into()])?;
                self.done(l)?;
                self.atom("s.undef", &[d.into()])
            }
            Exit => {
                let v = match args.first() {
                    Some(x) => self.operand(x)?,
                    None => Arg::Int(0),
                };
                self.op("exit", std::slice::from_ref(&v))?;
                self.done_arg(&v)?;
                self.atom("s.undef", &[d.into()])
            }
            Chop | Chomp => self.chop(f, args, d),
            Pos => {
                let (p, lv) = self.lv(arg(args)?)?;
                self.op("pos", &[d.into(), lv.into()])?;
                self.done_lv(&p, lv)
            }
            Localtime | Gmtime => {
                self.op("time", &[d.into()])?;
                self.op(f.name(), &[d.into(), d.into()])
            }
            Caller => {
                let v = self.optional(args)?;
                self.op("caller", &[d.into(), v.clone()])?;
                self.done_arg(&v)
            }
            Reset => {
                let v = self.optional(args)?;
                self.op("reset", &[d.into(), v.clone()])?;
                self.done_arg(&v)
            }
            Times => self.op("times", &[d.into()]),
            Rand => self.op("rand", &[d.into(), Arg::Int(1)]),
            Srand => self.op("srand.auto", &[d.into()]),
            Sleep => self.op("sleep.forever", &[d.into()]),
            Umask => self.op("umask.get", &[d.into()]),
            Chdir => self.op("chdir.home", &[d.into()]),
            Getpgrp => self.op("getpgrp", &[d.into(), Arg::Int(0)]),
            Formline => {
                let (pic, rest) = first(args)?;
                // Any picture but a constant one may have a line that repeats.
                let again = match &pic.kind {
                    ExprKind::Str(s) => self.repeat_start(&s.bytes)?,
                    _ => self.repeat_start(b"~~")?,
                };
                let v = self.operand(pic)?;
                let l = self.list_of(rest, Mode::Alias)?;
                self.op("formline", &[d.into(), v.clone(), l.into()])?;
                self.done(l)?;
                self.done_arg(&v)?;
                self.repeat_end(again)
            }
            Tie => {
                let (x, rest) = first(args)?;
                let r = self.ts();
                self.reference(x, r)?;
                let l = self.list_of(rest, Mode::Alias)?;
                self.op("tie", &[d.into(), r.into(), l.into()])?;
                self.done(l)?;
                self.done(r)
            }
            Tied | Untie | Lock => {
                let r = self.ts();
                self.reference(arg(args)?, r)?;
                self.op(f.name(), &[d.into(), r.into()])?;
                self.done(r)
            }
            Dbmopen => {
                let (x, rest) = first(args)?;
                let h = self.hv(x, true)?;
                let l = self.scalars_of(rest)?;
                self.op("dbmopen", &[d.into(), h.into(), l.into()])?;
                self.done(l)?;
                self.done(h)
            }
            Dbmclose => {
                let h = self.hv(arg(args)?, true)?;
                self.op("dbmclose", &[d.into(), h.into()])?;
                self.done(h)
            }
            // They give no value; outside of a topicaliser they die.
            Break | Continue => {
                self.atom("s.undef", &[d.into()])?;
                if f == Break { self.break_() } else { self.continue_() }
            }
            _ => self.func_io(e, f, args, parens, d),
        }
    }

    fn optional(&mut self, args: &[Expr]) -> E<Arg> {
        match args.first() {
            Some(x) => self.operand(x),
            None => {
                let t = self.ts();
                self.atom("s.undef", &[t.into()])?;
                Ok(Arg::R(t))
            }
        }
    }

    fn regular(&mut self, name: &str, s: Shape, args: &[Expr], d: Reg) -> E {
        let l = match s {
            Shape::None => {
                if name == "wantarray" {
                    return self.wantarray(d);
                }
                return self.op(name, &[d.into()]);
            }
            Shape::One | Shape::Two => {
                let v: Vec<&Expr> = args.iter().collect();
                return self.apply(name, d, &v);
            }
            Shape::Scalars => self.scalars_of(args)?,
            Shape::FirstAndList => {
                let l = self.new_list()?;
                if let Some((a, rest)) = args.split_first() {
                    // `sprintf(@list)` has its prototype's scalar for the format.
                    // An alias for a template says that the other places are known.
                    match places(name, a) {
                        Places::All => self.items(a, l)?,
                        _ => self.push_scalar(a, l)?,
                    }
                    for x in rest {
                        match places(name, a) {
                            Places::None => self.list(x, l, Mode::Copy)?,
                            Places::Variables => self.list(x, l, Mode::Alias)?,
                            Places::All => self.items(x, l)?,
                        }
                    }
                }
                l
            }
            Shape::List => self.list_of(args, Mode::Copy)?,
            Shape::Aliases => self.places_of(args)?,
        };
        self.op(name, &[d.into(), l.into()])?;
        self.done(l)
    }

    /// Arguments as aliases, constants as read-only ones.
    pub fn places_of(&mut self, args: &[Expr]) -> E<Reg> {
        let l = self.new_list()?;
        args.iter().try_for_each(|a| self.items(a, l))?;
        Ok(l)
    }

    /// In an `eval BLOCK` the context is that of the block.
    fn wantarray(&mut self, d: Reg) -> E {
        let eval = self.scopes.iter().rev().find_map(|s| match s.frame {
            Some(FrameCx::Eval { dest, .. }) => Some(dest),
            _ => None,
        });
        let c = match eval {
            Some(Dest::Void) => Const::Undef,
            Some(Dest::Scalar(_)) => Const::Bool(false),
            Some(Dest::List(..)) => Const::Bool(true),
            _ => return self.op("wantarray", &[d.into()]),
        };
        let k = self.konst(c);
        self.op("s.const", &[d.into(), k])
    }

    /// Three- and four-argument `substr`, three-argument `index` and `rindex`: the first operand's register takes
    /// the result.
    fn in_place(&mut self, f: F, args: &[Expr], d: Reg) -> E {
        let name = match f {
            F::Index => "index.pos",
            F::Rindex => "rindex.pos",
            _ => "substr.len",
        };
        if args.len() == 4 {
            let (p, lv) = self.lv(&args[0])?;
            let l = self.scalars_of(&args[1..])?;
            self.op("substr.repl", &[d.into(), lv.into(), l.into()])?;
            self.done(l)?;
            return self.done_lv(&p, lv);
        }
        let [s, x, y] = args else {
            return self.fail(self.line, format!("Not enough arguments for {}", f.name()));
        };
        let t = self.ts();
        self.scalar_into(s, t)?;
        let a = self.operand(x)?;
        let b = self.operand(y)?;
        self.op(name, &[t.into(), a.clone(), b.clone()])?;
        self.done_arg(&b)?;
        self.done_arg(&a)?;
        self.op("s.move", &[d.into(), t.into()])?;
        self.spent(t);
        Ok(())
    }

    // ---- list context

    pub fn func_list(&mut self, e: &Expr, f: F, args: &[Expr], parens: bool, l: Reg, m: Mode) -> E {
        use F::*;
        let r = match f {
            Keys | Values => return self.keys_list(f, arg(args)?, l, m),
            Each => {
                let (p, hash) = self.container_arg(arg(args)?, true)?;
                let r = self.tp();
                self.op(if hash { "hv.each" } else { "av.each" }, &[r.into(), p.into()])?;
                self.done(p)?;
                if m == Mode::Copy {
                    self.op("list.copy", &[l.into(), r.into()])?;
                    return self.done(r);
                }
                r
            }
            Delete => return self.delete(arg(args)?, Dest::List(l, m)),
            Split => return self.split(args, l, 0),
            Splice => {
                let (av, a) = self.splice_args(args)?;
                let r = self.tp();
                self.op("splice.l", &[r.into(), av.into(), a.into()])?;
                self.done(a)?;
                self.done(av)?;
                r
            }
            Reverse => {
                let v = self.list_of(args, m)?;
                let r = self.tp();
                self.op("reverse.l", &[r.into(), v.into()])?;
                self.spent(v);
                r
            }
            Caller if args.is_empty() => {
                let r = self.tp();
                self.op("caller.l", &[r.into()])?;
                r
            }
            Caller => self.list_entry("caller.n.l", args)?,
            Unpack => self.list_entry("unpack.l", args)?,
            Stat => self.list_entry("stat.l", args)?,
            Lstat => self.list_entry("lstat.l", args)?,
            Readdir => self.list_entry("readdir.l", args)?,
            Localtime | Gmtime => {
                let name = format!("{}.l", f.name());
                if args.is_empty() {
                    let t = self.ts();
                    self.op("time", &[t.into()])?;
                    let r = self.tp();
                    self.op(&name, &[r.into(), t.into()])?;
                    self.done(t)?;
                    r
                } else {
                    self.list_entry(&name, args)?
                }
            }
            Times => {
                let r = self.tp();
                self.op("times.l", &[r.into()])?;
                r
            }
            Select if args.len() == 4 => {
                let a = self.places_of(args)?;
                let r = self.tp();
                self.op("select.n.l", &[r.into(), a.into()])?;
                self.done(a)?;
                r
            }
            _ if is_sysdb(f) => {
                let a = self.scalars_of(args)?;
                let r = self.tp();
                let s = self.sym(f.name());
                self.op("sysdb.l", &[r.into(), a.into(), s])?;
                self.done(a)?;
                r
            }
            Substr | Vec | Pos if m == Mode::Alias => {
                let p = self.place(e)?;
                self.push_place(&p, l, m)?;
                return self.done_place(&p);
            }
            _ => {
                let t = self.ts();
                self.func_scalar(e, f, args, parens, t)?;
                self.op("list.push", &[l.into(), t.into()])?;
                return self.done(t);
            }
        };
        self.cat(l, r)
    }

    fn list_entry(&mut self, name: &str, args: &[Expr]) -> E<Reg> {
        let mut v = Vec::new();
        for a in args {
            v.push(self.operand(a)?);
        }
        let r = self.tp();
        let mut ops = vec![Arg::R(r)];
        ops.extend(v.iter().cloned());
        self.op(name, &ops)?;
        self.done_args(&v)?;
        Ok(r)
    }

    /// Evaluated for its effects only.
    pub fn func_void(&mut self, e: &Expr, f: F, args: &[Expr], parens: bool) -> E {
        use F::*;
        match f {
            Push | Unshift => self.push(f, args, None),
            Undef => self.undef(args),
            // The context it gives is the point: a sub sees that it is wanted.
            Scalar => {
                let t = self.ts();
                self.scalar_into(arg(args)?, t)?;
                self.done(t)
            }
            Delete => self.delete(arg(args)?, Dest::Void),
            Keys | Values => {
                let (p, hash) = self.container_arg(arg(args)?, false)?;
                self.op(if hash { "hv.iter" } else { "av.reset" }, &[p.into()])?;
                self.done(p)
            }
            Split => {
                let l = self.new_list()?;
                self.split(args, l, 0)?;
                self.done(l)
            }
            _ => {
                let t = self.ts();
                self.func_scalar(e, f, args, parens, t)?;
                self.done(t)
            }
        }
    }
}

pub(crate) fn arg(args: &[Expr]) -> E<&Expr> {
    first(args).map(|a| a.0)
}

pub(crate) fn first(args: &[Expr]) -> E<(&Expr, &[Expr])> {
    args.split_first().ok_or_else(|| CompileError {
        message: "internal error of the compiler: a builtin without its argument".into(),
        file: "".into(),
        line: 0,
    })
}
