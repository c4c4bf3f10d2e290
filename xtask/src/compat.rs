//! `compat SCORE.json`: writes docs/COMPATIBILITY.md from a run of the scorer against perl5's own tests.
//!
//! The scorer (see docs/COMPATIBILITY.md, which this writes) leaves one JSON file with a summary per directory and
//! one entry per test file. Nothing of it is changed here: what fails is listed by name.

use crate::args::Args;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

const HEAD: &str = "\
# Compatibility with perl 5.42

Keshi against the test files that come with perl 5.42.3, run as perl's own harness runs them. An assertion counts when
it is a plain pass with real perl 5.42.3 and here; skipped ones earn nothing. A file is *full* when all of its
assertions pass and output, plan and exit status are right. The *mean* is that of the files' shares of passed
assertions. Files about perl's own op trees and C structures (B, Devel::Peek, XS::APItest) are left out.

This page is written by `cargo xtask compat SCORE.json`; SCORE.json is what the scorer writes with
`--not internals --json SCORE.json`. Do not edit it by hand.
";

pub fn main(mut args: Args) -> Result<(), String> {
    let revision = args.value("--revision")?;
    let words = args.words()?;
    let [path] = words.as_slice() else { return Err("compat wants one file written by the scorer".into()) };
    let text = std::fs::read_to_string(path).map_err(|e| format!("{path}: {e}"))?;
    let score: Value = serde_json::from_str(&text).map_err(|e| format!("{path}: {e}"))?;
    let page = page(&score, revision.as_deref()).ok_or_else(|| format!("{path}: not a score"))?;
    let out = xtask::workspace_root().join("docs/COMPATIBILITY.md");
    std::fs::write(&out, page).map_err(|e| format!("docs/COMPATIBILITY.md: {e}"))
}

fn page(score: &Value, revision: Option<&str>) -> Option<String> {
    let mut out = HEAD.to_owned();
    let date = score["date"].as_str()?.split('T').next()?;
    let _ = match revision {
        Some(r) => writeln!(out, "\nMeasured on {date}, revision {r}."),
        None => writeln!(out, "\nMeasured on {date}."),
    };
    out +=
        "\n| directory | files | full | share full | mean | passed | of |\n|---|---|---|---|---|---|---|\n";
    let dirs = score["summary"]["all"].as_object()?;
    let total = dirs.iter().filter(|d| d.0 == "TOTAL");
    for (name, d) in dirs.iter().filter(|d| d.0 != "TOTAL").chain(total) {
        let number = |key: &str| d[key].as_f64().unwrap_or(0.0);
        let per = |x: f64, of: f64| if of > 0.0 { 100.0 * x / of } else { 0.0 };
        let name = if name == "TOTAL" { "**all**".to_owned() } else { format!("`{name}`") };
        let _ = writeln!(
            out,
            "| {name} | {} | {} | {:.1} % | {:.1} % | {} | {} |",
            number("cand"),
            number("full"),
            per(number("full"), number("cand")),
            per(number("share"), number("scored")),
            number("got"),
            number("want"),
        );
    }
    out += "\n## Files that are not full\n";
    let mut by_dir: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (file, f) in score["files"].as_object()? {
        let (status, want) = (f["status"].as_str()?, f["want"].as_u64().unwrap_or(0));
        if status == "full" || want == 0 {
            continue;
        }
        let (dir, name) = file.rsplit_once('/').unwrap_or(("", file));
        let got = f["got"].as_u64().unwrap_or(0);
        let how = match status {
            "timeout" => ", timeout",
            "crash" => ", crash",
            _ => "",
        };
        by_dir.entry(dir).or_default().push(format!("`{name}` {got}/{want}{how}"));
    }
    for (dir, files) in by_dir {
        let _ = write!(out, "\n### {dir}\n\n{}\n", files.join(", "));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::page;
    use serde_json::json;

    #[test]
    fn a_table_and_what_fails() {
        let score = json!({
            "date": "2026-01-02T03:04:05",
            "summary": {"all": {
                "t/op": {"cand": 2, "full": 1, "share": 1.5, "scored": 2, "got": 15, "want": 20},
                "TOTAL": {"cand": 2, "full": 1, "share": 1.5, "scored": 2, "got": 15, "want": 20},
            }},
            "files": {
                "t/op/a.t": {"status": "full", "got": 10, "want": 10},
                "t/op/b.t": {"status": "timeout", "got": 5, "want": 10},
                "t/op/c.t": {"status": "skip", "got": 0, "want": 0},
            },
        });
        let page = page(&score, Some("abc")).expect("a score");
        assert!(page.contains("Measured on 2026-01-02, revision abc."));
        assert!(page.contains("| `t/op` | 2 | 1 | 50.0 % | 75.0 % | 15 | 20 |"));
        assert!(page.contains("### t/op\n\n`b.t` 5/10, timeout\n"));
        assert!(!page.contains("a.t") && !page.contains("c.t"));
    }
}
