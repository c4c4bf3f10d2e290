//! die, warn, exit, eval, require, do FILE, non-local exits.

use super::array::{av, list_values};
use crate::Vm;
use crate::exc::{Exc, R, Ret, Want};
use crate::frame::FrameKind;
use keshi_l1::chunk::Const;
use keshi_value::hash::Key;
use keshi_value::obj::Obj;
use keshi_value::{Array, Code, Ptr, Val};

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    /// Constants the parser asked us to hold (inlined constant subs …), by handle.
    pub host_consts: Vec<Val>,
}

/// Concatenated list, as die and warn print it.
fn message(vm: &mut Vm, vs: &[Val]) -> R<(Vec<u8>, bool)> {
    let mut out = Vec::new();
    let mut utf8 = false;
    for v in vs {
        let (b, u) = vm.str_bytes(v)?;
        keshi_text::utf8::append(&mut out, &mut utf8, &b, u);
    }
    Ok((out, utf8))
}

/// die LIST
pub fn die(vm: &mut Vm, a: &Val) -> R<()> {
    let vs = list_values(vm, &av(a), 0)?;
    if vs.len() == 1 && vs[0].is_ref() {
        return Err(vm.die_value(vs[0].clone()));
    }
    let (mut b, mut u) = message(vm, &vs)?;
    if b.is_empty() {
        let err = vm.gv.errgv.scalar().clone();
        let cur = vm.get_sv(&err)?;
        if cur.is_ref() {
            // An object in $@ is told where it is passed on.
            let w = vm.here();
            let args = vec![Val::bytes(&w.file[..]), Val::int(w.line as i64)];
            let v = match vm.class_of(&cur) {
                Some(st) if vm.find_method(&st, b"PROPAGATE")?.is_some() => {
                    vm.call_method(&cur, "PROPAGATE", args, Want::Scalar)?.map_or(Val::undef(), Ret::scalar)
                }
                _ => cur,
            };
            return Err(vm.die_value(v));
        }
        let (e, eu) = vm.str_bytes_quiet(&cur)?;
        if e.is_empty() {
            b = b"Died".to_vec();
        } else {
            b = e.into_owned();
            b.extend_from_slice(b"\t...propagated");
            u = eu;
        }
    }
    Err(vm.die_bytes(&b, u))
}

/// warn LIST
pub fn warn(vm: &mut Vm, b: &Val) -> R<Val> {
    let vs = list_values(vm, &av(b), 0)?;
    if vs.len() == 1 && vs[0].is_ref() {
        vm.warn_value(vs[0].clone())?;
        return Ok(Val::int(1));
    }
    let (mut m, mut u) = message(vm, &vs)?;
    if m.is_empty() {
        let err = vm.gv.errgv.scalar().clone();
        let cur = vm.get_sv(&err)?;
        if cur.is_ref() {
            vm.warn_value(cur)?;
            return Ok(Val::int(1));
        }
        let (e, eu) = vm.str_bytes_quiet(&cur)?;
        if e.is_empty() {
            m = b"Warning: something's wrong".to_vec();
        } else {
            m = e.into_owned();
            m.extend_from_slice(b"\t...caught");
            u = eu;
        }
    }
    if m.last() != Some(&b'\n') {
        m.extend(vm.position_suffix());
    }
    vm.warn_value(Val::str(&m, u))?;
    Ok(Val::int(1))
}

/// exit EXPR
pub fn exit(vm: &mut Vm, a: &Val) -> R<()> {
    let n = vm.to_iv_quiet(a)?;
    Err(Box::new(Exc::Exit(n as i32)))
}

fn set_err(vm: &mut Vm, v: Val) {
    let s = vm.gv.errgv.scalar().clone();
    if s.hdr().is_magical() || s.is_readonly() {
        let _ = vm.set_sv(&s, v);
    } else {
        s.set(v);
    }
}

/// entry of eval
pub fn eval_enter(vm: &mut Vm) -> R<()> {
    set_err(vm, Val::bytes(""));
    Ok(())
}
/// normal exit of eval
pub fn eval_leave(vm: &mut Vm) -> R<()> {
    set_err(vm, Val::bytes(""));
    Ok(())
}
/// handler of eval
pub fn eval_fail(vm: &mut Vm, a: Val) -> R<()> {
    // Destructors of what the unwinding released run before $@ is set.
    vm.run_destroy_queue()?;
    set_err(vm, a);
    Ok(())
}

