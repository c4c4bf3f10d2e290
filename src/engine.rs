//! The way from the command line into the engine: builds the virtual machine from the
//! [`Options`], compiles the program, runs it through perl's phases, and returns the exit status.

use crate::options::{Options, Origin, Separator, Stage, Taint, Warnings};
use keshi_host::Dumps;
use keshi_value::hash::Key;
use keshi_value::{Array, Body, Code, Ptr, Val};
use keshi_vm::frame::FrameKind;
use keshi_vm::report;
use keshi_vm::rt::debug;
use keshi_vm::{Exc, R, Vm, Want};
use std::path::{Path, PathBuf};

/// Runs a program to its end.
pub fn run(options: Options) -> i32 {
    if !options.tuning.macro_files.is_empty() {
        match crate::macros::load(&options.tuning.macro_files) {
            Ok(set) => keshi_l1::builder::install_macros(set),
            Err(report) => {
                report::err(format_args!("{report}"));
                return 1;
            }
        }
    }
    let mut vm = Vm::new();
    let dumps = dumps(&options);
    setup(&mut vm, &options);
    keshi_host::install(&mut vm, dumps.clone());
    let status = match program(&mut vm, &options, &dumps) {
        Ok(n) => n,
        Err(e) => failure(&mut vm, *e),
    };
    if options.check_only {
        // Nothing has run, so there is nothing to end.
        vm.end_blocks.clear();
    }
    let status = end(&mut vm, status);
    // Closing the handles closes standard error.
    crate::speed::report(&vm, &options);
    let written = keshi_vm::rt::io::finish(&mut vm);
    // Global destruction has run; the rest of the memory is faster given back by the system.
    std::mem::forget(vm);
    if status == 0 && !written { 1 } else { status }
}

fn dumps(o: &Options) -> Dumps {
    let mut d = Dumps::default();
    if let Some(on) = o.tuning.verify {
        d.verify = on;
    }
    for x in &o.tuning.dumps {
        match x.stage {
            Stage::Ast => d.ast = true,
            Stage::Ops => d.ops = true,
            Stage::L1 => d.l1 = true,
            Stage::Opt => d.opt = true,
            Stage::Par => d.par = true,
            Stage::Clif | Stage::Asm => {}
        }
        if x.glob.is_some() {
            d.only = x.glob.clone();
        }
    }
    d
}

/// Special variables as the command line sets them.
fn setup(vm: &mut Vm, o: &Options) {
    vm.define_core_subs();
    keshi_native::register(vm);
    keshi_ffi::register(vm);
    vm.dash_w = matches!(o.warnings, Warnings::On | Warnings::All);
    vm.no_warn = o.warnings == Warnings::None;
    vm.all_warn = o.warnings == Warnings::All;
    vm.dash_t_taint = o.taint != Taint::Off;
    vm.fuse = !o.tuning.no_fusion;
    const ARGUMENTS: u32 = 32;
    let decode = o.unicode & ARGUMENTS != 0 && keshi_vm::rt::io::unicode_applies(o.unicode);
    let argv = vm.gv.argv.array().clone();
    for a in &o.args {
        let text = decode && !a.is_ascii() && std::str::from_utf8(a).is_ok();
        argv.push(Val::str(a, text));
    }
    let inc = vm.gv.inc.array().clone();
    for d in &o.include {
        inc.push(Val::bytes(d));
    }
    for d in library_dirs() {
        inc.push(Val::bytes(d.as_os_str().as_encoded_bytes()));
    }
    if o.taint == Taint::Off && std::env::var_os("PERL_USE_UNSAFE_INC").is_some_and(|v| v == "1") {
        inc.push(Val::bytes("."));
    }
    let name = vm.gv.script_name.scalar().clone();
    name.set(Val::bytes(&o.program.name));
    let exe = std::env::current_exe().map(|p| p.into_os_string().into_encoded_bytes()).unwrap_or_default();
    vm.gv(b"main::\x18", false).scalar().set(Val::bytes(exe));
    vm.gv(b"main::\x16", false).scalar().set(version_object(vm));
    if let Some(ext) = &o.in_place {
        vm.gv(b"main::\x09", false).scalar().set(Val::bytes(ext));
    }
    let rs = vm.gv.rs.scalar().clone();
    rs.set(separator(&o.input_separator));
    if let Some(s) = &o.output_separator {
        vm.gv.ors.scalar().set(separator(s));
    }
    vm.gv(b"main::\x15NICODE", false).scalar().set(Val::int(o.unicode as i64));
    let taint = match o.taint {
        Taint::Off => 0,
        Taint::Warn => -1,
        Taint::On => 1,
    };
    vm.gv(b"main::\x14AINT", false).scalar().set(Val::int(taint));
    let debug = if o.debugger { debug::flag::ALL } else { 0 };
    vm.gv(b"main::\x10", false).scalar().set(Val::int(debug));
    // Locales are never switched behind the program's back.
    vm.gv(b"main::\x13AFE_LOCALES", false).scalar().set(Val::int(1));
    for (n, v) in &o.switch_vars {
        let full = [b"main::".as_slice(), n].concat();
        let val = v.as_ref().map_or(Val::int(1), Val::bytes);
        vm.gv(&full, false).scalar().set(val);
    }
    keshi_vm::rt::sys::init(vm);
    crate::speed::install(vm, o);
}

