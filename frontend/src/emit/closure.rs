//! Anonymous and lexical subs: closures over the variables of the running sub.
use super::*;

impl Emitter<'_> {
    /// Compiles an inner sub to a constant.
    pub fn inner_chunk(&mut self, def: &SubDef) -> E<(Arc<Chunk>, Arg)> {
        let unit = compile_unit(def, self.opts)?;
        self.inner += &unit.ops;
        let k = self.konst(Const::Chunk(unit.chunk.clone()));
        Ok((unit.chunk, k))
    }

    /// Makes the closure of `def` in P register `p`.
    pub fn closure(&mut self, def: &SubDef, p: Reg) -> E {
        let (chunk, k) = self.inner_chunk(def)?;
        self.op("clos.new", &[p.into(), k])?;
        for (i, c) in chunk.captures.iter().enumerate() {
            let n = Arg::Imm(i as u64);
            if c.outer == FRESH {
                if c.name.first() == Some(&b'&') {
                    // A `state sub`: clos.new has made it.
                    continue;
                }
                let t = self.tp();
                let make = match c.name.first() {
                    Some(b'@') => "my.av",
                    Some(b'%') => "my.hv",
                    _ => "my.cell",
                };
                self.atom("p.drop", &[t.into()])?;
                self.op(make, &[t.into()])?;
                self.op("clos.cap", &[p.into(), n, t.into()])?;
                self.done(t)?;
                continue;
            }
            match self.homes.get(c.outer as usize).cloned() {
                Some(Home::Cell(r) | Home::Av(r) | Home::Hv(r) | Home::Cv(r)) => {
                    self.op("clos.cap", &[p.into(), n, r.into()])?
                }
                Some(Home::Slot { reg, .. }) => {
                    let t = self.tp();
                    self.op("s.box", &[t.into(), reg.into()])?;
                    self.op("clos.cap", &[p.into(), n, t.into()])?;
                    self.done(t)?;
                }
                _ => {
                    return self.fail(def.line, "internal error of the compiler: capture without a variable");
                }
            }
        }
        Ok(())
    }

    /// `sub {…}` as a value.
    pub fn anon_sub(&mut self, def: &SubDef, d: Reg) -> E {
        let p = self.tp();
        self.closure(def, p)?;
        self.op("ref.new", &[d.into(), p.into()])?;
        self.done(p)?;
        if !def.attrs.is_empty() {
            let k = self.attr_list(&def.package, &def.attrs);
            self.op("attrs.apply", &[d.into(), k])?;
        }
        if def.const_attr {
            self.op("const.sub", &[d.into(), d.into()])?;
        }
        Ok(())
    }
}
