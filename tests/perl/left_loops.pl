# The variable of a foreach from outside is untouched, however the loop is left.
use strict; use warnings;
my $x = 5; eval { for $x (1,2) { die } }; print "die $x\n";
sub nx { no warnings; next OUT } my $y = 7; my $n=0;
OUT: for my $i (1..2) { for $y (1,2) { nx() } } print "dynamic next $y\n";
our $g=3; eval { for $g (1,2) { die } }; print "package $g\n";
my $z=1; L: { for $z (4,5) { last L } } print "last $z\n";
my $c = 'outer'; my $get = sub { $c }; my @in;
for $c (1,2) { push @in, sub { $c }; print $get->(), " " } print $c, " ", join(",", map { $_->() } @in), "\n";
my $e = 'list'; for $e (eval '$e', 2) { print eval '$e . "!"', " "; eval '$e = 9' if $e eq 'list' } print "$e\n";
my @a = (1,2,3); my $w; for $w (@a) { $w *= 2 } continue { $w++ } print "@a ", defined $w ? "def" : "undef", "\n";
my $r; for $r (1..3) { last if $r == 2 } print defined $r ? "def" : "undef", "\n";
sub f { my $v = 1; for $v (1..3) { return $v if $v == 2 } } print f(), "\n";
sub rec { my $d = shift; my $v = 'own'; for $v (1..2) { rec($d-1) if $d } $v } print rec(2), "\n";
{ my $o; for $o (map { bless [$_], 'D' } 1,2) { print "body $$o[0]\n" } print "after\n" } sub D::DESTROY { print "destroy $_[0][0]\n" }
my $k = "k"; for $k (1) { my $inner = $k; for $k ("n$inner") { print "$k " } print "$k " } print "$k\n";
my $gone; eval { for $gone (bless [9], 'D') { die "x\n" } }; print "caught $@";

# The value of a `given` is that of the `when` that matches, wherever it stands.
no warnings;
use feature 'switch';
for my $v (0, 1, "x", [1]) {
    my $s = do { given ($v) { when ($_ eq "0") { "zero" } when ($_ eq "1") { "one" } when ($_ eq "x") { break } "other" } };
    my @l = do { given ($v) { when ($_ eq "0") { (1, 2) } when ($_ eq "1") { () } default { "d", "e" } } };
    print defined $s ? $s : "undef", " [@l]\n";
}
sub g1 { given ($_[0]) { when ($_ == 1) { return "returned" } when ($_ == 2) { "value" } default { break } } }
print "given ", g1(1), " ", g1(2), " ", scalar(g1(3)), "\n";
sub g2 { given ($_[0]) { when ($_ == 1) { "a"; continue } when ($_ < 3) { "b" } } }
print "given ", g2(1), " ", g2(2), " ", scalar(my @none = g2(3)), "\n";
for (1 .. 3) { when ($_ == 2) { print "two\n" } print "not two\n" }
my $void = do { given (5) { if (1) { when ($_ == 5) { "void" } } "never" } };
print defined $void ? "defined" : "undef", "\n";

# A method that need not exist, as the last thing done: `use Module VERSION` of a module without import.
BEGIN { $INC{"Versioned.pm"} = 1 }
sub Versioned::VERSION { print "version $_[1]\n" }
use Versioned 2;
