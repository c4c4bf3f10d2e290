//! Tests of `pack` and `unpack`; expectations were checked against perl 5.42.

use std::borrow::Cow;

use super::*;
use crate::Args;
use crate::num::{Num, parse};

#[derive(Clone)]
struct S(Vec<u8>, bool);

impl From<&str> for S {
    fn from(s: &str) -> S {
        S(s.as_bytes().to_vec(), !s.is_ascii())
    }
}
impl From<i64> for S {
    fn from(i: i64) -> S {
        S(i.to_string().into_bytes(), false)
    }
}
impl From<&[u8]> for S {
    fn from(b: &[u8]) -> S {
        S(b.to_vec(), false)
    }
}

struct List(Vec<S>, Vec<String>);

impl Args for List {
    type Err = String;
    fn count(&self) -> usize {
        self.0.len()
    }
    fn str(&mut self, i: usize) -> Result<(Cow<'_, [u8]>, bool), String> {
        Ok((Cow::Borrowed(&self.0[i].0), self.0[i].1))
    }
    fn num(&mut self, i: usize) -> Result<Num, String> {
        Ok(parse(&self.0[i].0).num)
    }
    fn addr(&mut self, _: usize) -> Result<u64, String> {
        Ok(0)
    }
    fn ptr(&mut self, _: usize) -> Result<u64, String> {
        Ok(0x1234)
    }
    fn set_len(&mut self, _: usize, _: usize) -> Result<(), String> {
        Ok(())
    }
    fn warn(&mut self, w: Warning) -> Result<(), String> {
        self.1.push(w.msg);
        Ok(())
    }
    fn die(&mut self, msg: String) -> String {
        msg
    }
    fn name(&self) -> &'static str {
        "pack"
    }
}

fn packed(t: &str, args: Vec<S>) -> Result<(Vec<u8>, bool), String> {
    pack(&Template::parse(t.as_bytes(), Kind::Pack)?, &mut List(args, Vec::new()))
}

macro_rules! check {
    ($($t:literal $(, $a:expr)* => $want:expr;)*) => {
        $( assert_eq!(packed($t, vec![$(S::from($a)),*]).as_ref().map(|(b, u)| (&b[..], *u)), Ok((&$want[..], false)), $t); )*
    };
}

fn unpacked(t: &str, data: &[u8]) -> Result<String, String> {
    let t = Template::parse(t.as_bytes(), Kind::Unpack)?;
    let values = unpack(&t, data, false, false, &mut Vec::new())?;
    let show = |v: &Value| match v {
        Value::Undef => "undef".to_string(),
        Value::Num(n) => {
            let mut t = Vec::new();
            n.fmt(&mut t);
            String::from_utf8(t).unwrap()
        }
        Value::Str(s, _) => format!("'{}'", s.escape_ascii()),
        Value::Ptr { addr, len } => format!("{addr:x}:{len:?}"),
    };
    Ok(values.iter().map(show).collect::<Vec<_>>().join(","))
}

#[test]
fn packs() {
    check! {
        "A3 a3 Z3", "abcd", "a", "abcd" => b"abca\0\0ab\0";
        "b8 B* H* h4", "10101", "10101", "1fa", "1f" => b"\x15\xa8\x1f\xa0\xf1\0";
        "s> n v N! q>", 1, 65537, 1, -2, -1 => b"\0\x01\0\x01\x01\0\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff\xff";
        "w w", 300, "123456789012345678901234567890" => b"\x82,\xb1\xee\xc8\xbf\xed\xc3\xb9\xf8\x9d\xe4\xf1\xfc\x95R";
        "c x!4 c X2 c", 1, 2, 3 => b"\x01\0\0\x03";
        "(c @3)2", 1, 2 => b"\x01\0\0\x02\0\0";
        "a4(a .2)", "abcd", "x", 1 => b"a";
        "n/a* C/(n)2", "abc", 1, 2, 3 => b"\0\x03abc\x02\0\x01\0\x02";
        "C/Z*", "abc" => b"\x04abc\0";
        "u", "hello world" => b"+:&5L;&\\@=V]R;&0`\n";
        "(s l)>", 1, 2 => b"\0\x01\0\0\0\x02";
        "C0U", 300 => b"\xc4\xac";
        "x[sl] p>", "x" => b"\0\0\0\0\0\0\0\0\0\0\0\0\x12\x34";
        "D", 1 => b"\0\0\0\0\0\0\0\x80\xff\x3f\0\0\0\0\0\0";
    }
    assert_eq!(packed("U", vec![S::from(300)]), Ok(("\u{12c}".into(), true)));
    assert_eq!(
        packed("a U0 C2", vec![S::from(&b"\xe9"[..]), S::from(0xc4), S::from(0x80)]),
        Ok(("é\u{100}".into(), true))
    );
}

