//! The sdbm file format: an extensible hash of key and value pairs in two files, `.pag` with pages of pairs and
//! `.dir` with one bit for every page that was split.
//!
//! A page of [`PAGE`] bytes holds native-endian 16-bit numbers from its start: how many offsets follow, then for
//! every pair where its key and where its value begins. The bytes themselves grow from the end of the page
//! downwards. Which page a key is on follows from its hash: the directory's bits, read as a binary tree from the
//! root, say how many low bits of the hash count.

use crate::errno::{Errno, Res};
use std::fs::{File, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, OpenOptionsExt};

const PAGE: usize = 1024;
const DIR_BLOCK: usize = 4096;
/// The most bytes that a key and its value have together.
pub const PAIR_MAX: usize = 1008;
/// Splits tried to make room for one pair.
const SPLITS: usize = 10;

/// Why a pair was not stored.
#[derive(Debug)]
pub enum StoreError {
    Sys(Errno),
    /// So many keys with one hash that splitting does not help.
    Full,
}

impl From<Errno> for StoreError {
    fn from(e: Errno) -> Self {
        StoreError::Sys(e)
    }
}

/// An open database.
pub struct Sdbm {
    pag: File,
    dir: File,
    writable: bool,
    /// Bits the directory has.
    bits: u64,
    /// Where the walk through all keys stands: page, and how many of its keys were given.
    walk: (u64, usize),
}

/// Where a key belongs.
struct Place {
    page: u64,
    /// Its leaf in the tree of the directory.
    leaf: u64,
    mask: u64,
}

struct Page([u8; PAGE]);

impl Page {
    fn new() -> Page {
        Page([0; PAGE])
    }
    fn number(&self, i: usize) -> usize {
        usize::from(u16::from_ne_bytes([self.0[2 * i], self.0[2 * i + 1]]))
    }
    fn set_number(&mut self, i: usize, n: usize) {
        self.0[2 * i..2 * i + 2].copy_from_slice(&(n as u16).to_ne_bytes());
    }
    /// Is the bookkeeping that of a page, so that every pair lies inside?
    fn sound(&self) -> bool {
        let n = self.number(0);
        if !n.is_multiple_of(2) || n > PAGE / 2 - 1 {
            return false;
        }
        let mut end = PAGE;
        (1..=n).all(|i| {
            let at = self.number(i);
            let fits = at <= end && at >= 2 * (n + 1);
            end = at;
            fits
        })
    }
    fn pairs(&self) -> usize {
        self.number(0) / 2
    }
    /// Start of the free end, where the last pair begins.
    fn low(&self) -> usize {
        match self.number(0) {
            0 => PAGE,
            n => self.number(n),
        }
    }
    fn pair(&self, k: usize) -> (&[u8], &[u8]) {
        let end = if k == 0 { PAGE } else { self.number(2 * k) };
        let (key, value) = (self.number(2 * k + 1), self.number(2 * k + 2));
        (&self.0[key..end], &self.0[value..key])
    }
    fn find(&self, key: &[u8]) -> Option<usize> {
        (0..self.pairs()).find(|&k| self.pair(k).0 == key)
    }
    fn fits(&self, need: usize) -> bool {
        need + 4 <= self.low() - 2 * (self.number(0) + 1)
    }
    fn add(&mut self, key: &[u8], value: &[u8]) {
        let n = self.number(0);
        let at = self.low() - key.len();
        self.0[at..at + key.len()].copy_from_slice(key);
        let low = at - value.len();
        self.0[low..at].copy_from_slice(value);
        self.set_number(n + 1, at);
        self.set_number(n + 2, low);
        self.set_number(0, n + 2);
    }
    /// The page without one pair.
    fn without(&self, gone: usize) -> Page {
        let mut p = Page::new();
        for k in (0..self.pairs()).filter(|&k| k != gone) {
            let (key, value) = self.pair(k);
            p.add(key, value);
        }
        p
    }
}

