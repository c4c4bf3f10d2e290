//! The auto-parallelizer's analysis: which loops may run in parallel, how, and why the others may not.
//!
//! Contract. [`analyse`] looks at every loop of an optimised chunk and returns for each one a [`Plan`] or the
//! instruction that forbids it. It is conservative: what it does not understand it rejects by name. It works from
//! the effects in the heads, never from the names of Perl constructs. Executing plans is the VM's business.
//!
//! Safety. Let every worker read shared memory, write only memory of its own and stop at any cold block, exception,
//! warning or call of Perl code. Then the iterations do not influence each other, dropping their results has no
//! effect, and committing in the order of iterations gives the sequential result provided that no location read in
//! one iteration is committed by an earlier one. `deps` checks that proviso, `classify` the registers.

mod classify;
mod deps;
mod loops;
mod plan;
mod report;
mod values;

pub use classify::Reject;
pub use plan::*;
pub use report::{Measured, report_line};

use crate::cfg::Cfg;
use crate::chunk::{Chunk, Fam};
use crate::facts::Flow;
use crate::isa::op;
use crate::liveness::Liveness;
use crate::view::View;
use classify::{bare, reject};
use loops::{Dom, Hot, Loop};
use std::collections::BTreeSet;
use std::rc::Rc;
use values::{Id, Node, Values};

/// What was found out about one loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Pc of the head and counter of the loop.
    pub head: u32,
    pub loop_id: u32,
    pub result: Result<Plan, Reject>,
}

/// Tags seen in S registers when a loop was entered; `None`: unknown.
pub type Hint<'a> = &'a dyn Fn(u16) -> Option<u16>;

/// What the VM has seen of a chunk so far.
#[derive(Clone, Copy)]
pub struct Profile<'a> {
    pub tags: Hint<'a>,
    /// The cold block with this counter has been entered often: it belongs to the hot part.
    pub warm: &'a dyn Fn(u32) -> bool,
}

/// All loops of a chunk, outer ones first.
pub fn analyse(c: &Chunk, hint: Hint) -> Vec<Verdict> {
    let a = Analysis::new(c);
    a.loops.iter().map(|l| a.look(c, l, &Profile { tags: hint, warm: &|_| false })).collect()
}

/// What is known about a chunk before any loop of it is looked at: the VM asks about each when it gets hot.
pub struct Analysis {
    cfg: Rc<Cfg>,
    flow: Flow,
    live: Rc<Liveness>,
    loops: Vec<Loop>,
}

impl Analysis {
    pub fn new(c: &Chunk) -> Self {
        let cfg = Rc::new(Cfg::new(c));
        let live = Rc::new(Liveness::new(c, &cfg));
        Analysis::with(c, cfg, live)
    }

    /// For a chunk whose control flow is known.
    pub fn with(c: &Chunk, cfg: Rc<Cfg>, live: Rc<Liveness>) -> Self {
        let flow = Flow::new(c, &cfg);
        let loops = loops::find(c, &cfg, &Dom::new(&cfg));
        Analysis { cfg, flow, live, loops }
    }

    /// The loop with counter `id`, with all the VM knows. `c` is the chunk this was made from.
    pub fn verdict(&self, c: &Chunk, id: u32, profile: &Profile) -> Option<Verdict> {
        self.loops.iter().find(|l| l.loop_id == id).map(|l| self.look(c, l, profile))
    }

    /// The outermost of the loops around the one with counter `id` that has a plan which `fits`.
    pub fn around(
        &self,
        c: &Chunk,
        id: u32,
        profile: &Profile,
        fits: &dyn Fn(&Plan) -> bool,
    ) -> Option<Plan> {
        let inner = self.loops.iter().find(|l| l.loop_id == id)?;
        let outer = self.loops.iter().filter(|l| l.loop_id != id && l.contains(inner.header));
        outer.filter_map(|l| self.look(c, l, profile).result.ok()).find(|p| fits(p))
    }

