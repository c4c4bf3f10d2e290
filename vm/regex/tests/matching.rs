//! The engine through its public interface.

use std::collections::HashMap;
use std::sync::Arc;

use keshi_regex::{
    Captures, Charset, CodeBlock, CodeId, CodeOutcome, CompileHost, ExecHost, ExecOpts, Flags, MatchView,
    NoHost, Postponed, Regex, RegexError, compile, exec,
};

fn re_flags(p: &str, flags: Flags) -> Regex {
    compile(p.as_bytes(), flags, &mut NoHost).unwrap_or_else(|e| panic!("{p}: {e}"))
}

fn flags(mods: &str) -> Flags {
    let has = |c| mods.contains(c);
    Flags { i: has('i'), m: has('m'), s: has('s'), x: has('x'), n: has('n'), ..Flags::default() }
}

/// All groups as text; `None` for no match.
fn groups(p: &str, mods: &str, s: &str) -> Option<Vec<Option<String>>> {
    let mut seen: Option<Option<Vec<Option<String>>>> = None;
    // pattern and subject in both encodings must agree as long as both are ASCII
    for (pu, su) in [(false, false), (true, false), (false, true), (true, true)] {
        if !(p.is_ascii() || pu) || !(s.is_ascii() || su) {
            continue;
        }
        let re = re_flags(p, Flags { utf8_pattern: pu, ..flags(mods) });
        let mut c = Captures::default();
        let hit =
            exec(&re, s.as_bytes(), su, 0, &ExecOpts::default(), &mut NoHost, &mut c).expect("no error");
        let r = hit.then(|| (0..c.len()).map(|i| c.get(i).map(|(a, b)| s[a..b].to_owned())).collect());
        if let Some(first) = &seen {
            assert_eq!(first, &r, "{p} on {s:?}");
        }
        seen = Some(r);
    }
    seen.flatten()
}

fn check(p: &str, mods: &str, s: &str, want: Option<&[&str]>) {
    let got = groups(p, mods, s);
    let got: Option<Vec<String>> =
        got.map(|v| v.into_iter().map(|g| g.unwrap_or_else(|| "undef".into())).collect());
    let want: Option<Vec<String>> = want.map(|w| w.iter().map(|s| (*s).to_owned()).collect());
    assert_eq!(got, want, "m/{p}/{mods} on {s:?}");
}

#[test]
fn captures_and_quantifiers() {
    check("(a+)(b*?)(c)?", "", "xaabbc", Some(&["aa", "aa", "", "undef"]));
    check("^(.*?),(.*)$", "", "x,y,z", Some(&["x,y,z", "x", "y,z"]));
    check("a{2,3}+a", "", "aaa", None);
    check("(?:(x)|(y))+", "", "xy", Some(&["xy", "undef", "y"]));
    check("x{,2}y", "", "xxxy", Some(&["xxy"]));
    check("(\\d+) \\+ \\1", "", "12 + 12", Some(&["12 + 12", "12"]));
    check("(?<y>\\d{4})-(?<m>\\d\\d)", "", "on 2024-05", Some(&["2024-05", "2024", "05"]));
    check("(?|a(.)|b(.))\\1", "", "bxx", Some(&["bxx", "x"]));
    check("^ a b # comment\n c $", "x", "abc", Some(&["abc"]));
    check("(a)(b)", "n", "ab", Some(&["ab"]));
}

#[test]
fn assertions() {
    check("foo(?=bar)", "", "foobar", Some(&["foo"]));
    check("foo(?!bar)", "", "foobar foobaz", Some(&["foo"]));
    check("(?<=\\$|USD )\\d+", "", "USD 12", Some(&["12"]));
    check("(?<!a)b", "", "ab", None);
    check("\\bcat\\b", "", "a cat.", Some(&["cat"]));
    check("^b$", "m", "a\nb\nc", Some(&["b"]));
    check("a\\Z", "", "a\n", Some(&["a"]));
    check("a\\z", "", "a\n", None);
    check("foo\\Kbar", "", "foobar", Some(&["bar"]));
    check("(?>a+)ab", "", "aaab", None);
    check("(a)?(?(1)b|c)", "", "c", Some(&["c", "undef"]));
}

#[test]
fn recursion() {
    check("(\\((?:[^()]++|(?1))*\\))", "", "x(a(b)c)y", Some(&["(a(b)c)", "(a(b)c)"]));
    check("^((.)(?1)\\2|.?)$", "", "abcba", Some(&["abcba", "abcba", "a"]));
    check("(?&d)-(?&d)(?(DEFINE)(?<d>\\d))", "", "1-2", Some(&["1-2", "undef"]));
}

#[test]
fn verbs() {
    check("a+(*COMMIT)b", "", "aac aab", None);
    check("aa(*SKIP)b|.", "", "aaac", Some(&["a"]));
    check("a(*THEN)x|abc", "", "abc", Some(&["abc"]));
    check("a(*PRUNE)x|abc", "", "abc", None);
    check("a(?:b(*ACCEPT)c)?d", "", "ab", Some(&["ab"]));
    let re = re_flags("a(*MARK:one)b|c(*MARK:two)d", Flags::default());
    let mut c = Captures::default();
    assert!(exec(&re, b"cd", false, 0, &ExecOpts::default(), &mut NoHost, &mut c).expect("ok"));
    assert_eq!(c.mark.as_deref(), Some(&b"two"[..]));
}

