//! The emitter on real programs: everything the parser accepts becomes a chunk.
mod mock;

use keshi_frontend::ast::SubDef;
use keshi_frontend::emit::{Options as EmitOptions, compile_unit};
use keshi_frontend::{CompileError, Options, Source, parse};
use mock::Mock;
use std::rc::Rc;

/// Parses and emits a text; returns the ops, or the first message.
fn emit(text: &[u8], file: &str) -> Result<String, String> {
    let mut host = Mock::default();
    let source = Source { text: text.to_vec(), utf8: false, characters: false, file: file.into(), line: 1 };
    let def = parse(&mut host, source, Options::main()).map_err(|e| match e {
        CompileError::Message(m) => format!("parser: {}", m.to_text()),
        CompileError::Exception(_) => "parser: exception".to_string(),
    })?;
    let mut out = String::new();
    let mut units: Vec<Rc<SubDef>> = host.defined.clone();
    units.push(def);
    for u in units.iter().filter(|u| u.body.is_some()) {
        let unit = compile_unit(u, EmitOptions { dump_ops: true }).map_err(|e| e.to_string())?;
        keshi_l1::verify::sound(&unit.chunk).map_err(|e| format!("verifier: {e}{}", unit.ops))?;
        out += &unit.ops;
    }
    Ok(out)
}

fn ok(text: &str) -> String {
    match emit(text.as_bytes(), "t.pl") {
        Ok(s) => s,
        Err(e) => panic!("{text}\n{e}"),
    }
}

#[test]
fn statements_and_loops() {
    ok("my $x = 1; my @a = (1, 2, 3); for my $v (@a) { $x += $v } print $x, \"\\n\";");
    ok("while (my $l = <STDIN>) { chomp $l; next if $l =~ /^#/; print \"$l\\n\"; } continue { print '.' }");
    ok("for (my $i = 0; $i < 10; $i++) { last if $i == 5; redo if $i > 20 }");
    ok("OUTER: for my $i (1 .. 3) { for my $j (1 .. 3) { next OUTER if $j == 2; print $i * $j } }");
    ok("if ($a) { print 1 } elsif ($b) { print 2 } else { print 3 } unless ($c) { print 4 }");
    ok("{ local $_ = 5; print; } do { print 1 } while (0); print 2 until 1;");
}

#[test]
fn assignments() {
    ok("my ($a, $b, @c) = (1, 2, 3); ($a, $b) = ($b, $a); my $n = () = f(); @h{qw(a b)} = (1, 2);");
    ok("$h{a}{b}[3] = 4; $x->[1] .= 'a'; $$r{k} //= 2; push @{$h{l}}, 1, 2; $#a = 3; my $c = @a;");
    ok("local ($x, @y) = (1, 2); local $h{a} = 3; local @h{qw(a b)}; *foo = sub { 1 }; *bar = \\&foo;");
    ok("my $s = 'abc'; substr($s, 0, 1) = 'x'; vec($s, 0, 8) = 65; pos($s) = 1; ($x ? $y : $z) = 3;");
    ok("my ($x, undef, $y) = @_; sub f { my ($self, %args) = @_; shift; $_[0] = 1; return wantarray }");
}

#[test]
fn calls_and_closures() {
    ok(
        "sub f { return @_ } my @r = f(1, @x, %y, $z, $h{a}, $a[0]); f; &f; &$c(1); $c->(2); $o->m(3); K->new;",
    );
    ok("my $n = 0; my $inc = sub { $n++; my $m = $n; sub { $m } }; $inc->()->();");
    ok("sub fact { my $n = shift; $n <= 1 ? 1 : $n * fact($n - 1) } print fact(5);");
    ok("sub ctx { if ($_[0]) { return (1, 2) } my @a = (3); @a } my ($x) = ctx(); my $y = ctx();");
    ok("use feature 'state'; sub counter { state $n = 5; state @l = (1); return $n++ }");
    ok("sub lv :lvalue { my $x; $x } lv() = 5; goto &f;");
}

#[test]
fn regex_and_lists() {
    ok(
        "my ($k, $v) = 'a=b' =~ /(\\w)=(\\w)/; s/(\\d+)/$1 + 1/ge; tr/a-z/A-Z/; my @w = split /,/, $l; $x =~ s/a/b/r;",
    );
    ok(
        "my @s = sort { $a->{n} <=> $b->{n} or $a cmp $b } grep { $_ > 1 } map { $_ * 2, 1 } @l; reverse sort @x;",
    );
    ok(
        "my %h = map { $_ => 1 } @k; my @v = @h{@k}; delete @h{qw(a b)}; exists $h{a}; each %h; keys %h; values @a;",
    );
    ok(
        "while ($s =~ /(.)/g) { print $1, pos($s) } my $re = qr/$x/i; $y =~ $re; print join(',', @a[1, 2]), \"@a\";",
    );
}

#[test]
fn errors_and_evals() {
    ok("eval { die 'x' }; print $@ if $@; my $r = eval { 1 } || 2; my @l = eval { f() }; eval 'print 1';");
    ok("sub t { my $x = eval { return 5 }; eval { die { a => 1 } ; 1 } or return; $x } die 'x' unless t();");
    ok("use feature 'try'; sub g { try { return f() } catch ($e) { warn $e } finally { print 1 } }");
    ok("use feature 'defer'; { defer { print 'bye' } print 'hi' }");
}

#[test]
fn perl_core_tests_compile() {
    let Ok(tree) = std::env::var("KESHI_PERL_TREE") else { return };
    let mut failed = Vec::new();
    let mut n = 0;
    for dir in ["base", "cmd", "comp", "op", "re", "uni", "io", "lib", "class", "mro"] {
        let Ok(entries) = std::fs::read_dir(format!("{tree}/t/{dir}")) else { continue };
        let mut files: Vec<_> = entries.flatten().map(|e| e.path()).collect();
        files.sort();
        for f in files.iter().filter(|f| f.extension().is_some_and(|e| e == "t")) {
            let Ok(text) = std::fs::read(f) else { continue };
            n += 1;
            if let Err(e) = emit(&text, &f.display().to_string())
                && !e.starts_with("parser:")
            {
                failed.push(format!("{}: {e}", f.display()));
            }
        }
    }
    assert!(failed.is_empty(), "{} of {n} files:\n{}", failed.len(), failed.join("\n"));
}
