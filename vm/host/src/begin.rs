//! Code that runs while code is compiled: named subs come to life, phase blocks run or are queued.

use crate::cells;
use crate::compile::{Dumps, emit};
use crate::hints;
use crate::pragma;
use keshi_frontend::ast::*;
use keshi_frontend::host::{BeginCtx, HostError, HostResult};
use keshi_l1::chunk::CaptureSource;
use keshi_value::code::cvf;
use keshi_value::{Array, Body, Code, Format, Ptr, Val};
use keshi_vm::frame::FrameKind;
use keshi_vm::rt::caller::BeginPlace;
use keshi_vm::warn::cat;
use keshi_vm::{Exc, R, Vm, Want};
use std::rc::Rc;

/// An exception as the parser carries it. Boxed, because that is how every caller has it.
#[allow(clippy::boxed_local)]
pub fn host_error(vm: &mut Vm, e: Box<Exc>) -> HostError {
    match *e {
        Exc::Die(v) if !v.is_ref() => match hints::val_pstr(vm, &v) {
            Ok(s) => HostError::Message(s),
            Err(_) => HostError::Message(PStr::text("Died")),
        },
        Exc::Die(v) => HostError::Exception(hints::hold(vm, v)),
        other => {
            let text = vm.exc_text(&other);
            if let Exc::Exit(n) = other {
                vm.rtstate.exit_requested = Some(n);
                return HostError::Exception(hints::hold(vm, Val::undef()));
            }
            HostError::Message(PStr::new(text, false))
        }
    }
}

/// A code object for a definition, with its captures.
pub fn make_code(vm: &mut Vm, def: &SubDef, ctx: &BeginCtx<'_>, dumps: &Dumps) -> HostResult<Ptr<Code>> {
    vm.rtstate.subs_compiled += 1;
    let unit = emit(def, dumps).map_err(HostError::Message)?;
    let captures = cells::captures(vm, ctx.pads, def.pad.outer, &unit);
    let linked = vm.link(unit);
    Ok(vm.new_code(linked, captures))
}

/// Defines (or declares) a named sub.
pub fn define(vm: &mut Vm, def: &SubDef, ctx: &mut BeginCtx<'_>, dumps: &Dumps) -> HostResult {
    let name = def.name.clone().unwrap_or_else(|| "main::__ANON__".into());
    let utf8 = !name.is_ascii();
    let own = name.strip_prefix(&*def.package).and_then(|n| n.strip_prefix("::"));
    if own.is_some_and(|n| !n.contains("::")) && def.attrs.is_empty() && !def.lvalue && !def.method_attr {
        let proxied = match (&def.body, constant_value(def)) {
            (None, _) => vm.declare_proxy(name.as_bytes(), utf8, def.proto.as_ref().map(|p| &p.bytes[..])),
            (_, Some(v)) if &*def.package == "main" => vm.constant_proxy(name.as_bytes(), utf8, &v),
            _ => false,
        };
        if proxied {
            return Ok(());
        }
    }
    let g = vm.gv(name.as_bytes(), utf8);
    if def.body.is_none() {
        let code = match g.cv.get() {
            Some(c) => c.clone(),
            None => {
                let c = Code::new(Body::None);
                c.glob.set(Some(g.clone()));
                g.cv.set(Some(c.clone()));
                c
            }
        };
        let new = def.proto.as_ref().map(|p| Box::from(&p.bytes[..]));
        if code.is_defined() {
            prototype_mismatch(vm, &code, &new, def, ctx)?;
        }
        if new.is_some() && !code.is_defined() {
            code.prototype.set(new);
        }
        if def.lvalue {
            code.set_flag(cvf::LVALUE, true);
        }
        if def.method_attr {
            code.set_flag(cvf::METHOD, true);
        }
        vm.glob_sub_replaced(&g);
        return apply_attrs(vm, def, &g);
    }
    // `:lvalue` of a declaration holds for the definition.
    let declared = g.cv.get().as_ref().is_some_and(|c| !c.is_defined() && c.has(cvf::LVALUE));
    let mut with = None;
    if declared && !def.lvalue {
        with = Some(SubDef { lvalue: true, ..def.clone() });
    }
    let def = with.as_ref().unwrap_or(def);
    let code = make_code(vm, def, ctx, dumps)?;
    // References taken to the declaration must see the definition: the old object takes the body over.
    match g.cv.get().clone() {
        Some(old) if !old.is_defined() && old.glob.get().as_ref().is_none_or(|x| x.same(&g)) => {
            if old.prototype.get().is_some() {
                redefined(vm, &old, &code, def, ctx)?;
            }
            old.become_like(&code);
            old.glob.set(Some(g.clone()));
            constant_sub(&old, def);
        }
        old => {
            if let Some(o) = &old {
                redefined(vm, o, &code, def, ctx)?;
            }
            code.glob.set(Some(g.clone()));
            constant_sub(&code, def);
            g.cv.set(Some(code));
        }
    }
    vm.glob_sub_replaced(&g);
    if let Some(b) = def.body.as_ref().filter(|_| &*def.package != "DB") {
        let r = vm.debug_defined(&name, &def.file, (def.line, b.end_line));
        r.map_err(|e| host_error(vm, e))?;
    }
    apply_attrs(vm, def, &g)?;
    Ok(())
}

