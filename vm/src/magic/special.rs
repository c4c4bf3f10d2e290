//! Special variables (perlvar): which names are magical, what reading and assigning does.
//!
//! Variables that perl merely keeps in a global and the runtime reads when needed (`$,` `$\` `$/` `$"`
//! `$;` `$@` `$0` `$a` `$b`, `$^A` …) are plain scalars here too.

use super::Magic;
use crate::Vm;
use crate::exc::R;
use keshi_value::scalar::Dual;
use keshi_value::{Glob, Ptr, Scalar, Val};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Special {
    /// `$1` …
    Capture(u32),
    /// `$&` `` $` `` `$'`
    Match,
    Prematch,
    Postmatch,
    /// `$+`, `$^N`
    LastParen,
    LastClosed,
    /// `$.`
    InputLine,
    /// `$!`
    Errno,
    /// `$|`
    Autoflush,
    /// `$^W`
    Warn,
    /// `$^H`, `${^WARNING_BITS}`
    Hints,
    WarningBits,
    /// `${^OPEN}`
    OpenLayers,
    /// `$<` `$>` `$(` `$)`
    Uid,
    Euid,
    Gid,
    Egid,
    /// `$$`
    Pid,
    /// `${^LAST_FH}`: the handle read last.
    LastHandle,
    /// `$0`
    ProgramName,
    /// Format variables of the selected handle: `$=` `$-` `$%` `$~` `$^`
    PageLen,
    LinesLeft,
    Page,
    FormatName,
    TopName,
    /// `$^S`
    EvalState,
    /// `${^GLOBAL_PHASE}`
    Phase,
    /// `$/`: assignment checks the value.
    Rs,
    /// `$;`-like constants that may not be assigned: `${^TAINT}` …
    Constant,
    /// `$[`: always 0.
    ArrayBase,
    /// `$*`, `$#`: no longer supported.
    Removed,
    /// `$^T`
    BaseTime,
    /// `$^F`
    SystemFdMax,
    /// `${^PREMATCH}` (0), `${^MATCH}` (1), `${^POSTMATCH}` (2): only after a match with `/p`.
    Kept(u8),
    LastSuccessful,
}

impl Special {
    pub fn is_readonly(self) -> bool {
        matches!(
            self,
            Special::Capture(_)
                | Special::Match
                | Special::Kept(_)
                | Special::Prematch
                | Special::Postmatch
                | Special::LastParen
                | Special::LastClosed
                | Special::EvalState
                | Special::Phase
                | Special::Constant
                | Special::LastSuccessful
        )
    }
}

/// The special scalar of that name in `main`, if it is magical.
fn by_name(name: &[u8]) -> Option<Special> {
    Some(match name {
        b"&" => Special::Match,
        b"`" => Special::Prematch,
        b"'" => Special::Postmatch,
        b"+" => Special::LastParen,
        b"\x0eN" | b"\x0e" => Special::LastClosed,
        b"." => Special::InputLine,
        b"!" => Special::Errno,
        b"\x05" => Special::Errno,
        b"|" => Special::Autoflush,
        b"\x17" => Special::Warn,
        b"\x08" => Special::Hints,
        b"\x17ARNING_BITS" => Special::WarningBits,
        b"\x0fPEN" => Special::OpenLayers,
        b"<" => Special::Uid,
        b">" => Special::Euid,
        b"(" => Special::Gid,
        b")" => Special::Egid,
        b"$" => Special::Pid,
        b"0" => Special::ProgramName,
        b"\x0cAST_FH" => Special::LastHandle,
        b"=" => Special::PageLen,
        b"-" => Special::LinesLeft,
        b"%" => Special::Page,
        b"~" => Special::FormatName,
        b"^" => Special::TopName,
        b"\x13" => Special::EvalState,
        b"\x07LOBAL_PHASE" => Special::Phase,
        b"\x0cAST_SUCCESSFUL_PATTERN" => Special::LastSuccessful,
        b"\x10REMATCH" => Special::Kept(0),
        b"\x0dATCH" => Special::Kept(1),
        b"\x10OSTMATCH" => Special::Kept(2),
        b"/" => Special::Rs,
        b"[" => Special::ArrayBase,
        b"*" | b"#" => Special::Removed,
        b"\x14AINT" | b"\x13AFE_LOCALES" => Special::Constant,
        b"\x12E_DEBUG_FLAGS" | b"\x12E_TRIE_MAXBUF" => return None,
        n if !n.is_empty() && n[0] != b'0' && n.iter().all(u8::is_ascii_digit) => {
            Special::Capture(std::str::from_utf8(n).ok()?.parse().ok()?)
        }
        _ => return None,
    })
}

