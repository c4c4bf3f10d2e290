//! The plan of a parallel loop: what the executor has to know, and nothing about how it runs.
//!
//! Contract. Executing a plan gives the results of the sequential loop, byte for byte, if the executor
//! 1. checks [`Plan::entry`] when the loop is entered (else: sequential),
//! 2. gives every worker a copy of the frame with inductions advanced to its first iteration, reductions at their
//!    identity and empty S and P privates, and runs the loop from `head` for its number of iterations; only the
//!    worker of the last iterations goes on to take the exit,
//! 3. aborts the region — drops all private results and runs the loop sequentially from its first iteration — when a
//!    worker enters one of [`Plan::aborts`], throws, warns, would run Perl code or would write memory it does not own,
//! 4. commits in the order of the iterations, see [`Commit`], and takes live-out privates and inductions from the
//!    worker of the last iterations.

use crate::chunk::Fam;

/// A register of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slot {
    pub fam: Fam,
    pub n: u16,
}

impl std::fmt::Display for Slot {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{:?}{}", self.fam, self.n)
    }
}

/// Where an integer comes from when the loop is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Const(i64),
    /// An I register, or the integer in an S register.
    Reg(Slot),
    /// Length of the array or list in a P register.
    Len(u16),
}

/// While this comparison of induction and limit holds the loop goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum While {
    Lt,
    Le,
    Gt,
    Ge,
    Ne,
    /// Unsigned, the test of `br.oob`.
    Below,
}

/// The register that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Induction {
    /// Family I, or S (holding an integer).
    pub slot: Slot,
    pub step: i64,
}

/// The test that ends the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitTest {
    /// Pc of the branch.
    pub pc: u32,
    /// The induction it looks at.
    pub slot: Slot,
    pub go_on: While,
    pub limit: Source,
    /// An I register which holds the limit, which the loop does not write and nothing but this test reads: a worker
    /// can be bounded by writing its own limit there, see [`Plan::bound_for`]. Else count ticks.
    pub limit_reg: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReduceOp {
    /// Checked sum. It is the sequential one if no partial sum overflows in any order; see [`Commit::Reduce`].
    Add,
    And,
    Or,
    Xor,
    Min,
    Max,
}

impl ReduceOp {
    /// Start value of a worker's accumulator; `None`: the value at loop entry (min and max).
    pub fn identity(self) -> Option<i64> {
        match self {
            ReduceOp::Add | ReduceOp::Or | ReduceOp::Xor => Some(0),
            ReduceOp::And => Some(-1),
            ReduceOp::Min | ReduceOp::Max => None,
        }
    }

    /// Combination of two accumulators; `None`: overflow.
    pub fn combine(self, a: i64, b: i64) -> Option<i64> {
        Some(match self {
            ReduceOp::Add => return a.checked_add(b),
            ReduceOp::And => a & b,
            ReduceOp::Or => a | b,
            ReduceOp::Xor => a ^ b,
            ReduceOp::Min => a.min(b),
            ReduceOp::Max => a.max(b),
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            ReduceOp::Add => "sum",
            ReduceOp::And => "and",
            ReduceOp::Or => "or",
            ReduceOp::Xor => "xor",
            ReduceOp::Min => "min",
            ReduceOp::Max => "max",
        }
    }
}

/// What holds an accumulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// An I register, or an S register with an integer.
    Slot(Slot),
    /// The scalar of a package variable, by symbol: workers bind the symbol to a scalar of their own.
    Sym(u32),
    /// The cell in a P register which the loop does not change: workers put a cell of their own there.
    Cell(u16),
}

/// A limit for the magnitude of what one iteration adds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    pub fixed: u64,
    /// To this the magnitudes of the integers are added which these registers hold at entry. The loop does not write
    /// them.
    pub regs: Vec<u16>,
}

impl Bound {
    pub fn fixed(fixed: u64) -> Self {
        Bound { fixed, regs: Vec::new() }
    }

    /// For the sum of two addends.
    pub fn plus(mut self, other: Bound) -> Option<Self> {
        self.fixed = self.fixed.checked_add(other.fixed)?;
        self.regs.extend(other.regs);
        Some(self)
    }

    /// For either of two addends.
    pub fn or(mut self, other: Bound) -> Self {
        self.fixed = self.fixed.max(other.fixed);
        self.regs.extend(other.regs);
        self
    }