/// Gives the compile-time instance of a lexical sub its body.
pub fn define_lexical(
    vm: &mut Vm,
    idx: PadIdx,
    def: &SubDef,
    ctx: &mut BeginCtx<'_>,
    dumps: &Dumps,
) -> HostResult {
    let code = make_code(vm, def, ctx, dumps)?;
    let name = format!("&{}", def.name.as_deref().unwrap_or(""));
    if let Some(proto) = cells::cell(vm, ctx.pads, ctx.outer, idx, name.as_bytes()).cv() {
        proto.become_like(&code);
    }
    Ok(())
}

/// The value of `sub f () { 42 }`.
fn constant_value(def: &SubDef) -> Option<Val> {
    if def.proto.as_ref().is_none_or(|p| !p.bytes.is_empty()) {
        return None;
    }
    let [Stmt { kind: StmtKind::Expr(e), .. }] = &def.body.as_ref()?.stmts[..] else { return None };
    Some(match &e.kind {
        ExprKind::Int(i) => Val::int(*i),
        ExprKind::Uint(u) => Val::uint(*u),
        ExprKind::Num(n) => Val::num(*n),
        ExprKind::Str(s) => hints::pstr_val(s),
        _ => return None,
    })
}

/// `sub f () { 42 }`: callers may inline the value.
fn constant_sub(code: &Ptr<Code>, def: &SubDef) {
    let Some(v) = constant_value(def) else { return };
    code.set_flag(cvf::CONST, true);
    code.body.set(Body::Const(v));
}

fn redefined(vm: &mut Vm, old: &Ptr<Code>, new: &Ptr<Code>, def: &SubDef, ctx: &BeginCtx<'_>) -> HostResult {
    // What a pragma does natively is the same in its file.
    if matches!(old.body.get(), Body::Native(..)) && pragma::PRAGMAS.iter().any(|p| *p == &*def.package) {
        return Ok(());
    }
    let name = def.name.as_deref().unwrap_or("");
    let short = name.rsplit("::").next().unwrap_or(name);
    let constant = matches!(old.body.get(), Body::Const(_));
    let on = ctx.hints.warns(cat::REDEFINE, vm.dash_w, constant);
    prototype_mismatch(vm, old, new.prototype.get(), def, ctx)?;
    if on && old.is_defined() {
        // The block's first line counts.
        let line = def.body.as_ref().map_or(ctx.place.line, |b| b.line.min(ctx.place.line));
        let at = format!(" at {} line {line}.\n", ctx.place.file);
        let what = if constant { "Constant subroutine" } else { "Subroutine" };
        let v = Val::text(&format!("{what} {short} redefined{at}"));
        vm.warn_value(v).map_err(|e| host_error(vm, e))?;
    }
    Ok(())
}

