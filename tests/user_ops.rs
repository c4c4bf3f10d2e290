//! Ops of the user's, from a file outside the tree to the result: loaded with `--l1-macro`, called from Perl,
//! expanded in place, compiled, and the same in every mode of execution. Files with mistakes are refused with the
//! reports that stand beside them in `tests/macros`.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const MODES: &[&[&str]] = &[
    &[],
    &["--jit=off", "--fuse=off", "--verify"],
    &["--hot=1", "--jit=sync"],
    &["--hot=1", "--jit=sync", "--stress=exit"],
    &["--parallel=force", "--hot=1", "--jit=sync"],
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).into()
}

fn keshi(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_keshi")).current_dir(dir).args(args).output().expect("keshi runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Standard output of a run that must end well.
fn good(dir: &Path, args: &[&str]) -> String {
    let out = keshi(dir, args);
    assert!(out.status.success(), "{args:?}: {}\n{}", out.status, text(&out.stderr));
    text(&out.stdout)
}

/// A directory outside the tree with one macro file in it.
fn outside(name: &str, file: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    std::fs::write(dir.path().join(name), file).expect("written");
    dir
}

/// The indented or fenced block of a page that follows the line `after`.
fn block_of(page: &str, after: &str) -> String {
    let text = std::fs::read_to_string(root().join(page)).expect(page);
    let rest = text.split(after).nth(1).unwrap_or_else(|| panic!("{page}: no {after:?}"));
    let mut parts = rest.split("```");
    let block = parts.nth(1).unwrap_or_else(|| panic!("{page}: no block after {after:?}"));
    block.split_once('\n').map_or("", |b| b.1).to_string()
}

/// The same output in every mode.
fn in_all_modes(dir: &Path, args: &[&str], want: &str) {
    for mode in MODES {
        let all: Vec<&str> = mode.iter().chain(args).copied().collect();
        assert_eq!(good(dir, &all), want, "{mode:?}");
    }
}

const SEED: &str = "op swap(inout PMC, inout PMC) { move [P0], $1; move $1, $2; move $2, [P0] }\n";

#[test]
fn the_worked_op_of_the_manual() {
    let dir = outside("clamp.l1", &block_of("docs/writing-ops.md", "`clamp.l1`:"));
    let program = "print clamp(5, 0, 3), ' ', clamp(-1, 0, 3), ' ', clamp('2.5', 0, 3), \"\\n\";
        my $s = 0;
        for my $i (1 .. 2000) { $s += clamp($i, 100, 300) }
        print \"$s\\n\";
        print join(',', map { clamp($_, 2, 4) } 1 .. 6), \"\\n\"";
    in_all_modes(dir.path(), &["--l1-macro", "clamp.l1", "-e", program], "3 0 2.5\n560100\n2,2,3,4,4,4\n");
    let l1 = good(dir.path(), &["--l1-macro", "clamp.l1", "--dump=l1", "-e", "my $x = clamp(5, 0, 3)"]);
    assert!(l1.contains("; <- op clamp") && l1.contains("br.n.nlt"), "{l1}");
    assert!(!l1.contains("call"), "expanded in place, no frame:\n{l1}");
}

#[test]
fn the_report_of_the_manual() {
    let mut file = block_of("docs/writing-ops.md", "`clamp.l1`:");
    file = file.replace("n.copy    [N0], $x", "n.copy    $ret, $x").replacen(
        "br.n.nlt  [N0]",
        "br.n.nlt  $ret",
        1,
    );
    let dir = outside("clamp.l1", &file);
    let out = keshi(dir.path(), &["--l1-check", "clamp.l1"]);
    let want = block_of("docs/writing-ops.md", "the check says:");
    assert!(text(&out.stderr).starts_with(&want), "{}\nbut the page has\n{want}", text(&out.stderr));
}

#[test]
fn the_seed_notation_exchanges_variables() {
    let dir = outside("swap.l1", SEED);
    let program = std::fs::read_to_string(root().join("tests/macros/programs/swap.pl")).expect("swap.pl");
    let want = std::fs::read_to_string(root().join("tests/macros/programs/swap.out")).expect("swap.out");
    in_all_modes(dir.path(), &["--l1-macro", "swap.l1", "-e", &program], &want);
}

#[test]
fn a_compiled_loop_holds_the_op() {
    let dir = outside("swap.l1", SEED);
    let program = "my ($x, $y) = (1, 2); for my $i (1 .. 100) { swap($x, $y) } print qq($x$y\\n)";
    let args = |dump: &'static str| ["--l1-macro", "swap.l1", "--hot=1", "--jit=sync", dump, "-e", program];
    for dump in ["--dump=asm", "--dump=clif:(main)"] {
        let shown = good(dir.path(), &args(dump));
        assert!(shown.contains("; (main) at -e:1 from ") && shown.contains(": ops swap"), "{shown}");
        assert!(shown.ends_with("12\n"), "{shown}");
    }
    assert_eq!(good(dir.path(), &args("--dump=asm:main::other")), "12\n");
}

#[test]
fn a_sub_of_the_same_name_hides_an_op() {
    let dir = outside("swap.l1", SEED);
    let program = "sub swap { print qq(sub @_\\n) } swap(1, 2); { package P; my ($x, $y) = (1, 2); swap($x, $y); \
                   print qq($x$y\\n) }";
    assert_eq!(good(dir.path(), &["--l1-macro", "swap.l1", "-e", program]), "sub 1 2\n21\n");
}

#[test]
fn arguments_of_every_family() {
    let file = "perl sub total(P $av) -> N {
            n.const [N0], 0.5
            br.kind $av, av, end
            av.len  [I0], $av
            i.ton   [N1], [I0]
            n.add   [N0], [N0], [N1]
        end:
            n.copy  $ret, [N0]
        }
        op bump(inout I $x, in I $by) { i.add [I0], $x, $by; i.copy $x, [I0] }
        op assign_to(out S $x, in S $v) { s.copy $x, $v }
        perl sub half(N $x, N $scale) -> N proto \"$;$\" { n.const [N0], 0.5; n.mul [N0], [N0], $x; n.add $ret, [N0], $scale }
        perl sub eat(take S $x) -> S { s.move $ret, $x }";
    let dir = outside("all.l1", file);
    let program = r#"
        my @a = (1 .. 3); my $n = 40; my %h = (k => 5); my $t = "text";
        print total(@a), " ", total(%h), " ", total(@{[7]}), "\n";
        bump($n, 2); bump($h{k}, "3 apples"); print "$n $h{k}\n";
        assign_to($a[5], $t); assign_to(my $new, \@a); print scalar(@a), " $a[5] $new->[5]\n";
        print half(3), " ", half 4, 1; print "\n";
        my $kept = "kept"; print eat($kept), $kept, eat([1])->[0], "\n";
    "#;
    in_all_modes(
        dir.path(),
        &["--l1-macro", "all.l1", "-e", program],
        "3.5 0.5 1.5\n42 8\n6 text text\n1.5 3\nkeptkept1\n",
    );
    for (call, message) in [
        ("bump(1, 2)", "Can't modify constant item in bump at -e line 1, near \"2)\"\n"),
        ("bump(my @a, 2)", "Can't modify scalar in bump at -e line 1, near \"2)\"\n"),
        ("bump(my $x)", "Not enough arguments for bump at -e line 1, near \"$x)\"\n"),
        ("half(1, 2, 3)", "Too many arguments for half at -e line 1, near \"3)\"\n"),
        (
            "total($x)",
            "Type of arg 1 to total must be one of [@%] (not scalar dereference) at -e line 1, near \"$x)\"\n",
        ),
    ] {
        let out = keshi(dir.path(), &["--l1-macro", "all.l1", "-e", call]);
        let got = text(&out.stderr);
        assert!(got.starts_with(message), "{call}: {got}");
        assert!(!out.status.success(), "{call}");
    }
}

