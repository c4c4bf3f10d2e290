//! From source text to code objects: the parser and the emitter behind `keshi_vm::Compiler`.

use crate::cells;
use crate::hints;
use crate::host::VmHost;
use crate::{encoding, srclines};
use keshi_frontend::ast::*;
use keshi_frontend::emit;
use keshi_frontend::{CompileError, Options, Source, parse};
use keshi_l1::chunk::{Chunk, Const};
use keshi_value::code::cvf;
use keshi_value::{Body, Code, Ptr, Val};
use keshi_vm::report;
use keshi_vm::rt::debug::flag;
use keshi_vm::{Compiler, Exc, PatternText, R, Vm};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What to show of the stages of compilation (`--dump=…`).
#[derive(Clone)]
pub struct Dumps {
    pub ast: bool,
    pub ops: bool,
    pub l1: bool,
    pub opt: bool,
    /// One line per loop: parallel or not, and why.
    pub par: bool,
    /// Every chunk has to pass the verifier and to survive its text form, else the process ends: on in debug
    /// builds, so that everything a test compiles is checked.
    pub verify: bool,
    /// Only units whose name matches.
    pub only: Option<String>,
}

impl Default for Dumps {
    fn default() -> Dumps {
        Dumps {
            ast: false,
            ops: false,
            l1: false,
            opt: false,
            par: false,
            verify: cfg!(debug_assertions),
            only: None,
        }
    }
}

impl Dumps {
    /// Whether a unit of that full name is to be shown: the pattern fits the name or its part after the package.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|p| {
            let short = name.rsplit("::").next().unwrap_or(name);
            [name, short].iter().any(|n| glob_match(p.as_bytes(), n.as_bytes()))
        })
    }
}

/// `*` and `?` wildcards.
fn glob_match(p: &[u8], s: &[u8]) -> bool {
    match (p.first(), s.first()) {
        (None, None) => true,
        (Some(b'*'), _) => glob_match(&p[1..], s) || (!s.is_empty() && glob_match(p, &s[1..])),
        (Some(b'?'), Some(_)) => glob_match(&p[1..], &s[1..]),
        (Some(a), Some(b)) if a == b => glob_match(&p[1..], &s[1..]),
        _ => false,
    }
}

/// Emits a unit, with the dumps asked for.
pub fn emit(def: &SubDef, dumps: &Dumps) -> Result<Arc<Chunk>, PStr> {
    if dumps.ast && dumps.wants(def.name.as_deref().unwrap_or("(main)")) {
        report::out(format_args!("{}\n", keshi_frontend::dump::dump_sub(def)));
    }
    let opts = emit::Options { dump_ops: dumps.ops };
    let unit = emit::compile_unit(def, opts).map_err(|e| PStr::text(&e.to_string()))?;
    finish(unit, dumps)
}

pub fn emit_format(def: &FormatDef, dumps: &Dumps) -> Result<Arc<Chunk>, PStr> {
    let opts = emit::Options { dump_ops: dumps.ops };
    let unit = emit::compile_format(def, opts).map_err(|e| PStr::text(&e.to_string()))?;
    finish(unit, dumps)
}

fn finish(unit: emit::Unit, dumps: &Dumps) -> Result<Arc<Chunk>, PStr> {
    let name = String::from_utf8_lossy(&unit.chunk.name).into_owned();
    if dumps.ops && dumps.wants(&name) {
        report::out(format_args!("{}", unit.ops));
    }
    if dumps.l1 && dumps.wants(&name) {
        report::out(format_args!("{}", keshi_l1::asm::dump(&unit.chunk)));
    }
    if (dumps.opt || dumps.par) && dumps.wants(&name) {
        let opt = keshi_l1::passes::optimise(&unit.chunk);
        if dumps.opt {
            report::out(format_args!("{}", keshi_l1::asm::dump(&opt.chunk)));
        }
        if dumps.par {
            for v in keshi_l1::par::analyse(&opt.chunk, &|_| None) {
                report::out(format_args!("{}\n", keshi_l1::par::report_line(&opt.chunk, &v, None)));
            }
        }
    }
    if dumps.verify {
        insist(&unit.chunk, &name);
    }
    Ok(unit.chunk)
}

