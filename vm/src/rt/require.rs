//! `require` and `do FILE`: the walk along `@INC` with its hooks, `%INC`, `${^HOOK}`, the messages.
//!
//! Laws
//! 1. `@INC` is read anew for every entry: a hook may replace it, and may steer the walk through `$INC`.
//! 2. A file is read as octets, whatever layers `use open` asks for.
//! 3. `%INC` gets the hook (a reference) for what a hook produced unless the hook entered something itself.

use super::inc_hook::Hook;
use crate::Vm;
use crate::exc::{Exc, R, Ret, Want};
use crate::frame::FrameKind;
use crate::warn::cat;
use keshi_value::hash::Key;
use keshi_value::{Array, Code, Ptr, Val, tag};
use std::collections::VecDeque;
use std::os::unix::ffi::OsStrExt;

/// A source that was found.
pub(super) struct Found {
    /// An error of the hook's filter is one of the file.
    pub(super) text: R<Vec<u8>>,
    /// For messages and `__FILE__`.
    pub(super) name: Vec<u8>,
    /// For `%INC`.
    pub(super) inc: Val,
}

/// What the search came to.
enum Search {
    Found(Found),
    /// The entries of `@INC` that were looked at; `None`: it was a plain path.
    Missing(Option<Vec<Val>>),
    /// The file is there, but cannot be read.
    Unreadable(Vec<u8>, i32),
}

/// Which of the two is at work, for the messages.
#[derive(Clone, Copy, PartialEq)]
enum Op {
    Require,
    Do,
}

impl Op {
    fn name(self) -> &'static str {
        if self == Op::Require { "require" } else { "do" }
    }
}

/// What a path led to.
enum Source {
    Text(Vec<u8>),
    Missing,
    Denied(i32),
}

impl Vm {
    /// Runs a file's text as `require`/`do` do.
    pub fn run_file(&mut self, source: Vec<u8>, name: &[u8], want: Want, text: Val) -> R<Ret> {
        let Some(c) = self.compiler.clone() else { return Err(self.die_text("panic: no compiler")) };
        let code = self.compiling_file(text.clone(), |vm| c.compile_file(vm, source, name))?;
        self.debug_loaded(name)?;
        self.run_file_code(&code, want, text)
    }

    fn run_file_code(&mut self, code: &Ptr<Code>, want: Want, text: Val) -> R<Ret> {
        let keshi_value::Body::Chunk(l) = code.body.get() else { return Ok(Ret::Void) };
        self.pending_eval_text = Some(text);
        let l = l.clone();
        self.run_linked(l, code.clone(), None, want, FrameKind::File)
    }

    fn run_found(&mut self, found: Found, file: &[u8], want: Want, text: Val) -> R<Ret> {
        // What the file leaves in `$!` is its own affair; a failed search is not.
        super::sys::set_errno(self, 0);
        self.run_file(found.text?, file, want, text)
    }

    // ---- the search

    /// Finds `name` along `@INC`, or as the path it is, and reads it.
    fn find_source(&mut self, name: &[u8], utf8: bool, op: Op, given: &Val) -> R<Search> {
        let is_path = name.starts_with(b"/") || name.starts_with(b"./") || name.starts_with(b"../");
        if is_path {
            match self.read_source(name) {
                Source::Text(text) => {
                    return Ok(Search::Found(Found {
                        text: Ok(text),
                        name: name.to_vec(),
                        inc: Val::str(name, utf8),
                    }));
                }
                Source::Denied(n) => return Ok(Search::Unreadable(name.to_vec(), n)),
                Source::Missing => {}
            }
        }
        let index = self.gv.inc.scalar().clone();
        let saved = index.peek().clone();
        let r = self.walk_inc(name, utf8, is_path, op, given);
        self.gv.inc.sv.set(Some(index.clone()));
        index.set(saved);
        r
    }

