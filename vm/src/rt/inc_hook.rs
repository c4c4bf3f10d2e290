//! References in `@INC`: how they are asked for a source, and the filters they may give along with it.

use super::array::list_values;
use super::require::Found;
use crate::Vm;
use crate::exc::{Exc, R, Want};
use keshi_value::{Array, Code, Ptr, Val, tag};
use std::collections::VecDeque;

/// How an entry of `@INC` that is a reference is asked.
pub(super) enum Hook {
    Sub(Ptr<Code>),
    Method(&'static str, Ptr<Code>),
    /// An object with string overloading is a directory.
    Directory,
}

impl Vm {
    /// Finds out how the reference `entry` wants to be asked.
    pub(super) fn hook_of(&mut self, entry: &Val) -> R<Hook> {
        let blessed = |v: &Val| v.hdr().is_some_and(|h| h.stash().is_some());
        let (mut loader, mut place) = (entry.clone(), "in object hook");
        if !blessed(entry) {
            if let Some(list) = entry.av() {
                loader = self.av_get(&list, 0)?;
                place = "in object in ARRAY hook";
            }
        }
        if loader.is_ref() && blessed(&loader) {
            let stash = loader.hdr().and_then(|h| h.stash().cloned()).expect("blessed");
            for method in ["INC", "INCDIR"] {
                if let Some(c) = self.find_method(&stash, method.as_bytes())?.filter(|c| c.is_defined()) {
                    return Ok(Hook::Method(method, c));
                }
            }
            if let Some(c) = self.method_in_stash(&stash, b"INC")? {
                return Ok(Hook::Method("INC", c));
            }
            if let Some(c) = loader.cv() {
                return Ok(Hook::Sub(c));
            }
            for conversion in ["\"\"", "0+", "bool"] {
                if self.overload_method(&stash, conversion)?.is_some() {
                    return Ok(Hook::Directory);
                }
            }
            let class = self.blessed_name(&loader).unwrap_or_default();
            let class = self.text_of(&class)?;
            let text = format!(
                "Can't locate object method \"INC\", nor \"INCDIR\" nor string overload via package \
                 \"{class}\" {place} in @INC"
            );
            return Err(self.die_text(&text));
        }
        match loader.cv() {
            Some(c) => Ok(Hook::Sub(c)),
            None => {
                let e = self.die_text("Not a CODE reference");
                self.hook_died(e, "INC sub").map(|()| Hook::Directory)
            }
        }
    }

    /// Calls a hook; what it dies with is told apart from errors of the file.
    pub(super) fn call_hook(&mut self, code: &Ptr<Code>, args: Vec<Val>, what: &str) -> R<Vec<Val>> {
        match self.call(code, Array::from_vec(args), Want::List) {
            Ok(r) => list_values(self, &r.list(), 0),
            Err(e) => self.hook_died(e, what).map(|()| Vec::new()),
        }
    }

    /// perl ignores what a hook throws as a reference, and adds to a message that says where it comes from.
    fn hook_died(&mut self, e: Box<Exc>, what: &str) -> R<()> {
        let Exc::Die(v) = &*e else { return Err(e) };
        if v.is_ref() {
            return Ok(());
        }
        let (text, utf8) = self.str_bytes(v)?;
        let has = |part: &[u8]| text.windows(part.len()).any(|w| w == part);
        if !(text.ends_with(b"\n") && has(b" at ") && has(b" line ")) {
            return Err(e);
        }
        let mut text = text.into_owned();
        text.extend_from_slice(format!("{what} hook died--halting @INC search").as_bytes());
        text.extend(self.position_suffix());
        Err(Box::new(Exc::Die(Val::str(&text, utf8))))
    }

