//! Runtime functions of topic `string` (heads in l1-spec/rt.l1 and atoms.l1).

use crate::Vm;
use crate::exc::R;
use keshi_value::{Ptr, Scalar, Val};

/// `str.len`
pub fn len(vm: &mut Vm, _a: &Val) -> R<i64> {
    Err(vm.unimplemented("str.len"))
}

/// `str.cat`
pub fn cat(vm: &mut Vm, _a: &Val, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("str.cat"))
}

/// `str.app`
pub fn append(vm: &mut Vm, _d: &mut Val, _a: &Val) -> R<()> {
    Err(vm.unimplemented("str.app"))
}

/// `str.eq`
pub fn eq(vm: &mut Vm, _a: &Val, _b: &Val) -> R<i64> {
    Err(vm.unimplemented("str.eq"))
}

/// `str.cmp`
pub fn cmp(vm: &mut Vm, _a: &Val, _b: &Val) -> R<i64> {
    Err(vm.unimplemented("str.cmp"))
}

/// `rt.concat`
pub fn concat(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.concat"))
}

/// `rt.stringify`
pub fn stringify(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.stringify"))
}

/// `rt.repeat`
pub fn repeat(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.repeat"))
}

/// `rt.repeat.l`
pub fn repeat_list(vm: &mut Vm, _b: Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.repeat.l"))
}

/// `rt.join`
pub fn join(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.join"))
}

/// `rt.sprintf`
pub fn sprintf(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.sprintf"))
}

/// `rt.lc`
pub fn lc(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.lc"))
}

/// `rt.uc`
pub fn uc(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.uc"))
}

/// `rt.lcfirst`
pub fn lcfirst(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.lcfirst"))
}

/// `rt.ucfirst`
pub fn ucfirst(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ucfirst"))
}

/// `rt.fc`
pub fn fc(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.fc"))
}

/// `rt.quotemeta`
pub fn quotemeta(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.quotemeta"))
}

/// `rt.length`
pub fn length(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.length"))
}

/// `rt.reverse`
pub fn reverse(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.reverse"))
}

/// `rt.index`
pub fn index(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.index"))
}

/// `rt.index.pos`
pub fn index_pos(vm: &mut Vm, _a: &mut Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.index.pos"))
}

/// `rt.rindex`
pub fn rindex(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.rindex"))
}

/// `rt.rindex.pos`
pub fn rindex_pos(vm: &mut Vm, _a: &mut Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.rindex.pos"))
}

/// `rt.substr.len`
pub fn substr_len(vm: &mut Vm, _a: &mut Val, _b: &Val, _c: &Val) -> R<()> {
    Err(vm.unimplemented("rt.substr.len"))
}

/// `rt.substr.repl`
pub fn substr_repl(vm: &mut Vm, _b: &mut Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.substr.repl"))
}

/// `rt.substr.lv`
pub fn substr_lv(vm: &mut Vm, _b: &mut Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.substr.lv"))
}

/// `rt.vec.n`
pub fn vec(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.vec.n"))
}

/// `rt.vec.lv`
pub fn vec_lv(vm: &mut Vm, _b: &mut Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.vec.lv"))
}

/// `rt.chop`
pub fn chop(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.chop"))
}

/// `rt.chop.n`
pub fn chop_list(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.chop.n"))
}

/// `rt.chomp`
pub fn chomp(vm: &mut Vm, _b: &mut Val) -> R<Val> {
    Err(vm.unimplemented("rt.chomp"))
}

/// `rt.chomp.n`
pub fn chomp_list(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.chomp.n"))
}

/// `rt.chomp.hv`
pub fn chomp_hv(vm: &mut Vm, _b: &Val, _chomp: u64) -> R<Val> {
    Err(vm.unimplemented("rt.chomp.hv"))
}

/// `rt.pack`
pub fn pack(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.pack"))
}

/// `rt.unpack.l`
pub fn unpack(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.unpack.l"))
}

/// `rt.unpack`
pub fn unpack_scalar(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.unpack"))
}