    fn walk_inc(&mut self, name: &[u8], utf8: bool, hooks_only: bool, op: Op, given: &Val) -> R<Search> {
        let mut seen = Vec::new();
        let mut pending: VecDeque<Val> = VecDeque::new();
        let mut any_hook = false;
        let mut i: i64 = 0;
        loop {
            let inserted = pending.pop_front();
            let entry = match &inserted {
                Some(dir) => dir.clone(),
                None => {
                    let list = self.gv.inc.array().clone();
                    if i >= self.av_len(&list)? {
                        break;
                    }
                    self.av_get(&list, i)?
                }
            };
            if inserted.is_none() && entry.is_ref() {
                any_hook = true;
                seen.push(entry.clone());
                let index = self.gv.inc.scalar().clone();
                index.set(Val::int(i));
                let file = if given.is_ref() { given.clone() } else { Val::str(name, utf8) };
                let answer = match self.hook_of(&entry)? {
                    Hook::Directory => {
                        seen.pop();
                        let dir = self.to_str_val(&entry)?;
                        pending.push_back(dir);
                        None
                    }
                    Hook::Sub(code) => {
                        self.ask_hook(&code, vec![entry.clone(), file], "INC sub", name, &entry)?
                    }
                    Hook::Method(kind, code) => {
                        let args =
                            match entry.av().filter(|_| entry.hdr().is_some_and(|h| h.stash().is_none())) {
                                Some(list) => vec![self.av_get(&list, 0)?, file, entry.clone()],
                                None => vec![entry.clone(), file],
                            };
                        if kind == "INCDIR" {
                            for dir in self.call_hook(&code, args, "INCDIR method")? {
                                pending.push_back(self.to_str_val(&dir)?);
                            }
                            None
                        } else {
                            self.ask_hook(&code, args, "INC method", name, &entry)?
                        }
                    }
                };
                if let Some(found) = answer {
                    return Ok(Search::Found(found));
                }
                // `$INC` tells where to go on.
                let index = self.gv.inc.scalar().clone();
                let next = self.get_sv(&index)?;
                i = if next.is_undef() { 0 } else { self.to_iv(&next)? + 1 };
                i = i.max(0);
                continue;
            }
            if inserted.is_none() {
                i += 1;
            }
            if hooks_only {
                continue;
            }
            seen.push(entry.clone());
            let (dir, dir_utf8) = self.str_bytes_quiet(&entry)?;
            if dir.contains(&0) {
                let shown = shown_name(&dir, dir_utf8);
                let text = format!("Invalid \\0 character in @INC entry for {}: {shown}", op.name());
                self.warn(cat::SYSCALLS, &text)?;
                continue;
            }
            let mut path = dir.into_owned();
            let mut path_utf8 = dir_utf8;
            if path.last() != Some(&b'/') {
                keshi_text::utf8::append(&mut path, &mut path_utf8, b"/", false);
            }
            keshi_text::utf8::append(&mut path, &mut path_utf8, name, utf8);
            let source = match self.read_pmc(&path) {
                Source::Missing => self.read_source(&path),
                found => found,
            };
            // The current directory is not part of a file's name.
            if path.starts_with(b"./") {
                let from = path[1..].iter().position(|&c| c != b'/').map_or(path.len(), |i| i + 1);
                path.drain(..from);
            }
            match source {
                Source::Text(text) => {
                    return Ok(Search::Found(Found {
                        text: Ok(text),
                        inc: Val::str(&path, path_utf8),
                        name: path,
                    }));
                }
                Source::Denied(n) => return Ok(Search::Unreadable(path, n)),
                Source::Missing => {}
            }
        }
        Ok(Search::Missing((!hooks_only || any_hook).then_some(seen)))
    }

    /// The `.pmc` file that stands beside a `.pm` file takes its place.
    fn read_pmc(&mut self, path: &[u8]) -> Source {
        if !path.ends_with(b".pm") {
            return Source::Missing;
        }
        self.read_source(&[path, b"c"].concat())
    }

