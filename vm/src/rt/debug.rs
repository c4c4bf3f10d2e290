//! The debugger's hooks: `DB::DB` before statements, `DB::sub` around calls.
//!
//! Code compiled while `$^P` asks for it calls in here (ops `dbg.stmt`, `dbg.sub`); other code pays nothing. What the
//! debugger itself runs, package DB, is compiled without them.

use crate::Vm;
use crate::exc::{R, Want};
use keshi_l1::chunk::Const;
use keshi_value::code::cvf;
use keshi_value::{Array, Code, Glob, Ptr, Val};

/// Bits of `$^P`.
pub mod flag {
    pub const SUBS: i64 = 0x01;
    pub const LINES: i64 = 0x02;
    /// Files are reported to `DB::postponed`.
    pub const INTERACTIVE: i64 = 0x08;
    /// Where each sub stands goes to `%DB::sub`.
    pub const SUB_LINES: i64 = 0x10;
    pub const START_SINGLE: i64 = 0x20;
    pub const GOTO: i64 = 0x80;
    /// The names of evals and anonymous subs tell their place.
    pub const EVAL_NAMES: i64 = 0x100;
    pub const ANON_NAMES: i64 = 0x200;
    pub const SAVE_SOURCE: i64 = 0x400;
    /// What `-d` sets.
    pub const ALL: i64 = 0x73f;
}

/// The globs the hooks look at, once they exist.
pub struct Globs {
    /// `$DB::single`, `$DB::signal`, `$DB::trace`.
    wishes: [Ptr<Glob>; 3],
    db: Ptr<Glob>,
    sub: Ptr<Glob>,
    lsub: Ptr<Glob>,
    goto: Ptr<Glob>,
}

impl Vm {
    /// `$^P`
    pub fn debug_flags(&mut self) -> i64 {
        let Some(g) = self.gv_lookup(b"main::\x10") else { return 0 };
        let v = g.sv.get().as_ref().map(|s| s.peek().clone()).unwrap_or_default();
        match v.resolve() {
            v if v.is_int() => v.as_i64(),
            _ => 0,
        }
    }

    /// May `DB::DB` be called while it runs? A bit of `$^D` says so.
    fn debug_recurses(&mut self) -> bool {
        const RECURSE: i64 = 1 << 30;
        let v = self.gv_lookup(b"main::\x04").map(|g| g.scalar().get()).unwrap_or_default();
        v.is_int() && v.as_i64() & RECURSE != 0
    }

    fn debug_globs(&mut self) -> &Globs {
        if self.rtstate.debug.is_none() {
            let mut g = |n: &str| self.gv_str(&format!("DB::{n}"));
            let globs = Globs {
                wishes: [g("single"), g("signal"), g("trace")],
                db: g("DB"),
                sub: g("sub"),
                lsub: g("lsub"),
                goto: g("goto"),
            };
            self.rtstate.debug = Some(globs);
        }
        self.rtstate.debug.as_ref().expect("made above")
    }

    /// Is that the sub the debugger calls others through?
    pub fn is_debug_sub(&self, code: &Ptr<Code>) -> bool {
        let globs = self.rtstate.debug.as_ref();
        globs.is_some_and(|g| {
            [&g.sub, &g.lsub].iter().any(|g| g.cv.get().as_ref().is_some_and(|c| c.same(code)))
        })
    }

    /// The frame whose variables a string eval in package DB sees, and its Scope constant: the innermost one
    /// outside of the debugger.
    pub fn debugged_frame(&self) -> Option<(usize, u32)> {
        let own = |f: &crate::frame::Frame| &*f.linked.chunk.package == b"DB";
        if !self.frames.last().is_some_and(own) {
            return None;
        }
        let i = self.frames.iter().rposition(|f| !own(f))?;
        Some((i, self.frames[i].debug_scope?))
    }

    /// Does the debugger want to be called before the running statement?
    fn wants_stop(&mut self) -> R<bool> {
        let wishes = self.debug_globs().wishes.clone();
        for g in &wishes {
            let v = self.get_sv(&g.scalar().clone())?;
            if !v.is_undef() && self.to_iv_quiet(&v)? != 0 {
                return Ok(true);
            }
        }
        self.breakpoint()
    }

    /// Is there a breakpoint on the running line?
    fn breakpoint(&mut self) -> R<bool> {
        let here = self.here();
        let Some(g) = self.gv_lookup(&[b"main::_<", &here.file[..]].concat()) else { return Ok(false) };
        let Some(h) = g.hv.get().clone().filter(|h| !h.is_empty()) else { return Ok(false) };
        match h.get_str(&here.line.to_string()) {
            Some(v) => self.truth(&v),
            None => Ok(false),
        }
    }

