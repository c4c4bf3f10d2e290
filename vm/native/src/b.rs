//! B: the everyday part. What a program can find out about its values, globs and subs; op trees do not exist
//! here, and the functions that walk them die.
//!
//! A B object is a blessed scalar with the address of what it describes; the scalar's string half is a
//! reference to that, so that nothing a B object describes can go away.

use crate::args::*;
use keshi_value::code::cvf;
use keshi_value::obj::{Kind, Obj};
use keshi_value::{Body, Code, Glob, Hash, Ptr, Scalar, Val, tag};
use keshi_vm::{R, Ret, Vm, Want};

const FUNCTIONS: &[Def] = &[
    ("svref_2object", svref_2object, None),
    ("sv_undef", special, None),
    ("sv_yes", special, None),
    ("sv_no", special, None),
    ("main_root", special, None),
    ("main_start", special, None),
    ("perlstring", perlstring, None),
    ("cstring", cstring, None),
    ("cchar", cchar, None),
    ("cast_I32", cast_i32, None),
    ("sub_generation", zero, None),
    ("amagic_generation", zero, None),
    ("dowarn", dowarn, None),
    ("defstash", defstash, None),
    ("curstash", defstash, None),
    ("inc_gv", inc_gv, None),
    ("address", address, None),
];

/// Functions that need op trees or the tables that describe them.
const MISSING: &[&str] = &[
    "opnumber",
    "ppname",
    "walkoptree",
    "walkoptree_debug",
    "comppadlist",
    "main_cv",
    "minus_c",
    "save_BEGINs",
    "hash",
    "threadsv_names",
    "begin_av",
    "init_av",
    "check_av",
    "end_av",
    "unitcheck_av",
    "regex_padav",
    "warnhook",
    "diehook",
    "formfeed",
];

/// Values of perl's flag words.
const CONSTANTS: &[(&str, i64)] = &[
    ("SVf_IOK", 0x100),
    ("SVf_NOK", 0x200),
    ("SVf_POK", 0x400),
    ("SVf_ROK", 0x800),
    ("SVp_IOK", 0x1000),
    ("SVp_NOK", 0x2000),
    ("SVp_POK", 0x4000),
    ("SVp_SCREAM", 0x8000),
    ("SVf_PROTECT", 0x1_0000),
    ("SVs_PADTMP", 0x2_0000),
    ("SVs_PADSTALE", 0x4_0000),
    ("SVs_TEMP", 0x8_0000),
    ("SVs_OBJECT", 0x10_0000),
    ("SVs_GMG", 0x20_0000),
    ("SVs_SMG", 0x40_0000),
    ("SVs_RMG", 0x80_0000),
    ("SVf_FAKE", 0x100_0000),
    ("SVf_OOK", 0x200_0000),
    ("SVf_BREAK", 0x400_0000),
    ("SVf_READONLY", 0x800_0000),
    ("SVf_AMAGIC", 0x1000_0000),
    ("SVf_UTF8", 0x2000_0000),
    ("SVf_IVisUV", 0x8000_0000),
    ("SVTYPEMASK", 0xff),
    ("SVt_NULL", 0),
    ("SVt_IV", 1),
    ("SVt_NV", 2),
    ("SVt_PV", 3),
    ("SVt_INVLIST", 4),
    ("SVt_PVIV", 5),
    ("SVt_PVNV", 6),
    ("SVt_PVMG", 7),
    ("SVt_REGEXP", 8),
    ("SVt_PVGV", 9),
    ("SVt_PVLV", 10),
    ("SVt_PVAV", 11),
    ("SVt_PVHV", 12),
    ("SVt_PVCV", 13),
    ("SVt_PVFM", 14),
    ("SVt_PVIO", 15),
    ("SVt_PVOBJ", 16),
    ("CVf_NOWARN_AMBIGUOUS", 1),
    ("CVf_LVALUE", 2),
    ("CVf_CONST", 4),
    ("CVf_ISXSUB", 8),
    ("CVf_WEAKOUTSIDE", 0x10),
    ("CVf_CLONE", 0x20),
    ("CVf_CLONED", 0x40),
    ("CVf_ANON", 0x80),
    ("CVf_UNIQUE", 0x100),
    ("CVf_NODEBUG", 0x200),
    ("CVf_NAMED", 0x8000),
    ("CVf_IsMETHOD", 0x10_0000),
    ("GVf_MULTI", 1),
    ("GVf_IMPORTED_SV", 0x10),
    ("GVf_IMPORTED_AV", 0x20),
    ("GVf_IMPORTED_HV", 0x40),
    ("GVf_IMPORTED_CV", 0x80),
    ("OPf_WANT", 3),
    ("OPf_WANT_VOID", 1),
    ("OPf_WANT_SCALAR", 2),
    ("OPf_WANT_LIST", 3),
    ("OPf_KIDS", 4),
    ("OPf_PARENS", 8),
    ("OPf_REF", 0x10),
    ("OPf_MOD", 0x20),
    ("OPf_STACKED", 0x40),
    ("OPf_SPECIAL", 0x80),
    ("PMf_MULTILINE", 1),
    ("PMf_SINGLELINE", 2),
    ("PMf_FOLD", 4),
    ("PMf_EXTENDED", 8),
    ("PMf_EXTENDED_MORE", 0x10),
    ("PMf_NOCAPTURE", 0x20),
    ("PMf_KEEPCOPY", 0x40),
];

