//! Process-wide state Perl code sees through magic: `%ENV`, `%SIG`, `$!`, user and group ids.

use crate::Vm;
use crate::exc::{R, Want};
use crate::magic::Special;
use crate::warn::cat;
use keshi_io::errno::{Errno, NAMES};
use keshi_io::{process, signals, users};
use keshi_value::hash::Key;
use keshi_value::obj::{PENDING, pending};
use keshi_value::scalar::Dual;
use keshi_value::{Array, Val};

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    /// `$!` as Perl code left it; system calls set it through `set_errno`.
    pub errno: i32,
    /// This process is a fork of the one the interpreter was made in: other threads are gone.
    pub forked: bool,
}

/// Fills `%ENV` and `%SIG`, makes signals known to the dispatch loop.
pub fn init(vm: &mut Vm) {
    process::complete_standard_handles();
    super::math::init(vm);
    let env = vm.gv.env.hash().clone();
    for (k, v) in process::environment() {
        env.set_raw(&Key::new(&k, false), Val::bytes(&v));
    }
    let unicode = vm.gv(b"main::\x15NICODE", false).scalar().get();
    if unicode.is_int() && unicode.as_i64() > 0 {
        // Only a handler of an encoding warning could fail, and no layer here encodes.
        let _ = super::io::apply_unicode(vm, unicode.as_i64() as u32);
    }
    signals::notify(&PENDING, pending::SIGNAL);
    let sig = vm.gv.sig.hash().clone();
    for (name, n) in signals::all() {
        if n == 0 {
            continue;
        }
        let ignored = signals::get(n).is_ok_and(|a| a == signals::Action::Ignore);
        let v = if ignored { Val::bytes("IGNORE") } else { Val::undef() };
        sig.set_raw(&Key::ascii(&name), v);
    }
}

/// After `fork`, in the child.
pub fn in_child(vm: &mut Vm) {
    vm.rtstate.sys.forked = true;
    // `$$` tells the new process again, even if it was assigned to.
    vm.gv_str("main::$").scalar().set(Val::undef());
    super::math::forked(vm, true);
}

pub fn set_errno(vm: &mut Vm, n: i32) {
    vm.rtstate.sys.errno = n;
    Errno(n).set();
}

/// `$!`: number and message.
pub fn errno_val(vm: &mut Vm) -> Val {
    let n = vm.rtstate.sys.errno;
    Val::dual(Dual::new(Val::int(n as i64), Val::text(&Errno(n).message()), None))
}

// ---- user and group ids

pub fn ids_get(_vm: &mut Vm, sp: Special) -> Val {
    let ((uid, euid), (gid, egid)) = (users::uids(), users::gids());
    let with_groups = |g: u32| {
        let mut text = g.to_string();
        for s in users::groups().unwrap_or_default() {
            text.push_str(&format!(" {s}"));
        }
        Val::dual(Dual::new(Val::int(g as i64), Val::text(&text), None))
    };
    match sp {
        Special::Uid => Val::int(uid as i64),
        Special::Euid => Val::int(euid as i64),
        Special::Gid => with_groups(gid),
        _ => with_groups(egid),
    }
}

pub fn ids_set(vm: &mut Vm, sp: Special, v: &Val) -> R<()> {
    let r = match sp {
        Special::Uid => users::setreuid(Some(vm.to_iv_quiet(v)? as u32), None),
        Special::Euid => users::setreuid(None, Some(vm.to_iv_quiet(v)? as u32)),
        Special::Gid => users::setregid(Some(vm.to_iv_quiet(v)? as u32), None),
        _ => {
            // `$) = "egid group group …"`: the rest is the list of supplementary groups.
            let t = vm.text_of(v)?;
            let mut words = t.split_ascii_whitespace().map(|w| w.parse::<i64>().unwrap_or(0) as u32);
            let egid = words.next().unwrap_or(0);
            let rest: Vec<u32> = words.collect();
            let groups = if rest.is_empty() { Ok(()) } else { users::setgroups(&rest) };
            groups.and(users::setregid(None, Some(egid)))
        }
    };
    if let Err(e) = r {
        set_errno(vm, e.0);
    }
    Ok(())
}

// ---- %!

pub fn errno_hash_get(vm: &mut Vm, k: &Val) -> R<Val> {
    let name = vm.text_of(k)?;
    let now = vm.rtstate.sys.errno;
    Ok(match Errno::by_name(&name) {
        Some(e) if e.0 == now && now != 0 => Val::int(now as i64),
        Some(_) => Val::int(0),
        None => Val::bytes(""),
    })
}

pub fn errno_hash_exists(vm: &mut Vm, k: &Val) -> R<bool> {
    let name = vm.text_of(k)?;
    Ok(Errno::by_name(&name).is_some())
}

pub fn errno_hash_keys(_vm: &mut Vm) -> R<Vec<Val>> {
    Ok(NAMES.iter().map(|(n, _)| Val::bytes(n)).collect())
}

// ---- %ENV

/// A string for the world outside, and whether it has characters that have no byte: those make it utf8.
pub fn external_bytes(vm: &mut Vm, v: &Val) -> R<(Vec<u8>, bool)> {
    let (b, u) = vm.str_bytes_quiet(v)?;
    let k = Key::new(&b, u);
    Ok((k.bytes.to_vec(), k.utf8))
}

/// An element of `%ENV` is stored: what it is as bytes. `wide`: the key has wide characters.
pub fn env_value(vm: &mut Vm, wide: bool, v: &Val) -> R<Val> {
    if v.is_undef() {
        return Ok(v.clone());
    }
    let (b, wide_value) = external_bytes(vm, v)?;
    if wide {
        vm.warn_wide("setenv key (encoding to utf8)")?;
    }
    if wide_value {
        vm.warn_wide("setenv")?;
    }
    Ok(Val::bytes(&b[..]))
}

