//! The encodings of `:encoding(NAME)`: between a file's bytes and Perl's (extended) UTF-8.
//!
//! Unicode forms, ASCII and Latin-1 are done here, because Perl's differ from the web's (surrogates and code
//! points beyond U+10FFFF in lax `utf8`, real ISO-8859-1); the national ones come from `encoding_rs`.
//! A byte sequence with no meaning becomes the text `\xHH`, a character the encoding lacks becomes
//! `\x{hhhh}`, and each such case adds a warning text.

use std::fmt::Write;

/// An encoding found by name.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    name: &'static str,
    codec: Codec,
}

#[derive(Clone, Copy, Debug)]
enum Codec {
    Utf8 {
        strict: bool,
    },
    /// One byte per character up to the limit: ASCII (0x80), Latin-1 (0x100).
    Low(u32),
    /// 16- or 32-bit units; `order` is None where a byte order mark decides.
    Wide {
        bits: u8,
        order: Option<Order>,
        surrogates: bool,
    },
    National(&'static encoding_rs::Encoding),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Big,
    Little,
}

/// What a decoder or encoder remembers between blocks: the byte order a BOM set, or that it was written.
#[derive(Clone, Copy, Default, Debug)]
pub struct State {
    order: Option<Order>,
}

const fn wide(bits: u8, order: Option<Order>, surrogates: bool) -> Codec {
    Codec::Wide { bits, order, surrogates }
}

/// Names with letter case and the separators `-`, `_` and blank removed.
const NAMED: &[(&[&str], &str, Codec)] = &[
    (&["ascii", "usascii", "iso646us", "646"], "ascii", Codec::Low(0x80)),
    (&["iso88591", "latin1", "l1", "ibm819", "iso8859l1"], "iso-8859-1", Codec::Low(0x100)),
    (&["utf16"], "UTF-16", wide(16, None, true)),
    (&["utf16be"], "UTF-16BE", wide(16, Some(Order::Big), true)),
    (&["utf16le"], "UTF-16LE", wide(16, Some(Order::Little), true)),
    (&["ucs2", "ucs2be", "iso106461"], "UCS-2BE", wide(16, Some(Order::Big), false)),
    (&["ucs2le"], "UCS-2LE", wide(16, Some(Order::Little), false)),
    (&["utf32", "ucs4"], "UTF-32", wide(32, None, false)),
    (&["utf32be", "ucs4be"], "UTF-32BE", wide(32, Some(Order::Big), false)),
    (&["utf32le", "ucs4le"], "UTF-32LE", wide(32, Some(Order::Little), false)),
];

/// (accepted names, Perl's name, the `encoding_rs` encoding)
const NATIONAL: &[(&[&str], &str, &encoding_rs::Encoding)] = &[
    (&["iso88592", "latin2"], "iso-8859-2", encoding_rs::ISO_8859_2),
    (&["iso88593", "latin3"], "iso-8859-3", encoding_rs::ISO_8859_3),
    (&["iso88594", "latin4"], "iso-8859-4", encoding_rs::ISO_8859_4),
    (&["iso88595", "cyrillic"], "iso-8859-5", encoding_rs::ISO_8859_5),
    (&["iso88596", "arabic"], "iso-8859-6", encoding_rs::ISO_8859_6),
    (&["iso88597", "greek"], "iso-8859-7", encoding_rs::ISO_8859_7),
    (&["iso88598", "hebrew"], "iso-8859-8", encoding_rs::ISO_8859_8),
    (&["iso885910", "latin6"], "iso-8859-10", encoding_rs::ISO_8859_10),
    (&["iso885913", "latin7"], "iso-8859-13", encoding_rs::ISO_8859_13),
    (&["iso885914", "latin8"], "iso-8859-14", encoding_rs::ISO_8859_14),
    (&["iso885915", "latin9"], "iso-8859-15", encoding_rs::ISO_8859_15),
    (&["iso885916", "latin10"], "iso-8859-16", encoding_rs::ISO_8859_16),
    (&["cp866", "ibm866"], "cp866", encoding_rs::IBM866),
    (&["cp874", "windows874"], "cp874", encoding_rs::WINDOWS_874),
    (&["cp1250", "windows1250"], "cp1250", encoding_rs::WINDOWS_1250),
    (&["cp1251", "windows1251", "win1251"], "cp1251", encoding_rs::WINDOWS_1251),
    (&["cp1252", "windows1252", "winlatin1"], "cp1252", encoding_rs::WINDOWS_1252),
    (&["cp1253", "windows1253"], "cp1253", encoding_rs::WINDOWS_1253),
    (&["cp1254", "windows1254"], "cp1254", encoding_rs::WINDOWS_1254),
    (&["cp1255", "windows1255"], "cp1255", encoding_rs::WINDOWS_1255),
    (&["cp1256", "windows1256"], "cp1256", encoding_rs::WINDOWS_1256),
    (&["cp1257", "windows1257"], "cp1257", encoding_rs::WINDOWS_1257),
    (&["cp1258", "windows1258"], "cp1258", encoding_rs::WINDOWS_1258),
    (&["koi8r"], "koi8-r", encoding_rs::KOI8_R),
    (&["koi8u"], "koi8-u", encoding_rs::KOI8_U),
    (&["macroman"], "MacRoman", encoding_rs::MACINTOSH),
    (&["maccyrillic"], "MacCyrillic", encoding_rs::X_MAC_CYRILLIC),
    (&["shiftjis", "sjis"], "shiftjis", encoding_rs::SHIFT_JIS),
    (&["cp932", "windows31j"], "cp932", encoding_rs::SHIFT_JIS),
    (&["eucjp", "ujis"], "euc-jp", encoding_rs::EUC_JP),
    (&["iso2022jp"], "iso-2022-jp", encoding_rs::ISO_2022_JP),
    (&["euckr", "ksc5601"], "euc-kr", encoding_rs::EUC_KR),
    (&["cp949", "uhc"], "cp949", encoding_rs::EUC_KR),
    (&["euccn", "gb2312"], "euc-cn", encoding_rs::GBK),
    (&["cp936", "gbk"], "cp936", encoding_rs::GBK),
    (&["big5", "big5eten", "big5et"], "big5-eten", encoding_rs::BIG5),
];

/// A block without an ASCII blank or line end may grow to this many bytes before it is decoded as it stands.
const MAX_UNBROKEN: usize = 1 << 16;

impl Encoding {
    pub fn find(name: &str) -> Option<Encoding> {
        let lower = name.trim().to_ascii_lowercase();
        match lower.as_str() {
            "utf8" => return Some(Encoding { name: "utf8", codec: Codec::Utf8 { strict: false } }),
            "utf-8" | "utf-8-strict" => {
                return Some(Encoding { name: "utf-8-strict", codec: Codec::Utf8 { strict: true } });
            }
            _ => {}
        }
        let key: String = lower.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
        let own = NAMED.iter().find(|(k, ..)| k.contains(&key.as_str()));
        if let Some(&(_, name, codec)) = own {
            return Some(Encoding { name, codec });
        }
        let nat = NATIONAL.iter().find(|(k, ..)| k.contains(&key.as_str()));
        nat.map(|&(_, name, e)| Encoding { name, codec: Codec::National(e) })
    }

