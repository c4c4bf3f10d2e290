//! Pragmas whose effect is on the parser's state: done here without loading a file, so that `use strict`
//! costs nothing. Everything else is an ordinary module.

use crate::begin::host_error;
use crate::hints;
use keshi_frontend::ast::*;
use keshi_frontend::host::*;
use keshi_value::hash::Key;
use keshi_value::{Code, Ptr, Val};
use keshi_vm::warn::cat;
use keshi_vm::{R, Vm};

use std::rc::Rc;

const WARN_SIZE: usize = 20;

/// The value of a constant expression (versions, pragma arguments).
pub fn const_expr(e: &Expr) -> Val {
    match &e.kind {
        ExprKind::Int(i) => Val::int(*i),
        ExprKind::Uint(u) => Val::uint(*u),
        ExprKind::Num(n) => Val::num(*n),
        ExprKind::Str(s) | ExprKind::Bareword(s) => hints::pstr_val(s),
        ExprKind::VString { value, literal } => Val::dual(keshi_value::scalar::Dual::new(
            Val::num(0.0),
            hints::pstr_val(value),
            Some(literal.bytes.to_vec()),
        )),
        _ => Val::undef(),
    }
}

/// Carries out `use`/`no` of a native pragma; false: load the module.
pub fn native_use(vm: &mut Vm, s: &UseStmt, ctx: &mut BeginCtx<'_>) -> HostResult<bool> {
    let Some(args) = &s.const_args else { return Ok(false) };
    if s.version.is_some() {
        return Ok(false);
    }
    let args: Vec<String> = args.iter().map(|a| a.to_text()).collect();
    if !PRAGMAS.contains(&&*s.module) {
        return Ok(false);
    }
    let target = &mut Target {
        hints: &mut *ctx.hints,
        place: &ctx.place,
        dash_w: vm.dash_w,
        warn_bytes: warn_bytes(vm),
    };
    if s.import && !apply(&s.module, &args, s.no, target)? {
        return Ok(false);
    }
    let file = format!("{}.pm", s.module.replace("::", "/"));
    let inc = vm.gv.inc.hash().clone();
    let key = Key::ascii(&file);
    if !inc.exists(&key) {
        inc.set(&key, Val::text(&format!("(keshi)/{file}")));
    }
    Ok(true)
}

/// Modules whose `import` and `unimport` are native.
pub const PRAGMAS: &[&str] = &["strict", "warnings", "utf8", "integer", "feature"];

/// `MODULE->import(args)`, or `unimport`; false: this needs the registered categories.
pub fn apply(module: &str, args: &[String], no: bool, t: &mut Target<'_>) -> HostResult<bool> {
    match module {
        "strict" => strict(args, no, t)?,
        "warnings" => return warnings(args, no, t),
        "feature" => crate::feature::apply(args, no, t)?,
        "utf8" => set_bit(t, HINT_UTF8, !no),
        _ => set_bit(t, HINT_INTEGER, !no),
    }
    Ok(true)
}

/// What a pragma changes, and where it stands (for messages).
pub struct Target<'a> {
    pub hints: &'a mut Hints,
    pub place: &'a Place,
    /// `$^W`: what holds where neither `use` nor `no warnings` has been seen.
    pub dash_w: bool,
    /// Length of a mask with all categories, the registered ones too.
    pub warn_bytes: usize,
}

/// As many bytes has a mask with all categories.
pub fn warn_bytes(vm: &mut Vm) -> usize {
    let Some(h) = vm.gv_lookup(b"warnings::Offsets").and_then(|g| g.hv.get().clone()) else {
        return WARN_SIZE;
    };
    let last = h.entries().map(|e| e.raw().as_i64()).max().unwrap_or(0);
    WARN_SIZE.max(last as usize / 8 + 1)
}

fn set_bit(ctx: &mut Target<'_>, bit: u32, on: bool) {
    if on { ctx.hints.bits |= bit } else { ctx.hints.bits &= !bit }
}

