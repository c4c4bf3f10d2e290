//! `&CORE::name`: builtins as subs.
//!
//! Such a sub is Perl text made from the builtin's prototype, compiled when the symbol is first looked up: it
//! counts its arguments, checks the references, and calls the builtin. Its chunk has no positions, so that what
//! happens in it happens where it is called (`die`, warnings, `caller`, pragmas asked at run time).

use keshi_frontend::core_prototype;
use std::fmt::Write;

/// Builtins that have no prototype, or none that says how to call them, and may not be called as subs.
const UNCALLABLE: &[&str] = &[
    "chomp", "chop", "defined", "delete", "eof", "exec", "exists", "lstat", "split", "stat", "system",
    "truncate", "unlink",
];

/// Words with a prototype that are no subs.
const NO_SUB: &[&str] = &["do", "dump"];

/// Names of the operations in messages about the number of arguments, where it is not the builtin's.
fn described(name: &str) -> &str {
    match name {
        "evalbytes" => "eval \"string\"",
        "join" => "join or string",
        "pos" => "match position",
        "prototype" => "subroutine prototype",
        "readline" => "<HANDLE>",
        "readpipe" => "quoted execution (``, qx)",
        "reset" => "symbol reset",
        "ref" => "reference-type operator",
        "undef" => "undef operator",
        "select" => "select system call",
        n => n,
    }
}

/// One parameter of a prototype.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Param<'p> {
    Scalar,
    /// `_`: `$_` if missing.
    Topic,
    List,
    /// `\@`, `\[$@%*]`: the kinds of reference allowed.
    Ref(&'p str),
}

/// Parameters, and how many must be there.
fn params(proto: &str) -> (Vec<Param<'_>>, usize) {
    let mut out = Vec::new();
    let mut required = None;
    let mut rest = proto;
    while let Some(c) = rest.chars().next() {
        let mut n = 1;
        match c {
            ';' => required = required.or(Some(out.len())),
            '@' => {
                required = required.or(Some(out.len()));
                out.push(Param::List);
            }
            '_' => {
                required = required.or(Some(out.len()));
                out.push(Param::Topic);
            }
            '\\' => {
                let kinds = match rest[1..].strip_prefix('[') {
                    Some(set) => {
                        let end = set.find(']').unwrap_or(set.len());
                        n = end + 3;
                        &set[..end]
                    }
                    None => {
                        n = 2;
                        &rest[1..2]
                    }
                };
                out.push(Param::Ref(kinds));
            }
            _ => out.push(Param::Scalar),
        }
        rest = &rest[n.min(rest.len())..];
    }
    let all = out.len();
    (out, required.unwrap_or(all))
}

/// What an argument must be, as the message says it, and the `reftype`s that are.
fn wanted(kinds: &str) -> (String, String) {
    let scalar = "SCALAR|REF|LVALUE|VSTRING|REGEXP|GLOB";
    let what = match kinds {
        "@" => "array reference".into(),
        "%" => "hash reference".into(),
        "$" | "$*" => "scalar reference".into(),
        "%@" => "hash or array reference".into(),
        k => format!("reference to one of [{k}]"),
    };
    let types: Vec<&str> = kinds
        .chars()
        .map(|c| match c {
            '@' => "ARRAY",
            '%' => "HASH",
            '&' => "CODE",
            '*' => "GLOB",
            _ => scalar,
        })
        .collect();
    (what, types.join("|"))
}

/// The argument list of a call with `n` arguments.
fn arguments(params: &[Param], n: usize, sigil: &str) -> String {
    let mut v: Vec<String> = Vec::new();
    for (i, p) in params.iter().enumerate() {
        v.push(match p {
            Param::List if i == 0 => "@_".into(),
            Param::List => format!("@_[{i}..$#_]"),
            Param::Topic if i >= n => "$_".into(),
            _ if i >= n => break,
            Param::Ref(_) => format!("{sigil}{{$_[{i}]}}"),
            _ => format!("$_[{i}]"),
        });
    }
    v.join(",")
}

/// One call by the number of arguments.
fn calls(name: &str, params: &[Param], least: usize, sigil: &str) -> String {
    let most = params.iter().filter(|p| **p != Param::List).count();
    let mut out = String::new();
    for n in least..most {
        let _ = write!(out, "@_ == {n} ? CORE::{name}({}) : ", arguments(params, n, sigil));
    }
    // A list at the end takes what is there.
    let _ = write!(out, "CORE::{name}({})", arguments(params, most, sigil));
    out
}

/// The calls of a builtin whose first argument may be one of several kinds of reference.
fn by_kind(name: &str, kinds: &str, params: &[Param], least: usize) -> String {
    let mut out = String::new();
    for c in kinds.chars().filter(|c| *c != '$') {
        let (_, types) = wanted(&c.to_string());
        let mut call = calls(name, params, least.max(1), &c.to_string());
        if c == '&' && name != "undef" {
            call = "$_[0]".into();
        }
        let _ = write!(out, "$t eq '{types}' ? ({call}) : ");
    }
    let scalar =
        if kinds.contains('$') { calls(name, params, least.max(1), "$") } else { "CORE::undef".into() };
    format!("{out}({scalar})")
}

