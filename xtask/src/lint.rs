//! `cargo xtask lint`: rules of the house that no other tool checks.
//!
//! 1. A source file has at most 600 lines; what is longer holds more than one topic.
//! 2. No committed text names a directory of somebody's machine.

use crate::args::Args;
use std::path::Path;
use std::process::Command;

const MAX_LINES: usize = 600;
/// Extensions of files that people write and read as source.
const SOURCES: &[&str] = &["rs", "l1", "rules", "lalrpop", "pl", "pm", "t", "md", "toml", "sh"];

pub fn main(args: Args) -> Result<(), String> {
    args.finish()?;
    let root = xtask::workspace_root();
    let listed = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(&root)
        .output()
        .map_err(|e| format!("git ls-files: {e}"))?;
    if !listed.status.success() {
        return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr)));
    }
    let mut faults = Vec::new();
    for name in String::from_utf8_lossy(&listed.stdout).split('\0').filter(|n| !n.is_empty()) {
        let path = Path::new(name);
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or("");
        if SOURCES.contains(&extension)
            && let Ok(text) = std::fs::read_to_string(root.join(path))
        {
            check(name, &text, &mut faults);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("lint\n  {}", faults.join("\n  "))) }
}

fn check(name: &str, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{name}: {lines} lines (at most {MAX_LINES})"));
    }
    // Written in two parts so that this file does not find itself.
    for private in [concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/ro", "ot/")] {
        if let Some(at) = text.lines().position(|l| l.contains(private)) {
            faults.push(format!("{name}:{}: names the directory {private}", at + 1));
        }
    }
}