pub(crate) fn croak(ctx: &Target<'_>, text: &str) -> HostError {
    HostError::Message(PStr::text(&format!("{text} at {} line {}.\n", ctx.place.file, ctx.place.line)))
}

fn strict(args: &[String], no: bool, ctx: &mut Target<'_>) -> HostResult {
    let table = [
        ("refs", HINT_STRICT_REFS, HINT_EXPLICIT_STRICT_REFS),
        ("subs", HINT_STRICT_SUBS, HINT_EXPLICIT_STRICT_SUBS),
        ("vars", HINT_STRICT_VARS, HINT_EXPLICIT_STRICT_VARS),
    ];
    let unknown: Vec<&String> = args.iter().filter(|a| !table.iter().any(|t| t.0 == **a)).collect();
    if !unknown.is_empty() {
        let list: Vec<String> = unknown.iter().map(|s| s.to_string()).collect();
        return Err(croak(ctx, &format!("Unknown 'strict' tag(s) '{}'", list.join(" "))));
    }
    for (name, bit, explicit) in table {
        if args.is_empty() || args.iter().any(|a| a == name) {
            set_bit(ctx, bit, !no);
            ctx.hints.bits |= explicit;
        }
    }
    Ok(())
}

/// Categories that once existed: still accepted, without effect.
pub fn is_retired(name: &str) -> bool {
    const EXPERIMENTS: &[&str] = &[
        "alpha_assertions",
        "bitwise",
        "const_attr",
        "for_list",
        "isa",
        "lexical_subs",
        "postderef",
        "script_run",
        "signatures",
        "smartmatch",
    ];
    name == "deprecated::smartmatch"
        || name.strip_prefix("experimental::").is_some_and(|e| EXPERIMENTS.contains(&e))
}

/// Categories that belong to another one, by offset.
pub fn members(name: &str) -> Vec<u32> {
    let group = |names: &[&str]| -> Vec<u32> {
        names.iter().filter_map(|n| warn::NAMES.iter().find(|(_, x)| x == n).map(|(c, _)| *c)).collect()
    };
    match name {
        "io" => group(&["io", "closed", "exec", "layer", "newline", "pipe", "unopened", "syscalls"]),
        "severe" => group(&["severe", "debugging", "inplace", "internal", "malloc"]),
        "syntax" => group(&[
            "syntax",
            "ambiguous",
            "bareword",
            "digit",
            "parenthesis",
            "precedence",
            "printf",
            "prototype",
            "qw",
            "reserved",
            "semicolon",
            "illegalproto",
        ]),
        "utf8" => group(&["utf8", "surrogate", "nonchar", "non_unicode"]),
        "deprecated" | "experimental" => {
            let prefix = format!("{name}::");
            warn::NAMES
                .iter()
                .filter(|(_, n)| *n == name || n.starts_with(&prefix))
                .map(|(c, _)| *c)
                .collect()
        }
        _ => group(&[name]),
    }
}

fn bits_of(w: &WarnBits, dash_w: bool) -> Vec<u8> {
    match w {
        WarnBits::Std if dash_w => vec![0x55; WARN_SIZE],
        WarnBits::Std => {
            // What perl has on by default, made explicit.
            let mut b = vec![0; WARN_SIZE];
            for n in ["deprecated", "experimental", "severe", "glob", "locale"] {
                for c in members(n) {
                    b[(c / 4) as usize] |= 1 << (2 * (c % 4));
                }
            }
            b
        }
        WarnBits::All => vec![0x55; WARN_SIZE],
        WarnBits::None => vec![0; WARN_SIZE],
        WarnBits::Bits(b) => {
            let mut v = b.to_vec();
            if v.len() < WARN_SIZE {
                v.resize(WARN_SIZE, 0);
            }
            v
        }
    }
}

