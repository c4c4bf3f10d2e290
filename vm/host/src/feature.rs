//! `use feature`: `$^H` and `%^H` exactly as feature.pm leaves them.
//!
//! While a bundle is in force its number stands in `$^H`. The first change of a single feature replaces
//! it by one key of `%^H` for each feature and the "custom" number.

use crate::pragma::{Target, croak};
use keshi_frontend::ast::*;
use keshi_frontend::host::*;
use std::rc::Rc;

/// Names whose `%^H` key is not `feature_NAME`.
const RENAMED: &[(&str, &str)] = &[
    ("current_sub", "feature___SUB__"),
    ("declared_refs", "feature_myref"),
    ("unicode_strings", "feature_unicode"),
    ("unicode_eval", "feature_unieval"),
    ("extra_paired_delimiters", "feature_more_delims"),
    ("apostrophe_as_package_separator", "feature_apos_as_name_sep"),
];
/// Features that became part of the language: naming them changes nothing.
const ALWAYS: &[&str] = &["postderef", "lexical_subs"];
/// Features that are gone: to turn them off is no mistake.
const REMOVED: &[&str] = &["array_base"];
const UNICODE_KEY: &str = "feature_unicode";

/// Every feature's name and its `%^H` key.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    FEATURE_KEYS.iter().map(|(key, _)| {
        let renamed = RENAMED.iter().find(|(_, k)| k == key).map(|(n, _)| *n);
        (renamed.unwrap_or(key.strip_prefix("feature_").unwrap_or(key)), *key)
    })
}

fn key_of(name: &str) -> Option<&'static str> {
    if let Some((_, k)) = RENAMED.iter().find(|(n, _)| *n == name) {
        return Some(k);
    }
    let plain = |k: &str| k.strip_prefix("feature_") == Some(name);
    let renamed = |k: &str| RENAMED.iter().any(|(_, r)| *r == k);
    FEATURE_KEYS.iter().map(|(k, _)| *k).find(|k| plain(k) && !renamed(k))
}

/// Bundle number for the minor version of `:5.N`.
pub fn bundle_of(minor: u32) -> u32 {
    match minor {
        0..=8 => 0,
        9..=10 => 1,
        11..=14 => 2,
        15..=22 => 3,
        23..=26 => 4,
        27..=34 => 5,
        35..=36 => 6,
        37..=38 => 7,
        39..=40 => 8,
        _ => 9,
    }
}

fn keys_of(features: u32) -> impl Iterator<Item = &'static str> {
    FEATURE_KEYS.iter().filter(move |(_, f)| features & *f as u32 != 0).map(|(k, _)| *k)
}

/// The keys an argument stands for.
fn expand(name: &str, t: &Target<'_>) -> HostResult<Vec<&'static str>> {
    let (x, y, z) = keshi_vm::version::PERL_VERSION;
    let Some(bundle) = name.strip_prefix(':') else {
        if ALWAYS.contains(&name) {
            return Ok(Vec::new());
        }
        return match key_of(name) {
            Some(k) => Ok(vec![k]),
            None => Err(croak(t, &format!("Feature \"{name}\" is not supported by Perl {x}.{y}.{z}"))),
        };
    };
    let features = match bundle {
        "all" => u32::MAX,
        "default" => bundle_features(0),
        _ => {
            let minor = match bundle {
                "5.9.5" => Some(10),
                // A third part does not matter.
                b => b.strip_prefix("5.").and_then(|m| {
                    let (minor, rest) = m.split_once('.').unwrap_or((m, "0"));
                    rest.bytes().all(|c| c.is_ascii_digit()).then(|| minor.parse::<u32>().ok())?
                }),
            };
            match minor.filter(|m| *m >= 10 && *m <= y + 1) {
                Some(m) => bundle_features(bundle_of(m)),
                None => {
                    return Err(croak(
                        t,
                        &format!("Feature bundle \"{bundle}\" is not supported by Perl {x}.{y}.{z}"),
                    ));
                }
            }
        }
    };
    Ok(keys_of(features).collect())
}

pub fn apply(args: &[String], no: bool, t: &mut Target<'_>) -> HostResult {
    if args.is_empty() {
        if !no {
            return Err(croak(t, "No features specified"));
        }
        // Back to the default bundle.
        t.hints.bits &= !(HINT_FEATURE_MASK | HINT_UNI_8_BIT);
        edit(t.hints, |list| list.retain(|(k, _)| !is_feature(k)));
        t.hints.refresh_features();
        return Ok(());
    }
    let mut keys = Vec::new();
    for a in args {
        if no && REMOVED.contains(&a.as_str()) {
            continue;
        }
        keys.extend(expand(a, t)?);
    }
    let custom = HINT_FEATURE_MASK >> HINT_FEATURE_SHIFT;
    let bundle = (t.hints.bits & HINT_FEATURE_MASK) >> HINT_FEATURE_SHIFT;
    if bundle != custom {
        let now = bundle_features(bundle);
        edit(t.hints, |list| {
            list.retain(|(k, _)| !is_feature(k));
            list.extend(keys_of(now).map(entry));
        });
        t.hints.bits |= HINT_FEATURE_MASK;
        if now & Feature::Unicode as u32 != 0 {
            t.hints.bits |= HINT_UNI_8_BIT;
        }
    }
    for k in keys {
        edit(t.hints, |list| {
            list.retain(|(have, _)| &*have.bytes != k.as_bytes());
            if !no {
                list.push(entry(k));
            }
        });
        if k == UNICODE_KEY {
            if no { t.hints.bits &= !HINT_UNI_8_BIT } else { t.hints.bits |= HINT_UNI_8_BIT }
        }
    }
    t.hints.bits |= HINT_LOCALIZE_HH;
    t.hints.refresh_features();
    Ok(())
}

fn is_feature(k: &PStr) -> bool {
    FEATURE_KEYS.iter().any(|(f, _)| f.as_bytes() == &*k.bytes)
}

fn entry(k: &'static str) -> (PStr, HintVal) {
    (PStr::text(k), HintVal::Int(1))
}

/// Changes the hint hash; other scopes share the old one.
fn edit(h: &mut Hints, f: impl FnOnce(&mut Vec<(PStr, HintVal)>)) {
    let mut list = h.hash.as_ref().map_or_else(Vec::new, |l| l.to_vec());
    f(&mut list);
    h.hash = Some(Rc::new(list));
}
