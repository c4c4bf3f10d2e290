//! Properties with a value per character that regex-syntax has no tables for: blocks and bidi classes.

use std::sync::{Arc, LazyLock};

use crate::set::CharSet;
use crate::utf8::Cp;

/// Blocks by loosely matched name.
static BLOCKS: LazyLock<Vec<(String, Cp, Cp)>> = LazyLock::new(|| {
    let mut out: Vec<(String, Cp, Cp)> = Vec::new();
    let mut cp = 0u32;
    // blocks start and end at multiples of 16
    while cp <= 0x10_FFFF {
        let block = char::from_u32(cp).and_then(unicode_blocks::find_unicode_block);
        match block {
            Some(b) => {
                out.push((key(b.name()), Cp::from(b.start()), Cp::from(b.end())));
                cp = b.end() + 1;
            }
            None => cp += 16,
        }
    }
    out
});

/// Names as they are compared: the usual abbreviations stand for the long forms.
fn key(name: &str) -> String {
    let plain: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    plain
        .replace("extended", "ext")
        .replace("supplementary", "sup")
        .replace("supplement", "sup")
        .replace("and", "")
}

/// The block of a (loosely written) name.
pub fn block(name: &str) -> Option<Arc<CharSet>> {
    let k = key(name);
    let k = match &*k {
        "ascii" => "basiclatin",
        "latin1" => "latin1sup",
        "greek" => "greekcoptic",
        "cyrillicsupary" => "cyrillicsup",
        "ipa" => "ipaextensions",
        "noblock" | "nb" => {
            let all = CharSet::from_ranges(BLOCKS.iter().map(|b| (b.1, b.2)));
            return Some(Arc::new(all.inverted()));
        }
        k => k,
    };
    let b = BLOCKS.iter().find(|b| b.0 == k)?;
    Some(Arc::new(CharSet::from_ranges([(b.1, b.2)])))
}

/// Long and short names of bidi classes.
const BIDI: [(&str, &str); 23] = [
    ("al", "arabicletter"),
    ("an", "arabicnumber"),
    ("b", "paragraphseparator"),
    ("bn", "boundaryneutral"),
    ("cs", "commonseparator"),
    ("en", "europeannumber"),
    ("es", "europeanseparator"),
    ("et", "europeanterminator"),
    ("fsi", "firststrongisolate"),
    ("l", "lefttoright"),
    ("lre", "lefttorightembedding"),
    ("lri", "lefttorightisolate"),
    ("lro", "lefttorightoverride"),
    ("nsm", "nonspacingmark"),
    ("on", "otherneutral"),
    ("pdf", "popdirectionalformat"),
    ("pdi", "popdirectionalisolate"),
    ("r", "righttoleft"),
    ("rle", "righttoleftembedding"),
    ("rli", "righttoleftisolate"),
    ("rlo", "righttoleftoverride"),
    ("s", "segmentseparator"),
    ("ws", "whitespace"),
];

/// The characters of a bidi class, by its (loosely matched) name.
pub fn bidi_class(name: &str) -> Option<Arc<CharSet>> {
    let short = BIDI.iter().find(|(s, l)| *s == name || *l == name)?.0;
    let mut ranges: Vec<(Cp, Cp)> = Vec::new();
    for c in '\0'..=char::MAX {
        if !format!("{:?}", unicode_bidi::bidi_class(c)).eq_ignore_ascii_case(short) {
            continue;
        }
        let cp = Cp::from(u32::from(c));
        match ranges.last_mut() {
            Some(r) if r.1 + 1 == cp => r.1 = cp,
            _ => ranges.push((cp, cp)),
        }
    }
    Some(Arc::new(CharSet::from_ranges(ranges)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks() {
        assert_eq!(block("Greek").map(|s| s.ranges().to_vec()), Some(vec![(0x370, 0x3FF)]));
        assert_eq!(block("latin_ext_a").map(|s| s.ranges().to_vec()), Some(vec![(0x100, 0x17F)]));
        assert!(block("nothing").is_none());
    }
}
