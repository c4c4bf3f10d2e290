//! Perl programs with something wrong in them: pieces of good programs, put together anew.

/// A generator that gives the same numbers on every machine (xorshift64*).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        let mut r = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        r.below(2);
        r
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// What programs must not name: it would reach other processes, files or the network. Matched anywhere, in any
/// case, so that no joining of pieces brings it in.
const FORBIDDEN: &[&str] = &[
    "kill", "fork", "exec", "system", "unlink", "rmdir", "mkdir", "rename", "open", "truncate", "chmod",
    "chown", "symlink", "link(", "utime", "syscall", "socket", "ffi", "setp", "qx", "`", "dump", "chroot",
    "chdir", "alarm", "shmg", "msgg", "msgs", "semg", "semo", "ioctl", "fcntl", "tempfile", "file::", "ipc",
    "$^i", "umask", "{^i", "dbm", "sleep", "%sig", "posix", "wait", "storable", "inc,", "/dev", "/proc",
];

pub fn harmless(text: &[u8]) -> bool {
    let lower = text.to_ascii_lowercase();
    let handlers = lower.windows(6).filter(|w| w.starts_with(b"sig{"));
    // Hooks for messages are fine, handlers of signals are not.
    handlers.clone().all(|w| w.ends_with(b"__"))
        && !FORBIDDEN.iter().any(|w| lower.windows(w.len()).any(|x| x == w.as_bytes()))
}

/// Words, operators and literals that are worth a try anywhere.
const WORDS: &[&str] = &[
    "my",
    "our",
    "local",
    "state",
    "sub",
    "return",
    "if",
    "unless",
    "while",
    "until",
    "for",
    "foreach",
    "do",
    "eval",
    "last",
    "next",
    "redo",
    "goto",
    "die",
    "warn",
    "print",
    "sprintf",
    "pack",
    "unpack",
    "splice",
    "sort",
    "map",
    "grep",
    "reverse",
    "keys",
    "values",
    "each",
    "delete",
    "exists",
    "defined",
    "undef",
    "ref",
    "bless",
    "wantarray",
    "substr",
    "index",
    "vec",
    "pos",
    "split",
    "join",
    "tie",
    "untie",
    "shift",
    "push",
    "pop",
    "lc",
    "uc",
    "chop",
    "chomp",
    "study",
    "format",
    "package",
    "BEGIN",
    "END",
    "__PACKAGE__",
    "__SUB__",
    "qw",
    "q",
    "qq",
    "m",
    "s",
    "tr",
    "y",
    "x",
    "eq",
    "ne",
    "cmp",
    "<=>",
    "..",
    "...",
    "=~",
    "!~",
    "->",
    "=>",
    "++",
    "--",
    "**",
    "**=",
    "//=",
    "||=",
    "&&=",
    "<<=",
    ">>",
    "<<",
    "?",
    ":",
    "\\",
    "\\(",
    "@{",
    "%{",
    "${",
    "@$",
    "$#",
    "$#{",
    "&$",
    "*",
    "->@*",
    "->%*",
    "->$#*",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    "<<E",
    "<<~E",
    "@_",
    "$_",
    "$@",
    "$0",
    "$&",
    "@-",
    "%+",
    "$;",
    "$,",
    "$/",
    "$\\",
    "$|",
    "isa",
    "try",
    "catch",
    "defer",
    "class",
    "field",
    "method",
    "any",
    "given",
    "when",
    "local $_",
    "use feature ':all';",
    "no strict;",
    "use utf8;",
    "use integer;",
    "(?{ 1 })",
    "(??{ 1 })",
    "(?1)",
    "(?|",
    "(?<n>",
    "\\K",
    "\\G",
    "{2,}",
    "*+",
    "\\p{L}",
    "\\x{10ffff}",
    "[^\\W\\d]",
    "(?<=a|bc)",
    "\\1",
    "/e",
    "/gr",
];

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e15",
    "1e308",
    "-1e309",
    "0.1",
    "1e-320",
    "0x7fffffffffffffff",
    "0b101",
    "0o17",
    "9**9**9",
    "-sin(9**9**9)",
    "'nan'",
    "'0 but true'",
    "''",
    "'00'",
    "undef",
    "\"\\x{1F600}\"",
    "\"\\xff\"",
    "\"\\0\"",
    "1_000",
    "v1.2.3",
];

/// The text as words, numbers, runs of blanks, and single characters.
fn tokens(text: &[u8]) -> Vec<&[u8]> {
    let class = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' => 1,
        b' ' | b'\t' => 2,
        _ => 0,
    };
    text.chunk_by(|a, b| class(*a) != 0 && class(*a) == class(*b)).collect()
}