    fn look(&self, c: &Chunk, l: &Loop, profile: &Profile) -> Verdict {
        let result = Planner { c, a: self }.plan(l, profile);
        Verdict { head: l.head, loop_id: l.loop_id, result }
    }
}

/// V12: the compute part of the plan writes nothing shared. The analysis is repeated and must give this plan.
pub fn check_plan(c: &Chunk, plan: &Plan) -> Result<(), (Option<u32>, String)> {
    let tags = |r: u16| {
        plan.entry.iter().find_map(|e| match e {
            Entry::Tag(s, m) if *s == r => Some(*m),
            _ => None,
        })
    };
    let warm = |id: u32| plan.warm.contains(&id);
    match Analysis::new(c).verdict(c, plan.loop_id, &Profile { tags: &tags, warm: &warm }) {
        None => Err((Some(plan.head), "there is no such loop".into())),
        Some(Verdict { result: Err(r), .. }) => Err((r.pc, r.reason)),
        Some(Verdict { result: Ok(p), .. }) if p.commits != plan.commits || p.body != plan.body => {
            Err((Some(plan.head), "the plan leaves out a commit or part of the body".into()))
        }
        Some(_) => Ok(()),
    }
}

/// Makes the plan for one loop.
struct Planner<'c> {
    c: &'c Chunk,
    a: &'c Analysis,
}