fn compile(vm: &mut Vm, text: &Val, scope: u32, flags: u32) -> R<Val> {
    let Some(c) = vm.compiler.clone() else { return Err(vm.die_text("panic: no compiler")) };
    Ok(Val::ptr(c.compile_eval(vm, text, scope, flags)?))
}
/// eval STRING
pub fn eval_compile(vm: &mut Vm, b: &Val, scope: u32) -> R<Val> {
    let t = vm.text_or_empty(b)?;
    compile(vm, &t, scope, 0)
}
/// evalbytes STRING
pub fn evalbytes_compile(vm: &mut Vm, b: &Val, scope: u32) -> R<Val> {
    let t = vm.text_or_empty(b)?;
    compile(vm, &t, scope, 1)
}

impl Vm {
    fn text_or_empty(&mut self, v: &Val) -> R<Val> {
        if v.is_undef() {
            self.warn_uninit()?;
            return Ok(Val::bytes(""));
        }
        self.to_str_val(v)
    }

    /// Directories of `@INC`, in order; hooks stay references.
    fn inc_dirs(&mut self) -> R<Vec<Val>> {
        let a = self.gv.inc.array().clone();
        self.av_values(&a)
    }

    /// Runs a file's text as `require`/`do` do.
    pub fn run_file(&mut self, source: Vec<u8>, name: &[u8], want: Want, text: Val) -> R<Ret> {
        let Some(c) = self.compiler.clone() else { return Err(self.die_text("panic: no compiler")) };
        let code = c.compile_file(self, source, name)?;
        self.run_file_code(&code, want, text)
    }

    fn run_file_code(&mut self, code: &Ptr<Code>, want: Want, text: Val) -> R<Ret> {
        let keshi_value::Body::Chunk(l) = code.body.get() else { return Ok(Ret::Void) };
        self.pending_eval_text = Some(text);
        let l = l.clone();
        let pad = l.chunk.pad_id;
        let r = self.run_linked(l, code.clone(), None, want, FrameKind::File)?;
        self.rtstate.module_true = self.rtstate.module_true_pads.contains(&pad);
        Ok(r)
    }

    /// Finds `name` along `@INC` (or as a path) and reads it. `None`: not found anywhere.
    fn find_file(&mut self, name: &[u8], search: bool) -> R<Option<Found>> {
        let is_path = name.starts_with(b"/") || name.starts_with(b"./") || name.starts_with(b"../");
        if is_path || !search {
            return Ok(self.read_source(name)?.map(|s| Found::Text(s, name.to_vec(), Val::bytes(name))));
        }
        for d in self.inc_dirs()? {
            if d.is_ref() {
                if let Some(f) = self.inc_hook(&d, name)? {
                    return Ok(Some(f));
                }
                continue;
            }
            let (b, _) = self.str_bytes_quiet(&d)?;
            let mut path = b.to_vec();
            path.push(b'/');
            path.extend_from_slice(name);
            if let Some(s) = self.read_pmc(&path)? {
                return Ok(Some(Found::Text(s, path.clone(), Val::bytes(&path))));
            }
            if let Some(s) = self.read_source(&path)? {
                // The current directory is not part of a file's name.
                if path.starts_with(b"./") {
                    let from = path[1..].iter().position(|&c| c != b'/').map_or(path.len(), |i| i + 1);
                    path.drain(..from);
                }
                return Ok(Some(Found::Text(s, path.clone(), Val::bytes(&path))));
            }
        }
        Ok(None)
    }

    /// The `.pmc` file that stands beside a `.pm` file takes its place.
    fn read_pmc(&mut self, path: &[u8]) -> R<Option<Vec<u8>>> {
        if !path.ends_with(b".pm") {
            return Ok(None);
        }
        let mut pmc = path.to_vec();
        pmc.push(b'c');
        self.read_source(&pmc)
    }

