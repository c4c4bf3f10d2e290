//! What is known about the S slots of a frame at one place of compiled code.
//!
//! A slot whose possible tags are all uncounted ("plain") lives in Cranelift variables, its memory holds some plain
//! value, perhaps an old one. A slot that may hold a counted value lives in memory. So the mask alone decides where a
//! value is, and dropping is only ever needed for slots in memory.

use keshi_l1::chunk::Chunk;
use keshi_value::Val;
use keshi_value::val::tag;

/// Possible tags, bit `1 << tag`.
pub type Mask = u16;
pub const ANY: Mask = 0xffff;
pub const COUNTED: Mask = 0xff00;
/// All uncounted tags: also the mask of a dead slot whose memory needs no drop.
pub const PLAIN: Mask = 0x001f;

pub const fn only(t: u8) -> Mask {
    1 << t
}
pub const UNDEF: Mask = only(tag::UNDEF);
pub const NUM: Mask = only(tag::NUM);
pub const INT: Mask = only(tag::INT);
pub const UINT: Mask = only(tag::UINT);
pub const BOOL: Mask = only(tag::BOOL);

/// The value is in variables.
pub fn in_regs(m: Mask) -> bool {
    m & COUNTED == 0
}

/// The one tag, if it is known.
pub fn single(m: Mask) -> Option<u8> {
    (m.count_ones() == 1).then(|| m.trailing_zeros() as u8)
}

#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Ctx(
    pub Box<[Mask]>,
    /** Something since the last sync point may have set the pending word. */ pub bool,
);

impl Ctx {
    /// The tags in a frame, as far as `live` slots go.
    ///
    /// # Safety
    /// `fp` is the frame of an activation of `c`.
    pub unsafe fn observe(c: &Chunk, fp: *const Val, live: impl Fn(u16) -> bool) -> Ctx {
        Ctx(
            (0..c.n_sp)
                .map(|r| {
                    // SAFETY: slots below n_sp of a live frame always hold values.
                    let t = unsafe { (*fp.add(r as usize)).tag() };
                    Ctx::normal(only(t), live(r))
                })
                .collect(),
            false,
        )
    }

    fn normal(m: Mask, live: bool) -> Mask {
        match (live, in_regs(m)) {
            (true, _) => m,
            (false, true) => PLAIN,
            (false, false) => ANY,
        }
    }

    /// Nothing known.
    pub fn unknown(c: &Chunk) -> Ctx {
        Ctx(vec![ANY; c.n_sp as usize].into(), false)
    }

    /// Forgets what is known about dead slots.
    pub fn normalise(&mut self, live: impl Fn(u16) -> bool) {
        for (r, m) in self.0.iter_mut().enumerate() {
            *m = Ctx::normal(*m, live(r as u16));
        }
    }

    /// The registers of which anything is known, and what.
    pub fn guards(&self) -> Box<[(u16, Mask)]> {
        let known = self.0.iter().enumerate().filter(|(_, m)| **m != ANY);
        known.map(|(r, m)| (r as u16, *m)).collect()
    }

    pub fn get(&self, r: u16) -> Mask {
        self.0[r as usize]
    }

    pub fn set(&mut self, r: u16, m: Mask) {
        self.0[r as usize] = m;
    }

    /// The least context that both fit.
    pub fn join(&mut self, o: &Ctx) {
        for (a, b) in self.0.iter_mut().zip(o.0.iter()) {
            *a |= *b;
        }
        self.1 |= o.1;
    }
}
