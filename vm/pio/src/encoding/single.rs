//! Single-byte character sets, from the table beside this file.

use std::collections::HashMap;
use std::sync::OnceLock;

/// One character set.
#[derive(Debug)]
pub struct Single {
    /// The Encode module that offers it: Byte, Symbol, EBCDIC.
    pub module: &'static str,
    pub name: &'static str,
    /// The byte that stands for a character the set lacks.
    pub substitute: u8,
    to: [u32; 256],
    from: HashMap<u32, u8>,
}

/// No character.
const NONE: u32 = u32::MAX;

impl Single {
    pub fn char(&self, b: u8) -> Option<u32> {
        Some(self.to[usize::from(b)]).filter(|c| *c != NONE)
    }

    pub fn byte(&self, c: u64) -> Option<u8> {
        self.from.get(&u32::try_from(c).ok()?).copied()
    }
}

/// All sets, in the order of the table.
pub fn all() -> &'static [Single] {
    static ALL: OnceLock<Vec<Single>> = OnceLock::new();
    ALL.get_or_init(|| include_str!("single_byte.tbl").lines().filter_map(parse).collect())
}

/// A line of the table; comments give nothing.
fn parse(line: &'static str) -> Option<Single> {
    let mut words = line.split(' ');
    let (module, name) = (words.next()?, words.next()?);
    let substitute = u8::from_str_radix(words.next()?, 16).ok().filter(|_| !module.starts_with('#'))?;
    let (mut to, mut at) = ([NONE; 256], 0);
    for part in words.next()?.split(',') {
        if let Some(n) = part.strip_prefix('?') {
            at += n.parse().unwrap_or(1);
            continue;
        }
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (u32::from_str_radix(first, 16).ok()?, u32::from_str_radix(last, 16).ok()?);
        for c in first..=last {
            *to.get_mut(at)? = c;
            at += 1;
        }
    }
    let mut from = HashMap::new();
    for (b, c) in to.iter().enumerate().rev().filter(|(_, c)| **c != NONE) {
        from.insert(*c, b as u8);
    }
    Some(Single { module, name, substitute, to, from })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let lines = include_str!("single_byte.tbl").lines().filter(|l| !l.starts_with('#')).count();
        assert_eq!(all().len(), lines);
        let set = |n: &str| all().iter().find(|s| s.name == n).unwrap();
        assert_eq!(set("cp437").char(0x80), Some(0xc7));
        assert_eq!(set("cp1252").byte(0x20ac), Some(0x80));
        assert_eq!(set("cp1252").char(0x81), None);
        assert_eq!(set("cp1047").char(0xc1), Some(u32::from(b'A')));
        assert_eq!(set("cp1047").substitute, 0x6f);
    }
}