    /// A readable plain file's bytes.
    fn read_source(&mut self, path: &[u8]) -> R<Option<Vec<u8>>> {
        use std::os::unix::ffi::OsStrExt;
        let p = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
        match std::fs::metadata(p) {
            Ok(m) if m.is_dir() => {
                super::sys::set_errno(self, libc::EISDIR);
                return Ok(None);
            }
            Err(e) => {
                super::sys::set_errno(self, e.raw_os_error().unwrap_or(0));
                return Ok(None);
            }
            _ => {}
        }
        match std::fs::read(p) {
            Ok(s) => Ok(Some(s)),
            Err(e) => {
                let n = e.raw_os_error().unwrap_or(0);
                super::sys::set_errno(self, n);
                if n == libc::ENOENT || n == libc::ENOTDIR {
                    return Ok(None);
                }
                let t = String::from_utf8_lossy(path).into_owned();
                let msg = keshi_io::errno::Errno(n).message();
                Err(self.die_text(&format!("Can't locate {t}:   {t}: {msg}")))
            }
        }
    }

    /// A reference in `@INC`: code, `[code, args]`, or an object with an INC method.
    fn inc_hook(&mut self, hook: &Val, name: &[u8]) -> R<Option<Found>> {
        let file = Val::bytes(name);
        let mut args = vec![hook.clone(), file];
        let code = if let Some(st) = hook.hdr().and_then(|h| h.stash().cloned()) {
            match self.method_in_stash(&st, b"INC")? {
                Some(c) => c,
                None => match hook.cv() {
                    Some(c) => c,
                    None => {
                        let t = self.text_of(hook)?;
                        return Err(self.die_text(&format!(
                            "Can't locate object method \"INC\", nor \"INCDIR\", nor string overload via package \"{t}\" in object hook in @INC"
                        )));
                    }
                },
            }
        } else if let Some(c) = hook.cv() {
            c
        } else if let Some(a) = hook.av() {
            let first = self.av_get(&a, 0)?;
            match first.cv() {
                Some(c) => c,
                None => return Ok(None),
            }
        } else {
            return Ok(None);
        };
        let r = self.call(&code, Array::from_vec(std::mem::take(&mut args)), Want::List)?.list();
        let vs = list_values(self, &r, 0)?;
        let mut it = vs.into_iter().peekable();
        let display = {
            let t = self.text_of(hook)?;
            let mut d = b"/loader/".to_vec();
            d.extend_from_slice(t.trim_start_matches("CODE(").trim_end_matches(')').as_bytes());
            d.push(b'/');
            d.extend_from_slice(name);
            d
        };
        let mut text: Option<Vec<u8>> = None;
        if let Some(v) = it.peek() {
            if v.is_ref() && v.scalar().is_some() && v.gv().is_none() {
                let s = v.scalar().expect("scalar");
                if s.peek().tag() != keshi_value::tag::GLOB {
                    let inner = self.get_sv(&s)?;
                    let (b, _) = self.str_bytes_quiet(&inner)?;
                    text = Some(b.into_owned());
                    it.next();
                }
            }
        }
        if let Some(v) = it.peek().cloned() {
            let is_handle = v.gv().is_some()
                || v.scalar().is_some_and(|s| s.peek().tag() == keshi_value::tag::GLOB)
                || v.io().is_some();
            if is_handle {
                it.next();
                let lines = super::io::readlines(self, &v)?;
                let mut all = text.unwrap_or_default();
                for l in list_values(self, &av(&lines), 0)? {
                    let (b, _) = self.str_bytes(&l)?;
                    all.extend_from_slice(&b);
                }
                text = Some(all);
            }
        }
        if let Some(v) = it.peek().cloned() {
            if let Some(gen_code) = v.cv() {
                // Generator or filter: called per line with $_ set, until it returns 0.
                it.next();
                let rest: Vec<Val> = it.collect();
                return Ok(Some(Found::Text(
                    self.generated_source(&gen_code, text, rest)?,
                    display,
                    hook.clone(),
                )));
            }
        }
        Ok(text.map(|t| Found::Text(t, display, hook.clone())))
    }