    /// Asks a hook for the source of `name`.
    pub(super) fn ask_hook(
        &mut self,
        code: &Ptr<Code>,
        args: Vec<Val>,
        what: &str,
        name: &[u8],
        entry: &Val,
    ) -> R<Option<Found>> {
        let mut answer: VecDeque<Val> = self.call_hook(code, args, what)?.into();
        // A glob counts if something is open there.
        let is_handle = |v: &Val| {
            let glob = v.gv().or_else(|| v.scalar().and_then(|s| s.peek().gv()));
            glob.is_some_and(|g| g.io.get().is_some())
        };
        let is_glob = |v: &Val| v.gv().is_some() || v.scalar().is_some_and(|s| s.peek().tag() == tag::GLOB);
        let mut prefix = None;
        if let Some(s) = answer.front().filter(|v| v.is_ref() && !is_glob(v)).and_then(|v| v.scalar()) {
            let inner = self.get_sv(&s)?;
            prefix = Some(self.str_bytes_quiet(&inner)?.0.into_owned());
            answer.pop_front();
        }
        let mut handle = None;
        if answer.front().is_some_and(is_handle) {
            handle = answer.pop_front();
        }
        let filter = answer.front().filter(|v| v.is_ref()).and_then(|v| v.cv());
        if prefix.is_none() && handle.is_none() && filter.is_none() {
            return Ok(None);
        }
        let mut text = prefix.unwrap_or_default();
        let lines = match &handle {
            Some(h) => self.source_lines(h)?,
            None => Vec::new(),
        };
        let mut outcome = Ok(());
        match filter {
            Some(code) => {
                answer.pop_front();
                let state = answer.pop_front();
                let lines = handle.is_some().then_some(lines);
                outcome = self.filter_source(&code, lines, state, &mut text);
            }
            None => text.extend(lines.concat()),
        }
        let mut shown = format!("/loader/0x{:x}/", entry.addr()).into_bytes();
        shown.extend_from_slice(name);
        Ok(Some(Found { text: outcome.map(|()| text), name: shown, inc: entry.clone() }))
    }

    fn source_lines(&mut self, handle: &Val) -> R<Vec<Vec<u8>>> {
        // Lines end with a newline here, whatever `$/` says.
        let rs = self.gv_str("main::/");
        let last_read = self.rtstate.io.last_read.get();
        let mark = self.dyn_mark();
        self.local_sv(&rs)?.set(Val::bytes("\n"));
        let r = super::io::readlines(self, handle);
        self.dyn_unwind(mark)?;
        if let Some(g) = &last_read {
            self.rtstate.io.last_read.set(g);
        }
        let r = r?;
        let mut out = Vec::new();
        for line in list_values(self, &super::array::av(&r), 0)? {
            out.push(self.str_bytes(&line)?.0.into_owned());
        }
        Ok(out)
    }

    /// Runs a hook's generator (no `lines`) or filter until it says that it is done.
    fn filter_source(
        &mut self,
        code: &Ptr<Code>,
        lines: Option<Vec<Vec<u8>>>,
        state: Option<Val>,
        out: &mut Vec<u8>,
    ) -> R<()> {
        let topic_gv = self.gv.defgv.clone();
        let mut lines = lines.map(Vec::into_iter);
        let state = state.map(|v| Val::ind(keshi_value::Scalar::new(v)));
        loop {
            let mut status = 0;
            let given = match &mut lines {
                Some(it) => it.next(),
                None => None,
            };
            if given.is_some() {
                status = 1;
            }
            let mark = self.dyn_mark();
            let topic = self.local_sv(&topic_gv)?;
            topic.set(Val::bytes(given.unwrap_or_default()));
            let mut args = vec![Val::int(0)];
            args.extend(state.iter().cloned());
            let r = self.call(code, Array::from_vec(args), Want::Scalar);
            let r = match r {
                Ok(r) => r.scalar(),
                Err(e) => {
                    self.dyn_unwind(mark)?;
                    return Err(e);
                }
            };
            let r = self.read(&r)?;
            if !r.is_undef() {
                status = self.to_iv(&r)?;
            }
            let produced = self.get_sv(&topic)?;
            let (text, _) = self.str_bytes_quiet(&produced)?;
            out.extend_from_slice(&text);
            self.dyn_unwind(mark)?;
            if status <= 0 {
                return Ok(());
            }
        }
    }
}
