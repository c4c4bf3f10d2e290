//! The CHECK argument: what happens where a conversion fails.

use crate::args::*;
use keshi_io::encoding::{Encoding, Silent, Sink, State, escaped};
use keshi_text::utf8;
use keshi_value::Val;
use keshi_vm::warn::cat;
use keshi_vm::{Exc, R, Vm};

pub mod flags {
    pub const DIE_ON_ERR: u32 = 0x1;
    pub const WARN_ON_ERR: u32 = 0x2;
    pub const RETURN_ON_ERR: u32 = 0x4;
    pub const LEAVE_SRC: u32 = 0x8;
    pub const ONLY_PRAGMA_WARNINGS: u32 = 0x10;
    pub const PERLQQ: u32 = 0x100;
    pub const HTMLCREF: u32 = 0x200;
    pub const XMLCREF: u32 = 0x400;
    pub const STOP_AT_PARTIAL: u32 = 0x800;

    pub const ALL: &[(&str, u32)] = &[
        ("DIE_ON_ERR", DIE_ON_ERR),
        ("WARN_ON_ERR", WARN_ON_ERR),
        ("RETURN_ON_ERR", RETURN_ON_ERR),
        ("LEAVE_SRC", LEAVE_SRC),
        ("ONLY_PRAGMA_WARNINGS", ONLY_PRAGMA_WARNINGS),
        ("PERLQQ", PERLQQ),
        ("HTMLCREF", HTMLCREF),
        ("XMLCREF", XMLCREF),
        ("STOP_AT_PARTIAL", STOP_AT_PARTIAL),
        ("FB_DEFAULT", 0),
        ("FB_CROAK", DIE_ON_ERR),
        ("FB_QUIET", RETURN_ON_ERR),
        ("FB_WARN", RETURN_ON_ERR | WARN_ON_ERR),
        ("FB_PERLQQ", PERLQQ | LEAVE_SRC),
        ("FB_HTMLCREF", HTMLCREF | LEAVE_SRC),
        ("FB_XMLCREF", XMLCREF | LEAVE_SRC),
    ];
}

/// A CHECK argument: bits, or a sub that supplies the text.
pub struct Argument {
    pub flags: u32,
    handler: Option<Cv>,
}

pub fn argument(vm: &mut Vm, a: &Args, i: usize) -> R<Argument> {
    let v = arg(vm, a, i)?;
    if v.is_undef() {
        return Ok(Argument { flags: 0, handler: None });
    }
    if let Some(c) = v.cv().filter(|_| v.is_ref()) {
        return Ok(Argument { flags: flags::PERLQQ | flags::LEAVE_SRC, handler: Some(c) });
    }
    Ok(Argument { flags: vm.to_iv(&v)? as u32, handler: None })
}

/// A conversion's failures handled as the argument says.
pub struct Check<'a> {
    vm: &'a mut Vm,
    arg: Argument,
    died: Option<Box<Exc>>,
}

const REPLACEMENT: &str = "\u{fffd}";

impl<'a> Check<'a> {
    pub fn new(vm: &'a mut Vm, arg: Argument) -> Check<'a> {
        Check { vm, arg, died: None }
    }

    /// The error that ended the conversion, or whether the source is to be replaced by what was not converted.
    pub fn finish(self) -> R<bool> {
        match self.died {
            Some(e) => Err(e),
            None => Ok(self.arg.flags != 0 && self.arg.flags & flags::LEAVE_SRC == 0),
        }
    }

    fn has(&self, bits: u32) -> bool {
        self.arg.flags & bits != 0
    }

    /// Dies, warns; true if the conversion goes on.
    fn report(&mut self, text: &str) -> bool {
        if self.has(flags::DIE_ON_ERR) {
            self.died = Some(self.vm.die_text(text));
            return false;
        }
        if self.has(flags::WARN_ON_ERR) {
            let r = if self.has(flags::ONLY_PRAGMA_WARNINGS) {
                self.vm.warn(cat::UTF8, text)
            } else {
                self.vm.warn_always(cat::UTF8, text.as_bytes(), !text.is_ascii())
            };
            if let Err(e) = r {
                self.died = Some(e);
                return false;
            }
        }
        !self.has(flags::RETURN_ON_ERR)
    }

    /// The handler's text, as UTF-8; None if there is no handler, or it died.
    fn ask(&mut self, args: Vec<Val>) -> Option<Vec<u8>> {
        let code = self.arg.handler.clone()?;
        let r = self.vm.call_scalar(&code, args).and_then(|v| {
            let v = self.vm.read(&v)?;
            let (b, u) = self.vm.str_bytes(&v)?;
            Ok(utf8::as_utf8(&b, u).into_owned())
        });
        match r {
            Ok(t) => Some(t),
            Err(e) => {
                self.died = Some(e);
                None
            }
        }
    }
}

impl Sink for Check<'_> {
    fn bad(&mut self, e: &Encoding, seq: &[u8], out: &mut Vec<u8>) -> bool {
        let shown = escaped(seq);
        if !self.report(&e.not_decoded(&shown)) {
            return false;
        }
        if self.arg.handler.is_some() {
            if let Some(t) = self.ask(seq.iter().map(|b| Val::int(i64::from(*b))).collect()) {
                out.extend_from_slice(&t);
            }
            return self.died.is_none();
        }
        let subst = self.has(flags::PERLQQ | flags::HTMLCREF | flags::XMLCREF);
        out.extend_from_slice(if subst { shown.as_bytes() } else { REPLACEMENT.as_bytes() });
        true
    }

    fn lacks(&mut self, e: &Encoding, c: u64, out: &mut Vec<u8>) -> bool {
        if !self.report(&e.not_encoded(c)) {
            return false;
        }
        let text = if self.arg.handler.is_some() {
            self.ask(vec![Val::uint(c)])
        } else if self.has(flags::PERLQQ) {
            Some(format!("\\x{{{c:04x}}}").into_bytes())
        } else if self.has(flags::HTMLCREF) {
            Some(format!("&#{c};").into_bytes())
        } else if self.has(flags::XMLCREF) {
            Some(format!("&#x{c:x};").into_bytes())
        } else {
            match e.name() {
                "utf-8-strict" => out.extend_from_slice(REPLACEMENT.as_bytes()),
                _ => out.push(e.substitute()),
            }
            return true;
        };
        if let Some(t) = text {
            e.encode(&mut State::default(), &t, out, &mut Silent);
        }
        self.died.is_none()
    }

    fn complain(&mut self, _e: &Encoding, text: String) -> bool {
        self.report(&text)
    }
}
