//! Keshi's own options. They begin with `--`, so none of them can be one of perl's switches,
//! and an unknown one gets perl's message for a bad switch.

use super::Stop;
use crate::options::{Dump, Jit, Parallel, Stage, Tuning};
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

/// What an argument turned out to be.
#[derive(Debug, PartialEq)]
pub enum Read {
    /// None of the options here.
    Unknown,
    Taken(Option<Special>),
}

/// An option that stands instead of a program.
#[derive(Debug, PartialEq)]
pub enum Special {
    Check(PathBuf),
    Document(String),
}

/// Options whose value may be the next argument.
const WITH_ARGUMENT: &[&[u8]] = &[b"--l1-macro", b"--l1-check", b"--l1-doc"];

/// Whether `arg` (known to be one of these options) took the next argument.
pub fn takes_next(arg: &[u8]) -> bool {
    WITH_ARGUMENT.contains(&arg)
}

pub fn read(arg: &[u8], next: Option<&[u8]>, tuning: &mut Tuning) -> Result<Read, Stop> {
    let (name, value) = match arg.iter().position(|&b| b == b'=') {
        Some(at) => (&arg[..at], Some(&arg[at + 1..])),
        None => (arg, None),
    };
    let value = if takes_next(arg) { next } else { value };
    let Ok(name) = std::str::from_utf8(name) else { return Ok(Read::Unknown) };
    let text = value.map(String::from_utf8_lossy);
    let wants = |what: &str| {
        let shown = text.as_deref().map_or_else(|| "nothing".to_owned(), |t| format!("'{t}'"));
        Stop::error(2, format!("keshi: {name} wants {what}, not {shown}"))
    };
    let choice = text.as_deref().unwrap_or("");
    let special = match name {
        "--dump" => {
            tuning.dumps.push(dump(choice).ok_or_else(|| {
                wants("one of ast, ops, l1, opt, clif, asm, par, with :GLOB if only some subs are meant")
            })?);
            None
        }
        "--l1-macro" => {
            tuning.macro_files.push(path(value).ok_or_else(|| wants("a file"))?);
            None
        }
        "--l1-check" => Some(Special::Check(path(value).ok_or_else(|| wants("a file"))?)),
        "--l1-doc" if choice.is_empty() => {
            return Err(wants("the name of an op, an atom or a runtime entry"));
        }
        "--l1-doc" => Some(Special::Document(choice.to_owned())),
        "--explain" | "--stats" if value.is_some() => return Err(wants("no value")),
        "--explain" => {
            tuning.explain = true;
            None
        }
        "--stats" => {
            tuning.stats = true;
            None
        }
        "--verify" => {
            tuning.verify = match value {
                None | Some(b"on") => Some(true),
                Some(b"off") => Some(false),
                Some(_) => return Err(wants("on or off")),
            };
            None
        }
        "--jit" => {
            tuning.jit = match choice {
                "off" => Jit::Off,
                "on" => Jit::On,
                "sync" => Jit::Sync,
                _ => return Err(wants("off, on or sync")),
            };
            None
        }
        "--hot" => {
            tuning.hot = Some(choice.parse().map_err(|_| wants("a number"))?);
            None
        }
        "--fuse" => {
            tuning.no_fusion = match choice {
                "on" => false,
                "off" => true,
                _ => return Err(wants("on or off")),
            };
            None
        }
        "--stress" if choice == "exit" => {
            tuning.stress_exits = true;
            None
        }
        "--stress" => return Err(wants("exit")),
        "--parallel" => {
            tuning.parallel = match choice {
                "auto" => Parallel::Auto,
                "off" => Parallel::Off,
                "force" => Parallel::Force,
                "report" => Parallel::Report,
                _ => return Err(wants("auto, off, force or report")),
            };
            None
        }
        "--threads" => {
            let count = choice.parse().ok().filter(|&n: &u32| n > 0);
            tuning.threads = Some(count.ok_or_else(|| wants("a number above zero"))?);
            None
        }
        _ => return Ok(Read::Unknown),
    };
    Ok(Read::Taken(special))
}

fn path(value: Option<&[u8]>) -> Option<PathBuf> {
    value.filter(|v| !v.is_empty()).map(|v| OsString::from_vec(v.to_vec()).into())
}

fn dump(value: &str) -> Option<Dump> {
    let (stage, glob) = match value.split_once(':') {
        Some((stage, glob)) => (stage, Some(glob.to_owned())),
        None => (value, None),
    };
    let stage = match stage {
        "ast" => Stage::Ast,
        "ops" => Stage::Ops,
        "l1" => Stage::L1,
        "opt" => Stage::Opt,
        "clif" => Stage::Clif,
        "asm" => Stage::Asm,
        "par" => Stage::Par,
        _ => return None,
    };
    Some(Dump { stage, glob })
}
