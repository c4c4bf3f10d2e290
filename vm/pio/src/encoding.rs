//! The encodings of `:encoding(NAME)`: between a file's bytes and Perl's (extended) UTF-8.
//!
//! Unicode forms, ASCII and Latin-1 are done here, because Perl's differ from the web's (surrogates and code
//! points beyond U+10FFFF in lax `utf8`, real ISO-8859-1), single-byte sets by table, those of several bytes a
//! character by `encoding_rs`. What becomes of a byte sequence with no meaning, and of a character the encoding
//! lacks, is up to a [`Sink`].

pub mod single;

use single::Single;
use std::fmt::Write;

/// Decides what happens where a conversion fails.
pub trait Sink {
    /// A byte sequence that means nothing; false ends the conversion before it.
    fn bad(&mut self, e: &Encoding, seq: &[u8], out: &mut Vec<u8>) -> bool;
    /// A character without a form in the encoding; false ends the conversion before it.
    fn lacks(&mut self, e: &Encoding, c: u64, out: &mut Vec<u8>) -> bool;
    /// Something else is wrong: perl's words for it. False ends the conversion.
    fn complain(&mut self, e: &Encoding, text: String) -> bool;
}

/// `\xHH` for each byte.
pub fn escaped(seq: &[u8]) -> String {
    let mut t = String::new();
    for b in seq {
        // Writing to a String cannot fail.
        let _ = write!(t, "\\x{b:02X}");
    }
    t
}

/// As handles do it: escapes in the text (`\xHH`, `\x{hhhh}`) and a warning for each.
pub struct Escapes<'a>(pub &'a mut Vec<String>);

impl Sink for Escapes<'_> {
    fn bad(&mut self, e: &Encoding, seq: &[u8], out: &mut Vec<u8>) -> bool {
        let t = escaped(seq);
        out.extend_from_slice(t.as_bytes());
        self.0.push(e.not_decoded(&t));
        true
    }
    fn lacks(&mut self, e: &Encoding, c: u64, out: &mut Vec<u8>) -> bool {
        let t = format!("\\x{{{c:04x}}}");
        e.encode(&mut State::default(), t.as_bytes(), out, &mut Silent);
        self.0.push(e.not_encoded(c));
        true
    }
    fn complain(&mut self, _e: &Encoding, text: String) -> bool {
        self.0.push(text);
        true
    }
}

/// For text that every encoding can hold.
pub struct Silent;