    /// `%DB::sub` and `DB::postponed` learn of a sub that has been compiled.
    pub fn debug_defined(&mut self, name: &str, file: &str, lines: (u32, u32)) -> R<()> {
        if self.debug_flags() & flag::SUB_LINES == 0 {
            return Ok(());
        }
        let text = format!("{file}:{}-{}", lines.0, lines.1);
        let subs = self.gv_str("DB::sub").hash().clone();
        self.hv_set(&subs, &Val::text(name), Val::text(&text))?;
        let g = self.gv_str("DB::postponed");
        let waits = g.hv.get().as_ref().is_some_and(|h| h.get_str(name).is_some());
        match g.cv.get().clone() {
            Some(c) if waits => self.call(&c, Array::from_vec(vec![Val::text(name)]), Want::Void).map(drop),
            _ => Ok(()),
        }
    }

    /// `DB::postponed` learns of a file that has been compiled.
    pub fn debug_loaded(&mut self, file: &[u8]) -> R<()> {
        if self.debug_flags() & flag::INTERACTIVE == 0 {
            return Ok(());
        }
        let Some(c) = self.gv_lookup(b"DB::postponed").and_then(|g| g.cv.get().clone()) else {
            return Ok(());
        };
        let g = self.gv(&[b"main::_<", file].concat(), false);
        self.call(&c, Array::from_vec(vec![Val::glob(g)]), Want::Void).map(drop)
    }
}

/// `dbg.stmt`: the statement begins; `scope` lists the variables it sees.
pub fn statement(vm: &mut Vm, scope: u32) -> R<()> {
    debug_assert!(matches!(vm.frame().linked.chunk.consts[scope as usize], Const::Scope(_)));
    if let Some(f) = vm.frames.last_mut() {
        f.debug_scope = Some(scope);
    }
    if vm.rtstate.debug_asks {
        return Ok(());
    }
    // An object's number is found by code that has statements, too.
    vm.rtstate.debug_asks = true;
    let stop = vm.wants_stop();
    vm.rtstate.debug_asks = false;
    if !stop? {
        return Ok(());
    }
    let code = match vm.debug_globs().db.cv.get().clone() {
        Some(c) if c.is_defined() => c,
        _ => return Err(vm.die_text("No DB::DB routine defined")),
    };
    if code.depth.get() > 0 && !vm.debug_recurses() {
        return Ok(());
    }
    let args = vm.args_reified();
    vm.call(&code, args, Want::Void).map(drop)
}

fn found_by_name(vm: &mut Vm, name: &str, code: &Ptr<Code>) -> bool {
    let g = vm.gv_peek(name.as_bytes(), !name.is_ascii());
    g.is_some_and(|g| g.cv.get().as_ref().is_some_and(|c| c.same(code)))
}

/// What `$DB::sub` says of a sub: its name, or a reference if it has none of its own.
fn announce(vm: &mut Vm, code: &Ptr<Code>) -> R<()> {
    let v = match vm.sub_full_name(code) {
        Some(n) if !code.has(cvf::ANON) && found_by_name(vm, &n, code) => Val::text(&n),
        _ => Val::reference(code.clone()),
    };
    let sv = vm.debug_globs().sub.scalar().clone();
    vm.set_sv(&sv, v)
}

/// `dbg.sub`: the sub to call instead of `code`.
pub fn call(vm: &mut Vm, code: Val) -> R<Val> {
    let Some(mut c) = code.cv() else { return Ok(code) };
    let globs = vm.debug_globs();
    let (sub, lsub) = (globs.sub.cv.get().clone(), globs.lsub.cv.get().clone());
    if c.has(cvf::NODEBUG) || sub.is_none() {
        return Ok(code);
    }
    if !c.is_defined() {
        c = vm.autoload_for(&c)?;
    }
    announce(vm, &c)?;
    let (hook, name) = match lsub {
        Some(l) if c.has(cvf::LVALUE) => (Some(l), "lsub"),
        _ => (sub, "sub"),
    };
    match hook {
        Some(h) if h.is_defined() => Ok(Val::ptr(h)),
        _ => Err(vm.die_text(&format!("No DB::{name} routine defined"))),
    }
}

/// `dbg.goto`: `goto &code` tells `DB::goto`, if `$^P` asks for it.
pub fn goto(vm: &mut Vm, code: &Val) -> R<()> {
    let Some(c) = code.cv() else { return Ok(()) };
    announce(vm, &c)?;
    let hook = vm.debug_globs().goto.cv.get().clone();
    match hook {
        Some(h) if h.is_defined() && vm.debug_flags() & flag::GOTO != 0 => {
            vm.call(&h, Array::new(), Want::Scalar).map(drop)
        }
        _ => Ok(()),
    }
}

/// Line `n` of a file holds a statement: its text gets a true number.
pub fn breakable(vm: &mut Vm, file: &str, line: u32) {
    let Some(g) = vm.gv_lookup(format!("main::_<{file}").as_bytes()) else { return };
    let Some(lines) = g.av.get().clone() else { return };
    if let Some(t) = lines.get(line as usize).filter(|t| !t.is_undef()) {
        lines.set(line as usize, source_line(line, t));
    }
}

/// An element of `@{"_<FILE"}`: the line, with a number that tells whether it can be stopped at.
pub fn source_line(number: u32, text: Val) -> Val {
    let text = text.as_dual().map_or(text.clone(), |d| d.str.clone());
    Val::dual(keshi_value::scalar::Dual::new(Val::int(number.into()), text, None))
}