/// The hash of the format: a polynomial in 65599 over the bytes as signed numbers.
fn hash(key: &[u8]) -> u64 {
    key.iter().fold(0, |n: u64, &c| (c as i8 as u64).wrapping_add(n.wrapping_mul(65599)))
}

fn errno(e: &std::io::Error) -> Errno {
    Errno(e.raw_os_error().unwrap_or(libc::EIO))
}

/// As many bytes as there are; the rest stays 0.
fn read_at(f: &File, buf: &mut [u8], at: u64) -> Res<usize> {
    let mut have = 0;
    while have < buf.len() {
        match f.read_at(&mut buf[have..], at + have as u64) {
            Ok(0) => break,
            Ok(n) => have += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(errno(&e)),
        }
    }
    Ok(have)
}

impl Sdbm {
    /// Opens the two files with `open(2)` flags.
    pub fn open(dir: &[u8], pag: &[u8], flags: i32, mode: u32) -> Res<Sdbm> {
        let writable = flags & libc::O_ACCMODE != libc::O_RDONLY;
        let open = |name: &[u8]| {
            OpenOptions::new()
                .read(true)
                .write(writable)
                .create(writable && flags & libc::O_CREAT != 0)
                .mode(mode)
                .custom_flags(flags & !(libc::O_ACCMODE | libc::O_CREAT))
                .open(std::ffi::OsStr::from_bytes(name))
                .map_err(|e| errno(&e))
        };
        let (pag, dir) = (open(pag)?, open(dir)?);
        let bits = dir.metadata().map_err(|e| errno(&e))?.len() * 8;
        Ok(Sdbm { pag, dir, writable, bits, walk: (0, 0) })
    }

    fn bit(&self, n: u64) -> Res<bool> {
        let mut b = [0];
        read_at(&self.dir, &mut b, n / 8)?;
        Ok(b[0] & (1 << (n % 8)) != 0)
    }

    fn set_bit(&mut self, n: u64) -> Res<()> {
        let at = n / 8 / DIR_BLOCK as u64 * DIR_BLOCK as u64;
        let mut block = [0; DIR_BLOCK];
        read_at(&self.dir, &mut block, at)?;
        block[(n / 8 - at) as usize] |= 1 << (n % 8);
        self.dir.write_all_at(&block, at).map_err(|e| errno(&e))?;
        self.bits = self.bits.max((at + DIR_BLOCK as u64) * 8);
        Ok(())
    }

    fn place(&self, hash: u64) -> Res<Place> {
        let (mut leaf, mut depth) = (0, 0);
        while leaf < self.bits && self.bit(leaf)? {
            leaf = 2 * leaf + if hash & (1 << depth) != 0 { 2 } else { 1 };
            depth += 1;
        }
        let mask = (1 << depth) - 1;
        Ok(Place { page: hash & mask, leaf, mask })
    }

    /// A page, or nothing past the last one.
    fn page(&self, n: u64) -> Res<Option<Page>> {
        let mut p = Page::new();
        if read_at(&self.pag, &mut p.0, n * PAGE as u64)? == 0 {
            return Ok(None);
        }
        if p.sound() { Ok(Some(p)) } else { Err(Errno(libc::EINVAL)) }
    }

    fn put_page(&self, n: u64, p: &Page) -> Res<()> {
        self.pag.write_all_at(&p.0, n * PAGE as u64).map_err(|e| errno(&e))
    }

    fn at(&self, key: &[u8]) -> Res<(Place, Page)> {
        let place = self.place(hash(key))?;
        let page = self.page(place.page)?.unwrap_or_else(Page::new);
        Ok((place, page))
    }

    pub fn fetch(&self, key: &[u8]) -> Res<Option<Vec<u8>>> {
        let (_, p) = self.at(key)?;
        Ok(p.find(key).map(|k| p.pair(k).1.to_vec()))
    }

    fn may_write(&self) -> Res<()> {
        if self.writable { Ok(()) } else { Err(Errno(libc::EPERM)) }
    }

