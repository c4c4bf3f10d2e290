//! What in void context does nothing: the words of "Useless use of … in void context".
use super::control::unwrap_parens;
use super::*;
use keshi_text::quote;

/// As many columns of a constant are shown.
const SHOWN: usize = 32;

/// A constant, or what perl would have folded to one.
enum Folded {
    Undef,
    Number(String, f64),
    Text(PStr),
}

impl Folded {
    fn text(&self) -> Option<PStr> {
        Some(match self {
            Folded::Undef => return None,
            Folded::Number(s, _) => PStr::text(s),
            Folded::Text(s) => s.clone(),
        })
    }
}

fn number(n: f64) -> Folded {
    Folded::Number(String::from_utf8_lossy(&keshi_text::num::nv_string(n)).into_owned(), n)
}

fn constant(e: &Expr) -> Option<Folded> {
    keshi_memory::deeper(|| folded(e))
}

fn folded(e: &Expr) -> Option<Folded> {
    use ExprKind as K;
    let sum = |a: &Expr, b: &Expr, f: fn(f64, f64) -> f64| match (constant(a)?, constant(b)?) {
        (Folded::Number(_, x), Folded::Number(_, y)) => Some(number(f(x, y))),
        _ => None,
    };
    Some(match &e.kind {
        K::Int(i) => Folded::Number(i.to_string(), *i as f64),
        K::Num(n) => number(*n),
        K::Str(s) | K::Bareword(s) => Folded::Text(s.clone()),
        K::Interp(v) if v.is_empty() => Folded::Text(PStr::text("")),
        K::Binary(BinOp::Add, a, b) => sum(a, b, |x, y| x + y)?,
        K::Binary(BinOp::Sub, a, b) => sum(a, b, |x, y| x - y)?,
        K::Binary(BinOp::Mul, a, b) => sum(a, b, |x, y| x * y)?,
        K::Binary(BinOp::Concat, a, b) => {
            let (x, y) = (constant(a)?.text()?, constant(b)?.text()?);
            Folded::Text(PStr::text(&format!("{}{}", x.to_text(), y.to_text())))
        }
        K::Repeat(a, n) if !matches!(a.kind, K::List { .. }) => match constant(n)? {
            Folded::Number(_, n) if (0.0..100.0).contains(&n) => {
                Folded::Text(PStr::text(&constant(a)?.text()?.to_text().repeat(n as usize)))
            }
            _ => return None,
        },
        K::HostConst(_) => Folded::Undef,
        _ => return None,
    })
}

fn useless_constant(v: &Folded) -> Option<String> {
    Some(match v {
        Folded::Undef => "a constant (undef)".into(),
        Folded::Number(_, n) if *n == 0.0 || *n == 1.0 => return None,
        Folded::Number(s, _) => format!("a constant ({s})"),
        Folded::Text(s) if matches!(&*s.bytes, b"di" | b"ds" | b"ig" | b"0" | b"1") => return None,
        Folded::Text(s) => format!("a constant ({})", quote::display(&s.bytes, s.utf8, SHOWN)),
    })
}

