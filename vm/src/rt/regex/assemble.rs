//! Patterns put together at run time: interpolated values, literal code blocks, and with `use re 'eval'` code
//! blocks in interpolated text.

use super::super::array::{av, list_values};
use super::compile::{Block, Saying, compile, compile_cached};
use super::pattern::{as_qr, flag, or_last};
use crate::exc::{R, Want};
use crate::frame::FrameKind;
use crate::regex::{Compiled, compiled};
use crate::{PatternText, Vm};
use keshi_l1::chunk::Const;
use keshi_text::utf8;
use keshi_value::{Body, Code, Ptr, Val};
use std::borrow::Cow;
use std::sync::Arc;

const HINT_RE_EVAL: u32 = 0x20_0000;

/// A part of the pattern, with the code blocks in it.
struct Piece {
    text: Vec<u8>,
    utf8: bool,
    blocks: Vec<Block>,
}

/// `rx.build`
pub fn build(vm: &mut Vm, b: &Val, site: u32) -> R<Val> {
    let linked = vm.frame().linked.clone();
    let Const::List(parts) = &linked.chunk.consts[site as usize] else {
        return Err(vm.die_text("panic: pattern constant"));
    };
    let (Some(Const::Regex { flags, .. }), Some(Const::Str { bytes: kinds, .. })) =
        (parts.first(), parts.get(1))
    else {
        return Err(vm.die_text("panic: pattern constant"));
    };
    let flags = *flags;
    let once = flags & flag::ONCE != 0;
    if once {
        let kept = &linked.site_data.get()[site as usize];
        if let Some(c) = compiled(kept) {
            return Ok(or_last(vm, c.re.source(), flags)?.unwrap_or_else(|| kept.clone()));
        }
    }
    let vs = list_values(vm, &av(b), 0)?;
    // A regexp alone is used as it is.
    let whole = match kinds.as_slice() {
        b"e" => as_qr(vm, &vs[0])?,
        _ => None,
    };
    let v = match whole {
        // `/p` belongs to the place, not to the regexp used there.
        Some(q) if flags & flag::P != 0 => match compiled(&q) {
            Some(c) => Val::ptr(super::compile::object(Compiled { flags: c.flags | flag::P, ..c.clone() })),
            None => q,
        },
        Some(q) => q,
        None => {
            let pieces = pieces(vm, kinds, &vs)?;
            let (text, utf8, mut blocks) = join(pieces);
            if !once && let Some(v) = or_last(vm, &text, flags)? {
                return Ok(v);
            }
            let mut fresh = false;
            if let Some(Const::Scope(scope)) = parts.get(2) {
                fresh = run_time_code(vm, &text, utf8, flags, scope, &mut blocks)?;
            }
            // a pattern without values was compiled with the program
            let known = !kinds.iter().any(|k| matches!(k, b'e' | b'a'));
            let saying = if known { Saying::Silent } else { Saying::Aloud };
            if blocks.is_empty() {
                compile_cached(vm, &text, utf8, flags, saying)?
            } else if fresh {
                compile(vm, &text, utf8, flags, blocks, saying)?
            } else {
                let kept = linked.site_data.get()[site as usize].clone();
                let v = with_closures(vm, &text, utf8, flags, blocks, &kept, saying)?;
                linked.site_data.get_mut()[site as usize] = v.clone();
                v
            }
        }
    };
    if once {
        linked.site_data.get_mut()[site as usize] = v.clone();
        let source = compiled(&v).map_or(b"".as_slice(), |c| c.re.source());
        return Ok(or_last(vm, source, flags)?.unwrap_or(v));
    }
    Ok(v)
}

/// A pattern whose code blocks are closures made anew: the program of the last time serves while the text
/// stays the same.
fn with_closures(
    vm: &mut Vm,
    text: &[u8],
    utf8: bool,
    flags: u32,
    blocks: Vec<Block>,
    kept: &Val,
    saying: Saying,
) -> R<Val> {
    if let Some(c) = compiled(kept) {
        let same = c.re.source() == text
            && c.re.flags().utf8_pattern == utf8
            && c.spans.len() == blocks.len()
            && c.spans.iter().zip(&blocks).all(|(s, b)| *s == (b.at, b.len));
        if same {
            let codes = blocks.into_iter().map(|b| b.code).collect();
            let c = Compiled { re: Arc::clone(&c.re), codes, spans: c.spans.clone(), flags: c.flags };
            return Ok(Val::ptr(super::compile::object(c)));
        }
    }
    compile(vm, text, utf8, flags, blocks, saying)
}