const METHODS: &[(&str, &[Def])] = &[
    (
        "B::SV",
        &[
            ("REFCNT", refcnt, None),
            ("FLAGS", flags, None),
            ("SvTYPE", sv_type, None),
            ("POK", pok, None),
            ("ROK", rok, None),
            ("MAGICAL", magical, None),
            ("object_2svref", object_2svref, None),
            ("TRUE", is_true, None),
        ],
    ),
    (
        "B::IV",
        &[
            ("IV", value_iv, None),
            ("IVX", value_iv, None),
            ("UVX", value_uv, None),
            ("needs64bits", needs64, None),
            ("RV", value_rv, None),
        ],
    ),
    ("B::NV", &[("NV", value_nv, None), ("NVX", value_nv, None)]),
    (
        "B::PV",
        &[
            ("PV", value_pv, None),
            ("PVX", value_pv, None),
            ("as_string", value_pv, None),
            ("CUR", pv_len, None),
            ("LEN", pv_room, None),
            ("RV", value_rv, None),
        ],
    ),
    ("B::PVMG", &[("SvSTASH", sv_stash, None)]),
    ("B::REGEXP", &[("precomp", re_text, None), ("PV", re_text, None)]),
    (
        "B::AV",
        &[
            ("FILL", av_fill, None),
            ("MAX", av_fill, None),
            ("ARRAY", av_array, None),
            ("ARRAYelt", av_elt, None),
        ],
    ),
    (
        "B::HV",
        &[
            ("KEYS", hv_keys, None),
            ("FILL", hv_keys, None),
            ("MAX", hv_max, None),
            ("NAME", hv_name, None),
            ("ENAME", hv_name, None),
            ("ARRAY", hv_array, None),
        ],
    ),
    (
        "B::GV",
        &[
            ("NAME", gv_name, None),
            ("STASH", gv_stash, None),
            ("SV", gv_sv, None),
            ("AV", gv_av, None),
            ("HV", gv_hv, None),
            ("CV", gv_cv, None),
            ("IO", gv_io, None),
            ("FORM", gv_form, None),
            ("EGV", gv_egv, None),
            ("LINE", zero, None),
            ("FILE", gv_file, None),
            ("GvFLAGS", gv_flags, None),
            ("is_empty", no, None),
            ("isGV_with_GP", yes, None),
        ],
    ),
    (
        "B::CV",
        &[
            ("GV", cv_gv, None),
            ("STASH", cv_stash, None),
            ("START", cv_start, None),
            ("ROOT", cv_root, None),
            ("FILE", cv_file, None),
            ("DEPTH", cv_depth, None),
            ("CvFLAGS", cv_flags, None),
            ("XSUB", cv_xsub, None),
            ("XSUBANY", cv_const, None),
            ("const_sv", cv_const, None),
            ("NAME_HEK", undefined, None),
            ("PADLIST", special, None),
            ("OUTSIDE", special, None),
        ],
    ),
    ("B::IO", &[("LINES", io_lines, None)]),
    (
        "B::COP",
        &[
            ("line", cop_line, None),
            ("file", cv_file, None),
            ("stashpv", cop_stashpv, None),
            ("stash", cv_stash, None),
            ("name", cop_name, None),
        ],
    ),
    (
        "B::OP",
        &[
            ("next", special, None),
            ("sibling", special, None),
            ("first", special, None),
            ("name", cop_name, None),
        ],
    ),
];

