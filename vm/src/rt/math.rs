//! Mathematical functions, `hex`/`oct`, random numbers.

use crate::Vm;
use crate::conv::num_val;
use crate::exc::R;
use crate::warn::cat;
use keshi_text::num::{self, Num};
use keshi_value::Val;

/// Interpreter-wide state of this topic.
#[derive(Default)]
pub struct State {
    pub rng: Option<Drand48>,
    pub fixed_seeds: Option<FixedSeeds>,
}

/// perl's own generator, freebsd's drand48.
#[derive(Clone, Copy)]
pub struct Drand48(u64);

impl Drand48 {
    pub fn new(seed: u32) -> Drand48 {
        Drand48(((seed as u64) << 16) + 0x330e)
    }
    pub fn next_f64(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(0x5_deec_e66d).wrapping_add(0xb) & 0xffff_ffff_ffff;
        self.0 as f64 / (1u64 << 48) as f64
    }
}

macro_rules! unary_overload {
    ($vm:ident, $v:ident, $op:literal) => {
        if $v.is_ref() {
            if let Some(r) = $vm.overload_unary($v, $op)? {
                return Ok(r);
            }
        }
    };
}

pub fn abs(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "abs");
    Ok(match vm.to_num(b)? {
        Num::Int(i) => Val::uint(i.unsigned_abs()),
        Num::Uint(u) => Val::uint(u),
        Num::Num(f) => Val::num(f.abs()),
    })
}
pub fn int(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "int");
    Ok(match vm.to_num(b)? {
        // What an integer can hold becomes one.
        Num::Num(f) if (0.0..18_446_744_073_709_551_615.5).contains(&f) => Val::uint(f as u64),
        Num::Num(f) if f < 0.0 && f > i64::MIN as f64 - 0.5 && f.trunc() != 0.0 => Val::int(f as i64),
        Num::Num(f) => Val::num(f.trunc()),
        n => num_val(n),
    })
}
fn real(vm: &mut Vm, v: &Val) -> R<f64> {
    vm.to_nv(v)
}
fn fmt_g(n: f64) -> String {
    String::from_utf8_lossy(&num::nv_string(n)).into_owned()
}
pub fn sqrt(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "sqrt");
    let n = real(vm, b)?;
    if n < 0.0 {
        return Err(vm.die_text(&format!("Can't take sqrt of {}", fmt_g(n))));
    }
    Ok(Val::num(n.sqrt()))
}
pub fn sin(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "sin");
    Ok(Val::num(real(vm, b)?.sin()))
}
pub fn cos(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "cos");
    Ok(Val::num(real(vm, b)?.cos()))
}
pub fn exp(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "exp");
    Ok(Val::num(real(vm, b)?.exp()))
}
pub fn log(vm: &mut Vm, b: &Val) -> R<Val> {
    unary_overload!(vm, b, "log");
    let n = real(vm, b)?;
    if n <= 0.0 {
        return Err(vm.die_text(&format!("Can't take log of {}", fmt_g(n))));
    }
    Ok(Val::num(n.ln()))
}
pub fn atan2(vm: &mut Vm, b: &Val, c: &Val) -> R<Val> {
    if b.is_ref() || c.is_ref() {
        if let Some(v) = vm.overload_binary(b, c, "atan2")? {
            return Ok(v);
        }
    }
    let (x, y) = (real(vm, b)?, real(vm, c)?);
    Ok(Val::num(x.atan2(y)))
}

fn radix(vm: &mut Vm, b: &Val, hex: bool) -> R<Val> {
    let name = if hex { "hex" } else { "oct" };
    let s = vm.octets_of(b, name)?;
    let r = if hex { keshi_text::radix::hex(&s) } else { keshi_text::radix::oct(&s) };
    for w in r.warnings {
        let c = cat::by_name(w.cat.name()).unwrap_or(cat::MISC);
        vm.warn(c, &w.msg)?;
    }
    Ok(num_val(r.num))
}
pub fn hex(vm: &mut Vm, b: &Val) -> R<Val> {
    radix(vm, b, true)
}
pub fn oct(vm: &mut Vm, b: &Val) -> R<Val> {
    radix(vm, b, false)
}

