//! The `keshi` binary: reads the command line and hands the run to the engine.

mod cli;
mod engine;
mod macros;
mod options;
mod speed;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
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
    ExitCode::from(status as u8)
}

fn stop(end: &cli::Stop) -> i32 {
    write(&mut std::io::stdout(), &end.stdout);
    write(&mut std::io::stderr(), &end.stderr);
    end.status
}

/// A message that cannot be written has nowhere else to go.
fn write(to: &mut dyn Write, text: &[u8]) {
    let _ = to.write_all(text).and_then(|()| to.flush());
}
