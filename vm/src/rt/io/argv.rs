//! `<>`: the files of `@ARGV` one after the other, `eof()`, and in-place editing (`$^I`, `-i`).

use super::fh::{self, Fh};
use super::open::{self, Spec};
use super::print::list;
use super::read;
use crate::Vm;
use crate::exc::R;
use crate::warn::cat;
use keshi_io::{Errno, IoRef};
use keshi_value::{Glob, Ptr, Val};

/// What belongs to the interpreter rather than to one ARGV.
#[derive(Default)]
pub struct State {
    /// The handles that were selected when the edits in place now running began, outermost first.
    selected: Vec<Ptr<Glob>>,
}

/// In ARGV's IO object: a pass over `@ARGV` has begun. `local *ARGV` begins another pass.
struct Started;

/// In ARGVOUT's IO object: the file being edited in place.
struct Edit {
    name: Vec<u8>,
    work: Vec<u8>,
    backup: Option<Vec<u8>>,
    mode: u32,
    /// The directory that was current, for relative names.
    here: keshi_io::fs::Dir,
    /// The process that edits; a fork of it has no part in it.
    pid: u32,
}

fn argv(vm: &Vm) -> Fh {
    Fh::of(vm.gv.argv.clone())
}

/// `rt.argv.line`
pub fn argv_line(vm: &mut Vm, safe: u64) -> R<Val> {
    Ok(next_record(vm, safe, true)?.unwrap_or_default())
}

/// `rt.argv.lines`
pub fn argv_lines(vm: &mut Vm, safe: u64) -> R<Val> {
    let f = argv(vm);
    read::set_last_read(vm, &f.gv);
    if let Some(obj) = f.tied(vm) {
        return Ok(Val::ptr(fh::tied_list(vm, &obj, "READLINE", vec![])?));
    }
    let mut out = Vec::new();
    while let Some(v) = next_record(vm, safe, false)? {
        out.push(v);
    }
    Ok(list(out))
}

fn next_record(vm: &mut Vm, safe: u64, scalar: bool) -> R<Option<Val>> {
    let mut f = argv(vm);
    read::set_last_read(vm, &f.gv);
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "READLINE", vec![]).map(Some);
    }
    let io = f.io();
    let mut h = match f.open() {
        Some(h) => Some(h),
        None => begin(vm, &f, safe)?,
    };
    while let Some(cur) = h {
        if !cur.borrow().can_read() {
            vm.report_wrong_way(&f, "output")?;
            return Ok(None);
        }
        if let Some(v) = read::record(vm, &io, &cur, scalar)? {
            return Ok(Some(v));
        }
        h = next_file(vm, safe)?;
    }
    let f = argv(vm);
    open::close_quietly(vm, &f)?;
    Ok(None)
}

/// The first file: standard input if there are no arguments.
fn begin(vm: &mut Vm, f: &Fh, safe: u64) -> R<Option<IoRef>> {
    let io = fh::io_of(&f.gv);
    if io.argv.get().is_none() {
        io.lines.set(0);
        let a = f.gv.array().clone();
        if vm.av_len(&a)? == 0 {
            io.argv.set(Some(Box::new(Started)));
            set_name(vm, &f.gv, Val::bytes("-"))?;
            open::perform(vm, &f.gv, Spec::TwoArg(b"-"))?;
            return Ok(f.open());
        }
    }
    next_file(vm, safe)
}

fn set_name(vm: &mut Vm, g: &Ptr<Glob>, v: Val) -> R<()> {
    let s = g.scalar().clone();
    vm.set_sv(&s, v)
}

