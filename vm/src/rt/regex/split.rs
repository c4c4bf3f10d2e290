//! split.

use super::super::array::{av, list_values};
use super::host::exec_at;
use super::pattern::flag;
use super::run::subject_of;
use crate::Vm;
use crate::exc::R;
use crate::regex::compiled;
use keshi_regex::ExecOpts;
use keshi_text::utf8;
use keshi_value::{Array, Val};

/// split with a constant limit
pub fn split(vm: &mut Vm, b: &Val, c: &Val, limit: u64) -> R<Val> {
    fields(vm, b, c, limit as u32 as i32 as i64)
}
/// split with a computed limit
pub fn split_n(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    let a = list_values(vm, &av(c), 0)?;
    let limit = vm.iv_item(&a, 1)?;
    vm.at_item(0, &a[0]);
    fields(vm, b, &a[0], limit)
}

fn is_space(cp: u64) -> bool {
    cp < 0x80 && keshi_text::is_space(cp as u8)
        || matches!(cp, 0x85 | 0xa0 | 0x1680 | 0x2000..=0x200a | 0x2028 | 0x2029 | 0x202f | 0x205f | 0x3000)
}

fn fields(vm: &mut Vm, re: &Val, subject: &Val, limit: i64) -> R<Val> {
    let s = subject_of(vm, subject)?;
    let out = Array::new();
    let st = s.as_str().expect("string");
    let (bytes, u) = (st.bytes(), st.utf8());
    if bytes.is_empty() {
        return Ok(Val::ptr(out));
    }
    let Some(c) = compiled(re) else { return Err(vm.die_text("panic: split without a pattern")) };
    let awk = c.flags & flag::AWK != 0 && c.re.source() == b" ";
    let field = |a: usize, b: usize| Val::str(&bytes[a..b], u);
    // With an implicit limit the fields before the last are all that matter.
    let max = if limit > 0 { limit as usize } else { usize::MAX };
    if awk {
        let unicode = u || vm.unicode_strings();
        let mut pos = 0;
        let space_at = |p: usize| -> Option<usize> {
            if u {
                let (cp, n) = utf8::at(bytes, p);
                is_space(cp).then_some(n)
            } else {
                let b = bytes[p] as u64;
                (if unicode { is_space(b) } else { keshi_text::is_space(b as u8) }).then_some(1)
            }
        };
        let skip = |mut p: usize| {
            while p < bytes.len() {
                match space_at(p) {
                    Some(n) => p += n,
                    None => break,
                }
            }
            p
        };
        pos = skip(pos);
        while pos < bytes.len() && out.len() + 1 < max {
            let start = pos;
            while pos < bytes.len() && space_at(pos).is_none() {
                pos += if u { utf8::at(bytes, pos).1 } else { 1 };
            }
            if pos >= bytes.len() {
                pos = start;
                break;
            }
            out.push(field(start, pos));
            pos = skip(pos);
            if pos >= bytes.len() {
                out.push(field(pos, pos));
            }
        }
        if pos < bytes.len() {
            out.push(field(pos, bytes.len()));
        }
    } else {
        let n = c.re.n_captures();
        let mut last = 0;
        let mut at = 0;
        let mut made = 0;
        while made + 1 < max && at <= bytes.len() {
            // A match must not be empty at the place where the last one ended.
            let opts = ExecOpts { min_end: last + 1, ..Default::default() };
            let Some(caps) = exec_at(vm, re, &s, at, &opts)? else { break };
            let (a, e) = caps.get(0).unwrap_or((at, at));
            if a == e && a >= bytes.len() {
                break;
            }
            if e == 0 {
                at = 1;
                continue;
            }
            out.push(field(last, a));
            made += 1;
            for i in 1..=n {
                out.push(match caps.get(i) {
                    Some((x, y)) => field(x, y),
                    None => Val::undef(),
                });
            }
            last = e;
            at = e;
        }
        if last <= bytes.len() && (last < bytes.len() || limit != 0 || made > 0) {
            out.push(field(last, bytes.len()));
        }
    }
    if limit == 0 {
        while out.as_slice().last().is_some_and(|v| v.is_undef() || v.as_str().is_some_and(|s| s.is_empty()))
        {
            out.pop_raw();
        }
    }
    Ok(Val::ptr(out))
}
