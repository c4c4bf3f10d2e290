//! The parser on the tricky parts of the language, by the text of the dump.
mod mock;

use keshi_frontend::ast::*;
use keshi_frontend::dump::dump_sub;
use keshi_frontend::{CompileError, Options, Source, parse};
use std::rc::Rc;

fn compile(text: &str) -> Result<(Rc<SubDef>, mock::Mock), String> {
    let mut host = mock::Mock::default();
    let source =
        Source { text: text.as_bytes().to_vec(), utf8: false, characters: false, file: "t".into(), line: 1 };
    match parse(&mut host, source, Options::main()) {
        Ok(def) => Ok((def, host)),
        Err(CompileError::Message(m)) => Err(m.to_text()),
        Err(CompileError::Exception(_)) => Err("exception".into()),
    }
}

/// The statements of a program, one per line, without line numbers.
#[track_caller]
fn tree(text: &str) -> String {
    let (def, _) = compile(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let dump = dump_sub(&def);
    let lines = dump.lines().skip(1).filter(|l| !l.starts_with("  pad "));
    lines.map(|l| l.trim().split_once(": ").map_or(l.trim(), |x| x.1)).collect::<Vec<_>>().join(" | ")
}

fn error(text: &str) -> String {
    compile(text).map(|_| String::new()).unwrap_or_else(|e| e)
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, want) in cases {
        assert_eq!(tree(text), *want, "\nsource: {text}");
    }
}

#[test]
fn precedence() {
    check(&[
        ("-2**2", "(Neg (Pow 2 2))"),
        ("2**3**2", "(Pow 2 (Pow 3 2))"),
        ("!$x == 1", "(NumEq (not $main::x) 1)"),
        ("$a ? $b : $c = 3", "(= (?: $main::a $main::b $main::c) 3)"),
        ("1 < $x <= 3", "(chain 1 NumLt $main::x NumLe 3)"),
        ("$a . $b x 3", "(Concat $main::a (x $main::b 3))"),
        ("$a x3", "(x $main::a 3)"),
        ("not $a || $b", "(not (Or $main::a $main::b))"),
        ("$x = $y || 1, 2", "(list (= $main::x (Or $main::y 1)) 2)"),
        ("$a or $b and $c", "(Or $main::a (And $main::b $main::c))"),
        ("1 + lc $x . 'y'", "(Add 1 (lc (Concat $main::x \"y\")))"),
        ("ref $x eq 'A'", "(StrEq (ref $main::x) \"A\")"),
        ("\\$x->{a}", "(ref (helem (deref% $main::x) \"a\"))"),
        ("$x += 1 if $y", "(And $main::y (Add= $main::x 1))"),
    ]);
}

#[test]
fn slash_question_percent() {
    check(&[
        ("$x / 2 / 3", "(Div (Div $main::x 2) 3)"),
        ("split /,/, $x", "(split (match /,/) $main::x)"),
        ("shift // 0", "(Dor (shift @main::ARGV) 0)"),
        ("time / 2", "(Div (time) 2)"),
        ("$x % 3", "(Mod $main::x 3)"),
        ("f(%h)", "(call &main::f %main::h)"),
        ("$x{a} / 2", "(Div (helem %main::x \"a\") 2)"),
    ]);
}

#[test]
fn braces() {
    check(&[
        ("{ ; }", "block"),
        ("+{ a => 1 }", "(anonhash \"a\" 1)"),
        ("{ a => 1 }", "(anonhash \"a\" 1)"),
        ("map { $_ => 1 } @x", "(map | (list $main::_ 1) | )( @main::x)"),
        ("map { lc($_) => 1 } @x", "(map | (list (lc $main::_) 1) | )( @main::x)"),
        ("map +{ a => $_ }, @x", "(map (anonhash \"a\" $main::_))( @main::x)"),
        ("map { 'a' => 1 }, @x", "(map (anonhash \"a\" 1))( @main::x)"),
        ("$h{shift}", "(helem %main::h \"shift\")"),
        ("$h{+shift}", "(helem %main::h (shift @main::ARGV))"),
        ("$h{-a}{b}[1]", "(elem (deref@ (helem (deref% (helem %main::h \"-a\")) \"b\")) 1)"),
        ("$h{y => 2}", "(helem %main::h (join $main::; \"y\" 2))"),
    ]);
}