#[test]
fn an_op_that_replaces_a_built_in_one_is_no_function() {
    let dir = outside("add.l1", "op add(out S $d, in S $a, in S $b) override { rt.add $d, $a, $b }\n");
    assert_eq!(good(dir.path(), &["--l1-macro", "add.l1", "-e", "my ($x, $y) = (2, 3); print $x + $y"]), "5");
    let out = keshi(dir.path(), &["--l1-macro", "add.l1", "-e", "add(1, 2, 3)"]);
    assert!(text(&out.stderr).starts_with("Undefined subroutine &main::add called"), "{}", text(&out.stderr));
}

#[test]
fn what_check_and_doc_say() {
    let dir = outside("swap.l1", &format!("/// Exchanges two variables.\n{SEED}"));
    let report = good(dir.path(), &["--l1-check", "swap.l1"]);
    assert!(report.contains("swap.l1:2: swap(inout S, inout S)\n    in Perl: swap("), "{report}");
    assert!(report.ends_with("2 ops, no errors\n"), "{report}");
    let doc = good(dir.path(), &["--l1-macro", "swap.l1", "--l1-doc", "swap"]);
    assert!(doc.contains("Exchanges two variables.") && doc.contains("defined in swap.l1:2"), "{doc}");
    let user = "op twice(inout S $x) { swap $x, $x }\n";
    std::fs::write(dir.path().join("twice.l1"), user).expect("written");
    assert!(!keshi(dir.path(), &["--l1-check", "twice.l1"]).status.success());
    good(dir.path(), &["--l1-macro", "swap.l1", "--l1-check", "twice.l1"]);
    for name in ["i.addo", "add", "rt.concat", "av.getq"] {
        assert!(good(dir.path(), &["--l1-doc", name]).contains(name.trim_start_matches("rt.")), "{name}");
    }
    let out = keshi(dir.path(), &["--l1-doc", "no.such"]);
    assert_eq!(text(&out.stderr), "keshi: there is no op, atom or runtime entry `no.such`\n");
    assert_eq!(out.status.code(), Some(1));
}

