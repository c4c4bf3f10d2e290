//! UTF-8, strict and lax, and the forms of two and four bytes a unit.
use super::*;

impl Encoding {
    pub(super) fn decode_utf8(
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
    pub(super) fn decode_wide(
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

pub(super) fn get(src: &[u8], unit: usize, order: Order) -> u32 {
    let unit = &src[..unit];
    let add = |acc: u32, b: &u8| acc << 8 | u32::from(*b);
    match order {
        Order::Big => unit.iter().fold(0, add),
        Order::Little => unit.iter().rev().fold(0, add),
    }
}

pub(super) fn put(out: &mut Vec<u8>, c: u32, unit: usize, order: Order) {
    match order {
        Order::Big => out.extend_from_slice(&c.to_be_bytes()[4 - unit..]),
        Order::Little => out.extend_from_slice(&c.to_le_bytes()[..unit]),
    }
}
