//! perl's switches: one scanner for every place where they may stand.
//!
//! [`Switches::common`] corresponds to one letter of a cluster. It is given the text from that
//! letter on and returns what follows the letter and its value, or `None` at the end of the
//! cluster. Switches that only the command line may have (`-e`, `-x`, …) are not known here.

use super::{BAD_SWITCH, Stop, help};
use crate::options::{Separator, Taint, Warnings};

/// The state that switches build up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Switches {
    /// The text of all `-e` and `-E`, a line each.
    pub code: Option<Vec<u8>>,
    /// `-E`.
    pub all_features: bool,
    pub read_loop: bool,
    pub print_loop: bool,
    /// `-l`: chomp what the loop reads.
    pub line_ends: bool,
    pub autosplit: bool,
    /// The value of `-F`.
    pub split: Option<Vec<u8>>,
    /// Source text of `-M`, `-m` and `-V`, in the order of execution.
    pub preamble: Vec<Vec<u8>>,
    /// `-V`: no script is looked for.
    pub config: bool,
    pub include: Vec<Vec<u8>>,
    pub input_separator: Separator,
    pub output_separator: Option<Separator>,
    pub in_place: Option<Vec<u8>>,
    pub warnings: Warnings,
    pub taint: Taint,
    pub unsafe_operations: bool,
    pub check_only: bool,
    pub debugger: Option<Debugger>,
    /// `-s`.
    pub script_switches: bool,
    /// `-S`.
    pub search_path: bool,
    /// `-x`, with its directory.
    pub extract: Option<Vec<u8>>,
    /// The bits of `-C`, once given.
    pub unicode: Option<u32>,
    /// Messages that do not stop.
    pub notices: Vec<Vec<u8>>,
}

/// `-d`
#[derive(Clone, Debug, PartialEq)]
pub struct Debugger {
    /// What `-d:MODULE` stands for.
    pub code: Option<Vec<u8>>,
    /// It comes from the `#!` line: other switches' code has run when it is loaded.
    pub late: bool,
}

/// Where a switch stands: decides how a message ends and what a directory's name ends with.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    Arguments,
    /// `PERL5OPT`.
    Environment,
    /// The `#!` line of the script with this name.
    HashBang(&'a [u8]),
}

impl Place<'_> {
    /// A fatal message about a switch in this place.
    pub fn fail(self, message: impl AsRef<[u8]>) -> Stop {
        let mut text = message.as_ref().to_vec();
        match self {
            Place::Arguments | Place::Environment => {
                text.push(b'.');
                Stop::error(BAD_SWITCH, text)
            }
            Place::HashBang(name) => {
                text.extend_from_slice(b" at ");
                text.extend_from_slice(name);
                text.extend_from_slice(b" line 1.");
                Stop::error(255, text)
            }
        }
    }
}

pub const fn is_space(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'_'
}

/// Splits where `text` stops to satisfy `keep`.
fn span(text: &[u8], keep: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let end = text.iter().position(|&b| !keep(b)).unwrap_or(text.len());
    text.split_at(end)
}

/// Up to `max` octal digits at the front of `text`: value, number of digits, rest.
fn octal(text: &[u8], max: usize) -> (u32, usize, &[u8]) {
    let n = text.iter().take(max).take_while(|b| (b'0'..=b'7').contains(b)).count();
    let value = text[..n].iter().fold(0, |v, b| v * 8 + u32::from(b - b'0'));
    (value, n, &text[n..])
}

