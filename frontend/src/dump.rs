//! A readable dump of the tree, for `--dump=ast`: one node per line, children indented.
//!
//! The text comes from the nodes' `Debug` form, reduced to names and values; it is for people, its form is no
//! interface.
use crate::ast::*;
use std::fmt::Write;

/// The dump of a sub with its pad and body.
pub fn dump_sub(def: &SubDef) -> String {
    let mut out = String::new();
    let name = def.name.as_deref().unwrap_or("-");
    let _ = writeln!(out, "{:?} {name} ({}:{}, package {})", def.kind, def.file, def.line, def.package);
    for (i, e) in def.pad.entries.iter().enumerate() {
        let mut notes = Vec::new();
        if e.captured {
            notes.push("captured".to_string());
        }
        if e.ref_taken {
            notes.push("referenced".to_string());
        }
        if let Some(o) = e.outer {
            notes.push(format!("from outer {o}"));
        }
        let _ = writeln!(out, "  pad {i} {} {:?} {}", e.name, e.kind, notes.join(", "));
    }
    if let Some(b) = &def.body {
        block(&mut out, b, 1);
    }
    out
}

fn pad(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

fn block(out: &mut String, b: &Block, depth: usize) {
    for s in &b.stmts {
        pad(out, depth);
        let labels: String = s.labels.iter().map(|l| format!("{l}: ")).collect();
        let _ = write!(out, "{}: {labels}", s.cop.line);
        stmt(out, &s.kind, depth);
    }
}

fn stmt(out: &mut String, kind: &StmtKind, depth: usize) {
    match kind {
        StmtKind::Expr(e) => {
            expr(out, e, depth);
            out.push('\n');
        }
        StmtKind::If { arms, otherwise, .. } => {
            for (i, (c, b)) in arms.iter().enumerate() {
                if i > 0 {
                    pad(out, depth);
                }
                out.push_str(if i == 0 { "if " } else { "elsif " });
                expr(out, c, depth);
                out.push('\n');
                block(out, b, depth + 1);
            }
            if let Some(b) = otherwise {
                pad(out, depth);
                out.push_str("else\n");
                block(out, b, depth + 1);
            }
        }
        StmtKind::While(w) => {
            out.push_str(if w.do_first { "do-while " } else { "while " });
            if let Some(c) = &w.cond {
                expr(out, c, depth);
            }
            out.push('\n');
            block(out, &w.body, depth + 1);
        }
        StmtKind::Foreach(f) => {
            let _ = write!(out, "foreach {:?} ", f.var);
            expr(out, &f.list, depth);
            out.push('\n');
            block(out, &f.body, depth + 1);
        }
        StmtKind::CFor(f) => {
            out.push_str("for\n");
            for e in [&f.init, &f.cond, &f.step].into_iter().flatten() {
                pad(out, depth + 1);
                expr(out, e, depth + 1);
                out.push('\n');
            }
            block(out, &f.body, depth + 1);
        }
        StmtKind::Block { body, .. } => {
            out.push_str("block\n");
            block(out, body, depth + 1);
        }
        StmtKind::Package { name, body } => {
            let _ = writeln!(out, "package {name}");
            block(out, body, depth + 1);
        }
        other => {
            let _ = writeln!(out, "{other:?}");
        }
    }
}

/// The text of one expression.
pub fn dump_expr(e: &Expr) -> String {
    let mut out = String::new();
    expr(&mut out, e, 0);
    out
}

fn list(out: &mut String, head: &str, items: &[&Expr], depth: usize) {
    out.push('(');
    out.push_str(head);
    for i in items {
        out.push(' ');
        expr(out, i, depth);
    }
    out.push(')');
}

fn many(out: &mut String, head: &str, items: &[Expr], depth: usize) {
    let refs: Vec<&Expr> = items.iter().collect();
    list(out, head, &refs, depth);
}

fn in_block(out: &mut String, head: &str, b: &Block, depth: usize) {
    let _ = writeln!(out, "({head}");
    block(out, b, depth + 1);
    pad(out, depth);
    out.push(')');
}

#[keshi_memory::deep]
fn expr(out: &mut String, e: &Expr, depth: usize) {
    use ExprKind as K;
    match &e.kind {
        K::Int(i) => {
            let _ = write!(out, "{i}");
        }
        K::Uint(i) => {
            let _ = write!(out, "{i}");
        }
        K::Num(n) => {
            let _ = write!(out, "{n:?}");
        }
        K::Str(s) => {
            let _ = write!(out, "{s:?}");
        }
        K::Bareword(s) => {
            let _ = write!(out, "bareword:{}", s.to_text());
        }
        K::VString { value, .. } => {
            let _ = write!(out, "v{value:?}");
        }
        K::Interp(p) => many(out, "interp", p, depth),
        K::Join(a) => list(out, "join", &[a], depth),
        K::List { items, parens } => many(out, if *parens { "list()" } else { "list" }, items, depth),
        K::Lex { sigil, idx } => {
            let _ = write!(out, "{}#{idx}", sigil.ch());
        }
        K::Pkg { sigil, name } => {
            let _ = write!(out, "{}{}", sigil.ch(), name.escape_debug());
        }
        K::My(d) => {
            let _ = write!(out, "({:?}{}", d.kind, if d.parens { "()" } else { "" });
            for v in &d.vars {
                match v {
                    MyVar::Lex { sigil, idx, .. } => {
                        let _ = write!(out, " {}#{idx}", sigil.ch());
                    }
                    MyVar::Our { sigil, name, .. } => {
                        let _ = write!(out, " {}{name}", sigil.ch());
                    }
                    MyVar::Undef => out.push_str(" undef"),
                }
            }
            out.push(')');
        }
        K::Elem { array, index } => list(out, "elem", &[array, index], depth),
        K::HElem { hash, key } => list(out, "helem", &[hash, key], depth),
        K::Slice { array, index } => list(out, "slice", &[array, index], depth),
        K::HSlice { hash, keys } => list(out, "hslice", &[hash, keys], depth),
        K::KvSlice { array, index } => list(out, "kvslice", &[array, index], depth),
        K::KvHSlice { hash, keys } => list(out, "kvhslice", &[hash, keys], depth),
        K::ListSlice { list: l, index } => list(out, "lslice", &[l, index], depth),
        K::Deref { sigil, expr: e } => list(out, &format!("deref{}", sigil.ch()), &[e], depth),
        K::ArrayLast(a) => list(out, "$#", &[a], depth),
        K::GlobSlot { glob, slot } => list(out, "globslot", &[glob, slot], depth),
        K::Local(e) => list(out, "local", &[e], depth),
        K::Ref(e) => list(out, "ref", &[e], depth),
        K::Unary(op, e) => list(out, &format!("{op:?}"), &[e], depth),
        K::Binary(op, a, b) => list(out, &format!("{op:?}"), &[a, b], depth),
        K::Logical(op, a, b) => list(out, &format!("{op:?}"), &[a, b], depth),
        K::Not(e) => list(out, "not", &[e], depth),
        K::PreInc(e) => list(out, "++pre", &[e], depth),
        K::PreDec(e) => list(out, "--pre", &[e], depth),
        K::PostInc(e) => list(out, "post++", &[e], depth),
        K::PostDec(e) => list(out, "post--", &[e], depth),
        K::Assign(a, b) => list(out, "=", &[a, b], depth),
        K::OpAssign(op, a, b) => list(out, &format!("{op:?}="), &[a, b], depth),
        K::LogAssign(op, a, b) => list(out, &format!("{op:?}="), &[a, b], depth),
        K::RefAssign(a, b) => list(out, "alias=", &[a, b], depth),
        K::Cond(c, a, b) => list(out, "?:", &[c, a, b], depth),
        K::Range { from, to, .. } => list(out, "..", &[from, to], depth),
        K::Repeat(a, b) => list(out, "x", &[a, b], depth),
        K::ChainCmp { first, rest } => {
            out.push_str("(chain ");
            expr(out, first, depth);
            for (op, e) in rest {
                let _ = write!(out, " {op:?} ");
                expr(out, e, depth);
            }
            out.push(')');
        }
        K::SmartMatch(a, b) => list(out, "~~", &[a, b], depth),
        K::Isa(a, b) => list(out, "isa", &[a, b], depth),
        K::FileTest { op, operand } => list(out, &format!("-{}", *op as char), &[operand], depth),
        K::Backtick(e) => list(out, "backtick", &[e], depth),
        K::ReadLine { handle, .. } => list(out, "readline", &[handle], depth),
        K::Glob(e) => list(out, "glob", &[e], depth),
        K::Func { func, args, .. } => many(out, func.name(), args, depth),
        K::Print { func, handle, args } => {
            out.push('(');
            out.push_str(func.name());
            if let Some(h) = handle {
                out.push_str(" {");
                expr(out, h, depth);
                out.push('}');
            }
            for a in args {
                out.push(' ');
                expr(out, a, depth);
            }
            out.push(')');
        }
        K::Call(c) => {
            let head = match (c.amp, c.inherit_args) {
                (_, true) => "call&;",
                (true, _) => "call&",
                _ => "call",
            };
            let mut items = vec![&c.callee];
            items.extend(c.args.iter());
            list(out, head, &items, depth);
        }
        K::Method(m) => {
            let mut items = vec![&m.invocant];
            items.extend(m.args.iter());
            let head = match &m.name {
                MethodName::Plain(n) => format!("->{n}"),
                MethodName::Super { name, .. } => format!("->SUPER::{name}"),
                MethodName::Qualified { class, name, .. } => format!("->{class}::{name}"),
                MethodName::Dynamic(e) => format!("->{}", dump_expr(e)),
                MethodName::Lexical(e) => format!("->&{}", dump_expr(e)),
            };
            list(out, &head, &items, depth);
        }
        K::AnonArray(i) => many(out, "anonarray", i, depth),
        K::AnonHash(i) => many(out, "anonhash", i, depth),
        K::AnonSub(d) => {
            out.push_str("(sub\n");
            for l in dump_sub(d).lines() {
                pad(out, depth + 1);
                out.push_str(l);
                out.push('\n');
            }
            pad(out, depth);
            out.push(')');
        }
        K::DoBlock(b) => in_block(out, "do", b, depth),
        K::EvalBlock(b) => in_block(out, "eval", b, depth),
        K::MapGrep(m) => {
            match &m.body {
                MapBody::Block(b) => in_block(out, m.func.name(), b, depth),
                MapBody::Expr(e) => list(out, m.func.name(), &[e], depth),
            }
            many(out, "", &m.args, depth);
        }
        K::Sort(s) => {
            match &s.cmp {
                SortCmp::Default => {}
                SortCmp::Block(b) => in_block(out, "by", b, depth),
                SortCmp::Sub(e) => list(out, "by", &[e], depth),
            }
            many(out, "sort", &s.args, depth);
        }
        K::Match(m) => match (&m.target, &m.pat) {
            (t, MatchPat::Literal(p)) => pattern(out, "match", t.as_ref(), p, depth),
            (t, MatchPat::Expr(e)) => {
                let items: Vec<&Expr> = t.iter().chain(std::iter::once(e)).collect();
                list(out, "match", &items, depth);
            }
        },
        K::Subst(s) => {
            pattern(out, "subst", s.target.as_ref(), &s.pat, depth);
            list(out, "by", &[&s.repl], depth);
        }
        K::Qr(p) => pattern(out, "qr", None, p, depth),
        K::Return(Some(e)) => list(out, "return", &[e], depth),
        K::Require { arg, .. } => list(out, "require", &[arg], depth),
        other => {
            let _ = write!(out, "{other:?}");
        }
    }
}

fn pattern(out: &mut String, head: &str, target: Option<&Expr>, p: &Pattern, depth: usize) {
    let _ = write!(out, "({head}");
    if let Some(t) = target {
        out.push(' ');
        expr(out, t, depth);
    }
    for part in &p.parts {
        match part {
            PatPart::Lit(s) => {
                let _ = write!(out, " /{}/", s.to_text());
            }
            PatPart::Expr(e) => {
                out.push(' ');
                expr(out, e, depth);
            }
            PatPart::Code { text, .. } => {
                let _ = write!(out, " code{text:?}");
            }
        }
    }
    out.push(')');
}
