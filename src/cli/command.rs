//! The arguments of the command line, then `PERL5OPT`, `PERL5LIB` and `PERL_UNICODE`.

use super::long::{self, Special};
use super::switches::{Place, Switches, unicode_bits, unrecognized};
use super::{Stop, help};
use crate::options::{Taint, Tuning};
use std::path::PathBuf;

/// What the arguments ask for, before any file is looked at.
#[derive(Debug, PartialEq)]
pub enum Request {
    CheckMacros { file: PathBuf, on: Vec<PathBuf> },
    Document { name: String, on: Vec<PathBuf> },
    Run(Box<Run>),
}

#[derive(Debug, Default, PartialEq)]
pub struct Run {
    pub switches: Switches,
    pub tuning: Tuning,
    /// The script's name; without one the script is read from standard input.
    pub script: Option<Vec<u8>>,
    pub args: Vec<Vec<u8>>,
    /// Directories of `PERL5LIB`.
    pub library: Vec<Vec<u8>>,
}

pub fn read(
    argv: &[Vec<u8>],
    env: &dyn Fn(&str) -> Option<Vec<u8>>,
    notice: &mut dyn FnMut(&[u8]),
) -> Result<Request, Stop> {
    let mut run = Run::default();
    let mut at = 1;
    if let Some(flags) = env("KESHI_OPT") {
        for word in flags.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()) {
            match long::read(word, None, &mut run.tuning)? {
                long::Read::Taken(None) => {}
                _ => return Err(Stop::error(2, [b"keshi: bad option in KESHI_OPT: ", word].concat())),
            }
        }
    }
    while let Some(arg) = argv.get(at) {
        let [b'-', cluster @ ..] = arg.as_slice() else { break };
        if cluster.is_empty() {
            break;
        }
        at += 1;
        if arg.starts_with(b"--") {
            match long::read(arg, argv.get(at).map(Vec::as_slice), &mut run.tuning)? {
                long::Read::Unknown => {}
                long::Read::Taken(special) => {
                    at += usize::from(long::takes_next(arg));
                    match special {
                        Some(Special::Check(file)) => {
                            return Ok(Request::CheckMacros { file, on: run.tuning.macro_files });
                        }
                        Some(Special::Document(name)) => {
                            return Ok(Request::Document { name, on: run.tuning.macro_files });
                        }
                        None => continue,
                    }
                }
            }
        }
        let ended = cluster_of(cluster, argv, &mut at, &mut run.switches)?;
        flush(&mut run.switches, notice);
        if ended {
            break;
        }
    }
    environment(&mut run, env)?;
    flush(&mut run.switches, notice);
    let mut rest = argv.get(at..).unwrap_or_default().iter().cloned();
    if run.switches.code.is_none() && !run.switches.config {
        run.script = rest.next();
    }
    run.args = rest.collect();
    if run.switches.in_place.is_some() && run.args.is_empty() && !run.switches.config {
        notice(b"-i used with no filenames on the command line, reading from STDIN.\n");
    }
    Ok(Request::Run(Box::new(run)))
}

fn flush(switches: &mut Switches, notice: &mut dyn FnMut(&[u8])) {
    for text in switches.notices.drain(..) {
        notice(&text);
    }
}

/// One argument's cluster; true if it ends the switches (`--`).
fn cluster_of(
    mut text: &[u8],
    argv: &[Vec<u8>],
    at: &mut usize,
    switches: &mut Switches,
) -> Result<bool, Stop> {
    let place = Place::Arguments;
    while let Some((&letter, rest)) = text.split_first() {
        match letter {
            b'e' | b'E' => {
                let code = if !rest.is_empty() {
                    rest
                } else if let Some(next) = argv.get(*at) {
                    *at += 1;
                    next
                } else {
                    return Err(place.fail(format!("No code specified for -{}", letter as char)));
                };
                switches.all_features |= letter == b'E';
                let all = switches.code.get_or_insert_default();
                all.extend_from_slice(code);
                all.push(b'\n');
                return Ok(false);
            }
            b'I' if rest.is_empty() => {
                let next = argv.get(*at).filter(|name| !name.is_empty());
                let Some(name) = next else { return Err(place.fail("No directory specified for -I")) };
                *at += 1;
                switches.include.push(name.clone());
                return Ok(false);
            }
            b'M' | b'm' if rest.is_empty() && argv.get(*at).is_some_and(|next| !next.is_empty()) => {
                let joined = [&[letter], argv[*at].as_slice()].concat();
                *at += 1;
                switches.common(&joined, place)?;
                return Ok(false);
            }
            b'f' => text = rest,
            b'S' => {
                switches.search_path = true;
                text = rest;
            }
            b'x' => {
                switches.extract = Some(rest.to_vec());
                return Ok(false);
            }
            b'V' => {
                switches.config = true;
                switches.preamble.push(config_line(rest));
                return Ok(false);
            }
            b'-' => {
                return match rest {
                    [] => Ok(true),
                    [b, ..] if super::switches::is_space(*b) => Ok(true),
                    b"version" => Err(Stop::print(help::version())),
                    b"help" => Err(Stop::print(help::usage())),
                    _ => Err(place.fail(unrecognized(text))),
                };
            }
            _ => match switches.common(text, place)? {
                Some(more) => text = more,
                None => return Ok(false),
            },
        }
    }
    Ok(false)
}

/// What `-V` and `-V:NAME` stand for: the Config module prints.
fn config_line(value: &[u8]) -> Vec<u8> {
    match value {
        [b':', names @ ..] => [b"use Config; Config::config_vars(qw\0", names, b"\0)"].concat(),
        _ => b"use Config; Config::_V()".to_vec(),
    }
}

fn environment(run: &mut Run, env: &dyn Fn(&str) -> Option<Vec<u8>>) -> Result<(), Stop> {
    if run.switches.taint == Taint::Off
        && let Some(text) = env("PERL5OPT")
    {
        let place = Place::Environment;
        for word in text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty()) {
            let mut switches = word.strip_prefix(b"-").unwrap_or(word);
            while let Some(&letter) = switches.first() {
                if !b"CDIMTUWdmtw".contains(&letter) {
                    let message = [b"Illegal switch in PERL5OPT: -".as_slice(), &[letter]].concat();
                    return Err(place.fail(message));
                }
                match run.switches.common(switches, place)? {
                    Some(more) => switches = more,
                    None => break,
                }
            }
        }
    }
    if run.switches.taint == Taint::Off {
        let set = |name| env(name).filter(|value| !value.is_empty());
        let library = set("PERL5LIB").or_else(|| set("PERLLIB")).unwrap_or_default();
        run.library =
            library.split(|&b| b == b':').filter(|dir| !dir.is_empty()).map(<[u8]>::to_vec).collect();
        if run.switches.unicode.is_none()
            && let Some(value) = env("PERL_UNICODE")
        {
            run.switches.unicode = Some(unicode_bits(&value).map_err(|m| Place::Environment.fail(m))?);
        }
    }
    Ok(())
}
