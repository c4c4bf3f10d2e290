//! The script: finding it (`-S`), reading it, skipping to its start (`-x`), the switches of
//! its `#!` line, and `-s`. The result is complete [`Options`].

use super::command::Run;
use super::switches::{Place, Switches, is_space, unicode_bits};
use super::{Command, Stop, wrap};
use crate::options::{Options, Origin, Program, Taint};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const NO_SCRIPT: &str = "No Perl script found in input";

pub fn load(
    mut run: Run,
    argv: &[Vec<u8>],
    env: &dyn Fn(&str) -> Option<Vec<u8>>,
    notice: &mut dyn FnMut(&[u8]),
) -> Result<Command, Stop> {
    let mut program = read(&mut run, env)?;
    if run.switches.extract.is_some() {
        if program.origin == Origin::CommandLine {
            return Err(Stop::error(255, NO_SCRIPT));
        }
        skip_to_start(&mut program, &run.switches)?;
    }
    if let Some(other) = hash_bang(&program, &mut run.switches)? {
        let mut args = Vec::from_iter(other.argument);
        args.extend(argv.get(1..).unwrap_or_default().iter().cloned());
        return Ok(Command::Execute { interpreter: path_of(&other.interpreter), args, script: program.name });
    }
    let Run { switches, mut args, library, tuning, .. } = run;
    for text in &switches.notices {
        notice(text);
    }
    let switch_vars = if switches.script_switches { take_switch_vars(&mut args) } else { Vec::new() };
    program.prologue = wrap::prologue(&switches);
    program.epilogue = wrap::epilogue(&switches);
    let mut include = switches.include;
    include.extend(library);
    Ok(Command::Run(Box::new(Options {
        program,
        args,
        switch_vars,
        warnings: switches.warnings,
        taint: switches.taint,
        unsafe_operations: switches.unsafe_operations,
        check_only: switches.check_only,
        debugger: switches.debugger.is_some(),
        in_place: switches.in_place,
        input_separator: switches.input_separator,
        output_separator: switches.output_separator,
        include,
        unicode: switches.unicode.unwrap_or(0),
        tuning,
    })))
}

fn path_of(bytes: &[u8]) -> PathBuf {
    OsString::from_vec(bytes.to_vec()).into()
}

