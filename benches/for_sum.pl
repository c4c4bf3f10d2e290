# A sum over a counted for loop; its passes may run in parallel.
use strict;
use warnings;

my $base = 7;
my $sum = 0;
for my $i (1 .. 10_000_000) {
    $sum += $i * $i % $base;
}
print "$sum\n";
