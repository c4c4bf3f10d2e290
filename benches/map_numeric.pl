# A map with a pure numeric body of about a microsecond of compiled code; its passes may run in parallel.
use strict;
use warnings;

my $scale = 31;
my $count = 300_000;
my @out = map {
    my $x = $_ * $scale;
    my $n = 0;
    while ($n < 60) {
        $x = ($x * $scale + $n) % 10007;
        $n++;
    }
    $x * 0.5 + $_;
} 1 .. $count;
my $total = 0;
my $i = 0;
while ($i < $count) {
    $total += $out[$i];
    $i += 1000;
}
print scalar(@out), " values, total $total, last $out[-1]\n";
