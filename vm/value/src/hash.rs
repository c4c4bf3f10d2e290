//! Hashes (HV): entries in insertion order behind an index table.
//!
//! Keys are Perl strings compared as code points: a utf8 key that fits latin-1 is kept downgraded, with
//! a mark so that `keys` gives it back with the utf8 flag. Deleting leaves a hole, so that `each` may
//! delete the entry it just returned; holes are squeezed out when the table grows.

use crate::obj::{Hdr, Kind, Obj, Ptr, Slot};
use crate::scalar::Scalar;
use crate::string::PStr;
use crate::val::{Val, tag};
use hashbrown::HashTable;
use std::borrow::Cow;
use std::cell::Cell;
use std::hash::BuildHasher;

/// A key in normal form: bytes, and whether they are utf8 (only if some code point exceeds 255).
#[derive(Clone, Debug)]
pub struct Key<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub utf8: bool,
    /// The caller's string had the utf8 flag although the key fits latin-1.
    pub was_utf8: bool,
}

impl<'a> Key<'a> {
    pub fn new(bytes: &'a [u8], utf8: bool) -> Key<'a> {
        if !utf8 {
            return Key { bytes: Cow::Borrowed(bytes), utf8: false, was_utf8: false };
        }
        if bytes.is_ascii() {
            return Key { bytes: Cow::Borrowed(bytes), utf8: false, was_utf8: true };
        }
        match keshi_text::utf8::downgrade(bytes) {
            Some(bytes) => Key { bytes, utf8: false, was_utf8: true },
            None => Key { bytes: Cow::Borrowed(bytes), utf8: true, was_utf8: true },
        }
    }
    pub fn ascii(s: &'a str) -> Key<'a> {
        Key::new(s.as_bytes(), !s.is_ascii())
    }
}

pub struct Entry {
    hash: u64,
    /// `None`: a hole left by a deletion.
    key: Option<Ptr<PStr>>,
    was_utf8: bool,
    val: Val,
}

impl Entry {
    /// The key as Perl sees it.
    pub fn key_val(&self) -> Val {
        match &self.key {
            Some(k) if self.was_utf8 && !k.utf8() => {
                let mut out = Vec::with_capacity(k.len() + 4);
                for &c in k.bytes() {
                    if c < 0x80 { out.push(c) } else { out.extend([0xc0 | (c >> 6), 0x80 | (c & 0x3f)]) }
                }
                Val::str(&out, true)
            }
            Some(k) => Val::pstr(k.clone()),
            None => Val::undef(),
        }
    }
    pub fn key_bytes(&self) -> &[u8] {
        self.key.as_ref().map_or(&[], |k| k.bytes())
    }
    pub fn raw(&self) -> &Val {
        &self.val
    }
}

#[derive(Default)]
struct Table {
    index: HashTable<u32>,
    entries: Vec<Entry>,
    live: usize,
}

#[repr(C)]
pub struct Hash {
    hdr: Hdr,
    t: Slot<Table>,
    /// Position of `each`: index of the next entry to look at.
    iter: Cell<usize>,
    /// Where the iteration ends: entries added after it began are not visited.
    iter_end: Cell<u32>,
    /// Entries there were when `each` last looked: more now means insertions in between.
    iter_seen: Cell<u32>,
    /// Number of hash buckets perl would have.
    buckets: Cell<u32>,
    /// An iteration has begun and not ended (a deletion of the entry just returned must not move others).
    iterating: Cell<bool>,
}

/// Buckets of a new hash.
const MIN_BUCKETS: u32 = 8;

// SAFETY: repr(C), header first.
unsafe impl Obj for Hash {
    const KIND: u8 = Kind::HASH;
    fn hdr(&self) -> &Hdr {
        &self.hdr
    }
}

thread_local! {
    static HASHER: foldhash::fast::FixedState = const { foldhash::fast::FixedState::with_seed(0x006b_6573_6869) };
}

/// Hash of normal-form key bytes.
pub fn hash_bytes(b: &[u8]) -> u64 {
    HASHER.try_with(|h| h.hash_one(b)).unwrap_or(0)
}

impl Hash {
    pub fn new() -> Ptr<Hash> {
        Ptr::new(Hash {
            hdr: Hdr::new(Kind::HASH),
            t: Slot::new(Table::default()),
            iter: Cell::new(0),
            iter_end: Cell::new(0),
            iter_seen: Cell::new(0),
            buckets: Cell::new(MIN_BUCKETS),
            iterating: Cell::new(false),
        })
    }
    pub fn len(&self) -> usize {
        self.t.get().live
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    fn find(&self, hash: u64, k: &Key) -> Option<usize> {
        let t = self.t.get();
        t.index
            .find(hash, |&i| {
                let e = &t.entries[i as usize];
                e.hash == hash && e.key.as_ref().is_some_and(|p| p.bytes() == &*k.bytes && p.utf8() == k.utf8)
            })
            .map(|&i| i as usize)
    }
    /// The stored value (may be an alias), without magic.
    pub fn raw(&self, k: &Key) -> Option<&Val> {
        if self.is_empty() {
            return None;
        }
        let i = self.find(hash_bytes(&k.bytes), k)?;
        Some(&self.t.get().entries[i].val)
    }
    pub fn get(&self, k: &Key) -> Option<Val> {
        self.raw(k).map(|v| v.resolve().clone())
    }
    pub fn get_str(&self, k: &str) -> Option<Val> {
        self.get(&Key::ascii(k))
    }
    pub fn exists(&self, k: &Key) -> bool {
        self.raw(k).is_some()
    }
    fn entry(&self, k: &Key) -> &mut Entry {
        let hash = hash_bytes(&k.bytes);
        let i = match self.find(hash, k) {
            Some(i) => {
                // A store by the same key in the other encoding changes how `keys` gives it back.
                self.t.get_mut().entries[i].was_utf8 = k.was_utf8;
                i
            }
            None => {
                let t = self.t.get_mut();
                if t.entries.len() > 16 && t.entries.len() > 2 * t.live && !self.iterating.get() {
                    t.compact();
                }
                let i = t.entries.len();
                t.entries.push(Entry {
                    hash,
                    key: Some(PStr::new(&k.bytes, k.utf8)),
                    was_utf8: k.was_utf8,
                    val: Val::undef(),
                });
                let Table { index, entries, .. } = t;
                index.insert_unique(hash, i as u32, |&j| entries[j as usize].hash);
                t.live += 1;
                let buckets = self.buckets.get();
                if t.live + t.live / 2 >= buckets as usize {
                    self.buckets.set(buckets.saturating_mul(2));
                }
                i
            }
        };
        &mut self.t.get_mut().entries[i]
    }
    /// Plain store, through an alias if the element is one.
    pub fn set(&self, k: &Key, v: Val) {
        self.entry(k).val.put_resolved(v);
    }
    pub fn set_str(&self, k: &str, v: Val) {
        self.set(&Key::ascii(k), v);
    }
    /// Replaces the stored value itself (used for aliases, `local`, stash entries).
    pub fn set_raw(&self, k: &Key, v: Val) {
        self.entry(k).val.put(v);
    }
    /// The cell of an element, created on demand (perl's hv_fetch with lval).
    pub fn elem_cell(&self, k: &Key) -> Ptr<Scalar> {
        self.entry(k).val.promote()
    }
    /// Removes an element; returns what was stored (may be an alias).
    pub fn delete(&self, k: &Key) -> Option<Val> {
        if self.is_empty() {
            return None;
        }
        let hash = hash_bytes(&k.bytes);
        let i = self.find(hash, k)?;
        let t = self.t.get_mut();
        if let Ok(o) = t.index.find_entry(hash, |&j| j as usize == i) {
            o.remove();
        }
        let e = &mut t.entries[i];
        let v = std::mem::take(&mut e.val);
        let key = e.key.take();
        t.live -= 1;
        if t.live == 0 && !self.iterating.get() {
            t.entries.clear();
        } else if i + 1 == t.entries.len() && !self.iterating.get() {
            t.entries.pop();
        }
        drop(key);
        Some(v)
    }
    pub fn clear(&self) {
        let old = self.t.take();
        self.iter_reset();
        drop(old);
    }
    /// Takes out the next entry from position `at` on that holds a reference to an object.
    pub fn take_object(&self, at: &mut usize) -> Option<Val> {
        let object = |v: &Val| v.resolve().is_ref() && v.resolve().hdr().is_some_and(|h| h.stash().is_some());
        let entries = &self.t.get().entries;
        if *at > entries.len() {
            *at = 0;
        }
        let (i, e) = entries.iter().enumerate().skip(*at).find(|(_, e)| e.key.is_some() && object(&e.val))?;
        *at = i + 1;
        let key = e.key.clone()?;
        self.delete(&Key::new(key.bytes(), key.utf8()))
    }
    /// Live entries in order. Short borrow: no Perl code under it.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.t.get().entries.iter().filter(|e| e.key.is_some())
    }
    /// All keys as Perl values.
    pub fn keys(&self) -> Vec<Val> {
        self.entries().map(|e| e.key_val()).collect()
    }
    /// Cells of all values, promoted (for `values` in lvalue position and `foreach`).
    pub fn value_cells(&self) -> Vec<Ptr<Scalar>> {
        self.t.get_mut().entries.iter_mut().filter(|e| e.key.is_some()).map(|e| e.val.promote()).collect()
    }
    pub fn iter_reset(&self) {
        self.iter.set(0);
        self.iterating.set(false);
    }
    /// `each`: key of the next entry, `None` at the end (and the iterator starts anew).
    pub fn iter_next(&self) -> Option<&Entry> {
        let t = self.t.get();
        let mut i = self.iter.get();
        if !self.iterating.get() {
            self.iter_end.set(t.entries.len() as u32);
            self.iter_seen.set(t.entries.len() as u32);
        }
        let end = t.entries.len().min(self.iter_end.get() as usize);
        while i < end {
            if t.entries[i].key.is_some() {
                self.iter.set(i + 1);
                self.iterating.set(true);
                return Some(&t.entries[i]);
            }
            i += 1;
        }
        self.iter_reset();
        None
    }
    pub fn is_iterating(&self) -> bool {
        self.iterating.get()
    }
    /// Was a key added since `each` began or last asked?
    pub fn inserted_while_iterating(&self) -> bool {
        let n = self.t.get().entries.len() as u32;
        self.iterating.get() && n > self.iter_seen.replace(n)
    }
    /// Number of buckets perl would have by now.
    pub fn buckets(&self) -> usize {
        self.buckets.get() as usize
    }
    /// `keys(%h) = n`: at least so many buckets.
    pub fn want_buckets(&self, n: usize) {
        let n = u32::try_from(n).ok().and_then(u32::checked_next_power_of_two).unwrap_or(1 << 31);
        if n > self.buckets.get() {
            self.buckets.set(n);
        }
    }
    /// `undef %h` gives the buckets back.
    pub fn reset_buckets(&self) {
        self.buckets.set(MIN_BUCKETS);
    }
    /// Element values that only the hash refers to go back inline (after `foreach` over `values`).
    pub fn demote_all(&self) {
        for e in &mut self.t.get_mut().entries {
            if e.val.tag() == tag::IND {
                let s = e.val.as_scalar().expect("IND");
                let h = s.hdr();
                if h.rc.get() == 1 && h.kind.get() == Kind::SCALAR && h.flags.get() == 0 {
                    let v = std::mem::take(s.val_mut());
                    e.val.put(v);
                }
            }
        }
    }
}

impl Table {
    fn compact(&mut self) {
        self.entries.retain(|e| e.key.is_some());
        self.index.clear();
        for (i, e) in self.entries.iter().enumerate() {
            let es = &self.entries;
            self.index.insert_unique(e.hash, i as u32, |&j| es[j as usize].hash);
        }
    }
}
