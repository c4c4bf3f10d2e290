//! What the emitter knows of each builtin function before it looks at the arguments: how a regular one takes them
//! ([`Shape`]), which arguments must be known as places, which functions give lists.
use super::*;
use ast::Func as F;

/// How a regular function takes its arguments.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Shape {
    /// `name d`
    None,
    /// `name d, S`
    One,
    /// `name d, S, S`
    Two,
    /// `name d, P`: every argument in scalar context.
    Scalars,
    /// `name d, P`: the first argument in scalar context, the rest in list context.
    FirstAndList,
    /// `name d, P`: one list.
    List,
    /// `name d, P`: aliases of the arguments.
    Aliases,
}

/// Which arguments of a formatting function must be known as places, not only as values.
pub(super) enum Places {
    None,
    /// Variables, which `%n` of `sprintf` sets.
    Variables,
    /// Also constants, which unlike temporaries may be pointed to by `pack`'s `p` and `P`.
    All,
}

pub(super) fn places(name: &str, template: &Expr) -> Places {
    match (name, &template.kind) {
        ("sprintf" | "printf", _) if may_set_arguments(template) => Places::Variables,
        ("pack", ExprKind::Str(t)) if t.bytes.iter().any(|b| b"pP".contains(b)) => Places::All,
        _ => Places::None,
    }
}

/// Can the constant format have a `%n`?
pub(super) fn may_set_arguments(format: &Expr) -> bool {
    matches!(&format.kind, ExprKind::Str(t) if t.bytes.contains(&b'n'))
}

/// Formatting functions that use their arguments as places.
pub(super) fn formats_places(f: F, args: &[Expr]) -> bool {
    args.first().is_some_and(|a| !matches!(places(f.name(), a), Places::None))
}

pub(super) fn shape(f: F, n: usize) -> Option<Shape> {
    use F::*;
    Some(match f {
        Fork | Getlogin | Getppid | Time | Wait | Wantarray => Shape::None,
        Abs | Alarm | Chr | Chroot | Cos | Exp | Fc | Hex | Int | Lc | Lcfirst | Length | Log | Oct | Ord
        | Quotemeta | Readlink | Ref | Rmdir | Sin | Sqrt | Uc | Ucfirst | Study | Closedir | Fileno
        | Readdir | Rewinddir | Telldir | Getsockname | Getpeername | Prototype | Stat | Lstat => Shape::One,
        Close | Getc | Tell | Write | Umask | Sleep | Rand | Srand | Chdir | Getpgrp | Gmtime | Localtime
        | Select
            if n == 1 =>
        {
            Shape::One
        }
        Atan2 | Crypt | Rename | Link | Symlink | Waitpid | Bind | Connect | Listen | Shutdown | Flock
        | Seekdir | Truncate | Getpriority | Unpack => Shape::Two,
        Index | Rindex | Binmode | Bless | Substr if n == 2 => Shape::Two,
        Seek | Sysseek | Syswrite | Send | Getsockopt | Setsockopt | Setpgrp | Setpriority | Mkdir => {
            Shape::Scalars
        }
        Sprintf | Pack => Shape::FirstAndList,
        Kill | Chmod | Chown | Utime | Unlink | Warn => Shape::List,
        Fcntl | Ioctl | Syscall => Shape::Aliases,
        _ => return None,
    })
}

/// The `getXXX` family, all served by one entry.
pub(super) fn is_sysdb(f: F) -> bool {
    use F::*;
    matches!(
        f,
        Getpwnam
            | Getpwuid
            | Getpwent
            | Setpwent
            | Endpwent
            | Getgrnam
            | Getgrgid
            | Getgrent
            | Setgrent
            | Endgrent
            | Gethostbyname
            | Gethostbyaddr
            | Gethostent
            | Sethostent
            | Endhostent
            | Getnetbyname
            | Getnetbyaddr
            | Getnetent
            | Setnetent
            | Endnetent
            | Getprotobyname
            | Getprotobynumber
            | Getprotoent
            | Setprotoent
            | Endprotoent
            | Getservbyname
            | Getservbyport
            | Getservent
            | Setservent
            | Endservent
    )
}

pub(super) fn is_ipc(f: F) -> bool {
    use F::*;
    matches!(
        f,
        Msgctl | Msgget | Msgrcv | Msgsnd | Semctl | Semget | Semop | Shmctl | Shmget | Shmread | Shmwrite
    )
}

/// Functions that may yield several values in list context.
pub(crate) fn list_valued(f: F) -> bool {
    use F::*;
    is_sysdb(f)
        || matches!(
            f,
            Caller
                | Each
                | Keys
                | Values
                | Localtime
                | Gmtime
                | Splice
                | Split
                | Stat
                | Lstat
                | Unpack
                | Reverse
                | Delete
                | Readdir
                | Times
                | Select
        )
}
