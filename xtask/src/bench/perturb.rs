//! Variants of a program that do the same work: whoever recognises the program itself, its
//! names, its line numbers or its constants, is found out by them.

/// A named variant of a program's source.
#[derive(Debug, PartialEq)]
pub struct Variant {
    pub name: &'static str,
    pub source: String,
}

/// All variants that can be made of `source`.
pub fn variants(source: &str) -> Vec<Variant> {
    let made = [
        ("renamed", renamed(source)),
        ("plus zero", plus_zero(source)),
        ("moved line", moved_line(source)),
        ("constant", other_constant(source)),
    ];
    let made = made.into_iter().filter_map(|(name, source)| Some(Variant { name, source: source? }));
    made.filter(|v| v.source != source).collect()
}

/// Every lexical gets another name.
fn renamed(source: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for (at, _) in source.match_indices("my ") {
        let rest = source[at + 3..].trim_start_matches(['$', '@', '%']);
        let name = &rest[..word_length(rest)];
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
    }
    if names.is_empty() {
        return None;
    }
    let mut out = String::with_capacity(source.len() * 2);
    let mut rest = source;
    while let Some(at) = rest.find(['$', '@', '%']) {
        let (before, after) = rest.split_at(at + 1);
        out += before;
        let name = &after[..word_length(after)];
        match names.iter().position(|n| *n == name) {
            Some(i) => out += &format!("other_{}{i}", name.chars().rev().collect::<String>()),
            None => out += name,
        }
        rest = &after[name.len()..];
    }
    Some(out + rest)
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// The right side of the most deeply nested assignment gets `+ 0`.
fn plus_zero(source: &str) -> Option<String> {
    let lines: Vec<&str> = source.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_assignment = |line: &str| {
        let line = line.trim();
        line.starts_with('$') && line.contains("= ") && line.ends_with(';')
    };
    let deepest = lines.iter().filter(|l| is_assignment(l)).map(|l| indent(l)).max()?;
    let at = lines.iter().position(|l| is_assignment(l) && indent(l) == deepest)?;
    let (left, right) = lines[at].split_once("= ")?;
    let changed = format!("{left}= ({}) + 0;", right.trim_end_matches(';'));
    Some(with_line(&lines, at, &changed))
}

fn with_line(lines: &[&str], at: usize, new: &str) -> String {
    let lines = lines.iter().enumerate().map(|(i, line)| if i == at { new } else { line });
    lines.map(|line| format!("{line}\n")).collect()
}

/// The first declaration that the next line does not depend on goes below it, and everything
/// goes down by two lines.
fn moved_line(source: &str) -> Option<String> {
    let mut lines: Vec<&str> = source.lines().collect();
    // A constant start value depends on nothing.
    let is_plain = |line: &str| {
        line.starts_with("my $")
            && line
                .split_once(" = ")
                .is_some_and(|(_, v)| v.chars().all(|c| c.is_ascii_digit() || "_;.".contains(c)))
    };
    let at = lines.windows(2).position(|w| is_plain(w[0]) && is_plain(w[1]))?;
    lines.swap(at, at + 1);
    lines.splice(0..0, ["# moved", ""]);
    Some(lines.iter().map(|line| format!("{line}\n")).collect())
}

/// The largest integer of the program becomes about three percent smaller.
fn other_constant(source: &str) -> Option<String> {
    let mut best: Option<(u64, usize, usize)> = None;
    let mut at = 0;
    while let Some(start) = source[at..].find(|c: char| c.is_ascii_digit()).map(|i| at + i) {
        let text = &source[start..];
        let end = start + text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
        at = end;
        let part_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let before = source[..start].chars().next_back();
        let after = source[end..].chars().next();
        let range = source[end..].starts_with(" ..") || source[..start].ends_with(".. ");
        if !range && (before.is_some_and(part_of_word) || after.is_some_and(part_of_word)) {
            continue;
        }
        if let Ok(value) = source[start..end].replace('_', "").parse::<u64>()
            && best.is_none_or(|(b, ..)| value > b)
        {
            best = Some((value, start, end));
        }
    }
    let (value, start, end) = best.filter(|(value, ..)| *value > 64)?;
    Some(format!("{}{}{}", &source[..start], value - value / 32 - 1, &source[end..]))
}

#[cfg(test)]
mod tests {
    use super::variants;

    const SOURCE: &str =
        "my $n = 1_000;\nmy $sum = 0;\nwhile ($n > 0) {\n    $sum += $n;\n    $n--;\n}\nprint \"$sum\\n\";\n";

    #[test]
    fn variants_of_a_loop() {
        let all = variants(SOURCE);
        let of = |name: &str| &all.iter().find(|v| v.name == name).unwrap().source;
        assert!(
            of("renamed").contains("while ($other_n0 > 0)") && of("renamed").contains("\"$other_mus1\\n\"")
        );
        assert!(of("plus zero").contains("    $sum += ($n) + 0;\n"));
        assert!(of("moved line").starts_with("# moved\n\nmy $sum = 0;\nmy $n = 1_000;\n"));
        assert!(of("constant").contains("my $n = 968;"));
    }

    #[test]
    fn every_benchmark_has_all_variants() {
        let dir = xtask::workspace_root().join("benches");
        for name in super::super::LOOPS {
            let source = std::fs::read_to_string(dir.join(format!("{name}.pl"))).unwrap();
            let names: Vec<_> = variants(&source).iter().map(|v| v.name).collect();
            assert_eq!(names, ["renamed", "plus zero", "moved line", "constant"], "{name}");
        }
    }
}
