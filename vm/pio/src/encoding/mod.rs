//! The encodings of `:encoding(NAME)`: between a file's bytes and Perl's (extended) UTF-8.
//!
//! Unicode forms, ASCII and Latin-1 are done here, because Perl's differ from the web's (surrogates and code
//! points beyond U+10FFFF in lax `utf8`, real ISO-8859-1), single-byte sets by table, those of several bytes a
//! character by `encoding_rs`. What becomes of a byte sequence with no meaning, and of a character the encoding
//! lacks, is up to a [`Sink`].

mod extended;
mod names;
mod national;
pub mod single;
#[cfg(test)]
mod tests;
mod unicode;

pub use extended::{char_len, chars, downgrade, upgrade};

use single::Single;
use std::fmt::Write;
use unicode::put;

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

impl Encoding {
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
}

fn push_char(out: &mut Vec<u8>, c: u32) {
    match char::from_u32(c) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend_from_slice("\u{fffd}".as_bytes()),
    }
}
