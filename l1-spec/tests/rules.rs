//! Every rule is proved: by the `z3` of this machine, or by the committed ledger for exactly this rule and these
//! prims. `BLESS=1` with z3 writes the ledger. Wrong rules are refuted, which tests the tester.
use l1_spec::rules::rules_of;
use l1_spec::smt::{self, Verdict};

const LEDGER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/rules/rules.proofs");

fn have_z3() -> bool {
    std::process::Command::new("z3").arg("--version").output().is_ok()
}

#[test]
fn rules_are_proved() {
    let spec = l1_spec::builtin_spec().unwrap();
    let isa = spec.isa();
    let ledger = std::fs::read_to_string(LEDGER).unwrap_or_default();
    let (mut lines, mut bad, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (file, text) in l1_spec::RULES_FILES {
        let rules = rules_of(text, isa)
            .unwrap_or_else(|e| panic!("{}", e.iter().map(|d| d.render(file, text)).collect::<String>()));
        for r in rules {
            assert!(!names.contains(&r.name), "two rules {}", r.name);
            names.push(r.name);
            let q = smt::question(&spec, &r).unwrap_or_else(|e| panic!("{e}"));
            if smt::in_ledger(&ledger, &r, &q) {
                lines.push(smt::ledger_line(&r, &q, Verdict::Proved));
                continue;
            }
            match smt::ask(&q) {
                Some(v) => {
                    lines.push(smt::ledger_line(&r, &q, v));
                    if v != Verdict::Proved {
                        bad.push(format!("{}: {}", r.name, v.name()));
                    } else if std::env::var_os("BLESS").is_none() {
                        bad.push(format!("{}: proved, but not in the ledger (BLESS=1)", r.name));
                    }
                }
                None => bad.push(format!("{}: not in the ledger, and there is no z3", r.name)),
            }
        }
    }
    assert!(names.len() <= 80, "few rules, each with a reason");
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    if std::env::var_os("BLESS").is_some() {
        let head = "# rule                   hash of the question  verdict (see src/smt.rs)\n";
        std::fs::write(LEDGER, format!("{head}{}\n", lines.join("\n"))).unwrap();
    }
}

#[test]
fn wrong_rules_are_refuted() {
    if !have_z3() {
        return;
    }
    let spec = l1_spec::builtin_spec().unwrap();
    let text = include_str!("wrong.rules");
    let rules = rules_of(text, spec.isa()).unwrap_or_else(|e| {
        panic!("{}", e.iter().map(|d| d.render("wrong.rules", text)).collect::<String>())
    });
    for r in rules {
        let q = smt::question(&spec, &r).unwrap();
        assert_eq!(smt::ask(&q), Some(Verdict::Refuted), "{}", r.name);
    }
}
