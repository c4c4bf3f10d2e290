//! Constants of the C headers.

use crate::args::*;
use keshi_value::Val;
use keshi_vm::Vm;

macro_rules! from_libc {
    ($($n:ident)*) => { &[$((stringify!($n), libc::$n as i64),)*] }
}

const HEADERS: &[(&str, i64)] = from_libc! {
    // <signal.h>
    SIGABRT SIGALRM SIGBUS SIGCHLD SIGCONT SIGFPE SIGHUP SIGILL SIGINT SIGKILL SIGPIPE SIGPROF SIGQUIT SIGSEGV
    SIGSTOP SIGSYS SIGTERM SIGTRAP SIGTSTP SIGTTIN SIGTTOU SIGURG SIGUSR1 SIGUSR2 SIGVTALRM SIGXCPU SIGXFSZ
    SIG_BLOCK SIG_SETMASK SIG_UNBLOCK SA_NOCLDSTOP SA_NOCLDWAIT SA_NODEFER SA_ONSTACK SA_RESETHAND SA_RESTART
    SA_SIGINFO
    // <sys/wait.h>, <unistd.h>, <stdio.h>
    WNOHANG WUNTRACED R_OK W_OK X_OK F_OK STDIN_FILENO STDOUT_FILENO STDERR_FILENO EXIT_FAILURE EXIT_SUCCESS
    BUFSIZ EOF FILENAME_MAX TMP_MAX RAND_MAX
    _SC_ARG_MAX _SC_CHILD_MAX _SC_CLK_TCK _SC_NGROUPS_MAX _SC_OPEN_MAX _SC_JOB_CONTROL _SC_SAVED_IDS _SC_VERSION
    _SC_PAGESIZE _SC_NPROCESSORS_ONLN _SC_NPROCESSORS_CONF _SC_STREAM_MAX _SC_TZNAME_MAX
    _PC_LINK_MAX _PC_MAX_CANON _PC_MAX_INPUT _PC_NAME_MAX _PC_PATH_MAX _PC_PIPE_BUF _PC_CHOWN_RESTRICTED
    _PC_NO_TRUNC _PC_VDISABLE
    // <locale.h>
    LC_ALL LC_COLLATE LC_CTYPE LC_MESSAGES LC_MONETARY LC_NUMERIC LC_TIME
    PATH_MAX
};

const LIMITS: &[(&str, i64)] = &[
    ("CHAR_BIT", 8),
    ("CHAR_MAX", 127),
    ("CHAR_MIN", -128),
    ("SCHAR_MAX", 127),
    ("SCHAR_MIN", -128),
    ("UCHAR_MAX", 255),
    ("SHRT_MAX", i16::MAX as i64),
    ("SHRT_MIN", i16::MIN as i64),
    ("USHRT_MAX", u16::MAX as i64),
    ("INT_MAX", i32::MAX as i64),
    ("INT_MIN", i32::MIN as i64),
    ("UINT_MAX", u32::MAX as i64),
    ("LONG_MAX", i64::MAX),
    ("LONG_MIN", i64::MIN),
    ("SSIZE_MAX", isize::MAX as i64),
    ("MB_LEN_MAX", 16),
    ("MB_CUR_MAX", 1),
    ("NGROUPS_MAX", 65536),
    ("NAME_MAX", 255),
    ("PIPE_BUF", 4096),
    ("CLOCKS_PER_SEC", 1_000_000),
    ("DBL_DIG", 15),
    ("DBL_MANT_DIG", 53),
    ("DBL_MAX_EXP", 1024),
    ("DBL_MIN_EXP", -1021),
    ("DBL_MAX_10_EXP", 308),
    ("DBL_MIN_10_EXP", -307),
    ("FLT_DIG", 6),
    ("FLT_MANT_DIG", 24),
    ("FLT_RADIX", 2),
    ("FLT_MAX_EXP", 128),
    ("FLT_MIN_EXP", -125),
    ("FE_TONEAREST", 0),
    ("FP_NAN", 0),
    ("FP_INFINITE", 1),
    ("FP_ZERO", 2),
    ("FP_SUBNORMAL", 3),
    ("FP_NORMAL", 4),
    ("_POSIX_ARG_MAX", 4096),
    ("_POSIX_OPEN_MAX", 20),
    ("_POSIX_PATH_MAX", 256),
    ("_POSIX_NAME_MAX", 14),
    ("_POSIX_PIPE_BUF", 512),
];

const NUMBERS: &[(&str, f64)] = &[
    ("DBL_MAX", f64::MAX),
    ("DBL_MIN", f64::MIN_POSITIVE),
    ("DBL_EPSILON", f64::EPSILON),
    ("FLT_MAX", f32::MAX as f64),
    ("FLT_MIN", f32::MIN_POSITIVE as f64),
    ("FLT_EPSILON", f32::EPSILON as f64),
    ("HUGE_VAL", f64::INFINITY),
    ("INFINITY", f64::INFINITY),
    ("NAN", f64::NAN),
    ("M_1_PI", std::f64::consts::FRAC_1_PI),
    ("M_2_PI", std::f64::consts::FRAC_2_PI),
    ("M_2_SQRTPI", std::f64::consts::FRAC_2_SQRT_PI),
    ("M_E", std::f64::consts::E),
    ("M_LN10", std::f64::consts::LN_10),
    ("M_LN2", std::f64::consts::LN_2),
    ("M_LOG10E", std::f64::consts::LOG10_E),
    ("M_LOG2E", std::f64::consts::LOG2_E),
    ("M_PI", std::f64::consts::PI),
    ("M_PI_2", std::f64::consts::FRAC_PI_2),
    ("M_PI_4", std::f64::consts::FRAC_PI_4),
    ("M_SQRT1_2", std::f64::consts::FRAC_1_SQRT_2),
    ("M_SQRT2", std::f64::consts::SQRT_2),
];

pub fn define_all(vm: &mut Vm) {
    define_constants(vm, "POSIX", HEADERS);
    define_constants(vm, "POSIX", LIMITS);
    define_constants(vm, "POSIX", crate::fcntl::FILE_CONSTANTS);
    for (n, v) in NUMBERS {
        define_constant(vm, "POSIX", n, Val::num(*v));
    }
    define_constant(vm, "POSIX", "ULONG_MAX", Val::uint(u64::MAX));
    for (n, v) in keshi_io::errno::NAMES {
        define_constant(vm, "POSIX", n, Val::int(*v as i64));
    }
}
