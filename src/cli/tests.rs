//! The command line against what real perl 5.42 was seen to do.

use super::*;
use crate::options::{Dump, Jit, Origin, Parallel, Separator, Stage, Taint, Warnings};

/// Parses a command line (words after the program's name) in an environment.
fn with_env(words: &[&str], env: &[(&str, &str)]) -> (Result<Command, Stop>, String) {
    let argv = std::iter::once("keshi").chain(words.iter().copied()).map(OsString::from);
    let env = |name: &str| env.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v));
    let mut notices = String::new();
    let result = parse(argv, &env, &mut |text| notices += &String::from_utf8_lossy(text));
    (result, notices)
}

#[track_caller]
fn options(words: &[&str]) -> Options {
    match with_env(words, &[]).0 {
        Ok(Command::Run(options)) => *options,
        other => panic!("{words:?}: {other:?}"),
    }
}

/// The message and the status of a command line that is refused.
#[track_caller]
fn refused(words: &[&str]) -> (String, i32) {
    match with_env(words, &[]).0 {
        Err(stop) => (String::from_utf8_lossy(&stop.stderr).trim_end().to_owned(), stop.status),
        other => panic!("{words:?}: {other:?}"),
    }
}

#[track_caller]
fn prologue(words: &[&str]) -> String {
    String::from_utf8(options(words).program.prologue).unwrap()
}

/// A script in a directory of its own.
struct Script {
    dir: tempfile::TempDir,
}

impl Script {
    fn new(text: &str) -> Script {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("sc.pl"), text).unwrap();
        Script { dir }
    }

    fn path(&self) -> String {
        self.dir.path().join("sc.pl").to_str().unwrap().to_owned()
    }

    /// Runs with the script's name for every `@` in `words`.
    fn run(&self, words: &[&str]) -> (Result<Command, Stop>, String) {
        let path = self.path();
        let words: Vec<&str> = words.iter().map(|w| if *w == "@" { path.as_str() } else { w }).collect();
        with_env(&words, &[])
    }

    #[track_caller]
    fn options(&self, words: &[&str]) -> Options {
        match self.run(words).0 {
            Ok(Command::Run(options)) => *options,
            other => panic!("{words:?}: {other:?}"),
        }
    }

    /// The message of a refused script, its name written as `@`.
    #[track_caller]
    fn refused(&self, words: &[&str]) -> (String, i32) {
        match self.run(words).0 {
            Err(stop) => {
                let text = String::from_utf8_lossy(&stop.stderr).replace(&self.path(), "@");
                (text.trim_end().to_owned(), stop.status)
            }
            other => panic!("{words:?}: {other:?}"),
        }
    }
}

fn text(bytes: &[u8]) -> Separator {
    Separator::bytes(bytes)
}

#[test]
fn code_on_the_command_line() {
    let o = options(&["-e", "print 1", "-e", ";print 2", "--", "-a", "b"]);
    assert_eq!(o.program.text, b"print 1\n;print 2\n");
    assert_eq!(o.program.name, b"-e");
    assert_eq!(o.program.origin, Origin::CommandLine);
    assert_eq!(o.args, [b"-a".to_vec(), b"b".to_vec()]);
    assert_eq!(options(&["-wes/a/b/"]).program.text, b"s/a/b/\n");
    assert_eq!(options(&["-e", ""]).program.text, b"\n");
    assert_eq!(options(&["-e", "1", "-"]).args, [b"-".to_vec()]);
    assert_eq!(prologue(&["-E", "1"]), "use feature ':5.42'; use builtin ':5.42';");
}

#[test]
fn bad_switches() {
    let bad = |text: &str| format!("Unrecognized switch: -{text}  (-h will show valid options).");
    assert_eq!(refused(&["-q"]), (bad("q"), 29));
    assert_eq!(refused(&["-lq", "-e1"]), (bad("q"), 29));
    assert_eq!(refused(&["-X1", "-e1"]), (bad("1"), 29));
    assert_eq!(refused(&["-0778", "-e1"]), (bad("8"), 29));
    assert_eq!(refused(&["--foo"]), (bad("-foo"), 29));
    assert_eq!(refused(&["-w-l", "-e1"]), (bad("-l"), 29));
    assert_eq!(refused(&["-w\n-l", "-e1"]), (bad("\n-l"), 29));
}

