//! The signature language: `(cstr, i32) -> u64`.
//!
//! A signature is a parenthesised list of argument types and `-> TYPE` (`void` if it is left out). The types
//! of variadic arguments stand behind a `;`.

use std::fmt;

/// A C type as the language names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Type {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
    F32,
    F64,
    /// An address; an argument may also be a string, whose bytes the function may read and change.
    Ptr,
    /// A NUL-terminated string, copied in both directions.
    Cstr,
    Void,
}

/// Every name of a type, C's own names included.
const NAMES: &[(&str, Type)] = &[
    ("i8", Type::I8),
    ("u8", Type::U8),
    ("i16", Type::I16),
    ("u16", Type::U16),
    ("i32", Type::I32),
    ("u32", Type::U32),
    ("i64", Type::I64),
    ("u64", Type::U64),
    ("f32", Type::F32),
    ("f64", Type::F64),
    ("ptr", Type::Ptr),
    ("cstr", Type::Cstr),
    ("void", Type::Void),
    ("bool", Type::U8),
    ("int", Type::I32),
    ("uint", Type::U32),
    ("long", if size_of::<std::ffi::c_long>() == 8 { Type::I64 } else { Type::I32 }),
    ("ulong", if size_of::<std::ffi::c_long>() == 8 { Type::U64 } else { Type::U32 }),
    ("isize", if size_of::<isize>() == 8 { Type::I64 } else { Type::I32 }),
    ("usize", if size_of::<usize>() == 8 { Type::U64 } else { Type::U32 }),
    ("size_t", if size_of::<usize>() == 8 { Type::U64 } else { Type::U32 }),
    ("float", Type::F32),
    ("double", Type::F64),
];

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    pub args: Vec<Type>,
    /// Arguments before the variadic part, if there is one.
    pub fixed: Option<usize>,
    pub ret: Type,
}

/// What is wrong with a signature, and at which character.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    pub at: usize,
    pub what: String,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at character {}", self.what, self.at + 1)
    }
}

struct Parser<'a> {
    s: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn skip(&mut self) {
        self.at += self.s[self.at..].len() - self.s[self.at..].trim_start().len();
    }
    fn eat(&mut self, t: &str) -> bool {
        self.skip();
        let hit = self.s[self.at..].starts_with(t);
        if hit {
            self.at += t.len();
        }
        hit
    }
    fn error<T>(&self, what: impl Into<String>) -> Result<T, Error> {
        Err(Error { at: self.at, what: what.into() })
    }
    fn word(&mut self) -> &'a str {
        self.skip();
        let rest = &self.s[self.at..];
        let n = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        &rest[..n]
    }
    fn ty(&mut self) -> Result<Type, Error> {
        let w = self.word();
        if w.is_empty() {
            return self.error("a type is expected");
        }
        match NAMES.iter().find(|(n, _)| *n == w) {
            Some((_, t)) => {
                self.at += w.len();
                Ok(*t)
            }
            None => self.error(format!("unknown type '{w}'")),
        }
    }
}

impl Signature {
    pub fn parse(text: &str) -> Result<Signature, Error> {
        let mut p = Parser { s: text, at: 0 };
        if !p.eat("(") {
            return p.error("'(' is expected");
        }
        let (mut args, mut fixed) = (Vec::new(), None);
        if !p.eat(")") {
            loop {
                p.skip();
                let before = p.at;
                let t = p.ty()?;
                if t == Type::Void {
                    if args.is_empty() && p.eat(")") {
                        break;
                    }
                    p.at = before;
                    return p.error("'void' is no type of an argument");
                }
                args.push(t);
                if p.eat(")") {
                    break;
                }
                if p.eat(";") {
                    if fixed.replace(args.len()).is_some() {
                        return p.error("a second ';'");
                    }
                    if p.eat(")") {
                        break;
                    }
                } else if !p.eat(",") {
                    return p.error("',' or ')' is expected");
                }
            }
        }
        let ret = if p.eat("->") { p.ty()? } else { Type::Void };
        p.skip();
        if p.at < text.len() {
            return p.error("nothing is expected here");
        }
        Ok(Signature { args, fixed, ret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        let s = Signature::parse("(cstr, size_t) -> i32").unwrap();
        assert_eq!(s.args, [Type::Cstr, Type::U64]);
        assert_eq!(s.ret, Type::I32);
        assert_eq!(Signature::parse("()").unwrap().ret, Type::Void);
        assert_eq!(Signature::parse(" ( void ) -> f64 ").unwrap().args, []);
        let v = Signature::parse("(ptr, u64, cstr; i32, f64) -> int").unwrap();
        assert_eq!(v.fixed, Some(3));
        assert_eq!(v.args.len(), 5);
    }

    #[test]
    fn errors_say_where() {
        let e = |s: &str| Signature::parse(s).unwrap_err().to_string();
        assert_eq!(e("cstr -> u64"), "'(' is expected at character 1");
        assert_eq!(e("(cstr, string)"), "unknown type 'string' at character 8");
        assert_eq!(e("(i32 i32)"), "',' or ')' is expected at character 6");
        assert_eq!(e("(i32, void)"), "'void' is no type of an argument at character 7");
        assert_eq!(e("() -> i32 x"), "nothing is expected here at character 11");
    }
}