/// perl's nextargv: the next file of `@ARGV` that can be opened.
fn next_file(vm: &mut Vm, safe: u64) -> R<Option<IoRef>> {
    let mut f = argv(vm);
    let began = f.io().argv.get().is_none();
    f.io().argv.set(Some(Box::new(Started)));
    if began && editing(vm) {
        let now = vm.selected.clone();
        vm.rtstate.io.argv.selected.push(now);
    }
    finish_edit(vm)?;
    let files = f.gv.array().clone();
    while vm.av_len(&files)? > 0 {
        let name = super::super::array::shift(vm, &Val::ptr(files.clone()))?;
        let name = vm.read(&name)?;
        set_name(vm, &f.gv, name.clone())?;
        let bytes = super::bytes_of(vm, &name)?;
        if safe == 0 && is_fork(&bytes) {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            vm.warn_default(cat::INPLACE, &format!("Forked open '{shown}' not meaningful in <>"))?;
            continue;
        }
        let r = if safe != 0 || editing(vm) {
            open::perform(vm, &f.gv, Spec::Mode(b"<", vec![name]))?
        } else {
            open::perform(vm, &f.gv, Spec::TwoArg(&bytes))?
        };
        if r.is_some() {
            let f = argv(vm);
            if editing(vm) && !begin_edit(vm, &f, &bytes)? {
                continue;
            }
            return Ok(f.open());
        }
        let why = Errno(vm.rtstate.sys.errno).message();
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        vm.warn_default(cat::INPLACE, &format!("Can't open {shown}: {why}"))?;
    }
    let f = argv(vm);
    if let Some(io) = &f.io {
        io.argv.set(None);
    }
    if editing(vm) {
        vm.selected = vm.rtstate.io.argv.selected.pop().unwrap_or_else(|| vm.gv.stdout.clone());
    }
    Ok(None)
}

/// `|-` and `-|` would fork, which makes no sense for a file to read.
fn is_fork(name: &[u8]) -> bool {
    let parts: Vec<&[u8]> = name.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()).collect();
    matches!(parts.concat().as_slice(), b"|-" | b"-|")
}

/// `$^I`
fn edit_extension(vm: &mut Vm) -> Option<Val> {
    let g = vm.gv_find(b"\x09", false, false)?;
    g.sv.get().as_ref().map(|s| s.get()).filter(|v| !v.is_undef())
}

fn editing(vm: &mut Vm) -> bool {
    edit_extension(vm).is_some()
}

/// The backup's name: the extension appended, or the pattern with `*` for the name.
fn backup_name(name: &[u8], ext: &[u8]) -> Option<Vec<u8>> {
    if ext.is_empty() {
        return None;
    }
    if !ext.contains(&b'*') {
        return Some([name, ext].concat());
    }
    let cut = name.iter().rposition(|&c| c == b'/').map_or(0, |i| i + 1);
    let (dir, base) = name.split_at(cut);
    let mut out = if ext.contains(&b'/') { Vec::new() } else { dir.to_vec() };
    for &c in ext {
        if c == b'*' { out.extend_from_slice(base) } else { out.push(c) }
    }
    Some(out)
}

/// Opens the work file behind ARGVOUT and selects it. False: this file is skipped.
fn begin_edit(vm: &mut Vm, f: &Fh, name: &[u8]) -> R<bool> {
    let ext = edit_extension(vm).unwrap_or_default();
    let ext = super::bytes_of(vm, &ext)?;
    let shown = String::from_utf8_lossy(name).into_owned();
    let fd = f.open().and_then(|h| h.borrow().fd().ok());
    let st = fd.and_then(|fd| keshi_io::stat::fstat(fd).ok());
    let Some(st) = st.filter(|s| s.is(libc::S_IFREG)) else {
        vm.warn_default(cat::INPLACE, &format!("Can't do inplace edit: {shown} is not a regular file"))?;
        open::close_quietly(vm, f)?;
        return Ok(false);
    };
    let cut = name.iter().rposition(|&c| c == b'/').map_or(0, |i| i + 1);
    let template = [&name[..cut], b"XXXXXXXX"].concat();
    // `mkstemp` wants its X's at the end and six of them.
    let made = keshi_io::fs::mkstemp(&[&template[..template.len() - 6], b"XXXXXX"].concat());
    let (fd, work) = match made {
        Ok(x) => x,
        Err(e) => {
            vm.errno(e);
            let why = e.message();
            vm.warn_default(
                cat::INPLACE,
                &format!("Can't do inplace edit on {shown}: Cannot make temp name: {why}"),
            )?;
            open::close_quietly(vm, f)?;
            return Ok(false);
        }
    };
    let out = vm.gv.argvout.clone();
    let spec = format!("{fd}").into_bytes();
    open::perform(vm, &out, Spec::Mode(b">&=", vec![Val::bytes(&spec)]))?;
    // The work file takes over the owner where the system allows it; a refusal is no reason to stop.
    let _ = keshi_io::fs::fchown(fd, st.uid, st.gid);
    vm.selected = out.clone();
    let here = match keshi_io::fs::Dir::open(b".") {
        Ok(d) => d,
        Err(e) => {
            vm.errno(e);
            let why = e.message();
            vm.warn_default(
                cat::INPLACE,
                &format!("Cannot open directory of {shown} for in-place edit: {why}"),
            )?;
            open::close_quietly(vm, f)?;
            return Ok(false);
        }
    };
    let edit = Edit {
        name: name.to_vec(),
        work,
        backup: backup_name(name, &ext),
        mode: st.mode & 0o7777,
        here,
        pid: std::process::id(),
    };
    fh::io_of(&out).argv.set(Some(Box::new(edit)));
    Ok(true)
}