/// perl's words for an expression whose value is lost.
pub(crate) fn useless(e: &Expr) -> Option<String> {
    use ExprKind as K;
    Some(match &e.kind {
        K::Subst(s) if s.pat.mods.r => "non-destructive substitution (s///r)".into(),
        K::Trans(t) if t.keep => "non-destructive transliteration (tr///r)".into(),
        _ if let Some(v) = constant(e) => return useless_constant(&v),
        K::Lex { sigil, .. } => match sigil {
            Sigil::Scalar => "private variable".into(),
            Sigil::Array => "private array".into(),
            Sigil::Hash => "private hash".into(),
            _ => return None,
        },
        K::Pkg { sigil: Sigil::Scalar | Sigil::Array | Sigil::Hash | Sigil::Glob, .. }
        | K::Deref { sigil: Sigil::Scalar | Sigil::Array | Sigil::Hash | Sigil::Glob, .. } => {
            "a variable".into()
        }
        K::Binary(b, ..) if *b != BinOp::LogXor => lvalue::binop_desc(*b).into(),
        K::Repeat(..) => "repeat (x)".into(),
        K::Interp(p) if p.len() > 1 => "concatenation (.) or string".into(),
        K::Interp(_) => "string".into(),
        K::Unary(UnOp::Neg, _) => "negation (-)".into(),
        K::Unary(UnOp::BitNot, _) => "1's complement (~)".into(),
        K::Not(inner) => match &unwrap_parens((**inner).clone()).kind {
            K::Match(_) | K::Subst(_) | K::Trans(_) => return None,
            _ => "not".into(),
        },
        K::AnonSub(_) => "anonymous subroutine".into(),
        K::AnonArray(_) => "anonymous array ([])".into(),
        K::AnonHash(_) => "anonymous hash ({})".into(),
        K::Elem { .. } => "array element".into(),
        K::HElem { .. } => "hash element".into(),
        K::Slice { .. } => "array slice".into(),
        K::HSlice { .. } => "hash slice".into(),
        K::KvSlice { .. } => "index/value array slice".into(),
        K::KvHSlice { .. } => "key/value hash slice".into(),
        K::Ref(e) if matches!(e.kind, K::List { .. }) => "reference constructor".into(),
        K::Ref(_) => "single ref constructor".into(),
        K::Sort(_) => "sort".into(),
        K::ListSlice { .. } => "list slice".into(),
        K::CurSub => "__SUB__".into(),
        K::SmartMatch(..) => "smart match".into(),
        K::ChainCmp { rest, .. } if rest.len() > 1 => "comparison chaining".into(),
        K::Range { .. } => "range (or flop)".into(),
        K::Func { func, args, .. } => {
            let f = *func;
            let pure = matches!(
                f,
                Func::Length
                    | Func::Index
                    | Func::Rindex
                    | Func::Sprintf
                    | Func::Ord
                    | Func::Chr
                    | Func::Lc
                    | Func::Uc
                    | Func::Lcfirst
                    | Func::Ucfirst
                    | Func::Quotemeta
                    | Func::Join
                    | Func::Abs
                    | Func::Hex
                    | Func::Oct
                    | Func::Int
                    | Func::Sin
                    | Func::Cos
                    | Func::Exp
                    | Func::Log
                    | Func::Sqrt
                    | Func::Atan2
                    | Func::Ref
                    | Func::Defined
                    | Func::Unpack
                    | Func::Pack
                    | Func::Reverse
                    | Func::Wantarray
                    | Func::Values
                    | Func::Caller
                    | Func::Fileno
                    | Func::Tell
                    | Func::Time
                    | Func::Localtime
                    | Func::Gmtime
                    | Func::Prototype
                    | Func::Fc
                    | Func::Exists
                    | Func::Telldir
                    | Func::Getppid
                    | Func::Getpgrp
                    | Func::Times
                    | Func::Getpriority
                    | Func::Getlogin
                    | Func::Getsockname
                    | Func::Getpeername
                    | Func::Gethostbyname
                    | Func::Gethostbyaddr
                    | Func::Gethostent
                    | Func::Getnetbyname
                    | Func::Getnetbyaddr
                    | Func::Getnetent
                    | Func::Getprotobyname
                    | Func::Getprotobynumber
                    | Func::Getprotoent
                    | Func::Getservbyname
                    | Func::Getservbyport
                    | Func::Getservent
                    | Func::Getpwnam
                    | Func::Getpwuid
                    | Func::Getgrnam
                    | Func::Getgrgid
                    | Func::Vec
                    | Func::Readlink
                    | Func::Split
                    | Func::Eof
            ) || f == Func::Substr && args.len() < 4;
            if !pure {
                return None;
            }
            lvalue::func_desc(f).into()
        }
        _ => return None,
    })
}