/// Warns of a declaration with another prototype; spaces do not count.
fn prototype_mismatch(
    vm: &mut Vm,
    old: &Ptr<Code>,
    new: &Option<Box<[u8]>>,
    def: &SubDef,
    ctx: &BeginCtx<'_>,
) -> HostResult {
    let name = def.name.as_deref().unwrap_or("");
    let at = format!(" at {} line {}.\n", ctx.place.file, ctx.place.line);
    let old = old.prototype.get().clone();
    let tight = |p: &Option<Box<[u8]>>| -> Option<Vec<u8>> {
        p.as_ref().map(|p| p.iter().copied().filter(|c| !c.is_ascii_whitespace()).collect())
    };
    if tight(&old) != tight(new) && ctx.hints.warns(cat::PROTOTYPE, vm.dash_w, true) {
        let show = |p: Option<Box<[u8]>>| match p {
            Some(p) => format!("({})", String::from_utf8_lossy(&p)),
            None => "none".into(),
        };
        let old_name = match old {
            Some(p) => format!("{name} ({})", String::from_utf8_lossy(&p)),
            None => format!("{name}: none"),
        };
        let text = format!("Prototype mismatch: sub {old_name} vs {}{at}", show(new.clone()));
        let v = Val::text(&text);
        vm.warn_value(v).map_err(|e| host_error(vm, e))?;
    }
    Ok(())
}

/// Attributes other than the built-in ones go to `attributes->import`.
fn apply_attrs(vm: &mut Vm, def: &SubDef, g: &Ptr<keshi_value::Glob>) -> HostResult {
    if def.attrs.is_empty() {
        return Ok(());
    }
    let Some(code) = g.cv.get().clone() else { return Ok(()) };
    let home = code.glob.get().as_ref().and_then(|g| g.stash.get().clone());
    let mut args = vec![home.unwrap_or_else(|| Val::text(&def.package)), Val::reference(code)];
    for a in &def.attrs {
        let text = match &a.arg {
            Some(x) => format!("{}({})", a.name, x.to_text()),
            None => a.name.to_string(),
        };
        args.push(Val::text(&text));
    }
    let r = (|| -> R<()> {
        vm.require_file(b"attributes.pm")?;
        vm.call_method(&Val::bytes("attributes"), "import", args, Want::Void)?;
        Ok(())
    })();
    r.map_err(|e| host_error(vm, e))
}

pub fn define_format(vm: &mut Vm, def: &FormatDef, ctx: &mut BeginCtx<'_>, dumps: &Dumps) -> HostResult {
    let chunk = crate::compile::emit_format(def, dumps).map_err(HostError::Message)?;
    let captures = cells::captures(vm, ctx.pads, def.pad.outer, &chunk);
    let sources = chunk.captures.clone();
    let linked = vm.link(chunk);
    let code = vm.new_code(linked, captures);
    let g = vm.gv(def.name.as_bytes(), !def.name.is_ascii());
    if g.form.get().is_some() && ctx.hints.warns(cat::REDEFINE, vm.dash_w, false) {
        let short = def.name.rsplit("::").next().unwrap_or("").to_string();
        let v = Val::text(&format!("Format {short} redefined at {} line {}.\n", ctx.place.file, def.line));
        vm.warn_value(v).map_err(|e| host_error(vm, e))?;
    }
    let form = Format::new(code);
    form.outer_pad.set(def.pad.outer.map_or(0, |p| p.0));
    if let Some(link) = ctx.pads.iter().find(|p| Some(p.id) == def.pad.outer && p.of_sub) {
        let own = |c: &CaptureSource| !link.captures.iter().any(|(i, _)| *i == c.outer);
        form.of_sub.set(sources.iter().map(own).collect());
    }
    g.form.set(Some(form));
    Ok(())
}

