//! Formats: `formline` (the picture language), `write` with its pages, and `$^ $~ $= $- $%`.
//!
//! A compiled format is a sub that calls `formline` for each picture line; `$^A` collects the text.

use super::io::fh::{self, Fh};
use super::pad::{FRESH, fresh_by_name};
use super::picture::{self, Field, Item, Line, Numeric};
use crate::Vm;
use crate::exc::{R, Want};
use crate::frame::FrameKind;
use crate::magic::Special;
use crate::warn::cat;
use keshi_text::utf8;
use keshi_value::{Array, Body, Code, Format, Glob, IoObj, Ptr, Scalar, Val};

/// A `~~` line may repeat this often.
const RUNAWAY: usize = 200;

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    /// The last `formline` stopped at a `~~` line and is to run again.
    again: bool,
    /// How often it has.
    rounds: usize,
}

/// Text under construction, as code points.
#[derive(Default)]
struct Text {
    chars: Vec<u64>,
    utf8: bool,
}

impl Text {
    fn push_str(&mut self, b: &[u8], u: bool) {
        self.utf8 |= u;
        self.chars.extend(utf8::code_points(b, u));
    }
    fn pad(&mut self, n: usize) {
        self.chars.extend(std::iter::repeat_n(u64::from(b' '), n));
    }
    fn value(&self) -> Val {
        if self.utf8 {
            let mut out = Vec::with_capacity(self.chars.len());
            self.chars.iter().for_each(|&c| utf8::encode(c, &mut out));
            return Val::str(&out, true);
        }
        Val::bytes(self.chars.iter().map(|&c| c as u8).collect::<Vec<u8>>())
    }
}

fn accumulator(vm: &mut Vm) -> Ptr<Scalar> {
    vm.gv(b"main::\x01", false).scalar().clone()
}

/// The arguments not consumed yet.
struct Arguments {
    items: Vec<Val>,
    next: usize,
}

impl Arguments {
    fn take(&mut self, vm: &mut Vm) -> R<Val> {
        match self.items.get(self.next) {
            Some(v) => {
                vm.at_item(self.next, v.resolve());
                self.next += 1;
                Ok(v.clone())
            }
            None => {
                vm.warn(cat::SYNTAX, "Not enough format arguments")?;
                Ok(Val::bytes(""))
            }
        }
    }
}

/// `rt.formline`
pub fn formline(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let (pic, pic_utf8) = {
        let (s, u) = vm.str_bytes(b)?;
        (s.into_owned(), u)
    };
    let chars: Vec<u64> = utf8::code_points(&pic, pic_utf8).collect();
    let acc = accumulator(vm);
    let mut out = Text { utf8: pic_utf8, ..Text::default() };
    let v = vm.get_sv(&acc)?;
    let (old, old_utf8) = vm.str_bytes_quiet(&v)?;
    out.push_str(&old, old_utf8);
    let mut args = Arguments { items: c.as_av().map(|a| a.as_slice().to_vec()).unwrap_or_default(), next: 0 };
    for line in picture::parse(&chars) {
        let endless = |i: &Item| matches!(i, Item::Number(n) if !n.blank_undef);
        if line.repeat && line.items.iter().any(endless) {
            return Err(vm.die_text("Repeated format line will never terminate (~~ and @#)"));
        }
        let mark = out.chars.len();
        let some = put_line(vm, &line, &mut args, &mut out)?;
        if line.skip_blank && !some {
            out.chars.truncate(mark);
        }
        if line.repeat && some {
            let state = &mut vm.rtstate.format;
            state.rounds += 1;
            if state.rounds >= RUNAWAY {
                *state = State::default();
                return Err(vm.die_text("Runaway format"));
            }
            state.again = true;
            break;
        }
    }
    if !vm.rtstate.format.again {
        vm.rtstate.format.rounds = 0;
    }
    vm.set_sv(&acc, out.value())?;
    Ok(Val::bool(true))
}