/// Ends the process if the emitter has made a chunk that the verifier refuses or that its text does not tell
/// completely. A program must not be able to catch this.
fn insist(chunk: &Chunk, name: &str) {
    if let Err(complaint) = keshi_l1::verify::sound(chunk) {
        report::err(format_args!("keshi: bug in the compiler, chunk {name} is refused:\n{complaint}"));
        std::process::exit(UNSOUND_CHUNK);
    }
}

/// The exit status for it (EX_SOFTWARE).
const UNSOUND_CHUNK: i32 = 70;

/// The frontend as the VM's compiler.
struct Front {
    dumps: RefCell<Dumps>,
}

/// Connects the frontend to a VM.
pub fn install(vm: &mut Vm, dumps: Dumps) {
    crate::pragma_subs::define(vm);
    vm.compiler = Some(Rc::new(Front { dumps: RefCell::new(dumps) }));
}

fn compile(vm: &mut Vm, dumps: &Dumps, source: Source, options: Options) -> R<Rc<SubDef>> {
    let retained = srclines::retain(vm, &source, options.kind == SubKind::Eval);
    let file = source.file.clone();
    let subs = vm.rtstate.subs_compiled;
    let main = options.kind == SubKind::Main && !options.required;
    let outer = std::mem::take(&mut vm.rtstate.unitcheck);
    let r = compile_source(vm, dumps, source, options);
    match &r {
        Ok(_) => vm.rtstate.unitcheck_outer.push(outer),
        // The blocks of a main program that fails run nevertheless.
        Err(_) if main => {}
        Err(_) => vm.rtstate.unitcheck = outer,
    }
    if retained {
        let defined = vm.rtstate.subs_compiled != subs;
        srclines::release(vm, &file, defined, r.is_ok());
    }
    r
}

fn compile_source(vm: &mut Vm, dumps: &Dumps, source: Source, options: Options) -> R<Rc<SubDef>> {
    vm.compiling += 1;
    let mut host = VmHost::new(vm, dumps.clone());
    let r = parse(&mut host, source, options);
    vm.compiling -= 1;
    match r {
        Ok(def) => Ok(def),
        Err(CompileError::Message(m)) => {
            let v = hints::pstr_val(&m);
            Err(vm.die_value(v))
        }
        Err(CompileError::Exception(c)) => {
            if let Some(n) = vm.rtstate.exit_requested.take() {
                return Err(Box::new(Exc::Exit(n)));
            }
            let v = hints::host_const(vm, c);
            Err(Box::new(Exc::Die(v)))
        }
    }
}

fn instantiate(vm: &mut Vm, dumps: &Dumps, def: &SubDef) -> R<Ptr<Code>> {
    let chunk = match emit(def, dumps) {
        Ok(c) => c,
        Err(m) => {
            let v = hints::pstr_val(&m);
            return Err(vm.die_value(v));
        }
    };
    let captures = cells::captures(vm, &[], def.pad.outer, &chunk);
    let linked = vm.link(chunk);
    // The main program's blocks wait on if one of them ends it; those of another unit are gone with it.
    let outer = vm.rtstate.unitcheck_outer.pop().unwrap_or_default();
    while let Some(c) = vm.rtstate.unitcheck.pop() {
        if let Err(e) = run_phase_block(vm, &c, "UNITCHECK") {
            if !vm.frames.is_empty() {
                vm.rtstate.unitcheck = outer;
            }
            return Err(e);
        }
    }
    vm.rtstate.unitcheck = outer;
    Ok(vm.new_code(linked, captures))
}

