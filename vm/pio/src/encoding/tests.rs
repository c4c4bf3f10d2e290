//! Unit tests of the conversions.

use super::*;

fn dec(name: &str, src: &[u8]) -> (String, Vec<String>) {
    let (mut out, mut warn) = (Vec::new(), Vec::new());
    let n = Encoding::find(name).unwrap().decode(
        &mut State::default(),
        src,
        true,
        &mut out,
        &mut Escapes(&mut warn),
    );
    assert_eq!(n, src.len());
    (String::from_utf8(out).unwrap(), warn)
}

fn enc(name: &str, src: &str) -> (Vec<u8>, Vec<String>) {
    let (mut out, mut warn) = (Vec::new(), Vec::new());
    Encoding::find(name).unwrap().encode(
        &mut State::default(),
        src.as_bytes(),
        &mut out,
        &mut Escapes(&mut warn),
    );
    (out, warn)
}

#[test]
fn bad_sequences_become_escapes() {
    let (t, w) = dec("UTF-8", b"a\xe9b\xf0\x9f\n\xed\xa0\x80");
    assert_eq!(t, "a\\xE9b\\xF0\\x9F\n\\xED\\xA0\\x80");
    assert_eq!(w[1], "UTF-8 \"\\xF0\\x9F\" does not map to Unicode");
    assert_eq!(dec("ascii", b"x\x80").1, ["ascii \"\\x80\" does not map to Unicode"]);
    let (b, w) = enc("latin1", "a\u{263a}\u{e9}");
    assert_eq!(b, b"a\\x{263a}\xe9");
    assert_eq!(w, ["\"\\x{263a}\" does not map to iso-8859-1"]);
}

#[test]
fn wide_and_national_forms() {
    assert_eq!(enc("UTF-16", "a\u{1f600}").0, [0xfe, 0xff, 0, 0x61, 0xd8, 0x3d, 0xde, 0]);
    assert_eq!(dec("UTF-16", &[0xff, 0xfe, 0x61, 0]).0, "a");
    assert_eq!(dec("UTF-32LE", &[0x3a, 0x26, 0, 0]).0, "\u{263a}");
    assert_eq!(dec("shiftjis", &[0x82, 0xa0]).0, "\u{3042}");
    assert_eq!(enc("cp1251", "\u{42f}").0, [0xdf]);
    assert_eq!(dec("koi8-r", &[0xf1]).0, "\u{42f}");
}

#[test]
fn incomplete_tails_wait() {
    let (mut out, mut warn) = (Vec::new(), Vec::new());
    let e = Encoding::find("UTF-8").unwrap();
    assert_eq!(e.decode(&mut State::default(), b"ab\xe2\x98", false, &mut out, &mut Escapes(&mut warn)), 2);
    assert!(warn.is_empty() && out == b"ab");
}

#[test]
fn extended_utf8() {
    assert_eq!(chars(b"\xff\x80\x80\x80\x80\x80\x81\x80\x80\x80\x80\x80\x80").next().unwrap().0, 1 << 36);
    assert_eq!(downgrade("\u{e9}x".as_bytes()).unwrap(), b"\xe9x");
    assert_eq!(downgrade("\u{263a}".as_bytes()), None);
}
