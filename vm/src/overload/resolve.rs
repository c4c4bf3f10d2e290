//! Which method serves an operator: the class's own, one that can stand in for it, `nomethod`, or none.
//!
//! The order is perl's: the left operand's method (for `op=` first the assigning form, then the plain one),
//! for unary operators a substitute of the same class, the right operand's method with the operands swapped,
//! `<=>`/`cmp` for a comparison, `nomethod`, and then either the built-in meaning (`fallback => 1`) or death.

use super::Fallback;
use crate::Vm;
use crate::exc::{Exc, R, Want};
use keshi_value::{Array, Code, Hash, Ptr, Val};

/// How an operator uses its operands.
pub enum Form<'a> {
    Unary,
    Binary,
    /// A bit operator under `use feature 'bitwise'`: methods get two more arguments, undef and true.
    NumericBits {
        unary: bool,
    },
    /// `op=`; the left operand is the value of `place`: an object held from elsewhere too is copied first.
    Assign {
        place: &'a mut Val,
    },
    /// `++`, `--`.
    Step {
        place: &'a mut Val,
    },
}

impl Form<'_> {
    fn is_unary(&self) -> bool {
        matches!(self, Form::Unary | Form::Step { .. } | Form::NumericBits { unary: true })
    }
    fn is_assign(&self) -> bool {
        matches!(self, Form::Assign { .. })
    }
    /// The operator as messages and `nomethod` name it.
    fn name(&self, op: &str) -> String {
        if self.is_assign() { format!("{op}=") } else { op.to_owned() }
    }
}

/// What becomes of a method's result.
#[derive(Clone, Copy)]
enum Then {
    /// It is the result.
    Keep,
    /// A comparison by way of `<=>` or `cmp`: its order.
    Order,
    /// `!` by way of a conversion.
    Negate,
    /// `++` by way of `+`: assigned.
    Store,
}

/// A method found, and how to call it.
struct Choice {
    code: Ptr<Code>,
    swapped: bool,
    then: Then,
    /// The method is the mutator itself or stands in for one: the object is copied if shared.
    copies: bool,
    /// Called as an assignment's base operator: the third argument is undef.
    assigning: bool,
    /// A right operand other than the operator's own.
    right: Option<Val>,
    nomethod: bool,
}

impl Choice {
    fn new(code: Ptr<Code>) -> Choice {
        Choice {
            code,
            swapped: false,
            then: Then::Keep,
            copies: false,
            assigning: false,
            right: None,
            nomethod: false,
        }
    }
}

fn comparison_base(op: &str) -> Option<&'static str> {
    match op {
        "<" | "<=" | ">" | ">=" | "==" | "!=" => Some("<=>"),
        "lt" | "le" | "gt" | "ge" | "eq" | "ne" => Some("cmp"),
        _ => None,
    }
}

impl Vm {
    /// Calls the method that overloads `op`; `None`: the operator has its built-in meaning.
    pub(super) fn amagic(&mut self, left: &Val, right: &Val, op: &str, form: Form) -> R<Option<Val>> {
        match self.choose(left, right, op, &form)? {
            Substitute::Method(c) => self.serve(c, left, right, op, form).map(Some),
            Substitute::Value(v) => Ok(Some(v)),
            Substitute::BuiltIn | Substitute::None => Ok(None),
        }
    }

    /// `<>` of an object in list context.
    pub(super) fn amagic_lines(&mut self, v: &Val) -> R<Option<Ptr<Array>>> {
        let Substitute::Method(c) = self.choose(v, &Val::undef(), "<>", &Form::Unary)? else {
            return Ok(None);
        };
        let mut args = vec![v.clone(), Val::undef(), Val::bool(false)];
        if c.nomethod {
            args.push(Val::bytes("<>"));
        }
        let r = self.call(&c.code, Array::from_vec(args), Want::List)?;
        let values = crate::rt::array::list_values(self, &r.list(), 0)?;
        Ok(Some(Array::from_vec(values)))
    }

