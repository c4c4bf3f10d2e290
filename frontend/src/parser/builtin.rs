//! Builtin functions: argument syntax, defaults, and checks.
use super::expr::{bx, mk, prec};
use super::lvalue::func_desc;
use super::term::flatten;
use super::*;
use crate::ast::func::Syntax;

impl Parser<'_> {
    /// A builtin; the position is after its name.
    pub(crate) fn builtin(&mut self, info: &'static FuncInfo, line: u32) -> PResult<Expr> {
        if info.func == Func::Open {
            self.lint_open()?;
        }
        match info.syntax {
            Syntax::Nullary => self.nullary(info, line),
            Syntax::Unary => self.unary_func(info, line),
            Syntax::List => self.list_func(info, line),
            Syntax::Special => self.special_func(info, line),
        }
    }

    fn func(&self, func: Func, args: Vec<Expr>, parens: bool, line: u32) -> Expr {
        mk(line, ExprKind::Func { func, args, parens })
    }

    fn nullary(&mut self, info: &FuncInfo, line: u32) -> PResult<Expr> {
        let save = self.lx.pos;
        if self.next_is(b'(') {
            self.lx.pos += 1;
            if !self.eat(b')') {
                let _ = self.expr()?;
                self.expect(b')')?;
                self.error_near(&format!("Too many arguments for {}", func_desc(info.func)))?;
            }
            return Ok(self.func(info.func, Vec::new(), true, line));
        }
        self.lx.pos = save;
        Ok(self.func(info.func, Vec::new(), false, line))
    }

    /// Does no operand follow a named unary operator? `dor`: `//` is an operator here.
    pub(crate) fn at_unary_end(&mut self, dor: bool) -> bool {
        if self.at_list_end() {
            return true;
        }
        let (c, n) = (self.lx.cur(), self.lx.peek(1));
        match c {
            b'/' => dor && n == b'/',
            b'~' => dor && n == b'~' && self.feature(Feature::SmartMatch),
            b'*' => matches!(n, b' ' | b'*' | b'='),
            b'%' => n == b' ' || n == b'=',
            b'<' => matches!(n, b' ' | b'='),
            b'-' | b'+' => n == b'=',
            _ => self.peek_word().as_deref() == Some("x") && matches!(self.lx.peek(1), b' ' | b'='),
        }
    }

    /// The operand of a named unary operator, and whether it was parenthesised.
    pub(crate) fn unary_args(&mut self, dor: bool) -> PResult<(Vec<Expr>, bool)> {
        let save = self.lx.pos;
        self.lx.skip_space();
        if self.lx.cur() == b'(' {
            self.lx.token_start();
            self.lx.pos += 1;
            return Ok((self.list_until(b')')?, true));
        }
        if self.at_unary_end(dor) {
            self.lx.pos = save;
            return Ok((Vec::new(), false));
        }
        Ok((vec![self.prec(prec::UNI + 1)?], false))
    }

    fn unary_func(&mut self, info: &FuncInfo, line: u32) -> PResult<Expr> {
        self.lint_ambiguous_unary(self.lx.pos - info.name.len())?;
        let dor = matches!(
            info.func,
            Func::Shift | Func::Pop | Func::Getc | Func::Readline | Func::Readlink | Func::Umask
        );
        let (mut args, parens) = self.unary_args(dor)?;
        let optional = info.proto.starts_with(';') || info.proto.starts_with('_');
        if args.is_empty() && !optional {
            self.error_near(&format!("Not enough arguments for {}", func_desc(info.func)))?;
        }
        if args.len() > 1 {
            self.error_near(&format!("Too many arguments for {}", func_desc(info.func)))?;
        }
        if args.is_empty() && info.proto.starts_with('_') {
            args.push(self.topic(line));
        }
        match info.func {
            Func::Shift | Func::Pop => {
                if args.is_empty() {
                    args.push(self.default_array(line));
                }
                self.check_array_arg(info, &args[0])?;
            }
            Func::Keys | Func::Values | Func::Each => {
                self.check_container(info, &args)?;
                if let Some(a) = args.first().filter(|_| info.func == Func::Each) {
                    self.lint_each(a)?;
                }
            }
            Func::Readline => {
                let handle = match args.pop() {
                    Some(e) => self.bareword_to_glob(e),
                    None => mk(line, ExprKind::Pkg { sigil: Sigil::Glob, name: "main::ARGV".into() }),
                };
                return Ok(mk(line, ExprKind::ReadLine { handle: bx(handle), safe_argv: false }));
            }
            Func::Readpipe => {
                if let Some(e) = args.pop() {
                    if matches!(&e.kind, ExprKind::List { items, .. } if items.len() > 1) {
                        self.error_near(&format!("Too many arguments for {}", func_desc(info.func)))?;
                    }
                    return Ok(mk(line, ExprKind::Backtick(bx(e))));
                }
            }
            Func::Length => {
                if let Some(a) = args.first() {
                    self.lint_length(a)?;
                }
            }
            Func::Study | Func::Ref | Func::Lock => {}
            _ => {}
        }
        if info.proto.contains('*') || info.func == Func::Chdir {
            args = args.into_iter().map(|a| self.bareword_to_glob(a)).collect();
        }
        Ok(self.func(info.func, args, parens, line))
    }

    /// `@_` inside a sub, `@ARGV` outside.
    fn default_array(&mut self, line: u32) -> Expr {
        let in_sub = self.unit().in_sub;
        let kind = self.unit().kind;
        let sub = in_sub
            || matches!(
                kind,
                SubKind::Begin | SubKind::End | SubKind::Init | SubKind::Check | SubKind::UnitCheck
            );
        if sub {
            self.unit().uses_args = true;
        }
        let name = if in_sub { "main::_" } else { "main::ARGV" };
        mk(line, ExprKind::Pkg { sigil: Sigil::Array, name: name.into() })
    }

    fn check_array_arg(&mut self, info: &FuncInfo, arg: &Expr) -> PResult {
        let fine = match &arg.kind {
            ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => {
                *sigil == Sigil::Array
            }
            ExprKind::My(_) | ExprKind::Local(_) | ExprKind::Error => true,
            _ => false,
        };
        if fine {
            return Ok(());
        }
        let scalar = matches!(
            &arg.kind,
            ExprKind::Lex { sigil: Sigil::Scalar, .. }
                | ExprKind::Pkg { sigil: Sigil::Scalar, .. }
                | ExprKind::Deref { sigil: Sigil::Scalar, .. }
                | ExprKind::Elem { .. }
                | ExprKind::HElem { .. }
                | ExprKind::Call(_)
                | ExprKind::Method(_)
                | ExprKind::Func { func: Func::Bless, .. }
        );
        if scalar {
            let msg = format!("Experimental {} on scalar is now forbidden", info.name);
            self.error_near(&msg)?;
        }
        self.bad_type(1, info.name, "array", arg)
    }

    fn check_container(&mut self, info: &FuncInfo, args: &[Expr]) -> PResult {
        let Some(arg) = args.first() else { return Ok(()) };
        let fine = match &arg.kind {
            ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => {
                matches!(sigil, Sigil::Array | Sigil::Hash)
            }
            ExprKind::My(_) | ExprKind::Local(_) | ExprKind::Error => true,
            _ => false,
        };
        if fine {
            return Ok(());
        }
        self.error(&format!("Experimental {} on scalar is now forbidden", info.name))?;
        self.bad_type(1, info.name, "hash or array", arg)
    }

    fn list_func(&mut self, info: &FuncInfo, line: u32) -> PResult<Expr> {
        let (args, parens) = self.plain_args()?;
        let mut args = spread_sole_list(args);
        let (min, max) = arity(info.proto);
        if args.len() < min {
            self.error_near(&format!("Not enough arguments for {}", func_desc(info.func)))?;
            return Ok(mk(line, ExprKind::Error));
        }
        if max.is_some_and(|m| args.len() > m) {
            self.error_near(&format!("Too many arguments for {}", func_desc(info.func)))?;
            return Ok(mk(line, ExprKind::Error));
        }
        match info.func {
            Func::Push | Func::Unshift | Func::Splice => self.check_array_arg(info, &args[0])?,
            Func::Unlink if args.is_empty() && !parens => args.push(self.topic(line)),
            Func::Unpack if args.len() == 1 => args.push(self.topic(line)),
            Func::Mkdir if args.is_empty() => args.push(self.topic(line)),
            Func::Read | Func::Sysread | Func::Recv => {
                let target = std::mem::replace(&mut args[1], mk(line, ExprKind::Error));
                args[1] = self.modifiable(target, info.name)?;
            }
            _ => {}
        }
        // The array functions have complained about the type already.
        if info.proto.starts_with('\\')
            && !matches!(info.func, Func::Push | Func::Unshift | Func::Splice)
            && matches!(args.first(), Some(Expr { kind: ExprKind::Bareword(_), .. }))
        {
            self.error_near(&format!("Can't modify constant item in {}", func_desc(info.func)))?;
        }
        self.lint_pushes_nothing(info.func, &args)?;
        if info.func == Func::Join {
            self.lint_join(&args)?;
        }
        self.handle_args(info, &mut args);
        Ok(self.func(info.func, args, parens, line))
    }

    /// Barewords in handle positions become globs.
    fn handle_args(&mut self, info: &FuncInfo, args: &mut [Expr]) {
        let mut pos = 0;
        for c in info.proto.chars() {
            match c {
                ';' => continue,
                '*' => {}
                '\\' => continue,
                _ => {
                    pos += 1;
                    continue;
                }
            }
            if let Some(a) = args.get_mut(pos) {
                let e = std::mem::replace(a, mk(0, ExprKind::Error));
                *a = self.bareword_to_glob(e);
            }
            pos += 1;
        }
        // `open FH, ">&", STDOUT`: the handle to duplicate.
        if let (Func::Open, [_, mode, source]) = (info.func, &mut *args)
            && matches!(&mode.kind, ExprKind::Str(s) if s.bytes.contains(&b'&'))
        {
            let e = std::mem::replace(source, mk(0, ExprKind::Error));
            *source = self.bareword_to_glob(e);
        }
        if info.func == Func::Truncate && !args.is_empty() {
            let e = std::mem::replace(&mut args[0], mk(0, ExprKind::Error));
            args[0] = self.bareword_to_glob(e);
        }
    }

    fn special_func(&mut self, info: &'static FuncInfo, line: u32) -> PResult<Expr> {
        match info.func {
            Func::Print | Func::Printf | Func::Say => self.print_op(info.func, line),
            Func::Exec | Func::System => self.exec_op(info.func, line),
            Func::Sort => self.sort_op(line),
            Func::Map | Func::Grep | Func::Any | Func::All => self.map_op(info.func, line),
            Func::Split => self.split_op(line),
            Func::Evalbytes => self.eval_string(line, true),
            Func::Defined | Func::Exists | Func::Delete | Func::Undef => self.place_func(info, line),
            Func::Chomp | Func::Chop => {
                let (mut args, parens) = self.unary_args(false)?;
                if args.is_empty() {
                    args.push(self.topic(line));
                }
                let desc = if info.func == Func::Chomp { "chomp" } else { "chop" };
                let args =
                    args.into_iter().map(|a| self.chop_target(a, desc)).collect::<PResult<Vec<Expr>>>()?;
                Ok(self.func(info.func, args, parens, line))
            }
            Func::Pos => {
                let (mut args, parens) = self.unary_args(true)?;
                if args.is_empty() {
                    args.push(self.topic(line));
                }
                if args.len() > 1 {
                    self.error_near("Too many arguments for match position")?;
                }
                for a in &args {
                    self.note_refs(a);
                }
                Ok(self.func(Func::Pos, args, parens, line))
            }
            Func::Glob => {
                let (mut args, _) = self.plain_or_unary()?;
                let arg = if args.is_empty() { self.topic(line) } else { args.remove(0) };
                Ok(mk(line, ExprKind::Glob(bx(arg))))
            }
            Func::Select => {
                let (mut args, parens) = self.plain_args()?;
                if args.len() == 1 {
                    let e = args.remove(0);
                    args.push(self.bareword_to_glob(e));
                }
                if !matches!(args.len(), 0 | 1 | 4) {
                    let what = if args.len() < 4 { "Not enough" } else { "Too many" };
                    self.error_near(&format!("{what} arguments for select system call"))?;
                }
                Ok(self.func(Func::Select, args, parens, line))
            }
            Func::Stat | Func::Lstat => {
                if self.lone_underscore() {
                    // The last stat, even where a sub `_` exists.
                    self.lx.pos += 1;
                    let last = mk(line, ExprKind::Pkg { sigil: Sigil::Glob, name: "main::_".into() });
                    return Ok(self.func(info.func, vec![last], false, line));
                }
                let (mut args, parens) = self.unary_args(false)?;
                if args.is_empty() {
                    args.push(self.topic(line));
                }
                if let Some(a) = args.first() {
                    self.lint_stat(info.func, a)?;
                }
                let args = args.into_iter().map(|a| self.bareword_to_glob(a)).collect();
                Ok(self.func(info.func, args, parens, line))
            }
            Func::Scalar => {
                let (mut args, parens) = self.unary_args(false)?;
                if args.is_empty() {
                    self.error_near("Not enough arguments for scalar")?;
                }
                if args.len() > 1 {
                    args = vec![mk(line, ExprKind::List { items: args, parens: true })];
                }
                Ok(self.func(Func::Scalar, args, parens, line))
            }
            Func::Prototype => {
                let (mut args, parens) = self.unary_args(false)?;
                if args.is_empty() {
                    args.push(self.topic(line));
                }
                Ok(self.func(Func::Prototype, args, parens, line))
            }
            f => self.fatal(&format!("{} is not implemented in Keshi", f.name())),
        }
    }

    fn plain_or_unary(&mut self) -> PResult<(Vec<Expr>, bool)> {
        self.unary_args(false)
    }

    fn chop_target(&mut self, e: Expr, desc: &str) -> PResult<Expr> {
        match &e.kind {
            ExprKind::Lex { .. }
            | ExprKind::Pkg { .. }
            | ExprKind::Deref { .. }
            | ExprKind::List { .. }
            | ExprKind::Assign(..) => Ok(e),
            _ => self.modifiable(e, desc),
        }
    }

    /// `defined`, `exists`, `delete`, `undef`: the operand names a place.
    fn place_func(&mut self, info: &FuncInfo, line: u32) -> PResult<Expr> {
        let (mut args, parens) = self.unary_args(info.func == Func::Undef)?;
        if args.len() > 1 {
            self.error_near(&format!("Too many arguments for {}", func_desc(info.func)))?;
        }
        if args.is_empty() {
            match info.func {
                Func::Defined => args.push(self.topic(line)),
                Func::Undef => return Ok(self.func(Func::Undef, args, parens, line)),
                _ => {
                    self.error_near(&format!("Not enough arguments for {}", func_desc(info.func)))?;
                    return Ok(mk(line, ExprKind::Error));
                }
            }
        }
        let arg = args.remove(0);
        let mut arg = super::control::unwrap_parens(arg);
        let arg = match arg.take() {
            ExprKind::Call(c) if c.amp && c.inherit_args => c.callee,
            kind => mk(arg.line, kind),
        };
        self.check_place(info.func, &arg)?;
        Ok(self.func(info.func, vec![arg], parens, line))
    }

    fn check_place(&mut self, func: Func, arg: &Expr) -> PResult {
        let sigil = match &arg.kind {
            ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => {
                Some(*sigil)
            }
            _ => None,
        };
        let elem = matches!(arg.kind, ExprKind::Elem { .. } | ExprKind::HElem { .. });
        match func {
            Func::Undef
                if matches!(arg.kind, ExprKind::Bareword(_) | ExprKind::Str(_) | ExprKind::Int(_)) =>
            {
                self.error_near("Can't modify constant item in undef operator")
            }
            Func::Defined => match sigil {
                Some(Sigil::Array) => {
                    self.fatal("Can't use 'defined(@array)' (Maybe you should just omit the defined()?)")
                }
                Some(Sigil::Hash) => {
                    self.fatal("Can't use 'defined(%hash)' (Maybe you should just omit the defined()?)")
                }
                _ => Ok(()),
            },
            Func::Exists => {
                if elem || sigil == Some(Sigil::Code) || matches!(arg.kind, ExprKind::Call(_)) {
                    if let ExprKind::Call(_) = arg.kind {
                        return self.fatal("exists argument is not a subroutine name");
                    }
                    return Ok(());
                }
                self.fatal("exists argument is not a HASH or ARRAY element or a subroutine")
            }
            Func::Delete => {
                let inner = if let ExprKind::Local(e) = &arg.kind { e } else { arg };
                match &inner.kind {
                    ExprKind::Elem { .. }
                    | ExprKind::HElem { .. }
                    | ExprKind::Slice { .. }
                    | ExprKind::HSlice { .. }
                    | ExprKind::KvSlice { .. }
                    | ExprKind::KvHSlice { .. } => Ok(()),
                    _ => self.fatal("delete argument is not a HASH or ARRAY element or slice"),
                }
            }
            _ => Ok(()),
        }
    }

    /// `-X`; the position is after the letter.
    pub(crate) fn file_test(&mut self, op: u8, line: u32) -> PResult<Expr> {
        self.lint_ambiguous_unary(self.lx.pos - 2)?;
        self.lx.token_start();
        let operand = if self.at_unary_end(true) {
            None
        } else if self.lone_underscore() {
            // The last stat, even where a sub `_` exists.
            self.lx.pos += 1;
            Some(mk(line, ExprKind::Pkg { sigil: Sigil::Glob, name: "main::_".into() }))
        } else {
            Some(self.prec(prec::UNI + 1)?)
        };
        // `-f()` is `-f`.
        let empty = |e: &Expr| matches!(&e.kind, ExprKind::List { items, .. } if items.is_empty());
        let operand = match operand.filter(|e| !empty(e)) {
            Some(e) => self.bareword_to_glob(super::control::unwrap_parens(e)),
            None if op == b't' => mk(line, ExprKind::Pkg { sigil: Sigil::Glob, name: "main::STDIN".into() }),
            None => self.topic(line),
        };
        Ok(mk(line, ExprKind::FileTest { op, operand: bx(operand) }))
    }

    /// At the word `_`, which no arrow or comma makes something else.
    fn lone_underscore(&mut self) -> bool {
        self.skip_space_quietly();
        self.peek_word().as_deref() == Some("_") && !self.fat_comma_ahead(self.lx.pos + 1)
    }

    fn split_op(&mut self, line: u32) -> PResult<Expr> {
        let (mut args, parens) = self.plain_args()?;
        if args.is_empty() {
            args.push(mk(line, ExprKind::Str(PStr::text(" "))));
        }
        if args.len() > 3 {
            self.error_near("Too many arguments for split")?;
        }
        // The pattern: a literal match, the string " ", or an expression compiled at run time.
        let first = super::control::unwrap_parens(args.remove(0));
        let blank = matches!(&first.kind, ExprKind::Str(s) if &*s.bytes == b" ");
        let first = match &first.kind {
            ExprKind::Match(m) if m.target.is_none() => {
                if matches!(&m.pat, MatchPat::Literal(p) if p.mods.g) {
                    self.warn(warn::REGEXP, "Use of /g modifier is meaningless in split")?;
                }
                first
            }
            _ if blank => first,
            _ => self.expr_pattern(first),
        };
        args.insert(0, first);
        if args.len() == 1 {
            args.push(self.topic(line));
        }
        Ok(self.func(Func::Split, args, parens, line))
    }

    /// `map`, `grep`, `any`, `all`
    fn map_op(&mut self, func: Func, line: u32) -> PResult<Expr> {
        self.lx.skip_space();
        let parens = self.lx.cur() == b'(';
        if parens {
            self.lx.pos += 1;
            self.lx.skip_space();
        }
        let block_only = matches!(func, Func::Any | Func::All);
        if block_only {
            let (cat, what) = if func == Func::Any {
                (warn::EXPERIMENTAL_KEYWORD_ANY, "any is experimental")
            } else {
                (warn::EXPERIMENTAL_KEYWORD_ALL, "all is experimental")
            };
            self.warn_default(cat, what)?;
        }
        let (body, args) = if self.lx.cur() == b'{' && (block_only || !self.brace_is_hash()) {
            if !block_only {
                self.hash_in_block();
            }
            let block = self.block()?;
            // A comma after the block is a syntax error in perl, too.
            let args = if self.at_list_end() { Vec::new() } else { flatten(self.prec(prec::COMMA)?) };
            (MapBody::Block(block), args)
        } else {
            if self.at_list_end() {
                self.error_near(&format!("Not enough arguments for {}", func.name()))?;
                return Ok(mk(line, ExprKind::Error));
            }
            let first = self.assign_expr()?;
            if !self.comma() {
                // `grep $x (…)`
                if self.next_is(b'(') && matches!(first.kind, ExprKind::Lex { .. } | ExprKind::Pkg { .. }) {
                    let text = format!("Missing comma after first argument to {} function", func.name());
                    self.error_near(&text)?;
                    return Ok(mk(line, ExprKind::Error));
                }
                return self.syntax_error();
            }
            let args = if self.at_list_end() { Vec::new() } else { flatten(self.prec(prec::COMMA)?) };
            (MapBody::Expr(first), args)
        };
        if parens {
            self.expect(b')')?;
        }
        Ok(mk(line, ExprKind::MapGrep(Box::new(MapOp { func, body, args }))))
    }
}

