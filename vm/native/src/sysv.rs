//! IPC::SysV: constants, attached shared memory, and the structures behind `stat`.
//!
//! An address that `shmat` gave travels through Perl as a packed pointer. `unsafe`: memory is read and written
//! only inside a segment attached through this module, whose size the kernel told.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::{R, Ret, Vm, Want};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::mem::{size_of, zeroed};

macro_rules! from_libc {
    ($($n:ident)*) => { &[$((stringify!($n), libc::$n as i64),)*] }
}

const CONSTANTS: &[(&str, i64)] = from_libc! {
    IPC_CREAT IPC_EXCL IPC_NOWAIT IPC_PRIVATE IPC_RMID IPC_SET IPC_STAT
    SHM_RDONLY SHM_RND
    S_IRUSR S_IWUSR S_IXUSR S_IRWXU S_IRGRP S_IWGRP S_IXGRP S_IRWXG S_IROTH S_IWOTH S_IXOTH S_IRWXO
    ENOSPC ENOSYS ENOMEM EACCES
};

#[cfg(target_os = "linux")]
const LINUX: &[(&str, i64)] = &[
    ("GETALL", 13),
    ("GETNCNT", 14),
    ("GETPID", 11),
    ("GETVAL", 12),
    ("GETZCNT", 15),
    ("SETALL", 17),
    ("SETVAL", 16),
    ("IPC_INFO", 3),
    ("MSG_EXCEPT", 0o20000),
    ("MSG_INFO", 12),
    ("MSG_NOERROR", 0o10000),
    ("MSG_STAT", 11),
    ("SEM_INFO", 19),
    ("SEM_STAT", 18),
    ("SEM_UNDO", 0x1000),
    ("SHM_DEST", 0o1000),
    ("SHM_EXEC", 0o100000),
    ("SHM_HUGETLB", 0o4000),
    ("SHM_INFO", 14),
    ("SHM_LOCK", 11),
    ("SHM_LOCKED", 0o2000),
    ("SHM_NORESERVE", 0o10000),
    ("SHM_R", 0o400),
    ("SHM_REMAP", 0o40000),
    ("SHM_STAT", 13),
    ("SHM_UNLOCK", 12),
    ("SHM_W", 0o200),
];
#[cfg(not(target_os = "linux"))]
const LINUX: &[(&str, i64)] = &[];

/// Names of IPC::SysV that exist on some system but not here.
const ELSEWHERE: &str = " IPC_ALLOC IPC_GETACL IPC_LOCKED IPC_M IPC_NOERROR IPC_ORGETACL IPC_R IPC_SETACL \
    IPC_SETLABEL IPC_W IPC_WANTED MSG_FWAIT MSG_LOCKED MSG_MWAIT MSG_QWAIT MSG_R MSG_RWAIT MSG_W MSG_WAIT \
    MSG_WWAIT SEM_A SEM_ALLOC SEM_DEST SEM_ERR SEM_ORDER SEM_R SHM_A SHM_CLEAR SHM_COPY SHM_DCACHE SHM_ECACHE \
    SHM_FMAP SHM_ICACHE SHM_INIT SHM_MAP SHM_NOSWAP SHM_REMOVED SHM_SHARE_MMU SHM_SHATTR SHM_SIZE ";

pub fn boot(vm: &mut Vm) -> R<()> {
    define(
        vm,
        "IPC::SysV",
        &[
            ("_constant", constant, None),
            ("ftok", ftok, None),
            ("shmat", shmat, None),
            ("shmdt", shmdt, None),
            ("memread", memread, None),
            ("memwrite", memwrite, None),
        ],
    );
    vm.define_native("IPC::Msg::stat::unpack", msg_stat, None);
    vm.define_native("IPC::Semaphore::stat::unpack", sem_stat, None);
    vm.define_native("IPC::SharedMem::stat::unpack", shm_stat, None);
    Ok(())
}