    fn choose(&mut self, left: &Val, right: &Val, op: &str, form: &Form) -> R<Substitute> {
        let ls = self.overloaded(left)?;
        let rs = if form.is_unary() { None } else { self.overloaded(right)? };
        if (ls.is_none() && rs.is_none()) || self.no_overloading(op) {
            return Ok(Substitute::BuiltIn);
        }
        let choice = match self.own_method(&ls, op, form)? {
            Some(c) => Some(c),
            None if form.is_unary() => match self.unary_substitute(left, ls.as_ref(), op)? {
                Substitute::Method(c) => Some(c),
                Substitute::None => None,
                done => return Ok(done),
            },
            None => match self.method_of_right(&rs, op)? {
                Some(c) => Some(c),
                None => {
                    if matches!(op, "." | "x") && self.any_permits(&ls, &rs)? {
                        return Ok(Substitute::BuiltIn);
                    }
                    self.comparison_substitute(&ls, &rs, op)?
                }
            },
        };
        if let Some(c) = choice {
            return Ok(Substitute::Method(c));
        }
        match self.nomethod(&ls, &rs, form)? {
            Some(c) => Ok(Substitute::Method(c)),
            None if self.falls_back(&ls)? && self.falls_back(&rs)? => Ok(Substitute::BuiltIn),
            None => Err(self.no_method_found(left, right, op, form)?),
        }
    }

    fn own_method(&mut self, ls: &Option<Ptr<Hash>>, op: &str, form: &Form) -> R<Option<Choice>> {
        let Some(s) = ls else { return Ok(None) };
        if form.is_assign() {
            if let Some(m) = self.overload_method(s, &format!("{op}="))? {
                return Ok(Some(Choice { copies: true, assigning: true, ..Choice::new(m) }));
            }
            if self.overload_fallback(s)? == Fallback::No {
                return Ok(None);
            }
        }
        let Some(m) = self.overload_method(s, op)? else { return Ok(None) };
        Ok(Some(Choice {
            copies: matches!(form, Form::Step { .. }),
            assigning: form.is_assign(),
            ..Choice::new(m)
        }))
    }

    fn method_of_right(&mut self, rs: &Option<Ptr<Hash>>, op: &str) -> R<Option<Choice>> {
        let Some(s) = rs else { return Ok(None) };
        Ok(self.overload_method(s, op)?.map(|m| Choice { swapped: true, ..Choice::new(m) }))
    }