/// `$^V`: a version object.
fn version_object(vm: &mut Vm) -> Val {
    let (a, b, c) = keshi_vm::version::PERL_VERSION;
    let h = keshi_value::Hash::new();
    h.set(&Key::ascii("original"), Val::text(&format!("v{a}.{b}.{c}")));
    h.set(&Key::ascii("qv"), Val::int(1));
    let parts = Array::from_vec(vec![Val::int(a as i64), Val::int(b as i64), Val::int(c as i64)]);
    h.set(&Key::ascii("version"), Val::reference(parts));
    let r = Val::reference(h);
    if let (Some(st), Some(hdr)) = (vm.stash(b"version", false, true), r.hdr()) {
        hdr.bless(st);
    }
    r
}

fn separator(s: &Separator) -> Val {
    match s {
        Separator::Undef => Val::undef(),
        Separator::Text { bytes, utf8 } => Val::str(bytes, *utf8),
    }
}

/// Where modules are found after `-I` and PERL5LIB: Keshi's own layer, then the pure-Perl directories of
/// an installed perl.
fn library_dirs() -> Vec<PathBuf> {
    let mut out = Vec::new();
    if let Ok(exe) = std::env::current_exe() {
        for up in exe.ancestors().skip(1).take(4) {
            let own = up.join("vm/lib");
            if own.is_dir() {
                out.push(own);
                break;
            }
        }
    }
    if std::env::var_os("KESHI_NO_SYSTEM_LIB").is_none_or(|v| v.is_empty() || v == "0") {
        out.extend(system_dirs());
    }
    out
}

/// Pure-Perl directories where Debian and the standard installation keep perl's library.
fn system_dirs() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for base in ["/usr/local/share/perl", "/usr/share/perl", "/usr/local/lib/perl5", "/usr/lib/perl5"] {
        let Ok(entries) = std::fs::read_dir(base) else { continue };
        let mut versions: Vec<PathBuf> = entries
            .flatten()
            .map(|e| e.path())
            .filter(|p| p.join("strict.pm").is_file() || p.join("warnings.pm").is_file())
            .collect();
        versions.sort();
        found.extend(versions.pop());
    }
    // Perl halves of modules whose native half is in the interpreter are installed by architecture.
    let arch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    if let Ok(entries) = std::fs::read_dir(format!("{arch}/perl")) {
        let mut versions: Vec<PathBuf> =
            entries.flatten().map(|e| e.path()).filter(|p| p.join("Data/Dumper.pm").is_file()).collect();
        versions.sort();
        found.extend(versions.pop());
    }
    let base = PathBuf::from(format!("{arch}/perl-base"));
    if base.is_dir() {
        found.push(base);
    }
    let site = Path::new("/usr/share/perl5");
    if site.is_dir() {
        found.push(site.to_path_buf());
    }
    found.extend(standard_dirs());
    found
}

/// Where perl of this version is installed unless told otherwise; in `@INC` whether they exist or not, as perl's.
fn standard_dirs() -> Vec<PathBuf> {
    let (a, b, c) = keshi_vm::version::PERL_VERSION;
    let arch = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    ["/usr/local/lib/perl5/site_perl", "/usr/local/lib/perl5"]
        .iter()
        .map(|base| Path::new(base).join(format!("{a}.{b}.{c}")))
        .flat_map(|dir| [dir.join(&arch), dir])
        .collect()
}

/// The source the parser gets: prologue on line 0, text from line 1, epilogue at its end.
fn source(o: &Options) -> (Vec<u8>, u32) {
    let p = &o.program;
    let mut text = p.text.clone();
    if p.origin == Origin::Nothing {
        text.clear();
    }
    if !p.epilogue.is_empty() {
        let at = data_mark(&text).unwrap_or(text.len());
        let mut end = Vec::new();
        if at > 0 && text[at - 1] != b'\n' {
            end.push(b'\n');
        }
        end.extend_from_slice(&p.epilogue);
        if at < text.len() {
            end.push(b'\n');
        }
        text.splice(at..at, end);
    }
    let mut all = default_layers(o.unicode);
    all.extend_from_slice(&p.prologue);
    if all.is_empty() {
        return (text, 1);
    }
    all.push(b'\n');
    all.extend_from_slice(&text);
    (all, 0)
}