pub fn boot(vm: &mut Vm) -> R<()> {
    define(vm, "B", FUNCTIONS);
    for name in MISSING {
        vm.define_native(&format!("B::{name}"), missing, None);
    }
    for (class, methods) in METHODS {
        define(vm, class, methods);
    }
    define_constants(vm, "B", CONSTANTS);
    let exports = vm.gv_str("B::EXPORT_OK").array().clone();
    for (name, _) in CONSTANTS {
        exports.push(Val::text(name));
    }
    Ok(())
}

fn missing(vm: &mut Vm, _a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = vm.sub_full_name(c).unwrap_or_default();
    Err(vm.unimplemented(&name))
}
fn zero(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(0)
}
fn no(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(false)
}
fn yes(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    yes_no(true)
}
fn undefined(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    undef()
}

// ---- objects

fn blessed_into(vm: &mut Vm, class: &str, inner: Val) -> Val {
    let r = Val::reference(Scalar::new(inner));
    if let (Some(st), Some(h)) = (vm.stash(class.as_bytes(), false, true), r.hdr()) {
        h.bless(st);
    }
    r
}

/// The object for what `target` refers to.
fn object(vm: &mut Vm, class: &str, target: Val) -> Val {
    let addr = Val::uint(target.addr());
    blessed_into(vm, class, dual(addr, target))
}

/// The object that stands for nothing: its scalar is 0.
fn nothing(vm: &mut Vm) -> Val {
    blessed_into(vm, "B::SPECIAL", Val::int(0))
}

fn special(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(nothing(vm))
}

fn optional<T: Obj>(vm: &mut Vm, class: &str, p: Option<Ptr<T>>) -> R<Ret> {
    ok(match p {
        Some(p) => object(vm, class, Val::reference(p)),
        None => nothing(vm),
    })
}

/// The class that describes what `r` refers to.
fn class_of(vm: &mut Vm, r: &Val) -> &'static str {
    match r.kind() {
        Kind::ARRAY => "B::AV",
        Kind::HASH => "B::HV",
        Kind::CODE => "B::CV",
        Kind::GLOB => "B::GV",
        Kind::IO => "B::IO",
        Kind::OBJECT => "B::OBJ",
        _ if r.as_regex().is_some() => "B::REGEXP",
        _ => match r.as_scalar() {
            Some(s) if s.peek().tag() == tag::GLOB => "B::GV",
            Some(s) if vm.blessed_name(r).is_some() || s.hdr().is_magical() => "B::PVMG",
            Some(s) => match s.peek().tag() {
                tag::UNDEF => "B::NULL",
                tag::NUM => "B::NV",
                tag::STR => "B::PV",
                tag::DUAL if s.peek().as_dual().is_some_and(|d| d.vstring.is_some()) => "B::PVMG",
                tag::DUAL | tag::BOOL => "B::PVNV",
                _ => "B::IV",
            },
            None => "B::PVMG",
        },
    }
}

fn svref_2object(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = arg(vm, a, 0)?;
    if !r.is_ref() {
        return Err(vm.die_text("argument is not a reference"));
    }
    let class = class_of(vm, &r);
    // A reference to a scalar that holds a glob describes the glob.
    let target = match r.as_scalar().and_then(|s| s.peek().gv()) {
        Some(g) if class == "B::GV" => Val::reference(g),
        _ => r,
    };
    ok(object(vm, class, target))
}

/// The reference inside the object that is argument 0.
fn target(vm: &mut Vm, a: &Args) -> R<Val> {
    let me = arg(vm, a, 0)?;
    let inner = me.as_scalar().filter(|_| me.is_ref()).map(|s| s.get()).unwrap_or_default();
    match inner.as_dual() {
        Some(d) if d.str.is_ref() => Ok(d.str.clone()),
        _ => Err(vm.die_text("This B object describes nothing")),
    }
}

/// The value of the scalar described.
fn value(vm: &mut Vm, a: &Args) -> R<Val> {
    let r = target(vm, a)?;
    Ok(r.as_scalar().map(|s| s.get()).unwrap_or_default())
}

fn glob(vm: &mut Vm, a: &Args) -> R<Ptr<Glob>> {
    match target(vm, a)?.gv() {
        Some(g) => Ok(g),
        None => Err(vm.die_text("gv is not of type B::GV")),
    }
}

fn sub(vm: &mut Vm, a: &Args) -> R<Ptr<Code>> {
    match target(vm, a)?.cv() {
        Some(c) => Ok(c),
        None => Err(vm.die_text("cv is not of type B::CV")),
    }
}

