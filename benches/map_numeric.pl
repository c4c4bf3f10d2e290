# A map with a pure numeric body of about a microsecond; its passes may run in parallel.
use strict;
use warnings;

my $scale = 3;
my $count = 1_000_000;
my @out = map {
    my $x = $_ * $scale;
    my $y = ($x * $x + 17) % 10007;
    my $z = $x - $y / 4;
    $z = $z * $z - $x * $y;
    $y = ($y * 31 + $x) % 997;
    $z + $y * 0.5;
} 1 .. $count;
my $total = 0;
$total += $_ for @out;
print scalar(@out), " values, total $total, last $out[-1]\n";
