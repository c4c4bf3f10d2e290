//! What a string eval sees, as a `Scope` constant.
//!
//! Entries are `(name, number)`. The name of a lexical is its name with sigil and the number its pad index, with
//! [`STATE`] set for `state` variables; an `our` variable is `$x=main::x`, an imported
//! lexical sub `&f~bNAME` (of `builtin`) or `&f~hHANDLE` (of the Host). Two entries describe the place: an empty
//! name with 1 if `@_` and `return` belong to a sub, and `=Class` inside a class.
use super::*;
use std::rc::Rc;

pub const STATE: u32 = 1 << 31;

/// `stand_ins`: variables that are seen under another number, the innermost last.
pub(crate) fn encode(s: &EvalScope, stand_ins: &[(PadIdx, PadIdx)]) -> Const {
    let mut v: Vec<(Box<[u8]>, u32)> = vec![(Box::default(), s.in_sub.into())];
    if let Some(c) = &s.class {
        v.push((format!("={c}").into_bytes().into(), 0));
    }
    for n in &s.names {
        if let Some(i) = &n.import {
            let what = match i {
                LexImport::Builtin(b) => format!("{}~b{b}", n.name),
                LexImport::Host(h) => format!("{}~h{}", n.name, h.0),
            };
            v.push((what.into_bytes().into(), 0));
            continue;
        }
        match &n.our {
            Some(full) => v.push((format!("{}={full}", n.name).into_bytes().into(), 0)),
            None => {
                let item = stand_ins.iter().rev().find(|s| s.0 == n.idx);
                let number = match item {
                    Some(s) => s.1,
                    None => n.idx | if n.state { STATE } else { 0 },
                };
                v.push((n.name.as_bytes().into(), number));
            }
        }
    }
    Const::Scope(v.into())
}

/// The scope of the chunk's constant, for the parser of the eval's text.
pub fn decode(pad: PadId, scope: &[(Box<[u8]>, u32)]) -> EvalScope {
    let mut s = EvalScope { pad, names: Vec::new(), in_sub: false, class: None };
    for (name, n) in scope {
        let text = String::from_utf8_lossy(name);
        if text.is_empty() {
            s.in_sub = *n != 0;
        } else if let Some(c) = text.strip_prefix('=') {
            s.class = Some(c.into());
        } else if let Some((var, full)) = text.split_once('=') {
            let our = Some(full.into());
            s.names.push(VisibleName {
                name: var.into(),
                idx: 0,
                our,
                state: false,
                import: None,
                proto: None,
            });
        } else if let Some((var, what)) = text.split_once('~') {
            let import = match what.strip_prefix('h') {
                Some(h) => LexImport::Host(HostConst(h.parse().unwrap_or(0))),
                None => LexImport::Builtin(what.get(1..).unwrap_or_default().into()),
            };
            s.names.push(VisibleName {
                name: var.into(),
                idx: 0,
                our: None,
                state: false,
                import: Some(import),
                proto: None,
            });
        } else {
            let name: Name = Rc::from(&*text);
            let (idx, state) = (n & !STATE, n & STATE != 0);
            s.names.push(VisibleName { name, idx, our: None, state, import: None, proto: None });
        }
    }
    s
}
