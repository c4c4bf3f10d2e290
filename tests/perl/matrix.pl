#!/usr/bin/perl
# Matrices as arrays of arrays: product, transpose, determinant, inverse, solving,
# powers, LU, spiral walk, rotation in place, and shape errors.
use strict;
use warnings;

sub identity { my $n = shift; [ map { my $i = $_; [ map { $_ == $i ? 1 : 0 } 0 .. $n - 1 ] } 0 .. $n - 1 ] }
sub shape { my $m = shift; return (scalar @$m, scalar @{ $m->[0] }) }

sub show {
    my ($name, $m, $fmt) = @_;
    $fmt ||= '%8.3f';
    print "$name:\n";
    for my $row (@$m) {
        my $line = join ' ', map { my $v = abs($_) < 1e-12 ? 0 : $_; sprintf $fmt, $v } @$row;
        print "  [$line]\n";
    }
}

sub mul {
    my ($p, $q) = @_;
    my ($pr, $pc) = shape($p);
    my ($qr, $qc) = shape($q);
    die "cannot multiply ${pr}x$pc by ${qr}x$qc" if $pc != $qr;
    my @out;
    for my $i (0 .. $pr - 1) {
        for my $j (0 .. $qc - 1) {
            my $sum = 0;
            $sum += $p->[$i][$_] * $q->[$_][$j] for 0 .. $pc - 1;
            $out[$i][$j] = $sum;
        }
    }
    return \@out;
}

sub transpose {
    my $m = shift;
    return [ map { my $c = $_; [ map { $_->[$c] } @$m ] } 0 .. $#{ $m->[0] } ];
}

sub power {
    my ($m, $e) = @_;
    my $result = identity(scalar @$m);
    while ($e > 0) {
        $result = mul($result, $m) if $e & 1;
        $m = mul($m, $m);
        $e >>= 1;
    }
    return $result;
}

# Gauss-Jordan on a copy, with partial pivoting; returns (determinant, reduced right side).
sub eliminate {
    my ($m, $rhs) = @_;
    my @a = map { [@$_] } @$m;
    my @b = map { [@$_] } @$rhs;
    my $n = @a;
    my $det = 1;
    for my $col (0 .. $n - 1) {
        my $pivot = $col;
        for my $r ($col + 1 .. $n - 1) { $pivot = $r if abs $a[$r][$col] > abs $a[$pivot][$col] }
        return (0, undef) if abs $a[$pivot][$col] < 1e-9;
        if ($pivot != $col) {
            @a[ $col, $pivot ] = @a[ $pivot, $col ];
            @b[ $col, $pivot ] = @b[ $pivot, $col ];
            $det = -$det;
        }
        my $p = $a[$col][$col];
        $det *= $p;
        $_ /= $p for @{ $a[$col] }, @{ $b[$col] };
        for my $r (0 .. $n - 1) {
            next if $r == $col;
            my $f = $a[$r][$col] or next;
            $a[$r][$_] -= $f * $a[$col][$_] for 0 .. $#{ $a[$r] };
            $b[$r][$_] -= $f * $b[$col][$_] for 0 .. $#{ $b[$r] };
        }
    }
    return ($det, \@b);
}

sub cofactor_det {
    my @m = @_;
    return $m[0][0] if @m == 1;
    my $det = 0;
    for my $c (0 .. $#m) {
        my @minor = map { my @r = @$_; splice @r, $c, 1; \@r } @m[ 1 .. $#m ];
        $det += (-1)**$c * $m[0][$c] * cofactor_det(@minor);
    }
    return $det;
}

my $m = [ [ 2, 1, -1, 3 ], [ 1, 3, 2, 0 ], [ 1, 0, 0, 2 ], [ 4, -1, 5, 1 ] ];
show('m', $m, '%4d');
show('transposed', transpose($m), '%4d');
my ($det, $inv) = eliminate($m, identity(4));
printf "determinant %.6f and by cofactors %d\n", $det, cofactor_det(@$m);
show('inverse', $inv);
show('m * inverse', mul($m, $inv), '%5.2f');
my (undef, $x) = eliminate($m, [ [5], [6], [7], [8] ]);
print 'solution: ', join(', ', map { sprintf '%.4f', $_->[0] } @$x), "\n";

my $fib = power([ [ 1, 1 ], [ 1, 0 ] ], 90);
print "fib(90) = $fib->[0][1], fib(91) = $$fib[0][0]\n";
my ($zero) = eliminate([ [ 1, 2 ], [ 2, 4 ] ], identity(2));
print "singular: $zero\n";

# Spiral and rotation
my $k = 0;
my @grid = map { [ map { ++$k } 1 .. 5 ] } 1 .. 4;
my @spiral;
my @rest = map { [@$_] } @grid;
while (@rest) {
    push @spiral, @{ shift @rest };
    @rest = reverse map { my $c = $_; [ map { $_->[$c] } @rest ] } 0 .. $#{ $rest[0] } if @rest;
}
print "spiral: @spiral\n";
my @square = map { [ split // ] } qw(abcd efgh ijkl mnop);
for my $i (0 .. $#square) {
    for my $j ($i + 1 .. $#square) { ($square[$i][$j], $square[$j][$i]) = ($square[$j][$i], $square[$i][$j]) }
}
@$_ = reverse @$_ for @square;
print "rotated: ", join('/', map { join '', @$_ } @square), "\n";
print "column sums: ", join(' ', map { my $c = $_; my $s = 0; $s += $_->[$c] for @grid; $s } 0 .. 4), "\n";
print "diagonal of a sparse one: ";
my @sparse;
$sparse[$_][$_] = $_ * 1.5 for 1, 3;
print join(',', map { $sparse[$_][$_] // '-' } 0 .. 4), " rows ", scalar(@sparse), "\n";
mul([ [ 1, 2, 3 ] ], [ [ 1, 2 ] ]);
