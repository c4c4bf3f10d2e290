//! Encodings of several bytes a character (Japanese, Chinese, Korean …), by `encoding_rs`.
use super::*;

impl Encoding {
    pub(super) fn decode_national(
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

    pub(super) fn encode_national(
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

/// A block without an ASCII blank or line end may grow to this many bytes before it is decoded as it stands.
const MAX_UNBROKEN: usize = 1 << 16;
