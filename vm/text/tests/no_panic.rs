//! No input may panic: every public algorithm gets pseudo-random bytes, well-formed or not.

use std::borrow::Cow;

use keshi_text::num::Num;
use keshi_text::pack::{Kind, Template, pack, unpack};
use keshi_text::{Args, Warning, case, num, quote, radix, sprintf, strings, tr, utf8, version};

struct Rng(u64);

impl Rng {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % below
    }
    fn bytes(&mut self, alphabet: &[u8], max: usize) -> Vec<u8> {
        let n = self.next(max);
        (0..n).map(|_| alphabet[self.next(alphabet.len())]).collect()
    }
}

struct List(Vec<Vec<u8>>, bool);

impl Args for List {
    type Err = String;
    fn count(&self) -> usize {
        self.0.len()
    }
    fn str(&mut self, i: usize) -> Result<(Cow<'_, [u8]>, bool), String> {
        Ok((Cow::Borrowed(&self.0[i]), self.1))
    }
    fn num(&mut self, i: usize) -> Result<Num, String> {
        // Small, so that no repeat count or width eats the memory.
        Ok(match num::parse(&self.0[i]).num {
            Num::Int(v) => Num::Int(v % 1000),
            n => n,
        })
    }
    fn addr(&mut self, _: usize) -> Result<u64, String> {
        Ok(1)
    }
    fn ptr(&mut self, _: usize) -> Result<u64, String> {
        Ok(1)
    }
    fn set_len(&mut self, _: usize, _: usize) -> Result<(), String> {
        Ok(())
    }
    fn warn(&mut self, _: Warning) -> Result<(), String> {
        Ok(())
    }
    fn die(&mut self, msg: String) -> String {
        msg
    }
    fn name(&self) -> &'static str {
        "sprintf"
    }
}

#[test]
fn strings_of_all_kinds() {
    let any: Vec<u8> = (0..=255).collect();
    let mut r = Rng(1);
    for _ in 0..20000 {
        let (a, b) = (r.bytes(&any, 24), r.bytes(&any, 5));
        for (au, bu) in [(false, false), (true, false), (false, true), (true, true)] {
            let _ = strings::cmp(&a, au, &b, bu);
            let p = r.next(30) as i64 - 5;
            let _ = (strings::index(&a, au, &b, bu, p), strings::rindex(&a, au, &b, bu, Some(p)));
            let _ = strings::vec_set(&a, au, p, 1 << r.next(8), 77);
            let _ = strings::vec_get(&a, au, p, 1 << r.next(8));
            let _ = strings::bit_op(strings::BitOp::Xor, &a, au, &b, bu);
            let list = tr::plain(&b, bu);
            let flags = tr::Flags { complement: au, delete: bu, squeeze: au, ret: false };
            if let Ok(t) = tr::Tr::compile(&list, &list, flags) {
                let _ = t.run(&a, au);
            }
        }
        let _ = (strings::reverse(&a, true), quote::quotemeta(&a, true, false), quote::not_numeric(&a, true));
        let _ = (case::fc(&a, true, true), case::ucfirst(&a, true, true), case::uc(&a, false, true));
        let _ =
            (utf8::malformed_message(&a), utf8::is_valid(&a), utf8::byte_offset(&a, 7), utf8::downgrade(&a));
    }
}

#[test]
fn numbers_and_versions() {
    let mut r = Rng(2);
    for _ in 0..100000 {
        let a = r.bytes(b"0123456789..eE+-_xXbBoOpPvfinaIN# 9()", 14);
        let _ = (num::parse(&a), radix::oct(&a), radix::hex(&a), radix::literal(&a), num::str_inc(&a));
        let _ = (version::Version::parse(&a), version::Version::declare(&a), version::vstring(&a));
        let bits = (r.next(1 << 31) as u64) << 33 | r.next(1 << 31) as u64;
        let _ = num::nv_string(f64::from_bits(bits));
    }
}

#[test]
fn formats_and_templates() {
    let any: Vec<u8> = (0..=255).collect();
    let mut r = Rng(3);
    for _ in 0..30000 {
        let args: Vec<Vec<u8>> = (0..r.next(5)).map(|_| r.bytes(b"0123456789-.xe\xc4\x80", 4)).collect();
        let f = r.bytes(b"%%%%dsufgeacxobBEGv*123$.+-# 0hlqzn\xc4\x80", 12);
        let _ = sprintf::sprintf(&f, r.next(2) == 0, &mut List(args.clone(), r.next(2) == 0));
        let t = r.bytes(b"aAZbBhHcCWUsSlLqQjJfdFDpPiInNvVwuxX@.()()[]!<>*/%123 U0C0", 12);
        if let Ok(t) = Template::parse(&t, Kind::Pack) {
            let _ = pack(&t, &mut List(args, r.next(2) == 0));
        }
        if let Ok(t) = Template::parse(&t, Kind::Unpack) {
            let data = r.bytes(&any, 20);
            let _ = unpack(&t, &data, r.next(2) == 0, r.next(4) == 0, &mut Vec::new());
        }
    }
}
