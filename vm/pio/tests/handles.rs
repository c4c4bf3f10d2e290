//! Handles end to end: files, layers, positions, scalars, pipes, duplicates.

use keshi_io::{Command, Direction, Errno, Handle, Mode, OpenOpts, Rs, SharedBytes, WaitStatus};

struct Dir(Vec<u8>);

impl Dir {
    fn new() -> Dir {
        use std::os::unix::ffi::OsStringExt;
        use std::sync::atomic::{AtomicU32, Ordering};
        static N: AtomicU32 = AtomicU32::new(0);
        let n = N.fetch_add(1, Ordering::Relaxed);
        let p = std::env::temp_dir().join(format!("keshi-io-{}-{n}", std::process::id()));
        std::fs::create_dir(&p).unwrap();
        Dir(p.into_os_string().into_vec())
    }

    fn file(&self, name: &str) -> Vec<u8> {
        [&self.0[..], b"/", name.as_bytes()].concat()
    }

    fn with(&self, name: &str, content: &[u8]) -> Vec<u8> {
        let p = self.file(name);
        std::fs::write(keshi_io::fd::path(&p), content).unwrap();
        p
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(keshi_io::fd::path(&self.0));
    }
}

fn opts(layers: &str) -> OpenOpts {
    OpenOpts { layers: keshi_io::layers::parse(layers.as_bytes()).unwrap(), ..OpenOpts::default() }
}

fn open(mode: Mode, path: &[u8], layers: &str) -> Handle {
    let mut h = Handle::new();
    h.open_path(mode, path, &opts(layers)).unwrap();
    h
}

fn line(h: &mut Handle, rs: &Rs) -> Option<Vec<u8>> {
    let mut v = Vec::new();
    h.read_line(rs, &mut v).unwrap().then_some(v)
}

fn all(h: &mut Handle, rs: &Rs) -> Vec<String> {
    std::iter::from_fn(|| line(h, rs)).map(|v| String::from_utf8_lossy(&v).into_owned()).collect()
}

fn content(p: &[u8]) -> Vec<u8> {
    std::fs::read(keshi_io::fd::path(p)).unwrap()
}

fn sep(s: &str) -> Rs {
    Rs::Str { bytes: s.as_bytes().to_vec(), utf8: false }
}

#[test]
fn the_four_separator_modes() {
    let d = Dir::new();
    let p = d.with("f", b"\n\na\nb\n\n\n\nc--d\nlast");
    assert_eq!(all(&mut open(Mode::Read, &p, ""), &Rs::newline()).len(), 9);
    assert_eq!(all(&mut open(Mode::Read, &p, ""), &Rs::Paragraph), ["a\nb\n\n", "c--d\nlast"]);
    assert_eq!(all(&mut open(Mode::Read, &p, ""), &Rs::Slurp).len(), 1);
    assert_eq!(all(&mut open(Mode::Read, &p, ""), &sep("--"))[1], "d\nlast");
    assert_eq!(all(&mut open(Mode::Read, &p, ""), &Rs::Record(9)), ["\n\na\nb\n\n\n\n", "c--d\nlast"]);
    let mut h = open(Mode::Read, &p, "");
    all(&mut h, &Rs::Paragraph);
    assert_eq!(h.lines, 2);
    h.close();
    assert_eq!(h.lines, 0);
}

#[test]
fn an_empty_file_slurps_once_in_scalar_context() {
    let d = Dir::new();
    let p = d.with("f", b"");
    let mut h = open(Mode::Read, &p, "");
    let mut v = Vec::new();
    assert_eq!(h.read_line(&Rs::Slurp, &mut v), Ok(false));
    assert_eq!((h.read_scalar(&Rs::Slurp, &mut v), v.len(), h.lines), (Ok(true), 0, 1));
    assert_eq!(h.read_scalar(&Rs::Slurp, &mut v), Ok(false));
    assert_eq!(open(Mode::Read, &p, "").read_scalar(&Rs::newline(), &mut v), Ok(false));
}

#[test]
fn separators_across_buffers() {
    let d = Dir::new();
    let text = ["x".repeat(8191), "--".into(), "y".repeat(20000), "--z".into()].concat();
    let p = d.with("f", text.as_bytes());
    let l: Vec<usize> = all(&mut open(Mode::Read, &p, ""), &sep("--")).iter().map(String::len).collect();
    assert_eq!(l, [8193, 20002, 1]);
    let l: Vec<usize> = all(&mut open(Mode::Read, &p, ":crlf"), &sep("--")).iter().map(String::len).collect();
    assert_eq!(l, [8193, 20002, 1]);
}