/// Interpolated arrays as their elements with the separator between them.
fn flat<'a>(vm: &mut Vm, kinds: &'a [u8], vs: &'a [Val]) -> R<(Cow<'a, [u8]>, Cow<'a, [Val]>)> {
    if !kinds.contains(&b'a') {
        return Ok((kinds.into(), vs.into()));
    }
    let (mut out, mut values) = (Vec::new(), Vec::new());
    let mut rest = vs.iter();
    for &k in kinds {
        let own = if matches!(k, b'l' | b'e' | b'a') { 1 } else { 2 };
        if k != b'a' {
            out.push(k);
            values.extend(rest.by_ref().take(own).cloned());
            continue;
        }
        let Some(list) = rest.next().and_then(Val::av) else { continue };
        let items = vm.av_values(&list)?;
        let Some((sep, items)) = items.split_first() else { continue };
        for (i, v) in items.iter().enumerate() {
            if i > 0 {
                out.push(b'e');
                values.push(sep.clone());
            }
            out.push(b'e');
            values.push(v.clone());
        }
        if items.is_empty() {
            out.push(b'l');
            values.push(Val::bytes(""));
        }
    }
    Ok((out.into(), values.into()))
}

/// One piece for each part of the site; overloaded `.` joins pieces in its own way.
fn pieces(vm: &mut Vm, kinds: &[u8], vs: &[Val]) -> R<Vec<Piece>> {
    let (kinds, vs) = &flat(vm, kinds, vs)?;
    let mut out: Vec<Piece> = Vec::with_capacity(kinds.len());
    // What overloading made of everything so far, if it is an object.
    let mut joined: Option<Val> = None;
    let mut i = 0;
    for &k in kinds.iter() {
        let mut v = vs[i].clone();
        vm.at_item(i, &v);
        i += 1;
        if joined.is_some() && !matches!(k, b'l' | b'e') {
            // an object takes in the text of a code block, which is then compiled with the rest
            v = vs[i].clone();
            i += 1;
        }
        if k == b'e' {
            if let Some(q) = as_qr(vm, &v)? {
                // The regexp an overloaded `qr` gave stands for the object.
                if compiled(&v).is_none() {
                    v = q;
                }
            }
        }
        if joined.is_some() || k == b'e' && kinds.len() > 1 && v.is_ref() && vm.overloaded(&v)?.is_some() {
            let left = match joined.take() {
                Some(l) => l,
                None => {
                    let (text, utf8, _) = join(std::mem::take(&mut out));
                    let left = Val::str(&text, utf8);
                    out.push(Piece { text, utf8, blocks: Vec::new() });
                    left
                }
            };
            match vm.overload_binary(&left, &v, ".")? {
                Some(r) => {
                    out.clear();
                    if r.is_ref() {
                        joined = Some(r);
                    } else {
                        out.push(string_piece(vm, &r)?);
                    }
                    continue;
                }
                None if left.is_ref() => out.push(value_piece(vm, &left)?),
                None => {}
            }
        }
        out.push(match k {
            b'l' => string_piece(vm, &v)?,
            b'e' => value_piece(vm, &v)?,
            _ => {
                let code = v.cv();
                let (text, utf8) = vm.str_bytes(&vs[i])?;
                i += 1;
                let at = text.iter().position(|&c| c == b'{').unwrap_or(0);
                let len = text.len() - at - 1;
                let blocks = code.into_iter().map(|code| Block { at, len, code }).collect();
                Piece { text: text.into_owned(), utf8, blocks }
            }
        });
    }
    if let Some(v) = joined {
        out.push(value_piece(vm, &v)?);
    }
    Ok(out)
}

fn string_piece(vm: &mut Vm, v: &Val) -> R<Piece> {
    let (text, utf8) = vm.str_bytes(v)?;
    Ok(Piece { text: text.into_owned(), utf8, blocks: Vec::new() })
}

