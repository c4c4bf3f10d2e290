//! Macro files of `tests/macros`: the faulty ones give exactly the recorded messages (`BLESS=1` records), the good
//! ones load, and damaged ones never crash the loader.
use l1_spec::user;
use std::path::{Path, PathBuf};

fn files(dir: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/macros").join(dir);
    let mut v: Vec<_> = std::fs::read_dir(&root)
        .unwrap_or_else(|e| panic!("{root:?}: {e}"))
        .map(|e| e.unwrap().path())
        .filter(|p| p.extension().is_some_and(|e| e == "l1"))
        .collect();
    v.sort();
    v
}

fn base() -> l1_spec::ops::MacroSet {
    l1_spec::builtin_set().unwrap_or_else(|e| panic!("{e}")).1
}

#[test]
fn faulty_files_are_explained() {
    let set = base();
    let mut wrong = Vec::new();
    for f in files("") {
        let text = std::fs::read_to_string(&f).unwrap();
        let name = f.file_name().unwrap().to_str().unwrap();
        let (report, good) = user::check_report(&text, name, &set);
        let golden = f.with_extension("err");
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&golden, &report).unwrap();
        }
        let want = std::fs::read_to_string(&golden).unwrap_or_default();
        if good || report != want {
            wrong.push(format!("{name}:\n{report}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn good_files_load() {
    let set = base();
    for f in files("good") {
        let text = std::fs::read_to_string(&f).unwrap();
        let (report, good) = user::check_report(&text, &f.to_string_lossy(), &set);
        assert!(good, "{report}");
    }
}

/// Deletes, doubles and swaps pieces of valid files: errors are fine, panics and endless loops are not.
#[test]
fn damaged_files_do_not_crash() {
    let set = base();
    let mut seed = 0x2545_f491_4f6c_dd1du64;
    let mut rnd = move |n: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) as usize % n.max(1)
    };
    for f in files("good").into_iter().chain(files("")) {
        let text = std::fs::read_to_string(&f).unwrap();
        let words: Vec<&str> =
            text.split_inclusive(|c: char| c.is_whitespace() || "(),;{}$".contains(c)).collect();
        for _ in 0..40 {
            let mut w = words.clone();
            for _ in 0..1 + rnd(3) {
                let (i, j) = (rnd(w.len()), rnd(w.len()));
                match rnd(3) {
                    0 => drop(w.remove(i)),
                    1 => w.insert(j, w[i]),
                    _ => w.swap(i, j),
                }
            }
            let _ = user::check_report(&w.concat(), "damaged.l1", &set);
        }
    }
}
