//! `DATA`: the text behind `__END__` or `__DATA__` as a handle, on the source file itself where that is one.
use super::fh;
use super::fh::kind;
use crate::Vm;
use keshi_io::{Handle, HandleKind, OpenOpts, SharedBytes};

/// The file a program or module is read from, open while it is compiled: `DATA` goes on reading it.
pub struct SourceFile(std::fs::File);

/// Remembers the file behind the text about to be compiled, if a DATA handle may need it; the result is to be
/// given to [`end_source`].
pub fn begin_source(vm: &mut Vm, path: &[u8], text: &[u8]) -> Option<SourceFile> {
    use std::os::unix::ffi::OsStrExt;
    let has = |w: &[u8]| memchr::memmem::find(text, w).is_some();
    let file = if has(b"__END__") || has(b"__DATA__") {
        std::fs::File::open(std::path::Path::new(std::ffi::OsStr::from_bytes(path))).ok()
    } else {
        None
    };
    std::mem::replace(&mut vm.rtstate.io.source, file.map(SourceFile))
}

pub fn end_source(vm: &mut Vm, outer: Option<SourceFile>) {
    vm.rtstate.io.source = outer;
}

/// A handle on the source file at the text `rest`, if the file ends in it.
fn source_at(vm: &mut Vm, rest: &[u8]) -> Option<Handle> {
    use std::os::fd::IntoRawFd;
    use std::os::unix::fs::FileExt;
    let SourceFile(file) = vm.rtstate.io.source.take()?;
    let meta = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let at = meta.len().checked_sub(rest.len() as u64)?;
    let mut there = vec![0; rest.len()];
    file.read_exact_at(&mut there, at).ok()?;
    if there != rest {
        return None;
    }
    let mut h = Handle::from_fd(file.into_raw_fd(), true, false, HandleKind::File);
    h.seek(at as i64, libc::SEEK_SET).ok()?;
    Some(h)
}

/// The `DATA` handle of a package, at the text after `__END__`/`__DATA__`: the source file itself, or a copy of
/// the text where there is no such file. Under `use utf8` it delivers characters.
pub fn open_data(vm: &mut Vm, package: &str, text: &[u8], utf8: bool) {
    let g = vm.gv_str(&format!("{package}::DATA"));
    let io = fh::io_of(&g);
    let h = match source_at(vm, text) {
        Some(h) => {
            io.file.set(Some(Box::new(keshi_io::registry::share(h))));
            fh::handle_or_new(&io)
        }
        None => {
            let h = fh::handle_or_new(&io);
            let buf = SharedBytes(std::rc::Rc::new(std::cell::RefCell::new(text.to_vec())));
            // A string that is there can be opened.
            let _ = h.borrow_mut().open_mem(keshi_io::Mode::Read, Box::new(buf), &OpenOpts::default());
            h
        }
    };
    if utf8 {
        // `:utf8` only marks the handle and cannot fail on an open one.
        let _ = h.borrow_mut().binmode(b":utf8");
    }
    io.kind.set(kind::READ);
}
