//! Builtin functions: the table of regular ones and those with forms of their own.
use super::expr::container_sigil;
use super::*;
use ast::Func as F;

/// How a regular function takes its arguments.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Shape {
    /// `name d`
    None,
    /// `name d, S`
    One,
    /// `name d, S, S`
    Two,
    /// `name d, P`: every argument in scalar context.
    Scalars,
    /// `name d, P`: the first argument in scalar context, the rest in list context.
    FirstAndList,
    /// `name d, P`: one list.
    List,
    /// `name d, P`: aliases of the arguments.
    Aliases,
}

/// Which arguments of a formatting function must be known as places, not only as values.
enum Places {
    None,
    /// Variables, which `%n` of `sprintf` sets.
    Variables,
    /// Also constants, which unlike temporaries may be pointed to by `pack`'s `p` and `P`.
    All,
}

fn places(name: &str, template: &Expr) -> Places {
    match (name, &template.kind) {
        ("sprintf" | "printf", _) if may_set_arguments(template) => Places::Variables,
        ("pack", ExprKind::Str(t)) if t.bytes.iter().any(|b| b"pP".contains(b)) => Places::All,
        _ => Places::None,
    }
}

/// Can the constant format have a `%n`?
pub(super) fn may_set_arguments(format: &Expr) -> bool {
    matches!(&format.kind, ExprKind::Str(t) if t.bytes.contains(&b'n'))
}

/// Formatting functions that use their arguments as places.
pub(super) fn formats_places(f: F, args: &[Expr]) -> bool {
    args.first().is_some_and(|a| !matches!(places(f.name(), a), Places::None))
}

fn shape(f: F, n: usize) -> Option<Shape> {
    use F::*;
    Some(match f {
        Fork | Getlogin | Getppid | Time | Wait | Wantarray => Shape::None,
        Abs | Alarm | Chr | Chroot | Cos | Exp | Fc | Hex | Int | Lc | Lcfirst | Length | Log | Oct | Ord
        | Quotemeta | Readlink | Ref | Rmdir | Sin | Sqrt | Uc | Ucfirst | Study | Closedir | Fileno
        | Readdir | Rewinddir | Telldir | Getsockname | Getpeername | Prototype | Stat | Lstat => Shape::One,
        Close | Getc | Tell | Write | Umask | Sleep | Rand | Srand | Chdir | Getpgrp | Gmtime | Localtime
        | Select
            if n == 1 =>
        {
            Shape::One
        }
        Atan2 | Crypt | Rename | Link | Symlink | Waitpid | Bind | Connect | Listen | Shutdown | Flock
        | Seekdir | Truncate | Getpriority | Unpack => Shape::Two,
        Index | Rindex | Binmode | Bless | Substr if n == 2 => Shape::Two,
        Seek | Sysseek | Syswrite | Send | Getsockopt | Setsockopt | Setpgrp | Setpriority | Mkdir => {
            Shape::Scalars
        }
        Sprintf | Pack => Shape::FirstAndList,
        Kill | Chmod | Chown | Utime | Unlink | Warn => Shape::List,
        Fcntl | Ioctl | Syscall => Shape::Aliases,
        _ => return None,
    })
}

/// The `getXXX` family, all served by one entry.
fn is_sysdb(f: F) -> bool {
    use F::*;
    matches!(
        f,
        Getpwnam
            | Getpwuid
            | Getpwent
            | Setpwent
            | Endpwent
            | Getgrnam
            | Getgrgid
            | Getgrent
            | Setgrent
            | Endgrent
            | Gethostbyname
            | Gethostbyaddr
            | Gethostent
            | Sethostent
            | Endhostent
            | Getnetbyname
            | Getnetbyaddr
            | Getnetent
            | Setnetent
            | Endnetent
            | Getprotobyname
            | Getprotobynumber
            | Getprotoent
            | Setprotoent
            | Endprotoent
            | Getservbyname
            | Getservbyport
            | Getservent
            | Setservent
            | Endservent
    )
}

fn is_ipc(f: F) -> bool {
    use F::*;
    matches!(
        f,
        Msgctl | Msgget | Msgrcv | Msgsnd | Semctl | Semget | Semop | Shmctl | Shmget | Shmread | Shmwrite
    )
}

