//! Overlay fusion: runs of pure atoms that the dispatch loop executes as one instruction.
//!
//! Contract. A chunk stays canonical: fusing replaces only the opcode field of the first atom of a run, operands and
//! all following atoms are untouched. A jump into the middle of a run, a side exit and a dump therefore never see a
//! difference; unfusing puts the first opcode of the pattern back. Patterns are derived from the ops (their
//! straight-line runs of pure atoms), see [`crate::gen::fuse`].

/// A run of atoms with the wiring of its registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    pub ops: &'static [u16],
    /// Per atom the class of registers a, b, c: fields of one class hold the same register. 255: not a register.
    pub classes: &'static [[u8; 3]],
    /// Classes that must be different registers.
    pub distinct: &'static [(u8, u8)],
    /// Atom number and the mask in its high immediate half.
    pub masks: &'static [(u8, u16)],
}

pub const NO_CLASS: u8 = 255;

/// Opcode, registers a b c, immediate.
pub type Fields = (u16, [u16; 3], u64);

impl Pattern {
    pub fn matches(&self, at: &impl Fn(usize) -> Option<Fields>) -> bool {
        let mut regs = [None; 32];
        for (k, op) in self.ops.iter().enumerate() {
            let Some((have, fields, imm)) = at(k) else { return false };
            if have != *op {
                return false;
            }
            for (c, r) in self.classes[k].iter().zip(fields) {
                if *c != NO_CLASS {
                    match regs[*c as usize] {
                        None => regs[*c as usize] = Some(r),
                        Some(x) if x == r => {}
                        Some(_) => return false,
                    }
                }
            }
            if self.masks.iter().any(|m| m.0 as usize == k && u64::from(m.1) != imm >> 32) {
                return false;
            }
        }
        self.distinct.iter().all(|(a, b)| regs[*a as usize] != regs[*b as usize])
    }
}

/// The number of the first pattern that matches the code that `at` shows. `patterns` are sorted by first opcode, longer
/// ones first.
pub fn find(patterns: &[Pattern], at: impl Fn(usize) -> Option<Fields>) -> Option<usize> {
    let first = at(0)?.0;
    let lo = patterns.partition_point(|p| p.ops[0] < first);
    patterns[lo..].iter().take_while(|p| p.ops[0] == first).position(|p| p.matches(&at)).map(|i| i + lo)
}
