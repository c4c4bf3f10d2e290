//! Programs that want more memory than there is: they end with a message and a status, never by a signal.
#![cfg(target_os = "linux")]

use std::process::Command;

/// Runs a program with one gigabyte of address space.
fn run(program: &str) -> (Option<i32>, String) {
    let limited = r#"ulimit -v 1000000; ulimit -c 0; exec "$0" --parallel=off -e "$1""#;
    let out = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_keshi"), program])
        .output()
        .expect("sh runs");
    (out.status.code(), String::from_utf8_lossy(&out.stderr).into_owned())
}

#[test]
fn without_memory_perl_ends_with_status_1() {
    for program in [
        "my $n = 1e15; my $x = 'x' x $n",
        "my $x = 'x' x 1e8; $x .= $x for 1..10",
        "my $n = 2147483647; my $x = sprintf '%.*d', $n, 1",
        "my $n = 1e15; my @a; $#a = $n",
        "my $n = 1e15; my @a; $a[$n] = 1",
        "my $n = 1e15; my $x; vec($x, $n, 8) = 1",
        "my $x = pack 'x1000000000000000'",
        "my $n = 1e15; my @a = (1, 2) x $n",
        "my $n = 1e15; my @a = (1..$n)",
        "my $x; open my $f, '<', '/dev/zero'; read $f, $x, 1, 1e15",
        "my $x; open my $f, '>', \\$x; seek $f, 1e15, 0; print $f 'a'; close $f",
        "my $x = 'a' x 1e6; my $y = join $x, 1..5000",
    ] {
        let (status, stderr) = run(program);
        assert!(stderr.contains("Out of memory"), "{program}: {status:?} {stderr}");
        assert!(matches!(status, Some(1 | 255)), "{program}: {status:?} {stderr}");
    }
}

/// A recursion without end takes memory, not the native stack.
#[test]
fn recursion_ends_where_the_memory_ends() {
    for program in ["no warnings; sub f { f() } f()", "no warnings; sub f { my @a = sort { f() } 1, 2 } f()"]
    {
        let (status, stderr) = run(program);
        assert!(stderr.contains("Out of memory"), "{program}: {status:?} {stderr}");
        assert!(matches!(status, Some(1 | 255)), "{program}: {status:?} {stderr}");
    }
}