    /// Perl's name for the encoding.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The name used in "does not map" warnings.
    fn warn_name(&self) -> &'static str {
        if matches!(self.codec, Codec::Utf8 { strict: true }) { "UTF-8" } else { self.name }
    }

    /// Appends the characters of `src` to `out` as UTF-8 and returns how many bytes were used; an incomplete
    /// sequence at the end stays unused unless `last`.
    pub fn decode(
        &self,
        st: &mut State,
        src: &[u8],
        last: bool,
        out: &mut Vec<u8>,
        warn: &mut Vec<String>,
    ) -> usize {
        match self.codec {
            Codec::Utf8 { strict } => self.decode_utf8(strict, src, last, out, warn),
            Codec::Low(limit) => {
                for &b in src {
                    if u32::from(b) < limit {
                        push_char(out, u32::from(b))
                    } else {
                        self.bad(&[b], out, warn)
                    }
                }
                src.len()
            }
            Codec::Wide { bits, order, surrogates } => {
                self.decode_wide((bits / 8) as usize, order, surrogates, st, src, last, out, warn)
            }
            Codec::National(e) => self.decode_national(e, src, last, out, warn),
        }
    }

    /// Appends the encoded form of `src` (extended UTF-8) to `out`.
    pub fn encode(&self, st: &mut State, src: &[u8], out: &mut Vec<u8>, warn: &mut Vec<String>) {
        match self.codec {
            Codec::Utf8 { strict: false } => out.extend_from_slice(src),
            Codec::Utf8 { strict: true } => {
                if std::str::from_utf8(src).is_ok() {
                    out.extend_from_slice(src);
                    return;
                }
                for (c, s) in chars(src) {
                    if char::from_u32(c as u32).is_some() && c <= 0x10_ffff {
                        out.extend_from_slice(s)
                    } else {
                        self.lacks(c, out, warn)
                    }
                }
            }
            Codec::Low(limit) => {
                for (c, _) in chars(src) {
                    if c < u64::from(limit) { out.push(c as u8) } else { self.lacks(c, out, warn) }
                }
            }
            Codec::Wide { bits, order, surrogates } => {
                let unit = usize::from(bits / 8);
                let order = order.or(st.order).unwrap_or_else(|| {
                    // No order asked for: a big-endian mark goes first, once.
                    put(out, 0xfeff, unit, Order::Big);
                    st.order = Some(Order::Big);
                    Order::Big
                });
                for (c, _) in chars(src) {
                    let c = if c > 0x10_ffff || (0xd800..0xe000).contains(&c) { 0xfffd } else { c as u32 };
                    if unit == 4 || c < 0x1_0000 {
                        put(out, c, unit, order)
                    } else if surrogates {
                        put(out, 0xd800 + ((c - 0x1_0000) >> 10), 2, order);
                        put(out, 0xdc00 + ((c - 0x1_0000) & 0x3ff), 2, order);
                    } else {
                        put(out, 0xfffd, unit, order)
                    }
                }
            }
            Codec::National(e) => self.encode_national(e, src, out, warn),
        }
    }