/// Turns a category on or off, or its being fatal.
pub fn set_category(bits: &mut Vec<u8>, c: u32, no: bool, fatal: Option<bool>) {
    let (byte, shift) = ((c / 4) as usize, 2 * (c % 4));
    if byte >= bits.len() {
        bits.resize(byte + 1, 0);
    }
    if no {
        let mask = if fatal == Some(true) { 2 } else { 3 };
        bits[byte] &= !(mask << shift);
    } else {
        bits[byte] |= 1 << shift;
        match fatal {
            Some(true) => bits[byte] |= 2 << shift,
            Some(false) => bits[byte] &= !(2 << shift),
            None => {}
        }
    }
}

/// Explicit form of what is on without any `use warnings`.
pub fn default_bits() -> Vec<u8> {
    bits_of(&WarnBits::Std, false)
}

/// `use warnings …`; false: an unknown category, which the real module reports (or has registered).
fn warnings(args: &[String], no: bool, ctx: &mut Target<'_>) -> HostResult<bool> {
    let mut bits = bits_of(&ctx.hints.warn, ctx.dash_w);
    if matches!(ctx.hints.warn, WarnBits::Std) && args.is_empty() {
        bits = vec![0; WARN_SIZE];
    }
    let mut fatal = None;
    let mut cats: Vec<u32> = Vec::new();
    let bytes = bits.len().max(ctx.warn_bytes);
    let all: Vec<u32> = (0..4 * bytes as u32).collect();
    let mut named = false;
    for a in args {
        match a.as_str() {
            "FATAL" => fatal = Some(true),
            "NONFATAL" => fatal = Some(false),
            "all" => {
                named = true;
                cats.extend(&all)
            }
            name if is_retired(name) => named = true,
            name => {
                let m = members(name);
                if m.is_empty() {
                    return Ok(false);
                }
                named = true;
                cats.extend(m);
            }
        }
    }
    if !named {
        cats = all;
    }
    for c in cats {
        set_category(&mut bits, c, no, fatal);
    }
    ctx.hints.warn = WarnBits::Bits(Rc::from(&bits[..]));
    Ok(true)
}