/// Calls a phase block; what it dies of tells so.
pub fn run_phase_block(vm: &mut Vm, code: &Ptr<Code>, phase: &str) -> R<()> {
    let Err(e) = vm.call(code, keshi_value::Array::new(), keshi_vm::Want::Void) else { return Ok(()) };
    Err(match *e {
        Exc::Die(v) if !v.is_ref() => {
            let (text, utf8) = vm.str_bytes(&v)?;
            let text = [&text[..], format!("{phase} failed--call queue aborted.\n").as_bytes()].concat();
            Box::new(Exc::Die(Val::str(&text, utf8)))
        }
        other => Box::new(other),
    })
}

/// Compiles the main program. `name` is the script name for messages.
pub fn compile_main(vm: &mut Vm, dumps: &Dumps, text: Vec<u8>, name: &str, line: u32) -> R<Ptr<Code>> {
    let outer = keshi_vm::rt::io::begin_source(vm, name.as_bytes(), &text);
    let (text, utf8) = match encoding::source_text(text) {
        Ok(t) => t,
        Err(what) => return Err(vm.die_text(&format!("Unsupported script encoding {what}"))),
    };
    let source = Source { text, utf8, characters: false, file: name.into(), line };
    let def = compile(vm, dumps, source, Options::main());
    keshi_vm::rt::io::end_source(vm, outer);
    let def = def?;
    instantiate(vm, dumps, &def)
}

fn name_of(b: &[u8]) -> Name {
    String::from_utf8_lossy(b).into_owned().into()
}

/// `(eval 1)`, `(eval 2)` …; the debugger's tell where they stand.
fn next_eval(vm: &mut Vm) -> Name {
    vm.evals += 1;
    if vm.debug_flags() & flag::EVAL_NAMES != 0 {
        let w = vm.here();
        return format!("(eval {})[{}:{}]", vm.evals, String::from_utf8_lossy(&w.file), w.line).into();
    }
    format!("(eval {})", vm.evals).into()
}

/// The pragmas and the package where the running code stands, for text compiled there.
fn hints_here(vm: &Vm) -> (Hints, Name) {
    let mut h = Hints::initial();
    let mut package: Name = "main".into();
    if let Some((cop, _)) = vm.cop() {
        h.bits = cop.hints;
        h.warn = match &cop.warnings {
            Some(w) => WarnBits::Bits(Rc::from(&w[..])),
            None => WarnBits::Std,
        };
        package = name_of(&cop.package);
        if let Some(list) = &cop.hinthash {
            let list = list.iter().map(|e| {
                let v = e.value.as_ref().map_or(HintVal::Undef, |v| hints::from_cop(vm, v, e.value_utf8));
                (PStr::new(&e.key[..], e.key_utf8), v)
            });
            h.hash = Some(Rc::new(list.collect()));
        }
        h.refresh_features();
    }
    (h, package)
}

impl Compiler for Front {
    fn compile_file(&self, vm: &mut Vm, source: Vec<u8>, name: &[u8]) -> R<Ptr<Code>> {
        let dumps = self.dumps.borrow().clone();
        let outer = keshi_vm::rt::io::begin_source(vm, name, &source);
        let (text, utf8) = match encoding::source_text(source) {
            Ok(t) => t,
            Err(what) => return Err(vm.die_text(&format!("Unsupported script encoding {what}"))),
        };
        let source = Source { text, utf8, characters: false, file: name_of(name), line: 1 };
        // A file starts in the package it is asked for in.
        let package = name_of(&vm.here().package);
        let def = compile(vm, &dumps, source, Options { required: true, package, ..Options::main() });
        keshi_vm::rt::io::end_source(vm, outer);
        let def = def?;
        instantiate(vm, &dumps, &def)
    }

