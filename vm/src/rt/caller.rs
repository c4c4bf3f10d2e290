//! `caller`: the levels of the call stack as perl counts them.
//!
//! A level is a sub call, an eval, or a file being required; a BEGIN block is two, itself and the eval that guards
//! it. A file that is still being compiled has no frame yet: [`Vm::compiling_file`] makes its level.

use crate::Vm;
use crate::exc::{R, Want};
use crate::frame::FrameKind;
use keshi_value::hash::Key;
use keshi_value::{Array, Hash, Val};

/// Where a BEGIN block stands: what `caller` in it reports.
#[derive(Clone)]
pub struct BeginPlace {
    pub file: Box<[u8]>,
    pub line: u32,
    pub package: Box<[u8]>,
}

/// A file being compiled: the number of frames below, and its name as it was asked for.
pub struct CompilingFile {
    depth: usize,
    text: Val,
}

/// One level of `caller`.
pub struct CallerInfo {
    pub package: Val,
    pub file: Val,
    pub line: u32,
    pub sub: Val,
    pub has_args: Val,
    pub want: Val,
    pub eval_text: Val,
    pub is_require: Val,
    pub hints: u32,
    pub bitmask: Val,
    pub hinthash: Val,
    pub frame: usize,
}

/// Which level of a frame.
#[derive(Clone, Copy)]
enum Level {
    /// A file being compiled on top of it, by its place in the list.
    Compiling(usize),
    /// An eval block in it.
    Eval(u32),
    Call,
    /// The eval around a BEGIN block.
    Guard,
}

impl Vm {
    /// `die` located at the call of the running sub (signature errors).
    pub fn die_from_caller(&mut self, msg: &str) -> Box<crate::Exc> {
        let Some(c) = self.caller_info(0) else { return self.die_text(msg) };
        let file = self.str_bytes_quiet(&c.file).map(|(b, _)| b.into_owned()).unwrap_or_default();
        let mut text = msg.as_bytes().to_vec();
        text.extend(self.suffix_at(&file, c.line));
        self.die_value(Val::str(&text, !msg.is_ascii()))
    }

    /// While `f` compiles a file, `caller` counts it as a level; `text` is its name as it was asked for.
    pub fn compiling_file<T>(&mut self, text: Val, f: impl FnOnce(&mut Vm) -> T) -> T {
        let depth = self.frames.len();
        self.rtstate.compiling_files.push(CompilingFile { depth, text });
        let r = f(self);
        self.rtstate.compiling_files.pop();
        r
    }

    /// The levels `caller(n)` counts: sub calls, evals, requires; DB frames included.
    pub fn caller_info(&mut self, level: usize) -> Option<CallerInfo> {
        let mut left = level;
        let mut i = self.frames.len().checked_sub(1)?;
        loop {
            let mut levels: Vec<Level> = Vec::new();
            let files = &self.rtstate.compiling_files;
            levels.extend((0..files.len()).rev().filter(|k| files[*k].depth == i + 1).map(Level::Compiling));
            // The frame of a string eval stands for the handler around its call.
            let own = self.frames.get(i + 1).is_some_and(|f| f.kind == FrameKind::EvalStr);
            levels.extend(self.eval_regions(i).into_iter().skip(own as usize).map(Level::Eval));
            let begin = self.frames[i].begin.is_some();
            // The debugger's call of a sub through DB::sub is one level, that of the sub.
            let hook = self.is_debug_sub(&self.frames[i].code);
            if (i > 0 || begin) && self.frames[i].kind != FrameKind::Pattern && !hook {
                levels.push(Level::Call);
            }
            if begin {
                levels.push(Level::Guard);
            }
            if let Some(l) = levels.get(left) {
                return Some(self.level(i, *l));
            }
            left -= levels.len();
            if i == 0 {
                return None;
            }
            i -= 1;
        }
    }

    /// A level with the position of frame `i`.
    fn level_at(&mut self, i: usize) -> CallerInfo {
        let mut c = CallerInfo {
            package: Val::bytes("main"),
            file: Val::undef(),
            line: 0,
            sub: Val::bytes("(eval)"),
            has_args: Val::int(0),
            want: Val::undef(),
            eval_text: Val::undef(),
            is_require: Val::undef(),
            hints: 0,
            bitmask: Val::undef(),
            hinthash: Val::undef(),
            frame: i,
        };
        let Some((cop, line)) = self.cop_of(i) else { return c };
        c.package = Val::str(&cop.package, !cop.package.is_ascii());
        c.file = Val::bytes(&cop.file[..]);
        c.line = line;
        c.hints = cop.hints;
        c.bitmask = cop.warnings.as_ref().map_or(Val::undef(), |w| Val::bytes(&w[..]));
        if let Some(list) = &cop.hinthash {
            let h = Hash::new();
            for e in list.iter() {
                let v = e.value.as_ref().map_or(Val::undef(), |v| Val::str(v, e.value_utf8));
                h.set(&Key::new(&e.key, e.key_utf8), v);
            }
            c.hinthash = Val::reference(h);
        }
        c
    }

