//! The names of encodings, as Encode knows them.
use super::single::{self, Single};
use super::*;

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