/// Functions that may yield several values in list context.
pub(crate) fn list_valued(f: F) -> bool {
    use F::*;
    is_sysdb(f)
        || matches!(
            f,
            Caller
                | Each
                | Keys
                | Values
                | Localtime
                | Gmtime
                | Splice
                | Split
                | Stat
                | Lstat
                | Unpack
                | Reverse
                | Delete
                | Readdir
                | Times
                | Select
        )
}

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

    // ---- arrays and hashes

    /// The container and whether it is a hash.
    fn container_arg(&mut self, e: &Expr, lv: bool) -> E<(Reg, bool)> {
        match container_sigil(e) {
            Some(Sigil::Hash) => Ok((self.hv(e, lv)?, true)),
            _ => Ok((self.av(e, lv)?, false)),
        }
    }

    fn keys_count(&mut self, f: F, e: &Expr, d: Reg) -> E {
        let _ = f;
        // Resetting the iterator modifies the container, so one that is missing comes to be.
        let (p, hash) = self.container_arg(e, true)?;
        if hash {
            self.op("hv.keys.count", &[d.into(), p.into()])?;
        } else {
            self.op("av.reset", &[p.into()])?;
            self.op("av.count", &[d.into(), p.into()])?;
        }
        self.done(p)
    }

    fn keys_list(&mut self, f: F, e: &Expr, l: Reg, m: Mode) -> E {
        let (p, hash) = self.container_arg(e, true)?;
        let op = match (hash, f, m) {
            (true, F::Keys, _) => "hv.keys",
            (true, _, Mode::Alias) => "hv.values",
            (true, ..) => "hv.values.copy",
            (false, F::Keys, _) => "av.keys",
            (false, _, Mode::Alias) => "list.av",
            (false, ..) => "list.copy.av",
        };
        self.op(op, &[l.into(), p.into()])?;
        if !hash && f == F::Values {
            self.op("av.reset", &[p.into()])?;
        }
        self.done(p)
    }

    fn shift_pop(&mut self, f: F, e: &Expr, d: Reg) -> E {
        if f == F::Shift && self.is_args(e) {
            return self.op("arg.shift", &[d.into()]);
        }
        let p = self.av(e, true)?;
        self.op(f.name(), &[d.into(), p.into()])?;
        self.done(p)
    }

    fn push(&mut self, f: F, args: &[Expr], d: Option<Reg>) -> E {
        let (array, rest) = first(args)?;
        let p = self.av(array, true)?;
        if f == F::Push
            && d.is_none()
            && let [one] = rest
            && !super::list::yields_list(one)
        {
            let v = self.operand(one)?;
            self.op("push.1", &[p.into(), v.clone()])?;
            self.done_arg(&v)?;
            return self.done(p);
        }
        let l = self.list_of(rest, Mode::Copy)?;
        let t = self.dst(d);
        self.op(f.name(), &[t.into(), p.into(), l.into()])?;
        self.done(l)?;
        if d.is_none() {
            self.done(t)?;
        }
        self.done(p)
    }

    fn splice_args(&mut self, args: &[Expr]) -> E<(Reg, Reg)> {
        let (array, rest) = first(args)?;
        let av = self.av(array, true)?;
        let l = self.new_list()?;
        for (i, x) in rest.iter().enumerate() {
            if i < 2 {
                self.push_scalar(x, l)?;
            } else {
                self.list(x, l, Mode::Copy)?;
            }
        }
        Ok((av, l))
    }

    fn defined(&mut self, e: &Expr, d: Reg) -> E {
        match &e.kind {
            ExprKind::Pkg { sigil: Sigil::Code, name } => {
                let s = self.sym(name);
                return self.op("code.defined", &[d.into(), s]);
            }
            ExprKind::Deref { sigil: Sigil::Code, expr } => {
                let v = self.operand(expr)?;
                self.op("code.test", &[d.into(), v.clone(), Arg::Imm(0)])?;
                return self.done_arg(&v);
            }
            ExprKind::Deref { sigil: Sigil::Scalar, expr } => {
                // A name that nobody used yet does not become a variable by the question.
                let v = self.operand(expr)?;
                let p = self.tp();
                self.op("ref.sv", &[p.into(), v.clone(), Arg::Imm(2)])?;
                self.done_arg(&v)?;
                self.op("cell.load", &[d.into(), p.into()])?;
                self.done(p)?;
                return self.op("defined", &[d.into(), d.into()]);
            }
            ExprKind::Deref { sigil: Sigil::Glob, expr } => {
                let v = self.operand(expr)?;
                self.op("gv.test", &[d.into(), v.clone()])?;
                return self.done_arg(&v);
            }
            ExprKind::Lex { sigil: Sigil::Code, .. } => {
                let t = self.ts();
                self.reference(e, t)?;
                self.op("code.test", &[d.into(), t.into(), Arg::Imm(0)])?;
                return self.done(t);
            }
            _ if container_sigil(e).is_some() => {
                self.count(e, d)?;
                self.op("not", &[d.into(), d.into()])?;
                return self.op("not", &[d.into(), d.into()]);
            }
            _ => {}
        }
        self.apply("defined", d, &[e])
    }

    fn exists(&mut self, e: &Expr, d: Reg) -> E {
        match &e.kind {
            ExprKind::Elem { array, index } => {
                let p = self.av(array, true)?;
                let i = self.operand(index)?;
                self.op("av.exists", &[d.into(), p.into(), i.clone()])?;
                self.done_arg(&i)?;
                self.done(p)
            }
            ExprKind::HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                let k = self.operand(key)?;
                self.op("hv.exists", &[d.into(), p.into(), k.clone()])?;
                self.done_arg(&k)?;
                self.done(p)
            }
            ExprKind::Pkg { sigil: Sigil::Code, name } => {
                let s = self.sym(name);
                self.op("code.exists", &[d.into(), s])
            }
            ExprKind::Deref { sigil: Sigil::Code, expr } => {
                let v = self.operand(expr)?;
                self.op("code.test", &[d.into(), v.clone(), Arg::Imm(1)])?;
                self.done_arg(&v)
            }
            ExprKind::Lex { sigil: Sigil::Code, .. } => {
                let k = self.konst(Const::Bool(true));
                self.op("s.const", &[d.into(), k])
            }
            ExprKind::List { items, .. } if items.len() == 1 => self.exists(&items[0], d),
            _ => self.fail(e.line, "exists argument is not a HASH or ARRAY element or a subroutine"),
        }
    }

    fn delete(&mut self, e: &Expr, d: Dest) -> E {
        use ExprKind::*;
        let (x, local) = match &e.kind {
            Local(x) => (&**x, true),
            List { items, .. } if items.len() == 1 => return self.delete(&items[0], d),
            _ => (e, false),
        };
        let slice = match &x.kind {
            Elem { array, index } => {
                let p = self.av(array, true)?;
                return self.delete_one(if local { "local.delete" } else { "av.delete" }, p, index, d);
            }
            HElem { hash, key } => {
                let p = self.hv(hash, true)?;
                return self.delete_one(if local { "local.delete" } else { "hv.delete" }, p, key, d);
            }
            Slice { array, index } => (self.av(array, true)?, "av.delete.slice", index),
            KvSlice { array, index } => (self.av(array, true)?, "av.delete.kv", index),
            HSlice { hash, keys } => (self.hv(hash, true)?, "hv.delete.slice", keys),
            KvHSlice { hash, keys } => (self.hv(hash, true)?, "hv.delete.kv", keys),
            _ => return self.fail(e.line, "delete argument is not a HASH or ARRAY element or slice"),
        };
        let (p, op, keys) = slice;
        let k = self.list_of(std::slice::from_ref(&**keys), Mode::Copy)?;
        let r = self.tp();
        if local {
            // The old values are the result; what is deleted are their stand-ins.
            let read = match op {
                "av.delete.slice" => "av.slice",
                "av.delete.kv" => "av.kvslice",
                "hv.delete.slice" => "hv.slice",
                _ => "hv.kvslice",
            };
            self.op(read, &[r.into(), p.into(), k.into()])?;
            self.op("local.slice", &[p.into(), k.into()])?;
            let gone = self.tp();
            self.op(op, &[gone.into(), p.into(), k.into()])?;
            self.done(gone)?;
        } else {
            self.op(op, &[r.into(), p.into(), k.into()])?;
        }
        self.done(k)?;
        self.done(p)?;
        match d {
            Dest::List(l, _) => self.cat(l, r),
            Dest::Scalar(x) => {
                self.op("list.last", &[x.into(), r.into()])?;
                self.spent(r);
                Ok(())
            }
            Dest::Ret => self.ret_list(r),
            Dest::Void => self.done(r),
        }
    }

    fn delete_one(&mut self, op: &str, p: Reg, key: &Expr, d: Dest) -> E {
        let k = self.operand(key)?;
        let t = match d {
            Dest::Scalar(r) => r,
            _ => self.ts(),
        };
        self.op(op, &[t.into(), p.into(), k.clone()])?;
        self.done_arg(&k)?;
        self.done(p)?;
        match d {
            Dest::Scalar(_) => Ok(()),
            Dest::Ret => self.ret_value(t),
            _ => {
                self.deliver(t, d)?;
                self.done(t)
            }
        }
    }

    fn undef(&mut self, args: &[Expr]) -> E {
        let Some(e) = args.first() else { return Ok(()) };
        match &e.kind {
            ExprKind::List { items, .. } if items.len() == 1 => return self.undef(items),
            ExprKind::Pkg { sigil: Sigil::Code, name } => {
                let p = self.tp();
                let (s, c) = (self.sym(name), self.ic());
                self.op("glob.cv", &[p.into(), s, c])?;
                let none = self.label();
                self.atom("br.null", &[p.into(), none.into()])?;
                self.op("undef.cv", &[p.into()])?;
                self.bind(none)?;
                return self.done(p);
            }
            ExprKind::Lex { sigil: Sigil::Code, .. } | ExprKind::Deref { sigil: Sigil::Code, .. } => {
                let p = self.code_ptr(e)?;
                self.op("undef.cv", &[p.into()])?;
                return self.done(p);
            }
            ExprKind::Pkg { sigil: Sigil::Glob, .. } | ExprKind::Deref { sigil: Sigil::Glob, .. } => {
                let p = self.glob_ptr(e, 1)?;
                self.op("undef.gv", &[p.into()])?;
                return self.done(p);
            }
            _ => {}
        }
        if container_sigil(e).is_some() {
            let (p, hash) = self.container_arg(e, true)?;
            self.op(if hash { "undef.hv" } else { "undef.av" }, &[p.into()])?;
            return self.done(p);
        }
        let (p, lv) = self.lv(e)?;
        self.op("undef.sv", &[lv.into()])?;
        self.done_lv(&p, lv)
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
