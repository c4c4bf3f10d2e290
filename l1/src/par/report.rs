//! One line per loop for `--dump=par` and `--explain`, always with the blocking atom.

use super::{Commit, Place, Verdict};
use crate::chunk::Chunk;
use std::fmt::Write;

/// What the VM knows about a loop that has run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    pub chunks: u32,
    pub ns_per_iteration: f64,
    pub trips: u64,
}

/// `t/x.pl:12 loop  SEQ  0042 hv.set writes Hv[P3,*] shared, key not affine  (try: per-chunk hash + merge)`.
pub fn report_line(c: &Chunk, v: &Verdict, m: Option<Measured>) -> String {
    let mut s = format!("{} {:<8} ", c.place_of(v.head), kind(v));
    match &v.result {
        Err(r) => {
            s += "SEQ   ";
            if let Some(pc) = r.pc {
                let _ = write!(s, "{pc:04} ");
            }
            s += &r.reason;
            if let Some(h) = r.hint {
                let _ = write!(s, "      (try: {h})");
            }
        }
        Ok(plan) => {
            s += "PAR   ";
            if let Some(m) = m {
                let _ = write!(s, "chunks {}, {} × {} ", m.chunks, m.trips, time(m.ns_per_iteration));
            } else {
                let _ = write!(s, "{} atoms/iter ", plan.weight);
            }
            let commits: Vec<String> = plan.commits.iter().map(|k| commit(c, k)).collect();
            let _ = match commits.is_empty() {
                true => write!(s, "commit: none"),
                false => write!(s, "commit: {}", commits.join(", ")),
            };
        }
    }
    s
}

fn time(ns: f64) -> String {
    match ns {
        n if n < 1e3 => format!("{n:.1} ns/iter"),
        n if n < 1e6 => format!("{:.1} µs/iter", n / 1e3),
        n => format!("{:.1} ms/iter", n / 1e6),
    }
}

/// A word for the loop, from what ends it.
fn kind(v: &Verdict) -> &'static str {
    match &v.result {
        Ok(p) if matches!(p.test.limit, super::Source::Len(_)) => {
            match p.commits.iter().any(|k| matches!(k, Commit::Append { .. })) && !p.private_syms.is_empty() {
                true => "map",
                false => "foreach",
            }
        }
        Ok(_) => "for",
        Err(_) => "loop",
    }
}

fn commit(c: &Chunk, k: &Commit) -> String {
    let var = |slot: u16| {
        let p = c.pad.iter().find(|p| p.slot == slot && !p.name.is_empty());
        p.map_or(String::new(), |p| format!(" {}", String::from_utf8_lossy(&p.name)))
    };
    match k {
        Commit::Reduce { place, op, .. } => match place {
            Place::Slot(s) => format!("{} {s}{}", op.name(), var(s.n)),
            Place::Cell(p) => format!("{} cell P{p}{}", op.name(), var(*p)),
            Place::Sym(y) => {
                let name = c
                    .syms
                    .get(*y as usize)
                    .map_or(String::new(), |s| String::from_utf8_lossy(&s.name).into());
                format!("{} ${name}", op.name())
            }
        },
        Commit::OrderedSum { slot, .. } => format!("ordered float sum {slot}{}", var(slot.n)),
        Commit::Append { list } => format!("append list P{list}{}", var(*list)),
        Commit::ArrayStore { array, .. } => format!("store array P{array}{}", var(*array)),
    }
}
