//! Diagnostics: a code, one sentence, the place with its source line, causes and a help.
use crate::ast::Span;
use std::fmt::Write;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code, e.g. `L1-V07`.
    pub code: &'static str,
    pub message: String,
    pub span: Span,
    pub notes: Vec<String>,
    pub help: Option<String>,
}

impl Diagnostic {
    pub fn new(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Diagnostic { code, message: message.into(), span, notes: Vec::new(), help: None }
    }
    pub fn note(mut self, n: impl Into<String>) -> Self {
        self.notes.push(n.into());
        self
    }
    pub fn help(mut self, h: impl Into<String>) -> Self {
        self.help = Some(h.into());
        self
    }

    /// Puts line numbers where notes refer to places of the source (offset between U+0001 and U+0002).
    pub fn resolve_lines(&mut self, source: &str) {
        for n in &mut self.notes {
            while let (Some(a), Some(b)) = (n.find('\u{1}'), n.find('\u{2}')) {
                let at = n[a + 1..b].parse().unwrap_or(0);
                let line = source[..floor_boundary(source, at)].matches('\n').count() + 1;
                n.replace_range(a..=b, &line.to_string());
            }
        }
    }

    /// Line and column (both from 1) of the start.
    pub fn position(&self, source: &str) -> (usize, usize) {
        let at = floor_boundary(source, self.span.0);
        let line = source[..at].matches('\n').count() + 1;
        let start = source[..at].rfind('\n').map_or(0, |p| p + 1);
        (line, source[start..at].chars().count() + 1)
    }

    /// The text a user sees.
    pub fn render(&self, path: &str, source: &str) -> String {
        let (line, col) = self.position(source);
        let at = floor_boundary(source, self.span.0);
        let start = source[..at].rfind('\n').map_or(0, |p| p + 1);
        let end = source[at..].find('\n').map_or(source.len(), |p| at + p);
        let text = source[start..end].trim_end();
        let stop = floor_boundary(source, self.span.1.clamp(at, end.max(at)));
        let width = source[at..stop].trim_end().chars().count().max(1);
        let pad: String = source[start..at].chars().map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
        let gutter = " ".repeat(line.to_string().len());
        let mut out = String::new();
        let _ = writeln!(out, "error[{}]: {}", self.code, self.message);
        let _ = writeln!(out, "  --> {path}:{line}:{col}");
        let _ = writeln!(out, "{line} | {text}");
        let _ = writeln!(out, "{gutter} | {pad}{}", "^".repeat(width));
        for n in &self.notes {
            let _ = writeln!(out, "{gutter} = {n}");
        }
        if let Some(h) = &self.help {
            let _ = writeln!(out, "{gutter} = help: {h}");
        }
        out
    }
}

fn floor_boundary(s: &str, at: usize) -> usize {
    let mut at = at.min(s.len());
    while !s.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The nearest of `known` to a misspelt name, if it is near enough to be worth suggesting.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let budget = name.len() / 3;
    known
        .into_iter()
        .map(|k| (distance(name, k), k))
        .filter(|d| d.0 <= budget)
        .min_by_key(|d| d.0)
        .map(|d| d.1)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diag = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (diag + usize::from(ca != *cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diag = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}
