# Every kind of place that the op `swap` can exchange with another.
use strict;
use warnings;
my ($x, $y) = (1, "b");
swap($x, $y);
print "slots $x $y\n";
for my $i (0 .. 1000) { swap($x, $y) }
print "1001 times $x $y\n";
our ($p, $q) = ([1], {});
swap($p, $q);
print "package variables ", ref $p, " ", ref $q, "\n";
my @a = (1, 2, 3);
swap($a[0], $a[-1]);
print "elements @a\n";
my %h = (a => 1);
swap($h{a}, $h{b});
print "new element ", join(",", map { "$_=" . ($h{$_} // "undef") } sort keys %h), "\n";
my ($r, $s) = (10, 20);
my $ref = \$r;
swap($r, $s);
print "referenced $$ref $r $s\n";
sub by_alias { swap($_[0], $_[1]) }
by_alias($r, $s);
print "aliases $r $s\n";
swap($x, $x);
print "itself $x\n";
my $c;
my $closure = sub { swap($c, $x) };
$c = 7;
$closure->();
print "captured $c $x\n";
{ local $_ = 5; swap($_, $y); print "topic $_ $y\n" }
my @l = (3, 1, 2, 9, 4);
for my $i (0 .. $#l) {
    for my $j ($i + 1 .. $#l) { swap($l[$i], $l[$j]) if $l[$i] > $l[$j] }
}
print "sorted @l\n";
eval q{swap($x, $y); print "evaluated $x $y\n"};
swap(my $new, $y);
print "declared $new ", defined $y ? "defined" : "undef", "\n";
swap(substr($new, 0, 1), $h{b});
print "substr $new $h{b}\n";
{
    my ($o, $n) = (bless([], 'Object'), 1);
    swap($o, $n);
    sub Object::DESTROY { print "destroyed\n" }
    undef $n;
    print "in time $o\n";
}

package Logged {
    sub TIESCALAR { bless [$_[1]] }
    sub FETCH { print "fetch\n"; $_[0][0] }
    sub STORE { print "store $_[1]\n"; $_[0][0] = $_[1] }
}
tie my $tied, 'Logged', 5;
my $u = 9;
swap($tied, $u);
print "tied $u\n";