/// (error text or undef, value)
fn constant(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    let name = text(vm, a, 0)?;
    if name == "SHMLBA" {
        // SAFETY: a query of a number.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        return list(vec![Val::undef(), Val::int(page)]);
    }
    if let Some((_, v)) = CONSTANTS.iter().chain(LINUX).find(|(n, _)| *n == name) {
        return list(vec![Val::undef(), Val::int(*v)]);
    }
    let text = if ELSEWHERE.contains(&format!(" {name} ")) {
        format!("Your vendor has not defined IPC::SysV macro {name}, used")
    } else {
        format!("{name} is not a valid IPC::SysV macro")
    };
    list(vec![Val::text(&text), Val::undef()])
}

/// `ftok(path, id = 1)`; the id is a number or a character.
fn ftok(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 2, "IPC::SysV::ftok(path, id = &PL_sv_undef)")?;
    let path = bytes(vm, a, 0)?;
    let id = arg(vm, a, 1)?;
    let id = if id.is_undef() {
        1
    } else if id.tag() < keshi_value::tag::STR {
        vm.to_iv(&id)? as i32
    } else {
        match &bytes(vm, a, 1)?[..] {
            [one] => i32::from(*one),
            _ => return Err(vm.die_text("invalid id for ftok()")),
        }
    };
    let Ok(path) = std::ffi::CString::new(path) else { return undef() };
    // SAFETY: a terminated string.
    let key = unsafe { libc::ftok(path.as_ptr(), id) };
    if key == -1 {
        set_errno(vm);
        return undef();
    }
    int(i64::from(key))
}

thread_local! {
    /// Attached segments: address → size.
    static ATTACHED: RefCell<BTreeMap<usize, usize>> = const { RefCell::new(BTreeMap::new()) };
}

/// The address in a packed pointer, with the size of its segment.
fn segment(vm: &mut Vm, a: &Args) -> R<Option<(usize, usize)>> {
    let b = bytes(vm, a, 0)?;
    let Ok(raw) = <[u8; size_of::<usize>()]>::try_from(&b[..]) else {
        return Err(vm.die_text("invalid address value"));
    };
    let at = usize::from_ne_bytes(raw);
    Ok(ATTACHED.with_borrow(|m| m.get(&at).map(|n| (at, *n))))
}

fn invalid(vm: &mut Vm) -> R<Ret> {
    keshi_vm::rt::sys::set_errno(vm, libc::EINVAL);
    undef()
}

fn shmat(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 3, 3, "IPC::SysV::shmat(id, addr, flag)")?;
    let (id, flag) = (iv(vm, a, 0)? as i32, iv(vm, a, 2)? as i32);
    let want = arg(vm, a, 1)?;
    let hint = if want.is_undef() {
        0
    } else {
        match <[u8; size_of::<usize>()]>::try_from(&bytes(vm, a, 1)?[..]) {
            Ok(raw) => usize::from_ne_bytes(raw),
            Err(_) => return Err(vm.die_text("invalid address value")),
        }
    };
    // SAFETY: the kernel checks the place asked for; a read-only query tells the size.
    let (at, size) = unsafe {
        let mut ds: libc::shmid_ds = zeroed();
        if libc::shmctl(id, libc::IPC_STAT, &raw mut ds) == -1 {
            set_errno(vm);
            return undef();
        }
        (libc::shmat(id, hint as *const libc::c_void, flag) as usize, ds.shm_segsz)
    };
    if at == usize::MAX {
        set_errno(vm);
        return undef();
    }
    ATTACHED.with_borrow_mut(|m| m.insert(at, size));
    ok(Val::bytes(at.to_ne_bytes()))
}

fn shmdt(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 1, 1, "IPC::SysV::shmdt(addr)")?;
    let Some((at, _)) = segment(vm, a)? else { return invalid(vm) };
    ATTACHED.with_borrow_mut(|m| m.remove(&at));
    // SAFETY: a segment attached here and not used any more.
    let r = unsafe { libc::shmdt(at as *const libc::c_void) };
    sys_result(vm, i64::from(r))
}