    /// Does the class of some operand allow substitutes?
    fn any_permits(&mut self, ls: &Option<Ptr<Hash>>, rs: &Option<Ptr<Hash>>) -> R<bool> {
        for s in [ls, rs].into_iter().flatten() {
            if self.overload_fallback(s)? > Fallback::No {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn comparison_substitute(
        &mut self,
        ls: &Option<Ptr<Hash>>,
        rs: &Option<Ptr<Hash>>,
        op: &str,
    ) -> R<Option<Choice>> {
        let Some(base) = comparison_base(op) else { return Ok(None) };
        for (s, swapped) in [(ls, false), (rs, true)] {
            let Some(s) = s else { continue };
            if self.overload_fallback(s)? == Fallback::No {
                continue;
            }
            if let Some(m) = self.overload_method(s, base)? {
                return Ok(Some(Choice { swapped, then: Then::Order, ..Choice::new(m) }));
            }
        }
        Ok(None)
    }

    fn nomethod(&mut self, ls: &Option<Ptr<Hash>>, rs: &Option<Ptr<Hash>>, form: &Form) -> R<Option<Choice>> {
        for (s, swapped) in [(ls, false), (rs, true)] {
            let Some(s) = s else { continue };
            if let Some(m) = self.overload_method(s, "nomethod")? {
                let copies = !swapped && matches!(form, Form::Assign { .. } | Form::Step { .. });
                let assigning = form.is_assign();
                return Ok(Some(Choice { swapped, nomethod: true, copies, assigning, ..Choice::new(m) }));
            }
        }
        Ok(None)
    }

    /// No overloading at all, or `fallback => 1`.
    fn falls_back(&mut self, s: &Option<Ptr<Hash>>) -> R<bool> {
        match s {
            Some(s) => Ok(self.overload_fallback(s)? == Fallback::Yes),
            None => Ok(true),
        }
    }

    fn first_method(&mut self, stash: &Ptr<Hash>, ops: &[&str]) -> R<Option<Choice>> {
        for o in ops {
            if let Some(m) = self.overload_method(stash, o)? {
                return Ok(Some(Choice::new(m)));
            }
        }
        Ok(None)
    }

    /// What stands in for a unary operator the class does not overload.
    fn unary_substitute(&mut self, v: &Val, stash: Option<&Ptr<Hash>>, op: &str) -> R<Substitute> {
        let Some(stash) = stash else { return Ok(Substitute::BuiltIn) };
        if self.overload_fallback(stash)? == Fallback::No {
            return Ok(Substitute::None);
        }
        let found = match op {
            "bool" => self.first_method(stash, &["0+", "\"\""])?,
            "0+" => self.first_method(stash, &["\"\"", "bool"])?,
            "\"\"" => self.first_method(stash, &["0+", "bool"])?,
            "!" => {
                self.first_method(stash, &["bool", "0+", "\"\""])?.map(|c| Choice { then: Then::Negate, ..c })
            }
            "++" | "--" => {
                let (assigning, plain) = if op == "++" { ("+=", "+") } else { ("-=", "-") };
                let own = self.first_method(stash, &[assigning])?.is_some();
                self.first_method(stash, &[assigning, plain])?.map(|c| Choice {
                    then: if own { Then::Keep } else { Then::Store },
                    copies: own,
                    assigning: true,
                    right: Some(Val::bool(true)),
                    ..c
                })
            }
            "neg" => {
                let zero = Some(Val::int(0));
                self.first_method(stash, &["-"])?.map(|c| Choice { right: zero, swapped: true, ..c })
            }
            "abs" => return self.abs_substitute(v, stash),
            "=" => return Ok(self.plain_copy(v)),
            "int" | "<>" | "-X" | "qr" | "~~" => return Ok(Substitute::BuiltIn),
            _ => None,
        };
        Ok(found.map_or(Substitute::None, Substitute::Method))
    }

    /// `abs` by way of `<` (or `<=>`) and `neg` (or `-`).
    fn abs_substitute(&mut self, v: &Val, stash: &Ptr<Hash>) -> R<Substitute> {
        let compares = self.first_method(stash, &["<", "<=>"])?.is_some();
        let negates = self.first_method(stash, &["neg", "-"])?.is_some();
        if !(compares && negates) {
            return Ok(Substitute::None);
        }
        let less = self.amagic(v, &Val::int(0), "<", Form::Binary)?;
        let negative = match less {
            Some(l) => self.truth(&l)?,
            None => false,
        };
        if !negative {
            return Ok(Substitute::Value(v.clone()));
        }
        Ok(match self.amagic(v, &Val::undef(), "neg", Form::Unary)? {
            Some(n) => Substitute::Value(n),
            None => Substitute::None,
        })
    }

    /// `=` of an object that is a plain scalar: a new object of the class with the same value.
    fn plain_copy(&mut self, v: &Val) -> Substitute {
        use keshi_value::obj::{Kind, Obj};
        let (Some(s), Some(h)) = (v.as_scalar(), v.hdr()) else { return Substitute::None };
        if h.kind() != Kind::SCALAR || s.peek().is_ref() {
            return Substitute::None;
        }
        let copy = keshi_value::Scalar::new(s.peek().clone());
        if let Some(stash) = h.stash() {
            copy.hdr().bless(stash.clone());
        }
        Substitute::Value(Val::reference(copy))
    }

    fn serve(&mut self, c: Choice, left: &Val, right: &Val, op: &str, form: Form) -> R<Val> {
        let numeric = matches!(form, Form::NumericBits { .. });
        let name = form.name(op);
        let place = match form {
            Form::Assign { place } | Form::Step { place } => Some(place),
            _ => None,
        };
        let mut place = match place {
            Some(place) if c.copies => {
                if let Some(copy) = self.copy_if_shared(left, right)? {
                    self.assign(place, copy)?;
                }
                Some(place)
            }
            other => other,
        };
        // A swapped call has the operator's right operand, the object, as its first argument.
        let from_right = c.swapped && c.right.is_none();
        // A mutator may assign to its first argument: that is the variable.
        let l = match place.as_deref_mut() {
            Some(p) if c.copies && p.is_alias() => p.clone(),
            Some(p) if c.copies => Val::slot(std::ptr::from_mut(p)),
            _ => left.clone(),
        };
        let r = c.right.unwrap_or_else(|| right.clone());
        let third = if c.swapped {
            Val::bool(true)
        } else if c.assigning {
            Val::undef()
        } else {
            Val::bool(false)
        };
        let mut args = if from_right { vec![r, l, third] } else { vec![l, r, third] };
        if c.nomethod {
            args.push(Val::bytes(name));
        } else if numeric {
            args.extend([Val::undef(), Val::bool(true)]);
        }
        let r = self.call_overload(&c.code, args)?;
        match c.then {
            Then::Keep => Ok(r),
            Then::Negate => Ok(Val::bool(!self.truth(&r)?)),
            Then::Order => {
                let n = self.to_iv(&r)?;
                Ok(Val::bool(match op {
                    "<" | "lt" => n < 0,
                    "<=" | "le" => n <= 0,
                    ">" | "gt" => n > 0,
                    ">=" | "ge" => n >= 0,
                    "==" | "eq" => n == 0,
                    _ => n != 0,
                }))
            }
            Then::Store => {
                if let Some(p) = place {
                    self.assign(p, r.clone())?;
                }
                Ok(r)
            }
        }
    }

    /// The copy constructor's result if the object is held from elsewhere too: the variable has one count,
    /// `left` another, and `right` two more in `$x += $x` (register and operand).
    fn copy_if_shared(&mut self, left: &Val, right: &Val) -> R<Option<Val>> {
        let ours = if right.is_ref() && right.addr() == left.addr() { 4 } else { 2 };
        if left.hdr().is_none_or(|h| h.rc.get() <= ours) {
            return Ok(None);
        }
        let Some(copy) = self.amagic(left, &Val::undef(), "=", Form::Unary)? else { return Ok(None) };
        if !copy.is_ref() {
            return Err(self.die_text("Copy method did not return a reference"));
        }
        Ok(Some(copy))
    }

    fn no_method_found(&mut self, left: &Val, right: &Val, op: &str, form: &Form) -> R<Box<Exc>> {
        let l = self.described_operand(left)?;
        let op = form.name(op);
        let text = if form.is_unary() {
            format!("Operation \"{op}\": no method found, argument {l}")
        } else {
            let r = self.described_operand(right)?;
            format!("Operation \"{op}\": no method found,\n\tleft argument {l},\n\tright argument {r}")
        };
        Ok(self.die_text(&text))
    }

    fn described_operand(&mut self, v: &Val) -> R<String> {
        if self.overloaded(v)?.is_some() {
            let n = self.blessed_name(v).unwrap_or_default();
            Ok(format!("in overloaded package {}", self.text_of(&n)?))
        } else {
            Ok("has no overloaded magic".into())
        }
    }
}

/// What serves an operator, if anything does.
enum Substitute {
    Method(Choice),
    Value(Val),
    /// The operator's built-in meaning serves, whatever `fallback` says.
    BuiltIn,
    None,
}