impl Vm {
    /// Called when a glob of that name comes to be in `main`.
    pub fn init_special(&mut self, g: &Ptr<Glob>, name: &[u8]) {
        if let Some(sp) = by_name(name) {
            let s = g.scalar().clone();
            if sp == Special::Rs {
                s.set(Val::bytes("\n"));
            }
            if sp == Special::ProgramName {
                s.set(Val::bytes("-"));
            }
            self.set_magic(&*s, Magic::Special(sp));
        }
        match name {
            b"ENV" => {
                let h = g.hash().clone();
                self.set_magic(&*h, Magic::Env);
            }
            b"\x08OOK" => {
                let h = g.hash().clone();
                self.set_magic(&*h, Magic::Hook);
            }
            b"SIG" => {
                let h = g.hash().clone();
                self.set_magic(&*h, Magic::Sig);
            }
            b"+" => {
                let a = g.array().clone();
                self.set_magic(&*a, Magic::Offsets(1));
                let h = g.hash().clone();
                self.set_magic(&*h, Magic::Captures(false));
            }
            b"-" => {
                let a = g.array().clone();
                self.set_magic(&*a, Magic::Offsets(0));
                let h = g.hash().clone();
                self.set_magic(&*h, Magic::Captures(true));
            }
            b"\x03APTURE" | b"\x03APTURE_ALL" => {
                let a = g.array().clone();
                self.set_magic(&*a, Magic::Offsets(2));
                let h = g.hash().clone();
                self.set_magic(&*h, Magic::Captures(name.ends_with(b"ALL")));
            }
            b"!" => {
                let h = g.hash().clone();
                self.set_magic(&*h, Magic::Errno);
            }
            b"ISA" => self.init_isa(g),
            b":" => g.scalar().set(Val::bytes(" \n-")),
            b"\x0c" => g.scalar().set(Val::bytes("\x0c")),
            b"\x01" => g.scalar().set(Val::bytes("")),
            b"\"" => g.scalar().set(Val::bytes(" ")),
            b";" => g.scalar().set(Val::bytes("\x1c")),
            b"]" => g.scalar().set(Val::dual(Dual::new(Val::num(5.042003), Val::bytes("5.042003"), None))),
            b"\x16" => {}
            b"\x13AFE_LOCALES" => g.scalar().set(Val::int(1)),
            b"\x06" => g.scalar().set(Val::int(2)),
            b"\x0f" => g.scalar().set(Val::bytes("linux")),
            b"\x14" => {
                let t = self.base_time;
                g.scalar().set(Val::int(t))
            }
            _ => {}
        }
    }

    pub fn special_get(&mut self, sp: Special, s: &Scalar) -> R<Val> {
        use crate::rt::{regex, sys};
        Ok(match sp {
            Special::Capture(n) => regex::capture_n(self, n),
            Special::Match => regex::capture_n(self, 0),
            Special::Prematch => regex::prematch(self),
            Special::Postmatch => regex::postmatch(self),
            Special::Kept(_) if !regex::kept(self) => Val::undef(),
            Special::Kept(0) => regex::prematch(self),
            Special::Kept(1) => regex::capture_n(self, 0),
            Special::Kept(_) => regex::postmatch(self),
            Special::LastParen => regex::last_paren(self),
            Special::LastClosed => regex::last_closed(self),
            Special::LastSuccessful => regex::last_successful(self)?,
            Special::InputLine => match self.rtstate.io.last_read.get().and_then(|g| g.io.get().clone()) {
                Some(io) => {
                    // Kept for the time after the handle is gone.
                    s.set(Val::int(io.lines.get()));
                    s.get()
                }
                None => s.get(),
            },
            Special::Errno => sys::errno_val(self),
            Special::Autoflush => Val::int(crate::rt::io::autoflush(self) as i64),
            Special::Warn => Val::int(self.dash_w as i64),
            Special::Hints => Val::int(self.rtstate.hints as i64),
            Special::WarningBits => self.rtstate.warning_bits.clone(),
            Special::OpenLayers => crate::rt::io::open_hint_get(self)?,
            Special::Uid | Special::Euid | Special::Gid | Special::Egid => sys::ids_get(self, sp),
            // Assigned to, it keeps the value until the next fork.
            Special::Pid if !s.peek().is_undef() => s.get(),
            Special::Pid => Val::int(std::process::id() as i64),
            Special::LastHandle => self.rtstate.io.last_read.get().map_or(Val::undef(), Val::reference),
            Special::ProgramName | Special::Rs | Special::BaseTime | Special::SystemFdMax => s.get(),
            Special::PageLen
            | Special::LinesLeft
            | Special::Page
            | Special::FormatName
            | Special::TopName => crate::rt::format::special_get(self, sp),
            Special::EvalState => {
                if self.compiling > 0 {
                    Val::undef()
                } else {
                    Val::int((self.eval_depth() > 0) as i64)
                }
            }
            Special::Phase => Val::bytes(self.phase),
            Special::Constant => s.get(),
            Special::ArrayBase => Val::int(0),
            Special::Removed => Val::undef(),
        })
    }

