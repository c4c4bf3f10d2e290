//! `use l1 'file.l1'`: ops written in L1, loaded while the program is compiled.
//!
//! Contract
//! * A file is looked for beside the file that names it, then along `@INC`; it is loaded once.
//! * Its ops can be called from the `use` on to the end of the enclosing block or file: `%^H` has an entry
//!   `l1/NAME` for each. `no l1` hides them again.
//! * Mistakes in the file stop the compilation with one message each, with the place in that file.

use crate::begin::host_error;
use crate::pragma::{Target, croak};
use keshi_frontend::ast::*;
use keshi_frontend::host::*;
use keshi_l1::builder::{current_macros, install_macros};
use keshi_value::Val;
use keshi_value::hash::Key;
use keshi_vm::Vm;
use l1_spec::ops::MacroSet;
use l1_spec::user;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

/// What was loaded so far: the names of each file's ops, by the file's full path.
#[derive(Default)]
pub struct Loaded {
    files: BTreeMap<PathBuf, BTreeSet<&'static str>>,
}

impl Loaded {
    /// Did the op come from a `use l1`, so that its name is lexical?
    pub fn has(&self, name: &str) -> bool {
        self.files.values().any(|names| names.contains(name))
    }
}

std::thread_local! {
    // Beside the macro set itself, which keshi-l1 keeps by thread.
    static LOADED: std::cell::RefCell<Loaded> = std::cell::RefCell::default();
}

/// May code under these hints call the op `name`? Ops of `--l1-macro` are always visible.
pub fn visible(name: &str, hints: &Hints) -> bool {
    !LOADED.with(|l| l.borrow().has(name)) || hints.lookup(&hint_key(name)).is_some()
}

fn hint_key(name: &str) -> String {
    format!("l1/{name}")
}

/// Carries out `use l1 LIST` or `no l1`.
pub fn carry_out(vm: &mut Vm, s: &UseStmt, ctx: &mut BeginCtx<'_>) -> HostResult {
    if s.no {
        let kept =
            ctx.hints.hash.as_deref().map(|h| h.iter().filter(|e| !e.0.bytes.starts_with(b"l1/")).cloned());
        ctx.hints.hash = kept.map(|h| Rc::new(h.collect()));
        return Ok(());
    }
    let target = Target {
        hints: &mut *ctx.hints,
        place: &ctx.place,
        dash_w: vm.dash_w,
        warn_bytes: crate::pragma::warn_bytes(vm),
    };
    let Some(args) = s.const_args.as_deref().filter(|a| !a.is_empty()) else {
        return Err(croak(&target, "Usage: use l1 'FILE', ... with constant names"));
    };
    if s.version.is_some() {
        return Err(croak(&target, "l1 has no version"));
    }
    for a in args {
        let name = a.to_text();
        let path = find(vm, &name, &ctx.place)?;
        let names = load(vm, &name, &path, &ctx.place)?;
        let mut hash: Vec<(PStr, HintVal)> = ctx.hints.hash.as_deref().cloned().unwrap_or_default();
        for n in names {
            let key = PStr::text(&hint_key(n));
            hash.retain(|e| e.0 != key);
            hash.push((key, HintVal::Int(1)));
        }
        ctx.hints.hash = Some(Rc::new(hash));
        ctx.hints.bits |= HINT_LOCALIZE_HH;
    }
    Ok(())
}

fn failed(text: String) -> HostError {
    HostError::Message(PStr::text(&text))
}

/// The file: as it is if its path is absolute, else beside the file being compiled or along `@INC`.
fn find(vm: &mut Vm, name: &str, place: &Place) -> HostResult<PathBuf> {
    let given = Path::new(name);
    let beside = Path::new(&*place.file).parent().unwrap_or(Path::new("")).to_path_buf();
    let mut dirs = vec![beside];
    if given.is_relative() {
        let inc = vm.gv.inc.array().clone();
        for d in vm.av_values(&inc).map_err(|e| host_error(vm, e))? {
            if !d.is_ref() {
                dirs.push(vm.text_of(&d).map_err(|e| host_error(vm, e))?.into());
            }
        }
    }
    if let Some(path) = dirs.iter().map(|d| d.join(given)).find(|p| p.is_file()) {
        return Ok(path);
    }
    let seen: Vec<String> = dirs.iter().skip(1).map(|d| format!(" {}", d.display())).collect();
    let (file, line) = (&place.file, place.line);
    Err(failed(if given.is_absolute() {
        format!("Can't locate {name} at {file} line {line}.\n")
    } else {
        format!(
            "Can't locate {name} beside {file} or in @INC (@INC entries checked:{}) at {file} line {line}.\n",
            seen.concat()
        )
    }))
}

/// Loads a file unless that was done before; the names of its ops.
fn load(vm: &mut Vm, name: &str, path: &Path, place: &Place) -> HostResult<BTreeSet<&'static str>> {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    if let Some(names) = LOADED.with(|l| l.borrow().files.get(&full).cloned()) {
        return Ok(names);
    }
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|e| {
        let why = match e.raw_os_error() {
            Some(n) => std::io::Error::from_raw_os_error(n).to_string(),
            None => "it is not UTF-8 text".to_string(),
        };
        failed(format!("Can't read {shown}: {why} at {} line {}.\n", place.file, place.line))
    })?;
    let base = current_macros();
    let set = user::load_user_file(&text, &shown, &base).map_err(|all| {
        let line_of =
            |d: &l1_spec::diag::Diagnostic| 1 + text.bytes().take(d.span.0).filter(|b| *b == b'\n').count();
        let one = |d: &l1_spec::diag::Diagnostic| {
            let notes: String = d.notes.iter().map(|n| format!("\t({n})\n")).collect();
            format!("{} at {shown} line {}.\n{notes}", d.message, line_of(d))
        };
        failed(all.iter().map(one).collect())
    })?;
    let names = new_names(&set, &shown);
    install_macros(Arc::new(set));
    LOADED.with(|l| l.borrow_mut().files.insert(full, names.clone()));
    let inc = vm.gv.inc.hash().clone();
    inc.set(&Key::new(name.as_bytes(), !name.is_ascii()), Val::text(&shown));
    Ok(names)
}

fn new_names(set: &MacroSet, file: &str) -> BTreeSet<&'static str> {
    set.user_ops().filter(|o| o.file == file).map(|o| o.name).collect()
}
