//! The `keshi` binary: reads the command line and hands the run to the engine.
//!
//! It has a C `main`, for a Perl program starts with the process as its parent made it: Rust's runtime would open
//! closed standard handles, ignore SIGPIPE and install handlers. `unsafe`: the one attribute that exports `main`.

#![cfg_attr(not(test), no_main)]

mod cli;
mod engine;
mod macros;
mod options;
mod speed;

use std::io::Write;

/// Where no memory is left the process ends with perl's words.
#[global_allocator]
static ALLOCATOR: keshi_memory::Allocator = keshi_memory::Allocator;

/// Arguments and environment are read through `std`, which has them from the C library.
#[cfg_attr(not(test), unsafe(no_mangle))]
pub extern "C" fn main(_argc: i32, _argv: *const *const std::ffi::c_char) -> i32 {
    // A panic is a bug of ours: its message has been printed; 101 is what Rust programs end with then.
    std::panic::catch_unwind(run).unwrap_or(101)
}

fn run() -> i32 {
    let env = |name: &str| std::env::var_os(name);
    let mut notice = |text: &[u8]| write(&mut std::io::stderr(), text);
    let status = match cli::parse(std::env::args_os(), &env, &mut notice) {
        Ok(cli::Command::Run(options)) => engine::run(*options),
        Ok(cli::Command::CheckMacros { file, on }) => macros::check(&file, &on),
        Ok(cli::Command::Document { name, on }) => macros::document(&name, &on),
        Ok(cli::Command::Execute { interpreter, args, script }) => {
            stop(&cli::execute(&interpreter, &args, &script))
        }
        Err(end) => stop(&end),
    };
    // The system keeps the low eight bits of a status.
    status & 0xff
}

fn stop(end: &cli::Stop) -> i32 {
    let mut out = std::io::stdout();
    let written = out.write_all(&end.stdout).and_then(|()| out.flush());
    write(&mut std::io::stderr(), &end.stderr);
    match written.err().map(keshi_vm::rt::io::stdout_lost) {
        Some(()) if end.status == 0 => 1,
        _ => end.status,
    }
}

/// A message that cannot be written has nowhere else to go.
fn write(to: &mut dyn Write, text: &[u8]) {
    let _ = to.write_all(text).and_then(|()| to.flush());
}