/// The statement that gives the value.
fn body(name: &str, params: &[Param], least: usize) -> String {
    match name {
        "wantarray" => "(CORE::caller(1))[5]".into(),
        "__PACKAGE__" => "(CORE::caller(0))[0]".into(),
        "__FILE__" => "(CORE::caller(0))[1]".into(),
        "__LINE__" => "(CORE::caller(0))[2]".into(),
        "caller" => {
            "@_ ? CORE::caller($_[0] + 1) : CORE::wantarray ? (CORE::caller(1))[0..2] : CORE::caller(1)"
                .into()
        }
        "bless" => {
            "@_ == 1 ? CORE::bless($_[0], CORE::scalar CORE::caller(0)) : CORE::bless($_[0], $_[1])".into()
        }
        "not" => "!$_[0]".into(),
        "scalar" => "$_[0]".into(),
        "lock" => "$_[0]".into(),
        "select" => "@_ == 0 ? CORE::select() : @_ == 1 ? CORE::select($_[0]) \
                     : CORE::select($_[0], $_[1], $_[2], $_[3])"
            .into(),
        "pop" | "shift" => format!("@_ ? CORE::{name}(@{{$_[0]}}) : CORE::{name}(@ARGV)"),
        "time" | "times" | "wait" | "fork" | "getppid" | "break" | "continue" | "__SUB__" | "__CLASS__" => {
            format!("CORE::{name}")
        }
        "open" => "@_ == 1 ? CORE::open($_[0]) : @_ == 2 ? CORE::open($_[0], $_[1]) \
                   : CORE::open($_[0], $_[1], @_[2..$#_])"
            .into(),
        _ => match params.first() {
            Some(Param::Ref(kinds)) if kinds.len() > 1 => {
                let call = by_kind(name, kinds, params, least);
                let none = if least == 0 { format!("@_ == 0 ? CORE::{name}() : ") } else { String::new() };
                format!("my $t = builtin::reftype($_[0] // '') // ''; {none}{call}")
            }
            Some(Param::Ref(sigil)) => calls(name, params, least, sigil),
            _ => {
                // Buffers are passed by reference to a scalar.
                calls(name, params, least, "$")
            }
        },
    }
}

/// The text of the sub, and its prototype. `None`: there is no such sub.
pub fn source(name: &str) -> Option<(String, Option<String>)> {
    if NO_SUB.contains(&name) {
        return None;
    }
    let proto = core_prototype(name)?;
    if UNCALLABLE.contains(&name) {
        let text = format!("sub {{ CORE::die('&CORE::{name} cannot be called directly') }}");
        return Some((text, proto));
    }
    if name == "select" {
        let text = format!(
            "sub {{ @_ > 4 and CORE::die('Too many arguments for select system call'); \
             @_ == 2 || @_ == 3 and CORE::die('Not enough arguments for select system call'); {} }}",
            body(name, &[], 0)
        );
        return Some((text, proto));
    }
    let p = proto.clone()?;
    let (params, least) = params(&p);
    let what = described(name).replace('\'', "\\'");
    let mut checks = String::new();
    if least > 0 {
        let _ = write!(checks, "@_ < {least} and CORE::die('Not enough arguments for {what}'); ");
    }
    if !params.contains(&Param::List) {
        let most = params.len();
        let _ = write!(checks, "@_ > {most} and CORE::die('Too many arguments for {what}'); ");
    }
    for (i, x) in params.iter().enumerate() {
        if let Param::Ref(kinds) = x {
            let (must, types) = wanted(kinds);
            let n = i + 1;
            let _ = write!(
                checks,
                "@_ > {i} and (builtin::reftype($_[{i}] // '') // '') !~ /^(?:{types})\\z/ \
                 and CORE::die('Type of arg {n} to &CORE::{name} must be {must}'); "
            );
        }
    }
    let lvalue = if matches!(name, "keys" | "pos" | "substr" | "undef" | "vec") { ": lvalue " } else { "" };
    Some((format!("sub {lvalue}{{ {checks}{} }}", body(name, &params, least)), proto))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prototypes_are_read() {
        assert_eq!(params("$$;$"), (vec![Param::Scalar; 3], 2));
        assert_eq!(params("_"), (vec![Param::Topic], 0));
        assert_eq!(params("\\[$@%*]$@"), (vec![Param::Ref("$@%*"), Param::Scalar, Param::List], 2));
        assert_eq!(params(";\\@"), (vec![Param::Ref("@")], 0));
    }

    #[test]
    fn texts() {
        let text = |n| source(n).map(|s| s.0).unwrap_or_default();
        assert!(text("lc").contains("@_ == 0 ? CORE::lc($_) : CORE::lc($_[0])"));
        assert!(text("push").contains("CORE::push(@{$_[0]},@_[1..$#_])"));
        assert!(text("chomp").contains("cannot be called directly"));
        assert!(source("if").is_none());
    }
}
