//! Measures compatibility: reads cases (tab separated: id, pattern in hex, pattern is UTF-8, modifiers, subject
//! in hex, subject is UTF-8, expected) from the file named on the command line and reports differences.
//! Expected: `N`, `G:` all matches of `//g`, `W:` warnings and error of the compilation joined by `|`, in hex, `Y:` with byte offsets `s,e` per group (`-` unset) separated by `;`, or `E:` message in hex.

use keshi_regex::{Captures, Charset, CompileHost, ExecOpts, Flags, NoHost, Regex, compile, exec};

/// Collects warnings.
#[derive(Default)]
struct Warnings(Vec<Vec<u8>>);

impl CompileHost for Warnings {
    fn warns(&mut self, _category: &str) -> bool {
        true
    }

    fn warn(&mut self, _category: &str, message: &[u8], _utf8: bool) {
        self.0.push(message.to_vec());
    }
}

fn unhex(s: &str) -> Vec<u8> {
    (0..s.len() / 2).filter_map(|i| u8::from_str_radix(&s[2 * i..2 * i + 2], 16).ok()).collect()
}

fn flags(mods: &str, utf8: bool) -> Flags {
    let mut f = Flags { utf8_pattern: utf8, ..Flags::default() };
    for c in mods.chars() {
        match c {
            'i' => f.i = true,
            'm' => f.m = true,
            's' => f.s = true,
            'x' if f.x => f.xx = true,
            'x' => f.x = true,
            'n' => f.n = true,
            'p' => f.p = true,
            'a' if f.charset == Charset::Ascii => f.charset = Charset::AsciiRestrict,
            'a' => f.charset = Charset::Ascii,
            'u' => f.charset = Charset::Unicode,
            'l' => f.charset = Charset::Locale,
            _ => {}
        }
    }
    f
}

fn outcome(f: &[&str]) -> String {
    let (pat, putf8) = (unhex(f[1]), f[2] == "1");
    let (subj, sutf8) = (unhex(f[4]), f[5] == "1");
    let hex = |b: &[u8]| b.iter().map(|x| format!("{x:02x}")).collect::<String>();
    if f[6].starts_with("W:") {
        let mut w = Warnings::default();
        if let Err(e) = compile(&pat, flags(f[3], putf8), &mut w) {
            w.0.push(e.message);
        }
        return format!("W:{}", hex(&w.0.join(&b'|')));
    }
    let re = match compile(&pat, flags(f[3], putf8), &mut NoHost) {
        Ok(r) => r,
        Err(e) => return format!("E:{}", hex(&e.message)),
    };
    let mut caps = Captures::default();
    if f[6].starts_with("G:") {
        return global(&re, &subj, sutf8);
    }
    match exec(&re, &subj, sutf8, 0, &ExecOpts::default(), &mut NoHost, &mut caps) {
        Err(e) => format!("E:{}", hex(&e.message)),
        Ok(false) => "N".into(),
        Ok(true) => {
            let v: Vec<String> = (0..caps.len())
                .map(|i| caps.get(i).map_or("-".into(), |(a, b)| format!("{a},{b}")))
                .collect();
            format!("Y:{}", v.join(";"))
        }
    }
}

/// All matches, as `//g` finds them.
fn global(re: &Regex, s: &[u8], utf8: bool) -> String {
    let mut caps = Captures::default();
    let mut found = Vec::new();
    let (mut at, mut opts) = (0, ExecOpts::default());
    while let Ok(true) = exec(re, s, utf8, at, &opts, &mut NoHost, &mut caps) {
        let (a, b) = caps.get(0).unwrap_or((0, 0));
        found.push(format!("{a},{b}"));
        if found.len() > 31 {
            break;
        }
        at = b;
        opts.gpos = b;
        opts.min_end = if a == b { b + 1 } else { 0 };
    }
    format!("G:{}", found.join(";"))
}

fn main() {
    let path = std::env::args().nth(1).unwrap_or_default();
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let (mut good, mut total) = (0, 0);
    for line in text.lines() {
        let f: Vec<&str> = line.split('\t').collect();
        if f.len() < 7 {
            continue;
        }
        total += 1;
        let got = std::panic::catch_unwind(|| outcome(&f)).unwrap_or_else(|_| "PANIC".into());
        let show = |s: &str| match s.strip_prefix("E:").or_else(|| s.strip_prefix("W:")) {
            Some(h) => format!("E:{}", String::from_utf8_lossy(&unhex(h))),
            None => s.to_owned(),
        };
        if got == f[6] {
            good += 1;
        } else {
            let pat = String::from_utf8_lossy(&unhex(f[1])).into_owned();
            let subj = String::from_utf8_lossy(&unhex(f[4])).into_owned();
            println!(
                "{} m/{}/{} {:?}\n   want {}\n   got  {}",
                f[0],
                pat,
                f[3],
                subj,
                show(f[6]),
                show(&got)
            );
        }
    }
    println!("{good} of {total}");
}