/// A parenthesised list that is the only argument is the argument list; so is `my (…)`.
fn spread_sole_list(mut args: Vec<Expr>) -> Vec<Expr> {
    if args.len() != 1 {
        return args;
    }
    let Some(mut arg) = args.pop() else { return args };
    match arg.take() {
        ExprKind::List { items, parens: true } => items,
        ExprKind::My(d) if d.parens && d.vars.len() > 1 => {
            let one = |v| MyDecl {
                kind: d.kind,
                parens: false,
                vars: vec![v],
                class: None,
                attrs: d.attrs.clone(),
            };
            d.vars.iter().map(|v| mk(arg.line, ExprKind::My(Box::new(one(v.clone()))))).collect()
        }
        kind => vec![mk(arg.line, kind)],
    }
}

/// Least and greatest number of arguments of a builtin's prototype.
fn arity(proto: &str) -> (usize, Option<usize>) {
    let (mut min, mut max) = (0, 0);
    let mut optional = false;
    let mut slurpy = false;
    let mut chars = proto.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => {
                optional = true;
                continue;
            }
            '@' | '%' => {
                slurpy = true;
                continue;
            }
            '_' => optional = true,
            '\\' => {
                // One sigil, or a set of them up to the bracket.
                let group = chars.next() == Some('[');
                while group && chars.next().is_some_and(|c| c != ']') {}
            }
            _ => {}
        }
        max += 1;
        if !optional {
            min += 1;
        }
    }
    (min, if slurpy { None } else { Some(max) })
}