fn auto_seed() -> u32 {
    let t = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (t.subsec_nanos() ^ (t.as_secs() as u32).wrapping_mul(2_654_435_769))
        ^ std::process::id().wrapping_mul(97)
}
/// Seeds that `PERL_RAND_SEED` asks for in place of chance: the next one to be given, and the state of the
/// generator behind them.
#[derive(Clone, Copy)]
pub struct FixedSeeds {
    next: u32,
    state: u32,
}

/// One step of a 32-bit xorshift generator.
fn xorshift(mut x: u32, [a, b, c]: [u32; 3]) -> u32 {
    x ^= x << a;
    x ^= x >> b;
    x ^ x << c
}

impl FixedSeeds {
    const STEP: [u32; 3] = [13, 17, 5];
    const CHILD: [u32; 3] = [5, 27, 8];

    /// From the value of `PERL_RAND_SEED`: a decimal number of 32 bits, not 0.
    pub fn from_text(text: &str) -> Option<FixedSeeds> {
        let n: u32 = text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()))?;
        (n != 0).then_some(FixedSeeds { next: n, state: n })
    }

    fn take(&mut self) -> u32 {
        let n = self.next;
        self.state = xorshift(self.state, Self::STEP);
        self.next = self.state;
        n
    }

    /// A process and its child go on with different seeds.
    fn fork(&mut self, child: bool) {
        self.state = xorshift(self.state, Self::STEP);
        if child {
            self.state = xorshift(self.state, Self::CHILD);
            self.next = self.state;
        }
    }
}

/// A seed where the program gives none.
fn new_seed(vm: &mut Vm) -> u32 {
    match &mut vm.rtstate.math.fixed_seeds {
        Some(s) => s.take(),
        None => auto_seed(),
    }
}

/// After `fork`, in both processes.
pub fn forked(vm: &mut Vm, child: bool) {
    if let Some(s) = &mut vm.rtstate.math.fixed_seeds {
        s.fork(child);
    }
}

/// `PERL_RAND_SEED`
pub fn init(vm: &mut Vm) {
    vm.rtstate.math.fixed_seeds =
        std::env::var("PERL_RAND_SEED").ok().and_then(|t| FixedSeeds::from_text(&t));
}

/// rand
pub fn rand(vm: &mut Vm, b: &Val) -> R<Val> {
    let mut max = vm.to_nv(b)?;
    if max == 0.0 {
        max = 1.0;
    }
    if vm.rtstate.math.rng.is_none() {
        let seed = new_seed(vm);
        vm.rtstate.math.rng = Some(Drand48::new(seed));
    }
    let rng = vm.rtstate.math.rng.as_mut().expect("just made");
    Ok(Val::num(rng.next_f64() * max))
}
fn seeded(vm: &mut Vm, seed: u64) -> Val {
    vm.rtstate.math.rng = Some(Drand48::new(seed as u32));
    vm.srand_called = true;
    if seed == 0 {
        return Val::dual(keshi_value::scalar::Dual::new(Val::int(0), Val::bytes("0 but true"), None));
    }
    Val::uint(seed)
}
/// srand EXPR
pub fn srand(vm: &mut Vm, b: &Val) -> R<Val> {
    if b.is_undef() {
        // What is no integer counts as too large a one.
        vm.to_num(b)?;
        vm.warn(cat::OVERFLOW, "Integer overflow in srand")?;
        return Ok(seeded(vm, u64::MAX));
    }
    let n = vm.to_num(b)?;
    if let Num::Num(f) = n {
        if f >= 1.8446744073709552e19 {
            vm.warn(cat::OVERFLOW, "Integer overflow in srand")?;
            return Ok(seeded(vm, u64::MAX));
        }
    }
    Ok(seeded(vm, n.uv()))
}
/// srand
pub fn srand_auto(vm: &mut Vm) -> R<Val> {
    let s = new_seed(vm);
    Ok(seeded(vm, s as u64))
}