#[test]
fn unicode_and_case() {
    check("stra\u{df}e", "i", "STRASSE", Some(&["STRASSE"]));
    check("STRASSE", "i", "stra\u{df}e", Some(&["stra\u{df}e"]));
    check("\u{3c3}", "i", "\u{3c2}", Some(&["\u{3c2}"]));
    check("\\p{Greek}+", "", "abc\u{3b1}\u{3b2}", Some(&["\u{3b1}\u{3b2}"]));
    check("^\\X$", "", "e\u{301}", Some(&["e\u{301}"]));
    check("[^\u{e9}]+", "", "caf\u{e9}", Some(&["caf"]));
    check("(?[ \\w - [aeiou] ])+", "", "aeibcd", Some(&["bcd"]));
    // /d: a byte above 127 is no word character, the same text as UTF-8 is one
    let re = re_flags("\\w", Flags::default());
    let mut c = Captures::default();
    let mut hit = |s: &[u8], u| exec(&re, s, u, 0, &ExecOpts::default(), &mut NoHost, &mut c).expect("ok");
    assert!(!hit(b"\xE9", false));
    assert!(hit("\u{e9}".as_bytes(), true));
    let re = re_flags("\\w", Flags { charset: Charset::Unicode, ..Flags::default() });
    assert!(exec(&re, b"\xE9", false, 0, &ExecOpts::default(), &mut NoHost, &mut c).expect("ok"));
}

#[test]
fn messages() {
    for (p, want) in [
        ("a(", "Unmatched ( in regex; marked by <-- HERE in m/a( <-- HERE /"),
        ("a**", "Nested quantifiers in regex; marked by <-- HERE in m/a** <-- HERE /"),
        ("[b-a]", "Invalid [] range \"b-a\" in regex; marked by <-- HERE in m/[b-a <-- HERE ]/"),
        ("(?z)", "Sequence (?z...) not recognized in regex; marked by <-- HERE in m/(?z <-- HERE )/"),
        ("(?<=a*)", "Lookbehind longer than 255 not implemented in regex m/(?<=a*)/"),
        ("\\1", "Reference to nonexistent group in regex; marked by <-- HERE in m/\\1 <-- HERE /"),
        ("(?{1})", "Eval-group not allowed at runtime, use re 'eval' in regex m/(?{1})/"),
    ] {
        let e = compile(p.as_bytes(), Flags::default(), &mut NoHost).expect_err(p);
        assert_eq!(e.to_string(), want);
    }
    let deep = "(".repeat(1000) + "a" + &")*".repeat(1000);
    check(&deep.replace(")*", ")"), "n", "a", Some(&["a"]));
    let re = re_flags(&deep.replace('(', "(?:"), Flags::default());
    assert!(
        exec(&re, b"b", false, 0, &ExecOpts::default(), &mut NoHost, &mut Captures::default()).expect("ok")
    );
    let deep = "(".repeat(5000) + &")".repeat(5000);
    let e = compile(deep.as_bytes(), Flags::default(), &mut NoHost).expect_err("too deep");
    assert!(e.to_string().starts_with("Too many nested open parens in regex"));
}

#[test]
fn shown_as_string() {
    let f = Flags { charset: Charset::AsciiRestrict, x: true, xx: true, ..flags("imsn") };
    assert_eq!(re_flags("a", f).stringify(), b"(?^aamsixxn:a)");
    assert_eq!(re_flags("\\x{100}", Flags::default()).stringify(), b"(?^u:\\x{100})");
    assert_eq!(re_flags("a#b", flags("x")).stringify(), b"(?^x:a#b\n)");
}

#[test]
fn options() {
    let re = re_flags("x*", Flags::default());
    let mut c = Captures::default();
    let opts = ExecOpts { not_empty_at: Some(0), ..ExecOpts::default() };
    assert!(exec(&re, b"ax", false, 0, &opts, &mut NoHost, &mut c).expect("ok"));
    assert_eq!(c.get(0), Some((1, 2)));
    let re = re_flags("\\Gb", Flags::default());
    let opts = ExecOpts { gpos: 1, ..ExecOpts::default() };
    assert!(exec(&re, b"ab", false, 1, &opts, &mut NoHost, &mut c).expect("ok"));
    assert!(!exec(&re, b"ab", false, 0, &ExecOpts::default(), &mut NoHost, &mut c).expect("ok"));
}

#[test]
fn hard_patterns_stay_cheap() {
    let s = "a".repeat(5000) + "b";
    check("^(a+)+$", "", &s, None);
    check("^(?:a|aa|a*)*c", "", &s, None);
    // long subjects need no native stack
    let s = "ab".repeat(200_000);
    assert!(groups("^(?:a(b))*$", "", &s).is_some());
    let s = "(".repeat(20_000) + &")".repeat(20_000);
    assert!(groups("^(\\((?1)*\\))$", "", &s).is_some());
}

