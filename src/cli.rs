//! perl's command line, and Keshi's long options beside it.
//!
//! perl's switches are single letters that cluster (`-lane`), take their values in ways of
//! their own (`-0777`, `-F,`, `-i.bak`, `-Mstrict`) and appear in four places: on the command
//! line, in `PERL5OPT`, in `PERL_UNICODE` and on the `#!` line of the script. So the scanner
//! is written by hand:
//!
//! * [`switches`] knows every switch and is used by all places;
//! * [`command`] walks over the arguments and the environment;
//! * [`long`] knows Keshi's own options, which all begin with `--`;
//! * [`script`] finds and reads the script and applies its `#!` line;
//! * [`wrap`] writes the source text that stands for `-n`, `-p`, `-M` and the like;
//! * [`help`] holds what `-h` and `-v` print.
//!
//! Messages and exit statuses are perl's.

mod command;
mod help;
mod long;
mod script;
mod switches;
#[cfg(test)]
mod tests;
mod wrap;

pub use script::execute;

use crate::options::Options;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// The exit status for a bad switch: what perl leaves in `errno` at that point (ESPIPE).
pub const BAD_SWITCH: i32 = 29;

/// What the command line asks for.
#[derive(Debug, PartialEq)]
pub enum Command {
    Run(Box<Options>),
    /// `--l1-check FILE`: check a file of L1 macros and stop. `on` are the files of `--l1-macro` before it.
    CheckMacros {
        file: PathBuf,
        on: Vec<PathBuf>,
    },
    /// `--l1-doc NAME`: describe an op, an atom or a runtime entry and stop; `on` as above.
    Document {
        name: String,
        on: Vec<PathBuf>,
    },
    /// The script's `#!` line names another interpreter, which gets the same arguments.
    Execute {
        interpreter: PathBuf,
        args: Vec<Vec<u8>>,
        script: Vec<u8>,
    },
}

/// The command line is done without running a program: `-v`, `-h`, or an error.
#[derive(Debug, Default, PartialEq)]
pub struct Stop {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub status: i32,
}

impl Stop {
    pub fn error(status: i32, message: impl AsRef<[u8]>) -> Stop {
        let mut stderr = message.as_ref().to_vec();
        stderr.push(b'\n');
        Stop { stderr, status, ..Stop::default() }
    }

    pub fn print(text: impl Into<Vec<u8>>) -> Stop {
        Stop { stdout: text.into(), ..Stop::default() }
    }
}

/// Reads the arguments (`argv[0]` included), the environment and the script. `notice` is given
/// every message that perl prints without stopping.
pub fn parse(
    argv: impl Iterator<Item = OsString>,
    env: &dyn Fn(&str) -> Option<OsString>,
    notice: &mut dyn FnMut(&[u8]),
) -> Result<Command, Stop> {
    let argv: Vec<Vec<u8>> = argv.map(OsString::into_vec).collect();
    let env = |name: &str| env(name).map(OsString::into_vec);
    match command::read(&argv, &env, notice)? {
        command::Request::CheckMacros { file, on } => Ok(Command::CheckMacros { file, on }),
        command::Request::Document { name, on } => Ok(Command::Document { name, on }),
        command::Request::Run(request) => script::load(*request, &argv, &env, notice),
    }
}