    fn bad(&self, seq: &[u8], out: &mut Vec<u8>, warn: &mut Vec<String>) {
        let mut t = String::new();
        for b in seq {
            // Writing to a String cannot fail.
            let _ = write!(t, "\\x{b:02X}");
        }
        out.extend_from_slice(t.as_bytes());
        warn.push(format!("{} \"{t}\" does not map to Unicode", self.warn_name()));
    }

    fn lacks(&self, c: u64, out: &mut Vec<u8>, warn: &mut Vec<String>) {
        let t = format!("\\x{{{c:04x}}}");
        out.extend_from_slice(t.as_bytes());
        warn.push(format!("\"{t}\" does not map to {}", self.warn_name()));
    }

    fn decode_utf8(
        &self,
        strict: bool,
        src: &[u8],
        last: bool,
        out: &mut Vec<u8>,
        warn: &mut Vec<String>,
    ) -> usize {
        let mut i = 0;
        while i < src.len() {
            let Err(e) = std::str::from_utf8(&src[i..]) else {
                out.extend_from_slice(&src[i..]);
                return src.len();
            };
            out.extend_from_slice(&src[i..i + e.valid_up_to()]);
            i += e.valid_up_to();
            let lead = src[i];
            let full = char_len(lead);
            let have = 1 + src[i + 1..].iter().take(full - 1).take_while(|b| *b & 0xc0 == 0x80).count();
            if (0xc2..0xff).contains(&lead) && have < full && i + have == src.len() && !last {
                return i;
            }
            // Well formed but outside Unicode (a surrogate, beyond U+10FFFF): text for lax utf8 only.
            let whole = (0xc2..0xff).contains(&lead) && have == full && !overlong(&src[i..i + full]);
            if whole && !strict {
                out.extend_from_slice(&src[i..i + full]);
            } else {
                self.bad(&src[i..i + have], out, warn);
            }
            i += have;
        }
        src.len()
    }