    fn generated_source(&mut self, code: &Ptr<Code>, text: Option<Vec<u8>>, args: Vec<Val>) -> R<Vec<u8>> {
        let defgv = self.gv.defgv.clone();
        let mark = self.dyn_mark();
        let topic = self.local_sv(&defgv)?;
        let mut out = Vec::new();
        let mut lines = text.map(|t| {
            let v: Vec<Vec<u8>> = t.split_inclusive(|&c| c == b'\n').map(|l| l.to_vec()).collect();
            v.into_iter()
        });
        loop {
            let given = match &mut lines {
                Some(it) => it.next(),
                None => Some(Vec::new()),
            };
            let at_end = given.is_none();
            topic.set(Val::bytes(given.unwrap_or_default()));
            let mut a = vec![Val::int(0)];
            a.extend(args.iter().cloned());
            let r = self.call(code, Array::from_vec(a), Want::Scalar);
            let r = match r {
                Ok(r) => r.scalar(),
                Err(e) => {
                    self.dyn_unwind(mark)?;
                    return Err(e);
                }
            };
            let cur = self.get_sv(&topic)?;
            let (b, _) = self.str_bytes_quiet(&cur)?;
            out.extend_from_slice(&b);
            if !self.truth(&r)? || at_end {
                break;
            }
        }
        self.dyn_unwind(mark)?;
        Ok(out)
    }

    /// `require FILE`: compiles and runs once, remembers the result in `%INC`.
    pub fn require_file(&mut self, name: &[u8]) -> R<Val> {
        let inc = self.gv.inc.hash().clone();
        let key = Key::new(name, false);
        if let Some(v) = inc.get(&key) {
            if v.is_undef() {
                let t = String::from_utf8_lossy(name).into_owned();
                return Err(
                    self.die_text(&format!("Attempt to reload {t} aborted.\nCompilation failed in require"))
                );
            }
            return Ok(Val::int(1));
        }
        if name.contains(&0) {
            let t = super::string::display(name, false, 1000);
            return Err(self.die_text(&format!("Can't locate {t}:   {t}: No such file or directory")));
        }
        let Some(Found::Text(src, path, inc_val)) = self.find_file(name, true)? else {
            return Err(self.cant_locate(name)?);
        };
        inc.set(&key, inc_val);
        // The file is there: what looking for it elsewhere left in `$!` is of no interest.
        self.errno(keshi_io::Errno(0));
        let r = self.run_file(src, &path, Want::Scalar, Val::bytes(name));
        match r {
            Ok(ret) => {
                let v = ret.scalar();
                let v = self.read(&v)?;
                let module_true = std::mem::take(&mut self.rtstate.module_true);
                if !module_true && !self.truth(&v)? {
                    inc.delete(&key);
                    let t = String::from_utf8_lossy(name).into_owned();
                    return Err(self.die_text(&format!("{t} did not return a true value")));
                }
                Ok(if module_true { Val::int(1) } else { v })
            }
            Err(e) => {
                match *e {
                    Exc::Die(v) => {
                        // A file that failed to compile or died stays marked; one that returned false does not.
                        inc.set(&key, Val::undef());
                        if v.is_ref() {
                            return Err(Box::new(Exc::Die(v)));
                        }
                        let (b, u) = self.str_bytes(&v)?;
                        let mut m = b.into_owned();
                        m.extend_from_slice(b"Compilation failed in require");
                        m.extend(self.position_suffix());
                        Err(Box::new(Exc::Die(Val::str(&m, u))))
                    }
                    other => Err(Box::new(other)),
                }
            }
        }
    }

    /// `Can't locate Foo/Bar.pm in @INC (…)`
    fn cant_locate(&mut self, name: &[u8]) -> R<Box<Exc>> {
        let t = String::from_utf8_lossy(name).into_owned();
        if name.starts_with(b"/") || name.starts_with(b"./") || name.starts_with(b"../") {
            return Ok(self.die_text(&format!("Can't locate {t}")));
        }
        let mut dirs = String::new();
        for d in self.inc_dirs()? {
            dirs.push(' ');
            dirs.push_str(&self.text_of(&d)?);
        }
        let hint = if let Some(m) = t.strip_suffix(".pm") {
            if t.contains("::") {
                format!(" (hint: you may need to install the {} module) (you may need", m.replace('/', "::"))
                    .replace(" (you may need", "")
            } else {
                format!(" (you may need to install the {} module)", m.replace('/', "::"))
            }
        } else if t.ends_with(".h") {
            " (change .h to .ph maybe?) (did you run h2ph?)".to_string()
        } else if t.ends_with(".ph") {
            " (did you run h2ph?)".to_string()
        } else {
            String::new()
        };
        Ok(self.die_text(&format!("Can't locate {t} in @INC{hint} (@INC entries checked:{dirs})")))
    }
}

/// A source that was found: text, name for messages, value for `%INC`.
enum Found {
    Text(Vec<u8>, Vec<u8>, Val),
}