    fn compile_eval(&self, vm: &mut Vm, text: &Val, scope: u32, flags: u32) -> R<Ptr<Code>> {
        let dumps = self.dumps.borrow().clone();
        let (bytes, utf8) = vm.str_bytes(text)?;
        let mut bytes = bytes.into_owned();
        let mut utf8 = utf8;
        // In package DB it stands where the debugged statement does.
        let (frame, scope) = vm.debugged_frame().unwrap_or((vm.frames.len() - 1, scope));
        let linked = vm.frames[frame].linked.clone();
        let pad = PadId(linked.chunk.pad_id as u64);
        let names = match &linked.chunk.consts[scope as usize] {
            Const::Scope(s) => emit::evalscope::decode(pad, s),
            _ => return Err(vm.die_text("panic: eval without a scope")),
        };
        let (mut h, package) = hints_here(vm);
        let mut characters = false;
        if flags & 1 != 0 {
            // evalbytes: octets only, `use utf8` of the surroundings does not count.
            if utf8 {
                match keshi_text::utf8::downgrade(&bytes) {
                    Some(b) => bytes = b.into_owned(),
                    None => return Err(vm.die_text("Wide character")),
                }
                utf8 = false;
            }
            h.bits &= !HINT_UTF8;
        } else if !utf8 && h.feature(Feature::UniEval) {
            characters = true;
        } else if !utf8 && h.bits & HINT_UTF8 != 0 && !bytes.is_ascii() {
            // Characters of a byte string are latin-1, also under `use utf8`.
            bytes = keshi_text::utf8::upgrade(&bytes).into_owned();
            utf8 = true;
        }
        let source = Source { text: bytes, utf8, characters, file: next_eval(vm), line: 1 };
        let options = Options {
            kind: SubKind::Eval,
            package,
            hints: Rc::new(h),
            scope: Some(Rc::new(names)),
            ..Options::main()
        };
        let def = compile(vm, &dumps, source, options)?;
        let code = instantiate(vm, &dumps, &def)?;
        code.set_flag(cvf::EVAL, true);
        vm.pending_eval_text = Some(text.clone());
        Ok(code)
    }

    fn compile_pattern_code(&self, vm: &mut Vm, text: PatternText<'_>) -> R<Ptr<Code>> {
        let dumps = self.dumps.borrow().clone();
        let pad = PadId(vm.frame().linked.chunk.pad_id as u64);
        let names = emit::evalscope::decode(pad, text.scope);
        let (mut h, package) = hints_here(vm);
        if !text.utf8 {
            // Characters of a byte string are latin-1, also under `use utf8`; offsets must stay.
            h.bits &= !HINT_UTF8;
        }
        let source =
            Source { text: text.text, utf8: text.utf8, characters: false, file: next_eval(vm), line: 1 };
        let options = Options {
            kind: SubKind::Eval,
            package,
            hints: Rc::new(h),
            scope: Some(Rc::new(names)),
            pattern: Some(text.x),
            ..Options::main()
        };
        let def = compile(vm, &dumps, source, options)?;
        instantiate(vm, &dumps, &def)
    }

    fn core_sub(&self, vm: &mut Vm, name: &str) -> R<Option<Ptr<Code>>> {
        let Some((text, proto)) = crate::coresub::source(name) else { return Ok(None) };
        let dumps = self.dumps.borrow().clone();
        let source =
            Source { text: text.into_bytes(), utf8: false, characters: false, file: "CORE".into(), line: 1 };
        let options = Options { kind: SubKind::Eval, hints: Rc::new(Hints::initial()), ..Options::main() };
        let saved = std::mem::replace(&mut vm.no_warn, true);
        let made = compile(vm, &dumps, source, options)
            .and_then(|def| instantiate(vm, &dumps, &def))
            .and_then(|maker| vm.call_scalar(&maker, Vec::new()));
        vm.no_warn = saved;
        let Some(code) = made?.cv() else { return Ok(None) };
        if let Body::Chunk(l) = code.body.get().clone() {
            // Without positions of its own it stands where it is called.
            let mut chunk = (*l.chunk).clone();
            chunk.lines.clear();
            code.body.set(Body::Chunk(vm.link(Arc::new(chunk))));
        }
        code.set_flag(cvf::ANON, false);
        code.prototype.set(proto.map(|p| p.as_bytes().into()));
        Ok(Some(code))
    }

    fn core_prototype(&self, name: &str) -> Option<Option<String>> {
        keshi_frontend::core_prototype(name)
    }
}
