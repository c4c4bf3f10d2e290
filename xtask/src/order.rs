//! `order`: writes src/startup.order, the functions that starting a program runs, in the order of their first call,
//! behind the dispatch loop.
//!
//! The linker puts them side by side (see build.rs). A function is mapped in windows of sixteen pages; strewn over the
//! whole binary, the start's megabyte would make five resident. Names that a later build does not have are skipped by
//! the linker, so an old list costs speed, never a build.

use crate::args::Args;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// What a start does: the smallest program, one with a bit of everything, and one with a loop to compile, which two
/// threads share.
const PROGRAMS: [&str; 3] = [
    "1",
    r#"use strict; use warnings;
       my %h = (a => 1, b => 2);
       sub f { my ($x, $y) = @_; return $x . '-' . $y }
       for my $k (sort { $h{$a} <=> $h{$b} } keys %h) { print f($k, $h{$k}), "\n" if $k =~ /^(\w)$/ }
       my $s = join ',', map { $_ * 2 } grep { $_ % 2 } 1 .. 9;
       $s =~ s/1/one/g; printf "%s %d\n", $s, length $s;"#,
    r#"my ($sum, $half) = (0, 0.5); for my $i (1 .. 1_000_000) { $sum += $i * 3 % 11 }
       my $k = 0; while ($k < 2000) { $half = $half * 0.5 + $k; $k++ } print "$sum $half\n";"#,
];

pub fn main(mut args: Args) -> Result<(), String> {
    let root = xtask::workspace_root();
    let keshi = args.path("--keshi")?.unwrap_or_else(|| root.join("target/release/keshi"));
    args.finish()?;
    let scratch = tempfile::tempdir().map_err(|e| format!("no temporary directory: {e}"))?;
    let mut names = Vec::new();
    let mut seen = BTreeSet::new();
    for (i, program) in PROGRAMS.iter().enumerate() {
        let profile = scratch.path().join(i.to_string());
        trace(&keshi, program, &profile)?;
        let text = std::fs::read_to_string(&profile).map_err(|e| format!("valgrind's profile: {e}"))?;
        names.extend(functions(&text).filter(|n| seen.insert(n.to_string())).map(str::to_owned));
    }
    // The dispatch loop comes first: at the start of a page, its speed does not depend on what else was linked.
    names.sort_by_key(|n| !n.contains("run_frames"));
    let out = names.iter().fold(String::new(), |out, n| out + n + "\n");
    std::fs::write(root.join("src/startup.order"), out).map_err(|e| format!("src/startup.order: {e}"))?;
    println!("{} functions", names.len());
    Ok(())
}

fn trace(keshi: &Path, program: &str, profile: &Path) -> Result<(), String> {
    let out = Command::new("valgrind")
        .args(["--tool=callgrind", "--demangle=no", "--compress-strings=no", "--compress-pos=no"])
        .arg(format!("--callgrind-out-file={}", profile.display()))
        .arg(keshi)
        .args(["--threads=2", "-e", program])
        .output()
        .map_err(|e| format!("valgrind: {e}"))?;
    if out.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&out.stderr).into_owned()) }
}

/// The Rust functions of a callgrind profile with uncompressed names. Those of a recursion have a suffix of
/// callgrind's; they stand there without it, too.
fn functions(profile: &str) -> impl Iterator<Item = &str> {
    profile
        .lines()
        .filter_map(|l| l.strip_prefix("fn=").or_else(|| l.strip_prefix("cfn=")))
        .filter(|n| n.starts_with("_ZN") || n.starts_with("_R"))
        .filter(|n| !n.contains('\''))
}

#[cfg(test)]
mod tests {
    #[test]
    fn rust_functions_of_a_profile() {
        let text = "fl=a.c\nfn=main\n1 2\ncfn=_ZN5keshi3run17h0E\ncfn=_ZN5keshi3run17h0E'2\ncalls=1 1\nfn=_RNvx\n1 3\n";
        assert_eq!(super::functions(text).collect::<Vec<_>>(), ["_ZN5keshi3run17h0E", "_RNvx"]);
    }
}