/// require BAREWORD (the compiler made it a file name)
pub fn require_bare(vm: &mut Vm, b: &Val) -> R<Val> {
    let (n, _) = vm.str_bytes(b)?;
    let n = n.into_owned();
    vm.require_file(&n)
}
/// require EXPR
pub fn require_expr(vm: &mut Vm, b: &Val) -> R<Val> {
    let vstring = b.as_dual().is_some_and(|d| d.vstring.is_some());
    if vstring || (!b.is_str() && !b.is_ref() && !b.is_undef() && b.tag() < keshi_value::tag::STR) {
        vm.check_perl_version(b)?;
        return Ok(Val::int(1));
    }
    let (n, _) = vm.str_bytes_quiet(b)?;
    let n = n.into_owned();
    if n.is_empty() {
        return Err(vm.die_text("Missing or undefined argument to require"));
    }
    vm.require_file(&n)
}

fn do_any(vm: &mut Vm, b: &Val, want: Want) -> R<Ret> {
    let (n, _) = vm.str_bytes_quiet(b)?;
    let n = n.into_owned();
    if n.is_empty() {
        return Err(vm.die_text("Missing or undefined argument to do"));
    }
    set_err(vm, Val::bytes(""));
    let inc = vm.gv.inc.hash().clone();
    let Some(Found::Text(src, path, iv)) = vm.find_file(&n, true)? else {
        return Ok(if want == Want::List { Ret::List(Array::new()) } else { Ret::Scalar(Val::undef()) });
    };
    inc.set(&Key::new(&n, false), iv);
    match vm.run_file(src, &path, want, Val::bytes(&n)) {
        Ok(r) => {
            set_err(vm, Val::bytes(""));
            Ok(r)
        }
        Err(e) => match *e {
            Exc::Die(v) => {
                set_err(vm, v);
                Ok(if want == Want::List { Ret::List(Array::new()) } else { Ret::Scalar(Val::undef()) })
            }
            other => Err(Box::new(other)),
        },
    }
}
/// do FILE
pub fn do_file(vm: &mut Vm, b: &Val) -> R<Val> {
    let v = do_any(vm, b, Want::Scalar)?.scalar();
    vm.read(&v)
}
/// do FILE in list context
pub fn do_file_list(vm: &mut Vm, b: &Val) -> R<Val> {
    Ok(Val::ptr(do_any(vm, b, Want::List)?.list()))
}

/// last/next/redo/goto with a computed label
pub fn unwind_dynamic(vm: &mut Vm, a: &Val, how: u64) -> R<()> {
    let (b, _) = vm.str_bytes(a)?;
    let label: Box<[u8]> = b.into_owned().into_boxed_slice();
    Err(vm.leave_loop(how, Some(label)))
}
/// `...`
pub fn yada(vm: &mut Vm) -> R<()> {
    Err(vm.die_text("Unimplemented"))
}
/// dies with a constant message
pub fn die_message(vm: &mut Vm, msg: u32) -> R<()> {
    let linked = vm.frame().linked.clone();
    match &linked.chunk.consts[msg as usize] {
        Const::Str { bytes, utf8 } => Err(vm.die_bytes(bytes, *utf8)),
        _ => Err(vm.die_text("panic: message constant")),
    }
}
/// goto &code
pub fn goto_code(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_ref() || b.tag() == keshi_value::tag::PTR || b.tag() == keshi_value::tag::GLOB {
        return super::sub::code_of(vm, b);
    }
    if b.is_undef() {
        return Err(vm.die_text("goto must have label"));
    }
    super::sub::code_of(vm, b)
}
/// flip-flop with a constant: `$. == n`
pub fn line_equals(vm: &mut Vm, b: &Val) -> R<Val> {
    let n = match vm.rtstate.io.last_read.get().and_then(|g| g.io.get().clone()) {
        Some(io) => Val::int(io.lines.get()),
        None => Val::undef(),
    };
    super::compare::eq(vm, &n, b)
}
/// when
pub fn when(vm: &mut Vm, b: &Val, how: u64) -> R<Val> {
    if how == 1 {
        return Ok(Val::bool(vm.truth(b)?));
    }
    let t = vm.gv.defgv.scalar().clone();
    let topic = vm.get_sv(&t)?;
    super::compare::smartmatch(vm, &topic, b)
}
