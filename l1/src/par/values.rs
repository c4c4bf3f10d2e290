//! What the registers hold at the end of one iteration, as expressions over what they held at its start.
//!
//! One forward pass over the hot blocks. Moves, boxes and pure atoms are followed; everything else gives an opaque
//! value. Where paths join, and at the heads of inner loops, values become phis.

use super::loops::{Hot, Loop};
use crate::cfg::Cfg;
use crate::chunk::{Chunk, Fam};
use crate::isa::{Body, Mode, op};
use crate::view::View;
use std::collections::{HashMap, HashSet};

pub type Id = u32;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// The register at the start of the iteration.
    Init(u16),
    /// The scalar of a package symbol, or in the cell of an unchanged P register, at the start of the iteration.
    MemInit(Base),
    Const(i64),
    Undef,
    /// Result of a pure atom.
    Pure {
        op: u16,
        pc: u32,
        args: Vec<Id>,
    },
    /// Number of elements of what an unchanged P register holds.
    Len(u16),
    /// An object made at this pc, in this iteration.
    New(u32),
    /// What `glob.sv`, `glob.av`, … yield for a symbol.
    Glob {
        op: u16,
        sym: u32,
    },
    Capture(u32),
    Phi(Vec<Id>),
    /// Unknown, but without a share of the registers at the start.
    Opaque(u32, u8),
}

/// Entries that make a `my` variable new; a worker starts without any.
pub const NEW_VARIABLE: [&str; 3] = ["my.av", "my.hv", "my.cell"];

/// What a P register refers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Base {
    Reg(u16),
    Sym(u32),
    Capture(u32),
    /// Made in this iteration.
    Fresh(u32),
    Unknown,
}

/// One instruction on the hot path with the values it reads.
pub struct Step {
    pub pc: u32,
    /// Value of each operand before the instruction; `Id::MAX` for operands that are no registers.
    pub args: Vec<Id>,
}

pub struct Values {
    nodes: Vec<Node>,
    ids: HashMap<Node, Id>,
    /// All hot instructions in order.
    pub steps: Vec<Step>,
    /// Values at the end of an iteration, for written registers.
    pub last: HashMap<u16, Id>,
    /// Memory cells that the loop stores to, and their values at the end of an iteration.
    pub cells: HashMap<Base, Id>,
    /// Registers written in the hot part.
    pub written: Vec<(u16, Fam)>,
    /// An inner loop stores to a scalar, so an iteration may do that any number of times.
    pub inner_stores: bool,
    deps: Vec<HashSet<Id>>,
}

/// Head and end of an inner loop's back edge with the phis of the head.
type BackEdge = (usize, usize, Vec<(u16, Id)>);
type Env = HashMap<u16, Id>;
type Mem = HashMap<Base, Id>;

impl Values {
    pub fn new(c: &Chunk, cfg: &Cfg, l: &Loop, hot: &Hot) -> Values {
        let mut v = Values {
            nodes: Vec::new(),
            ids: HashMap::new(),
            steps: Vec::new(),
            last: HashMap::new(),
            cells: HashMap::new(),
            written: Vec::new(),
            inner_stores: false,
            deps: Vec::new(),
        };
        v.collect_written(c, cfg, hot);
        let order: HashMap<u32, usize> = hot.blocks.iter().enumerate().map(|(i, b)| (*b, i)).collect();
        let mut out: Vec<Option<(Env, Mem)>> = vec![None; hot.blocks.len()];
        let mut back: Vec<BackEdge> = Vec::new();
        for (i, &b) in hot.blocks.iter().enumerate() {
            let preds: Vec<usize> =
                hot.edges.iter().filter(|e| e.1 == b && b != l.header).map(|e| order[&e.0]).collect();
            let forward: Vec<usize> = preds.iter().copied().filter(|p| *p < i).collect();
            let (mut env, mut mem) = v.join(&forward, &out);
            if let Some(&end) = preds.iter().filter(|p| **p >= i).max() {
                // Head of an inner loop: whatever it writes is a phi of the value before and those that come round.
                let mut phis = Vec::new();
                for r in v.written_in(c, cfg, &hot.blocks[i..=end]) {
                    let before = v.read(&env, r);
                    let phi = v.nodes.len() as Id;
                    v.nodes.push(Node::Phi(vec![before]));
                    env.insert(r, phi);
                    phis.push((r, phi));
                }
                let stores = |b: &u32| {
                    super::loops::block_views(c, cfg, *b)
                        .any(|v| matches!(v.ins.op, op::CELL_SET | op::CELL_STORE))
                };
                v.inner_stores |= hot.blocks[i..=end].iter().any(stores);
                // Memory cells inside an inner loop are not followed.
                for m in mem.values_mut() {
                    *m = v.opaque(cfg.blocks[b as usize].start, 255);
                }
                back.extend(preds.iter().filter(|p| **p >= i).map(|p| (i, *p, phis.clone())));
            }
            v.block(c, cfg, b, hot, i, &mut env, &mut mem);
            out[i] = Some((env, mem));
        }
        for (_, from, phis) in back {
            for (r, phi) in phis {
                let x = match &out[from] {
                    Some((env, _)) => v.read(&env.clone(), r),
                    None => continue,
                };
                if let Node::Phi(list) = &mut v.nodes[phi as usize]
                    && !list.contains(&x)
                {
                    list.push(x);
                }
            }
        }
        let latches: Vec<usize> = hot.edges.iter().filter(|e| e.1 == l.header).map(|e| order[&e.0]).collect();
        let (env, mem) = v.join(&latches, &out);
        for (r, _) in v.written.clone() {
            let x = v.read(&env, r);
            v.last.insert(r, x);
        }
        v.cells = mem;
        v.find_deps();
        v
    }

    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    pub fn find(&self, n: &Node) -> Option<Id> {
        self.ids.get(n).copied()
    }

