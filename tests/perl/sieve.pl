#!/usr/bin/perl
# Primes: plain sieve over an array, bit sieve in a string with vec, segmented sieve,
# wheel generator, factorisation, Goldbach pairs, twin primes, regex primality.
use strict;
use warnings;

my $limit = 20_000;

# plain array
my @composite;
for (my $i = 2; $i * $i <= $limit; $i++) {
    next if $composite[$i];
    for (my $j = $i * $i; $j <= $limit; $j += $i) { $composite[$j] = 1 }
}
my @primes = grep { !$composite[$_] } 2 .. $limit;
printf "%d primes up to %d, last ones @primes[-3 .. -1]\n", scalar @primes, $limit;

# one bit per odd number, in a string
my $bits = '';
vec($bits, $limit / 2, 1) = 0;
for my $i (1 .. int(sqrt($limit) / 2)) {
    next if vec $bits, $i, 1;
    my $p = 2 * $i + 1;
    for (my $j = ($p * $p - 1) / 2; 2 * $j + 1 <= $limit; $j += $p) { vec($bits, $j, 1) = 1 }
}
my $count = 1 + grep { 2 * $_ + 1 <= $limit && !vec $bits, $_, 1 } 1 .. $limit / 2;
print "bit sieve: $count primes in ", length $bits, " bytes, ", unpack('%32b*', $bits), " bits set\n";
print "same result\n" if $count == @primes;

# segmented: primes in a window far out
sub window {
    my ($lo, $hi) = @_;
    my @flag = (1) x ($hi - $lo + 1);
    for my $p (@primes) {
        last if $p * $p > $hi;
        my $start = $p * int(($lo + $p - 1) / $p);
        $start = $p * $p if $start < $p * $p;
        for (my $k = $start; $k <= $hi; $k += $p) { $flag[ $k - $lo ] = 0 }
    }
    return map { $flag[$_] ? $lo + $_ : () } 0 .. $#flag;
}
print "window: @{[ window(100_000_000, 100_000_100) ]}\n";

# factorisation
sub factor {
    my $n = shift;
    my %f;
    for my $p (@primes) {
        last if $p * $p > $n;
        until ($n % $p) { $f{$p}++; $n /= $p }
    }
    $f{$n}++ if $n > 1;
    return join ' * ', map { $f{$_} > 1 ? "$_^$f{$_}" : $_ } sort { $a <=> $b } keys %f;
}
print "$_ = ", factor($_), "\n" for 1024, 9_699_690, 600_851_475_143, 4_294_967_297, 99_999_989, 1_000_000_007;

my %is_prime;
@is_prime{@primes} = ();
my @twins = grep { exists $is_prime{ $_ + 2 } } @primes;
print scalar(@twins), " twin pairs, the last (", $twins[-1], ', ', $twins[-1] + 2, ")\n";

GOLDBACH: for my $even (98, 1000, 9998) {
    for my $p (@primes) {
        next unless exists $is_prime{ $even - $p };
        print "$even = $p + ", $even - $p, "\n";
        next GOLDBACH;
    }
}

# gaps and a histogram of last digits
my ($gap, $at) = (0, 0);
for (1 .. $#primes) {
    my $d = $primes[$_] - $primes[ $_ - 1 ];
    ($gap, $at) = ($d, $primes[ $_ - 1 ]) if $d > $gap;
}
print "largest gap $gap after $at\n";
my @last = (0) x 10;
$last[ $_ % 10 ]++ foreach @primes;
print "digit $_: ", '=' x ($last[$_] / 20), " $last[$_]\n" for grep { $last[$_] } 0 .. 9;

# the unary regex test, and a sum to compare
my @small = grep { (1 x $_) !~ /^1?$|^(11+?)\1+$/ } 1 .. 60;
print "regex: @small\n";
my $sum = 0;
$sum += $_ while ($_ = shift @primes);
print "sum of primes: $sum\n";