    pub fn special_set(&mut self, sp: Special, s: &Scalar, v: Val) -> R<()> {
        use crate::rt::sys;
        if sp.is_readonly() {
            return Err(self.die_text("Modification of a read-only value attempted"));
        }
        match sp {
            Special::InputLine => {
                let n = self.to_iv_quiet(&v)?;
                if let Some(io) = self.rtstate.io.last_read.get().and_then(|g| g.io.get().clone()) {
                    io.lines.set(n);
                } else {
                    s.set(v);
                }
            }
            Special::Errno => {
                let n = self.to_iv_quiet(&v)?;
                sys::set_errno(self, n as i32);
            }
            Special::Autoflush => {
                let on = self.truth(&v)?;
                crate::rt::io::set_autoflush(self, on)?;
            }
            Special::Warn => self.dash_w = self.truth(&v)?,
            Special::Hints => {
                let n = self.to_iv_quiet(&v)?;
                self.rtstate.hints = n as u32;
            }
            Special::WarningBits => self.rtstate.warning_bits = v,
            Special::OpenLayers => crate::rt::io::open_hint_set(self, &v)?,
            Special::Uid | Special::Euid | Special::Gid | Special::Egid => sys::ids_set(self, sp, &v)?,
            Special::Pid => s.set(v),
            Special::ProgramName => {
                let (name, wide) = sys::external_bytes(self, &v)?;
                if wide {
                    self.warn_wide("$0")?;
                }
                keshi_io::procname::set(&name);
                s.set(Val::bytes(&name[..]));
            }
            Special::PageLen
            | Special::LinesLeft
            | Special::Page
            | Special::FormatName
            | Special::TopName => crate::rt::format::special_set(self, sp, v)?,
            Special::Rs => {
                if v.is_ref() {
                    let kind = self.reftype(&v);
                    let inner = v.scalar().map(|s| s.get()).filter(|i| !i.is_ref() && kind != "REGEXP");
                    let n = match inner {
                        Some(i) => self.to_iv_quiet(&i)?,
                        None => {
                            let a = if kind == "ARRAY" { "an" } else { "a" };
                            return Err(
                                self.die_text(&format!("Setting $/ to {a} {kind} reference is forbidden"))
                            );
                        }
                    };
                    if n <= 0 {
                        let what = if n == 0 { "zero" } else { "a negative integer" };
                        return Err(
                            self.die_text(&format!("Setting $/ to a reference to {what} is forbidden"))
                        );
                    }
                }
                s.set(v);
            }
            Special::ArrayBase => {
                if self.to_iv_quiet(&v)? != 0 {
                    return Err(self.die_text("Assigning non-zero to $[ is no longer possible"));
                }
            }
            Special::Removed => {}
            _ => s.set(v),
        }
        Ok(())
    }

    /// Integer value, undef counting as 0 without a warning.
    pub fn to_iv_quiet(&mut self, v: &Val) -> R<i64> {
        if v.is_undef() { Ok(0) } else { self.to_iv(v) }
    }
}