    /// A level with the position of the BEGIN block that frame `i` runs, else of the frame's caller.
    fn level_above(&mut self, i: usize) -> CallerInfo {
        let begin = self.frames[i].begin.and_then(|n| self.rtstate.begin_place.get(n).cloned());
        let Some(p) = begin else {
            let hook = i > 1 && self.is_debug_sub(&self.frames[i - 1].code);
            return self.level_at(i.saturating_sub(1 + hook as usize));
        };
        CallerInfo {
            package: Val::str(&p.package, !p.package.is_ascii()),
            file: Val::bytes(&p.file[..]),
            line: p.line,
            sub: Val::bytes("(eval)"),
            has_args: Val::int(0),
            want: Val::undef(),
            eval_text: Val::undef(),
            is_require: Val::undef(),
            hints: self.rtstate.hints,
            bitmask: self.rtstate.warning_bits.clone(),
            hinthash: Val::undef(),
            frame: i,
        }
    }

    fn level(&mut self, i: usize, l: Level) -> CallerInfo {
        match l {
            Level::Compiling(k) => {
                let mut c = self.level_at(i);
                c.eval_text = self.rtstate.compiling_files[k].text.clone();
                c.is_require = Val::bool(true);
                c
            }
            Level::Eval(h) => {
                // An eval block's caller is the statement it stands in; the handler's region start tells the pc.
                let chunk = self.frames[i].linked.chunk.clone();
                let start = chunk.regions.iter().filter(|r| r.handler == h).map(|r| r.start).min();
                let mut c = self.level_at(i);
                if let Some(e) = chunk.line_at(start.unwrap_or(0).saturating_sub(1)) {
                    c.line = e.line;
                }
                c
            }
            Level::Guard => self.level_above(i),
            Level::Call => {
                let mut c = self.level_above(i);
                c.frame = i;
                let f = &self.frames[i];
                c.want = match f.want {
                    Want::Void => Val::undef(),
                    Want::Scalar => Val::bool(false),
                    Want::List => Val::bool(true),
                };
                if let FrameKind::EvalStr | FrameKind::File = f.kind {
                    c.is_require = Val::bool(f.kind == FrameKind::File);
                    c.eval_text = f.eval_text.clone().unwrap_or_default();
                    return c;
                }
                // `&foo;` has no arguments of its own.
                let hook = i > 1 && self.is_debug_sub(&self.frames[i - 1].code);
                let shared = match (&f.args, i - hook as usize) {
                    (Some(a), i @ 1..) => match &self.frames[i - 1].args {
                        Some(outer) => a.same(outer),
                        None => self.gv.defgv.av.get().as_ref().is_some_and(|g| a.same(g)),
                    },
                    _ => false,
                };
                let code = f.code.clone();
                c.has_args = Val::bool(!shared);
                c.sub = match self.sub_full_name(&code) {
                    Some(n) => Val::text(&n),
                    None => Val::bytes("main::__ANON__"),
                };
                c
            }
        }
    }
}

/// caller without argument
pub fn caller_short(vm: &mut Vm) -> R<Val> {
    Ok(Val::ptr(match vm.caller_info(0) {
        Some(c) => Array::from_vec(vec![c.package, c.file, Val::int(c.line as i64)]),
        None => Array::new(),
    }))
}
/// caller EXPR
pub fn caller_long(vm: &mut Vm, b: &Val) -> R<Val> {
    let n = vm.to_iv_quiet(b)?;
    if n < 0 {
        return Ok(Val::ptr(Array::new()));
    }
    let Some(c) = vm.caller_info(n as usize) else { return Ok(Val::ptr(Array::new())) };
    // Called from package DB: the arguments go to @DB::args.
    if vm.truth(&c.has_args)? && &*vm.here().package == b"DB" {
        if let Some(a) = vm.frames[c.frame].args.clone() {
            let vs = super::array::list_values(vm, &a, 0)?;
            let args = vm.gv_str("DB::args").array().clone();
            if vm.tied_obj(&*args).is_some() {
                return Err(vm.die_text("Cannot set tied @DB::args"));
            }
            vm.av_assign(&args, vs)?;
        }
    }
    Ok(Val::ptr(Array::from_vec(vec![
        c.package,
        c.file,
        Val::int(c.line as i64),
        c.sub,
        c.has_args,
        c.want,
        c.eval_text,
        c.is_require,
        Val::int(c.hints as i64),
        c.bitmask,
        c.hinthash,
    ])))
}
/// caller in scalar context
pub fn caller_package(vm: &mut Vm, b: &Val) -> R<Val> {
    let n = vm.to_iv_quiet(b)?;
    Ok(vm.caller_info(n.max(0) as usize).map_or(Val::undef(), |c| c.package))
}