/// `%ENV` changed at `key`: C code (time zones, locale, FFI) sees it too.
pub fn env_changed(vm: &mut Vm, key: &[u8], v: Option<&Val>) -> R<()> {
    let value = match v {
        Some(v) if v.is_undef() => Some(Vec::new()),
        Some(v) => Some(vm.str_bytes_quiet(v)?.0.into_owned()),
        None => None,
    };
    process::set_env(key, value.as_deref());
    Ok(())
}

/// `%ENV` as `NAME=value`, for commands.
pub fn environment(vm: &mut Vm) -> R<Vec<Vec<u8>>> {
    let h = vm.gv.env.hash().clone();
    let mut out = Vec::new();
    for k in vm.hv_keys(&h)? {
        let v = vm.hv_get(&h, &k)?;
        let (mut entry, _) = external_bytes(vm, &k)?;
        entry.push(b'=');
        entry.extend_from_slice(&external_bytes(vm, &v)?.0);
        if !entry.contains(&0) {
            out.push(entry);
        }
    }
    Ok(out)
}

// ---- %SIG

/// `%SIG` changed at `key`.
pub fn sig_changed(vm: &mut Vm, key: &[u8], v: Option<&Val>) -> R<()> {
    if matches!(key, b"__DIE__" | b"__WARN__") {
        // A name without package means a sub in main, and reads back so.
        if let Some(v) = v.filter(|v| !v.is_undef() && !v.is_ref() && v.gv().is_none()) {
            let (b, u) = vm.str_bytes(v)?;
            if !b.is_empty() && !b.contains(&b':') && !b.contains(&b'\'') {
                let full = [b"main::".as_slice(), &b].concat();
                vm.gv.sig.hash().set(&Key::new(key, false), Val::str(&full, u));
            }
        }
        return Ok(());
    }
    let name = String::from_utf8_lossy(key).into_owned();
    let Some(n) = signals::number(&name).filter(|_| !name.starts_with("SIG")) else {
        let shown = name.replace('\0', "\\0");
        if name.starts_with("__") {
            // Taking a wrong name away is no mistake.
            return match v {
                Some(_) => Err(vm.die_text(&format!("No such hook: {shown}"))),
                None => Ok(()),
            };
        }
        return vm.warn(cat::SIGNAL, &format!("No such signal: SIG{shown}"));
    };
    // Another name of a signal shares the handler with the usual one.
    if let (Some(usual), Some(v)) = (signals::name(n).filter(|u| *u != name), v) {
        vm.gv.sig.hash().set(&Key::ascii(&usual), v.clone());
    }
    let mut action = signals::Action::Default;
    if let Some(v) = v.filter(|v| !v.is_undef()) {
        action = signals::Action::Handler;
        if v.cv().is_none() && v.gv().is_none() {
            let (b, u) = vm.str_bytes(v)?;
            match &b[..] {
                b"IGNORE" => action = signals::Action::Ignore,
                b"" | b"DEFAULT" => action = signals::Action::Default,
                // A name without package means a sub in main, and reads back so.
                b if !v.is_ref() && !b.contains(&b':') && !b.contains(&b'\'') => {
                    let full = [b"main::".as_slice(), b].concat();
                    vm.gv.sig.hash().set(&Key::new(key, false), Val::str(&full, u));
                }
                _ => {}
            }
        }
    }
    if let Err(e) = signals::set(n, action) {
        vm.rtstate.sys.errno = e.0;
    }
    Ok(())
}

/// Runs Perl handlers of the signals that arrived, each with its signal blocked.
pub fn run_signal_handlers(vm: &mut Vm) -> R<()> {
    for n in signals::take_pending() {
        let Some(name) = signals::name(n) else { continue };
        let Some(v) = handler(vm, n, &name) else { continue };
        let code = match v.cv() {
            Some(c) => Some(c),
            None => match v.gv() {
                Some(g) => g.cv.get().clone(),
                None => {
                    let (b, u) = vm.str_bytes(&v)?;
                    let full =
                        if b.contains(&b':') { b.into_owned() } else { [b"main::".as_slice(), &b].concat() };
                    vm.gv_find(&full, u, false).and_then(|g| g.cv.get().clone())
                }
            },
        };
        let Some(code) = code else {
            let shown = vm.text_of(&v)?;
            let shown = shown.rsplit("::").next().unwrap_or(&shown);
            vm.warn(cat::SIGNAL, &format!("SIG{name} handler \"{shown}\" not defined.\n"))?;
            continue;
        };
        let mask = signals::mask(libc::SIG_BLOCK, &[n]);
        let errno = vm.rtstate.sys.errno;
        let r = vm.call(&code, Array::from_vec(vec![Val::text(&name)]), Want::Void);
        vm.rtstate.sys.errno = errno;
        if mask.is_ok_and(|m| !m.contains(n)) {
            // Only this signal: the handler may have changed the rest of the mask on purpose.
            let _ = signals::mask(libc::SIG_UNBLOCK, &[n]);
        }
        r?;
    }
    Ok(())
}

/// The value of `%SIG` for a signal, under any of its names.
fn handler(vm: &mut Vm, n: i32, name: &str) -> Option<Val> {
    let sig = vm.gv.sig.hv.get().clone()?;
    let set = |k: &str| {
        sig.get_str(k).filter(|v| {
            !v.is_undef() && v.as_str().is_none_or(|s| !matches!(s.bytes(), b"" | b"DEFAULT" | b"IGNORE"))
        })
    };
    if let Some(v) = set(name) {
        return Some(v);
    }
    signals::all().into_iter().filter(|(_, v)| *v == n).find_map(|(k, _)| set(&k))
}