/// `use VERSION`: checks the version; from 5.12 on strictures, from 5.36 on warnings, and the features.
pub fn use_version(vm: &mut Vm, version: &Expr, no: bool, begin: &mut BeginCtx<'_>) -> HostResult {
    let v = const_expr(version);
    let wanted = vm.version_literal(&v).map_err(|e| host_error(vm, e))?;
    let part = |i: usize| wanted.parts.get(i).map_or(0, |p| *p as u32);
    let (a, b, c) = (part(0), part(1), part(2));
    let perl = keshi_vm::version::this_perl();
    let reached = wanted.vcmp(&perl).is_le();
    if !no && (a, b) >= (5, 39) && reached {
        crate::begin::import_builtins(vm, b, begin)?;
    }
    let warn_bytes = warn_bytes(vm);
    let ctx = &mut Target { hints: &mut *begin.hints, place: &begin.place, dash_w: vm.dash_w, warn_bytes };
    if no {
        if reached {
            let (since, this) = (wanted.normal(), perl.normal());
            let text = format!("Perls since {since} too modern--this is {this}, stopped");
            return Err(croak(ctx, &text));
        }
        return Ok(());
    }
    if !reached {
        return Err(croak(ctx, &keshi_vm::version::too_old(&v, &wanted)));
    }
    // `use 5` says nothing.
    let version = if b == 0 { 0 } else { a * 256 + b };
    let before = std::mem::replace(&mut ctx.hints.version, version);
    const V5_39: u32 = 5 * 256 + 39;
    const V5_10: u32 = 5 * 256 + 10;
    if before != 0 && version != 0 && before != version {
        let refusal = if before >= V5_39 {
            "use VERSION is not permitted while another use VERSION of 5.39 or above is in scope"
        } else if version >= V5_39 {
            "use VERSION of 5.39 or above is not permitted while another use VERSION is in scope"
        } else if before > V5_10 && version <= V5_10 {
            "Downgrading a use VERSION declaration to below v5.11 is not permitted"
        } else {
            ""
        };
        if !refusal.is_empty() {
            // Not an error of the code that runs at BEGIN: nothing is added to the message.
            let text = format!("{refusal} at {} line {}.\n", ctx.place.file, ctx.place.line);
            return Err(HostError::Exception(hints::hold(vm, Val::text(&text))));
        }
        if before >= V5_10 && ctx.hints.warns(cat::DEPRECATED_SUBSEQUENT_USE_VERSION, ctx.dash_w, true) {
            let what = "Changing use VERSION while another use VERSION is in scope is deprecated";
            let text = format!("{what}, and will become fatal in Perl 5.44");
            let HostError::Message(m) = croak(ctx, &text) else { return Ok(()) };
            if ctx.hints.fatal(cat::DEPRECATED_SUBSEQUENT_USE_VERSION) {
                return Err(HostError::Message(m));
            }
            vm.warn_value(hints::pstr_val(&m)).map_err(|e| host_error(vm, e))?;
        }
    }
    let ctx = &mut Target { hints: &mut *begin.hints, place: &begin.place, dash_w: vm.dash_w, warn_bytes };
    let bundle = match b {
        _ if a < 5 || (b == 9 && c < 5) => 0,
        _ => crate::feature::bundle_of(b),
    };
    ctx.hints.bits = (ctx.hints.bits & !HINT_FEATURE_MASK) | (bundle << HINT_FEATURE_SHIFT);
    if bundle >= 2 {
        ctx.hints.bits |= HINT_UNI_8_BIT;
    } else {
        ctx.hints.bits &= !HINT_UNI_8_BIT;
    }
    for (bit, explicit) in [
        (HINT_STRICT_REFS, HINT_EXPLICIT_STRICT_REFS),
        (HINT_STRICT_SUBS, HINT_EXPLICIT_STRICT_SUBS),
        (HINT_STRICT_VARS, HINT_EXPLICIT_STRICT_VARS),
    ] {
        if ctx.hints.bits & explicit == 0 {
            set_bit(ctx, bit, (a, b) >= (5, 11));
        }
    }
    if (a, b) >= (5, 35) {
        warnings(&[], false, ctx)?;
    }
    ctx.hints.refresh_features();
    Ok(())
}

/// `\N{name}`: the handler in `%^H{charnames}`; where there is none the scope gets the module's own, as perl
/// does. The handler reads the other `charnames_*` keys of the scope.
pub fn charname(vm: &mut Vm, name: &str, ctx: &mut BeginCtx<'_>) -> HostResult<Option<PStr>> {
    let handler = match ctx.hints.lookup("charnames") {
        Some(HintVal::Host(c, _)) => hints::host_const(vm, *c).cv(),
        _ => None,
    };
    let saved = hints::enter(vm, ctx.hints);
    let loading = handler.is_none();
    let answer = named_character(vm, name, handler);
    if loading {
        if let Err(e) = hints::leave(vm, ctx.hints, saved) {
            return Err(host_error(vm, e));
        }
    } else {
        hints::restore(vm, saved);
    }
    answer.map_err(|e| host_error(vm, e))
}

fn named_character(vm: &mut Vm, name: &str, handler: Option<Ptr<Code>>) -> R<Option<PStr>> {
    let code = match handler {
        Some(c) => c,
        None => {
            vm.require_file(b"_charnames.pm")?;
            let args = vec![Val::bytes(":full"), Val::bytes(":short")];
            vm.call_method(&Val::bytes("_charnames"), "import", args, keshi_vm::Want::Void)?;
            match vm.gv_str("_charnames::charnames").cv.get().clone() {
                Some(c) => c,
                None => return Ok(None),
            }
        }
    };
    let v = vm.call_scalar(&code, vec![Val::text(name)])?;
    if v.is_undef() { Ok(None) } else { Ok(Some(hints::val_pstr(vm, &v)?)) }
}
