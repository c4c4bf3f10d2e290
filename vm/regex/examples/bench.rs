//! Times a few typical matches: `cargo run --release -p keshi-regex --example bench`.

use std::time::Instant;

use keshi_regex::{Captures, ExecOpts, Flags, NoHost, Regex, compile, exec};

fn re(p: &str) -> Regex {
    compile(p.as_bytes(), Flags::default(), &mut NoHost).unwrap_or_else(|e| panic!("{p}: {e}"))
}

fn time(name: &str, n: u32, mut f: impl FnMut() -> usize) {
    // an argument selects the measurements whose name contains it
    if std::env::args().nth(1).is_some_and(|w| !name.contains(&w)) {
        return;
    }
    f();
    let t = Instant::now();
    let mut r = 0;
    for _ in 0..n {
        r = f();
    }
    println!("{name:32} {:>12.1} ns  ({r})", t.elapsed().as_nanos() as f64 / f64::from(n));
}

fn count(re: &Regex, s: &[u8], utf8: bool) -> usize {
    let mut caps = Captures::default();
    let (mut at, mut n) = (0, 0);
    let mut opts = ExecOpts::default();
    while let Ok(true) = exec(re, s, utf8, at, &opts, &mut NoHost, &mut caps) {
        let (a, b) = caps.get(0).unwrap_or((0, 0));
        n += 1;
        at = b;
        opts.not_empty_at = (a == b).then_some(b);
        opts.gpos = b;
    }
    n
}

fn main() {
    let log = b"127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET /apache_pb.gif HTTP/1.0\" 200 2326";
    let r = re(r#"^(\S+) (\S+) (\S+) \[([^\]]+)\] "(\S+) (\S+) ([^"]*)" (\d+) (\d+)"#);
    let mut caps = Captures::default();
    for utf8 in [false, true] {
        time("log line, 9 captures", 200_000, || {
            let _ = exec(&r, log, utf8, 0, &ExecOpts::default(), &mut NoHost, &mut caps);
            caps.len()
        });
    }
    let text: Vec<u8> =
        b"The quick brown fox is jumping over the lazy dog while nobody is watching the evening sky. "
            .iter()
            .copied()
            .cycle()
            .take(1_000_000)
            .collect();
    for p in [
        r"\b\w+ing\b",
        "(?:fox|dog|sky)",
        "lazy",
        r"\w+",
        r"[aeiou]{2}",
        r"(\w+)\s+(\w+)",
        "(?i)EVENING",
        ".*sky",
        "e.*?g",
    ] {
        let r = re(p);
        time(p, 3, || count(&r, &text, false));
    }
    let r = re("^(a+)+$");
    let s = b"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab";
    time("^(a+)+$ failing", 100, || count(&r, s, false));
    time("short miss", 1_000_000, || count(re_cached(), b"hello world", false));
    let r = re(r"^\s*(\w+)\s*=\s*(.*?)\s*$");
    time("key = value", 500_000, || {
        let _ =
            exec(&r, b"  name = some value here  ", false, 0, &ExecOpts::default(), &mut NoHost, &mut caps);
        caps.len()
    });
    time("compile", 20_000, || re(r"^\s*(\w+)\s*=\s*(.*?)\s*$").n_captures());
}

fn re_cached() -> &'static Regex {
    static R: std::sync::OnceLock<Regex> = std::sync::OnceLock::new();
    R.get_or_init(|| re("foo"))
}
