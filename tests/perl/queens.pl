#!/usr/bin/perl
# N queens four ways: recursion over arrays, bit masks, permutations with a regex,
# and an iterative search with an explicit stack; plus symmetry classes.
use strict;
use warnings;

# 1. recursion
my (@solutions, $nodes);

sub place {
    my ($n, @cols) = @_;
    $nodes++;
    if (@cols == $n) { push @solutions, [@cols]; return }
    COLUMN: for my $c (0 .. $n - 1) {
        for my $r (0 .. $#cols) {
            next COLUMN if $cols[$r] == $c or abs($cols[$r] - $c) == @cols - $r;
        }
        place($n, @cols, $c);
    }
}

for my $n (1 .. 7) {
    @solutions = ();
    $nodes = 0;
    place($n);
    printf "n=%d: %3d solutions, %5d nodes\n", $n, scalar @solutions, $nodes;
}

sub board {
    my @cols = @_;
    return map { my $c = $_; join(' ', map { $_ == $c ? 'Q' : '.' } 0 .. $#cols) . "\n" } @cols;
}
print "first of seven:\n", board(@{ $solutions[0] });

# 2. bit masks
sub bits {
    my ($full, $cols, $left, $right) = @_;
    return 1 if $cols == $full;
    my $count = 0;
    my $free  = $full & ~($cols | $left | $right);
    while ($free) {
        my $bit = $free & -$free;
        $free ^= $bit;
        $count += bits($full, $cols | $bit, ($left | $bit) << 1 & $full, ($right | $bit) >> 1);
    }
    return $count;
}
print "bits: ", join(' ', map { bits((1 << $_) - 1, 0, 0, 0) } 1 .. 9), "\n";

# 3. a regular expression looks for two queens on one diagonal of the written board
sub attacked {
    my ($n, @cols) = @_;
    my $text = join "\n", map { '.' x $_ . 'Q' . '.' x ($n - 1 - $_) } @cols;
    return diagonal($text, $n + 2, $n) || diagonal($text, $n, $n);
}

sub next_column {
    my ($text, $w) = @_;
    return 1 == abs +($+[0] - 1) % $w - $-[0] % $w;
}

sub diagonal {
    my ($text, $step, $n) = @_;
    my $w = $n + 1;
    return 1 if $n < 10 and $text =~ /Q.{@{[ $step - 1 ]}}Q/s && abs($+[0] - 1 - $-[0]) == $step && next_column($text, $w);
    while ($text =~ /Q/g) {
        my $from = pos($text) - 1;
        for (my $p = $from + $step; $p < length $text; $p += $step) {
            last if abs($p % $w - $from % $w) != int($p / $w) - int($from / $w);
            return 1 if substr($text, $p, 1) eq 'Q';
        }
    }
    return 0;
}

my ($perms, $good) = (0, 0);
sub permute {
    my ($done, $todo) = @_;
    unless (@$todo) {
        $perms++;
        $good++ unless attacked(scalar @$done, @$done);
        return;
    }
    for my $i (0 .. $#$todo) {
        my @rest = @$todo;
        my ($pick) = splice @rest, $i, 1;
        permute([ @$done, $pick ], \@rest);
    }
}
permute([], [ 0 .. 5 ]);
print "permutations of 6: $good of $perms are good\n";

# 4. explicit stack; counts solutions for 8 and groups them by symmetry
my @stack = ([]);
my @eight;
while (my $part = pop @stack) {
    if (@$part == 8) { push @eight, $part; next }
    my $row = @$part;
    for my $c (reverse 0 .. 7) {
        push @stack, [ @$part, $c ] unless grep { $part->[$_] == $c || $row - $_ == abs $part->[$_] - $c } 0 .. $row - 1;
    }
}
print scalar(@eight), " for eight, first @{ $eight[0] }, last @{$eight[-1]}\n";

sub rotate { my @q = @_; my @r; $r[ $q[$_] ] = $#q - $_ for 0 .. $#q; @r }
my %class;
for my $s (@eight) {
    my @q = @$s;
    my @forms;
    for (1 .. 2) {
        for (1 .. 4) { push @forms, join '', @q; @q = rotate(@q) }
        @q = reverse @q;
    }
    my ($least) = sort @forms;
    $class{$least}++;
}
printf "%s x%d\n", $_, $class{$_} for sort keys %class;
print scalar(keys %class), " classes\n";
die "wrong number of solutions" unless @eight == 92 and keys %class == 12;
