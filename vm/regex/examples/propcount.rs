//! Counts members of properties in a sample of code points, to compare with Perl: reads pairs of hex pattern and
//! expected count from the file named on the command line.

use keshi_regex::{Captures, ExecOpts, Flags, NoHost, compile, exec};

fn main() {
    let text = std::fs::read_to_string(std::env::args().nth(1).unwrap_or_default()).unwrap_or_default();
    for line in text.lines() {
        let Some((h, want)) = line.split_once('\t') else { continue };
        let p: Vec<u8> =
            (0..h.len() / 2).filter_map(|i| u8::from_str_radix(&h[2 * i..2 * i + 2], 16).ok()).collect();
        let mut caps = Captures::default();
        let got = match compile(&p, Flags::default(), &mut NoHost) {
            Err(_) => "E".to_owned(),
            Ok(re) => {
                let sample = [(0u32, 0x3000), (0xA000, 0xFFFD), (0x1_0000, 0x1_0FFF), (0x1_F000, 0x1_F700)];
                let mut n = 0;
                let all = sample.iter().flat_map(|&(a, b)| a..=b).chain([0x2_0000, 0x11_0000]);
                for c in all {
                    let mut s = Vec::new();
                    encode(c, &mut s);
                    if let Ok(true) = exec(&re, &s, true, 0, &ExecOpts::default(), &mut NoHost, &mut caps) {
                        n += 1;
                    }
                }
                n.to_string()
            }
        };
        if got != want {
            println!("{} want {want} got {got}", String::from_utf8_lossy(&p));
        }
    }
}

/// UTF-8 without regard to surrogates and Unicode's limit.
fn encode(c: u32, out: &mut Vec<u8>) {
    let tail = |k: u32| 0x80 | (c >> (6 * k) & 0x3F) as u8;
    match c {
        0..=0x7F => out.push(c as u8),
        0x80..=0x7FF => out.extend([0xC0 | (c >> 6) as u8, tail(0)]),
        0x800..=0xFFFF => out.extend([0xE0 | (c >> 12) as u8, tail(1), tail(0)]),
        _ => out.extend([0xF0 | (c >> 18) as u8, tail(2), tail(1), tail(0)]),
    }
}