/// `rt.formline.again`
pub fn formline_again(vm: &mut Vm) -> R<Val> {
    Ok(Val::bool(std::mem::take(&mut vm.rtstate.format.again)))
}

/// Lays out one line; true if a field had something to show.
fn put_line(vm: &mut Vm, line: &Line, args: &mut Arguments, out: &mut Text) -> R<bool> {
    let mark = out.chars.len();
    let mut some = false;
    for item in &line.items {
        match item {
            Item::Literal(s) => out.chars.extend(s),
            Item::Number(n) => {
                let v = args.take(vm)?;
                let v = vm.read(&v)?;
                some |= number(vm, n, &v, out)?;
            }
            Item::Whole { chop } => some |= whole(vm, *chop, args, out)?,
            Item::Text(f) => some |= text(vm, f, args, out)?,
        }
    }
    if line.newline {
        while out.chars.len() > mark && out.chars.last() == Some(&u64::from(b' ')) {
            out.chars.pop();
        }
        out.chars.push(u64::from(b'\n'));
    }
    Ok(some)
}

fn number(vm: &mut Vm, n: &Numeric, v: &Val, out: &mut Text) -> R<bool> {
    if n.blank_undef && v.is_undef() {
        vm.no_item();
        out.pad(n.width);
        return Ok(false);
    }
    let x = vm.to_nv(v)?;
    let mut room = n.width as i32 - i32::from(x < 0.0);
    if let Some(f) = n.fraction {
        room -= 1 + f as i32;
    }
    let digits = n.fraction.unwrap_or(0);
    if x.abs() + 0.5 / 10f64.powi(digits as i32) >= 10f64.powi(room) {
        out.chars.extend(std::iter::repeat_n(u64::from(b'#'), n.width));
        return Ok(true);
    }
    let mut s = if n.zeros {
        format!("{x:0w$.digits$}", w = n.width)
    } else {
        format!("{x:w$.digits$}", w = n.width)
    };
    if n.fraction == Some(0) {
        // The picture has a point without digits behind it.
        s = format!("{:>w$}.", s.trim_start(), w = n.width.saturating_sub(1));
    }
    out.push_str(s.as_bytes(), false);
    Ok(true)
}

/// The string of a text argument: code points, flag.
fn string(vm: &mut Vm, v: &Val) -> R<(Vec<u64>, bool)> {
    let v = vm.read(v)?;
    let (b, u) = vm.str_bytes(&v)?;
    Ok((utf8::code_points(&b, u).collect(), u))
}

/// Puts what a `^` field left back into its variable.
fn put_back(vm: &mut Vm, arg: &Val, rest: &[u64], u: bool) -> R<()> {
    let mut place = arg.clone();
    let t = Text { chars: rest.to_vec(), utf8: u };
    if place.is_alias() { vm.assign(&mut place, t.value()) } else { Ok(()) }
}

/// `@*` and `^*`
fn whole(vm: &mut Vm, chop: bool, args: &mut Arguments, out: &mut Text) -> R<bool> {
    let a = args.take(vm)?;
    let (s, u) = string(vm, &a)?;
    if s.is_empty() {
        return Ok(false);
    }
    out.utf8 |= u;
    let nl = u64::from(b'\n');
    if chop {
        let end = s.iter().position(|&c| c == nl);
        out.chars.extend(&s[..end.unwrap_or(s.len())]);
        put_back(vm, &a, end.map_or(&[], |e| &s[e + 1..]), u)?;
    } else {
        out.chars.extend(s.strip_suffix(&[nl]).unwrap_or(&s));
    }
    Ok(true)
}

fn is_control(c: u64) -> bool {
    c < 0x20 || c == 0x7f
}

fn is_space(c: u64) -> bool {
    matches!(c, 0x09..=0x0d | 0x20)
}

