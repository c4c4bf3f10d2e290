//! Virtual registers: numbering and reuse of temporaries.
//!
//! S and P registers are numbered together from 0, I and N registers together from 0; at the end the latter
//! follow the former in the frame. Free lists are per family, so a slot never changes its family.

use crate::chunk::Fam;

/// A virtual register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reg {
    pub fam: Fam,
    pub n: u32,
}

impl Reg {
    /// Numbered with the I and N registers.
    pub fn is_high(self) -> bool {
        matches!(self.fam, Fam::I | Fam::N)
    }
}

#[derive(Default)]
pub(crate) struct Regs {
    /// Users per register; `None` for variables. Index 0: S and P, 1: I and N.
    users: [Vec<Option<u32>>; 2],
    free: [Vec<u32>; 4],
}

impl Regs {
    pub fn fresh(&mut self, fam: Fam) -> Reg {
        self.add(fam, None)
    }

    pub fn temp(&mut self, fam: Fam) -> Reg {
        match self.free[fam as usize].pop() {
            Some(n) => {
                let r = Reg { fam, n };
                *self.entry(r) = Some(1);
                r
            }
            None => self.add(fam, Some(1)),
        }
    }

    fn add(&mut self, fam: Fam, users: Option<u32>) -> Reg {
        let table = &mut self.users[matches!(fam, Fam::I | Fam::N) as usize];
        table.push(users);
        Reg { fam, n: table.len() as u32 - 1 }
    }

    fn entry(&mut self, r: Reg) -> &mut Option<u32> {
        &mut self.users[r.is_high() as usize][r.n as usize]
    }

    pub fn is_temp(&self, r: Reg) -> bool {
        self.users[r.is_high() as usize].get(r.n as usize).is_some_and(|u| u.is_some())
    }

    pub fn users(&self, r: Reg) -> u32 {
        self.users[r.is_high() as usize].get(r.n as usize).copied().flatten().unwrap_or(0)
    }

    pub fn exists(&self, r: Reg) -> bool {
        (r.n as usize) < self.users[r.is_high() as usize].len()
    }

    pub fn retain(&mut self, r: Reg) {
        if self.exists(r)
            && let Some(u) = self.entry(r)
        {
            *u += 1;
        }
    }

    /// A second `free` of a free register does nothing.
    pub fn free(&mut self, r: Reg) {
        if !self.exists(r) {
            return;
        }
        if let Some(u) = self.entry(r)
            && *u > 0
        {
            *u -= 1;
            if *u == 0 {
                self.free[r.fam as usize].push(r.n);
            }
        }
    }

    /// Number of S and P registers, of I and N registers.
    pub fn counts(&self) -> (usize, usize) {
        (self.users[0].len(), self.users[1].len())
    }
}
