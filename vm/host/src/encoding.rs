//! Encoding of source files: UTF-16 is told by its byte order mark, or by zero octets where the first ASCII
//! characters have them, and becomes flagged UTF-8. Everything else stays octets.

/// The text the parser reads and whether it is UTF-8 flagged; the name of an encoding that is not supported.
pub fn source_text(text: Vec<u8>) -> Result<(Vec<u8>, bool), &'static str> {
    let (big, skip) = match text[..] {
        [0xff, 0xfe, 0, 0, ..] => return Err("UTF-32LE"),
        [0, 0, 0xfe, 0xff, ..] => return Err("UTF-32BE"),
        [0xff, 0xfe, ..] => (false, 2),
        [0xfe, 0xff, ..] => (true, 2),
        [0, a, 0, b, ..] if a != 0 && b != 0 => (true, 0),
        [a, 0, b, 0, ..] if a != 0 && b != 0 => (false, 0),
        _ => return Ok((text, false)),
    };
    let unit =
        |c: &[u8]| if big { u16::from_be_bytes([c[0], c[1]]) } else { u16::from_le_bytes([c[0], c[1]]) };
    let units = text[skip..].chunks_exact(2).map(unit);
    let chars = char::decode_utf16(units).map(|r| r.unwrap_or(char::REPLACEMENT_CHARACTER));
    Ok((chars.collect::<String>().into_bytes(), true))
}
