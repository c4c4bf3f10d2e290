//! Functions of whole arrays and hashes: `keys`, `values`, `each`, `push`, `unshift`, `pop`, `shift`, `splice`.
use super::expr::container_sigil;
use super::func::first;
use super::*;
use ast::Func as F;

impl Emitter<'_> {
    /// The container and whether it is a hash.
    pub(super) fn container_arg(&mut self, e: &Expr, lv: bool) -> E<(Reg, bool)> {
        match container_sigil(e) {
            Some(Sigil::Hash) => Ok((self.hv(e, lv)?, true)),
            _ => Ok((self.av(e, lv)?, false)),
        }
    }

    pub(super) fn keys_count(&mut self, f: F, e: &Expr, d: Reg) -> E {
        let _ = f;
        // Resetting the iterator modifies the container, so one that is missing comes to be.
        let (p, hash) = self.container_arg(e, true)?;
        if hash {
            self.op("hv.keys.count", &[d.into(), p.into()])?;
        } else {
            self.op("av.reset", &[p.into()])?;
            self.op("av.count", &[d.into(), p.into()])?;
        }
        self.done(p)
    }

    pub(super) fn keys_list(&mut self, f: F, e: &Expr, l: Reg, m: Mode) -> E {
        let (p, hash) = self.container_arg(e, true)?;
        let op = match (hash, f, m) {
            (true, F::Keys, _) => "hv.keys",
            (true, _, Mode::Alias) => "hv.values",
            (true, ..) => "hv.values.copy",
            (false, F::Keys, _) => "av.keys",
            (false, _, Mode::Alias) => "list.av",
            (false, ..) => "list.copy.av",
        };
        self.op(op, &[l.into(), p.into()])?;
        if !hash && f == F::Values {
            self.op("av.reset", &[p.into()])?;
        }
        self.done(p)
    }

    pub(super) fn shift_pop(&mut self, f: F, e: &Expr, d: Reg) -> E {
        if f == F::Shift && self.is_args(e) {
            return self.op("arg.shift", &[d.into()]);
        }
        let p = self.av(e, true)?;
        self.op(f.name(), &[d.into(), p.into()])?;
        self.done(p)
    }

    pub(super) fn push(&mut self, f: F, args: &[Expr], d: Option<Reg>) -> E {
        let (array, rest) = first(args)?;
        let p = self.av(array, true)?;
        if f == F::Push
            && d.is_none()
            && let [one] = rest
            && !super::list::yields_list(one)
        {
            let v = self.operand(one)?;
            self.op("push.1", &[p.into(), v.clone()])?;
            self.done_arg(&v)?;
            return self.done(p);
        }
        let l = self.list_of(rest, Mode::Copy)?;
        let t = self.dst(d);
        self.op(f.name(), &[t.into(), p.into(), l.into()])?;
        self.done(l)?;
        if d.is_none() {
            self.done(t)?;
        }
        self.done(p)
    }

    pub(super) fn splice_args(&mut self, args: &[Expr]) -> E<(Reg, Reg)> {
        let (array, rest) = first(args)?;
        let av = self.av(array, true)?;
        let l = self.new_list()?;
        for (i, x) in rest.iter().enumerate() {
            if i < 2 {
                self.push_scalar(x, l)?;
            } else {
                self.list(x, l, Mode::Copy)?;
            }
        }
        Ok((av, l))
    }
}