impl Switches {
    /// One switch; `text` starts with its letter.
    pub fn common<'t>(&mut self, text: &'t [u8], place: Place) -> Result<Option<&'t [u8]>, Stop> {
        let Some((&letter, rest)) = text.split_first() else { return Ok(None) };
        let rest = match letter {
            b'0' => self.record_separator(text),
            b'C' => {
                let (value, rest) = span(rest, |b| !is_space(b));
                self.unicode = Some(unicode_bits(value).map_err(|m| place.fail(m))?);
                rest
            }
            b'F' => {
                let (value, rest) = span(rest, |b| !is_space(b));
                self.split = Some(value.to_vec());
                self.autosplit = true;
                self.read_loop = true;
                rest
            }
            b'a' => {
                self.autosplit = true;
                self.read_loop = true;
                rest
            }
            b'c' => {
                self.check_only = true;
                rest
            }
            b'd' => {
                let late = matches!(place, Place::HashBang(_));
                let debugger = self.debugger.get_or_insert(Debugger { code: None, late });
                let rest = rest.strip_prefix(b"t").unwrap_or(rest);
                if let Some(b':' | b'=') = rest.first() {
                    let (text, _) = match place {
                        Place::Arguments => (&rest[1..], rest),
                        _ => span(&rest[1..], |b| !is_space(b)),
                    };
                    debugger.code = Some(debugger_module(text));
                    return Ok(None);
                }
                rest
            }
            b'g' => {
                self.input_separator = Separator::Undef;
                rest
            }
            b'h' | b'?' => return Err(Stop::print(help::usage())),
            b'i' => {
                let (suffix, rest) = span(rest, |b| !is_space(b));
                self.in_place = Some(suffix.to_vec());
                match rest.get(1) {
                    Some(b'-') => &rest[2..],
                    _ => rest.get(1..).unwrap_or(rest),
                }
            }
            b'I' => self.directory(rest, place)?,
            b'l' => self.output_record_separator(rest),
            b'M' | b'm' => {
                let line = use_line(letter, rest).map_err(|m| place.fail(m))?;
                self.preamble.push(line);
                return Ok(None);
            }
            b'n' => {
                self.read_loop = true;
                rest
            }
            b'p' => {
                self.print_loop = true;
                rest
            }
            b's' => {
                self.script_switches = true;
                rest
            }
            b't' => {
                if self.taint == Taint::Off {
                    self.taint = Taint::Warn;
                }
                rest
            }
            b'T' => {
                self.taint = Taint::On;
                rest
            }
            b'u' => return Err(place.fail("-u (dump core) is not implemented in Keshi")),
            b'U' => {
                self.unsafe_operations = true;
                rest
            }
            b'v' => return Err(Stop::print(help::version())),
            b'w' => {
                if self.warnings == Warnings::Lexical {
                    self.warnings = Warnings::On;
                }
                rest
            }
            b'W' => {
                self.warnings = Warnings::All;
                rest
            }
            b'X' => {
                self.warnings = Warnings::None;
                rest
            }
            b'D' => {
                self.notices
                    .push(b"Recompile perl with -DDEBUGGING to use -D switch (did you mean -d ?)\n".to_vec());
                span(rest, is_word).1
            }
            // More switches after blanks, where one text holds several (the #! line does).
            b' ' => match span(rest, |b| b == b' ').1 {
                [b'-', more @ ..] => more,
                _ => return Ok(None),
            },
            b'-' | 0 => return Ok(None),
            b'\n' | b'\r' | b'\t' if !matches!(place, Place::Arguments) => return Ok(None),
            _ => return Err(place.fail(unrecognized(text))),
        };
        Ok(Some(rest))
    }

    /// `-0`, `-0NNN`, `-0xHHH`; `text` starts with the 0.
    fn record_separator<'t>(&mut self, text: &'t [u8]) -> &'t [u8] {
        if let [b'0', b'x' | b'X', hex @ ..] = text {
            let (digits, rest) = span(hex, |b| b.is_ascii_hexdigit());
            if !digits.is_empty() {
                let value = digits
                    .iter()
                    .fold(0u64, |v, &b| v << 4 | u64::from((b as char).to_digit(16).unwrap_or(0)));
                self.input_separator = character(value);
                return rest;
            }
        }
        let (value, digits, rest) = octal(text, 4);
        self.input_separator = match value {
            0 if digits > 1 => Separator::bytes(b""),
            0..=0o377 => Separator::bytes(&[value as u8]),
            _ => Separator::Undef,
        };
        rest
    }

    /// `-l`, `-lNNN`; `rest` follows the letter.
    fn output_record_separator<'t>(&mut self, rest: &'t [u8]) -> &'t [u8] {
        self.line_ends = true;
        if rest.first().is_some_and(u8::is_ascii_digit) {
            let (value, _, rest) = octal(rest, if rest[0] == b'0' { 4 } else { 3 });
            self.output_separator = Some(Separator::bytes(&[(value & 0xff) as u8]));
            return rest;
        }
        self.output_separator = Some(match &self.input_separator {
            Separator::Undef => Separator::bytes(b""),
            // A paragraph ends with two newlines.
            Separator::Text { bytes, .. } if bytes.is_empty() => Separator::bytes(b"\n\n"),
            other => other.clone(),
        });
        rest
    }

    /// `-Idir`. On the command line the rest of the argument is the name; elsewhere a blank
    /// ends it. A directory from elsewhere goes to the front.
    fn directory<'t>(&mut self, rest: &'t [u8], place: Place) -> Result<&'t [u8], Stop> {
        let (_, text) = span(rest, is_space);
        let (name, rest) = match place {
            Place::Arguments => (text, &text[text.len()..]),
            Place::Environment | Place::HashBang(_) => span(text, |b| !is_space(b)),
        };
        if name.is_empty() {
            return Err(place.fail("No directory specified for -I"));
        }
        match place {
            Place::Arguments => self.include.push(name.to_vec()),
            Place::Environment | Place::HashBang(_) => self.include.insert(0, name.to_vec()),
        }
        Ok(rest)
    }
}

pub fn unrecognized(text: &[u8]) -> Vec<u8> {
    [b"Unrecognized switch: -", text, b"  (-h will show valid options)"].concat()
}

/// One character as a separator: a byte up to 255, perl's extended UTF-8 above.
fn character(code: u64) -> Separator {
    if let Ok(byte) = u8::try_from(code) {
        return Separator::bytes(&[byte]);
    }
    let bytes = match u32::try_from(code).ok().and_then(char::from_u32) {
        Some(c) => c.to_string().into_bytes(),
        None => extended_utf8(code),
    };
    Separator::Text { bytes, utf8: true }
}