fn hash_of(vm: &mut Vm, a: &Args) -> R<Ptr<Hash>> {
    match target(vm, a)?.hv() {
        Some(h) => Ok(h),
        None => Err(vm.die_text("hv is not of type B::HV")),
    }
}

// ---- any value

fn refcnt(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    // The object's own reference and the one just made do not count.
    int(r.hdr().map_or(1, |h| i64::from(h.rc.get()).saturating_sub(2).max(1)))
}

/// perl's flag word of a value; the low byte is the type.
fn flag_word(vm: &mut Vm, r: &Val) -> u64 {
    let Some(h) = r.hdr() else { return 0 };
    let mut f: u64 = 0;
    if h.stash().is_some() {
        f |= 0x10_0000;
    }
    if h.is_magical() {
        f |= 0xe0_0000;
    }
    if let Some(s) = r.as_scalar() {
        if s.is_readonly() {
            f |= 0x800_0000;
        }
        let v = s.peek();
        let string = |v: &Val| if v.as_str().is_some_and(|s| s.utf8()) { 0x2000_4400 } else { 0x4400 };
        f |= match v.tag() {
            tag::INT => 0x1100,
            tag::UINT => 0x8000_1100,
            tag::NUM => 0x2200,
            tag::BOOL => 0x7700,
            tag::STR => string(v),
            tag::REF | tag::CODE => 0x800,
            tag::DUAL => {
                let d = v.as_dual().expect("DUAL");
                let number = match d.num.tag() {
                    _ if d.vstring.is_some() => 0xe0_0000,
                    tag::NUM => 0x2200,
                    tag::UINT => 0x8000_1100,
                    _ => 0x1100,
                };
                number | string(&d.str)
            }
            _ => 0,
        };
    }
    f | match class_of(vm, r) {
        "B::NULL" => 0,
        "B::IV" => 1,
        "B::NV" => 2,
        "B::PV" => 3,
        "B::PVNV" => 6,
        "B::REGEXP" => 8,
        "B::GV" => 9,
        "B::AV" => 11,
        "B::HV" => 12,
        "B::CV" => 13,
        "B::IO" => 15,
        "B::OBJ" => 16,
        _ => 7,
    }
}

fn flags(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    int(flag_word(vm, &r) as i64)
}
fn sv_type(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    int((flag_word(vm, &r) & 0xff) as i64)
}
fn masked(vm: &mut Vm, a: &Args, mask: u64) -> R<Ret> {
    let r = target(vm, a)?;
    int((flag_word(vm, &r) & mask) as i64)
}
fn pok(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    masked(vm, a, 0x4400)
}
fn rok(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    masked(vm, a, 0x800)
}
fn magical(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    masked(vm, a, 0xe0_0000)
}
fn object_2svref(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(target(vm, a)?)
}
fn is_true(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    yes_no(vm.truth(&v)?)
}
fn sv_stash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    let stash = r.hdr().and_then(|h| h.stash().cloned());
    optional(vm, "B::HV", stash)
}

// ---- scalars

fn value_iv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    int(vm.to_iv_quiet(&v)?)
}
fn value_uv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    ok(Val::uint(vm.to_iv_quiet(&v)? as u64))
}
fn value_nv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    ok(Val::num(vm.to_nv(&v)?))
}
fn needs64(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    let n = vm.to_iv_quiet(&v)?;
    yes_no(i32::try_from(n).is_err())
}
fn value_rv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    if !v.is_ref() {
        return Err(vm.die_text("argument is not SvROK"));
    }
    let class = class_of(vm, &v);
    ok(object(vm, class, v))
}
fn value_pv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // The string half of a value; a plain number has none.
    let v = value(vm, a)?;
    ok(match v.tag() {
        tag::STR => v,
        tag::DUAL => v.as_dual().expect("DUAL").str.clone(),
        tag::BOOL => vm.to_str_val(&v)?,
        _ => Val::undef(),
    })
}
fn pv_len(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    int(vm.str_bytes_quiet(&v)?.0.len() as i64)
}
fn pv_room(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = value(vm, a)?;
    int(vm.str_bytes_quiet(&v)?.0.len() as i64 + 1)
}
fn re_text(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    ok(r.as_regex().map(|x| x.text.clone()).unwrap_or_default())
}

// ---- arrays and hashes

