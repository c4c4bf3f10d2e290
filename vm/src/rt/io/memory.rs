//! In-memory files: a scalar as the file's contents.
use keshi_io::ScalarBuf;
use keshi_text::utf8;
use keshi_value::string::PStr;
use keshi_value::val::tag;
use keshi_value::{Ptr, Scalar, Val};

/// A Perl scalar as a file: its bytes, whatever else happens to the variable between two operations.
struct CellBuf(Ptr<Scalar>);

impl CellBuf {
    /// The scalar's string, made a plain byte string.
    fn string(&self) -> Ptr<PStr> {
        let v = self.0.peek();
        match v.to_ptr::<PStr>().filter(|_| v.tag() == tag::STR) {
            Some(s) if !s.utf8() => s,
            Some(s) => PStr::new(&utf8::downgrade(s.bytes()).unwrap_or_default(), false),
            None => PStr::new(&plain_text(v), false),
        }
    }
}

impl ScalarBuf for CellBuf {
    fn with(&mut self, f: &mut dyn FnMut(&mut Vec<u8>)) {
        let mut b = self.string().bytes().to_vec();
        f(&mut b);
        self.0.set(Val::bytes(&b));
    }
    fn view(&mut self, f: &mut dyn FnMut(&[u8])) {
        f(self.string().bytes())
    }
    fn put(&mut self, at: usize, s: &[u8]) {
        // The cell gives its string away, so that a string nobody else holds grows in place.
        let mut p = self.string();
        self.0.set(Val::undef());
        let len = p.len();
        if at > len {
            PStr::append(&mut p, &vec![0; at - len]);
        }
        let over = s.len().min(p.len() - at);
        PStr::bytes_mut(&mut p)[at..at + over].copy_from_slice(&s[..over]);
        PStr::append(&mut p, &s[over..]);
        self.0.set(Val::pstr(p));
    }
    fn share(&self) -> Box<dyn ScalarBuf> {
        Box::new(CellBuf(self.0.clone()))
    }
}

/// Text of a value that is no string, without running Perl code.
fn plain_text(v: &Val) -> Vec<u8> {
    match v.tag() {
        tag::INT => v.as_i64().to_string().into_bytes(),
        tag::UINT => v.bits.to_string().into_bytes(),
        tag::NUM => keshi_text::num::nv_string(v.as_f64()),
        tag::BOOL => {
            if v.bits != 0 {
                b"1".to_vec()
            } else {
                Vec::new()
            }
        }
        tag::DUAL => v
            .as_dual()
            .map(|d| match d.str.as_str() {
                Some(s) => s.bytes().to_vec(),
                None => plain_text(&d.str),
            })
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The file behind a reference to a scalar.
pub fn in_memory(s: &Ptr<Scalar>) -> Box<dyn ScalarBuf> {
    Box::new(CellBuf(s.clone()))
}