/// One case: a piece of a seed, changed in a few places.
pub fn program(rng: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut text = lines(rng, seeds);
    if rng.below(3) == 0 {
        text.extend(lines(rng, seeds));
    }
    for _ in 0..1 + rng.below(6) {
        text = change(rng, &text, seeds);
    }
    text
}

/// A run of lines of one seed, often the whole.
fn lines(rng: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let seed = rng.pick(seeds);
    let all: Vec<&[u8]> = seed.split_inclusive(|b| *b == b'\n').collect();
    if rng.below(4) == 0 {
        return seed.clone();
    }
    let from = rng.below(all.len());
    all[from..(from + 1 + rng.below(40)).min(all.len())].concat()
}

fn change(rng: &mut Rng, text: &[u8], seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut t: Vec<Vec<u8>> = tokens(text).into_iter().map(<[u8]>::to_vec).collect();
    if t.is_empty() {
        return rng.pick(WORDS).as_bytes().to_vec();
    }
    let (i, j) = (rng.below(t.len()), rng.below(t.len()));
    match rng.below(13) {
        0 => drop(t.drain(i..(i + 1 + rng.below(4)).min(t.len()))),
        1 => {
            let copy = t[i..(i + 1 + rng.below(12)).min(t.len())].to_vec();
            t.splice(j..j, copy);
        }
        2 => t.swap(i, j),
        3 => t[i] = rng.pick(WORDS).as_bytes().to_vec(),
        4 => t.insert(i, format!(" {} ", rng.pick(WORDS)).into_bytes()),
        5 => {
            // Another number for one of the numbers.
            let numbers: Vec<usize> = (0..t.len()).filter(|k| t[*k][0].is_ascii_digit()).collect();
            if let Some(k) = numbers.get(rng.below(numbers.len())) {
                t[*k] = rng.pick(NUMBERS).as_bytes().to_vec();
            }
        }
        6 => t.insert(i, rng.pick(NUMBERS).as_bytes().to_vec()),
        7 => t.truncate(i + 1),
        8 => {
            let other = rng.pick(seeds).clone();
            let o = tokens(&other);
            let from = rng.below(o.len());
            t.splice(i..i, o[from..(from + 1 + rng.below(30)).min(o.len())].iter().map(|x| x.to_vec()));
        }
        9 => t[i] = vec![rng.below(256) as u8; 1 + rng.below(3)],
        10 => {
            // Depth, of every kind of bracket.
            let (open, close) = *rng.pick(&[
                ("(", ")"),
                ("[", "]"),
                ("{", "}"),
                ("-", ""),
                ("!", ""),
                ("\\", ""),
                ("(?:", ")"),
            ]);
            let n = *rng.pick(&[3, 50, 3000]);
            t.insert(i, open.repeat(n).into_bytes());
            let k = (i + 2).min(t.len());
            t.insert(k, close.repeat(n).into_bytes());
        }
        11 => {
            // Wrapped into a construct.
            let (before, after) = *rng.pick(&[
                ("eval { ", " };"),
                ("sub { ", " }->();"),
                ("for my $i (1 .. 3) { ", " }"),
                ("my @l = map { ", " } 1 .. 3;"),
                ("eval q{", "};"),
                ("local $_ = do { ", " };"),
                ("BEGIN { ", " }"),
                ("sort { ", " } 1 .. 3;"),
                ("while (1) { ", " }"),
                ("\"@{[ ", " ]}\""),
            ]);
            let (a, b) = (i.min(j), i.max(j));
            t.insert(b, after.as_bytes().to_vec());
            t.insert(a, before.as_bytes().to_vec());
        }
        _ => {
            // One variable for another.
            let names: Vec<usize> =
                (1..t.len()).filter(|k| matches!(t[k - 1][0], b'$' | b'@' | b'%' | b'&')).collect();
            if names.len() > 1 {
                let (a, b) = (*rng.pick(&names), *rng.pick(&names));
                t[a] = t[b].clone();
                t[a - 1] = t[b - 1].clone();
            }
        }
    }
    t.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_program() {
        let seeds = vec![b"my $x = 1;\nprint $x + 2;\n".to_vec(), b"for (1 .. 3) { print }\n".to_vec()];
        let all =
            |seed: u64| (0..50u64).map(|i| program(&mut Rng::new(seed << 8 | i), &seeds)).collect::<Vec<_>>();
        assert_eq!(all(1), all(1));
        assert_ne!(all(1), all(2));
    }

    #[test]
    fn what_reaches_beyond_the_process_is_refused() {
        assert!(harmless(b"print 1 + 2;"));
        for text in
            ["kill 9, -1", "&{\"CORE::GLOBAL::Fork\"}", "print `ls`", "OPEN my $f", "$SIG{INT} = 'IGNORE'"]
        {
            assert!(!harmless(text.as_bytes()), "{text}");
        }
    }
}