fn av_fill(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = target(vm, a)?;
    int(r.as_av().map_or(-1, |x| x.len() as i64 - 1))
}
fn element(vm: &mut Vm, list: &Args, i: usize) -> Val {
    let cell = cell(list, i);
    let r = Val::reference(cell);
    let class = class_of(vm, &r);
    object(vm, class, r)
}
fn av_array(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let Some(av) = target(vm, a)?.av() else { return list(vec![]) };
    let all = (0..av.len()).map(|i| element(vm, &av, i)).collect();
    list(all)
}
fn av_elt(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let i = iv(vm, a, 1)?;
    match target(vm, a)?.av() {
        Some(av) if i >= 0 && (i as usize) < av.len() => ok(element(vm, &av, i as usize)),
        _ => ok(nothing(vm)),
    }
}
fn hv_keys(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    int(h.len() as i64)
}
fn hv_max(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    int(h.len().next_power_of_two().max(8) as i64 - 1)
}
fn hv_name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    ok(vm.stash_name(&h))
}
fn hv_array(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let h = hash_of(vm, a)?;
    let mut out = Vec::new();
    for k in vm.hv_keys(&h)? {
        let v = vm.hv_get(&h, &k)?;
        let r = Val::reference(Scalar::new(v));
        let class = class_of(vm, &r);
        out.push(k);
        out.push(object(vm, class, r));
    }
    list(out)
}

// ---- globs

fn gv_name(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(glob(vm, a)?.name.clone())
}
fn stash_named(vm: &mut Vm, name: &Val) -> R<Ret> {
    let stash = match name.as_str() {
        // One that is there is taken as it is: `undef %Foo::` took its name away.
        Some(s) => match vm.stash(s.bytes(), s.utf8(), false) {
            None => vm.stash(s.bytes(), s.utf8(), true),
            found => found,
        },
        None => None,
    };
    optional(vm, "B::HV", stash)
}
fn gv_stash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let name = glob(vm, a)?.stash.get().clone().unwrap_or_default();
    stash_named(vm, &name)
}
fn gv_sv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let r = Val::reference(glob(vm, a)?.scalar().clone());
    let class = class_of(vm, &r);
    ok(object(vm, class, r))
}
fn gv_av(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.av.get().clone();
    optional(vm, "B::AV", p)
}
fn gv_hv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.hv.get().clone();
    optional(vm, "B::HV", p)
}
fn gv_cv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.cv.get().clone();
    optional(vm, "B::CV", p)
}
fn gv_io(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.io.get().clone();
    optional(vm, "B::IO", p)
}
fn gv_form(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let p = glob(vm, a)?.form.get().clone();
    optional(vm, "B::FM", p)
}
fn gv_egv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let g = glob(vm, a)?;
    optional(vm, "B::GV", Some(g))
}
fn gv_file(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let file = glob(vm, a)?.cv.get().as_ref().map(|c| c.file.get().clone());
    ok(file.unwrap_or_else(|| Val::bytes("-")))
}
fn gv_flags(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    // The import bits are the low half here, the high half there.
    let f = i64::from(glob(vm, a)?.flags.get());
    int(((f & 0xf) << 4) | ((f >> 4) & 1))
}
fn io_lines(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(target(vm, a)?.io().map_or(0, |io| io.lines.get()))
}

// ---- subs