fn text(vm: &mut Vm, f: &Field, args: &mut Arguments, out: &mut Text) -> R<bool> {
    let a = args.take(vm)?;
    let (s, u) = string(vm, &a)?;
    out.utf8 |= u;
    let (size, mut rest) = if f.chop { split_at_break(vm, &s, f.width)? } else { split_at_line(&s, f.width) };
    let shown = &s[..size];
    let some = shown.iter().any(|&c| !is_control(c));
    let space = f.width - size;
    let before = match f.align {
        picture::Align::Left => 0,
        picture::Align::Right => space,
        picture::Align::Center => space / 2,
    };
    out.pad(before);
    out.chars.extend(shown.iter().map(|&c| if is_control(c) { u64::from(b' ') } else { c }));
    out.pad(space - before);
    if f.chop {
        if break_chars(vm)?.contains(&u64::from(b' ')) {
            while s.get(rest).is_some_and(|&c| is_space(c)) {
                rest += 1;
            }
        }
        if !s.is_empty() || a.resolve().is_undef() {
            put_back(vm, &a, &s[rest..], u)?;
        }
    }
    if f.more && s[rest..].iter().any(|&c| !is_space(c)) {
        dots(out);
    }
    Ok(some)
}

/// The field's end becomes `...`, moved left over blanks.
fn dots(out: &mut Text) {
    let blank = u64::from(b' ');
    let mut at = out.chars.len().saturating_sub(3);
    if out.chars[at..].iter().all(|&c| c == blank) {
        while at > 0 && out.chars[at - 1] == blank {
            at -= 1;
        }
    }
    for c in &mut out.chars[at..at + 3] {
        *c = u64::from(b'.');
    }
}

/// `@` fields show one line: (characters shown, where the rest begins).
fn split_at_line(s: &[u64], width: usize) -> (usize, usize) {
    let n = s.iter().take(width).position(|&c| c == u64::from(b'\n')).unwrap_or(s.len().min(width));
    (n, n)
}

/// `$:`
fn break_chars(vm: &mut Vm) -> R<Vec<u64>> {
    let s = vm.gv(b"main:::", false).scalar().clone();
    let v = vm.get_sv(&s)?;
    Ok(if v.is_undef() { b" \n-".map(u64::from).to_vec() } else { string(vm, &v)?.0 })
}

/// `^` fields end at a place where `$:` lets a line be broken.
fn split_at_break(vm: &mut Vm, s: &[u64], width: usize) -> R<(usize, usize)> {
    let breaks = break_chars(vm)?;
    let on_space = breaks.contains(&u64::from(b' '));
    let mut at = None;
    let mut i = 0;
    while i < s.len() {
        let c = s[i];
        if c == u64::from(b'\r') {
            return Ok((i, i));
        }
        if is_space(c) && on_space {
            at = Some(i);
        }
        if i == width {
            break;
        }
        if !is_space(c) && breaks.contains(&c) && i + 1 < s.len() {
            at = Some(i + 1);
        }
        i += 1;
    }
    let n = if i == s.len() { i } else { at.unwrap_or(i) };
    Ok((n, n))
}

// ---- write

/// `rt.write`
pub fn write(vm: &mut Vm, b: &Val) -> R<Val> {
    let f = fh::fh(vm, b)?;
    write_to(vm, f)
}

/// `rt.write.sel`
pub fn write_selected(vm: &mut Vm) -> R<Val> {
    let f = Fh::of(vm.selected.clone());
    write_to(vm, f)
}

fn shown(vm: &Vm, g: &Glob) -> String {
    let full = String::from_utf8_lossy(&vm.glob_full_name(g)).into_owned();
    full.strip_prefix("main::").map(str::to_string).unwrap_or(full)
}

/// The glob a format name means, if it exists.
fn format_glob(vm: &mut Vm, name: &Val) -> R<Option<Ptr<Glob>>> {
    let (b, u) = vm.str_bytes(name)?;
    let full = vm.qualify(&b);
    Ok(vm.gv_find(&full, u, false))
}