/// `-Ci` and `-Co`: the default layers of the program's own file.
fn default_layers(bits: u32) -> Vec<u8> {
    const INPUT: u32 = 8;
    const OUTPUT: u32 = 16;
    if bits & (INPUT | OUTPUT) == 0 || !keshi_vm::rt::io::unicode_applies(bits) {
        return Vec::new();
    }
    let part = |bit| if bits & bit != 0 { ":utf8" } else { "" };
    format!("BEGIN{{${{^OPEN}}=\"{}\\0{}\"}}", part(INPUT), part(OUTPUT)).into_bytes()
}

/// Start of the line `__END__` or `__DATA__`.
fn data_mark(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive(|&b| b == b'\n') {
        let word = line.trim_ascii_end();
        if word == b"__END__" || word == b"__DATA__" {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// Compiles and runs; the status of a normal end.
fn program(vm: &mut Vm, o: &Options, dumps: &Dumps) -> R<i32> {
    let name = String::from_utf8_lossy(&o.program.name).into_owned();
    let main = match compile(vm, o, dumps, &name) {
        Ok(main) => main,
        Err(e) => {
            // Whatever ends the start, the blocks that wait for its end run.
            let mut status = failure(vm, *e);
            while let Err(e) = start(vm) {
                status = failure(vm, *e);
            }
            return Ok(status);
        }
    };
    if o.check_only {
        report::err(format_args!("{name} syntax OK\n"));
        return Ok(0);
    }
    vm.phase = "INIT";
    while !vm.rtstate.init.is_empty() {
        let c = vm.rtstate.init.remove(0);
        keshi_host::run_phase_block(vm, &c, "INIT")?;
    }
    vm.phase = "RUN";
    if vm.debug_flags() & debug::flag::START_SINGLE != 0 {
        vm.gv_str("DB::single").scalar().set(Val::int(1));
    }
    if let Body::Chunk(l) = main.body.get() {
        let l = l.clone();
        vm.run_linked(l, main.clone(), None, Want::Void, FrameKind::File)?;
    }
    vm.run_destroy_queue()?;
    Ok(0)
}

/// The program, with its CHECK blocks run.
fn compile(vm: &mut Vm, o: &Options, dumps: &Dumps, name: &str) -> R<Ptr<Code>> {
    let (text, line) = source(o);
    let main = keshi_host::compile_main(vm, dumps, text, name, line)?;
    start(vm)?;
    Ok(main)
}

/// Runs what is left of the UNITCHECK and CHECK blocks, the last one first.
fn start(vm: &mut Vm) -> R<()> {
    while let Some(c) = vm.rtstate.unitcheck.pop() {
        keshi_host::run_phase_block(vm, &c, "UNITCHECK")?;
    }
    vm.phase = "CHECK";
    while let Some(c) = vm.rtstate.check.pop() {
        keshi_host::run_phase_block(vm, &c, "CHECK")?;
    }
    Ok(())
}

/// Reports an uncaught exception; the status perl exits with.
fn failure(vm: &mut Vm, e: Exc) -> i32 {
    if let Exc::Exit(n) = e {
        return n;
    }
    report(vm, &e, b"");
    let errno = vm.rtstate.sys.errno & 255;
    let status = match vm.gv.child_status.scalar().peek().as_i64() {
        n if errno == 0 => (n >> 8) & 255,
        _ => 0,
    };
    match (errno, status) {
        (0, 0) => 255,
        (0, s) => s as i32,
        (e, _) => e,
    }
}

/// The text of an uncaught exception on STDERR, as characters.
fn report(vm: &mut Vm, e: &Exc, more: &[u8]) {
    let utf8 = matches!(e, Exc::Die(v) if v.as_str().is_some_and(|s| s.utf8()));
    let mut text = vm.exc_text(e);
    text.extend_from_slice(more);
    vm.write_stderr_str(&text, utf8);
}

/// END blocks and global destruction. `$?` may be changed by END.
fn end(vm: &mut Vm, status: i32) -> i32 {
    vm.phase = "END";
    let code = vm.gv.child_status.scalar().clone();
    code.set(Val::int(status as i64));
    while let Some(c) = vm.end_blocks.pop() {
        if let Err(e) = vm.call(&c, Array::new(), Want::Void) {
            match *e {
                Exc::Exit(n) => code.set(Val::int(n as i64)),
                e => {
                    report(vm, &e, b"END failed--call queue aborted.\n");
                    code.set(Val::int(255));
                }
            }
        }
    }
    let v = code.get();
    let status = vm.to_iv_quiet(&v).unwrap_or(255) as i32;
    // What only the program's code kept alive goes before global destruction.
    if let Err(e) = vm.run_destroy_queue() {
        let text = vm.exc_text(&e);
        vm.write_stderr(&text);
    }
    keshi_vm::sync::global_destruction(vm);
    status
}