impl Sink for Silent {
    fn bad(&mut self, _e: &Encoding, _seq: &[u8], _out: &mut Vec<u8>) -> bool {
        true
    }
    fn lacks(&mut self, _e: &Encoding, _c: u64, _out: &mut Vec<u8>) -> bool {
        true
    }
    fn complain(&mut self, _e: &Encoding, _text: String) -> bool {
        true
    }
}

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
    Single(&'static Single),
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

impl State {
    /// The byte order is known from before.
    pub fn of_order(big: bool) -> State {
        State { order: Some(if big { Order::Big } else { Order::Little }) }
    }

    /// The byte order that a mark set: big-endian or not.
    pub fn is_big(&self) -> Option<bool> {
        self.order.map(|o| o == Order::Big)
    }
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
    (&["shiftjis", "sjis"], "shiftjis", encoding_rs::SHIFT_JIS),
    (&["cp932", "windows31j"], "cp932", encoding_rs::SHIFT_JIS),
    (&["eucjp", "ujis"], "euc-jp", encoding_rs::EUC_JP),
    (&["iso2022jp"], "iso-2022-jp", encoding_rs::ISO_2022_JP),
    (&["euckr", "ksc5601"], "euc-kr", encoding_rs::EUC_KR),
    (&["cp949", "uhc"], "cp949", encoding_rs::EUC_KR),
    (&["euccn", "gb2312"], "euc-cn", encoding_rs::GBK),
    (&["cp936", "gbk"], "cp936", encoding_rs::GBK),
    (&["big5", "big5eten", "big5et"], "big5-eten", encoding_rs::BIG5),
    (&["big5hkscs"], "big5-hkscs", encoding_rs::BIG5),
    (&["cp950"], "cp950", encoding_rs::BIG5),
];

/// Other names of single-byte sets: without letter case and separators, and the name in the table.
const ALIASES: &[(&str, &str)] = &[
    ("latin2", "iso-8859-2"),
    ("latin3", "iso-8859-3"),
    ("latin4", "iso-8859-4"),
    ("cyrillic", "iso-8859-5"),
    ("arabic", "iso-8859-6"),
    ("greek", "iso-8859-7"),
    ("hebrew", "iso-8859-8"),
    ("latin5", "iso-8859-9"),
    ("latin6", "iso-8859-10"),
    ("thai", "iso-8859-11"),
    ("tis620", "iso-8859-11"),
    ("latin7", "iso-8859-13"),
    ("latin8", "iso-8859-14"),
    ("latin9", "iso-8859-15"),
    ("latin10", "iso-8859-16"),
    ("winlatin1", "cp1252"),
    ("winlatin2", "cp1250"),
    ("wincyrillic", "cp1251"),
    ("hproman8", "hp-roman8"),
    ("roman8", "hp-roman8"),
    ("ebcdiccpus", "cp37"),
];

fn single_named(key: &str) -> Option<&'static Single> {
    let plain = |n: &str| n.to_ascii_lowercase().replace(['-', '_', ' '], "");
    let alias = ALIASES.iter().find(|(k, _)| *k == key).map(|(_, n)| plain(n));
    let cp = ["windows", "win", "ibm", "msdos"].iter().find_map(|p| {
        let rest = key.strip_prefix(p)?;
        (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit())).then(|| format!("cp{rest}"))
    });
    let key = alias.or(cp).unwrap_or_else(|| key.to_string());
    single::all().iter().find(|s| plain(s.name) == key)
}

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
        if let Some(&(_, name, e)) = NATIONAL.iter().find(|(k, ..)| k.contains(&key.as_str())) {
            return Some(Encoding { name, codec: Codec::National(e) });
        }
        single_named(&key).map(Encoding::single)
    }

    pub fn single(s: &'static Single) -> Encoding {
        Encoding { name: s.name, codec: Codec::Single(s) }
    }

    /// The byte for what the encoding lacks.
    pub fn substitute(&self) -> u8 {
        if let Codec::Single(s) = self.codec { s.substitute } else { b'?' }
    }

    /// Perl's words for bytes without meaning.
    pub fn not_decoded(&self, escaped: &str) -> String {
        format!("{} \"{escaped}\" does not map to Unicode", self.warn_name())
    }

    /// Perl's words for a character the encoding lacks.
    pub fn not_encoded(&self, c: u64) -> String {
        format!("\"\\x{{{c:04x}}}\" does not map to {}", self.warn_name())
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
        sink: &mut dyn Sink,
    ) -> usize {
        match self.codec {
            Codec::Utf8 { strict } => self.decode_utf8(strict, src, last, out, sink),
            Codec::Low(limit) => {
                self.decode_bytes(|b| Some(u32::from(b)).filter(|c| *c < limit), src, out, sink)
            }
            Codec::Single(s) => self.decode_bytes(|b| s.char(b), src, out, sink),
            Codec::Wide { bits, order, surrogates } => {
                self.decode_wide((bits / 8) as usize, order, surrogates, st, src, last, out, sink)
            }
            Codec::National(e) => self.decode_national(e, src, last, out, sink),
        }
    }

    fn decode_bytes(
        &self,
        f: impl Fn(u8) -> Option<u32>,
        src: &[u8],
        out: &mut Vec<u8>,
        sink: &mut dyn Sink,
    ) -> usize {
        for (i, &b) in src.iter().enumerate() {
            match f(b) {
                Some(c) => push_char(out, c),
                None if sink.bad(self, &[b], out) => {}
                None => return i,
            }
        }
        src.len()
    }

    /// Appends the encoded form of `src` (extended UTF-8) to `out`; returns how many bytes of it were used.
    pub fn encode(&self, st: &mut State, src: &[u8], out: &mut Vec<u8>, sink: &mut dyn Sink) -> usize {
        match self.codec {
            Codec::Utf8 { strict: false } => {
                out.extend_from_slice(src);
                src.len()
            }
            Codec::Utf8 { strict: true } if std::str::from_utf8(src).is_ok() => {
                out.extend_from_slice(src);
                src.len()
            }
            Codec::Utf8 { strict: true } => self.encode_chars(src, out, sink, |c, s, out| {
                let ok = u32::try_from(c).is_ok_and(|c| char::from_u32(c).is_some());
                if ok {
                    out.extend_from_slice(s);
                }
                ok
            }),
            Codec::Low(limit) => self.encode_chars(src, out, sink, |c, _, out| {
                let ok = c < u64::from(limit);
                if ok {
                    out.push(c as u8);
                }
                ok
            }),
            Codec::Single(set) => self.encode_chars(src, out, sink, |c, _, out| match set.byte(c) {
                Some(b) => {
                    out.push(b);
                    true
                }
                None => false,
            }),
            Codec::Wide { bits, order, surrogates } => {
                let unit = usize::from(bits / 8);
                let order = order.or(st.order).unwrap_or_else(|| {
                    // No order asked for: a big-endian mark goes first, once.
                    put(out, 0xfeff, unit, Order::Big);
                    st.order = Some(Order::Big);
                    Order::Big
                });
                let mut used = 0;
                for (c, s) in chars(src) {
                    let fits = unit == 4 || surrogates || c < 0x1_0000;
                    let ok = c <= 0x10_ffff && !(0xd800..0xe000).contains(&c) && fits;
                    if !ok {
                        let text = if fits {
                            format!("{}:\"\\x{{{c:x}}}\" is invalid code point", self.name)
                        } else {
                            format!("{}:code point \"\\x{{{c:x}}}\" too high", self.name)
                        };
                        if !sink.complain(self, text) {
                            return used;
                        }
                        put(out, 0xfffd, unit, order);
                    } else if unit == 4 || c < 0x1_0000 {
                        put(out, c as u32, unit, order)
                    } else {
                        let c = c as u32 - 0x1_0000;
                        put(out, 0xd800 + (c >> 10), 2, order);
                        put(out, 0xdc00 + (c & 0x3ff), 2, order);
                    }
                    used += s.len();
                }
                used
            }
            Codec::National(e) => self.encode_national(e, src, out, sink),
        }
    }

    /// Character by character; `f` says whether there was a form for it.
    fn encode_chars(
        &self,
        src: &[u8],
        out: &mut Vec<u8>,
        sink: &mut dyn Sink,
        f: impl Fn(u64, &[u8], &mut Vec<u8>) -> bool,
    ) -> usize {
        let mut used = 0;
        for (c, s) in chars(src) {
            if !f(c, s, out) && !sink.lacks(self, c, out) {
                return used;
            }
            used += s.len();
        }
        used
    }

    fn decode_utf8(
        &self,
        strict: bool,
        src: &[u8],
        last: bool,
        out: &mut Vec<u8>,
        sink: &mut dyn Sink,
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
            } else if !sink.bad(self, &src[i..i + have], out) {
                return i;
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
        sink: &mut dyn Sink,
    ) -> usize {
        let mut i = 0;
        let order = match order.or(st.order) {
            Some(o) => o,
            None if src.len() < unit => {
                if last && !src.is_empty() && sink.complain(self, format!("{}:Partial character", self.name))
                {
                    return src.len();
                }
                return 0;
            }
            None => {
                // Without a mark big-endian is what the standard says to assume, and perl does.
                let o = if get(src, unit, Order::Little) == 0xfeff { Order::Little } else { Order::Big };
                if get(src, unit, o) == 0xfeff {
                    i = unit;
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
                    let text = match c {
                        0xd800..0xdc00 => format!("{}:Malformed LO surrogate {c:x}", self.name),
                        0xdc00..0xe000 => format!("{}:Malformed HI surrogate {c:x}", self.name),
                        _ => format!("{}:Unicode character {c:x} is illegal", self.name),
                    };
                    if !sink.complain(self, text) {
                        return i;
                    }
                    push_char(out, 0xfffd)
                }
            }
            i += unit;
        }
        if last && i < src.len() {
            if !sink.complain(self, format!("{}:Partial character", self.name)) {
                return i;
            }
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
        sink: &mut dyn Sink,
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
                    let start = stop.saturating_sub(usize::from(len));
                    if !sink.bad(self, &src[start..stop], out) {
                        return start;
                    }
                }
            }
        }
    }

    fn encode_national(
        &self,
        e: &'static encoding_rs::Encoding,
        src: &[u8],
        out: &mut Vec<u8>,
        sink: &mut dyn Sink,
    ) -> usize {
        let mut rest = src;
        while !rest.is_empty() {
            let ok = match std::str::from_utf8(rest) {
                Ok(_) => rest.len(),
                Err(x) => x.valid_up_to(),
            };
            // The prefix was just found valid, so the default is never taken.
            let mut text = std::str::from_utf8(&rest[..ok]).unwrap_or_default();
            let mut enc = e.new_encoder();
            let (mut buf, mut at) = ([0u8; 4096], src.len() - rest.len());
            loop {
                let (r, used, put) = enc.encode_from_utf8_without_replacement(text, &mut buf, true);
                out.extend_from_slice(&buf[..put]);
                text = &text[used..];
                at += used;
                match r {
                    encoding_rs::EncoderResult::InputEmpty => break,
                    encoding_rs::EncoderResult::OutputFull => {}
                    encoding_rs::EncoderResult::Unmappable(c) => {
                        if !sink.lacks(self, u64::from(u32::from(c)), out) {
                            return at - c.len_utf8();
                        }
                    }
                }
            }
            rest = &rest[ok..];
            if let Some((c, s)) = chars(rest).next() {
                if !sink.lacks(self, c, out) {
                    return src.len() - rest.len();
                }
                rest = &rest[s.len()..];
            }
        }
        src.len()
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
        assert_eq!(
            e.decode(&mut State::default(), b"ab\xe2\x98", false, &mut out, &mut Escapes(&mut warn)),
            2
        );
        assert!(warn.is_empty() && out == b"ab");
    }

    #[test]
    fn extended_utf8() {
        assert_eq!(chars(b"\xff\x80\x80\x80\x80\x80\x81\x80\x80\x80\x80\x80\x80").next().unwrap().0, 1 << 36);
        assert_eq!(downgrade("\u{e9}x".as_bytes()).unwrap(), b"\xe9x");
        assert_eq!(downgrade("\u{263a}".as_bytes()), None);
    }
}