    /// No order of additions overflows: `trips` addends and what was there before. `int` gives the integer that a
    /// register holds at entry.
    pub fn rules_out_overflow(&self, before: i64, trips: u64, int: impl Fn(u16) -> Option<i64>) -> bool {
        let each = self
            .regs
            .iter()
            .try_fold(self.fixed as u128, |sum, r| Some(sum + int(*r)?.unsigned_abs() as u128));
        each.and_then(|b| b.checked_mul(trips as u128))
            .is_some_and(|all| all.saturating_add(before.unsigned_abs() as u128) < 1 << 63)
    }
}

/// What the commit phase does, in the order of the iterations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Commit {
    /// Combines integer accumulators. `bound`: no addend of one iteration is larger in magnitude, see
    /// [`Bound::rules_out_overflow`]; where it does not, workers note the extremes of their partial sums.
    Reduce { place: Place, op: ReduceOp, bound: Option<Bound> },
    /// The worker records the N operand of each addition at `pcs` instead of adding; commit adds them in order.
    OrderedSum { slot: Slot, pcs: Vec<u32> },
    /// The worker appends to a list of its own in this P register; commit appends the lists in order.
    Append { list: u16 },
    /// `$a[i] = …` with i the induction plus a constant: the worker keeps `(index, value)`; commit stores them.
    ArrayStore { array: u16, pcs: Vec<u32> },
}

/// What must hold when the loop is entered, checked by the executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The tag of the S register is in the mask.
    Tag(u16, u16),
    /// The P register holds a plain array.
    PlainArray(u16),
    /// The two P registers hold different objects.
    Distinct(u16, u16),
    /// The scalar of the symbol holds an integer and has no magic. With [`Plan::reads_aliases`] nothing but the
    /// glob refers to it.
    SymInt(u32),
    /// The same for the cell in the P register; with `reads_aliases` nothing but the register refers to it.
    CellInt(u16),
    /// The two scalars are different ones.
    DistinctScalars(Place, Place),
}

/// A loop that may run in parallel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Pc of the loop head, where an iteration starts.
    pub head: u32,
    /// Pc of its `loop` atom, which stands at the end of an iteration or at the head, and its counter.
    pub tick: u32,
    pub loop_id: u32,
    /// Where control goes when the loop is done.
    pub exit: u32,
    pub test: ExitTest,
    pub inductions: Vec<Induction>,
    /// Read but not written.
    pub live_in: Vec<Slot>,
    /// Written before they are read in every iteration.
    pub private: Vec<Slot>,
    /// Privates whose last value is read after the loop.
    pub live_out: Vec<Slot>,
    /// Symbols whose scalar every worker replaces by one of its own (`$_` of map and grep).
    pub private_syms: Vec<u32>,
    /// The loop reads scalars through aliases: elements of lists, the topic.
    pub reads_aliases: bool,
    pub commits: Vec<Commit>,
    pub entry: Vec<Entry>,
    /// Starts of the cold blocks which the loop may enter: reaching one aborts.
    pub aborts: Vec<u32>,
    /// Counters of the cold blocks which the profile called warm and which the body therefore includes.
    pub warm: Vec<u32>,
    /// Pcs of the body, sorted ranges; code outside belongs to no worker.
    pub body: Vec<(u32, u32)>,
    /// Atoms on the hot path, a first estimate of the cost of an iteration.
    pub weight: u32,
}

impl Plan {
    /// The limit under which a worker that starts with the counter at `start + first × step` does `count` iterations.
    pub fn bound_for(&self, start: i64, first: u64, count: u64) -> Option<i64> {
        let step = self.inductions.iter().find(|i| i.slot == self.test.slot)?.step as i128;
        let after = start as i128 + (first as i128 + count as i128) * step;
        let bound = match self.test.go_on {
            While::Lt | While::Gt | While::Ne | While::Below => after,
            While::Le | While::Ge => after - step,
        };
        i64::try_from(bound).ok()
    }

    /// Number of iterations for these values at entry; `None`: it does not end, or not by this test.
    pub fn trips(&self, start: i64, limit: i64) -> Option<u64> {
        let step = self.inductions.iter().find(|i| i.slot == self.test.slot)?.step as i128;
        let (s, l) = (start as i128, limit as i128);
        let span = match (self.test.go_on, step) {
            (While::Lt, 1..) => (l - s + step - 1).div_euclid(step),
            (While::Le, 1..) => (l - s + step).div_euclid(step),
            (While::Gt, ..=-1) => (s - l - step - 1).div_euclid(-step),
            (While::Ge, ..=-1) => (s - l - step).div_euclid(-step),
            (While::Ne, _) if step != 0 && (l - s) % step == 0 && (l - s) / step >= 0 => (l - s) / step,
            (While::Below, 1..) if s >= 0 => (l - s + step - 1).div_euclid(step),
            _ => return None,
        };
        u64::try_from(span.max(0)).ok()
    }
}
