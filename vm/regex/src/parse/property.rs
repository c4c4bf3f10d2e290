//! `\p{...}`: official properties, names of characters, properties the program defines.

use std::sync::{Arc, OnceLock};

use super::chars::trim_blanks;
use super::{Parser, Res};
use crate::ast::{ClassItem, UserProp};
use crate::set::CharSet;

impl Parser<'_, '_> {
    /// After `\p` or `\P`.
    pub(super) fn property(&mut self, negated: bool) -> Res<ClassItem> {
        let letter = if negated { 'P' } else { 'p' };
        let start = self.pos;
        let Some(c) = self.peek() else { return self.fail(&format!("Empty \\{letter}")) };
        let (name, at) = if c == b'{' {
            let Some(k) = memchr::memchr(b'}', &self.p[start..]) else {
                return self.fail_at(&format!("Missing right brace on \\{letter}{{}}"), start + 1);
            };
            let end = start + k;
            self.pos = end + 1;
            let inner = self.p[start + 1..end].to_vec();
            if inner.iter().all(u8::is_ascii_whitespace) {
                return self.fail_at(&format!("Empty \\{letter}{{}}"), start + 1);
            }
            (inner, end + 1)
        } else {
            if !c.is_ascii_alphabetic() {
                let text = format!(
                    "Character following \\{letter} must be '{{' or a single-character Unicode property name"
                );
                return self.fail_at(&text, start + self.char_len_at(start));
            }
            self.pos = start + 1;
            (vec![c], start + 1)
        };
        self.property_named(&name, negated, at)
    }

    fn property_named(&mut self, full: &[u8], negated: bool, at: usize) -> Res<ClassItem> {
        let mut negated = negated;
        let mut name = full;
        while let Some((&c, rest)) = name.split_first() {
            if c.is_ascii_whitespace() {
                name = rest;
            } else if c == b'^' {
                negated = !negated;
                name = rest;
            } else {
                break;
            }
        }
        let trimmed = trim_blanks(name);
        if let Some(user) = user_property_name(trimmed) {
            let fold = self.f.i;
            let mut full = user;
            if memchr::memmem::find(&full, b"::").is_none() {
                full = [&self.host.package()[..], b"::", &full].concat();
            }
            let lookup = &mut |n: &[u8]| self.host.user_property(n, fold);
            if let Some(set) = crate::unicode::user::expand(&full, fold, &mut Vec::new(), lookup)? {
                return Ok(ClassItem::Prop { set: Arc::new(set), negated });
            }
        }
        if let Some(k) = trimmed.iter().position(|c| matches!(c, b'=' | b':'))
            && matches!(&trimmed[..k].trim_ascii().to_ascii_lowercase()[..], b"na" | b"name")
        {
            if self.in_set > 0 {
                return self.fail_at("Unicode string properties are not implemented in (?[...])", at);
            }
            let wanted = trimmed[k + 1..].trim_ascii();
            // The slashes are escaped where they delimit the whole pattern too.
            let between = |slash: &[u8]| wanted.strip_prefix(slash).and_then(|w| w.strip_suffix(slash));
            if let Some(pattern) = between(b"\\/").or_else(|| between(b"/")) {
                if let Some(names) = self.host.names()? {
                    let set = Arc::new(crate::unicode::names::matching(&names, pattern)?);
                    return Ok(ClassItem::Prop { set, negated });
                }
            } else if let Some(cps) = self.host.official_name(wanted, self.utf8)?
                && let [c] = cps[..]
            {
                let set = CharSet::from_ranges([(c, c)]);
                return Ok(ClassItem::Prop { set: Arc::new(set), negated });
            }
        }
        match crate::unicode::property(trimmed, self.f.i) {
            Some(set) => Ok(ClassItem::Prop { set, negated }),
            None => {
                if let Some(user) = user_property_name(trimmed) {
                    let mut name = user;
                    if memchr::memmem::find(&name, b"::").is_none() {
                        name = [&self.host.package()[..], b"::", &name].concat();
                    }
                    let prop = Arc::new(UserProp { name, fold: self.f.i, set: OnceLock::new() });
                    self.user_props.push(prop.clone());
                    return Ok(ClassItem::User { prop, negated });
                }
                let what: &[u8] = if memchr::memmem::find(trimmed, b"::").is_some() {
                    b"Illegal user-defined property name \""
                } else {
                    b"Can't find Unicode property definition \""
                };
                let mut text = what.to_vec();
                text.extend_from_slice(trim_blanks(full));
                text.push(b'"');
                self.fail_bytes(&text, at)
            }
        }
    }
}

/// `IsFoo`, `InFoo`, `Pkg::IsFoo`: the name as it is looked up.
fn user_property_name(name: &[u8]) -> Option<Vec<u8>> {
    let last = name.windows(2).rposition(|w| w == b"::").map_or(0, |k| k + 2);
    let base = &name[last..];
    let ok = (base.starts_with(b"Is") || base.starts_with(b"In"))
        && name.iter().all(|&c| c.is_ascii_alphanumeric() || c == b'_' || c == b':' || c >= 0x80);
    ok.then(|| name.to_vec())
}
