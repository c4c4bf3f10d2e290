//! Warnings: lexical categories, FATAL, `$SIG{__WARN__}`.

use crate::Vm;
use crate::exc::{Exc, R, Want};
use keshi_value::{Array, Val};

pub use keshi_l1::warn as cat;

impl Vm {
    /// "Wide character in …", on unless switched off.
    pub fn warn_wide(&mut self, place: &str) -> R<()> {
        if self.warns_default(cat::UTF8) {
            self.warn_always(cat::UTF8, format!("Wide character in {place}").as_bytes(), false)?;
        }
        Ok(())
    }

    /// Is the category enabled in the running statement? Cheap enough to ask before building a message.
    pub fn warns(&self, c: u32) -> bool {
        if self.no_warn || self.all_warn {
            return self.all_warn;
        }
        match self.cop() {
            Some((cop, _)) => match &cop.warnings {
                None => self.dash_w || cat::default_on(c),
                Some(b) => bit(b, 2 * c),
            },
            None => self.dash_w || cat::default_on(c),
        }
    }

    /// Default-on warnings: given unless `no warnings 'c'` is in force.
    pub fn warns_default(&self, c: u32) -> bool {
        if self.all_warn {
            return true;
        }
        !self.no_warn && self.cop().and_then(|(cop, _)| cop.warnings.as_ref()).is_none_or(|b| bit(b, 2 * c))
    }

    fn fatal(&self, c: u32) -> bool {
        self.cop().and_then(|(cop, _)| cop.warnings.as_ref()).is_some_and(|b| bit(b, 2 * c + 1))
    }

    /// A warning of category `c` if enabled; position is appended. FATAL categories die.
    pub fn warn(&mut self, c: u32, msg: &str) -> R<()> {
        if !self.warns(c) {
            return Ok(());
        }
        self.warn_always(c, msg.as_bytes(), !msg.is_ascii())
    }

    pub fn warn_bytes(&mut self, c: u32, msg: &[u8], utf8: bool) -> R<()> {
        if !self.warns(c) {
            return Ok(());
        }
        self.warn_always(c, msg, utf8)
    }

    /// Emits without asking whether it is enabled.
    pub fn warn_always(&mut self, c: u32, msg: &[u8], utf8: bool) -> R<()> {
        let mut b = msg.to_vec();
        if b.last() != Some(&b'\n') {
            b.extend(self.position_suffix());
        }
        let v = Val::str(&b, utf8);
        if self.fatal(c) {
            return Err(self.die_value(v));
        }
        self.warn_value(v)
    }

    /// `warn VALUE`: the `__WARN__` hook, else stderr.
    pub fn warn_value(&mut self, v: Val) -> R<()> {
        if !self.rtstate.in_warn_hook {
            if let Some(code) = self.signal_hook("__WARN__")? {
                self.rtstate.in_warn_hook = true;
                let r = self.call(&code, Array::from_vec(vec![v]), Want::Void);
                self.rtstate.in_warn_hook = false;
                return r.map(drop);
            }
        }
        let (b, u) = self.str_bytes(&v)?;
        let (b, wide) = (b.into_owned(), u && keshi_text::utf8::downgrade(&self.str_bytes(&v)?.0).is_none());
        if wide && !crate::rt::io::takes_characters(self) {
            self.warn_default(cat::UTF8, "Wide character in warn")?;
        }
        self.write_stderr_str(&b, u);
        Ok(())
    }

    /// `Use of uninitialized value$var in OP`
    pub fn warn_uninit(&mut self) -> R<()> {
        if !self.warns(cat::UNINITIALIZED) {
            self.rtstate.converting = Default::default();
            return Ok(());
        }
        let name = self.uninit_name().map(|n| format!(" {n}")).unwrap_or_default();
        let what = self.rtstate.converting.step.take().map_or_else(|| self.in_op(), |s| format!(" in {s}"));
        // The handler may run other code that warns.
        let next = self.rtstate.converting.next.take();
        self.warn(cat::UNINITIALIZED, &format!("Use of uninitialized value{name}{what}"))?;
        self.rtstate.converting.next = next;
        Ok(())
    }

    pub fn deep_recursion_warning(&mut self, code: &keshi_value::Code) -> R<()> {
        if !self.warns(cat::RECURSION) {
            return Ok(());
        }
        let msg = match self.sub_full_name(code) {
            Some(n) if !n.ends_with("__ANON__") => format!("Deep recursion on subroutine \"{n}\""),
            _ => "Deep recursion on anonymous subroutine".to_string(),
        };
        self.warn(cat::RECURSION, &msg)
    }

    /// Converts an exception to text as perl prints an uncaught one.
    pub fn exc_text(&mut self, e: &Exc) -> Vec<u8> {
        match e {
            Exc::Die(v) => match self.str_bytes(v) {
                Ok((b, _)) => b.into_owned(),
                Err(_) => b"Died".to_vec(),
            },
            Exc::Loop { kind, label } => {
                let word = match kind {
                    crate::LoopKind::Next => "next",
                    crate::LoopKind::Last => "last",
                    crate::LoopKind::Redo => "redo",
                };
                let mut out = match label {
                    Some(l) => format!("Label not found for \"{word} {}\"", String::from_utf8_lossy(l)),
                    None => format!("Can't \"{word}\" outside a loop block"),
                }
                .into_bytes();
                out.extend(self.position_suffix());
                out
            }
            Exc::Goto(l) => {
                let mut out = format!("Can't find label {}", String::from_utf8_lossy(l)).into_bytes();
                out.extend(self.position_suffix());
                out
            }
            Exc::Exit(_) => Vec::new(),
        }
    }
}

fn bit(b: &[u8], n: u32) -> bool {
    b.get((n / 8) as usize).is_some_and(|x| x & (1 << (n % 8)) != 0)
}
