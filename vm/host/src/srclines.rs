//! `@{"_<FILE"}`: the source lines the debugger asks for with `$^P`.
//!
//! Element 0 is undefined, element N is line N with its newline; `${"_<FILE"}` is the name. The lines of an eval
//! are kept after it only while there is a use for them: subs it defined, or a flag of `$^P`.

use keshi_frontend::Source;
use keshi_frontend::lexer::parse_line_directive;
use keshi_value::Val;
use keshi_value::hash::Key;
use keshi_vm::Vm;

use keshi_vm::rt::debug::{
    self,
    flag::{LINES, SAVE_SOURCE},
};

const SAVE_WITHOUT_SUBS: i64 = 0x800;
const SAVE_INVALID: i64 = 0x1000;

/// Keeps the lines of a source about to be compiled, if `$^P` asks for it.
pub fn retain(vm: &mut Vm, source: &Source, eval: bool) -> bool {
    if vm.debug_flags() & (LINES | SAVE_SOURCE) == 0 {
        return false;
    }
    let mut text = source.text.clone();
    if eval {
        // perl ends the text of an eval itself.
        text.extend_from_slice(b"\n;");
    }
    let mut lines = open(vm, &source.file);
    let mut n = source.line as usize;
    for line in text.split_inclusive(|&c| c == b'\n') {
        lines.set(n, debug::source_line(0, Val::str(line, source.utf8)));
        n += 1;
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        if let Some((number, file)) = parse_line_directive(bare) {
            n = number as usize;
            if let Some(f) = file {
                lines = open(vm, &f);
            }
        }
    }
    true
}

fn open(vm: &mut Vm, file: &str) -> keshi_value::Ptr<keshi_value::Array> {
    let g = vm.gv_str(&format!("main::_<{file}"));
    if g.scalar().get().is_undef() {
        g.scalar().set(Val::text(file));
    }
    g.array().clone()
}

/// After the compilation of an eval: drops its lines, unless there is a use for them.
pub fn release(vm: &mut Vm, file: &str, defined_subs: bool, compiled: bool) {
    if !file.starts_with("(eval ") {
        return;
    }
    let wanted = match (defined_subs, compiled) {
        (true, _) => LINES | SAVE_SOURCE,
        (false, true) => SAVE_WITHOUT_SUBS,
        (false, false) => SAVE_INVALID,
    };
    if vm.debug_flags() & wanted == 0 {
        let name = format!("_<{file}");
        let main = vm.main.clone();
        main.delete(&Key::ascii(&name));
    }
}
