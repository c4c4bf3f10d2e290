//! Operator overloading (overload.pm's runtime): which classes overload what, and the forms operators use.
//!
//! Method tables live in the stash as `(op` entries and are inherited; `((` marks a package with
//! overloading, `()` holds `fallback`. [`resolve`] has perl's rules for choosing a method.
//!
//! Laws: an operator asks here before it reads an operand as a number or a string; `None` means "use the
//! built-in meaning", which then comes back for the conversions.

mod resolve;

use crate::Vm;
use crate::exc::{R, Want};
use keshi_value::obj::flag;
use keshi_value::{Array, Code, Hash, Ptr, Val};
pub use resolve::Form;

/// `fallback` of a class: undef, true or false, in perl's order of permissiveness.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fallback {
    No,
    Undef,
    Yes,
}

/// `$^H` bit of `no overloading`.
const HINT_NO_AMAGIC: u32 = 0x0100_0000;

/// The numbers `no overloading LIST` keeps in `$^H{overloading}` (overload::numbers).
const NUMBERS: &str = "() ${} @{} %{} *{} &{} ++ -- bool 0+ \"\" ! = abs neg <> int < <= > >= == != lt le gt ge \
    eq ne nomethod + += - -= * *= / /= % %= ** **= << <<= >> >>= & &= &. &.= | |= |. |.= ^ ^= ^. ^.= <=> cmp ~ \
    ~. atan2 cos sin exp log sqrt x x= . .= ~~ -X qr";

impl Vm {
    /// Stash of an overloaded referent, `None` if the value is no object of an overloaded class.
    pub fn overloaded(&mut self, v: &Val) -> R<Option<Ptr<Hash>>> {
        if !v.is_ref() {
            return Ok(None);
        }
        let Some(h) = v.hdr() else { return Ok(None) };
        if !h.has(flag::BLESSED) {
            return Ok(None);
        }
        let Some(stash) = h.stash().cloned() else { return Ok(None) };
        if let Some(known) = *self.overload_cache(&stash) {
            return Ok(known.then_some(stash));
        }
        let has = self.find_method(&stash, b"((")?.is_some() || self.find_method(&stash, b"()")?.is_some();
        *self.overload_cache(&stash) = Some(has);
        Ok(has.then_some(stash))
    }

    /// The implementation of an operator, resolving `overload::nil` entries (methods given by name).
    pub fn overload_method(&mut self, stash: &Ptr<Hash>, op: &str) -> R<Option<Ptr<Code>>> {
        let mut key = [b'('; 12];
        let n = op.len().min(11) + 1;
        key[1..n].copy_from_slice(&op.as_bytes()[..n - 1]);
        let key = &key[..n];
        let Some(code) = self.find_method(stash, key)? else { return Ok(None) };
        if !self.is_overload_nil(&code) {
            return Ok(Some(code));
        }
        // `"+" => "method"`: the name is in the scalar of the same glob.
        for class in self.mro(stash)?.iter() {
            let Some(c) = class.as_str() else { continue };
            let Some(st) = self.stash(c.bytes(), c.utf8(), false) else { continue };
            let Some(g) = self.gv_in(&st, key, false, false) else { continue };
            if g.cv.get().is_none() {
                continue;
            }
            let name = g.scalar().get();
            let (b, u) = self.str_bytes_quiet(&name)?;
            let b = b.into_owned();
            return match self.find_method(stash, &b)? {
                Some(m) => Ok(Some(m)),
                None => {
                    let t = self.text_of(&Val::str(&b, u))?;
                    let pkg = self.stash_name(stash);
                    let pkg = self.text_of(&pkg)?;
                    Err(self.die_text(&format!(
                        "Can't resolve method \"{t}\" overloading \"{op}\" in package \"{pkg}\""
                    )))
                }
            };
        }
        Ok(None)
    }

    /// Is that what `overload.pm` stores for a method given by name? Someone's own `nil` is a sub like any other, and
    /// so is that of a package `overload` that has been emptied.
    fn is_overload_nil(&mut self, code: &Ptr<Code>) -> bool {
        let named =
            code.glob.get().as_ref().is_some_and(|g| g.name.as_str().is_some_and(|n| n.bytes() == b"nil"));
        if !named {
            return false;
        }
        let Some(st) = self.stash(b"overload", false, false) else { return false };
        let Some(g) = self.gv_in(&st, b"nil", false, false) else { return false };
        g.cv.get().as_ref().is_some_and(|c| c.same(code))
    }