/// Code blocks are looked up by their text.
#[derive(Default)]
struct Code {
    texts: Vec<String>,
    log: Vec<String>,
    undone: Vec<u64>,
    inner: HashMap<String, Arc<Regex>>,
}

impl CompileHost for Code {
    fn code_block(&mut self, p: &[u8], at: usize) -> Result<Option<CodeBlock>, RegexError> {
        let len = p[at..].iter().position(|&c| c == b'}').map_or(0, |k| k + 1);
        self.texts.push(String::from_utf8_lossy(&p[at + 1..at + len - 1]).into_owned());
        Ok(Some(CodeBlock { id: CodeId(self.texts.len() as u32 - 1), len }))
    }

    fn user_property(&mut self, name: &[u8], _fold: bool) -> Result<Option<Vec<u8>>, RegexError> {
        Ok((name == b"main::IsVowel").then(|| b"61\n65\n69\n6f\n75\n".to_vec()))
    }
}

impl ExecHost for Code {
    fn user_property(&mut self, name: &[u8], _fold: bool) -> Result<Option<Vec<u8>>, RegexError> {
        Ok((name == b"main::IsVowel").then(|| b"61\n65\n69\n6f\n75\n".to_vec()))
    }

    fn code(&mut self, id: CodeId, v: &MatchView<'_>) -> Result<CodeOutcome, RegexError> {
        let text = &self.texts[id.0 as usize];
        self.log.push(format!("{text}@{}", v.pos));
        Ok(CodeOutcome { truth: text.contains("true"), result: v.last_result + 1, undo: v.pos as u64 + 1 })
    }

    fn postponed(&mut self, id: CodeId, _v: &MatchView<'_>) -> Result<Postponed, RegexError> {
        let text = &self.texts[id.0 as usize];
        let regex = self.inner.get(text.trim()).cloned();
        let regex = regex.ok_or_else(|| RegexError::plain("no such pattern"))?;
        Ok(Postponed { regex, token: 1 })
    }

    fn backtracked(&mut self, token: u64) {
        self.undone.push(token);
    }
}

#[test]
fn code_blocks() {
    let mut h = Code::default();
    let re = compile(b"a+(?{ n })b|(?(?{ true })aac)", Flags::default(), &mut h).expect("compiles");
    let mut c = Captures::default();
    assert!(exec(&re, b"aac", false, 0, &ExecOpts::default(), &mut h, &mut c).expect("ok"));
    assert_eq!(h.log, [" n @2", " n @1", " true @0"]);
    assert_eq!(h.undone, [3, 2]);
    assert_eq!(c.get(0), Some((0, 3)));
}

#[test]
fn postponed_patterns() {
    let mut h = Code::default();
    h.inner.insert("word".into(), Arc::new(re_flags("(\\w+?)", Flags::default())));
    // the inner pattern can be backtracked into, and its groups are its own
    let re = compile(b"^(x)(??{ word })c$", Flags::default(), &mut h).expect("compiles");
    let mut c = Captures::default();
    assert!(exec(&re, b"xabcc", false, 0, &ExecOpts::default(), &mut h, &mut c).expect("ok"));
    assert_eq!(c.get(0), Some((0, 5)));
    assert_eq!(c.len(), 2);
    // a pattern that contains itself
    let mut h = Code::default();
    let re = Arc::new(compile(b"\\((?:[^()]|(??{ self }))*\\)", Flags::default(), &mut h).expect("compiles"));
    h.inner.insert("self".into(), re.clone());
    assert!(exec(&re, b"x(a(b)(c(d)))", false, 0, &ExecOpts::default(), &mut h, &mut c).expect("ok"));
    assert_eq!(c.get(0), Some((1, 13)));
}

#[test]
fn user_properties() {
    let mut h = Code::default();
    let re = compile(b"\\p{IsVowel}+", Flags::default(), &mut h).expect("compiles");
    let mut c = Captures::default();
    assert!(exec(&re, b"bcaeio", false, 0, &ExecOpts::default(), &mut h, &mut c).expect("ok"));
    assert_eq!(c.get(0), Some((2, 6)));
    let re = compile(b"\\p{IsNothing}", Flags::default(), &mut h).expect("deferred");
    let e = exec(&re, b"a", false, 0, &ExecOpts::default(), &mut NoHost, &mut c).expect_err("unknown");
    assert_eq!(e.to_string(), "Unknown user-defined property name \\p{main::IsNothing}");
}

#[test]
fn the_host_may_stop_a_match() {
    struct Stop;
    impl ExecHost for Stop {
        fn poll(&mut self) -> Result<(), RegexError> {
            Err(RegexError::host())
        }
    }
    // the back-reference rules out remembering failures
    let re = re_flags("^(?:(a+)+)+\\1z", Flags::default());
    let s = [b'a'; 40];
    let r = exec(&re, &s, false, 0, &ExecOpts::default(), &mut Stop, &mut Captures::default());
    assert!(r.is_err_and(|e| e.from_host));
}