    #[allow(clippy::too_many_arguments)]
    fn decode_wide(
        &self,
        unit: usize,
        order: Option<Order>,
        surrogates: bool,
        st: &mut State,
        src: &[u8],
        last: bool,
        out: &mut Vec<u8>,
        warn: &mut Vec<String>,
    ) -> usize {
        let mut i = 0;
        let order = match order.or(st.order) {
            Some(o) => o,
            None if src.len() < unit => {
                if last && !src.is_empty() {
                    self.bad(src, out, warn);
                    return src.len();
                }
                return 0;
            }
            None => {
                // Without a mark perl refuses the file; big-endian is what the standard says to assume.
                let o = if get(src, unit, Order::Little) == 0xfeff { Order::Little } else { Order::Big };
                if get(src, unit, o) == 0xfeff {
                    i = unit;
                } else {
                    warn.push(format!("{}:Unrecognised BOM {:x}", self.name, get(src, unit, Order::Big)));
                }
                st.order = Some(o);
                o
            }
        };
        while i + unit <= src.len() {
            let c = get(&src[i..], unit, order);
            if surrogates && (0xd800..0xdc00).contains(&c) {
                if i + 4 > src.len() && !last {
                    return i;
                }
                let low = if i + 4 <= src.len() { get(&src[i + 2..], 2, order) } else { 0 };
                if (0xdc00..0xe000).contains(&low) {
                    push_char(out, 0x1_0000 + ((c - 0xd800) << 10) + (low - 0xdc00));
                    i += 4;
                    continue;
                }
            }
            match char::from_u32(c) {
                Some(_) => push_char(out, c),
                None => {
                    warn.push(format!("{}:Malformed character {c:x}", self.name));
                    push_char(out, 0xfffd)
                }
            }
            i += unit;
        }
        if last && i < src.len() {
            warn.push(format!("{}:Partial character", self.name));
            i = src.len();
        }
        i
    }

    fn decode_national(
        &self,
        e: &'static encoding_rs::Encoding,
        src: &[u8],
        last: bool,
        out: &mut Vec<u8>,
        warn: &mut Vec<String>,
    ) -> usize {
        // Each call starts a fresh decoder, so a block must end between characters: after a byte below '0',
        // which is never part of a longer sequence in any of these encodings.
        let end = if last || e.is_single_byte() || src.len() > MAX_UNBROKEN {
            src.len()
        } else {
            src.iter().rposition(|&b| b < b'0' && b != 0x1b).map_or(0, |p| p + 1)
        };
        let mut d = e.new_decoder_without_bom_handling();
        let (mut i, mut buf) = (0, [0u8; 4096]);
        loop {
            let (r, used, put) = d.decode_to_utf8_without_replacement(&src[i..end], &mut buf, true);
            out.extend_from_slice(&buf[..put]);
            i += used;
            match r {
                encoding_rs::DecoderResult::InputEmpty => return end,
                encoding_rs::DecoderResult::OutputFull => {}
                encoding_rs::DecoderResult::Malformed(len, after) => {
                    let stop = i.saturating_sub(usize::from(after));
                    self.bad(&src[stop.saturating_sub(usize::from(len))..stop], out, warn)
                }
            }
        }
    }

    fn encode_national(
        &self,
        e: &'static encoding_rs::Encoding,
        src: &[u8],
        out: &mut Vec<u8>,
        warn: &mut Vec<String>,
    ) {
        let mut rest = src;
        while !rest.is_empty() {
            let ok = match std::str::from_utf8(rest) {
                Ok(_) => rest.len(),
                Err(x) => x.valid_up_to(),
            };
            // The prefix was just found valid, so the default is never taken.
            let mut text = std::str::from_utf8(&rest[..ok]).unwrap_or_default();
            let mut enc = e.new_encoder();
            let mut buf = [0u8; 4096];
            loop {
                let (r, used, put) = enc.encode_from_utf8_without_replacement(text, &mut buf, true);
                out.extend_from_slice(&buf[..put]);
                text = &text[used..];
                match r {
                    encoding_rs::EncoderResult::InputEmpty => break,
                    encoding_rs::EncoderResult::OutputFull => {}
                    encoding_rs::EncoderResult::Unmappable(c) => {
                        self.lacks(u64::from(u32::from(c)), out, warn)
                    }
                }
            }
            rest = &rest[ok..];
            if let Some((c, s)) = chars(rest).next() {
                self.lacks(c, out, warn);
                rest = &rest[s.len()..];
            }
        }
    }
}

