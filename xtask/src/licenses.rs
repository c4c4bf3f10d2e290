//! `cargo xtask licenses`: checks the licence and the source of every dependency against
//! `deny.toml` (the part of cargo-deny that must work without installing anything), and that
//! `docs/DEPENDENCIES.md` names every crate that the workspace depends on directly.

use crate::args::Args;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

pub fn main(args: Args) -> Result<(), String> {
    args.finish()?;
    let root = xtask::workspace_root();
    let policy = std::fs::read_to_string(root.join("deny.toml")).map_err(|e| format!("deny.toml: {e}"))?;
    let policy = Policy::parse(&policy)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked"])
        .current_dir(&root)
        .output()
        .map_err(|e| format!("cargo metadata: {e}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let data: Value = serde_json::from_slice(&output.stdout).map_err(|e| format!("cargo metadata: {e}"))?;

    let mut faults = Vec::new();
    let mut count = 0;
    let mut used: BTreeMap<String, u32> = BTreeMap::new();
    let reasons = std::fs::read_to_string(root.join("docs/DEPENDENCIES.md"))
        .map_err(|e| format!("docs/DEPENDENCIES.md: {e}"))?;
    let mut unnamed = BTreeSet::new();
    for package in data["packages"].as_array().into_iter().flatten() {
        let field = |name: &str| package[name].as_str().unwrap_or_default();
        let name = format!("{} {}", field("name"), field("version"));
        let source = field("source");
        if !source.is_empty() && !source.starts_with("registry+") {
            faults.push(format!("{name}: comes from {source}, not from the registry"));
        }
        if source.is_empty() {
            unnamed.extend(direct(package).filter(|name| !names(&reasons, name)));
        }
        let license = field("license");
        count += 1;
        *used.entry(license.to_owned()).or_default() += 1;
        match Expression::parse(license) {
            Err(e) => faults.push(format!("{name}: licence '{license}': {e}")),
            Ok(expression) if !expression.holds(&|id| policy.allows(field("name"), id)) => {
                faults.push(format!("{name}: licence '{license}' is not allowed by deny.toml"));
            }
            Ok(_) => {}
        }
    }
    faults.extend(unnamed.iter().map(|name| format!("{name}: docs/DEPENDENCIES.md does not name it")));
    if !faults.is_empty() {
        return Err(format!("licences\n  {}", faults.join("\n  ")));
    }
    for (license, packages) in &used {
        println!("{packages:4}  {license}");
    }
    println!("{count} packages, all allowed by deny.toml");
    Ok(())
}

/// The crates outside of the workspace that a package of it depends on.
fn direct(package: &Value) -> impl Iterator<Item = String> {
    let dependencies = package["dependencies"].as_array().into_iter().flatten();
    dependencies.filter(|d| d["path"].is_null()).filter_map(|d| d["name"].as_str().map(str::to_owned))
}

/// Whether `text` has the crate's name in code marks; a family may be shortened (`a-b`, `-c`).
fn names(text: &str, name: &str) -> bool {
    let short = |n: &str| n.split_once('-').is_some_and(|(_, tail)| text.contains(&format!("`-{tail}`")));
    text.contains(&format!("`{name}`")) || short(name)
}

struct Policy {
    allow: BTreeSet<String>,
    exceptions: BTreeMap<String, BTreeSet<String>>,
}

impl Policy {
    fn parse(text: &str) -> Result<Policy, String> {
        let table: toml::Table = text.parse().map_err(|e| format!("deny.toml: {e}"))?;
        let licenses = table.get("licenses").and_then(|l| l.as_table()).ok_or("deny.toml: no [licenses]")?;
        let strings = |value: Option<&toml::Value>| -> BTreeSet<String> {
            let items = value.and_then(|v| v.as_array()).into_iter().flatten();
            items.filter_map(|v| v.as_str().map(str::to_owned)).collect()
        };
        let mut exceptions = BTreeMap::new();
        for entry in licenses.get("exceptions").and_then(|v| v.as_array()).into_iter().flatten() {
            let name =
                entry.get("crate").and_then(|v| v.as_str()).ok_or("deny.toml: exception without crate")?;
            exceptions.insert(name.to_owned(), strings(entry.get("allow")));
        }
        Ok(Policy { allow: strings(licenses.get("allow")), exceptions })
    }

    fn allows(&self, package: &str, license: &str) -> bool {
        self.allow.contains(license) || self.exceptions.get(package).is_some_and(|e| e.contains(license))
    }
}

/// An SPDX licence expression.
#[derive(Debug, PartialEq)]
enum Expression {
    /// One licence, with ` WITH exception` if there is one.
    License(String),
    Any(Vec<Expression>),
    All(Vec<Expression>),
}

impl Expression {
    fn parse(text: &str) -> Result<Expression, String> {
        // The old form `MIT/Apache-2.0` means a choice.
        let text = text.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut rest = words.as_slice();
        let expression = Expression::any(&mut rest)?;
        match rest.first() {
            None => Ok(expression),
            Some(word) => Err(format!("unexpected '{word}'")),
        }
    }

    fn any(words: &mut &[&str]) -> Result<Expression, String> {
        let mut parts = vec![Expression::all(words)?];
        while let Some(rest) = words.strip_prefix(&["OR"]) {
            *words = rest;
            parts.push(Expression::all(words)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::Any(parts) })
    }

    fn all(words: &mut &[&str]) -> Result<Expression, String> {
        let mut parts = vec![Expression::one(words)?];
        while let Some(rest) = words.strip_prefix(&["AND"]) {
            *words = rest;
            parts.push(Expression::one(words)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Expression::All(parts) })
    }

    fn one(words: &mut &[&str]) -> Result<Expression, String> {
        match **words {
            ["(", ref rest @ ..] => {
                *words = rest;
                let inner = Expression::any(words)?;
                *words = words.strip_prefix(&[")"]).ok_or("a parenthesis is not closed")?;
                Ok(inner)
            }
            [id, "WITH", exception, ref rest @ ..] => {
                *words = rest;
                Ok(Expression::License(format!("{id} WITH {exception}")))
            }
            [id, ref rest @ ..] if !matches!(id, "OR" | "AND" | "WITH" | ")") => {
                *words = rest;
                Ok(Expression::License(id.to_owned()))
            }
            _ => Err("a licence is missing".to_owned()),
        }
    }

    fn holds(&self, allowed: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Expression::License(id) => allowed(id),
            Expression::Any(parts) => parts.iter().any(|p| p.holds(allowed)),
            Expression::All(parts) => parts.iter().all(|p| p.holds(allowed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    #[test]
    fn expressions() {
        let free = |id: &str| matches!(id, "MIT" | "Apache-2.0 WITH LLVM-exception" | "Zlib");
        let holds = |text: &str| Expression::parse(text).unwrap().holds(&free);
        assert!(holds("MIT") && holds("GPL-3.0 OR MIT") && holds("MIT/GPL-3.0"));
        assert!(holds("Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
        assert!(holds("(MIT OR GPL-3.0) AND Zlib"));
        assert!(!holds("MIT AND GPL-3.0") && !holds("Apache-2.0") && !holds("GPL-3.0 OR MIT AND GPL-2.0"));
        for bad in ["", "MIT OR", "(MIT", "MIT Zlib", "MIT)"] {
            assert!(Expression::parse(bad).is_err(), "{bad}");
        }
    }
}