/// `rt.crypt`
pub fn crypt(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.crypt"))
}

/// `rt.trans`
pub fn trans(vm: &mut Vm, _b: &mut Val, _table: u32) -> R<Val> {
    Err(vm.unimplemented("rt.trans"))
}

/// `rt.trans.r`
pub fn trans_copy(vm: &mut Vm, _b: &Val, _table: u32) -> R<Val> {
    Err(vm.unimplemented("rt.trans.r"))
}

/// `rt.sprintf.1`
pub fn sprintf_one(vm: &mut Vm, _b: &Val, _format: u32) -> R<Val> {
    Err(vm.unimplemented("rt.sprintf.1"))
}

/// Text for messages: at most `max` characters, unprintable ones escaped as perl does.
pub fn display(b: &[u8], _utf8: bool, max: usize) -> String {
    String::from_utf8_lossy(&b[..b.len().min(max)]).into_owned()
}
pub fn substr_magic_get(vm: &mut Vm, _t: &Ptr<Scalar>, _off: i64, _len: Option<i64>) -> R<Val> {
    Err(vm.unimplemented("lvalue substr"))
}
pub fn substr_magic_set(
    vm: &mut Vm,
    _s: &Scalar,
    _t: &Ptr<Scalar>,
    _off: i64,
    _len: Option<i64>,
    _v: Val,
) -> R<()> {
    Err(vm.unimplemented("lvalue substr"))
}
pub fn vec_magic_get(vm: &mut Vm, _t: &Ptr<Scalar>, _off: u64, _bits: u32) -> R<Val> {
    Err(vm.unimplemented("lvalue vec"))
}
pub fn vec_magic_set(vm: &mut Vm, _t: &Ptr<Scalar>, _off: u64, _bits: u32, _v: Val) -> R<()> {
    Err(vm.unimplemented("lvalue vec"))
}

/// `str.sub`
pub fn sub_atom(vm: &mut Vm, _a: &Val, _o: i64, _n: u64) -> R<Val> {
    Err(vm.unimplemented("str.sub"))
}

/// `str.ord`
pub fn ord_atom(vm: &mut Vm, _a: &Val, _o: i64) -> R<i64> {
    Err(vm.unimplemented("str.ord"))
}

/// `str.chr`
pub fn chr_atom(vm: &mut Vm, _c: i64) -> R<Val> {
    Err(vm.unimplemented("str.chr"))
}

/// `rt.chr`
pub fn chr(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.chr"))
}

/// `rt.ord`
pub fn ord(vm: &mut Vm, _b: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.ord"))
}

/// `rt.substr`
pub fn substr(vm: &mut Vm, _b: &Val, _c: &Val) -> R<Val> {
    Err(vm.unimplemented("rt.substr"))
}

/// Concatenation of two strings in either encoding.
pub fn cat_bytes(a: &[u8], au: bool, b: &[u8], bu: bool) -> Val {
    let up = |s: &[u8], o: &mut Vec<u8>| {
        for &c in s {
            if c < 0x80 { o.push(c) } else { o.extend([0xc0 | (c >> 6), 0x80 | (c & 0x3f)]) }
        }
    };
    let mut o = Vec::with_capacity(a.len() + b.len());
    if au && !bu {
        o.extend_from_slice(a);
        up(b, &mut o);
    } else if bu && !au {
        up(a, &mut o);
        o.extend_from_slice(b);
    } else {
        o.extend_from_slice(a);
        o.extend_from_slice(b);
    }
    Val::str(&o, au || bu)
}

/// Appends bytes of the same encoding to a STR value, in place when it is not shared.
pub fn append_to(place: &mut Val, more: &[u8]) {
    // SAFETY-free: take the pointer out, append, put it back.
    let v = std::mem::take(place);
    if let Some(mut p) = v.to_ptr::<keshi_value::PStr>() {
        drop(v);
        keshi_value::PStr::append(&mut p, more);
        *place = Val::pstr(p);
    }
}