fn get(src: &[u8], unit: usize, order: Order) -> u32 {
    let unit = &src[..unit];
    let add = |acc: u32, b: &u8| acc << 8 | u32::from(*b);
    match order {
        Order::Big => unit.iter().fold(0, add),
        Order::Little => unit.iter().rev().fold(0, add),
    }
}

fn put(out: &mut Vec<u8>, c: u32, unit: usize, order: Order) {
    match order {
        Order::Big => out.extend_from_slice(&c.to_be_bytes()[4 - unit..]),
        Order::Little => out.extend_from_slice(&c.to_le_bytes()[..unit]),
    }
}

fn push_char(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice("\u{fffd}".as_bytes()),
    }
}

fn overlong(seq: &[u8]) -> bool {
    match (seq[0], seq.get(1)) {
        (0xe0, Some(b)) => *b < 0xa0,
        (0xf0, Some(b)) => *b < 0x90,
        (0xf8, Some(b)) => *b < 0x88,
        (0xfc, Some(b)) => *b < 0x84,
        (0xfe, Some(b)) => *b < 0x82,
        (lead, _) => lead < 0xc2,
    }
}

/// The length of the character a byte starts in Perl's extended UTF-8.
pub fn char_len(lead: u8) -> usize {
    match lead {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        0xf8..0xfc => 5,
        0xfc..0xfe => 6,
        0xfe => 7,
        0xff => 13,
    }
}

/// The characters of an extended UTF-8 string with their bytes; a stray byte counts as itself.
pub fn chars(s: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = s;
    std::iter::from_fn(move || {
        let lead = *rest.first()?;
        let n = char_len(lead);
        let tail = rest.get(1..n).filter(|t| t.iter().all(|b| b & 0xc0 == 0x80));
        let (c, len) = match tail {
            Some(tail) if n > 1 => {
                let head = if n >= 7 { 0 } else { u64::from(lead) & (0x7f >> n) };
                (tail.iter().fold(head, |a, b| a << 6 | u64::from(b & 0x3f)), n)
            }
            _ => (u64::from(lead), 1),
        };
        let (this, next) = rest.split_at(len);
        rest = next;
        Some((c, this))
    })
}

/// Latin-1 bytes as UTF-8.
pub fn upgrade(src: &[u8], out: &mut Vec<u8>) {
    out.reserve(src.len());
    for &b in src {
        if b < 0x80 { out.push(b) } else { out.extend_from_slice(&[0xc0 | b >> 6, 0x80 | b & 0x3f]) }
    }
}

/// UTF-8 as Latin-1 bytes, or None if some character is beyond U+00FF.
pub fn downgrade(src: &[u8]) -> Option<Vec<u8>> {
    chars(src).map(|(c, _)| u8::try_from(c).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dec(name: &str, src: &[u8]) -> (String, Vec<String>) {
        let (mut out, mut warn) = (Vec::new(), Vec::new());
        let n = Encoding::find(name).unwrap().decode(&mut State::default(), src, true, &mut out, &mut warn);
        assert_eq!(n, src.len());
        (String::from_utf8(out).unwrap(), warn)
    }

    fn enc(name: &str, src: &str) -> (Vec<u8>, Vec<String>) {
        let (mut out, mut warn) = (Vec::new(), Vec::new());
        Encoding::find(name).unwrap().encode(&mut State::default(), src.as_bytes(), &mut out, &mut warn);
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
        assert_eq!(e.decode(&mut State::default(), b"ab\xe2\x98", false, &mut out, &mut warn), 2);
        assert!(warn.is_empty() && out == b"ab");
    }

    #[test]
    fn extended_utf8() {
        assert_eq!(chars(b"\xff\x80\x80\x80\x80\x80\x81\x80\x80\x80\x80\x80\x80").next().unwrap().0, 1 << 36);
        assert_eq!(downgrade("\u{e9}x".as_bytes()).unwrap(), b"\xe9x");
        assert_eq!(downgrade("\u{263a}".as_bytes()), None);
    }
}
