//! Atoms with a body in the prim language.

use super::*;
use crate::helpers;
use keshi_l1::isa::{OpdKind, Operand};
use keshi_l1::view::get_slot;

/// A typed value of the prim language.
#[derive(Clone, Copy)]
enum Val {
    I(Value),
    N(Value),
    B(Value),
    S,
    /// `box(tag, value)`.
    Boxed(u8, Value),
    /// `box(num, bits(n))`.
    BoxedNum(Value),
    Ovf(Value, Value),
}

impl Lower<'_, '_> {
    pub(super) fn pure(&mut self, pc: u32, v: &View) {
        match &v.info.body {
            Body::Skip => {}
            Body::Goto => self.go_on(v.label().unwrap_or(pc)),
            Body::If(_) if v.ins.op == op::BR_N_WIDE && self.never_wide(v.ins.a) => {}
            Body::If(_) if self.bounded(pc, v) => {}
            Body::If(e) => {
                let Some(x) = self.eval(v, e, false) else { return self.leave(pc, Why::Leave) };
                let c = match x {
                    Val::I(c) | Val::B(c) => c,
                    _ => return self.leave(pc, Why::Leave),
                };
                self.branch(c, v.label().unwrap_or(pc), None, None);
                self.learn_less(v);
            }
            Body::Try(_) if self.increment(v) || self.cannot_overflow(v) => {}
            Body::Value(_) if self.known_modulus(v) => {}
            Body::Try(_) if v.ins.op == op::I_TONX && self.constant(v.ins.b).is_some() => {
                let k = self.constant(v.ins.b).unwrap_or(0);
                let x = self.b.ins().f64const(k as f64);
                self.set_n(v.ins.a, x);
            }
            Body::Try(_) if matches!(v.ins.op, op::N_ADDX | op::N_SUBX | op::N_MULX) => self.checked(v),
            Body::Try(e) => {
                let Some(Val::Ovf(x, o)) = self.eval(v, e, false) else { return self.leave(pc, Why::Leave) };
                self.branch(o, v.label().unwrap_or(pc), None, None);
                let x = if self.b.func.dfg.value_type(x) == types::F64 { Val::N(x) } else { Val::I(x) };
                self.out(v, x);
            }
            Body::Value(e) => {
                let float = v.regs().any(|r| r.1 == keshi_l1::isa::Mode::Out && r.2 == Fam::N);
                let Some(x) = self.eval(v, e, float) else { return self.leave(pc, Why::Leave) };
                self.out(v, x);
            }
            Body::Rust(_) | Body::Intrinsic => self.leave(pc, Why::Leave),
        }
    }

    /// Stores into the `out` operand.
    fn out(&mut self, v: &View, x: Val) {
        let Some((_, _, fam, r)) = v.regs().find(|r| r.1 == keshi_l1::isa::Mode::Out) else { return };
        match (fam, x) {
            (Fam::I, Val::I(x)) => self.set_i(r, x),
            (Fam::I, Val::B(x)) => {
                let x = self.b.ins().uextend(types::I64, x);
                self.set_i(r, x);
            }
            (Fam::N, Val::N(x)) => self.set_n(r, x),
            (Fam::S, Val::Boxed(t, x)) => self.put(r, Plain::Tagged(t, x)),
            (Fam::S, Val::BoxedNum(x)) => self.put(r, Plain::Num(x)),
            _ => unreachable!("the checker of l1-spec has typed `{}`", v.info.name),
        }
    }

