# A sum over a counted for loop with a constant modulus; its passes may run in parallel.
use strict;
use warnings;

my $runs = 1;
my $sum = 0;
for my $i (1 .. 10_000_000) {
    $sum += $i * $i % 7;
}
print "$runs: $sum\n";