/// A regexp (perhaps one that overloaded `""` gives), or a string.
fn value_piece(vm: &mut Vm, v: &Val) -> R<Piece> {
    let mut v = v.clone();
    while v.is_ref() && compiled(&v).is_none() {
        match vm.overload_unary(&v, "\"\"")? {
            Some(r) if !(r.is_ref() && r.addr() == v.addr()) => v = r,
            _ => break,
        }
    }
    if compiled(&v).is_some() { regexp_piece(vm, &v) } else { string_piece(vm, &v) }
}

/// An interpolated regexp; its code blocks keep their closures.
fn regexp_piece(vm: &mut Vm, q: &Val) -> R<Piece> {
    let (c, r) = (compiled(q).expect("a regexp"), q.as_regex().expect("a regexp"));
    let (text, utf8) = vm.str_bytes(&r.text)?;
    let text = text.into_owned();
    // `(?^flags:` stands before the source.
    let before = text.iter().position(|&c| c == b':').map_or(0, |n| n + 1);
    let blocks = c.spans.iter().zip(&c.codes);
    let blocks = blocks.map(|(&(at, len), code)| Block { at: at + before, len, code: code.clone() });
    Ok(Piece { blocks: blocks.collect(), text, utf8 })
}

/// The text of all pieces and the blocks in it. One UTF-8 piece makes all of it UTF-8.
fn join(pieces: Vec<Piece>) -> (Vec<u8>, bool, Vec<Block>) {
    let wide = pieces.iter().any(|p| p.utf8);
    let mut text = Vec::new();
    let mut blocks = Vec::new();
    for p in pieces {
        let base = text.len();
        let grow =
            |range: &[u8]| if wide && !p.utf8 { range.iter().filter(|&&b| b >= 0x80).count() } else { 0 };
        for b in p.blocks {
            let (at, len) = (b.at + grow(&p.text[..b.at]), b.len + grow(&p.text[b.at..b.at + b.len]));
            blocks.push(Block { at: base + at, len, code: b.code });
        }
        if wide && !p.utf8 {
            text.extend_from_slice(&utf8::upgrade(&p.text));
        } else {
            text.extend_from_slice(&p.text);
        }
    }
    (text, wide, blocks)
}

/// Compiles the code blocks that came with interpolated text and adds them. True if there were any.
fn run_time_code(
    vm: &mut Vm,
    text: &[u8],
    utf8: bool,
    flags: u32,
    scope: &[(Box<[u8]>, u32)],
    blocks: &mut Vec<Block>,
) -> R<bool> {
    if !vm.hint(HINT_RE_EVAL) {
        return Ok(false);
    }
    // Known blocks are done already.
    let mut rest = text.to_vec();
    for b in blocks.iter() {
        rest[b.at..b.at + b.len].fill(b' ');
    }
    if !has_code(&rest) {
        return Ok(false);
    }
    let Some(c) = vm.compiler.clone() else { return Err(vm.die_text("panic: no compiler")) };
    let x = flags & flag::X != 0;
    let code = c.compile_pattern_code(vm, PatternText { text: rest, utf8, x, scope })?;
    let Body::Chunk(linked) = code.body.get() else { return Ok(false) };
    let found = vm.run_linked(linked.clone(), code.clone(), None, Want::List, FrameKind::Pattern)?;
    let found = list_values(vm, &found.list(), 0)?;
    for b in found.chunks_exact(3) {
        let code: Option<Ptr<Code>> = b[2].cv();
        let Some(code) = code else { return Err(vm.die_text("panic: code block of a pattern")) };
        blocks.push(Block { at: b[0].as_i64() as usize, len: b[1].as_i64() as usize, code });
    }
    blocks.sort_by_key(|b| b.at);
    Ok(true)
}

/// Might the text hold code blocks?
fn has_code(text: &[u8]) -> bool {
    memchr::memchr_iter(b'(', text).any(|i| {
        let t = &text[i + 1..];
        [b"?{".as_slice(), b"??{", b"*{", b"**{"].iter().any(|start| t.starts_with(start))
    })
}