    /// True if the key was there.
    pub fn delete(&mut self, key: &[u8]) -> Res<bool> {
        self.may_write()?;
        let (place, p) = self.at(key)?;
        let Some(k) = p.find(key) else { return Ok(false) };
        self.put_page(place.page, &p.without(k))?;
        Ok(true)
    }

    pub fn store(&mut self, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.may_write()?;
        let need = key.len() + value.len();
        if need > PAIR_MAX {
            return Err(Errno(libc::EINVAL).into());
        }
        let hash_of_key = hash(key);
        let (mut place, mut page) = self.at(key)?;
        if let Some(k) = page.find(key) {
            page = page.without(k);
        }
        let mut splits = 0;
        while !page.fits(need) {
            if splits == SPLITS {
                return Err(StoreError::Full);
            }
            splits += 1;
            let bit = place.mask + 1;
            let (mut stays, mut goes) = (Page::new(), Page::new());
            for k in 0..page.pairs() {
                let (key, value) = page.pair(k);
                if hash(key) & bit == 0 { stays.add(key, value) } else { goes.add(key, value) }
            }
            let new = place.page | bit;
            self.put_page(place.page, &stays)?;
            self.put_page(new, &goes)?;
            self.set_bit(place.leaf)?;
            let up = hash_of_key & bit != 0;
            page = if up { goes } else { stays };
            place = Place {
                page: if up { new } else { place.page },
                leaf: 2 * place.leaf + if up { 2 } else { 1 },
                mask: place.mask | bit,
            };
        }
        page.add(key, value);
        Ok(self.put_page(place.page, &page)?)
    }

    pub fn first_key(&mut self) -> Res<Option<Vec<u8>>> {
        self.walk = (0, 0);
        self.next_key()
    }

    /// The key after the one given last, in the order of the pages.
    pub fn next_key(&mut self) -> Res<Option<Vec<u8>>> {
        while let Some(p) = self.page(self.walk.0)? {
            if self.walk.1 < p.pairs() {
                self.walk.1 += 1;
                return Ok(Some(p.pair(self.walk.1 - 1).0.to_vec()));
            }
            self.walk = (self.walk.0 + 1, 0);
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_and_finds() {
        let base = std::env::temp_dir().join(format!("keshi-sdbm-{}", std::process::id()));
        let name = |s: &str| format!("{}{s}", base.display()).into_bytes();
        let flags = libc::O_RDWR | libc::O_CREAT;
        let mut db = Sdbm::open(&name(".dir"), &name(".pag"), flags, 0o600).unwrap();
        for i in 0..400u32 {
            db.store(format!("key{i}").as_bytes(), &vec![b'v'; i as usize % 60]).unwrap();
        }
        db.store(b"key7", b"again").unwrap();
        assert!(db.delete(b"key8").unwrap() && !db.delete(b"key8").unwrap());
        assert!(matches!(db.store(b"k", &[0; 2000]), Err(StoreError::Sys(Errno(libc::EINVAL)))));
        drop(db);
        let mut db = Sdbm::open(&name(".dir"), &name(".pag"), libc::O_RDONLY, 0).unwrap();
        assert_eq!(db.fetch(b"key7").unwrap().unwrap(), b"again");
        assert_eq!(db.fetch(b"key399").unwrap().unwrap().len(), 399 % 60);
        assert_eq!(db.fetch(b"key8").unwrap(), None);
        let mut keys = std::collections::HashSet::new();
        let mut k = db.first_key().unwrap();
        while let Some(key) = k {
            assert!(keys.insert(key));
            k = db.next_key().unwrap();
        }
        assert_eq!(keys.len(), 399);
        assert!(matches!(db.store(b"a", b"b"), Err(StoreError::Sys(Errno(libc::EPERM)))));
        for s in [".dir", ".pag"] {
            std::fs::remove_file(format!("{}{s}", base.display())).unwrap();
        }
    }
}