    fn eval(&mut self, v: &View, e: &Expr, float: bool) -> Option<Val> {
        Some(match e {
            Expr::Int(i) => Val::I(self.int(*i)),
            Expr::Opd(i) => self.operand(v, &v.info.operands[*i as usize], float),
            Expr::Call("box", args) => {
                let Expr::Int(tag) = args[0] else { return None };
                self.boxed(v, tag as u8, &args[1])?
            }
            Expr::Call("fbits", [Expr::Call("payload", [Expr::Opd(i)])]) => {
                let r = v.reg(*i as usize)?;
                Val::N(self.get_num(r))
            }
            Expr::Call("tagof", [Expr::Opd(i)]) => {
                let r = v.reg(*i as usize)?;
                Val::I(self.tag_of(r))
            }
            Expr::Call("payload", [Expr::Opd(i)]) => {
                let r = v.reg(*i as usize)?;
                Val::I(self.get_bits(r))
            }
            Expr::Call("ld8", [p, Expr::Call(f, _)]) => {
                let p = self.int_of(v, p)?;
                let offset = match *f {
                    "KIND" => stubs::KIND,
                    _ => return None,
                };
                // A null pointer has kind 0.
                let nothing = self.ptr(&stubs::NOTHING);
                let null = self.b.ins().icmp_imm_s(IntCC::Equal, p, 0);
                let p = self.b.ins().select(null, nothing, p);
                Val::I(self.b.ins().uload8(types::I64, mem(), p, offset))
            }
            Expr::Call("ld64", [p, Expr::Call(f, _)]) => {
                let p = self.int_of(v, p)?;
                let offset = match *f {
                    "LEN" => keshi_value::array::LEN as i32,
                    _ => return None,
                };
                Val::I(self.b.ins().load(types::I64, mem(), p, offset))
            }
            Expr::Call("classof", [Expr::Opd(i)]) => {
                let r = v.reg(*i as usize)?;
                self.store(r);
                let place = self.b.ins().iadd_imm_s(self.fp, Self::at(r) as i64);
                Val::I(self.look(stubs::classof as *const u8, &[place]))
            }
            Expr::Call(f @ ("ic" | "epoch"), [x]) => {
                let x = self.int_of(v, x)?;
                let vm = self.vm;
                let f = if *f == "ic" { stubs::ic_key as *const u8 } else { stubs::epoch as *const u8 };
                Val::I(self.look(f, &[vm, x]))
            }
            Expr::Call("dynsp", []) => {
                let vm = self.vm;
                Val::I(self.look(stubs::dynsp as *const u8, &[vm]))
            }
            Expr::Call("frame_want", []) => {
                let vm = self.vm;
                Val::I(self.look(stubs::frame_want as *const u8, &[vm]))
            }
            Expr::Call(name, args) => {
                let mut values = Vec::with_capacity(args.len());
                for a in *args {
                    values.push(match self.eval(v, a, false)? {
                        Val::I(x) | Val::N(x) => x,
                        Val::B(x) => self.b.ins().uextend(types::I64, x),
                        _ => return None,
                    });
                }
                let res = helpers::prim(&mut self.b, name, &values)?;
                match res {
                    Res::Bool(x) => Val::B(x),
                    Res::Ovf(x, o) => Val::Ovf(x, o),
                    Res::One(x) if self.b.func.dfg.value_type(x) == types::F64 => Val::N(x),
                    Res::One(x) => Val::I(x),
                }
            }
        })
    }

    fn boxed(&mut self, v: &View, tag: u8, e: &Expr) -> Option<Val> {
        if let (keshi_value::val::tag::NUM, Expr::Call("bits", [n])) = (tag, e) {
            return match self.eval(v, n, true)? {
                Val::N(n) => Some(Val::BoxedNum(n)),
                _ => None,
            };
        }
        let x = self.int_of(v, e)?;
        Some(Val::Boxed(tag, x))
    }

    fn int_of(&mut self, v: &View, e: &Expr) -> Option<Value> {
        Some(match self.eval(v, e, false)? {
            Val::I(x) => x,
            Val::B(x) => self.b.ins().uextend(types::I64, x),
            _ => return None,
        })
    }

    /// The value of an I register if it is a constant that a double holds.
    pub(super) fn constant(&mut self, r: u16) -> Option<i64> {
        let x = self.get_i(r);
        let x = self.b.func.dfg.resolve_aliases(x);
        let inst = self.b.func.dfg.value_def(x).inst()?;
        match self.b.func.dfg.insts[inst] {
            ir::InstructionData::UnaryImm { opcode: ir::Opcode::Iconst, imm } => Some(imm.bits()),
            _ => None,
        }
        .filter(|k| k.unsigned_abs() <= 1 << 53)
    }

    fn operand(&mut self, v: &View, o: &Operand, float: bool) -> Val {
        let x = get_slot(v.ins, o.slot);
        match o.kind {
            OpdKind::Reg(_, f) => match Fam::from(f) {
                Fam::I => Val::I(self.get_i(x as u16)),
                Fam::N => Val::N(self.get_n(x as u16)),
                Fam::S => Val::S,
                Fam::P => Val::I(self.b.ins().load(types::I64, mem(), self.fp, Self::at(x as u16) + 8)),
            },
            OpdKind::Imm if float => Val::N(self.b.ins().f64const(f64::from_bits(x))),
            _ => Val::I(self.int(x as i64)),
        }
    }

    /// Calls a function that only looks.
    fn look(&mut self, f: *const u8, args: &[Value]) -> Value {
        let mut args = args.to_vec();
        if args.len() < 2 {
            let zero = self.int(0);
            args.push(zero);
        }
        let (sig, f) = (self.look_sig(), self.ptr(f));
        let call = self.b.ins().call_indirect(sig, f, &args);
        self.b.inst_results(call)[0]
    }
}