#[test]
fn strings() {
    check(&[
        (r#""a$x[1]b""#, "(interp \"a\" (elem @main::x 1) \"b\")"),
        (r#""${x}[1]""#, "(interp $main::x \"[1]\")"),
        (r#""$x->[1]{a}""#, "(interp (helem (deref% (elem (deref@ $main::x) 1)) \"a\"))"),
        (r#""$x->m @{[1]}""#, "(interp $main::x \"->m \" (join (deref@ (anonarray 1))))"),
        (r#""a\tb\x41\x{263a}""#, "\"a\\tbA\u{263a}\""),
        (r#""\LAB\E\uc$x""#, "(interp (lc \"AB\") (ucfirst (interp \"c\" $main::x)))"),
        (r#""me@x.com""#, "(interp \"me\" (join @main::x) \".com\")"),
        ("'a\\'b\\\\c\\d'", "\"a'b\\\\c\\\\d\""),
        ("q{a{b}c}", "\"a{b}c\""),
        ("<<A . <<'B';\n$x\nA\n$y\nB\n", "(Concat (interp $main::x \"\\n\") \"$y\\n\")"),
        ("<<~A;\n   a\n    b\n   A\n", "\"a\\n b\\n\""),
        ("\"@{[<<A]}\";\nx\nA\n1", "(interp (join (deref@ (anonarray \"x\\n\")))) | 1"),
    ]);
}

#[test]
fn patterns() {
    check(&[
        ("/a$/", "(match /a$/)"),
        ("/a$|b/", "(match /a$|b/)"),
        ("/$x[abc]/", "(match $main::x /[abc]/)"),
        ("/$x[0]/", "(match (elem @main::x 0))"),
        ("/$x{2,3}/", "(match $main::x /{2,3}/)"),
        ("m{a\\{b}", "(match /a\\{b/)"),
        ("$x =~ s{a} {$1}gr", "(subst $main::x /a/)(by (interp $main::1))"),
        ("s/a/f(1)/e", "(subst /a/)(by (do | (call &main::f 1) | ))"),
        ("/(?{ 1 })b/", "(match code\"(?{ 1 })\" /b/)"),
    ]);
}

#[test]
fn handles_and_indirect_objects() {
    check(&[
        ("print STDERR 1, 2", "(print {*main::STDERR} 1 2)"),
        ("print $fh 'x'", "(print {$main::fh} \"x\")"),
        ("print $fh -1", "(print {$main::fh} (Neg 1))"),
        ("print $fh - 1", "(print (Sub $main::fh 1))"),
        ("print {$x ? 1 : 2} 3", "(print {(?: $main::x 1 2)} 3)"),
        ("print FOO", "(print {*main::FOO} $main::_)"),
        ("print(FOO 1)", "(print {*main::FOO} 1)"),
        ("print $x{a}, 1", "(print (helem %main::x \"a\") 1)"),
        ("new Foo 1, 2", "(->new \"Foo\" 1 2)"),
        ("new Foo::(1)->x", "(->x (->new \"Foo\" 1))"),
        ("meth $obj 1", "(->meth $main::obj 1)"),
        ("sub foo; foo Bar", "(call &main::foo bareword:Bar)"),
        ("open FH, 'x' || die", "(open *main::FH (Or \"x\" (die)))"),
        ("sort by_num @x", "(by &main::by_num)(sort @main::x)"),
        ("sort { $b <=> $a } f(1)", "(by | (NumCmp $main::b $main::a) | )(sort (call &main::f 1))"),
        ("while (<$fh>) {1}", "while (defined (= $main::_ (readline $main::fh))) | 1"),
    ]);
    assert_eq!(tree("print $fh (1)"), "(print {$main::fh} (list() 1))");
}

#[test]
fn subs_and_prototypes() {
    check(&[
        ("sub f(\\@$) {} f(@a, @b)", "(call &main::f (ref @main::a) (scalar @main::b))"),
        ("sub f(&@) {} f { 1 } 2, 3", "(call &main::f (sub | Anon - (t:1, package main) | 1 | ) 2 3)"),
        ("sub f(_) {} f", "(call &main::f $main::_)"),
        ("sub f($) {} f 1, 2", "(list (call &main::f 1) 2)"),
        ("sub f() {} f + 1", "(Add (call &main::f) 1)"),
        ("sub f; f 1, 2", "(call &main::f 1 2)"),
        (
            "&f; &f(1); &$x; \\&f",
            "(call&; &main::f) | (call& &main::f 1) | (call&; (deref& $main::x)) | (ref &main::f)",
        ),
        (
            "f(1)->{a}; $x->(1)(2)",
            "(helem (deref% (call &main::f 1)) \"a\") | (call& (deref& (call& (deref& $main::x) 1)) 2)",
        ),
    ]);
}

#[test]
fn lexicals_are_captured_through_every_sub() {
    let (def, host) = compile("my $x; sub f { sub { $x } } my $y = $y; { my $x; $x }").unwrap();
    let names: Vec<&str> = def.pad.entries.iter().map(|e| &*e.name).collect();
    assert_eq!(names, ["$x", "$y", "$x"]);
    assert!(def.pad.entries[0].captured && !def.pad.entries[1].captured && !def.pad.entries[2].captured);
    let f = &host.defined[0];
    assert_eq!((f.pad.entries[0].outer, f.pad.entries[0].captured), (Some(0), true));
    assert_eq!(f.pad.outer, Some(def.pad.id));
    assert!(dump_sub(&def).contains("(= (My $#1) $main::y)"));
}

#[test]
fn string_eval_sees_what_is_visible() {
    let (def, _) = compile("my ($x, @y); our $z; sub f { my $w; eval '$x' } eval '1'").unwrap();
    assert!(def.pad.has_eval && def.pad.entries.iter().take(2).all(|e| e.captured));
    let StmtKind::Expr(Expr { kind: ExprKind::EvalStr(e), .. }) = &def.body.as_ref().unwrap().stmts[2].kind
    else {
        panic!("no eval");
    };
    let mut names: Vec<&str> = e.scope.names.iter().map(|n| &*n.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["$x", "$z", "@y"]);
}

#[test]
fn a_string_eval_compiles_against_its_scope() {
    let scope = EvalScope {
        pad: PadId(7),
        names: vec![VisibleName {
            name: "$x".into(),
            idx: 3,
            our: None,
            state: false,
            import: None,
            proto: None,
        }],
        in_sub: true,
        class: None,
    };
    let options = Options { kind: SubKind::Eval, scope: Some(Rc::new(scope)), ..Options::main() };
    let source = Source {
        text: b"$x + shift".to_vec(),
        utf8: false,
        characters: false,
        file: "(eval 1)".into(),
        line: 1,
    };
    let def = parse(&mut mock::Mock::default(), source, options).unwrap();
    assert_eq!((def.pad.outer, def.pad.entries[0].outer), (Some(PadId(7)), Some(3)));
    assert!(dump_sub(&def).contains("(Add $#0 (shift @main::_))"));
}

#[test]
fn errors_in_perls_words() {
    let cases = [
        (
            "use strict; $x = 1;",
            "Global symbol \"$x\" requires explicit package name (did you forget to declare \"my $x\"?) at t line 1.\nExecution of t aborted due to compilation errors.\n",
        ),
        (
            "use strict; my $x = foo;",
            "Bareword \"foo\" not allowed while \"strict subs\" in use at t line 1.\nExecution of t aborted due to compilation errors.\n",
        ),
        (
            "my $x = ;",
            "syntax error at t line 1, near \"= ;\"\nExecution of t aborted due to compilation errors.\n",
        ),
        ("print \"abc", "Can't find string terminator '\"' anywhere before EOF at t line 1.\n"),
        ("<<A;\nx\n", "Can't find string terminator \"A\" anywhere before EOF at t line 1.\n"),
        (
            "if (1) {",
            "Missing right curly or square bracket at t line 1, at end of line\nsyntax error at t line 1, at EOF\nExecution of t aborted due to compilation errors.\n",
        ),
        (
            "push FRED;",
            "Type of arg 1 to push must be array (not constant item) at t line 1, near \"FRED;\"\nExecution of t aborted due to compilation errors.\n",
        ),
        (
            "1 = 2;",
            "Can't modify constant item in scalar assignment at t line 1, near \"2;\"\nExecution of t aborted due to compilation errors.\n",
        ),
        (
            "foo 1;",
            "syntax error at t line 1, near \"foo 1\"\nExecution of t aborted due to compilation errors.\n",
        ),
        (
            "substr(1)",
            "Not enough arguments for substr at t line 1, near \"1)\"\nExecution of t aborted due to compilation errors.\n",
        ),
    ];
    for (text, want) in cases {
        assert_eq!(error(text), want, "\nsource: {text}");
    }
}

#[test]
fn lines_follow_directives_and_heredocs() {
    let (def, _) = compile("1;\n# line 40 \"x\"\n2;\n<<A;\na\nb\nA\n3;").unwrap();
    let stmts = &def.body.as_ref().unwrap().stmts;
    let at: Vec<(u32, &str)> = stmts.iter().map(|s| (s.cop.line, &*s.cop.file)).collect();
    assert_eq!(at, [(1, "t"), (40, "x"), (41, "x"), (45, "x")]);
}

#[test]
fn data_goes_to_the_host() {
    let (_, host) = compile("package Foo;\n1;\n__DATA__\nline\n").unwrap();
    assert_eq!(host.data, Some(("Foo".to_string(), b"line\n".to_vec())));
}

/// Trees of any depth are built, copied and dropped without regard to the native stack.
#[test]
fn nesting_needs_no_native_stack() {
    let n = 10_000;
    for text in [
        "(".repeat(n) + "1" + &")".repeat(n),
        "[".repeat(n) + &"]".repeat(n),
        "{".repeat(n / 10) + &"}".repeat(n / 10),
        "1".to_string() + &"+1".repeat(10 * n),
        "$x".to_string() + &"->[0]".repeat(n),
        "!".repeat(n) + "1",
    ] {
        let (def, _) = compile(&text).unwrap();
        assert_eq!(def.body.clone().unwrap().stmts.len(), 1);
    }
    assert!(error(&"(".repeat(n)).contains("syntax error"));
}