/// The format as a closure over the variables of now: those of the innermost running instance of the code it
/// stands in. A sub's own variables are missing while it does not run.
fn instance(vm: &mut Vm, form: &Ptr<Format>) -> R<Option<Ptr<Code>>> {
    let Some(code) = form.code.get().clone() else { return Ok(None) };
    let linked = match code.body.get() {
        Body::Chunk(l) if !l.chunk.captures.is_empty() => l.clone(),
        _ => return Ok(Some(code)),
    };
    let (pad, of_sub) = (form.outer_pad.get(), form.of_sub.get().clone());
    let mut captures = code.captures.get().clone();
    for (i, source) in linked.chunk.captures.iter().enumerate() {
        if source.outer == FRESH {
            continue;
        }
        let v = match vm.frame_variable(pad, source.outer) {
            Some(v) => v,
            None if of_sub.get(i) == Some(&true) => {
                let name = String::from_utf8_lossy(&source.name).into_owned();
                vm.warn(cat::CLOSURE, &format!("Variable \"{name}\" is not available"))?;
                fresh_by_name(&source.name)
            }
            None => continue,
        };
        if let Some(c) = captures.get_mut(i) {
            c.put(v);
        }
    }
    Ok(Some(vm.new_code(linked, captures)))
}

/// Runs a format with its handle selected, so that `$%` and the like are the handle's; returns the text.
fn run(vm: &mut Vm, f: &Fh, g: &Ptr<Glob>, what: &str) -> R<Val> {
    let form = g.form.get().clone();
    let code = match &form {
        Some(f) => instance(vm, f)?,
        None => None,
    };
    let Some(code) = code else {
        let n = shown(vm, g);
        return Err(vm.die_text(&format!("Undefined {what} \"{n}\" called")));
    };
    let selected = std::mem::replace(&mut vm.selected, f.gv.clone());
    let r = vm.call_kind(&code, Array::new(), Want::Void, FrameKind::Format);
    vm.selected = selected;
    r?;
    let acc = accumulator(vm);
    let v = acc.get();
    acc.set(Val::bytes(""));
    Ok(v)
}

fn line_count(v: &Val) -> i64 {
    v.as_str().map_or(0, |s| memchr::memchr_iter(b'\n', s.bytes()).count() as i64)
}

fn write_to(vm: &mut Vm, mut f: Fh) -> R<Val> {
    let io = f.io();
    let name = io.fmt_name.get().clone();
    let g = if name.is_undef() {
        f.gv.clone()
    } else {
        match format_glob(vm, &name)? {
            Some(g) => g,
            None => {
                let n = vm.text_of(&name)?;
                return Err(vm.die_text(&format!("Undefined format \"{n}\" called")));
            }
        }
    };
    let mut body = run(vm, &f, &g, "format")?;
    if io.lines_left.get() < line_count(&body) {
        new_page(vm, &f, &io, &mut body)?;
    }
    emit(vm, &f, &io, &body)
}

/// Starts a page with the top-of-form, if there is one; a body longer than a page is split.
fn new_page(vm: &mut Vm, f: &Fh, io: &Ptr<IoObj>, body: &mut Val) -> R<()> {
    let mut did_top = false;
    while io.lines_left.get() < line_count(body) {
        let Some(top) = top_format(vm, f, io)? else {
            io.lines_left.set(io.page_len.get());
            return Ok(());
        };
        if did_top {
            // It does not fit on a whole page either.
            let room = io.lines_left.get();
            if room <= 0 {
                return Ok(());
            }
            let s = body.as_str().map(|s| (s.bytes().to_vec(), s.utf8())).unwrap_or_default();
            let cut = memchr::memchr_iter(b'\n', &s.0).nth(room as usize - 1).map_or(s.0.len(), |i| i + 1);
            put(vm, f, &Val::str(&s.0[..cut], s.1))?;
            *body = Val::str(&s.0[cut..], s.1);
        }
        if io.lines_left.get() >= 0 && io.page.get() > 0 {
            let ff = vm.gv(b"main::\x0c", false).scalar().clone();
            let v = vm.get_sv(&ff)?;
            put(vm, f, &v)?;
        }
        io.lines_left.set(io.page_len.get());
        io.page.set(io.page.get() + 1);
        did_top = true;
        let text = run(vm, f, &top, "top format")?;
        emit(vm, f, io, &text)?;
    }
    Ok(())
}

