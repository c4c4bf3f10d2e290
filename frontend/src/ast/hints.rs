//! Lexical pragma state: perl's `$^H`, `%^H` and `${^WARNING_BITS}`.
//!
//! Bit values are perl's own, because `strict.pm`, `feature.pm`, `warnings.pm` and many CPAN modules compute
//! with them.
use super::*;

#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// `$^H`
    pub bits: u32,
    pub warn: WarnBits,
    /// `%^H`
    pub hash: HintHash,
    /// Major * 256 + minor of the `use VERSION` in force, 0 if there is none.
    pub version: u32,
    /// Features in force: derived from `bits` and `hash`, see [`Hints::refresh_features`].
    pub features: u32,
}

/// `${^WARNING_BITS}`: `undef` (only `-w` counts), or perl's bit string with two bits per category.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum WarnBits {
    /// No `use warnings`/`no warnings` in force: `$^W` decides.
    #[default]
    Std,
    All,
    None,
    Bits(Rc<[u8]>),
}

/// `%^H`, frozen. The Host thaws it into a real hash while BEGIN code runs and freezes it afterwards.
pub type HintHash = Option<Rc<Vec<(PStr, HintVal)>>>;

#[derive(Clone, Debug, PartialEq)]
pub enum HintVal {
    Undef,
    Int(i64),
    Str(PStr),
    /// A reference kept alive by the Host (`overload::constant` handlers); its text is what `caller` shows.
    Host(HostConst, PStr),
}

pub const HINT_INTEGER: u32 = 0x1;
pub const HINT_STRICT_REFS: u32 = 0x2;
pub const HINT_LOCALE: u32 = 0x4;
pub const HINT_BYTES: u32 = 0x8;
pub const HINT_EXPLICIT_STRICT_REFS: u32 = 0x20;
pub const HINT_EXPLICIT_STRICT_SUBS: u32 = 0x40;
pub const HINT_EXPLICIT_STRICT_VARS: u32 = 0x80;
pub const HINT_BLOCK_SCOPE: u32 = 0x100;
pub const HINT_STRICT_SUBS: u32 = 0x200;
pub const HINT_STRICT_VARS: u32 = 0x400;
pub const HINT_UNI_8_BIT: u32 = 0x800;
pub const HINT_NEW_INTEGER: u32 = 0x1000;
pub const HINT_NEW_FLOAT: u32 = 0x2000;
pub const HINT_NEW_BINARY: u32 = 0x4000;
pub const HINT_NEW_STRING: u32 = 0x8000;
pub const HINT_NEW_RE: u32 = 0x10000;
pub const HINT_LOCALIZE_HH: u32 = 0x20000;
pub const HINT_LEXICAL_IO_IN: u32 = 0x40000;
pub const HINT_LEXICAL_IO_OUT: u32 = 0x80000;
pub const HINT_RE_TAINT: u32 = 0x100000;
pub const HINT_RE_EVAL: u32 = 0x200000;
pub const HINT_FILETEST_ACCESS: u32 = 0x400000;
pub const HINT_UTF8: u32 = 0x800000;
pub const HINT_NO_AMAGIC: u32 = 0x1000000;
pub const HINT_RE_FLAGS: u32 = 0x2000000;
pub const HINT_FEATURE_SHIFT: u32 = 26;
pub const HINT_FEATURE_MASK: u32 = 0x3c00_0000;

macro_rules! features {
    ($($id:ident = $bit:expr, $key:literal;)*) => {
        /// One feature of `feature.pm`, as a bit of [`Hints::features`].
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u32)]
        pub enum Feature { $($id = 1 << $bit,)* }
        /// The `%^H` key of each feature, in bit order.
        pub const FEATURE_KEYS: &[(&str, Feature)] = &[$(($key, Feature::$id),)*];
    };
}