    pub fn is_written(&self, r: u16) -> bool {
        self.written.iter().any(|w| w.0 == r)
    }

    /// Does the value depend on what `root` (an `Init` or `MemInit`) was?
    pub fn depends(&self, id: Id, root: Id) -> bool {
        self.deps.get(id as usize).is_some_and(|d| d.contains(&root))
    }

    /// Is `target` part of the expression `id`?
    pub fn contains(&self, id: Id, target: Id) -> bool {
        let mut seen = HashSet::new();
        let mut work = vec![id];
        while let Some(i) = work.pop() {
            if i == target {
                return true;
            }
            if seen.insert(i)
                && let Node::Pure { args, .. } | Node::Phi(args) = self.node(i)
            {
                work.extend(args);
            }
        }
        false
    }

    fn add(&mut self, n: Node) -> Id {
        if let Some(&i) = self.ids.get(&n) {
            return i;
        }
        let i = self.nodes.len() as Id;
        self.nodes.push(n.clone());
        self.ids.insert(n, i);
        i
    }

    fn opaque(&mut self, pc: u32, operand: u8) -> Id {
        self.add(Node::Opaque(pc, operand))
    }

    fn read(&mut self, env: &Env, r: u16) -> Id {
        match env.get(&r) {
            Some(&i) => i,
            None => self.add(Node::Init(r)),
        }
    }

    fn collect_written(&mut self, c: &Chunk, cfg: &Cfg, hot: &Hot) {
        let mut set = HashSet::new();
        for &b in &hot.blocks {
            for v in super::loops::block_views(c, cfg, b) {
                for (_, mode, fam, r) in v.regs() {
                    if mode.writes() && set.insert(r) {
                        self.written.push((r, fam));
                    }
                }
            }
        }
    }

    fn written_in(&self, c: &Chunk, cfg: &Cfg, blocks: &[u32]) -> Vec<u16> {
        let mut set = HashSet::new();
        for &b in blocks {
            for v in super::loops::block_views(c, cfg, b) {
                set.extend(v.regs().filter(|r| r.1.writes()).map(|r| r.3));
            }
        }
        set.into_iter().collect()
    }

    fn join(&mut self, preds: &[usize], out: &[Option<(Env, Mem)>]) -> (Env, Mem) {
        let states: Vec<&(Env, Mem)> = preds.iter().filter_map(|p| out[*p].as_ref()).collect();
        let Some((first, rest)) = states.split_first() else { return Default::default() };
        let (mut env, mut mem) = (first.0.clone(), first.1.clone());
        for (e, m) in rest {
            let regs: HashSet<u16> = env.keys().chain(e.keys()).copied().collect();
            for r in regs {
                let (a, b) = (self.read(&env, r), self.read(e, r));
                let x = self.phi(a, b);
                env.insert(r, x);
            }
            let bases: HashSet<Base> = mem.keys().chain(m.keys()).copied().collect();
            for base in bases {
                let a = self.cell(&mem, base);
                let b = self.cell(m, base);
                let x = self.phi(a, b);
                mem.insert(base, x);
            }
        }
        (env, mem)
    }

    fn cell(&mut self, mem: &Mem, b: Base) -> Id {
        match mem.get(&b) {
            Some(&i) => i,
            None => self.add(Node::MemInit(b)),
        }
    }

    fn phi(&mut self, a: Id, b: Id) -> Id {
        if a == b {
            return a;
        }
        let mut all: Vec<Id> = Vec::new();
        for x in [a, b] {
            // Only phis made by joins are in `ids`; those of inner loops still grow and are kept as they are.
            match &self.nodes[x as usize] {
                Node::Phi(v) if self.ids.contains_key(&Node::Phi(v.clone())) => all.extend(v),
                _ => all.push(x),
            }
        }
        all.sort_unstable();
        all.dedup();
        self.add(Node::Phi(all))
    }

