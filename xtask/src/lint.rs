//! `cargo xtask lint`: rules of the house that no other tool checks.
//!
//! 1. A file of code has about 600 lines at most; what is longer holds more than one topic.
//!    From 600 on there is a remark, above 900 it is an error.
//! 2. No committed text names a directory of somebody's machine.

use crate::args::Args;
use std::path::Path;
use std::process::Command;

const LONG: usize = 600;
const TOO_LONG: usize = 900;
/// Extensions of files whose length counts.
const CODE: &[&str] = &["rs", "lalrpop", "pl", "pm"];

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
        // What is not text has no lines; what git lists but the tree lacks is being deleted.
        if let Ok(text) = std::fs::read_to_string(root.join(path)) {
            check(name, CODE.contains(&extension), &text, &mut faults);
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(format!("lint\n  {}", faults.join("\n  "))) }
}

fn check(name: &str, is_code: bool, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if is_code && lines > TOO_LONG {
        faults.push(format!("{name}: {lines} lines (about {LONG} at most)"));
    } else if is_code && lines > LONG {
        println!("remark: {name} has {lines} lines");
    }
    // Written in two parts so that this file does not find itself.
    for private in [concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/ro", "ot/")] {
        if let Some(at) = text.lines().position(|l| l.contains(private)) {
            faults.push(format!("{name}:{}: names the directory {private}", at + 1));
        }
    }
}
