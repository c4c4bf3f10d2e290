//! Prototypes of user subs, applied to their arguments.
use super::expr::{bx, mk, prec};
use super::term::flatten;
use super::*;

/// One item of a prototype.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Scalar,
    Underscore,
    List,
    Glob,
    Code,
    Plus,
    /// `\X` or `\[XYZ]`: the sigils allowed, a group with its brackets.
    Ref(String),
}

/// Items and the number of required ones.
fn parse_proto(p: &str) -> (Vec<Item>, usize) {
    let mut items = Vec::new();
    let mut required = None;
    let mut chars = p.chars().peekable();
    while let Some(c) = chars.next() {
        let item = match c {
            ';' => {
                required.get_or_insert(items.len());
                continue;
            }
            '$' => Item::Scalar,
            // After a semicolon, `_` is a plain optional scalar.
            '_' if required.is_some() => Item::Scalar,
            '_' => {
                required = Some(items.len());
                Item::Underscore
            }
            '@' | '%' => {
                required.get_or_insert(items.len());
                Item::List
            }
            '*' => Item::Glob,
            '&' => Item::Code,
            '+' => Item::Plus,
            '\\' => match chars.next() {
                Some('[') => {
                    let group: String = chars.by_ref().take_while(|&c| c != ']').collect();
                    Item::Ref(format!("[{group}]"))
                }
                Some(c) => Item::Ref(c.to_string()),
                None => break,
            },
            _ => continue,
        };
        items.push(item);
    }
    let n = items.len();
    (items, required.unwrap_or(n))
}

impl Parser<'_> {
    /// Parses and shapes the arguments of a sub with a prototype.
    pub(crate) fn args_by_proto(&mut self, name: &str, proto: &str) -> PResult<Vec<Expr>> {
        if let Some(i) = proto.find('_')
            && proto[i + 1..].starts_with(|c| !matches!(c, ';' | '@' | '%'))
            && !proto[..i].contains([';', '@', '%', '['])
        {
            return self.fatal(&format!("Malformed prototype for {name}: {proto}"));
        }
        let (items, required) = parse_proto(proto);
        let save = self.lx.pos;
        self.lx.skip_space();
        let parens = self.lx.cur() == b'(';
        if items.is_empty() && !parens {
            self.lx.pos = save;
            return Ok(Vec::new());
        }
        // A trailing semicolon makes a list operator of what would be a unary one.
        let unary = items.len() == 1 && !matches!(items[0], Item::List | Item::Code) && !proto.ends_with(';');
        let args = if parens {
            self.lx.pos += 1;
            self.list_until(b')')?
        } else if unary {
            if self.at_unary_end(false) {
                self.lx.pos = save;
                Vec::new()
            } else {
                vec![self.prec(prec::UNI + 1)?]
            }
        } else if items[0] == Item::Code && self.lx.cur() == b'{' {
            self.block_first_args()?
        } else if self.at_list_end() {
            self.lx.pos = save;
            Vec::new()
        } else {
            flatten(self.prec(prec::COMMA)?)
        };
        self.shape_args(name, &items, required, args)
    }

    /// `foo {…} LIST`: the block is the first argument.
    fn block_first_args(&mut self) -> PResult<Vec<Expr>> {
        let mut args = vec![self.block_sub()?];
        self.comma();
        if !self.at_list_end() {
            args.extend(flatten(self.prec(prec::COMMA)?));
        }
        Ok(args)
    }

    fn shape_args(
        &mut self,
        name: &str,
        items: &[Item],
        required: usize,
        args: Vec<Expr>,
    ) -> PResult<Vec<Expr>> {
        let slurpy = items.contains(&Item::List);
        if args.len() > items.len() && !slurpy {
            self.error_near(&format!("Too many arguments for {name}"))?;
            return Ok(args);
        }
        let given = args.len();
        let mut out = Vec::with_capacity(args.len());
        for (i, arg) in args.into_iter().enumerate() {
            let shaped = match items.get(i) {
                None | Some(Item::List) => arg,
                Some(Item::Scalar | Item::Underscore) => self.scalar_arg(arg),
                Some(Item::Glob) => self.glob_arg(arg),
                Some(Item::Code) => self.code_arg(i + 1, name, arg)?,
                Some(Item::Plus) => match sigil_of(&arg) {
                    Some('@' | '%') => self.ref_arg(arg)?,
                    _ => self.scalar_arg(arg),
                },
                Some(Item::Ref(allowed)) => self.by_reference(i + 1, name, allowed, arg)?,
            };
            out.push(shaped);
        }
        if given < required {
            self.error_near(&format!("Not enough arguments for {name}"))?;
            return Ok(out);
        }
        if items.get(given) == Some(&Item::Underscore) {
            let line = self.line();
            out.push(self.topic(line));
        }
        Ok(out)
    }

    fn glob_arg(&mut self, arg: Expr) -> Expr {
        match arg.kind {
            ExprKind::Bareword(_) => self.bareword_to_str(arg),
            // A glob arrives as a reference to it.
            ExprKind::Pkg { sigil: Sigil::Glob, .. } | ExprKind::Deref { sigil: Sigil::Glob, .. } => {
                mk(arg.line, ExprKind::Ref(bx(arg)))
            }
            _ => self.scalar_arg(arg),
        }
    }

    fn ref_arg(&mut self, arg: Expr) -> PResult<Expr> {
        let line = arg.line;
        let arg = self.referenced(arg)?;
        Ok(mk(line, ExprKind::Ref(bx(arg))))
    }

    fn code_arg(&mut self, n: usize, name: &str, arg: Expr) -> PResult<Expr> {
        let fine = match &arg.kind {
            ExprKind::AnonSub(_) => true,
            ExprKind::Ref(e) => match &sole(e).kind {
                ExprKind::Pkg { sigil, .. } | ExprKind::Lex { sigil, .. } | ExprKind::Deref { sigil, .. } => {
                    *sigil == Sigil::Code
                }
                _ => false,
            },
            ExprKind::Func { func: Func::Undef, args, .. } => args.is_empty(),
            // Anything else is only allowed after the first argument.
            _ => n > 1,
        };
        if !fine {
            let what = if n == 1 { "block or sub {}" } else { "sub {}" };
            self.bad_type(n, name, what, &arg)?;
        }
        Ok(arg)
    }

    fn by_reference(&mut self, n: usize, name: &str, allowed: &str, mut arg: Expr) -> PResult<Expr> {
        let sigil = sigil_of(&arg);
        let arg = match arg.take() {
            ExprKind::Call(c) if allowed.contains('&') && c.amp && c.inherit_args => c.callee,
            ExprKind::List { mut items, parens: true } if items.len() == 1 => items.remove(0),
            kind => mk(arg.line, kind),
        };
        let sigil = sigil.or_else(|| sigil_of(&arg));
        let code = matches!(
            &arg.kind,
            ExprKind::Pkg { sigil: Sigil::Code, .. }
                | ExprKind::Lex { sigil: Sigil::Code, .. }
                | ExprKind::Deref { sigil: Sigil::Code, .. }
        );
        let fine = code && allowed.contains('&') || sigil.is_some_and(|s| allowed.contains(s));
        if !fine {
            let what = if allowed.starts_with('[') {
                format!("one of {allowed}")
            } else {
                match allowed {
                    "@" => "array",
                    "%" => "hash",
                    "$" => "scalar",
                    "&" => "subroutine",
                    _ => "symbol",
                }
                .to_string()
            };
            self.bad_type(n, name, &what, &arg)?;
        }
        self.ref_arg(arg)
    }

    pub(crate) fn bad_type(&mut self, n: usize, name: &str, want: &str, arg: &Expr) -> PResult {
        let got = describe(arg);
        self.error_near(&format!("Type of arg {n} to {name} must be {want} (not {got})"))
    }
}