    /// A plain file's bytes; sets `$!` if there is none.
    fn read_source(&mut self, path: &[u8]) -> Source {
        let p = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
        let error = match std::fs::metadata(p) {
            Ok(m) if m.is_dir() => libc::EISDIR,
            Ok(_) => match std::fs::read(p) {
                Ok(text) => return Source::Text(text),
                Err(e) => e.raw_os_error().unwrap_or(libc::EIO),
            },
            Err(e) => e.raw_os_error().unwrap_or(libc::EIO),
        };
        super::sys::set_errno(self, error);
        match error {
            libc::EACCES | libc::EMFILE => Source::Denied(error),
            _ => Source::Missing,
        }
    }

    // ---- require

    /// `require FILE`: compiles and runs once, remembers the result in `%INC`.
    pub fn require_file(&mut self, name: &[u8]) -> R<Val> {
        self.require_named(name, false, &Val::undef())
    }

    fn require_named(&mut self, name: &[u8], utf8: bool, given: &Val) -> R<Val> {
        let Some((file, post)) = self.before_require(name, utf8)? else {
            let r = self.require_once(name, utf8, given);
            self.after_require(name, utf8, None)?;
            return r;
        };
        let (name, utf8) = {
            let (b, u) = self.str_bytes(&file)?;
            (b.into_owned(), u)
        };
        let r = self.require_once(&name, utf8, &file);
        self.after_require(&name, utf8, post)?;
        r
    }

    /// The sub in `${^HOOK}{name}`.
    fn require_hook(&mut self, name: &str) -> Option<Ptr<Code>> {
        let g = self.gv_find(b"main::\x08OOK", false, false)?;
        let v = g.hash().get(&Key::ascii(name))?;
        v.resolve().cv()
    }

    /// `${^HOOK}{require__before}`: it may rename the file, and give a sub to be called afterwards.
    fn before_require(&mut self, name: &[u8], utf8: bool) -> R<Option<(Val, Option<Ptr<Code>>)>> {
        let Some(code) = self.require_hook("require__before") else { return Ok(None) };
        let file = keshi_value::Scalar::new(Val::str(name, utf8));
        let post = self.call_scalar(&code, vec![Val::ind(file.clone())])?;
        let post = self.read(&post)?;
        let renamed = self.get_sv(&file)?;
        let renamed = self.to_str_val(&renamed)?;
        if renamed.as_str().is_none_or(|s| s.bytes().is_empty()) {
            let text = "Missing or undefined argument to require via %{^HOOK}{require__before}";
            return Err(self.die_text(text));
        }
        Ok(Some((renamed, post.cv().filter(|_| post.is_ref()))))
    }

    fn after_require(&mut self, name: &[u8], utf8: bool, post: Option<Ptr<Code>>) -> R<()> {
        for code in [post, self.require_hook("require__after")].into_iter().flatten() {
            self.call(&code, Array::from_vec(vec![Val::str(name, utf8)]), Want::Void)?;
        }
        Ok(())
    }

