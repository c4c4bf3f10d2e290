//! The binary as a process: what becomes of output that nobody takes.

use std::fs::OpenOptions;
use std::process::{Command, Output, Stdio};

/// Runs keshi with one of its outputs on a device that is always full.
fn with_full(fd: i32, args: &[&str]) -> Output {
    let full = || OpenOptions::new().write(true).open("/dev/full").expect("Linux has /dev/full");
    let mut c = Command::new(env!("CARGO_BIN_EXE_keshi"));
    c.args(args).stdin(Stdio::null());
    c.stdout(if fd == 1 { full().into() } else { Stdio::piped() });
    c.stderr(if fd == 2 { full().into() } else { Stdio::piped() });
    c.output().expect("the binary has been built")
}

#[test]
fn unwritten_output_is_an_error() {
    for (program, status) in [("print 1", 1), ("print 1; exit 5", 5), ("END { $? = 3 } print 1", 3), ("1", 0)]
    {
        let out = with_full(1, &["-e", program]);
        let said = String::from_utf8_lossy(&out.stderr);
        let want = if status == 0 { "" } else { "Unable to flush stdout: No space left on device\n" };
        assert_eq!((out.status.code(), &*said), (Some(status), want), "{program}");
    }
    assert_eq!(with_full(1, &["-v"]).status.code(), Some(1));
    // What is closed or opened anew by the program is its own business.
    for program in ["print 1; close STDOUT", "open STDOUT, '>', '/dev/full'; print 1"] {
        let out = with_full(1, &["-e", program]);
        assert_eq!((out.status.code(), out.stderr.is_empty()), (Some(0), true), "{program}");
    }
}

#[test]
fn reports_that_cannot_be_written_are_dropped() {
    for args in [&["-c", "-e", "1"][..], &["--stats", "-e", "1"], &["-e", "warn 1"]] {
        assert_eq!(with_full(2, args).status.code(), Some(0), "{args:?}");
    }
    for args in [&["--dump=ops", "-e", "1"][..], &["--l1-doc", "add"]] {
        assert_eq!(with_full(1, args).status.code(), Some(0), "{args:?}");
    }
}