impl Planner<'_> {
    fn plan(&self, l: &Loop, profile: &Profile) -> Result<Plan, Reject> {
        let (c, hint) = (self.c, profile.tags);
        let hot = Hot::new(c, &self.a.cfg, &self.a.flow, l, profile);
        if !hot.edges.iter().any(|e| e.1 == l.header) {
            return reject(l.head, "never reaches a second iteration without a cold path");
        }
        for &b in &hot.blocks {
            let block = &self.a.cfg.blocks[b as usize];
            let last = block.end - 1;
            if block.succ.is_empty() {
                let name = View::new(&c.code[last as usize]).map(|v| v.name()).unwrap_or_default();
                return reject(last, format!("`{name}` leaves the loop"));
            }
        }
        let v = Values::new(c, &self.a.cfg, l, &hot);
        let (test_pc, exit) = self.exit(&hot)?;
        let exit_block = self.a.cfg.block_of[exit as usize];
        let live_set = self.a.live.at_start[exit_block as usize].clone();
        let live = |r: u16| live_set.has(r);
        let used = |root: Id| {
            let mut sinks = deps::sinks(c, &v).filter(|s| s.pc != test_pc);
            sinks.find(|s| s.args.iter().any(|a| *a != Id::MAX && v.depends(*a, root))).map(|s| s.pc)
        };
        let carried_set = &self.a.live.at_start[l.header as usize];
        let carried = |r: u16| carried_set.has(r);
        let mut k = classify::registers(&v, &used, &live, &carried)?;
        let test = self.test(&v, &k, test_pc, exit)?;
        let counter = v.find(&Node::Init(test.slot.n));
        let affine = |id: Id| {
            let id = bare(&v, id);
            Some(id) == counter
                || matches!(v.node(id), Node::Pure { op: op::I_ADD | op::I_ADDO | op::I_SUB | op::I_SUBO, args, .. }
                    if Some(bare(&v, args[0])) == counter && matches!(v.node(bare(&v, args[1])), Node::Const(_)))
        };
        let m = deps::Walk { c, v: &v, affine: &affine }.run()?;
        if m.reads_aliases
            && let Some((r, _)) = v.written.iter().find(|w| c.aliased.contains(&w.0) && live(w.0))
        {
            return reject(None, format!("S{r} may be one of the aliases which the loop reads"));
        }
        let store_pc = |b: values::Base| m.cell_stores.iter().find(|s| s.0 == b).map(|s| s.1);
        classify::cells(&v, &used, &store_pc, &live, &mut k)?;
        if let Some(Commit::ArrayStore { .. }) =
            m.commits.iter().find(|x| matches!(x, Commit::ArrayStore { .. }))
            && !k.inductions.iter().any(|i| i.slot == test.slot && i.step.abs() == 1)
        {
            return reject(test.pc, "stores with a stride other than 1");
        }
        k.commits.extend(m.commits);
        k.entry.extend(m.entry);
        let mut live_in = Vec::new();
        let mut seen = BTreeSet::new();
        let mut weight = 0;
        for &b in &hot.blocks {
            for view in loops::block_views(c, &self.a.cfg, b) {
                weight += 1;
                for (_, mode, fam, r) in view.regs() {
                    if mode.reads() && !v.is_written(r) && seen.insert(r) {
                        live_in.push(Slot { fam, n: r });
                        if fam == Fam::S
                            && let Some(m) = hint(r)
                        {
                            k.entry.push(Entry::Tag(r, m));
                        }
                    }
                }
            }
        }
        // Tags assumed for registers that the loop writes must hold at entry, too.
        for &(r, fam) in &v.written {
            if fam == Fam::S && v.find(&Node::Init(r)).is_some() {
                let mask = hot.facts[0].slot(r).mask;
                if hint(r).is_some() && !k.entry.iter().any(|e| matches!(e, Entry::Tag(s, _) if *s == r)) {
                    k.entry.push(Entry::Tag(r, mask));
                }
            }
        }
        let mut body: Vec<(u32, u32)> = Vec::new();
        let mut blocks = hot.blocks.clone();
        blocks.sort_unstable();
        for b in blocks {
            let block = &self.a.cfg.blocks[b as usize];
            match body.last_mut() {
                Some(last) if last.1 == block.start => last.1 = block.end,
                _ => body.push((block.start, block.end)),
            }
        }
        Ok(Plan {
            head: l.head,
            tick: l.tick,
            loop_id: l.loop_id,
            exit,
            test,
            inductions: k.inductions,
            live_in,
            private: k.private,
            live_out: k.live_out,
            private_syms: m.private_syms,
            reads_aliases: m.reads_aliases,
            commits: k.commits,
            entry: k.entry,
            aborts: hot.aborts.clone(),
            warm: hot.warm.clone(),
            body,
            weight,
        })
    }

    /// The branch that ends the loop and where it goes. Overflow exits of counters may go there, too.
    fn exit(&self, hot: &Hot) -> Result<(u32, u32), Reject> {
        let tries = |pc: u32| {
            View::new(&self.c.code[pc as usize])
                .is_some_and(|v| matches!(v.info.body, crate::isa::Body::Try(_)))
        };
        let mut tests = hot.exits.iter().filter(|e| !tries(e.0));
        let Some(&(pc, target)) = tests.next() else { return reject(None, "has no end test") };
        if let Some(other) = tests.next() {
            return reject(other.0, "leaves the loop in the middle");
        }
        match hot.exits.iter().find(|e| tries(e.0) && e.1 != target) {
            Some(e) => reject(e.0, "leaves the loop by overflow"),
            None => Ok((pc, target)),
        }
    }

    fn test(&self, v: &Values, k: &classify::Classes, pc: u32, exit: u32) -> Result<ExitTest, Reject> {
        let view = View::new(&self.c.code[pc as usize]);
        let step = v.steps.iter().find(|s| s.pc == pc);
        let (Some(view), Some(step)) = (view, step) else { return reject(pc, "is no test of a counter") };
        let taken_leaves = view.label() == Some(exit);
        let (a, b, cond) = match view.ins.op {
            op::BR_I_LT => (step.args[0], step.args[1], While::Lt),
            op::BR_I_LE => (step.args[0], step.args[1], While::Le),
            // Going on while they differ.
            op::BR_I_EQ if taken_leaves => (step.args[0], step.args[1], While::Ge),
            op::BR_I_NE if !taken_leaves => (step.args[0], step.args[1], While::Ne),
            op::BR_OOB => {
                let values::Base::Reg(r) = v.base(step.args[0]) else {
                    return reject(pc, "the array changes");
                };
                return self.counter(v, k, pc, bare(v, step.args[1]), While::Below, Source::Len(r));
            }
            op::BR_T | op::BR_F => match v.node(bare(v, step.args[0])) {
                Node::Pure { op: op::I_LT, args, .. } => (args[0], args[1], While::Lt),
                Node::Pure { op: op::I_LE, args, .. } => (args[0], args[1], While::Le),
                _ => return reject(pc, "the end of the loop is not a test of a counter"),
            },
            _ => return reject(pc, "the end of the loop is not a test of a counter"),
        };
        let equal = view.ins.op == op::BR_I_EQ;
        // Does the branch condition, or its opposite, keep the loop going?
        let holds = (view.ins.op == op::BR_F) == taken_leaves;
        let (a, b) = (bare(v, a), bare(v, b));
        let is_counter = |id: Id| matches!(v.node(id), Node::Init(r) if v.is_written(*r));
        let (id, limit, swapped) = if is_counter(a) { (a, b, false) } else { (b, a, true) };
        let go_on = match (cond, swapped, holds) {
            _ if equal || cond == While::Ne => While::Ne,
            (While::Lt, false, true) => While::Lt,
            (While::Lt, false, false) => While::Ge,
            (While::Lt, true, true) => While::Gt,
            (While::Lt, true, false) => While::Le,
            (_, false, true) => While::Le,
            (_, false, false) => While::Gt,
            (_, true, true) => While::Ge,
            (_, true, false) => While::Lt,
        };
        let limit = match v.node(limit) {
            Node::Const(k) => Source::Const(*k),
            Node::Len(r) => Source::Len(*r),
            Node::Init(r) if !v.is_written(*r) => {
                let fam = v.steps.iter().find_map(|s| {
                    let view = View::new(&self.c.code[s.pc as usize])?;
                    view.regs().find(|x| x.3 == *r).map(|x| x.2)
                });
                Source::Reg(Slot { fam: fam.unwrap_or(Fam::I), n: *r })
            }
            _ => return reject(pc, "the bound of the loop changes"),
        };
        self.counter(v, k, pc, id, go_on, limit)
    }

    fn limit_reg(&self, v: &Values, pc: u32, counter: Slot) -> Option<u16> {
        let view = View::new(&self.c.code[pc as usize])?;
        if !matches!(view.ins.op, op::BR_I_LT | op::BR_I_LE | op::BR_I_EQ | op::BR_I_NE) {
            return None;
        }
        let mut regs = view.regs().map(|x| x.3).filter(|r| !v.is_written(*r) && *r != counter.n);
        let r = regs.next()?;
        let reads = v
            .steps
            .iter()
            .filter(|s| View::new(&self.c.code[s.pc as usize]).is_some_and(|w| w.regs().any(|x| x.3 == r)));
        (reads.count() == 1).then_some(r)
    }

    fn counter(
        &self,
        v: &Values,
        k: &classify::Classes,
        pc: u32,
        id: Id,
        go_on: While,
        limit: Source,
    ) -> Result<ExitTest, Reject> {
        if let Node::Init(r) = v.node(id)
            && let Some(i) = k.inductions.iter().find(|i| i.slot.n == *r)
        {
            let upwards = i.step > 0;
            if matches!(
                (go_on, upwards),
                (While::Lt | While::Le | While::Below, true)
                    | (While::Gt | While::Ge, false)
                    | (While::Ne, _)
            ) {
                return Ok(ExitTest {
                    pc,
                    slot: i.slot,
                    go_on,
                    limit,
                    limit_reg: self.limit_reg(v, pc, i.slot),
                });
            }
            return reject(pc, "the counter runs away from its bound");
        }
        reject(pc, "the end of the loop is not a test of a counter at its top")
    }
}

#[cfg(test)]
mod tests;
