# Words of the compiler: warnings and errors that depend on how the text is read.
use strict;
use warnings;
BEGIN { $SIG{__WARN__} = sub { print "W: $_[0]" } }

sub try_code {
    my ($code) = @_;
    my $r = eval $code;
    my $e = $@;
    print "E: $e" if $e ne '';
    print "R: ", $r // 'undef', "\n";
}

try_code('no strict; our $n = 1; $n =+ 3; $n');
try_code('no strict; our $n; 1 if $n = 1; 2');
try_code('my $x = "a"; chop(my $u); $x');
try_code('use v5.20; use v5.22; 1');
try_code('use v5.20; use v5.10; 1');
try_code('no feature "bareword_filehandles"; open(FOO, "<", "x"); 1');
try_code('fred->[0]');
try_code('sub once { } 5 6');
try_code("my \$caf\xe9 = 1;");
try_code('$*');
try_code('0x2.0000_0000_0000_0p0');
try_code('0x1p2000');
try_code('BEGIN { %Pet::FIELDS = (name => 1) } my Pet $p; $p->{age}');
try_code('join ",", feature::features_enabled(0)');
try_code('use utf8; use feature "extra_paired_delimiters"; no warnings; q' . "\xc2\xab" . 'x' . "\xc2\xbb");
try_code('our $twice; { our $twice; } 1');
try_code('for (!0) { $_ = 4 }');
try_code('\!0 == \!0 ? "same" : "other"');
try_code('"cost $ x"');
try_code('print NOSUCH, 1');
try_code('my (@a, %h); push @a; length(@a) + length(%h)');
try_code('my $s = 1; $s = $[ < 5; $s !=~ /1/');
