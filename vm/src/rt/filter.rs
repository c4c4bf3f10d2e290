//! Source filters: Perl code between the text of a file and the parser.
//!
//! Contract
//! * `filter_add` during a BEGIN block or `use` registers a filter for the file being compiled; once that code is
//!   done, [`Vm::filter_source_text`] passes the lines that are still to be parsed through it.
//! * The filter added last is nearest to the parser and reads from the one before it.
//! * A line `__END__` or `__DATA__` ends the filtering: what follows belongs to the program's data.

use crate::Vm;
use crate::exc::{R, Want};
use keshi_value::{Array, Val};

#[derive(Default)]
pub struct State {
    /// Filters of the BEGIN code being run: the object, and whether it is a sub rather than an invocant.
    added: Vec<(Val, bool)>,
    /// Chains at work, innermost last.
    chains: Vec<Chain>,
}

struct Filter {
    object: Val,
    closure: bool,
    active: bool,
    /// What the filter has produced and nobody has read yet.
    buffer: Vec<u8>,
    status: i64,
}

struct Chain {
    text: Vec<u8>,
    pos: usize,
    /// Nearest to the parser first.
    filters: Vec<Filter>,
    /// The filter whose code is running.
    current: usize,
}

impl Chain {
    /// A line, or at most `max` bytes, of the text itself.
    fn read_text(&mut self, max: usize, out: &mut Vec<u8>) -> i64 {
        let rest = &self.text[self.pos..];
        let n = match max {
            0 => memchr::memchr(b'\n', rest).map_or(rest.len(), |i| i + 1),
            _ => max.min(rest.len()),
        };
        out.extend_from_slice(&rest[..n]);
        self.pos += n;
        n as i64
    }
}

impl Vm {
    /// Before BEGIN code runs: filters it adds are its own.
    pub fn begin_filters(&mut self) -> Vec<(Val, bool)> {
        std::mem::take(&mut self.rtstate.filter.added)
    }

    /// After BEGIN code: the filters it added.
    pub fn end_filters(&mut self, outer: Vec<(Val, bool)>) -> Vec<(Val, bool)> {
        std::mem::replace(&mut self.rtstate.filter.added, outer)
    }

    pub fn add_filter(&mut self, object: Val, closure: bool) {
        self.rtstate.filter.added.push((object, closure));
    }

    /// `filter_del`: the running filter passes everything on from now on.
    pub fn disable_filter(&mut self) {
        if let Some(c) = self.rtstate.filter.chains.last_mut() {
            let current = c.current;
            if let Some(f) = c.filters.get_mut(current) {
                f.active = false;
            }
        }
    }

    /// `filter_read`: appends to `$_` what the filter behind the running one gives.
    pub fn filter_read(&mut self, max: usize) -> R<i64> {
        let Some(next) = self.rtstate.filter.chains.last().map(|c| c.current + 1) else { return Ok(0) };
        let mut more = Vec::new();
        let status = self.pull(next, max, &mut more)?;
        let topic = self.gv.defgv.scalar().clone();
        let old = self.get_sv(&topic)?;
        let mut text = self.str_bytes_quiet(&old)?.0.into_owned();
        text.extend_from_slice(&more);
        self.set_sv(&topic, Val::bytes(text))?;
        Ok(status)
    }

    /// The text as the filters (in the order they were added) turn it out.
    pub fn filter_source_text(&mut self, text: &[u8], filters: Vec<(Val, bool)>) -> R<Vec<u8>> {
        let filters = filters.into_iter().rev().map(|(object, closure)| Filter {
            object,
            closure,
            active: true,
            buffer: Vec::new(),
            status: 1,
        });
        let chain = Chain { text: text.to_vec(), pos: 0, filters: filters.collect(), current: 0 };
        self.rtstate.filter.chains.push(chain);
        let r = self.filtered_lines();
        let chain = self.rtstate.filter.chains.pop().expect("pushed above");
        let mut out = r?;
        out.extend_from_slice(&chain.text[chain.pos..]);
        Ok(out)
    }

    fn filtered_lines(&mut self) -> R<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            let from = out.len();
            let status = self.pull(0, 0, &mut out)?;
            if status < 0 {
                return Err(self.die_text("Source filter failed"));
            }
            let line = out[from..].trim_ascii_end();
            if status == 0 || line == b"__END__" || line == b"__DATA__" {
                return Ok(out);
            }
        }
    }

    fn chain(&mut self) -> &mut Chain {
        self.rtstate.filter.chains.last_mut().expect("a filter runs inside its chain")
    }

    /// A line, or at most `max` bytes, out of filter `at`; the status is 0 at the end and negative on failure.
    fn pull(&mut self, at: usize, max: usize, out: &mut Vec<u8>) -> R<i64> {
        let mut got = false;
        loop {
            let chain = self.chain();
            let Some(f) = chain.filters.get_mut(at) else { return Ok(chain.read_text(max, out)) };
            if !f.buffer.is_empty() {
                let line = memchr::memchr(b'\n', &f.buffer).map(|i| i + 1);
                let n = if max > 0 { max.min(f.buffer.len()) } else { line.unwrap_or(f.buffer.len()) };
                out.extend(f.buffer.drain(..n));
                if max > 0 || line.is_some() {
                    return Ok(1);
                }
                got = true;
            }
            if f.status <= 0 {
                return Ok(if got { 1 } else { f.status });
            }
            if !f.active {
                let status = self.pull(at + 1, max, out)?;
                return Ok(if got { status.max(1) } else { status });
            }
            let (object, closure) = (f.object.clone(), f.closure);
            let outer = std::mem::replace(&mut chain.current, at);
            let r = self.run_filter(&object, closure);
            self.chain().current = outer;
            let (status, text) = r?;
            let f = &mut self.chain().filters[at];
            f.status = status;
            f.buffer = text;
            if status < 0 {
                return Ok(status);
            }
        }
    }

    /// Runs the code of a filter with an empty `$_`; its status and what it left there.
    fn run_filter(&mut self, object: &Val, closure: bool) -> R<(i64, Vec<u8>)> {
        let topic_gv = self.gv.defgv.clone();
        let mark = self.dyn_mark();
        let topic = self.local_sv(&topic_gv)?;
        topic.set(Val::bytes(""));
        let r = match object.cv().filter(|_| closure) {
            Some(code) => self.call(&code, Array::new(), Want::Scalar).map(Some),
            None => self.call_method(object, "filter", vec![], Want::Scalar),
        };
        let left = self.get_sv(&topic);
        self.dyn_unwind(mark)?;
        let Some(r) = r? else {
            return Err(self.die_text("Can't locate object method \"filter\" for a source filter"));
        };
        let status = self.read(&r.scalar())?;
        let status = self.to_iv_quiet(&status)?;
        let left = left?;
        Ok((status, self.str_bytes_quiet(&left)?.0.into_owned()))
    }
}