    pub fn base(&self, id: Id) -> Base {
        match self.node(id) {
            Node::Init(r) if !self.is_written(*r) => Base::Reg(*r),
            Node::Glob { sym, .. } => Base::Sym(*sym),
            Node::Capture(i) => Base::Capture(*i),
            Node::New(pc) => Base::Fresh(*pc),
            _ => Base::Unknown,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn block(&mut self, c: &Chunk, cfg: &Cfg, b: u32, hot: &Hot, i: usize, env: &mut Env, mem: &mut Mem) {
        let block = &cfg.blocks[b as usize];
        let mut facts = hot.facts[i].clone();
        for pc in block.start..block.end {
            let Some(v) = View::new(&c.code[pc as usize]) else { continue };
            let mut args = vec![Id::MAX; v.operands().len()];
            for (k, mode, fam, r) in v.regs() {
                if mode.reads() {
                    // An integer that is known needs no expression.
                    args[k] = match (fam, facts.slot(r).value) {
                        (Fam::I, Some(x)) => self.add(Node::Const(x as i64)),
                        _ => self.read(env, r),
                    };
                }
            }
            let mut results: Vec<(u16, Id)> = Vec::new();
            for (k, mode, _, r) in v.regs() {
                if mode == Mode::Take {
                    let u = self.add(Node::Undef);
                    env.insert(r, u);
                } else if mode.writes() {
                    let x = self.result(&v, pc, k, &args, mem);
                    results.push((r, x));
                }
            }
            env.extend(results);
            self.memory(&v, &args, mem);
            facts.step(c, &v);
            self.steps.push(Step { pc, args });
        }
    }

    fn result(&mut self, v: &View, pc: u32, k: usize, args: &[Id], mem: &mut Mem) -> Id {
        let imm = v.ins.imm;
        let n = match v.ins.op {
            op::I_CONST => Node::Const(imm as i64),
            op::S_UNDEF => Node::Undef,
            op::I_COPY | op::N_COPY | op::S_COPY | op::P_COPY | op::S_MOVE | op::P_MOVE => return args[1],
            op::RT if v.info.name == "alias.set" => return args[1],
            // Unboxing what was just boxed.
            op::S_GETI => match self.node(args[1]) {
                Node::Pure { op: op::S_SETI | op::S_SETU, args, .. } => return args[0],
                _ => Node::Pure { op: v.ins.op, pc: 0, args: vec![args[1]] },
            },
            op::S_GETN => match self.node(args[1]) {
                Node::Pure { op: op::S_SETN, args, .. } => return args[0],
                _ => Node::Pure { op: v.ins.op, pc: 0, args: vec![args[1]] },
            },
            op::LIST_NEW | op::AV_NEW | op::HV_NEW | op::CELL_NEW => Node::New(pc),
            op::GLOB_SV | op::GLOB_AV | op::GLOB_HV => {
                let sym = v.info.operands.iter().position(|o| o.kind == crate::isa::OpdKind::Sym);
                Node::Glob { op: v.ins.op, sym: sym.map_or(u32::MAX, |i| v.value(i) as u32) }
            }
            op::RT if NEW_VARIABLE.contains(&v.info.name) => Node::New(pc),
            op::PAD_GET => Node::Capture(imm as u32),
            op::CELL_GET | op::CELL_LOAD => match self.base(args[1]) {
                Base::Unknown | Base::Fresh(_) => Node::Opaque(pc, k as u8),
                b => return self.cell(mem, b),
            },
            op::AV_LEN | op::LIST_LEN => match self.base(args[1]) {
                Base::Reg(r) => Node::Len(r),
                _ => Node::Opaque(pc, k as u8),
            },
            op::RT if matches!(v.info.name, "list.rest" | "av.rest") && v.value(2) == 0 => {
                match self.base(args[1]) {
                    Base::Reg(r) => Node::Len(r),
                    _ => Node::Opaque(pc, k as u8),
                }
            }
            _ if v.is_pure() && matches!(v.info.body, Body::Value(_) | Body::Try(_)) => {
                let args = args.iter().copied().filter(|a| *a != Id::MAX).collect();
                Node::Pure { op: v.ins.op, pc, args }
            }
            _ => Node::Opaque(pc, k as u8),
        };
        self.add(n)
    }

    fn memory(&mut self, v: &View, args: &[Id], mem: &mut Mem) {
        if matches!(v.ins.op, op::CELL_SET | op::CELL_STORE) {
            match self.base(args[0]) {
                Base::Unknown | Base::Fresh(_) => {}
                b => {
                    mem.insert(b, args[1]);
                }
            }
        }
    }

    /// Transitive closure, to a fixed point because phis of inner loops point forward.
    fn find_deps(&mut self) {
        let n = self.nodes.len();
        self.deps = vec![HashSet::new(); n];
        let mut changed = true;
        while changed {
            changed = false;
            for i in 0..n {
                let mut d = std::mem::take(&mut self.deps[i]);
                let before = d.len();
                match &self.nodes[i] {
                    Node::Init(_) | Node::MemInit(_) => {
                        d.insert(i as Id);
                    }
                    Node::Pure { args, .. } => args.iter().for_each(|a| d.extend(&self.deps[*a as usize])),
                    Node::Phi(args) => {
                        for a in args.iter().filter(|a| **a as usize != i) {
                            d.extend(&self.deps[*a as usize]);
                        }
                    }
                    _ => {}
                }
                changed |= d.len() != before;
                self.deps[i] = d;
            }
        }
    }
}