/// The edit behind ARGVOUT, which ends with this.
fn take_edit(vm: &Vm) -> Option<Box<Edit>> {
    let io = vm.gv.argvout.io.get().clone()?;
    io.argv.take()?.downcast::<Edit>().ok()
}

/// Puts the finished work file in the place of the original.
fn finish_edit(vm: &mut Vm) -> R<()> {
    let Some(e) = take_edit(vm) else { return Ok(()) };
    let out = Fh::of(vm.gv.argvout.clone());
    open::close_quietly(vm, &out)?;
    if e.pid != std::process::id() {
        return Ok(());
    }
    let shown = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    if let Some(b) = &e.backup {
        if let Err(err) = e.here.rename(&e.name, b) {
            let msg =
                format!("Can't rename {} to {}: {}, skipping file", shown(&e.name), shown(b), err.message());
            vm.errno(err);
            // The original is untouched and the work file of no use.
            let _ = e.here.unlink(&e.work);
            return vm.warn_default(cat::INPLACE, &msg);
        }
    }
    let r = e.here.chmod(&e.work, e.mode).and_then(|()| e.here.rename(&e.work, &e.name));
    if let Err(err) = r {
        vm.errno(err);
        let msg = format!(
            "Can't rename in-place work file '{}' to '{}': {}",
            shown(&e.work),
            shown(&e.name),
            err.message()
        );
        return Err(vm.die_text(&msg));
    }
    Ok(())
}

/// ARGVOUT is closed by the program: that ends the edit.
pub(super) fn closing(vm: &mut Vm, f: &Fh) -> R<bool> {
    let editing = f.io.as_ref().is_some_and(|io| io.argv.get().as_ref().is_some_and(|a| a.is::<Edit>()));
    if !editing || !f.gv.shares(&vm.gv.argvout) {
        return Ok(false);
    }
    finish_edit(vm)?;
    Ok(true)
}

/// The program ends in the middle of an edit: kept if it ends well, else the original stays as it was.
pub fn end_of_program(vm: &mut Vm) -> R<()> {
    let status = vm.gv.child_status.scalar().get();
    if vm.to_iv_quiet(&status)? == 0 {
        return finish_edit(vm);
    }
    if let Some(e) = take_edit(vm).filter(|e| e.pid == std::process::id()) {
        // A work file nobody wants; if it cannot be removed there is no one left to tell.
        let _ = e.here.unlink(&e.work);
    }
    Ok(())
}

/// `rt.eof.argv`: is there nothing left in any file of `@ARGV`?
pub fn eof_argv(vm: &mut Vm) -> R<Val> {
    let mut f = argv(vm);
    read::set_last_read(vm, &f.gv);
    if let Some(obj) = f.tied(vm) {
        return vm.tied_call(&obj, "EOF", vec![Val::int(2)]);
    }
    f.io();
    if f.open().is_none() && begin(vm, &f, 0)?.is_none() {
        return Ok(Val::bool(true));
    }
    loop {
        let f = argv(vm);
        if !read::at_eof(vm, &f)? {
            return Ok(Val::bool(false));
        }
        if next_file(vm, 0)?.is_none() {
            return Ok(Val::bool(true));
        }
    }
}