#[test]
fn missing_values() {
    assert_eq!(refused(&["-e"]), ("No code specified for -e.".into(), 29));
    assert_eq!(refused(&["-nE"]), ("No code specified for -E.".into(), 29));
    assert_eq!(refused(&["-I"]), ("No directory specified for -I.".into(), 29));
    assert_eq!(refused(&["-M"]), ("Missing argument to -M.".into(), 29));
    assert_eq!(refused(&["-M-", "-e1"]), ("Module name required with -M option.".into(), 29));
    assert_eq!(refused(&["-M strict", "-e1"]), ("Module name required with -M option.".into(), 29));
}

#[test]
fn scripts_that_cannot_be_opened() {
    let (message, status) = refused(&["no/such.pl"]);
    assert_eq!(message, "Can't open perl script \"no/such.pl\": No such file or directory");
    assert_eq!(status, 2);
    assert_eq!(refused(&["--", "-e"]).0, "Can't open perl script \"-e\": No such file or directory");
    assert!(refused(&["/"]).0.ends_with(": Is a directory"));
    assert_eq!(refused(&["-S", "no-such-script"]), ("Can't find no-such-script on PATH.".into(), 29));
}

#[test]
fn search_along_the_path() {
    use std::os::unix::fs::PermissionsExt;
    let script = Script::new("1;");
    let dir = script.dir.path().to_str().unwrap();
    let path = format!("/no/such/dir:{dir}");
    let (result, _) = with_env(&["-S", "sc.pl"], &[("PATH", &path)]);
    assert_eq!(result, Err(Stop::error(29, format!("Can't execute {dir}/sc.pl."))));
    std::fs::set_permissions(script.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let (result, _) = with_env(&["-S", "sc.pl"], &[("PATH", &path)]);
    assert!(matches!(result, Ok(Command::Run(o)) if o.program.name == script.path().as_bytes()));
}

#[test]
fn modules() {
    assert_eq!(prologue(&["-MA", "-mB", "-e1"]), "use A;use B ();");
    assert_eq!(prologue(&["-M-A=x", "-m-B", "-e1"]), "no A split(/,/,q\0x\0);no B ();");
    assert_eq!(
        prologue(&["-MA=a'b}c,d", "-mB=x", "-e1"]),
        "use A split(/,/,q\0a'b}c,d\0);use B split(/,/,q\0x\0);"
    );
    assert_eq!(prologue(&["-MA qw(x y)", "-MA::B", "-M5.010", "-e1"]), "use A qw(x y);use A::B;use 5.010;");
    assert_eq!(prologue(&["-wMA", "-e1"]), "use A;");
    let single = "Invalid module name A:B with -m option: contains single ':'.";
    assert_eq!(refused(&["-mA:B", "-e1"]).0, single);
    assert_eq!(refused(&["-mA x", "-e1"]).0, "Can't use ' ' after -mname.");
}

#[test]
fn loops() {
    assert_eq!(prologue(&["-ne1"]), "LINE: while (<>) {");
    assert_eq!(prologue(&["-lane1"]), "LINE: while (<>) {chomp;our @F=split(' ');");
    assert_eq!(prologue(&["-ae1"]), "LINE: while (<>) {our @F=split(' ');");
    assert_eq!(prologue(&["-F,", "-e1"]), "LINE: while (<>) {our @F=split(q\0,\0);");
    assert_eq!(prologue(&["-F/,/i", "-e1"]), "LINE: while (<>) {our @F=split(/,/i);");
    assert_eq!(prologue(&["-F/,", "-e1"]), "LINE: while (<>) {our @F=split(q\0/,\0);");
    assert_eq!(prologue(&["-le1"]), "");
    assert_eq!(options(&["-ne1"]).program.epilogue, b";}");
    let print = b";}continue{print or die qq(-p destination: $!\\n);}";
    assert_eq!(options(&["-pe1"]).program.epilogue, print);
    assert_eq!(options(&["-npe1"]).program.epilogue, print);
}

#[test]
fn record_separators() {
    let input = |s: &str| options(&[s, "-e1"]).input_separator;
    assert_eq!(input("-0"), text(b"\0"));
    assert_eq!(input("-00"), text(b""));
    assert_eq!(input("-012"), text(b"\n"));
    assert_eq!(input("-0377"), text(b"\xff"));
    assert_eq!(input("-0400"), Separator::Undef);
    assert_eq!(input("-0777"), Separator::Undef);
    assert_eq!(input("-g"), Separator::Undef);
    assert_eq!(input("-0xA"), text(b"\n"));
    assert_eq!(input("-0x263a"), Separator::Text { bytes: "\u{263a}".into(), utf8: true });
    assert_eq!(input("-0xD800"), Separator::Text { bytes: b"\xed\xa0\x80".to_vec(), utf8: true });
    assert_eq!(input("-0x110000"), Separator::Text { bytes: b"\xf4\x90\x80\x80".to_vec(), utf8: true });

    let output = |words: &[&str]| options(words).output_separator;
    assert_eq!(output(&["-e1"]), None);
    assert_eq!(output(&["-le1"]), Some(text(b"\n")));
    assert_eq!(output(&["-l012", "-e1"]), Some(text(b"\n")));
    assert_eq!(output(&["-l0", "-e1"]), Some(text(b"\0")));
    assert_eq!(output(&["-l777", "-e1"]), Some(text(b"\xff")));
    assert_eq!(output(&["-l400", "-e1"]), Some(text(b"\0")));
    assert_eq!(output(&["-0040", "-l", "-e1"]), Some(text(b" ")));
    assert_eq!(output(&["-l", "-0040", "-e1"]), Some(text(b"\n")));
    assert_eq!(output(&["-00", "-l", "-e1"]), Some(text(b"\n\n")));
    assert_eq!(output(&["-0777", "-l", "-e1"]), Some(text(b"")));
}

#[test]
fn warnings_and_taint() {
    let warnings = |s: &str| options(&[s, "-e1"]).warnings;
    assert_eq!(warnings("-c"), Warnings::Lexical);
    assert_eq!(warnings("-w"), Warnings::On);
    assert_eq!(warnings("-wX"), Warnings::None);
    assert_eq!(warnings("-Xw"), Warnings::None);
    assert_eq!(warnings("-WX"), Warnings::None);
    assert_eq!(warnings("-XW"), Warnings::All);
    let taint = |s: &str| options(&[s, "-e1"]).taint;
    assert_eq!(
        (taint("-t"), taint("-T"), taint("-Tt"), taint("-tT")),
        (Taint::Warn, Taint::On, Taint::On, Taint::On)
    );
}

#[test]
fn in_place_editing() {
    let (result, notices) = with_env(&["-pi.bak", "-e1", "file"], &[]);
    assert!(matches!(result, Ok(Command::Run(o)) if o.in_place.as_deref() == Some(b".bak")));
    assert_eq!(notices, "");
    let (result, notices) = with_env(&["-i", "-pe1"], &[]);
    assert!(matches!(result, Ok(Command::Run(o)) if o.in_place.as_deref() == Some(b"")));
    assert_eq!(notices, "-i used with no filenames on the command line, reading from STDIN.\n");
    let o = options(&["-i.b -w", "-e1", "file"]);
    assert_eq!((o.in_place.as_deref(), o.warnings), (Some(b".b".as_slice()), Warnings::On));
}

#[test]
fn unicode() {
    let bits = |s: &str| options(&[s, "-e1"]).unicode;
    assert_eq!((bits("-C"), bits("-C7"), bits("-CSDA"), bits("-C0")), (95, 7, 63, 0));
    assert_eq!((bits("-CLa"), bits("-CIOEioAaL")), (320, 383));
    assert_eq!(refused(&["-Ciw", "-e1"]).0, "Unknown Unicode option letter 'w'.");
    assert_eq!(refused(&["-C7w", "-e1"]).0, "Unknown Unicode option letter 'w'.");
    assert_eq!(refused(&["-C999", "-e1"]).0, "Unknown Unicode option value 512.");
    let env = |v: &str| match with_env(&["-e1"], &[("PERL_UNICODE", v)]).0 {
        Ok(Command::Run(o)) => o.unicode,
        other => panic!("{other:?}"),
    };
    assert_eq!((env(""), env("SD"), env("63")), (95, 31, 63));
}

#[test]
fn directories() {
    let (result, _) =
        with_env(&["-Ix", "-I", "y", "-Ia b", "-e1"], &[("PERL5LIB", "p::q:"), ("PERL5OPT", "-Ia -Ib")]);
    let Ok(Command::Run(o)) = result else { panic!("{result:?}") };
    let names: Vec<&str> = o.include.iter().map(|d| std::str::from_utf8(d).unwrap()).collect();
    assert_eq!(names, ["b", "a", "x", "y", "a b", "p", "q"]);
    let (result, _) = with_env(&["-T", "-e1"], &[("PERL5LIB", "p"), ("PERL5OPT", "-Ia")]);
    assert!(matches!(result, Ok(Command::Run(o)) if o.include.is_empty()));
}

#[test]
fn options_from_the_environment() {
    let env = |v: &str| with_env(&["-MA", "-e1"], &[("PERL5OPT", v)]).0;
    let Ok(Command::Run(o)) = env("-wU -MB=x w") else { panic!() };
    assert_eq!(o.program.prologue, b"use A;use B split(/,/,q\0x\0);");
    assert!(o.unsafe_operations && o.warnings == Warnings::On);
    for (value, letter) in [("-e1", "e"), ("-n", "n"), ("-w --", "-"), ("-l", "l")] {
        let stop = Stop::error(29, format!("Illegal switch in PERL5OPT: -{letter}."));
        assert_eq!(env(value), Err(stop));
    }
    assert_eq!(env("-w m"), Err(Stop::error(29, "Missing argument to -m.")));
    assert_eq!(env("-I c"), Err(Stop::error(29, "No directory specified for -I.")));
}

#[test]
fn information() {
    let shown = |words: &[&str]| match with_env(words, &[]).0 {
        Err(stop) if stop.status == 0 && stop.stderr.is_empty() => String::from_utf8(stop.stdout).unwrap(),
        other => panic!("{words:?}: {other:?}"),
    };
    assert!(shown(&["-v"]).contains("Keshi") && shown(&["-cv"]).contains("(v5.42."));
    assert!(shown(&["--version"]) == shown(&["-v"]) && shown(&["--help"]) == shown(&["-h"]));
    assert!(shown(&["-h"]).contains("--dump="));
    let o = options(&["-V:version", "-V", "not-a-script"]);
    assert_eq!(o.program.origin, Origin::Nothing);
    assert_eq!(
        o.program.prologue,
        b"use Config; Config::config_vars(qw\0version\0);use Config; Config::_V();"
    );
}

#[test]
fn hash_bang_switches() {
    let o = Script::new("#!/usr/bin/perl -lw -0040 -I/x -I/y\n1;").options(&["-Iz", "@", "a"]);
    assert_eq!((o.warnings, o.input_separator), (Warnings::On, text(b" ")));
    assert_eq!(o.output_separator, Some(text(b"\n")));
    assert_eq!(o.include, [b"/y".to_vec(), b"/x".to_vec(), b"z".to_vec()]);
    assert_eq!(o.args, [b"a".to_vec()]);
    assert_eq!(o.program.text, b"#!/usr/bin/perl -lw -0040 -I/x -I/y\n1;");

    let warnings = |line: &str| Script::new(line).options(&["@"]).warnings;
    for line in
        ["#! /usr/bin/env perl -w", "#!perl5.42 -w", "#!perl -w -- -X", "#!perl -w foo -X", "#!perl -w # -X"]
    {
        assert_eq!(warnings(line), Warnings::On, "{line}");
    }
    for line in ["#!perl - w", "#!perl", "\n#!perl -w", "#!/usr/bin/env keshi", "# perl -w"] {
        assert_eq!(warnings(line), Warnings::Lexical, "{line}");
    }
    assert_eq!(warnings("#!perl -w\r\n1;"), Warnings::On);
    assert_eq!(Script::new("#!perl -n\n").options(&["@"]).program.prologue, b"LINE: while (<>) {");
    assert_eq!(
        Script::new("#!perl -F/,/\n").options(&["@"]).program.prologue,
        b"LINE: while (<>) {our @F=split(/,/);"
    );
}

#[test]
fn switches_refused_on_the_hash_bang_line() {
    let refused = |line: &str| Script::new(line).refused(&["@"]);
    let at = |text: &str| (format!("{text} at @ line 1."), 255);
    assert_eq!(refused("#!perl -Mstrict"), at("Too late for \"-Mstrict\" option"));
    assert_eq!(refused("#!perl -w -mstrict x"), at("Too late for \"-mstrict\" option"));
    assert_eq!(refused("#!perl -CS"), at("Too late for \"-CS\" option"));
    let late = "\"-T\" is on the #! line, it must also be used on the command line";
    assert_eq!(refused("#!perl -wT"), at(late));
    for letter in ["e", "E", "x", "S", "V", "f"] {
        assert_eq!(refused(&format!("#!perl -{letter}")), at(&format!("Can't emulate -{letter} on #! line")));
    }
    assert_eq!(refused("#!perl -q"), at("Unrecognized switch: -q  (-h will show valid options)"));
    assert_eq!(Script::new("#!perl -CS").options(&["-CS", "@"]).unicode, 7);
    assert_eq!(Script::new("#!perl -T").options(&["-T", "@"]).taint, Taint::On);
    Script::new("#!perl -C").options(&["@"]);
}

#[test]
fn another_interpreter() {
    let script = Script::new("#!/bin/echo one two\n");
    let (result, _) = script.run(&["-w", "@", "x"]);
    let Ok(Command::Execute { interpreter, args, .. }) = result else { panic!("{result:?}") };
    assert_eq!(interpreter, PathBuf::from("/bin/echo"));
    assert_eq!(args, [b"one".to_vec(), b"-w".to_vec(), script.path().into_bytes(), b"x".to_vec()]);
    assert!(script.options(&["-c", "@"]).check_only);
}

#[test]
fn script_switches() {
    let script = Script::new("#!perl -s\n");
    let vars = |words: &[&str]| {
        let o = script.options(words);
        let show = |v: &[u8]| String::from_utf8_lossy(v).into_owned();
        let vars: Vec<String> = o
            .switch_vars
            .iter()
            .map(|(n, v)| v.as_deref().map_or(show(n), |v| format!("{}={}", show(n), show(v))))
            .collect();
        let args: Vec<String> = o.args.iter().map(|a| show(a)).collect();
        (vars.join(" "), args.join(" "))
    };
    assert_eq!(vars(&["@", "-foo", "-bar=baz", "x", "-y"]), ("foo bar=baz".into(), "x -y".into()));
    assert_eq!(vars(&["@", "-foo", "--", "-y"]), ("foo".into(), "-y".into()));
    assert_eq!(vars(&["@", "-x=", "-", "-y"]), ("x=".into(), "- -y".into()));
    assert_eq!(vars(&["@", "--foo", "a"]), ("-foo".into(), "a".into()));
    let o = options(&["-s", "-e1", "--", "-x=5=6"]);
    assert_eq!(o.switch_vars, [(b"x".to_vec(), Some(b"5=6".to_vec()))]);
}

#[test]
fn extracted_scripts() {
    let script = Script::new("junk\n#!/bin/sh\n#!perl -l\nprint 1;\n");
    let o = script.options(&["-x", "@"]);
    assert_eq!(o.program.text, b"#!perl -l\nprint 1;\n");
    assert_eq!(o.program.skipped, 15);
    assert_eq!(o.output_separator, Some(text(b"\n")));
    assert_eq!(Script::new("junk\n").refused(&["-x", "@"]), ("No Perl script found in input".into(), 255));
    assert_eq!(script.refused(&["-x/no/such", "@"]), ("Can't chdir to /no/such.".into(), 2));
}

#[test]
fn long_options() {
    let o = options(&[
        "--dump=l1:main::f*",
        "--dump=asm",
        "--l1-macro",
        "a.l1",
        "--l1-macro=b.l1",
        "--jit=sync",
        "--hot=3",
        "--fuse=off",
        "--stress=exit",
        "--parallel=force",
        "--threads=2",
        "--verify",
        "--stats",
        "--explain",
        "-we1",
        "--jit=off",
    ]);
    let t = o.tuning;
    let dump = |stage, glob: Option<&str>| Dump { stage, glob: glob.map(Into::into) };
    assert_eq!(t.dumps, [dump(Stage::L1, Some("main::f*")), dump(Stage::Asm, None)]);
    assert_eq!(t.macro_files, [PathBuf::from("a.l1"), PathBuf::from("b.l1")]);
    assert_eq!((t.jit, t.hot, t.no_fusion, t.stress_exits), (Jit::Off, Some(3), true, true));
    assert_eq!(
        (t.parallel, t.threads, t.verify == Some(true), t.stats, t.explain),
        (Parallel::Force, Some(2), true, true, true)
    );
    assert_eq!(refused(&["--jit=x", "-e1"]), ("keshi: --jit wants off, on or sync, not 'x'".into(), 2));
    assert_eq!(
        refused(&["--threads=0", "-e1"]),
        ("keshi: --threads wants a number above zero, not '0'".into(), 2)
    );
    assert_eq!(refused(&["--l1-macro"]), ("keshi: --l1-macro wants a file, not nothing".into(), 2));
    assert_eq!(
        with_env(&["--l1-check", "x.l1"], &[]).0,
        Ok(Command::CheckMacros { file: "x.l1".into(), on: vec![] })
    );
    assert_eq!(
        with_env(&["--l1-doc=i.add"], &[]).0,
        Ok(Command::Document { name: "i.add".into(), on: vec![] })
    );
    let (result, _) = with_env(&["-e1"], &[("KESHI_OPT", "--jit=off --hot=2")]);
    assert!(matches!(result, Ok(Command::Run(o)) if o.tuning.jit == Jit::Off && o.tuning.hot == Some(2)));
}
