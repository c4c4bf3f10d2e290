//! SDBM_File: hashes tied to sdbm files. The object is a blessed scalar that carries the open database and the
//! filters its keys and values go through.

use crate::args::*;
use keshi_io::Errno;
use keshi_io::sdbm::{PAIR_MAX, Sdbm, StoreError};
use keshi_value::obj::Obj;
use keshi_value::{Array, Scalar, Val};
use keshi_vm::{R, Ret, Vm, Want};

struct State {
    db: Sdbm,
    filters: [Option<Cv>; 4],
    /// A filter is running: it must not use the hash itself.
    filtering: bool,
}

/// Names of the filters, in the order of [`State::filters`].
const FILTERS: [&str; 4] =
    ["filter_fetch_key", "filter_store_key", "filter_fetch_value", "filter_store_value"];
const FETCH_KEY: usize = 0;
const STORE_KEY: usize = 1;
const FETCH_VALUE: usize = 2;
const STORE_VALUE: usize = 3;

pub fn boot(vm: &mut Vm) -> R<()> {
    let subs: &[Def] = &[
        ("TIEHASH", tie, None),
        ("DESTROY", destroy, None),
        ("FETCH", fetch, None),
        ("STORE", store, None),
        ("DELETE", delete, None),
        ("EXISTS", exists, None),
        ("FIRSTKEY", first_key, None),
        ("NEXTKEY", next_key, None),
        (FILTERS[0], set_filter, None),
        (FILTERS[1], set_filter, None),
        (FILTERS[2], set_filter, None),
        (FILTERS[3], set_filter, None),
    ];
    define(vm, "SDBM_File", subs);
    define_constants(vm, "SDBM_File", &[("PAIRMAX", PAIR_MAX as i64)]);
    for (name, value) in [("PAGFEXT", ".pag"), ("DIRFEXT", ".dir")] {
        define_constant(vm, "SDBM_File", name, Val::bytes(value));
    }
    Ok(())
}

fn tie(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 4, 5, "SDBM_File::TIEHASH(dbtype, filename, flags, mode, pagname=NULL)")?;
    let class = arg(vm, a, 0)?;
    let name = bytes(vm, a, 1)?;
    let (flags, mode) = (iv(vm, a, 2)?, iv(vm, a, 3)?);
    // With a fifth argument the names are complete.
    let (dir, pag) = match a.len() {
        5 => (name, bytes(vm, a, 4)?),
        _ => ([&name[..], b".dir"].concat(), [&name[..], b".pag"].concat()),
    };
    let db = match Sdbm::open(&dir, &pag, flags as i32, mode as u32) {
        Ok(db) => db,
        Err(e) => {
            vm.errno(e);
            return undef();
        }
    };
    let s = Scalar::new(Val::undef());
    let state = State { db, filters: [const { None }; 4], filtering: false };
    s.hdr().ext_mut().magic.push(Box::new(state));
    let r = Val::reference(s);
    let (n, u) = vm.str_bytes(&class)?;
    if let (Some(st), Some(h)) = (vm.stash(&n, u, true), r.hdr()) {
        h.bless(st);
    }
    ok(r)
}

fn state<'a>(vm: &mut Vm, v: &'a Val, c: &Cv) -> R<&'a mut State> {
    let found = v
        .hdr()
        .filter(|h| v.is_ref() && h.ext().is_some())
        .and_then(|h| h.ext_mut().magic.iter_mut().find_map(|m| m.downcast_mut::<State>()));
    if let Some(s) = found {
        return Ok(s);
    }
    let what = match v.is_ref() {
        true => "".into(),
        false => format!("scalar {}", vm.text_of(v)?),
    };
    let name = name_of(c);
    let msg = format!("SDBM_File::{name}: Expected db to be of type SDBM_File; got {what} instead");
    Err(vm.die_text(&msg))
}

fn name_of(c: &Cv) -> String {
    match c.glob.get().as_ref().and_then(|g| g.name.as_str()) {
        Some(n) => String::from_utf8_lossy(n.bytes()).into_owned(),
        None => String::new(),
    }
}

/// A value after its filter, which sees it as `$_`.
fn filtered(vm: &mut Vm, db: &Val, c: &Cv, which: usize, v: Val) -> R<Val> {
    let st = state(vm, db, c)?;
    let Some(code) = st.filters[which].clone() else { return Ok(v) };
    if st.filtering {
        return Err(vm.die_text(&format!("recursion detected in {}", FILTERS[which])));
    }
    st.filtering = true;
    let g = vm.gv.defgv.clone();
    let r = with_scalars(vm, std::slice::from_ref(&g), |vm| {
        let topic = Scalar::new(v);
        g.sv.set(Some(topic.clone()));
        vm.call(&code, Array::new(), Want::Void)?;
        vm.get_sv(&topic)
    });
    state(vm, db, c)?.filtering = false;
    r
}