    fn require_once(&mut self, name: &[u8], utf8: bool, given: &Val) -> R<Val> {
        if name.contains(&0) {
            let t = shown_name(name, utf8);
            self.warn(cat::SYSCALLS, &format!("Invalid \\0 character in pathname for require: {t}"))?;
            return Err(self.die_text(&format!("Can't locate {t}:   No such file or directory")));
        }
        let inc = self.gv.inc.hash().clone();
        let key = Key::new(name, utf8);
        if let Some(v) = inc.get(&key) {
            let v = self.read(&v)?;
            if v.is_undef() {
                let mut text = b"Attempt to reload ".to_vec();
                text.extend_from_slice(name);
                text.extend_from_slice(b" aborted.\nCompilation failed in require");
                return Err(self.die_bytes(&text, utf8));
            }
            return Ok(Val::int(1));
        }
        if let Some(provided) = crate::natives::provided(name) {
            inc.set(&key, Val::text(&provided));
            return Ok(Val::int(1));
        }
        let found = match self.find_source(name, utf8, Op::Require, given)? {
            Search::Found(f) => f,
            Search::Missing(seen) => return Err(self.cant_locate(name, utf8, seen)?),
            Search::Unreadable(path, errno) => {
                let mut text = b"Can't locate ".to_vec();
                text.extend_from_slice(name);
                text.extend_from_slice(b":   ");
                text.extend_from_slice(&path);
                text.extend_from_slice(format!(": {}", keshi_io::errno::Errno(errno).message()).as_bytes());
                return Err(self.die_bytes(&text, utf8));
            }
        };
        let file = self.enter_in_inc(&key, &found)?;
        let r = self.run_found(found, &file, Want::Scalar, Val::str(name, utf8));
        match r {
            Ok(ret) => {
                let v = ret.scalar();
                let v = self.read(&v)?;
                if !self.truth(&v)? {
                    inc.delete(&key);
                    let mut text = name.to_vec();
                    text.extend_from_slice(b" did not return a true value");
                    return Err(self.die_bytes(&text, utf8));
                }
                super::control::set_err(self, Val::bytes(""));
                Ok(v)
            }
            Err(e) => match *e {
                Exc::Die(v) => {
                    // A file that failed to compile or died stays marked; one that returned false does not.
                    inc.set(&key, Val::undef());
                    let (b, u) = self.str_bytes(&v)?;
                    let mut m = b.into_owned();
                    m.extend_from_slice(b"Compilation failed in require");
                    m.extend(self.position_suffix());
                    Err(Box::new(Exc::Die(Val::str(&m, u))))
                }
                other => Err(Box::new(other)),
            },
        }
    }

    /// Enters a found file in `%INC`; its name for messages, which a hook may have entered there.
    fn enter_in_inc(&mut self, key: &Key, found: &Found) -> R<Vec<u8>> {
        let inc = self.gv.inc.hash().clone();
        if found.inc.is_ref() {
            if let Some(v) = inc.get(key) {
                let v = self.read(&v)?;
                if !v.is_ref() && !v.is_undef() {
                    return Ok(self.str_bytes(&v)?.0.into_owned());
                }
                return Ok(found.name.clone());
            }
        }
        inc.set(key, found.inc.clone());
        Ok(found.name.clone())
    }

    /// `Can't locate Foo/Bar.pm in @INC (…)`
    fn cant_locate(&mut self, name: &[u8], utf8: bool, seen: Option<Vec<Val>>) -> R<Box<Exc>> {
        let mut text = b"Can't locate ".to_vec();
        let mut flag = false;
        keshi_text::utf8::append(&mut text, &mut flag, name, utf8);
        let Some(seen) = seen else { return Ok(self.die_bytes(&text, flag)) };
        let mut add = |more: &[u8], utf8: bool| keshi_text::utf8::append(&mut text, &mut flag, more, utf8);
        add(b" in @INC", false);
        if let Some(module) = name.strip_suffix(b".pm") {
            if is_module_path(module, utf8) {
                let module = String::from_utf8_lossy(module).replace('/', "::");
                add(b" (you may need to install the ", false);
                add(module.as_bytes(), utf8);
                add(b" module)", false);
            }
        } else if name.ends_with(b".h") {
            add(b" (change .h to .ph maybe?) (did you run h2ph?)", false);
        } else if name.ends_with(b".ph") {
            add(b" (did you run h2ph?)", false);
        }
        add(b" (@INC entries checked:", false);
        for d in seen.iter().filter(|d| !d.is_undef()) {
            let (b, u) = self.str_bytes_quiet(d)?;
            add(b" ", false);
            add(&b, u);
        }
        add(b")", false);
        Ok(self.die_bytes(&text, flag))
    }
}

/// A name with a NUL byte as messages show it.
fn shown_name(name: &[u8], utf8: bool) -> String {
    let quoted = keshi_text::quote::display(name, utf8, 0);
    quoted[1..quoted.len() - 1].replace("\\\"", "\"")
}

