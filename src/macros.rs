//! Ops written in L1 outside the tree: loading them, `--l1-check FILE` and `--l1-doc NAME`.
//!
//! Messages about a file are whole reports; what is wrong with the call of `keshi` itself begins with `keshi:`.

use keshi_l1::builder::builtin_macros;
use keshi_vm::report;
use l1_spec::ops::MacroSet;
use l1_spec::user;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The built-in ops with those of the files on top, in order. The error is the whole report.
pub fn load(files: &[PathBuf]) -> Result<Arc<MacroSet>, String> {
    let mut set = builtin_macros().clone();
    for file in files {
        let (path, text) = read(file)?;
        match user::load_user_file(&text, &path, &set) {
            Ok(more) => set = Arc::new(more),
            Err(diagnostics) => return Err(user::render(&path, &text, &diagnostics)),
        }
    }
    Ok(set)
}

/// `--l1-check FILE`: what the file defines, or what is wrong with it. Status 0 or 1.
pub fn check(file: &Path, on: &[PathBuf]) -> i32 {
    shown(load(on).and_then(|set| {
        let (path, text) = read(file)?;
        match user::check_report(&text, &path, &set) {
            (report, true) => Ok(report),
            (report, false) => Err(report),
        }
    }))
}

/// `--l1-doc NAME`. Status 0, or 1 for an unknown name.
pub fn document(name: &str, on: &[PathBuf]) -> i32 {
    shown(load(on).and_then(|set| {
        user::doc(&set, name)
            .ok_or_else(|| format!("keshi: there is no op, atom or runtime entry `{name}`\n"))
    }))
}

fn shown(report: Result<String, String>) -> i32 {
    match report {
        Ok(text) => {
            report::out(format_args!("{text}"));
            0
        }
        Err(text) => {
            report::err(format_args!("{text}"));
            1
        }
    }
}

fn read(file: &Path) -> Result<(String, String), String> {
    let path = file.display().to_string();
    match std::fs::read_to_string(file) {
        Ok(text) => Ok((path, text)),
        Err(e) => Err(format!("keshi: {path}: {e}\n")),
    }
}
