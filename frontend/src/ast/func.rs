//! The builtin functions: one table, from which the parser takes name, prototype and syntax.
//!
//! Columns: variant = perl name, prototype as `prototype "CORE::name"` reports it (empty for those without
//! one), syntax class, overridable (an imported sub of that name wins over the builtin).

/// How a builtin's arguments are parsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax {
    /// No arguments.
    Nullary,
    /// A named unary operator.
    Unary,
    /// A list operator, arguments checked against the prototype.
    List,
    /// The parser has code of its own for it.
    Special,
}

pub struct FuncInfo {
    pub func: Func,
    pub name: &'static str,
    pub proto: &'static str,
    pub syntax: Syntax,
    pub overridable: bool,
}

macro_rules! funcs {
    ($($id:ident = $name:literal, $proto:literal, $syn:ident, $weak:literal;)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u16)]
        pub enum Func { $($id,)* }

        /// Sorted by name.
        pub static FUNCS: &[FuncInfo] = &[$(FuncInfo {
            func: Func::$id, name: $name, proto: $proto, syntax: Syntax::$syn, overridable: $weak,
        },)*];
    };
}

funcs! {
    Abs = "abs", "_", Unary, true;
    Accept = "accept", "**", List, true;
    Alarm = "alarm", "_", Unary, true;
    All = "all", "\\&@", Special, true;
    Any = "any", "\\&@", Special, true;
    Atan2 = "atan2", "$$", List, true;
    Bind = "bind", "*$", List, true;
    Binmode = "binmode", "*;$", List, true;
    Bless = "bless", "$;$", List, true;
    Break = "break", "", Nullary, true;
    Caller = "caller", ";$", Unary, true;
    Chdir = "chdir", ";$", Unary, true;
    Chmod = "chmod", "@", List, true;
    Chomp = "chomp", "", Special, true;
    Chop = "chop", "", Special, true;
    Chown = "chown", "@", List, true;
    Chr = "chr", "_", Unary, true;
    Chroot = "chroot", "_", Unary, true;
    Close = "close", ";*", Unary, true;
    Closedir = "closedir", "*", Unary, true;
    Connect = "connect", "*$", List, true;
    Continue = "continue", "", Nullary, true;
    Cos = "cos", "_", Unary, true;
    Crypt = "crypt", "$$", List, true;
    Dbmclose = "dbmclose", "\\%", List, true;
    Dbmopen = "dbmopen", "\\%$$", List, true;
    Defined = "defined", "", Special, false;
    Delete = "delete", "", Special, false;
    Die = "die", "@", List, true;
    Each = "each", "\\[%@]", Unary, true;
    Endgrent = "endgrent", "", Nullary, true;
    Endhostent = "endhostent", "", Nullary, true;
    Endnetent = "endnetent", "", Nullary, true;
    Endprotoent = "endprotoent", "", Nullary, true;
    Endpwent = "endpwent", "", Nullary, true;
    Endservent = "endservent", "", Nullary, true;
    Eof = "eof", ";*", Unary, true;
    Evalbytes = "evalbytes", "_", Special, true;
    Exec = "exec", "", Special, true;
    Exists = "exists", "", Special, false;
    Exit = "exit", ";$", Unary, true;
    Exp = "exp", "_", Unary, true;
    Fc = "fc", "_", Unary, true;
    Fcntl = "fcntl", "*$$", List, true;
    Fileno = "fileno", "*", Unary, true;
    Flock = "flock", "*$", List, true;
    Fork = "fork", "", Nullary, true;
    Formline = "formline", "$@", List, true;
    Getc = "getc", ";*", Unary, true;
    Getgrent = "getgrent", "", Nullary, true;
    Getgrgid = "getgrgid", "$", Unary, true;
    Getgrnam = "getgrnam", "$", Unary, true;
    Gethostbyaddr = "gethostbyaddr", "$$", List, true;
    Gethostbyname = "gethostbyname", "$", Unary, true;
    Gethostent = "gethostent", "", Nullary, true;
    Getlogin = "getlogin", "", Nullary, true;
    Getnetbyaddr = "getnetbyaddr", "$$", List, true;
    Getnetbyname = "getnetbyname", "$", Unary, true;
    Getnetent = "getnetent", "", Nullary, true;
    Getpeername = "getpeername", "*", Unary, true;
    Getpgrp = "getpgrp", ";$", Unary, true;
    Getppid = "getppid", "", Nullary, true;
    Getpriority = "getpriority", "$$", List, true;
    Getprotobyname = "getprotobyname", "$", Unary, true;
    Getprotobynumber = "getprotobynumber", "$;", Unary, true;
    Getprotoent = "getprotoent", "", Nullary, true;
    Getpwent = "getpwent", "", Nullary, true;
    Getpwnam = "getpwnam", "$", Unary, true;
    Getpwuid = "getpwuid", "$", Unary, true;
    Getservbyname = "getservbyname", "$$", List, true;
    Getservbyport = "getservbyport", "$$", List, true;
    Getservent = "getservent", "", Nullary, true;
    Getsockname = "getsockname", "*", Unary, true;
    Getsockopt = "getsockopt", "*$$", List, true;
    Glob = "glob", "_;", Special, false;
    Gmtime = "gmtime", ";$", Unary, true;
    Grep = "grep", "", Special, false;
    Hex = "hex", "_", Unary, true;
    Index = "index", "$$;$", List, true;
    Int = "int", "_", Unary, true;
    Ioctl = "ioctl", "*$$", List, true;
    Join = "join", "$@", List, true;
    Keys = "keys", "\\[%@]", Unary, true;
    Kill = "kill", "@", List, true;
    Lc = "lc", "_", Unary, true;
    Lcfirst = "lcfirst", "_", Unary, true;
    Length = "length", "_", Unary, true;
    Link = "link", "$$", List, true;
    Listen = "listen", "*$", List, true;
    Localtime = "localtime", ";$", Unary, true;
    Lock = "lock", "\\[$@%&*]", Unary, true;
    Log = "log", "_", Unary, true;
    Lstat = "lstat", ";*", Special, true;
    Map = "map", "", Special, false;
    Mkdir = "mkdir", "_;$", List, true;
    Msgctl = "msgctl", "$$$", List, true;
    Msgget = "msgget", "$$", List, true;
    Msgrcv = "msgrcv", "$$$$$", List, true;
    Msgsnd = "msgsnd", "$$$", List, true;
    Oct = "oct", "_", Unary, true;
    Open = "open", "*;$@", List, true;
    Opendir = "opendir", "*$", List, true;
    Ord = "ord", "_", Unary, true;
    Pack = "pack", "$@", List, true;
    Pipe = "pipe", "**", List, true;
    Pop = "pop", ";\\@", Unary, true;
    Pos = "pos", ";\\[$*]", Special, false;
    Print = "print", "", Special, false;
    Printf = "printf", "", Special, false;
    Prototype = "prototype", "_", Special, false;
    Push = "push", "\\@@", List, true;
    Quotemeta = "quotemeta", "_", Unary, true;
    Rand = "rand", ";$", Unary, true;
    Read = "read", "*\\$$;$", List, true;
    Readdir = "readdir", "*", Unary, true;
    Readline = "readline", ";*", Unary, true;
    Readlink = "readlink", "_", Unary, true;
    Readpipe = "readpipe", "_", Unary, true;
    Recv = "recv", "*\\$$$", List, true;
    Ref = "ref", "_", Unary, true;
    Rename = "rename", "$$", List, true;
    Reset = "reset", ";$", Unary, true;
    Reverse = "reverse", "@", List, true;
    Rewinddir = "rewinddir", "*", Unary, true;
    Rindex = "rindex", "$$;$", List, true;
    Rmdir = "rmdir", "_", Unary, true;
    Say = "say", "", Special, false;
    Scalar = "scalar", "$", Special, false;
    Seek = "seek", "*$$", List, true;
    Seekdir = "seekdir", "*$", List, true;
    Select = "select", "", Special, true;
    Semctl = "semctl", "$$$$", List, true;
    Semget = "semget", "$$$", List, true;
    Semop = "semop", "$$", List, true;
    Send = "send", "*$$;$", List, true;
    Setgrent = "setgrent", "", Nullary, true;
    Sethostent = "sethostent", "$", Unary, true;
    Setnetent = "setnetent", "$", Unary, true;
    Setpgrp = "setpgrp", ";$$", List, true;
    Setpriority = "setpriority", "$$$", List, true;
    Setprotoent = "setprotoent", "$", Unary, true;
    Setpwent = "setpwent", "", Nullary, true;
    Setservent = "setservent", "$", Unary, true;
    Setsockopt = "setsockopt", "*$$$", List, true;
    Shift = "shift", ";\\@", Unary, true;
    Shmctl = "shmctl", "$$$", List, true;
    Shmget = "shmget", "$$$", List, true;
    Shmread = "shmread", "$$$$", List, true;
    Shmwrite = "shmwrite", "$$$$", List, true;
    Shutdown = "shutdown", "*$", List, true;
    Sin = "sin", "_", Unary, true;
    Sleep = "sleep", ";$", Unary, true;
    Socket = "socket", "*$$$", List, true;
    Socketpair = "socketpair", "**$$$", List, true;
    Sort = "sort", "", Special, false;
    Splice = "splice", "\\@;$$@", List, true;
    Split = "split", "", Special, false;
    Sprintf = "sprintf", "$@", List, true;
    Sqrt = "sqrt", "_", Unary, true;
    Srand = "srand", ";$", Unary, true;
    Stat = "stat", ";*", Special, true;
    Study = "study", "_", Unary, false;
    Substr = "substr", "$$;$$", List, true;
    Symlink = "symlink", "$$", List, true;
    Syscall = "syscall", "$@", List, true;
    Sysopen = "sysopen", "*$$;$", List, true;
    Sysread = "sysread", "*\\$$;$", List, true;
    Sysseek = "sysseek", "*$$", List, true;
    System = "system", "", Special, true;
    Syswrite = "syswrite", "*$;$$", List, true;
    Tell = "tell", ";*", Unary, true;
    Telldir = "telldir", "*", Unary, true;
    Tie = "tie", "\\[$@%*]$@", List, true;
    Tied = "tied", "\\[$@%*]", Unary, true;
    Time = "time", "", Nullary, true;
    Times = "times", "", Nullary, true;
    Truncate = "truncate", "$$", List, true;
    Uc = "uc", "_", Unary, true;
    Ucfirst = "ucfirst", "_", Unary, true;
    Umask = "umask", ";$", Unary, true;
    Undef = "undef", ";\\[$@%&*]", Special, false;
    Unlink = "unlink", "@", List, true;
    Unpack = "unpack", "$_", List, true;
    Unshift = "unshift", "\\@@", List, true;
    Untie = "untie", "\\[$@%*]", Unary, true;
    Utime = "utime", "@", List, true;
    Values = "values", "\\[%@]", Unary, true;
    Vec = "vec", "$$$", List, true;
    Wait = "wait", "", Nullary, true;
    Waitpid = "waitpid", "$$", List, true;
    Wantarray = "wantarray", "", Nullary, true;
    Warn = "warn", "@", List, true;
    Write = "write", ";*", Unary, true;
}

impl Func {
    pub fn info(self) -> &'static FuncInfo {
        &FUNCS[self as usize]
    }

    pub fn name(self) -> &'static str {
        self.info().name
    }

    pub fn by_name(name: &str) -> Option<&'static FuncInfo> {
        FUNCS.binary_search_by(|f| f.name.cmp(name)).ok().map(|i| &FUNCS[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_sorted_and_indexed() {
        for (i, f) in FUNCS.iter().enumerate() {
            assert_eq!(f.func as usize, i);
            assert_eq!(Func::by_name(f.name).unwrap().func, f.func);
        }
    }
}