/// Runs code at BEGIN time with the parser's hints in place.
pub fn run(vm: &mut Vm, code: &Ptr<Code>, ctx: &mut BeginCtx<'_>) -> HostResult {
    let saved = hints::enter(vm, ctx.hints);
    vm.compiling += 1;
    vm.pending_begin = Some(vm.rtstate.begin_place.len());
    vm.rtstate.begin_place.push(BeginPlace {
        file: ctx.place.file.as_bytes().into(),
        line: ctx.place.line,
        package: ctx.place.package.as_bytes().into(),
    });
    let outer_filters = vm.begin_filters();
    let r = vm.call_kind(code, Array::new(), Want::Void, FrameKind::Sub);
    let filters = vm.end_filters(outer_filters);
    vm.rtstate.begin_place.pop();
    vm.compiling -= 1;
    let l = hints::leave(vm, ctx.hints, saved);
    take_imports(vm, ctx);
    if r.is_ok() && !filters.is_empty() {
        let text = vm.filter_source_text(ctx.rest.text(), filters).map_err(|e| host_error(vm, e))?;
        ctx.rest.replace(&text);
    }
    match r {
        Ok(_) => l.map_err(|e| host_error(vm, e)),
        Err(e) => Err(host_error(vm, e)),
    }
}

/// `use v5.40` imports that version's bundle of builtin functions.
pub fn import_builtins(vm: &mut Vm, minor: u32, ctx: &mut BeginCtx<'_>) -> HostResult {
    let Some(import) = vm.gv_str("builtin::import").cv.get().clone() else { return Ok(()) };
    let args = vec![Val::bytes("builtin"), Val::text(&format!(":5.{minor}"))];
    vm.compiling += 1;
    let r = vm.call(&import, Array::from_vec(args), Want::Void);
    vm.compiling -= 1;
    take_imports(vm, ctx);
    r.map(drop).map_err(|e| host_error(vm, e))
}

/// Hands what `builtin::import` asked to declare to the parser.
fn take_imports(vm: &mut Vm, ctx: &mut BeginCtx<'_>) {
    let imports = std::mem::take(&mut vm.rtstate.lexical_imports);
    for (name, v) in imports {
        let import = match builtin_name(vm, &v) {
            Some(b) => LexImport::Builtin(b.as_str().into()),
            None => LexImport::Host(hints::hold(vm, v)),
        };
        ctx.imports.push((name.as_str().into(), import));
    }
}

/// Short name of a function of package builtin: the parser knows those.
fn builtin_name(vm: &mut Vm, v: &Val) -> Option<String> {
    let full = vm.sub_full_name(&*v.cv()?)?;
    Some(full.strip_prefix("builtin::")?.to_string())
}

/// A phase block leaves an empty glob of its name in the package.
pub fn mention_phase(vm: &mut Vm, ctx: &BeginCtx<'_>, name: &str) {
    let package = ctx.place.package.as_bytes();
    if let Some(stash) = vm.stash(package, !package.is_ascii(), true) {
        vm.gv_in(&stash, name.as_bytes(), false, true);
    }
}

/// BEGIN runs now, the others wait for their phase.
/// A block for a phase that is over when the program already runs.
fn too_late(vm: &mut Vm, name: &str, ctx: &BeginCtx<'_>) -> HostResult {
    if !vm.all_warn && (vm.no_warn || !ctx.hints.warns(cat::VOID, vm.dash_w, false)) {
        return Ok(());
    }
    let text = format!("Too late to run {name} block at {} line {}.\n", ctx.place.file, ctx.place.line);
    vm.warn_value(Val::text(&text)).map_err(|e| host_error(vm, e))
}

pub fn phase_block(vm: &mut Vm, def: Rc<SubDef>, ctx: &mut BeginCtx<'_>, dumps: &Dumps) -> HostResult {
    let code = make_code(vm, &def, ctx, dumps)?;
    let name = match def.kind {
        SubKind::Begin => "BEGIN",
        SubKind::UnitCheck => "UNITCHECK",
        SubKind::Check => "CHECK",
        SubKind::Init => "INIT",
        _ => "END",
    };
    code.name.set(Val::bytes(name));
    mention_phase(vm, ctx, name);
    match def.kind {
        SubKind::Begin => run(vm, &code, ctx)?,
        SubKind::UnitCheck => vm.rtstate.unitcheck.push(code),
        SubKind::Check | SubKind::Init if vm.phase != "START" => too_late(vm, name, ctx)?,
        SubKind::Check => vm.rtstate.check.push(code),
        SubKind::Init => vm.rtstate.init.push(code),
        _ => vm.end_blocks.push(code),
    }
    Ok(())
}