    pub fn overload_fallback(&mut self, stash: &Ptr<Hash>) -> R<Fallback> {
        for class in self.mro(stash)?.iter() {
            let Some(c) = class.as_str() else { continue };
            let Some(st) = self.stash(c.bytes(), c.utf8(), false) else { continue };
            let Some(g) = self.gv_in(&st, b"()", false, false) else { continue };
            if g.cv.get().is_none() {
                continue;
            }
            let v = g.scalar().get();
            if v.is_undef() {
                return Ok(Fallback::Undef);
            }
            return Ok(if self.truth(&v)? { Fallback::Yes } else { Fallback::No });
        }
        Ok(Fallback::Undef)
    }

    /// `no overloading` in force for that operator.
    pub(crate) fn no_overloading(&self, op: &str) -> bool {
        let Some((cop, _)) = self.cop() else { return false };
        if cop.hints & HINT_NO_AMAGIC == 0 {
            return false;
        }
        let bits = cop.hinthash.iter().flat_map(|h| h.iter()).find(|e| &*e.key == b"overloading");
        let Some(bits) = bits.and_then(|e| e.value.as_ref()) else { return true };
        let Some(n) = NUMBERS.split_ascii_whitespace().position(|w| w == op) else { return false };
        bits.get(n / 8).is_some_and(|b| b >> (n % 8) & 1 != 0)
    }

    fn call_overload(&mut self, code: &Ptr<Code>, args: Vec<Val>) -> R<Val> {
        let r = self.call(code, Array::from_vec(args), Want::Scalar)?.scalar();
        self.read(&r)
    }

    /// Conversions `""`, `0+`, `bool`, and unary `neg ! ~ abs …`; `None`: use the built-in meaning.
    pub fn overload_unary(&mut self, v: &Val, op: &str) -> R<Option<Val>> {
        self.amagic(v, &Val::undef(), op, Form::Unary)
    }

    /// Binary operator.
    pub fn overload_binary(&mut self, a: &Val, b: &Val, op: &str) -> R<Option<Val>> {
        self.amagic(a, b, op, Form::Binary)
    }

    /// Bit operator that always takes its operands as numbers.
    pub fn overload_numeric_bits(&mut self, a: &Val, b: &Val, op: &str) -> R<Option<Val>> {
        self.amagic(a, b, op, Form::NumericBits { unary: op == "~" })
    }

    /// The file test operator `letter`.
    pub fn overload_filetest(&mut self, v: &Val, letter: u8) -> R<Option<Val>> {
        self.amagic(v, &Val::bytes([letter]), "-X", Form::Unary)
    }

    /// `<>` in scalar context.
    pub fn overload_line(&mut self, v: &Val) -> R<Option<Val>> {
        self.amagic(v, &Val::undef(), "<>", Form::Unary)
    }

    /// `<>` in list context.
    pub fn overload_lines(&mut self, v: &Val) -> R<Option<Ptr<Array>>> {
        self.amagic_lines(v)
    }

    /// `place op= b`: the value to be assigned. `old` is the value of `place`, held once by the caller.
    pub fn overload_assign(&mut self, place: &mut Val, old: &Val, b: &Val, op: &str) -> R<Option<Val>> {
        self.amagic(old, b, op, Form::Assign { place })
    }

    /// `++`/`--` on the object in `place`; `false`: not overloaded. `old` as in [`Vm::overload_assign`].
    pub fn overload_step(&mut self, place: &mut Val, old: &Val, op: &str) -> R<bool> {
        Ok(self.amagic(old, &Val::undef(), op, Form::Step { place })?.is_some())
    }

    /// Dereference overloading `${} @{} %{} &{} *{}`: follows until the object returns itself.
    pub fn overload_deref(&mut self, v: &Val, op: &str) -> R<Option<Val>> {
        let mut cur = v.clone();
        for _ in 0..100 {
            let Some(stash) = self.overloaded(&cur)? else { break };
            if self.no_overloading(op) {
                break;
            }
            let Some(m) = self.overload_method(&stash, op)? else { break };
            let r = self.call_overload(&m, vec![cur.clone(), Val::undef(), Val::bytes("")])?;
            if !r.is_ref() {
                return Err(self.die_text("Overloaded dereference did not return a reference"));
            }
            if r.addr() == cur.addr() {
                return Ok(Some(r));
            }
            cur = r;
        }
        if cur.addr() == v.addr() && cur.is_ref() == v.is_ref() { Ok(None) } else { Ok(Some(cur)) }
    }
}