/// Position and length inside a segment, or None if they reach beyond it.
fn range(vm: &mut Vm, a: &Args, size: usize) -> R<Option<(usize, usize)>> {
    let (pos, len) = (iv(vm, a, 2)?, iv(vm, a, 3)?);
    let (Ok(pos), Ok(len)) = (usize::try_from(pos), usize::try_from(len)) else { return Ok(None) };
    Ok(pos.checked_add(len).filter(|end| *end <= size).map(|_| (pos, len)))
}

fn memread(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 4, 4, "IPC::SysV::memread(addr, var, pos, size)")?;
    let Some((at, size)) = segment(vm, a)? else { return invalid(vm) };
    let Some((pos, len)) = range(vm, a, size)? else { return invalid(vm) };
    // SAFETY: inside the attached segment.
    let data = unsafe { std::slice::from_raw_parts((at + pos) as *const u8, len) }.to_vec();
    let var = cell(a, 1);
    vm.set_sv(&var, Val::bytes(data))?;
    int(1)
}

fn memwrite(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    count(vm, a, 4, 4, "IPC::SysV::memwrite(addr, str, pos, size)")?;
    let Some((at, size)) = segment(vm, a)? else { return invalid(vm) };
    let Some((pos, len)) = range(vm, a, size)? else { return invalid(vm) };
    let mut data = bytes(vm, a, 1)?;
    data.resize(len, 0);
    // SAFETY: inside the attached segment; the source is a vector of that length.
    unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), (at + pos) as *mut u8, len) };
    int(1)
}

/// Fills the object (an array) with numbers out of the structure in argument 1.
fn unpack<T: Copy>(vm: &mut Vm, a: &Args, class: &str, f: impl Fn(&T) -> Vec<i64>) -> R<Ret> {
    let obj = arg(vm, a, 0)?;
    let b = octets(vm, a, 1)?;
    let derived = match vm.class_of(&obj) {
        Some(st) => vm.derives_from(&st, class.as_bytes())?,
        None => false,
    };
    let Some(av) = obj.av().filter(|_| obj.is_ref() && derived) else {
        return Err(vm.die_text(&format!("method unpack not called a {class} object")));
    };
    if b.len() != size_of::<T>() {
        let text = format!("Bad arg length for {class}, length is {}, should be {}", b.len(), size_of::<T>());
        return Err(vm.die_text(&text));
    }
    // SAFETY: plain C data of checked length, read unaligned.
    let s: T = unsafe { std::ptr::read_unaligned(b.as_ptr().cast()) };
    for (i, n) in f(&s).into_iter().enumerate() {
        vm.av_set(&av, i as i64, Val::int(n))?;
    }
    ok(obj)
}

fn perm(p: &libc::ipc_perm) -> Vec<i64> {
    vec![i64::from(p.uid), i64::from(p.gid), i64::from(p.cuid), i64::from(p.cgid), i64::from(p.mode)]
}

fn msg_stat(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    unpack::<libc::msqid_ds>(vm, a, "IPC::Msg::stat", |s| {
        let mut v = perm(&s.msg_perm);
        v.extend([s.msg_qnum as i64, s.msg_qbytes as i64, i64::from(s.msg_lspid), i64::from(s.msg_lrpid)]);
        v.extend([s.msg_stime, s.msg_rtime, s.msg_ctime]);
        v
    })
}

fn sem_stat(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    unpack::<libc::semid_ds>(vm, a, "IPC::Semaphore::stat", |s| {
        let mut v = perm(&s.sem_perm);
        v.extend([s.sem_ctime, s.sem_otime, s.sem_nsems as i64]);
        v
    })
}

fn shm_stat(vm: &mut Vm, a: &Args, _w: Want, _c: &Cv) -> R<Ret> {
    unpack::<libc::shmid_ds>(vm, a, "IPC::SharedMem::stat", |s| {
        let mut v = perm(&s.shm_perm);
        v.extend([s.shm_segsz as i64, i64::from(s.shm_lpid), i64::from(s.shm_cpid), s.shm_nattch as i64]);
        v.extend([s.shm_atime, s.shm_dtime, s.shm_ctime]);
        v
    })
}