fn read(run: &mut Run, env: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Program, Stop> {
    if let Some(text) = run.switches.code.take() {
        return Ok(Program { name: b"-e".to_vec(), text, ..Program::default() });
    }
    if run.switches.config {
        return Ok(Program { name: b"/dev/null".to_vec(), origin: Origin::Nothing, ..Program::default() });
    }
    let mut name = run.script.clone().unwrap_or_else(|| b"-".to_vec());
    if run.switches.search_path && !name.contains(&b'/') {
        name = search(&name, env)?;
    }
    let mut text = Vec::new();
    if name == b"-" {
        let read = io::stdin().lock().read_to_end(&mut text);
        read.map_err(|e| cannot_open(&name, &e))?;
        return Ok(Program { name, origin: Origin::Stdin, text, ..Program::default() });
    }
    let path = path_of(&name);
    // Opening a directory works; reading it is what fails.
    let read = File::open(&path).and_then(|mut file| file.read_to_end(&mut text));
    read.map_err(|e| cannot_open(&name, &e))?;
    Ok(Program { name, origin: Origin::File(path), text, ..Program::default() })
}

fn cannot_open(name: &[u8], error: &io::Error) -> Stop {
    let mut message = b"Can't open perl script \"".to_vec();
    message.extend_from_slice(name);
    message.extend_from_slice(b"\": ");
    message.extend_from_slice(system_text(error).as_bytes());
    Stop::error(error.raw_os_error().unwrap_or(2), message)
}

/// The system's words for an error, without the number that Rust adds.
fn system_text(error: &io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// `-S`: the first executable file of that name along `PATH`.
fn search(name: &[u8], env: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<Vec<u8>, Stop> {
    let mut not_executable = None;
    let path = env("PATH").unwrap_or_default();
    for dir in path.split(|&b| b == b':') {
        let mut candidate = if dir.is_empty() { b".".to_vec() } else { dir.to_vec() };
        candidate.push(b'/');
        candidate.extend_from_slice(name);
        match std::fs::metadata(path_of(&candidate)) {
            Ok(data) if data.is_file() && data.permissions().mode() & 0o111 != 0 => return Ok(candidate),
            Ok(data) if data.is_file() => _ = not_executable.get_or_insert(candidate),
            _ => {}
        }
    }
    Err(Place::Arguments.fail(match not_executable {
        Some(found) => [b"Can't execute ".as_slice(), &found].concat(),
        None => [b"Can't find ".as_slice(), name, b" on PATH"].concat(),
    }))
}

/// `-x`: the program starts at the first line that begins with `#!` and contains "perl".
fn skip_to_start(program: &mut Program, switches: &Switches) -> Result<(), Stop> {
    let mut start = 0;
    for line in program.text.split_inclusive(|&b| b == b'\n') {
        if line.starts_with(b"#!") && find(line, b"perl").is_some() {
            program.text.drain(..start);
            program.skipped = start as u64;
            let dir = switches.extract.as_deref().unwrap_or_default();
            if !dir.is_empty()
                && let Err(e) = std::env::set_current_dir(path_of(dir))
            {
                let message = [b"Can't chdir to ".as_slice(), dir, b"."].concat();
                return Err(Stop::error(e.raw_os_error().unwrap_or(255), message));
            }
            return Ok(());
        }
        start += line.len();
    }
    Err(Stop::error(255, NO_SCRIPT))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

/// Another interpreter that a `#!` line names, with its one argument.
struct Other {
    interpreter: Vec<u8>,
    argument: Option<Vec<u8>>,
}

/// Applies the switches of a `#!` line to `switches`.
fn hash_bang(program: &Program, switches: &mut Switches) -> Result<Option<Other>, Stop> {
    let line = program.text.split(|&b| b == b'\n').next().unwrap_or_default();
    let Some(line) = line.strip_prefix(b"#!") else { return Ok(None) };
    let Some(at) = find(line, b"perl").or_else(|| find(line, b"keshi")) else {
        if find(line, b"indir").is_some() || switches.check_only {
            return Ok(None);
        }
        let mut words = line.split(|&b| is_space(b)).filter(|w| !w.is_empty()).map(<[u8]>::to_vec);
        return Ok(words.next().map(|interpreter| Other { interpreter, argument: words.next() }));
    };
    let at = find(line, b"perl -").unwrap_or(at);
    let rest = &line[at..];
    let rest = &rest[rest.iter().position(|&b| is_space(b)).unwrap_or(rest.len())..];
    let rest = &rest[rest.iter().position(|&b| !is_space(b)).unwrap_or(rest.len())..];
    let Some(mut text) = rest.strip_prefix(b"-") else { return Ok(None) };

    let place = Place::HashBang(&program.name);
    let (asked_unicode, asked_taint) = (switches.unicode, switches.taint);
    while let Some(&letter) = text.first() {
        match letter {
            b'M' | b'm' => return Err(place.fail(too_late(text))),
            b'C' => {
                let value = text[1..].split(|&b| is_space(b)).next().unwrap_or_default();
                let bits = unicode_bits(value).map_err(|m| place.fail(m))?;
                if !value.is_empty() && asked_unicode != Some(bits) {
                    return Err(place.fail(too_late(text)));
                }
            }
            b't' | b'T' if asked_taint == Taint::Off => {
                let letter = letter as char;
                return Err(place.fail(format!(
                    "\"-{letter}\" is on the #! line, it must also be used on the command line"
                )));
            }
            b'e' | b'E' | b'f' | b'x' | b'S' | b'V' => {
                return Err(place.fail(format!("Can't emulate -{} on #! line", letter as char)));
            }
            _ => {}
        }
        match switches.common(text, place)? {
            Some(more) => text = more,
            None => break,
        }
    }
    Ok(None)
}

fn too_late(text: &[u8]) -> Vec<u8> {
    let option = text.split(|&b| is_space(b)).next().unwrap_or_default();
    [b"Too late for \"-", option, b"\" option"].concat()
}

/// `-s`: takes the leading `-name` and `-name=value` from the arguments, and a `--` after them.
fn take_switch_vars(args: &mut Vec<Vec<u8>>) -> Vec<(Vec<u8>, Option<Vec<u8>>)> {
    let mut vars = Vec::new();
    let mut taken = 0;
    for arg in args.iter() {
        let [b'-', text @ ..] = arg.as_slice() else { break };
        if text.is_empty() {
            break;
        }
        taken += 1;
        if text == b"-" {
            break;
        }
        match text.iter().position(|&b| b == b'=') {
            Some(at) => vars.push((text[..at].to_vec(), Some(text[at + 1..].to_vec()))),
            None => vars.push((text.to_vec(), None)),
        }
    }
    args.drain(..taken);
    vars
}

/// Replaces this process by the interpreter that a script's `#!` line names; returns only if
/// that failed.
pub fn execute(interpreter: &Path, args: &[Vec<u8>], script: &[u8]) -> Stop {
    use std::os::unix::process::CommandExt;
    let args = args.iter().map(|arg| std::ffi::OsStr::from_bytes(arg));
    let error = std::process::Command::new(interpreter).args(args).exec();
    let mut message = b"Can't exec ".to_vec();
    message.extend_from_slice(interpreter.as_os_str().as_bytes());
    message.extend_from_slice(b" at ");
    message.extend_from_slice(script);
    message.extend_from_slice(b" line 1.");
    Stop::error(error.raw_os_error().unwrap_or(255), message)
}