#[test]
fn pack_errors() {
    for (t, e) in [
        ("y", "Invalid type 'y' in pack"),
        ("X", "'X' outside of string in pack"),
        ("(a", "No group ending character ')' found in template"),
        ("(c]", "Mismatched brackets in template"),
        ("s><", "Can't use both '<' and '>' after type 's' in pack"),
        ("(s<)>", "Can't use '<' in a group with different byte-order in pack"),
        ("c!", "'!' allowed only after types sSiIlLxXnNvV@. in pack"),
        ("n>", "'>' allowed only after types sSiIlLqQjJfFdDpP( in pack"),
        ("c %32", "'%' may not be used in pack"),
        ("x[a*]", "Within []-length '*' not allowed in pack"),
        ("n/", "Code missing after '/' in pack"),
        ("C/2a", "'/' does not take a repeat count in pack"),
        ("x99999999999999999999", "pack/unpack repeat count overflow"),
    ] {
        assert_eq!(packed(t, vec![]), Err(e.to_string()), "{t}");
    }
    assert!(packed(&("(".repeat(200) + &")".repeat(200)), vec![]).unwrap_err().starts_with("Too deeply"));
    assert_eq!(packed("U0C", vec![S::from(0xe9)]), Err("Malformed UTF-8 character (fatal)".into()));
}

#[test]
fn unpacks() {
    for (t, data, want) in [
        ("A* ", &b"ab \0 \n"[..], "'ab'"),
        ("Z* a", b"a\0bcd", "'a','b'"),
        ("b* B3 H*", b"\x55", "'10101010','',''"),
        ("s* ", b"abcde", "25185,25699"),
        ("n! V! Q>", b"\xff\xfe\xfe\xff\xff\xff\0\0\0\0\0\0\0\x01", "-2,-2,1"),
        ("w", b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\x7f", "18446744073709551615"),
        ("a(a@!2a)", b"abcde", "'a','b','d'"),
        ("u", b"+:&5L;&\\@=V]R;&0\n", "'hello world'"),
        ("a3/A A*", b"007 Bond  J ", "' Bond','J'"),
        ("(C/a)2", b"\x01a\x02bc", "'a','bc'"),
        ("%32C* ", b"abc", "294"),
        ("%32b*", b"\xff\x0f", "12"),
        ("%3C*", b"\xff", "7"),
        ("U*", b"\xc4\x80a", "196,128,97"),
        ("C0U*", b"\xc4\x80", "256"),
        ("U0 a2", b"\xe9", "'\\xc3\\xa9'"),
        ("(a)*", b"abc", "'a','b','c'"),
        ("()*", b"a", ""),
        ("p P3", b"\x01\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0", "1:None,2:Some(3)"),
    ] {
        assert_eq!(unpacked(t, data), Ok(want.to_string()), "{t}");
    }
    assert_eq!(unpacked("C/a2", b"\x02abc"), Err("Count after length/code in unpack".into()));
    assert_eq!(unpacked("x4", b"abc"), Err("'x' outside of string in unpack".into()));
    assert_eq!(unpacked("w", b"\x82"), Err("Unterminated compressed integer in unpack".into()));
}
