//! Tokens of the text form. `;` starts a comment; strings are bytes.

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tok<'s> {
    /// Names, with dots inside: `s.const`, `bb3`, `.line`, `k0`.
    Word(&'s str),
    /// Any number, as written.
    Num(&'s str),
    Str(Vec<u8>),
    /// `->`, `..` and single characters.
    Punct(&'s str),
    Nl,
}

/// Tokens with their line numbers, or the line and what is wrong there.
pub(super) fn tokens(text: &str) -> Result<Vec<(Tok<'_>, u32)>, (u32, String)> {
    let b = text.as_bytes();
    let mut v = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < b.len() {
        let start = i;
        match b[i] {
            b'\n' => {
                v.push((Tok::Nl, line));
                line += 1;
                i += 1;
            }
            b';' => i = memchr_nl(b, i),
            c if c.is_ascii_whitespace() => i += 1,
            b'"' => {
                let (s, end) = string(b, i).map_err(|m| (line, m))?;
                v.push((Tok::Str(s), line));
                i = end;
            }
            c if c.is_ascii_digit() || c == b'-' && number_after_minus(&b[i + 1..]) => {
                i = number(b, i);
                v.push((Tok::Num(&text[start..i]), line));
            }
            b'-' if b.get(i + 1) == Some(&b'>') => {
                i += 2;
                v.push((Tok::Punct(&text[start..i]), line));
            }
            b'.' if b.get(i + 1) == Some(&b'.') => {
                i += 2;
                v.push((Tok::Punct(&text[start..i]), line));
            }
            c if word(c) || c == b'.' => {
                i += 1;
                while i < b.len() && (word(b[i]) || b[i] == b'.' && b.get(i + 1).copied().is_some_and(word)) {
                    i += 1;
                }
                v.push((Tok::Word(&text[start..i]), line));
            }
            c if c.is_ascii_graphic() => {
                i += 1;
                v.push((Tok::Punct(&text[start..i]), line));
            }
            _ => return Err((line, "a character outside strings and comments is not ASCII".into())),
        }
    }
    v.push((Tok::Nl, line));
    Ok(v)
}

fn word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || c == b'_'
}

fn memchr_nl(b: &[u8], i: usize) -> usize {
    b[i..].iter().position(|c| *c == b'\n').map_or(b.len(), |n| i + n)
}

fn number_after_minus(rest: &[u8]) -> bool {
    rest.first().is_some_and(u8::is_ascii_digit) || rest.starts_with(b"inf")
}

fn number(b: &[u8], mut i: usize) -> usize {
    if b[i] == b'-' {
        i += 1;
    }
    if b[i..].starts_with(b"inf") {
        return i + 3;
    }
    if b[i..].starts_with(b"0x") {
        i += 2;
        while i < b.len() && b[i].is_ascii_hexdigit() {
            i += 1;
        }
        return i;
    }
    let digits = |mut i: usize| {
        while i < b.len() && b[i].is_ascii_digit() {
            i += 1;
        }
        i
    };
    i = digits(i);
    if b.get(i) == Some(&b'.') && b.get(i + 1).is_some_and(u8::is_ascii_digit) {
        i = digits(i + 1);
    }
    if b.get(i) == Some(&b'e') {
        let sign = matches!(b.get(i + 1), Some(b'-' | b'+')) as usize;
        if b.get(i + 1 + sign).is_some_and(u8::is_ascii_digit) {
            i = digits(i + 1 + sign);
        }
    }
    i
}

/// The string at `i` and the index after it.
fn string(b: &[u8], mut i: usize) -> Result<(Vec<u8>, usize), String> {
    let mut s = Vec::new();
    i += 1;
    loop {
        match b.get(i) {
            None | Some(b'\n') => return Err("a string is not closed".into()),
            Some(b'"') => return Ok((s, i + 1)),
            Some(b'\\') => {
                i += 1;
                match b.get(i) {
                    Some(b'n') => s.push(b'\n'),
                    Some(b'x') => {
                        let hex = b.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok());
                        let byte = hex.and_then(|h| u8::from_str_radix(h, 16).ok());
                        s.push(byte.ok_or("`\\x` needs two hex digits")?);
                        i += 2;
                    }
                    Some(c @ (b'"' | b'\\')) => s.push(*c),
                    _ => return Err("unknown escape in a string".into()),
                }
                i += 1;
            }
            Some(c) => {
                s.push(*c);
                i += 1;
            }
        }
    }
}
