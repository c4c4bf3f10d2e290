//! Plain tokens, recognised by logos.
//!
//! [`Op`] is used where an operator is expected; word operators are included, the parser checks those that
//! depend on features.
use logos::Logos;

macro_rules! ops {
    ($($id:ident = $text:literal,)*) => {
        #[derive(Logos, Clone, Copy, PartialEq, Eq, Debug)]
        #[logos(utf8 = false)]
        pub enum Op {
            $(#[token($text)] $id,)*
            /// Any other word: a modifier (`if`), a feature-dependent operator, or an error.
            #[regex("[A-Za-z_][A-Za-z0-9_]*", priority = 1)]
            Word,
            /// `x3`, `x1e9`: the repetition operator glued to its count.
            #[regex("x[0-9][A-Za-z0-9_]*", priority = 20)]
            XDigits,
        }
    };
}

ops! {
    Arrow = "->", Inc = "++", Dec = "--", Pow = "**", PowEq = "**=",
    Bind = "=~", NotBind = "!~",
    Mul = "*", Div = "/", Mod = "%", X = "x",
    MulEq = "*=", DivEq = "/=", ModEq = "%=", XEq = "x=",
    Add = "+", Sub = "-", Dot = ".", AddEq = "+=", SubEq = "-=", DotEq = ".=",
    Shl = "<<", Shr = ">>", ShlEq = "<<=", ShrEq = ">>=",
    Lt = "<", Gt = ">", Le = "<=", Ge = ">=",
    SLt = "lt", SGt = "gt", SLe = "le", SGe = "ge",
    Eq = "==", Ne = "!=", Cmp = "<=>", SEq = "eq", SNe = "ne", SCmp = "cmp", Smart = "~~",
    BitAnd = "&", BitOr = "|", BitXor = "^", SBitAnd = "&.", SBitOr = "|.", SBitXor = "^.",
    BitAndEq = "&=", BitOrEq = "|=", BitXorEq = "^=", SBitAndEq = "&.=", SBitOrEq = "|.=", SBitXorEq = "^.=",
    AndAnd = "&&", OrOr = "||", Dor = "//", XorXor = "^^",
    AndEq = "&&=", OrEq = "||=", DorEq = "//=", XorEq = "^^=",
    Range = "..", Range3 = "...",
    Question = "?", Colon = ":", Assign = "=", Comma = ",", FatComma = "=>",
    And = "and", Or = "or", Xor = "xor", Isa = "isa",
    LBracket = "[", LBrace = "{", LParen = "(", RBracket = "]", RBrace = "}", RParen = ")", Semi = ";",
}

/// The operator at the start of `text` and its length.
pub fn operator(text: &[u8]) -> Option<(Op, usize)> {
    let window = &text[..text.len().min(256)];
    let mut lex = Op::lexer(window);
    match lex.next()? {
        Ok(op) => Some((op, lex.span().end)),
        Err(()) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longest_match() {
        assert_eq!(operator(b"**= 1"), Some((Op::PowEq, 3)));
        assert_eq!(operator(b"x3"), Some((Op::XDigits, 2)));
        assert_eq!(operator(b"xor 1"), Some((Op::Xor, 3)));
        assert_eq!(operator(b"x=1"), Some((Op::XEq, 2)));
        assert_eq!(operator(b"x 1"), Some((Op::X, 1)));
        assert_eq!(operator(b"cmpx"), Some((Op::Word, 4)));
        assert_eq!(operator(b"..."), Some((Op::Range3, 3)));
        assert_eq!(operator(b"&.= 2"), Some((Op::SBitAndEq, 3)));
        assert_eq!(operator(b"$x"), None);
    }
}