#[test]
fn positions_eof_and_update() {
    let d = Dir::new();
    let p = d.with("f", b"one\ntwo\nthree\n");
    let mut h = open(Mode::Update, &p, "");
    assert_eq!(line(&mut h, &Rs::newline()).unwrap(), b"one\n");
    assert_eq!(h.tell(), Ok(4));
    assert_eq!(h.eof(), Ok(false));
    h.print(b"TWO", false).unwrap();
    assert_eq!(h.tell(), Ok(7));
    h.seek(0, libc::SEEK_CUR).unwrap();
    assert_eq!(all(&mut h, &Rs::newline()), ["\n", "three\n"]);
    assert_eq!(h.eof(), Ok(true));
    h.seek(-6, libc::SEEK_END).unwrap();
    assert_eq!(line(&mut h, &Rs::Slurp).unwrap(), b"three\n");
    h.ungetc(b"xy");
    assert_eq!(line(&mut h, &Rs::Slurp).unwrap(), b"xy");
    assert!(h.close().ok);
    assert_eq!(content(&p), b"one\nTWO\nthree\n");
    let mut h = open(Mode::Append, &p, "");
    assert_eq!(h.tell(), Ok(14));
    h.print(b"4", false).unwrap();
    assert_eq!(h.tell(), Ok(15));
    drop(h);
    assert_eq!(content(&p).len(), 15);
}

#[test]
fn crlf_and_encodings() {
    let d = Dir::new();
    let p = d.file("f");
    let mut h = open(Mode::Write, &p, ":crlf");
    h.print(b"a\nb\r\n", false).unwrap();
    assert_eq!(h.tell(), Ok(7));
    h.close();
    assert_eq!(content(&p), b"a\r\nb\r\r\n");
    let mut h = open(Mode::Read, &p, ":crlf");
    assert_eq!(line(&mut h, &Rs::newline()).unwrap(), b"a\n");
    assert_eq!(h.tell(), Ok(3));
    h.binmode(b"").unwrap();
    assert_eq!(line(&mut h, &Rs::newline()).unwrap(), b"b\r\r\n");
    assert_eq!(h.tell(), Ok(7));

    let mut h = open(Mode::Write, &p, ":encoding(UTF-16LE):crlf");
    h.print("\u{263a}\n".as_bytes(), true).unwrap();
    h.print(b"\xe9\n", false).unwrap();
    h.close();
    assert_eq!(content(&p), [0x3a, 0x26, 13, 0, 10, 0, 0xe9, 0, 13, 0, 10, 0]);
    let mut h = open(Mode::Read, &p, ":encoding(UTF-16LE):crlf");
    assert!(h.is_utf8());
    assert_eq!(line(&mut h, &Rs::newline()).unwrap(), "\u{263a}\n".as_bytes());
    assert_eq!(h.tell(), Ok(6));
    assert_eq!(line(&mut h, &Rs::newline()).unwrap(), "\u{e9}\n".as_bytes());
    assert_eq!(line(&mut h, &Rs::newline()), None);

    let p = d.with("bad", b"a\xe9b");
    let mut h = open(Mode::Read, &p, ":encoding(UTF-8)");
    assert_eq!(line(&mut h, &Rs::Slurp).unwrap(), b"a\\xE9b");
    assert_eq!(h.take_warnings(), ["UTF-8 \"\\xE9\" does not map to Unicode"]);
}

#[test]
fn characters_and_wide_ones() {
    let d = Dir::new();
    let p = d.with("f", "a\u{263a}\u{e9}z".as_bytes());
    let mut h = open(Mode::Read, &p, ":utf8");
    let mut out = Vec::new();
    assert_eq!(h.read(2, &mut out), Ok(2));
    assert_eq!(out, "a\u{263a}".as_bytes());
    assert_eq!(h.read(9, &mut out), Ok(2));
    let mut h = open(Mode::Write, &p, "");
    assert_eq!(h.print("\u{e9}".as_bytes(), true), Ok(false));
    assert_eq!(h.print("\u{263a}".as_bytes(), true), Ok(true));
    h.close();
    assert_eq!(content(&p), b"\xe9\xe2\x98\xba");
}

#[test]
fn scalars_as_files() {
    let buf = SharedBytes::default();
    let mut h = Handle::new();
    h.open_mem(Mode::Write, Box::new(buf.clone()), &OpenOpts::default()).unwrap();
    assert_eq!(h.fileno(), Some(-1));
    h.print(b"one\ntwo\n", false).unwrap();
    assert_eq!(&buf.0.borrow()[..], b"one\ntwo\n");
    h.seek(1, libc::SEEK_SET).unwrap();
    h.print(b"N", false).unwrap();
    assert_eq!(&buf.0.borrow()[..4], b"oNe\n");
    h.open_mem(Mode::Read, Box::new(buf.clone()), &OpenOpts::default()).unwrap();
    assert_eq!(line(&mut h, &Rs::newline()).unwrap(), b"oNe\n");
    h.ungetc(b"!");
    assert_eq!(h.tell(), Ok(3));
    buf.0.borrow_mut().extend_from_slice(b"three");
    assert_eq!(all(&mut h, &Rs::newline()), ["!two\n", "three"]);
    assert_eq!(h.eof(), Ok(true));
    h.open_mem(Mode::Read, Box::new(buf), &opts(":crlf")).unwrap();
    assert_eq!(h.layer_names(), ["scalar", "crlf"]);
    assert_eq!(all(&mut h, &Rs::newline()).len(), 3);
}

