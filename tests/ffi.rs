//! `FFI::Keshi`: C functions called from Perl programs. Real perl has no such module, so what is expected
//! stands here.

use std::process::Command;

/// Standard output of a program that uses the module.
fn run(body: &str) -> String {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("t.pl");
    std::fs::write(&file, format!("use strict; use warnings; use FFI::Keshi;\n{body}")).expect("written");
    let out = Command::new(env!("CARGO_BIN_EXE_keshi")).arg(&file).output().expect("keshi runs");
    assert_eq!(String::from_utf8_lossy(&out.stderr), "", "{body}");
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn integers_floats_and_strings() {
    assert_eq!(run("print ffi_sub('strlen', '(cstr) -> u64')->('hello')"), "5");
    assert_eq!(run("print ffi_sub('abs', '(i32) -> i32')->('-7')"), "7");
    assert_eq!(run("print ffi_sub('pow', '(f64, f64) -> f64')->(2, 10)"), "1024");
    assert_eq!(run("print ffi_sub('cosf', '(f32) -> f32')->(0)"), "1");
    assert_eq!(run("print ffi_sub('getenv', '(cstr) -> cstr')->('KESHI_NO') // 'undef'"), "undef");
}

#[test]
fn buffers_come_back_and_variadic_calls_work() {
    let body = r#"
        my $buf = "\0" x 32;
        my $n = ffi_sub('snprintf', '(ptr, size_t, cstr; i32, f64) -> i32')->($buf, 32, "%d-%.2f", 42, 2.5);
        print substr($buf, 0, $n), " $n";
    "#;
    assert_eq!(run(body), "42-2.50 7");
}

#[test]
fn errno_is_visible() {
    assert_eq!(run("print ffi_sub('open', '(cstr, i32) -> i32')->('/nonexistent', 0), ' ', $! + 0"), "-1 2");
}

#[test]
fn errors_are_precise() {
    let message = |code: &str| run(&format!("eval {{ {code} }}; print $@ =~ s/ at \\S+ line \\d+\\.\\n//r"));
    assert_eq!(
        message("ffi_sub('strlen', '(string) -> u64')"),
        "ffi_sub: signature \"(string) -> u64\" of strlen: unknown type 'string' at character 2"
    );
    assert_eq!(
        message("ffi_sub('keshi_no_such', '() -> i32')"),
        "ffi_sub: no function keshi_no_such in the process, libc or libm"
    );
    let strlen = "ffi_sub('strlen', '(cstr) -> u64')";
    assert_eq!(message(&format!("{strlen}->()")), "strlen takes 1 argument, not 0");
    assert_eq!(
        message(&format!("{strlen}->(\"a\\0b\")")),
        "argument 1 of strlen: a cstr can't contain a NUL character"
    );
    assert_eq!(message(&format!("{strlen}->(\"\\x{{263a}}\")")), "Wide character in argument 1 of strlen");
}
