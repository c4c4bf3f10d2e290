//! In-memory files: the byte buffer behind `open($fh, "<", \$scalar)`.

use std::cell::RefCell;
use std::rc::Rc;

/// The scalar a handle reads from and writes to. The VM implements it over a Perl scalar: `with` lends the
/// scalar's bytes (made a plain byte string first, undef becoming empty) for the length of one call. It must
/// not run Perl code: the handle is borrowed meanwhile.
pub trait ScalarBuf {
    fn with(&mut self, f: &mut dyn FnMut(&mut Vec<u8>));

    /// Lends the bytes for reading.
    fn view(&mut self, f: &mut dyn FnMut(&[u8])) {
        self.with(&mut |v| f(v))
    }

    /// Overwrites from `at` on, growing as needed; a gap is filled with zeros.
    fn put(&mut self, at: usize, s: &[u8]) {
        self.with(&mut |v| {
            let end = at + s.len();
            if v.len() < end {
                v.resize(end, 0);
            }
            v[at..end].copy_from_slice(s);
        })
    }

    /// Another reference to the same scalar, for `dup`ing the handle.
    fn share(&self) -> Box<dyn ScalarBuf>;
}

/// A free-standing shared buffer.
#[derive(Clone, Default)]
pub struct SharedBytes(pub Rc<RefCell<Vec<u8>>>);

impl ScalarBuf for SharedBytes {
    fn with(&mut self, f: &mut dyn FnMut(&mut Vec<u8>)) {
        // A buffer lent elsewhere at this moment can only be our caller's own: nothing to do then.
        if let Ok(mut v) = self.0.try_borrow_mut() {
            f(&mut v)
        }
    }

    fn share(&self) -> Box<dyn ScalarBuf> {
        Box::new(self.clone())
    }
}
