//! Runtime functions of topic `io` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::Val;

/// `io.write`
pub fn write(vm: &mut Vm, _fh: &Val, _v: &Val) -> R<()> {
    Err(vm.unimplemented("io.write"))
}

/// `io.line`
pub fn read_line(vm: &mut Vm, _fh: &Val) -> R<Val> {
    Err(vm.unimplemented("io.line"))
}

/// `rt.io.out`
pub fn output_handle(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.io.out"))
}

/// `rt.io.sel`
pub fn selected(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.io.sel"))
}

/// `rt.print`
pub fn print(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.print"))
}

/// `rt.print.1`
pub fn print_one(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.print.1"))
}

/// `rt.say`
pub fn say(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.say"))
}

/// `rt.say.1`
pub fn say_one(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.say.1"))
}

/// `rt.printf`
pub fn printf(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.printf"))
}

/// `rt.readline`
pub fn readline(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.readline"))
}

/// `rt.readline.l`
pub fn readlines(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.readline.l"))
}

/// `rt.argv.line`
pub fn argv_line(vm: &mut Vm, _safe: u64) -> R<Val> {
    Err(vm.unimplemented("rt.argv.line"))
}

/// `rt.argv.lines`
pub fn argv_lines(vm: &mut Vm, _safe: u64) -> R<Val> {
    Err(vm.unimplemented("rt.argv.lines"))
}

/// `rt.glob.l`
pub fn glob_list(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.glob.l"))
}

/// `rt.glob`
pub fn glob_iter(vm: &mut Vm, _b: &Val, _site: u64) -> R<Val> {
    Err(vm.unimplemented("rt.glob"))
}

/// `rt.backtick`
pub fn backtick(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.backtick"))
}

/// `rt.backtick.l`
pub fn backtick_lines(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.backtick.l"))
}

/// `rt.open`
pub fn open(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.open"))
}

/// `rt.close`
pub fn close(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.close"))
}

/// `rt.close.sel`
pub fn close_selected(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.close.sel"))
}

/// `rt.binmode`
pub fn binmode(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.binmode"))
}

/// `rt.binmode.raw`
pub fn binmode_raw(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.binmode.raw"))
}

/// `rt.fileno`
pub fn fileno(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.fileno"))
}

/// `rt.eof`
pub fn eof(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.eof"))
}

/// `rt.eof.last`
pub fn eof_last(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.eof.last"))
}

/// `rt.eof.argv`
pub fn eof_argv(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.eof.argv"))
}

/// `rt.getc`
pub fn getc(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.getc"))
}

/// `rt.read`
pub fn read(vm: &mut Vm, _b: &mut Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.read"))
}

/// `rt.sysread`
pub fn sysread(vm: &mut Vm, _b: &mut Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sysread"))
}

/// `rt.recv`
pub fn recv(vm: &mut Vm, _b: &mut Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.recv"))
}

/// `rt.syswrite`
pub fn syswrite(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.syswrite"))
}

/// `rt.seek`
pub fn seek(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.seek"))
}

/// `rt.sysseek`
pub fn sysseek(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sysseek"))
}

/// `rt.tell`
pub fn tell(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.tell"))
}

/// `rt.tell.last`
pub fn tell_last(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.tell.last"))
}

/// `rt.truncate`
pub fn truncate(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.truncate"))
}

/// `rt.select`
pub fn select(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.select"))
}

/// `rt.select.get`
pub fn select_get(vm: &mut Vm) -> R<Val> {
    Err(vm.unimplemented("rt.select.get"))
}

/// `rt.select.n`
pub fn select_wait(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.select.n"))
}

/// `rt.select.n.l`
pub fn select_wait_list(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.select.n.l"))
}

/// `rt.flock`
pub fn flock(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.flock"))
}

/// `rt.fcntl`
pub fn fcntl(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.fcntl"))
}

/// `rt.ioctl`
pub fn ioctl(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ioctl"))
}

/// `rt.pipe`
pub fn pipe(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.pipe"))
}

/// `rt.sysopen`
pub fn sysopen(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sysopen"))
}

/// `rt.opendir`
pub fn opendir(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.opendir"))
}

/// `rt.readdir`
pub fn readdir(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.readdir"))
}

/// `rt.readdir.l`
pub fn readdir_list(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.readdir.l"))
}

/// `rt.telldir`
pub fn telldir(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.telldir"))
}

/// `rt.seekdir`
pub fn seekdir(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.seekdir"))
}

/// `rt.rewinddir`
pub fn rewinddir(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.rewinddir"))
}

/// `rt.closedir`
pub fn closedir(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.closedir"))
}

/// `rt.socket`
pub fn socket(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.socket"))
}

/// `rt.socketpair`
pub fn socketpair(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.socketpair"))
}

/// `rt.bind`
pub fn bind(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.bind"))
}

/// `rt.connect`
pub fn connect(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.connect"))
}

/// `rt.listen`
pub fn listen(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.listen"))
}

/// `rt.accept`
pub fn accept(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.accept"))
}

/// `rt.shutdown`
pub fn shutdown(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.shutdown"))
}

/// `rt.send`
pub fn send(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.send"))
}

/// `rt.getsockopt`
pub fn getsockopt(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.getsockopt"))
}

/// `rt.setsockopt`
pub fn setsockopt(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.setsockopt"))
}

/// `rt.getsockname`
pub fn getsockname(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.getsockname"))
}

/// `rt.getpeername`
pub fn getpeername(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.getpeername"))
}

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {}

/// `$|` of the selected handle.
pub fn autoflush(_vm: &Vm) -> bool {
    false
}
pub fn set_autoflush(vm: &mut Vm, _on: bool) -> R<()> {
    Err(vm.unimplemented("$|"))
}

impl Vm {
    /// Unbuffered text on STDERR, whatever state the handle is in.
    pub fn write_stderr(&mut self, b: &[u8]) {
        use std::io::Write;
        let _ = std::io::stderr().write_all(b);
    }
}

/// The `DATA` handle of a package, at the text after `__END__`/`__DATA__`.
pub fn open_data(vm: &mut Vm, package: &str, text: &[u8]) {
    let _ = (vm, package, text);
}

/// Flushes and closes everything at the end of the program.
pub fn finish(vm: &mut Vm) {
    let _ = vm;
}
