//! Unicode::Normalize. Strings are sequences of perl's code points: what is no Unicode scalar value (surrogates,
//! numbers above 0x10FFFF) has class 0, no decomposition and no composition.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};
use unicode_normalization::char::{
    canonical_combining_class, compose, decompose_canonical, decompose_compatible,
};

const SUBS: &[Def] = &[
    ("NFD", nfd, Some("$")),
    ("NFC", nfc, Some("$")),
    ("NFKD", nfkd, Some("$")),
    ("NFKC", nfkc, Some("$")),
    ("FCC", fcc, Some("$")),
    ("decompose", decompose, Some("$;$")),
    ("reorder", reorder_sub, Some("$")),
    ("compose", compose_sub, Some("$")),
    ("composeContiguous", compose_contiguous, Some("$")),
    ("checkNFD", check_nfd, Some("$")),
    ("checkNFKD", check_nfkd, Some("$")),
    ("checkNFC", check_nfc, Some("$")),
    ("checkNFKC", check_nfkc, Some("$")),
    ("checkFCD", check_fcd, Some("$")),
    ("checkFCC", check_fcc, Some("$")),
    ("getCombinClass", combining_class, Some("$")),
    ("getComposite", composite, Some("$$")),
    ("getCanon", canon, Some("$")),
    ("getCompat", compat, Some("$")),
    ("isExclusion", is_exclusion, Some("$")),
    ("isSingleton", is_singleton, Some("$")),
    ("isNonStDecomp", is_non_starter, Some("$")),
    ("isComp2nd", is_second, Some("$")),
    ("isNFC_MAYBE", is_second, Some("$")),
    ("isNFKC_MAYBE", is_second, Some("$")),
    ("isNFD_NO", is_nfd_no, Some("$")),
    ("isNFKD_NO", is_nfkd_no, Some("$")),
    ("isNFC_NO", is_nfc_no, Some("$")),
    ("isComp_Ex", is_nfc_no, Some("$")),
    ("isNFKC_NO", is_nfkc_no, Some("$")),
    ("splitOnLastStarter", split_on_last_starter, None),
];

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "Unicode::Normalize", SUBS);
    Ok(())
}

// ---- one character

fn scalar(c: u64) -> Option<char> {
    u32::try_from(c).ok().and_then(char::from_u32)
}

fn class(c: u64) -> u8 {
    scalar(c).map_or(0, canonical_combining_class)
}

/// The full decomposition; `None`: the character stands for itself.
fn mapping(c: u64, compatible: bool) -> Option<Vec<u64>> {
    let ch = scalar(c)?;
    let mut out = Vec::new();
    if compatible {
        decompose_compatible(ch, |x| out.push(x as u64));
    } else {
        decompose_canonical(ch, |x| out.push(x as u64));
    }
    (out != [c]).then_some(out)
}

fn composed(a: u64, b: u64) -> Option<u64> {
    compose(scalar(a)?, scalar(b)?).map(|c| c as u64)
}

/// Does composition leave the canonical decomposition of the character apart?
fn never_composed(c: u64) -> bool {
    mapping(c, false).is_some_and(|d| recomposed(&d, false) != [c])
}

fn is_singleton_char(c: u64) -> bool {
    // One character in one step; a longer one whose first step is a single character is a singleton too.
    mapping(c, false).is_some_and(|d| d.len() == 1 || (class(c) == 0 && never_composed(c) && again(c, &d)))
}

/// Is another character decomposed to the same, and composed from it (`ANGSTROM SIGN` and its letter)?
fn again(c: u64, d: &[u64]) -> bool {
    matches!(recomposed(d, false)[..], [other] if other != c)
}

fn is_non_starter_char(c: u64) -> bool {
    mapping(c, false).is_some_and(|d| class(c) != 0 || class(d[0]) != 0) && !is_singleton_char(c)
}

/// Can the character be the second one of a composition?
fn may_be_second(c: u64) -> bool {
    const HANGUL: [std::ops::RangeInclusive<u64>; 2] = [0x1161..=0x1175, 0x11a8..=0x11c2];
    if HANGUL.iter().any(|r| r.contains(&c)) {
        return true;
    }
    SECONDS.with(|s| s.contains(&c))
}

std::thread_local! {
    /// Second characters of all primary composites, found once by taking every composite apart.
    static SECONDS: std::collections::BTreeSet<u64> = (0xc0..0x2fa1e)
        .filter(|c| !(0xac00..=0xd7a3).contains(c))
        .filter(|c| !never_composed(*c))
        .filter_map(|c| mapping(c, false).filter(|d| d.len() > 1)?.pop())
        .collect();
}

// ---- strings

fn decomposed(s: &[u64], compatible: bool) -> Vec<u64> {
    s.iter().flat_map(|c| mapping(*c, compatible).unwrap_or_else(|| vec![*c])).collect()
}

/// Runs of combining characters are put in the order of their classes.
fn reordered(mut s: Vec<u64>) -> Vec<u64> {
    let mut i = 0;
    while i < s.len() {
        let end = (i..s.len()).find(|&j| class(s[j]) == 0).unwrap_or(s.len());
        s[i..end].sort_by_key(|c| class(*c));
        i = end + 1;
    }
    s
}