/// The member of a one-member list, or the expression itself.
fn sole(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::List { items, parens: true } if items.len() == 1 => &items[0],
        _ => e,
    }
}

/// The sigil an expression would be referenced as.
#[keshi_memory::deep]
pub(crate) fn sigil_of(e: &Expr) -> Option<char> {
    Some(match &e.kind {
        ExprKind::Lex { sigil, .. } | ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => {
            sigil.ch()
        }
        ExprKind::My(d) if d.vars.len() == 1 && !d.parens => match &d.vars[0] {
            MyVar::Lex { sigil, .. } | MyVar::Our { sigil, .. } => sigil.ch(),
            MyVar::Undef => return None,
        },
        ExprKind::Local(e) => return sigil_of(e),
        ExprKind::Elem { .. } | ExprKind::HElem { .. } | ExprKind::Assign(..) | ExprKind::ArrayLast(_) => '$',
        ExprKind::Func { func: Func::Substr | Func::Pos | Func::Vec, .. } => '$',
        ExprKind::Call(c) if c.amp && c.inherit_args => '&',
        ExprKind::Method(_) | ExprKind::Call(_) => return None,
        _ => return None,
    })
}

/// perl's description of an expression's op, for "must be … (not …)".
pub(crate) fn describe(e: &Expr) -> &'static str {
    match &e.kind {
        ExprKind::Lex { sigil, .. } => match sigil {
            Sigil::Scalar => "private variable",
            Sigil::Array => "private array",
            Sigil::Hash => "private hash",
            _ => "private subroutine",
        },
        ExprKind::Pkg { sigil, .. } | ExprKind::Deref { sigil, .. } => match sigil {
            Sigil::Scalar => "scalar dereference",
            Sigil::Array => "array dereference",
            Sigil::Hash => "hash dereference",
            Sigil::Code => "subroutine dereference",
            Sigil::Glob => "ref-to-glob cast",
        },
        ExprKind::Elem { .. } => "array element",
        ExprKind::HElem { .. } => "hash element",
        ExprKind::Slice { .. } => "array slice",
        ExprKind::HSlice { .. } => "hash slice",
        ExprKind::KvSlice { .. } => "index/value array slice",
        ExprKind::KvHSlice { .. } => "key/value hash slice",
        ExprKind::Call(_) | ExprKind::Method(_) => "subroutine entry",
        ExprKind::AnonSub(_) => "anonymous subroutine",
        ExprKind::AnonArray(_) => "anonymous array ([])",
        ExprKind::AnonHash(_) => "anonymous hash ({})",
        ExprKind::Interp(_) => "string",
        ExprKind::Ref(_) => "single ref constructor",
        ExprKind::Match(_) => "pattern match (m//)",
        ExprKind::Func { func, .. } => lvalue::func_desc(*func),
        ExprKind::Binary(b, ..) => lvalue::binop_desc(*b),
        _ => "constant item",
    }
}