/// Every faulty file of `tests/macros`, by both ways into the binary.
#[test]
fn faulty_files_are_refused() {
    let dir = root().join("tests/macros");
    let mut files: Vec<String> = std::fs::read_dir(&dir)
        .expect("tests/macros")
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|n| n.ends_with(".l1"))
        .collect();
    files.sort();
    assert!(files.len() >= 20, "{files:?}");
    for f in files {
        let want = std::fs::read_to_string(dir.join(&f).with_extension("err")).expect("a recorded report");
        for args in [["--l1-check", &f].as_slice(), &["--l1-macro", &f, "-e", "print 'ran'"]] {
            let out = keshi(&dir, args);
            assert_eq!(text(&out.stderr), want, "{args:?}");
            assert_eq!((out.status.code(), text(&out.stdout)), (Some(1), String::new()), "{args:?}");
        }
    }
}

#[test]
fn unreadable_files_are_refused() {
    let dir = outside("bytes.l1", "");
    std::fs::write(dir.path().join("bytes.l1"), [0xff, 0, 0xfe, b'{']).expect("written");
    for (file, say) in [("none.l1", "No such file"), (".", "directory"), ("bytes.l1", "UTF-8")] {
        for args in [["--l1-check", file].as_slice(), &["--l1-macro", file, "-e", "print 'ran'"]] {
            let out = keshi(dir.path(), args);
            let got = text(&out.stderr);
            assert!(got.starts_with(&format!("keshi: {file}: ")) && got.contains(say), "{args:?}: {got}");
            assert_eq!((out.status.code(), text(&out.stdout)), (Some(1), String::new()), "{args:?}");
        }
    }
}

const HALF: &str = "perl sub half(N $x) -> N {\n    n.const [N0], 0.5\n    n.mul $ret, [N0], $x\n}\n";

/// Standard error of a run that must fail.
fn bad(dir: &Path, args: &[&str]) -> String {
    let out = keshi(dir, args);
    assert!(!out.status.success(), "{args:?}: {}", text(&out.stdout));
    text(&out.stderr)
}

