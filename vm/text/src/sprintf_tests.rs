//! Tests of `sprintf`; expectations were checked against perl 5.42.

use std::borrow::Cow;

use super::*;

enum V {
    S(Vec<u8>, bool),
    N(Num),
}

impl From<&str> for V {
    fn from(s: &str) -> V {
        V::S(s.as_bytes().to_vec(), !s.is_ascii())
    }
}
impl From<i64> for V {
    fn from(i: i64) -> V {
        V::N(Num::Int(i))
    }
}
impl From<i32> for V {
    fn from(i: i32) -> V {
        V::N(Num::Int(i.into()))
    }
}
impl From<f64> for V {
    fn from(n: f64) -> V {
        V::N(Num::Num(n))
    }
}

struct Test(Vec<V>, Vec<String>);

impl Args for Test {
    type Err = String;
    fn count(&self) -> usize {
        self.0.len()
    }
    fn str(&mut self, i: usize) -> Result<(Cow<'_, [u8]>, bool), String> {
        Ok(match &self.0[i] {
            V::S(s, u) => (Cow::Borrowed(&s[..]), *u),
            V::N(n) => {
                let mut v = Vec::new();
                n.fmt(&mut v);
                (Cow::Owned(v), false)
            }
        })
    }
    fn num(&mut self, i: usize) -> Result<Num, String> {
        Ok(match &self.0[i] {
            V::S(s, _) => num::parse(s).num,
            V::N(n) => *n,
        })
    }
    fn addr(&mut self, _: usize) -> Result<u64, String> {
        Ok(0xbeef)
    }
    fn ptr(&mut self, _: usize) -> Result<u64, String> {
        Ok(0)
    }
    fn name(&self) -> &'static str {
        "sprintf"
    }
    fn set_len(&mut self, i: usize, len: usize) -> Result<(), String> {
        self.0[i] = V::from(len as i64);
        Ok(())
    }
    fn warn(&mut self, w: Warning) -> Result<(), String> {
        self.1.push(w.msg);
        Ok(())
    }
    fn die(&mut self, msg: String) -> String {
        msg
    }
}

fn run(f: &str, args: Vec<V>) -> (String, Vec<String>) {
    let mut a = Test(args, Vec::new());
    match sprintf(f.as_bytes(), !f.is_ascii(), &mut a) {
        Ok((b, u)) => {
            (if u { String::from_utf8(b).unwrap() } else { b.iter().map(|&b| b as char).collect() }, a.1)
        }
        Err(e) => (format!("ERR {e}"), a.1),
    }
}

macro_rules! check {
    ($($f:literal $(, $a:expr)* => $want:literal $($w:literal)*;)*) => {
        $( {
            let (got, warned) = run($f, vec![$(V::from($a)),*]);
            let expected: Vec<&str> = vec![$($w),*];
            assert_eq!((got.as_str(), warned), ($want, expected.iter().map(|s| s.to_string()).collect()), $f);
        } )*
    };
}

#[test]
fn integers() {
    check! {
        "%d", 3.7 => "3";
        "%d", 1e20 => "-1";
        "%d", -1e20 => "-9223372036854775808";
        "%u", -1 => "18446744073709551615";
        "%hd", 70000 => "4464";
        "%hhu", -1 => "255";
        "%+d|% d|%+ d", 5, 5, 5 => "+5| 5|+5";
        "%+u", 5 => "5";
        "%-05d|", 5 => "5    |";
        "%+08.3d|", -5 => "    -005|";
        "%#08x", 255 => "0x0000ff";
        "%#.5x", 255 => "0x000ff";
        "%#.5o", 8 => "00010";
        "%#.1o", 8 => "010";
        "%.0d", 0 => "";
        "%#.0o", 0 => "0";
        "%+.0d", 0 => "+";
        "%#x", 0 => "0";
        "%#012.10b", 5 => "0b0000000101";
        "%b", -1 => "1111111111111111111111111111111111111111111111111111111111111111";
        "%p", 1 => "beef";
    }
}

#[test]
fn floats() {
    check! {
        "%e", 1234.5 => "1.234500e+03";
        "%#.0e", 1234.5 => "1.e+03";
        "%010f", -1.5 => "-01.500000";
        "%g", -0.0 => "-0";
        "%.0f", -0.4 => "-0";
        "%a", 0.1 => "0x1.999999999999ap-4";
        "%+020a", 1.0 => "+0x00000000000001p+0";
        "%5d|%-5d|%05d", f64::INFINITY, f64::INFINITY, f64::INFINITY => "  Inf|Inf  |00Inf";
        "%+g|%+g", f64::INFINITY, f64::NAN => "+Inf|NaN";
        "%c", f64::INFINITY => "ERR Cannot printf Inf with 'c'";
        "%.2147483648f", 1.0 => "ERR Numeric format result too large";
        "%Lf", 1.5 => "1.500000";
    }
}

#[test]
fn text() {
    check! {
        "%5s|", "\u{100}" => "    \u{100}|";
        "%.1s", "\u{100}b" => "\u{100}";
        "%05s", "ab" => "000ab";
        "%c%s", 200, "\u{100}" => "\u{c8}\u{100}";
        "%c", -1 => "ERR Use of code point 0xFFFFFFFFFFFFFFFF is not allowed; the permissible max is 0x7FFFFFFFFFFFFFFF";
        "%5%|%-5%|%05%|%.0%" => "    %|%    |0000%|";
        "%vd", "1.22" => "49.46.50.50";
        "%vX", "\u{100}\u{fe}" => "100.FE";
        "%*vd", "::", "12" => "49::50";
        "%+vd", "1.2" => "+49.46.50";
        "%0*v2d", "-", "12" => "49-50";
        "%v.3d", "12" => "049.050";
        "%3$*1$v*2$d", "-", 5, "12" => "   49-   50";
    }
}

#[test]
fn arguments() {
    check! {
        "%d" => "0" "Missing argument in sprintf";
        "%d", 1, 2 => "1" "Redundant argument in sprintf";
        "%2$s %s", 1, 2 => "2 1";
        "%1$*2$d", 5, 6 => "     5";
        "%*d|%-*d|", -6, 5, -6, 5 => "5     |5     |";
        "%.*f", -1, 1.5 => "1.500000";
        "%*3$s", 1 => "1" "Missing argument in sprintf";
        "%s%n", 1 => "ERR Missing argument for %n in sprintf";
        "%99999999999999999999d", 1 => "ERR Integer overflow in format string for sprintf";
    }
}

#[test]
fn invalid() {
    check! {
        "%" => "%" "Invalid conversion in sprintf: end of string";
        "%y", 1 => "%y" "Invalid conversion in sprintf: \"%y\"";
        "%k%d", 3 => "%k3" "Invalid conversion in sprintf: \"%k\"";
        "%\n", 1 => "%\n" "Invalid conversion in sprintf: \"%\\012\"";
        "%5.3y", 1 => "%5.3y" "Invalid conversion in sprintf: \"%5.3y\"";
        "%0$s", 1 => "%0$s" "Invalid conversion in sprintf: \"%0$\"";
        "%*0$s", 1 => "%*0$s" "Invalid conversion in sprintf: \"%*0\"";
        "%v%" => "%v%" "Invalid conversion in sprintf: \"%v%\"" "Invalid conversion in sprintf: end of string";
        "%hf", 1.5 => "%hf" "Invalid conversion in sprintf: \"%hf\"";
        "%v d", "1" => "%v d" "Invalid conversion in sprintf: \"%v \"";
        "%z%s", 1 => "%s" "Redundant argument in sprintf";
    }
}
