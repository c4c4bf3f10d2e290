//! Operator overloading (overload.pm's runtime): method tables live in the stash as `(op` entries and are
//! inherited; `((` marks a package with overloading, `()` holds `fallback`.

use crate::Vm;
use crate::exc::{R, Want};
use keshi_value::obj::flag;
use keshi_value::{Array, Code, Hash, Ptr, Val};

/// `fallback` of a class: undef, true or false.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fallback {
    Undef,
    Yes,
    No,
}

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
        let key = format!("({op}");
        let Some(code) = self.find_method(stash, key.as_bytes())? else { return Ok(None) };
        let nil =
            code.glob.get().as_ref().is_some_and(|g| g.name.as_str().is_some_and(|n| n.bytes() == b"nil"));
        if !nil {
            return Ok(Some(code));
        }
        // `"+" => "method"`: the name is in the scalar of the same glob.
        for class in self.mro(stash)?.iter() {
            let Some(c) = class.as_str() else { continue };
            let Some(st) = self.stash(c.bytes(), c.utf8(), false) else { continue };
            let Some(g) = self.gv_in(&st, key.as_bytes(), false, false) else { continue };
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
                continue;
            }
            return Ok(if self.truth(&v)? { Fallback::Yes } else { Fallback::No });
        }
        Ok(Fallback::Undef)
    }

    fn call_overload(&mut self, code: &Ptr<Code>, a: &Val, b: &Val, swapped: Val) -> R<Val> {
        let r = self.call(code, Array::from_vec(vec![a.clone(), b.clone(), swapped]), Want::Scalar)?.scalar();
        self.read(&r)
    }

    /// Conversions `""`, `0+`, `bool`, and unary `neg ! ~ abs …`; conversions stand in for each other.
    /// `None`: not overloaded.
    pub fn overload_unary(&mut self, v: &Val, op: &str) -> R<Option<Val>> {
        let Some(stash) = self.overloaded(v)? else { return Ok(None) };
        if self.no_overloading() {
            return Ok(None);
        }
        let order: &[&str] = match op {
            "\"\"" => &["\"\"", "0+", "bool"],
            "0+" => &["0+", "\"\"", "bool"],
            "bool" => &["bool", "0+", "\"\""],
            other => {
                return match self.overload_method(&stash, other)? {
                    Some(m) => Ok(Some(self.call_overload(&m, v, &Val::undef(), Val::bytes(""))?)),
                    None => Ok(None),
                };
            }
        };
        for o in order {
            if let Some(m) = self.overload_method(&stash, o)? {
                let r = self.call_overload(&m, v, &Val::undef(), Val::bytes(""))?;
                return Ok(Some(r));
            }
        }
        // nomethod serves conversions too.
        if let Some(m) = self.overload_method(&stash, "nomethod")? {
            let r = self.call(
                &m,
                Array::from_vec(vec![v.clone(), Val::undef(), Val::bytes(""), Val::bytes(op)]),
                Want::Scalar,
            )?;
            return Ok(Some(r.scalar()));
        }
        Ok(None)
    }

    /// `no overloading` in force.
    fn no_overloading(&self) -> bool {
        self.hint(0x0100_0000) && self.cop().is_some_and(|(c, _)| c.hinthash.is_none())
    }

    /// Binary operator: tries left, right (swapped), then `nomethod`; `None`: use the built-in meaning
    /// (perhaps via conversions). `assign`: `op=` form was asked for, tried first.
    pub fn overload_binary(&mut self, a: &Val, b: &Val, op: &str, assign: bool) -> R<Option<Val>> {
        let sa = self.overloaded(a)?;
        let sb = self.overloaded(b)?;
        if (sa.is_none() && sb.is_none()) || self.no_overloading() {
            return Ok(None);
        }
        if let Some(s) = &sa {
            if assign {
                if let Some(m) = self.overload_method(s, &format!("{op}="))? {
                    return Ok(Some(self.call_overload(&m, a, b, Val::undef())?));
                }
            }
            if let Some(m) = self.overload_method(s, op)? {
                let sw = if assign { Val::undef() } else { Val::bytes("") };
                return Ok(Some(self.call_overload(&m, a, b, sw)?));
            }
        }
        if let Some(s) = &sb {
            if let Some(m) = self.overload_method(s, op)? {
                return Ok(Some(self.call_overload(&m, b, a, Val::int(1))?));
            }
        }
        if let Some(v) = self.overload_autogenerate(a, b, op, &sa, &sb)? {
            return Ok(Some(v));
        }
        for (s, swapped) in [(&sa, false), (&sb, true)] {
            let Some(s) = s else { continue };
            if let Some(m) = self.overload_method(s, "nomethod")? {
                let (x, y) = if swapped { (b, a) } else { (a, b) };
                let sw = if swapped { Val::int(1) } else { Val::bytes("") };
                let args = vec![x.clone(), y.clone(), sw, Val::bytes(op)];
                return Ok(Some(self.call(&m, Array::from_vec(args), Want::Scalar)?.scalar()));
            }
        }
        // Without a conversion, or with fallback => 0, the operation is an error.
        let mut denied = false;
        let mut conv = false;
        for s in [&sa, &sb].into_iter().flatten() {
            match self.overload_fallback(s)? {
                Fallback::No => denied = true,
                Fallback::Yes => conv = true,
                Fallback::Undef => {
                    for o in ["\"\"", "0+", "bool"] {
                        if self.overload_method(s, o)?.is_some() {
                            conv = true;
                        }
                    }
                }
            }
        }
        let has_methods = conv || !denied;
        if denied || !has_methods {
            return Err(self.no_method_error(a, b, op)?);
        }
        if !conv
            && !matches!(
                op,
                "eq" | "ne"
                    | "=="
                    | "!="
                    | "."
                    | "x"
                    | "<=>"
                    | "cmp"
                    | "&&"
                    | "lt"
                    | "gt"
                    | "le"
                    | "ge"
                    | "<"
                    | ">"
                    | "<="
                    | ">="
            )
        {
            return Ok(None);
        }
        Ok(None)
    }

    /// Comparisons through `<=>`/`cmp`, `-=` through `-`, `x=`…, `abs` through `<` and `neg`.
    fn overload_autogenerate(
        &mut self,
        a: &Val,
        b: &Val,
        op: &str,
        sa: &Option<Ptr<Hash>>,
        sb: &Option<Ptr<Hash>>,
    ) -> R<Option<Val>> {
        let base = match op {
            "<" | "<=" | ">" | ">=" | "==" | "!=" => "<=>",
            "lt" | "le" | "gt" | "ge" | "eq" | "ne" => "cmp",
            _ => return Ok(None),
        };
        let mut r = None;
        for (s, swapped) in [(sa, false), (sb, true)] {
            let Some(s) = s else { continue };
            if self.overload_fallback(s)? == Fallback::No {
                continue;
            }
            if let Some(m) = self.overload_method(s, base)? {
                let v = if swapped {
                    self.call_overload(&m, b, a, Val::int(1))?
                } else {
                    self.call_overload(&m, a, b, Val::bytes(""))?
                };
                r = Some(v);
                break;
            }
        }
        let Some(v) = r else { return Ok(None) };
        let n = self.to_nv(&v)?;
        let t = match op {
            "<" | "lt" => n < 0.0,
            "<=" | "le" => n <= 0.0,
            ">" | "gt" => n > 0.0,
            ">=" | "ge" => n >= 0.0,
            "==" | "eq" => n == 0.0,
            _ => n != 0.0,
        };
        Ok(Some(Val::bool(t)))
    }

    fn no_method_error(&mut self, a: &Val, b: &Val, op: &str) -> R<Box<crate::Exc>> {
        let da = self.overload_operand(a)?;
        let db = self.overload_operand(b)?;
        Ok(self.die_text(&format!(
            "Operation \"{op}\": no method found,\n\tleft argument {da},\n\tright argument {db}"
        )))
    }

    fn overload_operand(&mut self, v: &Val) -> R<String> {
        if self.overloaded(v)?.is_some() {
            let n = self.blessed_name(v).unwrap_or_default();
            Ok(format!("in overloaded package {}", self.text_of(&n)?))
        } else {
            Ok("has no overloaded magic".into())
        }
    }

    /// Dereference overloading `${} @{} %{} &{} *{}`: follows until the object returns itself.
    pub fn overload_deref(&mut self, v: &Val, op: &str) -> R<Option<Val>> {
        let mut cur = v.clone();
        for _ in 0..100 {
            let Some(stash) = self.overloaded(&cur)? else { break };
            let Some(m) = self.overload_method(&stash, op)? else { break };
            let r = self.call_overload(&m, &cur, &Val::undef(), Val::bytes(""))?;
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