#[test]
fn a_program_loads_its_ops_itself() {
    let dir = outside("half.l1", HALF);
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("written");
    write(
        "main.pl",
        "use lib 'lib';\nuse l1 'half.l1';\nuse Other;\nprint half(5), ' ', Other::twice(3), \"\\n\";\n\
         { no l1; print eval { half(2) } // 'hidden', \"\\n\" }\nprint half(3), \"\\n\";\n",
    );
    std::fs::create_dir(dir.path().join("lib")).expect("made");
    write(
        "lib/Other.pm",
        "package Other;\nsub half { 'own' }\nsub twice { use l1 'twice.l1'; twice_of($_[0]) . half(1) }\n1;\n",
    );
    write("lib/twice.l1", &HALF.replace("half", "twice_of").replace("0.5", "2.0"));
    in_all_modes(dir.path(), &["main.pl"], "2.5 6own\nhidden\n1.5\n");
    std::fs::create_dir(dir.path().join("elsewhere")).expect("made");
    let main = dir.path().join("main.pl");
    let lib = dir.path().join("lib");
    let from_elsewhere =
        good(&dir.path().join("elsewhere"), &["-I", lib.to_str().unwrap(), main.to_str().unwrap()]);
    assert_eq!(from_elsewhere, "2.5 6own\nhidden\n1.5\n", "files stand beside the file that names them");
}

#[test]
fn mistakes_in_a_file_that_a_program_loads() {
    let dir = outside("half.l1", &HALF.replace("[N0], $x", "[N1], $x"));
    std::fs::write(dir.path().join("main.pl"), "\nuse l1 'half.l1';\n").expect("written");
    let report = bad(dir.path(), &["main.pl"]);
    let first = report.lines().next().unwrap_or_default();
    assert!(first.ends_with(" at half.l1 line 3.") && first.contains("N1"), "{report}");
    assert!(report.ends_with("BEGIN failed--compilation aborted at main.pl line 2.\n"), "{report}");
    let report = bad(dir.path(), &["-e", "use l1 'none.l1';"]);
    assert!(
        report.starts_with("Can't locate none.l1 beside -e or in @INC (@INC entries checked:"),
        "{report}"
    );
    assert!(report.contains(") at -e line 1.\nBEGIN failed"), "{report}");
}

/// Every line of the block stands in the dump, in this order.
fn stands_in(block: &str, dump: &str) {
    let mut lines = dump.lines();
    for want in block.lines().filter(|l| !l.contains('…')) {
        assert!(lines.any(|l| l == want), "{want:?} is not (or not here) in\n{dump}");
    }
}

#[test]
fn the_dumps_of_the_pages_are_real() {
    let program = "my $a = 2; my $b = 3; my $c = $a + $b;";
    let dir = tempfile::tempdir().expect("a directory");
    let dump = |what: &str| good(dir.path(), &[what, "-e", program]);
    stands_in(&block_of("docs/tour.md", "`--dump=ops`:"), &dump("--dump=ops"));
    stands_in(&block_of("docs/tour.md", "`--dump=l1`:"), &dump("--dump=l1"));
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let source = readme.split("<<'END'\n").nth(1).and_then(|s| s.split("END\n").next()).expect("shapes.pl");
    std::fs::write(dir.path().join("shapes.pl"), source).expect("written");
    let l1 = good(dir.path(), &["--dump=l1:area", "shapes.pl"]);
    stands_in(&block_of("README.md", "The first one shows"), &l1);
    let asm = good(dir.path(), &["--hot=1", "--dump=asm:area", "shapes.pl"]);
    assert!(asm.contains("; main::area at shapes.pl:1 from 0000: ops mul"), "{asm}");
    let said = |flags: &[&str]| {
        let args: Vec<&str> = flags.iter().chain(&["shapes.pl"]).copied().collect();
        text(&keshi(dir.path(), &args).stderr)
    };
    let explained = said(&["--explain", "--parallel=report", "--hot=1"]);
    assert!(
        explained.contains("shapes.pl:3 loop     SEQ") && explained.contains("JIT   from"),
        "{explained}"
    );
    let stats = said(&["--stats"]);
    assert!(stats.contains("subs compiled to L1: 1\n") && stats.contains("\njit: "), "{stats}");
    assert!(said(&["--stats", "--jit=off"]).contains("jit: off"));
}
