//! Builtins whose result can be assigned to, and those that change their operand.
use super::expr::container_sigil;
use super::func::arg;
use super::lvalue::Place;
use super::*;
use ast::Func as F;

impl Emitter<'_> {
    /// `substr`, `vec`, `pos`, `keys` as lvalues: an alias of a magical scalar.
    pub fn func_place(&mut self, e: &Expr, f: F, args: &[Expr]) -> E<Place> {
        let name = match f {
            F::Substr if args.len() < 4 => "substr.lv",
            F::Vec => "vec.lv",
            F::Pos => {
                let (p, lv) = self.lv(arg(args)?)?;
                let t = self.ts();
                self.op("pos.lv", &[t.into(), lv.into()])?;
                self.done_lv(&p, lv)?;
                return Ok(Place::Alias(t));
            }
            F::Shift | F::Pop => {
                let a = self.av(arg(args)?, true)?;
                let t = self.ts();
                self.op("shift.alias", &[t.into(), a.into(), Arg::Imm((f == F::Pop).into())])?;
                self.done(a)?;
                return Ok(Place::Alias(t));
            }
            F::Keys => {
                let x = arg(args)?;
                if container_sigil(x) == Some(Sigil::Hash) {
                    let h = self.hv(x, true)?;
                    let t = self.ts();
                    self.op("hv.keys.lv", &[t.into(), h.into()])?;
                    self.done(h)?;
                    return Ok(Place::Alias(t));
                }
                let text = b"Can't modify keys on array in list assignment".to_vec();
                let k = self.konst(Const::Str { bytes: text, utf8: false });
                self.op("die.msg", &[k])?;
                let t = self.ts();
                self.atom("s.undef", &[t.into()])?;
                return Ok(Place::Slot { reg: t, direct: true });
            }
            _ => {
                let t = self.ts();
                self.scalar_into(e, t)?;
                return Ok(Place::Slot { reg: t, direct: true });
            }
        };
        let (target, rest) = super::func::first(args)?;
        let (p, lv) = self.lv(target)?;
        let l = self.scalars_of(rest)?;
        let t = self.ts();
        self.op(name, &[t.into(), lv.into(), l.into()])?;
        self.done(l)?;
        self.done_lv(&p, lv)?;
        Ok(Place::Alias(t))
    }

    pub fn chop(&mut self, f: F, args: &[Expr], d: Reg) -> E {
        let x = arg(args)?;
        let many = args.len() > 1
            || match &x.kind {
                ExprKind::List { items, .. } => items.len() != 1 || super::expr::is_listy(&items[0]),
                ExprKind::Assign(l, _) => super::expr::is_listy(l),
                ExprKind::My(m) => m.parens,
                ExprKind::Slice { .. } | ExprKind::HSlice { .. } => true,
                _ => container_sigil(x) == Some(Sigil::Array),
            };
        if container_sigil(x) == Some(Sigil::Hash) && args.len() == 1 {
            let h = self.hv(x, true)?;
            self.op("chomp.hv", &[d.into(), h.into(), Arg::Imm((f == F::Chomp).into())])?;
            return self.done(h);
        }
        if many {
            let l = match &x.kind {
                ExprKind::Assign(t, _) if args.len() == 1 => {
                    self.void(x)?;
                    let t = super::lvalue::undeclared(t);
                    self.list_of(std::slice::from_ref(&t), Mode::Alias)?
                }
                _ => self.list_of(args, Mode::Alias)?,
            };
            self.op(if f == F::Chomp { "chomp.n" } else { "chop.n" }, &[d.into(), l.into()])?;
            return self.done(l);
        }
        let (p, lv) = self.lv(x)?;
        self.op(f.name(), &[d.into(), lv.into()])?;
        self.done_lv(&p, lv)
    }
}