features! {
    AposAsNameSep = 0, "feature_apos_as_name_sep";
    BarewordFilehandles = 1, "feature_bareword_filehandles";
    Bitwise = 2, "feature_bitwise";
    Class = 3, "feature_class";
    CurrentSub = 4, "feature___SUB__";
    DeclaredRefs = 5, "feature_myref";
    Defer = 6, "feature_defer";
    EvalBytes = 7, "feature_evalbytes";
    MoreDelims = 8, "feature_more_delims";
    Fc = 9, "feature_fc";
    Indirect = 10, "feature_indirect";
    Isa = 11, "feature_isa";
    KeywordAll = 12, "feature_keyword_all";
    KeywordAny = 13, "feature_keyword_any";
    ModuleTrue = 14, "feature_module_true";
    Multidimensional = 15, "feature_multidimensional";
    PostderefQq = 16, "feature_postderef_qq";
    RefAliasing = 17, "feature_refaliasing";
    Say = 18, "feature_say";
    Signatures = 19, "feature_signatures";
    SmartMatch = 20, "feature_smartmatch";
    State = 21, "feature_state";
    Switch = 22, "feature_switch";
    Try = 23, "feature_try";
    UniEval = 24, "feature_unieval";
    Unicode = 25, "feature_unicode";
}

/// Features of each bundle number stored in `$^H` (0 default, 1 `:5.10`, 2 `:5.11`, 3 `:5.15`, 4 `:5.23`,
/// 5 `:5.27`, 6 `:5.35`, 7 `:5.37`, 8 `:5.39`, 9 `:5.41`).
pub fn bundle_features(bundle: u32) -> u32 {
    use Feature::*;
    let set = |list: &[Feature]| list.iter().fold(0, |a, f| a | *f as u32);
    let old = set(&[AposAsNameSep, BarewordFilehandles, Indirect, Multidimensional, SmartMatch]);
    let v510 = old | set(&[Say, State, Switch]);
    let v511 = v510 | Unicode as u32;
    let v515 = v511 | set(&[CurrentSub, EvalBytes, Fc, UniEval]);
    let v523 = v515 | PostderefQq as u32;
    let v527 = v523 | Bitwise as u32;
    let v535 = (v527 | set(&[Isa, Signatures])) & !set(&[Indirect, Multidimensional, Switch]);
    let v537 = (v535 | ModuleTrue as u32) & !(BarewordFilehandles as u32);
    let v539 = v537 | Try as u32;
    let v541 = v539 & !set(&[AposAsNameSep, SmartMatch]);
    [old, v510, v511, v515, v523, v527, v535, v537, v539, v541].get(bundle as usize).copied().unwrap_or(0)
}

impl Hints {
    /// The state at the start of a program: default features, no strictures.
    pub fn initial() -> Hints {
        let mut h = Hints { bits: HINT_BLOCK_SCOPE, ..Hints::default() };
        h.refresh_features();
        h
    }

    pub fn has(&self, bit: u32) -> bool {
        self.bits & bit != 0
    }

    pub fn feature(&self, f: Feature) -> bool {
        self.features & f as u32 != 0
    }

    /// Recomputes `features` after `$^H` or `%^H` changed.
    pub fn refresh_features(&mut self) {
        let bundle = (self.bits & HINT_FEATURE_MASK) >> HINT_FEATURE_SHIFT;
        self.features = if bundle == HINT_FEATURE_MASK >> HINT_FEATURE_SHIFT {
            FEATURE_KEYS.iter().filter(|(k, _)| self.lookup(k).is_some()).fold(0, |a, (_, f)| a | *f as u32)
        } else {
            bundle_features(bundle)
        };
    }

    /// The value of a key of `%^H`.
    pub fn lookup(&self, key: &str) -> Option<&HintVal> {
        let hash = self.hash.as_ref()?;
        hash.iter().find(|(k, _)| &*k.bytes == key.as_bytes()).map(|(_, v)| v)
    }

    /// Is the warning category on? `dash_w` is `$^W`; `default_on` for warnings perl gives without any switch.
    pub fn warns(&self, category: u32, dash_w: bool, default_on: bool) -> bool {
        match &self.warn {
            WarnBits::Std => dash_w || default_on,
            WarnBits::All => true,
            WarnBits::None => false,
            WarnBits::Bits(b) => {
                let bit = 2 * category;
                b.get((bit / 8) as usize).is_some_and(|x| x & (1 << (bit % 8)) != 0)
            }
        }
    }

    /// Is the category fatal (`use warnings FATAL => …`)?
    pub fn fatal(&self, category: u32) -> bool {
        match &self.warn {
            WarnBits::Bits(b) => {
                let bit = 2 * category + 1;
                b.get((bit / 8) as usize).is_some_and(|x| x & (1 << (bit % 8)) != 0)
            }
            _ => false,
        }
    }
}

pub use keshi_l1::warn;