#[test]
fn commands() {
    let mut h = Handle::new();
    let c = Command::parse(b"printf 'a\\nb\\n'; exit 3").unwrap();
    let pid = h.open_command(Direction::From, &c, &OpenOpts::default()).unwrap();
    assert_eq!(h.child(), Some(pid));
    assert_eq!(all(&mut h, &Rs::newline()), ["a\n", "b\n"]);
    let r = h.close();
    assert_eq!((r.ok, r.errno, r.status), (false, None, Some(WaitStatus(3 << 8))));

    let d = Dir::new();
    let p = d.file("out");
    let c = Command::shell(&[b"cat > ", &p[..]].concat());
    h.open_command(Direction::To, &c, &OpenOpts::default()).unwrap();
    h.print(b"through a pipe", false).unwrap();
    assert!(h.close().ok);
    assert_eq!(content(&p), b"through a pipe");
    let e = h.open_command(Direction::From, &Command::list(vec![b"/no/such".to_vec()]), &OpenOpts::default());
    assert_eq!(e.unwrap_err().warning.unwrap().1, "Can't exec \"/no/such\": No such file or directory");
}

#[test]
fn duplicates_share_or_copy_the_descriptor() {
    let d = Dir::new();
    let p = d.file("f");
    let mut a = open(Mode::Write, &p, "");
    let (mut copy, mut alias) = (Handle::new(), Handle::new());
    a.print(b"1", false).unwrap();
    copy.open_dup(Mode::Write, &mut a, false, &OpenOpts::default()).unwrap();
    alias.open_dup(Mode::Write, &mut a, true, &OpenOpts::default()).unwrap();
    assert_ne!(copy.fileno(), a.fileno());
    assert_eq!(alias.fileno(), a.fileno());
    copy.print(b"2", false).unwrap();
    assert!(copy.close().ok && a.close().ok);
    alias.print(b"3", false).unwrap();
    assert!(alias.close().ok);
    assert_eq!(content(&p), b"123");
    let e = a.open_dup_fd(Mode::Read, 987, true, &OpenOpts::default()).unwrap_err();
    assert_eq!(e.errno, Some(Errno(libc::EBADF)));
}

#[test]
fn failures_are_reported() {
    let mut h = Handle::new();
    assert_eq!(h.print(b"x", false), Err(Errno(libc::EBADF)));
    assert_eq!(h.close().errno, Some(Errno(libc::EBADF)));
    assert_eq!(h.read_line(&Rs::newline(), &mut Vec::new()), Err(Errno(libc::EBADF)));
    let mut full = open(Mode::Write, b"/dev/full", "");
    assert_eq!(full.print(b"x", false), Ok(false));
    assert_eq!(full.close().errno, Some(Errno(libc::ENOSPC)));
    let mut dir = open(Mode::Read, b"/", "");
    assert_eq!(dir.read_line(&Rs::newline(), &mut Vec::new()), Err(Errno(libc::EISDIR)));
    let e = h.open_path(Mode::Read, b"/no/such", &OpenOpts::default()).unwrap_err();
    assert_eq!(e.errno, Some(Errno(libc::ENOENT)));
    let mut r = open(Mode::Read, b"/dev/null", "");
    assert_eq!(r.print(b"x", false), Err(Errno(libc::EBADF)));
    assert_eq!(r.binmode(b":foo").unwrap_err().warning, "Unknown PerlIO layer \"foo\"");
}

#[test]
fn the_registry_flushes() {
    let d = Dir::new();
    let p = d.file("f");
    let h = keshi_io::registry::share(open(Mode::Write, &p, ""));
    h.borrow_mut().print(b"kept", false).unwrap();
    assert_eq!(content(&p), b"");
    keshi_io::registry::flush_all().unwrap();
    assert_eq!(content(&p), b"kept");
    h.borrow_mut().print(b" more", false).unwrap();
    keshi_io::registry::close_all().unwrap();
    assert_eq!(content(&p), b"kept more");
}

#[test]
fn temporary_files_and_system_calls() {
    let mut h = Handle::new();
    h.open_temp(Mode::Truncate, &OpenOpts::default()).unwrap();
    assert_eq!(h.syswrite(b"hello"), Ok(5));
    assert_eq!(h.sysseek(1, libc::SEEK_SET), Ok(1));
    let mut out = Vec::new();
    assert_eq!(h.sysread(3, &mut out), Ok(3));
    assert_eq!(out, b"ell");
    h.truncate(2).unwrap();
    h.seek(0, libc::SEEK_SET).unwrap();
    assert_eq!(line(&mut h, &Rs::Slurp).unwrap(), b"he");
}