fn cv_gv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    if let Some(g) = c.glob.get().clone() {
        return optional(vm, "B::GV", Some(g));
    }
    // An anonymous sub: the glob `__ANON__` of its package.
    let package = c.package.get().as_str().map_or_else(|| b"main".to_vec(), |s| s.bytes().to_vec());
    let name = c.name.get().as_str().map_or_else(|| b"__ANON__".to_vec(), |s| s.bytes().to_vec());
    let full = [&package[..], b"::", &name].concat();
    let g = vm.gv(&full, !full.is_ascii());
    optional(vm, "B::GV", Some(g))
}
fn cv_stash(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    let package = match c.package.get().clone() {
        p if p.is_undef() => c.glob.get().as_ref().and_then(|g| g.stash.get().clone()).unwrap_or_default(),
        p => p,
    };
    stash_named(vm, &package)
}
fn is_perl(c: &Code) -> bool {
    matches!(c.body.get(), Body::Chunk(_))
}
fn cv_start(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    ok(if is_perl(&c) {
        object(vm, "B::COP", Val::reference(c))
    } else {
        blessed_into(vm, "B::NULL", Val::int(0))
    })
}
fn cv_root(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    ok(if is_perl(&c) {
        object(vm, "B::OP", Val::reference(c))
    } else {
        blessed_into(vm, "B::NULL", Val::int(0))
    })
}
fn cv_file(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(sub(vm, a)?.file.get().clone())
}
fn cv_depth(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(sub(vm, a)?.depth.get()))
}
fn cv_flags(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    let mut f = 0;
    for (ours, theirs) in [
        (cvf::LVALUE, 2),
        (cvf::CONST, 4),
        (cvf::ANON, 0x80),
        (cvf::CLONED, 0x40),
        (cvf::NODEBUG, 0x200),
        (cvf::CLASS_METHOD, 0x10_0000),
    ] {
        if c.has(ours) {
            f |= theirs;
        }
    }
    if !is_perl(&c) && c.is_defined() {
        f |= 8;
    }
    int(f)
}
fn cv_xsub(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    int(i64::from(!is_perl(&c) && c.is_defined()))
}
fn cv_const(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let c = sub(vm, a)?;
    let Body::Const(v) = c.body.get().clone() else { return ok(nothing(vm)) };
    let r = Val::reference(Scalar::new(v));
    let class = class_of(vm, &r);
    ok(object(vm, class, r))
}
fn cop_line(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(sub(vm, a)?.line.get()))
}
fn cop_stashpv(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(sub(vm, a)?.package.get().clone())
}
fn cop_name(_vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    ok(Val::bytes("nextstate"))
}

// ---- the interpreter

fn cast_i32(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(iv(vm, a, 0)? as i32))
}
fn dowarn(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    int(i64::from(vm.dash_w))
}
fn defstash(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    stash_named(vm, &Val::bytes("main"))
}
fn inc_gv(vm: &mut Vm, _a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let g = vm.gv.inc.clone();
    optional(vm, "B::GV", Some(g))
}
fn address(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    ok(Val::uint(v.addr()))
}

// ---- quoting

#[derive(Clone, Copy, PartialEq)]
enum Quote {
    Perl,
    C,
}

/// A character inside quotes; `next` decides about trigraphs.
fn escape(out: &mut Vec<u8>, b: u8, next: &[u8], style: Quote) {
    let short = match b {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        b'\n' => "\\n",
        b'\r' => "\\r",
        b'\t' => "\\t",
        7 => "\\a",
        8 => "\\b",
        0x0c => "\\f",
        0x0b if style == Quote::C => "\\v",
        b'$' if style == Quote::Perl => "\\$",
        b'@' if style == Quote::Perl => "\\@",
        _ => "",
    };
    if !short.is_empty() {
        out.extend_from_slice(short.as_bytes());
    } else if (b == b'?' && style == Quote::C && next.first() == Some(&b'?')) || !(b' '..=b'~').contains(&b) {
        out.extend_from_slice(format!("\\{b:03o}").as_bytes());
    } else {
        out.push(b);
    }
}

fn quoted(vm: &mut Vm, a: &Args, style: Quote) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if v.is_undef() {
        return ok(Val::bytes("0"));
    }
    let (s, utf8) = string(vm, a, 0)?;
    let mut out = b"\"".to_vec();
    if utf8 && style == Quote::Perl {
        for c in keshi_text::utf8::code_points(&s, true) {
            match u8::try_from(c) {
                Ok(b) if b.is_ascii() && (b >= b' ' || matches!(b, 7..=13)) && b != 0x7f && b != 0x0b => {
                    escape(&mut out, b, b"", style);
                }
                _ => out.extend_from_slice(format!("\\x{{{c:x}}}").as_bytes()),
            }
        }
    } else {
        for (i, b) in s.iter().enumerate() {
            escape(&mut out, *b, &s[i + 1..], style);
        }
    }
    out.push(b'"');
    ok(Val::bytes(out))
}
fn perlstring(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    quoted(vm, a, Quote::Perl)
}
fn cstring(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    quoted(vm, a, Quote::C)
}
fn cchar(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let s = bytes(vm, a, 0)?;
    let mut out = b"'".to_vec();
    match s.first() {
        Some(b'\'') => out.extend_from_slice(b"\\'"),
        Some(b'"') => out.push(b'"'),
        Some(b) => escape(&mut out, *b, b"", Quote::C),
        None => out.extend_from_slice(b"\\000"),
    }
    out.push(b'\'');
    ok(Val::bytes(out))
}