/// Argument `i` on its way into the file.
fn outgoing(vm: &mut Vm, a: &Args, c: &Cv, i: usize, which: usize) -> R<Vec<u8>> {
    let db = arg(vm, a, 0)?;
    let v = arg(vm, a, i)?;
    let v = filtered(vm, &db, c, which, v)?;
    if v.is_undef() { Ok(Vec::new()) } else { vm.octets_of(&v, "subroutine entry") }
}

fn failed(vm: &mut Vm, e: Errno) -> R<Ret> {
    vm.errno(e);
    undef()
}

fn incoming(vm: &mut Vm, a: &Args, c: &Cv, which: usize, r: keshi_io::Res<Option<Vec<u8>>>) -> R<Ret> {
    match r {
        Ok(Some(b)) => {
            let db = arg(vm, a, 0)?;
            ok(filtered(vm, &db, c, which, Val::bytes(b))?)
        }
        Ok(None) => undef(),
        Err(e) => failed(vm, e),
    }
}

fn destroy(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let v = arg(vm, a, 0)?;
    if let Some(h) = v.hdr().filter(|h| v.is_ref() && h.ext().is_some()) {
        h.ext_mut().magic.retain(|m| !m.is::<State>());
    }
    ok(Val::undef())
}

fn fetch(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let key = outgoing(vm, a, c, 1, STORE_KEY)?;
    let db = arg(vm, a, 0)?;
    let r = state(vm, &db, c)?.db.fetch(&key);
    incoming(vm, a, c, FETCH_VALUE, r)
}

fn store(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let key = outgoing(vm, a, c, 1, STORE_KEY)?;
    let value = outgoing(vm, a, c, 2, STORE_VALUE)?;
    let db = arg(vm, a, 0)?;
    let e = match state(vm, &db, c)?.db.store(&key, &value) {
        Ok(()) => return int(0),
        Err(StoreError::Sys(e)) => e,
        Err(StoreError::Full) => {
            vm.write_stderr(b"sdbm: cannot insert after SPLTMAX attempts.\n");
            Errno(libc::EINVAL)
        }
    };
    vm.errno(e);
    if e.0 == libc::EPERM {
        return Err(vm.die_text("No write permission to sdbm file"));
    }
    let key = String::from_utf8_lossy(&key).into_owned();
    Err(vm.die_text(&format!("sdbm store returned -1, errno {}, key \"{key}\"", e.0)))
}

fn delete(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let key = outgoing(vm, a, c, 1, STORE_KEY)?;
    let db = arg(vm, a, 0)?;
    match state(vm, &db, c)?.db.delete(&key) {
        Ok(there) => int(if there { 0 } else { -1 }),
        Err(e) => {
            vm.errno(e);
            int(-1)
        }
    }
}

fn exists(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let key = outgoing(vm, a, c, 1, STORE_KEY)?;
    let db = arg(vm, a, 0)?;
    match state(vm, &db, c)?.db.fetch(&key) {
        Ok(v) => int(v.is_some().into()),
        Err(e) => failed(vm, e),
    }
}

fn first_key(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let db = arg(vm, a, 0)?;
    let r = state(vm, &db, c)?.db.first_key();
    incoming(vm, a, c, FETCH_KEY, r)
}

fn next_key(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let db = arg(vm, a, 0)?;
    let r = state(vm, &db, c)?.db.next_key();
    incoming(vm, a, c, FETCH_KEY, r)
}

/// Sets or, with undef, removes the filter that the sub's name means; gives back the one before.
fn set_filter(vm: &mut Vm, a: &Args, _w: Want, c: &Cv) -> R<Ret> {
    let name = name_of(c);
    count(vm, a, 2, 2, &format!("SDBM_File::{name}(db, code)"))?;
    let v = arg(vm, a, 1)?;
    let new = if v.is_undef() { None } else { Some(code(vm, a, 1)?) };
    let db = arg(vm, a, 0)?;
    let i = FILTERS.iter().position(|f| *f == name).unwrap_or(FETCH_KEY);
    let old = std::mem::replace(&mut state(vm, &db, c)?.filters[i], new);
    ok(old.map_or(Val::undef(), Val::reference))
}
