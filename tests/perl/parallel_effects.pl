# Loops whose passes may not simply run side by side: output, exceptions, shared data, and sums next to overflow.
use strict;
use warnings;

sub section { print "== $_[0]\n" }

section('a loop that prints');
for my $i (1 .. 40) {
    print "line $i of the loop\n" if $i % 7 == 0;
    print $i, $i % 20 ? ' ' : "\n";
}

section('a map that prints');
my @squares = map { print "square of $_\n" if $_ % 25 == 0; $_ * $_ } 1 .. 100;
print "last $squares[-1] of ", scalar(@squares), "\n";

section('a loop that dies at element 1000');
my ($seen, $sum) = (0, 0);
my $ok = eval {
    for my $i (1 .. 5000) {
        die "element $i is bad\n" if $i == 1000;
        $seen++;
        $sum += $i * 3 % 11;
    }
    1;
};
print defined $ok ? 'passed' : "stopped: $@";
print "seen $seen, sum $sum\n";

section('a map that dies at element 1000');
my $calls = 0;
my @half = eval { map { $calls++; die { at => $_ } if $_ == 1000; $_ / 2 } 1 .. 5000 };
print "error at $@->{at} after $calls calls, ", scalar(@half), " values\n";

section('division by zero in the middle');
my $quotients = 0;
eval {
    for my $i (0 .. 3000) {
        $quotients += 6000 / (1500 - $i);
    }
};
print $@ =~ s/ at .*//sr, ", sum so far ", sprintf('%.6f', $quotients), "\n";

section('a loop that writes a shared hash');
my %count;
for my $i (1 .. 3000) {
    $count{ $i * $i % 13 }++;
    $count{last} = $i;
}
print join(', ', map { "$_=$count{$_}" } sort keys %count), "\n";

section('a loop that writes an array it reads');
my @chain = (1);
for my $i (1 .. 2000) {
    $chain[$i] = ($chain[ $i - 1 ] * 7 + $i) % 1009;
}
print "$chain[1] $chain[1000] $chain[2000]\n";

section('a loop through a closure');
my $state = 0;
my $step = sub { $state = ($state * 5 + $_[0]) % 4096 };
$step->($_) for 1 .. 2500;
print "state $state\n";

section('warnings come in order');
local $SIG{__WARN__} = sub { print "warning: ", $_[0] =~ s/ at .*//sr, "\n" };
my @mixed = (1 .. 500, 'five hundred', 502 .. 900, undef, 902 .. 1000);
my $total = 0;
for my $x (@mixed) {
    $total += $x;
}
print "total $total\n";

section('sums at the edge of integers');
my $big = 9223372036854775000;
for my $i (1 .. 2000) {
    $big += $i % 3;
}
print "$big\n";
my $wrap = 0;
for my $i (1 .. 2000) {
    $wrap = $wrap ^ ($i * 2654435761 & 0xffffffff);
}
print "$wrap\n";

section('last, next and redo');
my ($turns, $again, $found) = (0, 0, undef);
for my $i (1 .. 4000) {
    next if $i % 2;
    if ($i == 100 && !$again) { $again = 1; redo }
    $turns++;
    if ($i > 2999) { $found = $i; last }
}
print "turns $turns, found $found\n";

section('the loop variable is an alias');
my @numbers = (1 .. 1200);
$_ *= 2 for @numbers;
for my $n (@numbers) { $n++ }
print "$numbers[0] $numbers[599] $numbers[1199]\n";

section('an object is destroyed in every pass');
{
    package Token;
    my $alive = 0;
    sub new { $alive++; bless {}, shift }
    sub DESTROY { $alive-- }
    sub alive { $alive }
}
my $most = 0;
for my $i (1 .. 1500) {
    my $t = Token->new;
    $most = Token::alive() if Token::alive() > $most;
}
print "most $most, left ", Token::alive(), "\n";
die "the end at element ", 1000, "\n" for 1 .. 3;