/// perl's encoding of code points that are no Unicode scalar values: surrogates and everything
/// above 0x10FFFF. The lead byte counts the continuation bytes; 0xFF starts the longest form.
fn extended_utf8(code: u64) -> Vec<u8> {
    let (lead, continuation) = match code {
        0..=0xffff => (0xe0, 2),
        0x1_0000..=0x1f_ffff => (0xf0, 3),
        0x20_0000..=0x3ff_ffff => (0xf8, 4),
        0x400_0000..=0x7fff_ffff => (0xfc, 5),
        0x8000_0000..=0xf_ffff_ffff => (0xfe, 6),
        _ => (0xff, 12),
    };
    let mut bytes = Vec::with_capacity(continuation + 1);
    let shift = 6 * continuation as u32;
    bytes.push(if shift < 64 && lead < 0xfe { lead | (code >> shift) as u8 } else { lead });
    for i in (0..continuation as u32).rev() {
        let six = if 6 * i < 64 { code >> (6 * i) & 0x3f } else { 0 };
        bytes.push(0x80 | six as u8);
    }
    bytes
}

/// The value of `-C` or `PERL_UNICODE`: a number or letters.
pub fn unicode_bits(value: &[u8]) -> Result<u32, String> {
    const ALL: u32 = 0x1ff;
    if value.is_empty() {
        return Ok(7 | 24 | 64);
    }
    let mut bits = 0;
    if value[0].is_ascii_digit() {
        let (digits, rest) = span(value, |b| b.is_ascii_digit());
        for b in digits {
            bits = u32::saturating_add(u32::saturating_mul(bits, 10), u32::from(b - b'0'));
        }
        if let Some(&b) = rest.first() {
            return Err(format!("Unknown Unicode option letter '{}'", b as char));
        }
        if digits.len() > 1 && digits[0] == b'0' {
            let shown = String::from_utf8_lossy(digits);
            return Err(format!("Invalid number '{shown}' for -C option"));
        }
    } else {
        for &b in value {
            bits |= match b {
                b'I' => 1,
                b'O' => 2,
                b'E' => 4,
                b'S' => 7,
                b'i' => 8,
                b'o' => 16,
                b'D' => 24,
                b'A' => 32,
                b'L' => 64,
                b'a' => 256,
                _ => return Err(format!("Unknown Unicode option letter '{}'", b as char)),
            };
        }
    }
    if bits & !ALL != 0 {
        return Err(format!("Unknown Unicode option value {}", bits & !ALL));
    }
    Ok(bits)
}

/// What `-d:MODULE` and `-d:MODULE=args` run; a `-` in front of the name makes it `no`.
fn debugger_module(text: &[u8]) -> Vec<u8> {
    let (verb, text): (&[u8], _) = match text {
        [b'-', text @ ..] => (b"no Devel::", text),
        _ => (b"use Devel::", text),
    };
    let (name, tail) = span(text, |b| is_word(b) || b == b':');
    let mut line = [verb, name].concat();
    match tail {
        [b'=', list @ ..] => {
            line.extend_from_slice(b" split(/,/,q\0");
            line.extend_from_slice(list);
            line.extend_from_slice(b"\0)");
        }
        more => line.extend_from_slice(more),
    }
    line
}

/// The source line that `-M` and `-m` stand for; `rest` follows the letter.
fn use_line(letter: u8, rest: &[u8]) -> Result<Vec<u8>, Vec<u8>> {
    let option = letter as char;
    if rest.is_empty() {
        return Err(format!("Missing argument to -{option}").into());
    }
    let (verb, text): (&[u8], _) = match rest {
        [b'-', text @ ..] => (b"no ", text),
        _ => (b"use ", rest),
    };
    let (name, tail) = span(text, |b| is_word(b) || b == b':');
    if name.is_empty() {
        return Err(format!("Module name required with -{option} option").into());
    }
    let mut colons = name;
    while let Some(at) = colons.iter().position(|&b| b == b':') {
        if colons.get(at + 1) != Some(&b':') {
            let mut message = b"Invalid module name ".to_vec();
            message.extend_from_slice(name);
            message.extend_from_slice(format!(" with -{option} option: contains single ':'").as_bytes());
            return Err(message);
        }
        colons = &colons[at + 2..];
    }
    let mut line = verb.to_vec();
    match tail {
        // NUL cannot occur in an argument, so it is a safe delimiter.
        [b'=', list @ ..] => {
            line.extend_from_slice(name);
            line.extend_from_slice(b" split(/,/,q\0");
            line.extend_from_slice(list);
            line.extend_from_slice(b"\0)");
        }
        [] if letter == b'm' => {
            line.extend_from_slice(name);
            line.extend_from_slice(b" ()");
        }
        [other, ..] if letter == b'm' => {
            return Err([b"Can't use '".as_slice(), &[*other], b"' after -mname"].concat());
        }
        _ => line.extend_from_slice(text),
    }
    Ok(line)
}
