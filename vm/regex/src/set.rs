//! Sets of code points as sorted, disjoint, non-adjacent ranges.

use crate::utf8::Cp;

/// The largest code point a Perl string can hold.
pub const CP_MAX: Cp = i64::MAX as Cp;

/// A set of code points.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CharSet {
    ranges: Vec<(Cp, Cp)>,
}

impl CharSet {
    /// The empty set.
    pub fn new() -> CharSet {
        CharSet::default()
    }

    /// From ranges in any order.
    pub fn from_ranges(ranges: impl IntoIterator<Item = (Cp, Cp)>) -> CharSet {
        let mut s = CharSet { ranges: ranges.into_iter().collect() };
        s.normalise();
        s
    }

    /// Every code point.
    pub fn all() -> CharSet {
        CharSet { ranges: vec![(0, CP_MAX)] }
    }

    fn normalise(&mut self) {
        self.ranges.sort_unstable();
        let mut out: Vec<(Cp, Cp)> = Vec::with_capacity(self.ranges.len());
        for &(lo, hi) in &self.ranges {
            match out.last_mut() {
                Some(last) if lo <= last.1.saturating_add(1) => last.1 = last.1.max(hi),
                _ => out.push((lo, hi)),
            }
        }
        self.ranges = out;
    }

    /// The ranges, sorted and disjoint.
    pub fn ranges(&self) -> &[(Cp, Cp)] {
        &self.ranges
    }

    /// True when nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Adds ranges (in any order).
    pub fn extend(&mut self, ranges: impl IntoIterator<Item = (Cp, Cp)>) {
        self.ranges.extend(ranges);
        self.normalise();
    }

    /// Adds one range.
    pub fn add(&mut self, lo: Cp, hi: Cp) {
        match self.ranges.last_mut() {
            None => self.ranges.push((lo, hi)),
            Some(last) if lo > last.1.saturating_add(1) => self.ranges.push((lo, hi)),
            _ => self.extend([(lo, hi)]),
        }
    }

    /// Adds all of `other`.
    pub fn union(&mut self, other: &CharSet) {
        self.extend(other.ranges.iter().copied());
    }

    /// Everything not in the set.
    pub fn inverted(&self) -> CharSet {
        let mut out = Vec::with_capacity(self.ranges.len() + 1);
        let mut next = 0;
        for &(lo, hi) in &self.ranges {
            if lo > next {
                out.push((next, lo - 1));
            }
            next = hi.saturating_add(1);
        }
        if next <= CP_MAX {
            out.push((next, CP_MAX));
        }
        CharSet { ranges: out }
    }

    /// What both sets hold.
    pub fn intersected(&self, other: &CharSet) -> CharSet {
        let (mut i, mut j) = (0, 0);
        let mut out = Vec::new();
        while i < self.ranges.len() && j < other.ranges.len() {
            let (a, b) = (self.ranges[i], other.ranges[j]);
            let (lo, hi) = (a.0.max(b.0), a.1.min(b.1));
            if lo <= hi {
                out.push((lo, hi));
            }
            if a.1 < b.1 {
                i += 1;
            } else {
                j += 1;
            }
        }
        CharSet { ranges: out }
    }

    /// What this set holds and `other` does not.
    pub fn minus(&self, other: &CharSet) -> CharSet {
        self.intersected(&other.inverted())
    }

    /// Membership.
    pub fn contains(&self, cp: Cp) -> bool {
        contains(&self.ranges, cp)
    }

    /// The single member, if there is exactly one.
    pub fn single(&self) -> Option<Cp> {
        match self.ranges[..] {
            [(a, b)] if a == b => Some(a),
            _ => None,
        }
    }
}

/// Binary search in sorted, disjoint ranges.
#[inline]
pub fn contains(ranges: &[(Cp, Cp)], cp: Cp) -> bool {
    let i = ranges.partition_point(|r| r.1 < cp);
    i < ranges.len() && ranges[i].0 <= cp
}

/// A set of byte values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByteSet(pub [u64; 4]);

impl ByteSet {
    /// All 256 bytes.
    pub const ALL: ByteSet = ByteSet([u64::MAX; 4]);
    /// No byte.
    pub const NONE: ByteSet = ByteSet([0; 4]);

    /// Membership.
    #[inline]
    pub fn has(&self, b: u8) -> bool {
        self.0[(b >> 6) as usize] >> (b & 63) & 1 != 0
    }

    /// Adds one byte.
    #[inline]
    pub fn put(&mut self, b: u8) {
        self.0[(b >> 6) as usize] |= 1 << (b & 63);
    }

    /// Adds an inclusive range.
    pub fn put_range(&mut self, lo: u8, hi: u8) {
        for b in lo..=hi {
            self.put(b);
        }
    }

    /// Union.
    pub fn or(&self, o: &ByteSet) -> ByteSet {
        ByteSet([self.0[0] | o.0[0], self.0[1] | o.0[1], self.0[2] | o.0[2], self.0[3] | o.0[3]])
    }

    /// True when the two have no byte in common.
    pub fn disjoint(&self, o: &ByteSet) -> bool {
        (0..4).all(|k| self.0[k] & o.0[k] == 0)
    }

    /// Number of members.
    pub fn len(&self) -> u32 {
        self.0.iter().map(|w| w.count_ones()).sum()
    }

    /// True when empty.
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// The members in order.
    pub fn iter(&self) -> impl Iterator<Item = u8> + '_ {
        (0..=255u8).filter(|&b| self.has(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algebra() {
        let s = CharSet::from_ranges([(5, 9), (1, 4), (20, 30)]);
        assert_eq!(s.ranges(), &[(1, 9), (20, 30)]);
        assert_eq!(s.inverted().ranges(), &[(0, 0), (10, 19), (31, CP_MAX)]);
        assert_eq!(s.inverted().inverted(), s);
        assert_eq!(s.minus(&CharSet::from_ranges([(3, 25)])).ranges(), &[(1, 2), (26, 30)]);
        assert!(s.contains(9) && !s.contains(10));
    }
}