/// Composition; `contiguous`: only of characters that stand next to each other.
fn recomposed(s: &[u64], contiguous: bool) -> Vec<u64> {
    let mut out: Vec<u64> = Vec::new();
    let mut starter: Option<usize> = None;
    let mut last = 0;
    for &c in s {
        let k = class(c);
        if let Some(at) = starter {
            let adjacent = at + 1 == out.len();
            let blocked = !adjacent && (last == 0 || last >= k || contiguous);
            if !blocked && let Some(x) = composed(out[at], c) {
                out[at] = x;
                continue;
            }
        }
        if k == 0 {
            starter = Some(out.len());
        }
        last = k;
        out.push(c);
    }
    out
}

fn points(vm: &mut Vm, a: &Args) -> R<Vec<u64>> {
    let (b, u) = string(vm, a, 0)?;
    Ok(keshi_text::utf8::code_points(&b, u).collect())
}

fn text_of(s: &[u64]) -> Val {
    let mut out = Vec::new();
    for c in s {
        keshi_text::utf8::encode(*c, &mut out);
    }
    Val::str(&out, true)
}

fn changed(vm: &mut Vm, a: &Args, f: impl FnOnce(Vec<u64>) -> Vec<u64>) -> R<Ret> {
    let s = points(vm, a)?;
    ok(text_of(&f(s)))
}

fn nfd(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, |s| reordered(decomposed(&s, false)))
}
fn nfkd(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, |s| reordered(decomposed(&s, true)))
}
fn nfc(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, |s| recomposed(&reordered(decomposed(&s, false)), false))
}
fn nfkc(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, |s| recomposed(&reordered(decomposed(&s, true)), false))
}
fn fcc(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, |s| recomposed(&reordered(decomposed(&s, false)), true))
}
fn decompose(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let compatible = arg(vm, a, 1)?;
    let compatible = vm.truth(&compatible)?;
    changed(vm, a, |s| decomposed(&s, compatible))
}
fn reorder_sub(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, reordered)
}
fn compose_sub(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, |s| recomposed(&s, false))
}
fn compose_contiguous(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    changed(vm, a, |s| recomposed(&s, true))
}

/// Everything up to the last starter, and the rest, which later text may still change.
fn split_on_last_starter(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let s = points(vm, a)?;
    let at = s.iter().rposition(|c| class(*c) == 0).unwrap_or(0);
    list(vec![text_of(&s[..at]), text_of(&s[at..])])
}

// ---- checks: yes, no, or undef for maybe

/// Are the classes of neighbours in order?
fn in_order(s: &[u64]) -> bool {
    s.windows(2).all(|w| class(w[1]) == 0 || class(w[0]) <= class(w[1]))
}

fn check_decomposed(vm: &mut Vm, a: &Args, compatible: bool) -> R<Ret> {
    let s = points(vm, a)?;
    yes_no(in_order(&s) && s.iter().all(|c| mapping(*c, compatible).is_none()))
}
fn check_nfd(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    check_decomposed(vm, a, false)
}
fn check_nfkd(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    check_decomposed(vm, a, true)
}

fn check_composed(vm: &mut Vm, a: &Args, compatible: bool) -> R<Ret> {
    let s = points(vm, a)?;
    if !in_order(&s) || s.iter().any(|c| composed_no(*c, compatible)) {
        return yes_no(false);
    }
    if s.iter().any(|c| may_be_second(*c)) { undef() } else { yes_no(true) }
}
fn check_nfc(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    check_composed(vm, a, false)
}
fn check_nfkc(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    check_composed(vm, a, true)
}

/// FCD and FCC: the decompositions of neighbours are in order.
fn check_fast(vm: &mut Vm, a: &Args, composing: bool) -> R<Ret> {
    let s = points(vm, a)?;
    let mut last = 0;
    let mut maybe = false;
    for c in s {
        let d = mapping(c, false);
        let first = d.as_ref().map_or(c, |d| d[0]);
        if class(first) != 0 && last > class(first) {
            return yes_no(false);
        }
        if composing {
            if never_composed(c) {
                return yes_no(false);
            }
            maybe |= may_be_second(c);
        }
        last = class(d.and_then(|d| d.last().copied()).unwrap_or(c));
    }
    if maybe { undef() } else { yes_no(true) }
}
fn check_fcd(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    check_fast(vm, a, false)
}
fn check_fcc(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    check_fast(vm, a, true)
}

// ---- properties

fn point(vm: &mut Vm, a: &Args, i: usize) -> R<u64> {
    Ok(iv(vm, a, i)? as u64)
}
fn composed_no(c: u64, compatible: bool) -> bool {
    never_composed(c) || (compatible && mapping(c, true) != mapping(c, false))
}
fn combining_class(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    int(i64::from(class(c)))
}
fn composite(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let (x, y) = (point(vm, a, 0)?, point(vm, a, 1)?);
    ok(composed(x, y).map_or(Val::undef(), Val::uint))
}
fn canon(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    ok(mapping(c, false).map_or(Val::undef(), |d| text_of(&d)))
}
fn compat(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    ok(mapping(c, true).map_or(Val::undef(), |d| text_of(&d)))
}
fn is_exclusion(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(never_composed(c) && !is_singleton_char(c) && !is_non_starter_char(c))
}
fn is_singleton(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(is_singleton_char(c))
}
fn is_non_starter(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(is_non_starter_char(c))
}
fn is_second(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(may_be_second(c))
}
fn is_nfd_no(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(mapping(c, false).is_some())
}
fn is_nfkd_no(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(mapping(c, true).is_some())
}
fn is_nfc_no(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(composed_no(c, false))
}
fn is_nfkc_no(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = point(vm, a, 0)?;
    yes_no(composed_no(c, true))
}