/// The top-of-form: the one named by `$^`, else NAME_TOP, else "top".
fn top_format(vm: &mut Vm, f: &Fh, io: &Ptr<IoObj>) -> R<Option<Ptr<Glob>>> {
    let has = |g: &Ptr<Glob>| g.form.get().is_some();
    // A name the program gave must be that of a format; the ones tried in its place need not.
    let asked = !io.top_name.get().is_undef();
    if io.top_name.get().is_undef() {
        let own = Val::text(&format!("{}_TOP", f.name()));
        let top = Val::bytes("top");
        let found = format_glob(vm, &own)?.is_some_and(|g| has(&g));
        let other = format_glob(vm, &top)?.is_some_and(|g| has(&g));
        io.top_name.set(if found || !other { own } else { top });
    }
    let name = io.top_name.get().clone();
    match format_glob(vm, &name)?.filter(has) {
        None if asked => {
            let n = vm.text_of(&name)?;
            Err(vm.die_text(&format!("Undefined top format \"{n}\" called")))
        }
        found => Ok(found),
    }
}

fn put(vm: &mut Vm, f: &Fh, v: &Val) -> R<bool> {
    let Some(h) = f.handle().filter(|h| h.borrow().can_write()) else { return Ok(false) };
    let (b, u) = vm.str_bytes_quiet(v)?;
    let r = h.borrow_mut().print(&b, u);
    match r {
        Ok(wide) => {
            if wide {
                vm.warn_default(cat::UTF8, "Wide character in write")?;
            }
            Ok(true)
        }
        Err(e) => {
            vm.errno(e);
            Ok(false)
        }
    }
}

fn emit(vm: &mut Vm, f: &Fh, io: &Ptr<IoObj>, text: &Val) -> R<Val> {
    let Some(h) = f.handle().filter(|h| h.borrow().can_write()) else {
        vm.report_unwritable(f, "write")?;
        return Ok(Val::bool(false));
    };
    let left = io.lines_left.get() - line_count(text);
    io.lines_left.set(left);
    if left < 0 {
        vm.warn(cat::IO, "page overflow")?;
    }
    if !put(vm, f, text)? {
        return Ok(Val::bool(false));
    }
    let done = h.borrow_mut().print_done();
    Ok(vm.io_bool(done))
}

// ---- the variables of the selected handle

pub fn special_get(vm: &mut Vm, sp: Special) -> Val {
    let io = fh::io_of(&vm.selected);
    let name = vm.selected.name.clone();
    match sp {
        Special::PageLen => Val::int(io.page_len.get()),
        Special::LinesLeft => Val::int(io.lines_left.get()),
        Special::Page => Val::int(io.page.get()),
        Special::FormatName => {
            let n = io.fmt_name.get().clone();
            if n.is_undef() { name } else { n }
        }
        _ => {
            let n = io.top_name.get().clone();
            match (n.is_undef(), name.as_str()) {
                (true, Some(s)) => Val::str(&[s.bytes(), b"_TOP"].concat(), s.utf8()),
                _ => n,
            }
        }
    }
}

pub fn special_set(vm: &mut Vm, sp: Special, v: Val) -> R<()> {
    let io = fh::io_of(&vm.selected);
    match sp {
        Special::PageLen => io.page_len.set(vm.to_iv_quiet(&v)?),
        Special::LinesLeft => io.lines_left.set(vm.to_iv_quiet(&v)?.max(0)),
        Special::Page => io.page.set(vm.to_iv_quiet(&v)?),
        _ => {
            let n = vm.to_str_val(&v)?;
            if sp == Special::FormatName { io.fmt_name.set(n) } else { io.top_name.set(n) }
        }
    }
    Ok(())
}
