//! Builtins on file handles, processes and files.
use super::func::{arg, first};
use super::*;
use ast::Func as F;

impl Emitter<'_> {
    pub fn func_io(&mut self, e: &Expr, f: F, args: &[Expr], parens: bool, d: Reg) -> E {
        use F::*;
        match f {
            Open | Opendir | Sysopen | Socket => {
                let (h, rest) = first(args)?;
                let fh = self.new_handle(h)?;
                if f == Opendir {
                    let v = self.operand(arg(rest)?)?;
                    self.op("opendir", &[d.into(), fh.into(), v.clone()])?;
                    self.done_arg(&v)?;
                    return self.done(fh);
                }
                let l = self.new_list()?;
                for (i, x) in rest.iter().enumerate() {
                    if f == Open && i > 0 {
                        self.list(x, l, Mode::Copy)?;
                    } else {
                        self.push_scalar(x, l)?;
                    }
                }
                self.op(f.name(), &[d.into(), fh.into(), l.into()])?;
                self.done(l)?;
                self.done(fh)
            }
            Pipe => {
                let [a, b] = args else { return self.fail(e.line, "Not enough arguments for pipe") };
                let (x, y) = (self.new_handle(a)?, self.new_handle(b)?);
                self.op("pipe", &[d.into(), x.into(), y.into()])?;
                self.done(y)?;
                self.done(x)
            }
            Accept => {
                let [a, b] = args else { return self.fail(e.line, "Not enough arguments for accept") };
                let x = self.new_handle(a)?;
                let y = self.operand(b)?;
                self.op("accept", &[d.into(), x.into(), y.clone()])?;
                self.done_arg(&y)?;
                self.done(x)
            }
            Socketpair => {
                let l = self.new_list()?;
                for (i, x) in args.iter().enumerate() {
                    if i < 2 {
                        let h = self.new_handle(x)?;
                        self.op("list.push", &[l.into(), h.into()])?;
                        self.done(h)?;
                    } else {
                        self.push_scalar(x, l)?;
                    }
                }
                self.op("socketpair", &[d.into(), l.into()])?;
                self.done(l)
            }
            Close => self.op("close.sel", &[d.into()]),
            Write => self.op("write.sel", &[d.into()]),
            Tell => self.op("tell.last", &[d.into()]),
            Getc => {
                let stdin =
                    Expr::new(e.line, ExprKind::Pkg { sigil: Sigil::Glob, name: "main::STDIN".into() });
                self.apply("getc", d, &[&stdin])
            }
            Eof if args.is_empty() => self.op(if parens { "eof.argv" } else { "eof.last" }, &[d.into()]),
            Eof => self.apply("eof", d, &[arg(args)?]),
            Binmode => self.apply("binmode.raw", d, &[arg(args)?]),
            Select => match args.len() {
                0 => self.op("select.get", &[d.into()]),
                _ => {
                    let l = self.places_of(args)?;
                    self.op("select.n", &[d.into(), l.into()])?;
                    self.done(l)
                }
            },
            Read | Sysread | Recv => {
                let [h, buf, rest @ ..] = args else {
                    return self.fail(e.line, format!("Not enough arguments for {}", f.name()));
                };
                let l = self.scalars_of(std::iter::once(h).chain(rest))?;
                let (p, lv) = self.lv(buf)?;
                self.op(f.name(), &[d.into(), lv.into(), l.into()])?;
                self.done_lv(&p, lv)?;
                self.done(l)
            }
            _ => self.todo(e.line, f.name()),
        }
    }

    /// What a handle made for this variable is called: `$fh`, `$fh[...]`, `$fh{...}`.
    fn handle_name(&self, e: &Expr) -> Option<String> {
        let lexical = |i: u32| self.pad.entries[i as usize].name.to_string();
        let package = |n: &str| format!("${}", n.rsplit("::").next().unwrap_or(n));
        let container = |e: &Expr| match &e.kind {
            ExprKind::Lex { idx, .. } => {
                Some(format!("${}", lexical(*idx).trim_start_matches(['@', '%', '$'])))
            }
            ExprKind::Pkg { name, .. } => Some(package(name)),
            _ => None,
        };
        match &e.kind {
            ExprKind::Lex { idx, .. } => Some(lexical(*idx)),
            ExprKind::Pkg { sigil: Sigil::Scalar, name } => Some(package(name)),
            ExprKind::My(m) => match m.vars.first()? {
                MyVar::Lex { idx, .. } => Some(lexical(*idx)),
                MyVar::Our { name, .. } => Some(package(name)),
                _ => None,
            },
            ExprKind::Local(inner) => self.handle_name(inner),
            ExprKind::Elem { array, .. } => container(array).map(|n| format!("{n}[...]")),
            ExprKind::HElem { hash, .. } => container(hash).map(|n| format!("{n}{{...}}")),
            _ => None,
        }
    }

    /// A handle that is about to be opened: an undefined scalar becomes a new glob.
    fn new_handle(&mut self, e: &Expr) -> E<Reg> {
        if super::lvalue::is_lvalue(e) {
            let name = self.handle_name(e).unwrap_or_else(|| "__ANONIO__".into());
            let (p, lv) = self.lv(e)?;
            let t = self.ts();
            let full = format!("{}::{name}", self.package);
            let s = self.sym(&full);
            self.op("viv.gv", &[t.into(), lv.into(), s])?;
            self.done_lv(&p, lv)?;
            return Ok(t);
        }
        let t = self.ts();
        self.scalar_into(e, t)?;
        Ok(t)
    }

    pub fn print(&mut self, f: F, handle: Option<&Expr>, args: &[Expr], d: Option<Reg>) -> E {
        let fh = self.tp();
        match handle {
            None => self.op("io.sel", &[fh.into()])?,
            Some(h) => {
                let v = self.operand(h)?;
                self.op("io.out", &[fh.into(), v.clone()])?;
                self.done_arg(&v)?;
            }
        }
        let t = self.dst(d);
        let one = match args {
            [x] if f != F::Printf && !super::list::yields_list(x) => Some(x),
            _ => None,
        };
        if let Some(x) = one {
            let v = self.operand(x)?;
            let name = if f == F::Say { "say.1" } else { "print.1" };
            self.op(name, &[t.into(), fh.into(), v.clone()])?;
            self.done_arg(&v)?;
        } else {
            // `%n` sets its argument.
            let sets = f == F::Printf && args.first().is_some_and(super::functable::may_set_arguments);
            let l = self.list_of(args, if sets { Mode::Alias } else { Mode::Copy })?;
            self.op(f.name(), &[t.into(), fh.into(), l.into()])?;
            self.done(l)?;
        }
        if d.is_none() {
            self.mark_plain(t);
            self.done(t)?;
        }
        self.done(fh)
    }

    pub fn sys_exec(&mut self, f: F, program: Option<&Expr>, args: &[Expr], d: Reg) -> E {
        let l = self.new_list()?;
        if let Some(p) = program {
            self.push_scalar(p, l)?;
        }
        for x in args {
            self.list(x, l, Mode::Copy)?;
        }
        let name = match (f, program) {
            (F::System, None) => "system",
            (F::System, _) => "system.prog",
            (_, None) => "exec",
            _ => "exec.prog",
        };
        self.op(name, &[d.into(), l.into()])?;
        self.done(l)
    }

    pub fn readline(&mut self, handle: &Expr, safe: bool, d: Dest) -> E {
        let argv =
            matches!(&handle.kind, ExprKind::Pkg { sigil: Sigil::Glob, name } if &**name == "main::ARGV");
        let flag = Arg::Imm(safe.into());
        match d {
            Dest::Scalar(r) if argv => self.op("argv.line", &[r.into(), flag]),
            Dest::Scalar(r) => self.apply("readline", r, &[handle]),
            Dest::List(l, _) => {
                let r = self.tp();
                if argv {
                    self.op("argv.lines", &[r.into(), flag])?;
                } else {
                    let v = self.operand(handle)?;
                    self.op("readline.l", &[r.into(), v.clone()])?;
                    self.done_arg(&v)?;
                }
                self.cat(l, r)
            }
            _ => self.fail(handle.line, "internal error of the compiler: readline"),
        }
    }

    pub fn glob_scalar(&mut self, x: &Expr, d: Reg) -> E {
        let v = self.operand(x)?;
        let s = self.site();
        self.op("glob", &[d.into(), v.clone(), s])?;
        self.done_arg(&v)
    }

    /// `-e $x`; in a stack the outer tests look at the file of the innermost, as long as all are true.
    pub fn filetest(&mut self, op: u8, operand: &Expr, d: Reg) -> E {
        let (mut tests, mut x) = (vec![op], operand);
        while let ExprKind::FileTest { op, operand } = &x.kind {
            tests.push(*op);
            x = operand;
        }
        let v = self.operand(x)?;
        let Some((first, stacked)) = tests.split_last().filter(|(_, s)| !s.is_empty()) else {
            self.op("filetest", &[d.into(), v.clone(), Arg::Imm(op.into())])?;
            return self.done_arg(&v);
        };
        // The result may go where the operand is, and all tests look at the operand.
        let t = self.ts();
        self.op("filetest", &[t.into(), v.clone(), Arg::Imm((*first).into())])?;
        let end = self.label();
        for op in stacked.iter().rev() {
            self.atom("br.false", &[t.into(), end.into()])?;
            self.op("filetest.stacked", &[t.into(), v.clone(), Arg::Imm((*op).into())])?;
        }
        self.bind(end)?;
        self.copy_to(d, &t.into())?;
        self.done_arg(&v)?;
        self.done(t)
    }
}