/// Would the path without `.pm` be a bareword after `require`? Parts after the first may begin with a digit.
fn is_module_path(path: &[u8], utf8: bool) -> bool {
    let text = if utf8 || path.is_ascii() {
        String::from_utf8_lossy(path).into_owned()
    } else {
        path.iter().map(|&b| b as char).collect()
    };
    let start = |c: char| c == '_' || c.is_alphabetic();
    let part = |p: &str, first: bool| {
        let mut chars = p.chars();
        match chars.next() {
            Some(c) if start(c) || (!first && c.is_ascii_digit()) => {
                chars.all(|c| c == '_' || c.is_alphanumeric())
            }
            _ => false,
        }
    };
    text.split('/').enumerate().all(|(i, p)| part(p, i == 0))
}

/// require BAREWORD (the compiler made it a file name)
pub fn require_bare(vm: &mut Vm, b: &Val) -> R<Val> {
    let (n, u) = vm.str_bytes(b)?;
    let n = n.into_owned();
    vm.require_named(&n, u, b)
}

/// require EXPR
pub fn require_expr(vm: &mut Vm, b: &Val) -> R<Val> {
    let vstring = b.as_dual().is_some_and(|d| d.vstring.is_some());
    if vstring || (!b.is_str() && !b.is_ref() && !b.is_undef() && b.tag() < tag::STR) {
        vm.check_perl_version(b)?;
        return Ok(Val::int(1));
    }
    let (n, u) = vm.str_bytes_quiet(b)?;
    let n = n.into_owned();
    if matches!(n.first(), None | Some(0)) {
        return Err(vm.die_text("Missing or undefined argument to require"));
    }
    vm.require_named(&n, u, b)
}

fn do_any(vm: &mut Vm, b: &Val, want: Want) -> R<Ret> {
    let (n, utf8) = vm.str_bytes_quiet(b)?;
    let n = n.into_owned();
    if matches!(n.first(), None | Some(0)) {
        return Err(vm.die_text("Missing or undefined argument to do"));
    }
    let nothing = || if want == Want::List { Ret::List(Array::new()) } else { Ret::Scalar(Val::undef()) };
    super::control::set_err(vm, Val::bytes(""));
    if n.contains(&0) {
        let t = shown_name(&n, utf8);
        vm.warn(cat::SYSCALLS, &format!("Invalid \\0 character in pathname for do: {t}"))?;
        super::sys::set_errno(vm, libc::ENOENT);
        return Ok(nothing());
    }
    let found = match vm.find_source(&n, utf8, Op::Do, b)? {
        Search::Found(f) => f,
        Search::Missing(seen) => {
            warn_missing_dot(vm, &n, utf8, seen.is_some())?;
            return Ok(nothing());
        }
        Search::Unreadable(..) => return Ok(nothing()),
    };
    let key = Key::new(&n, utf8);
    let file = vm.enter_in_inc(&key, &found)?;
    match vm.run_found(found, &file, want, Val::str(&n, utf8)) {
        Ok(r) => {
            super::control::set_err(vm, Val::bytes(""));
            Ok(r)
        }
        Err(e) => match *e {
            Exc::Die(v) => {
                super::control::set_err(vm, v);
                Ok(nothing())
            }
            other => Err(Box::new(other)),
        },
    }
}

/// `do "file"` used to look in the current directory.
fn warn_missing_dot(vm: &mut Vm, name: &[u8], utf8: bool, searched: bool) -> R<()> {
    let p = std::path::Path::new(std::ffi::OsStr::from_bytes(name));
    if !searched || !p.exists() {
        return Ok(());
    }
    let errno = vm.rtstate.sys.errno;
    let t = shown_name(name, utf8);
    let text = format!("do \"{t}\" failed, '.' is no longer in @INC; did you mean do \"./{t}\"?");
    vm.warn(cat::DEPRECATED_DOT_IN_INC, &text)?;
    super::sys::set_errno(vm, errno);
    Ok(())
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
