# Doubles at the edges where perl begins to compute with integers: sums of squares, -0.0, 1e15 and beyond, NaN.
use strict;
use warnings;

my $inf = 9**9**9;
my $nan = $inf - $inf;
my $tiny = -1e-300 * 1e-300;

sub show { join ' ', map { sprintf '%s', $_ } @_ }

# A loop like Mandelbrot's whose values leave every range sooner or later.
sub orbit {
    my ($x, $y, $bound, $most) = @_;
    my ($a, $b, $n) = ($x, $y, 0);
    while ($n < $most) {
        my $a2 = $a * $a;
        my $b2 = $b * $b;
        last if $a2 + $b2 > $bound;
        $b = 2 * $a * $b + $y;
        $a = $a2 - $b2 + $x;
        $n++;
    }
    return show($n, $a, $b);
}

for my $bound (4, 1e10, 1e15, 1e17, 1e300, $inf) {
    for my $start ([0.25, 0.5], [1, 0], [-2, 0], [1.5, -0.25], [3, 4], [-1, 0.0], [0, -1], [$tiny, 0.5]) {
        print "bound $bound from @$start: ", orbit(@$start, $bound, 60), "\n";
    }
}
print 'not a number: ', orbit($nan, 0.5, 4, 5), "\n";
print 'infinite: ', orbit($inf, 0.5, 4, 5), ' ', orbit(0.5, $inf, $inf, 5), "\n";

# Squares of integral doubles: exact integers up to 2**64, as perl multiplies them.
for my $x (31622776.0, 31622777.0, 94906265.5, 94906267.0, 3037000499.0, 4294967295.0, 4294967296.0) {
    my ($sum, $last) = (0, 0);
    for my $k (1 .. 60) {
        my $y = $x + 0.5 - 0.5;
        my $square = $y * $y;
        $sum = $square;
        my $more = $square + 1.0;
        $last = $more - $square;
    }
    print show($x, $sum, $last), "\n";
}

# Zeros with a sign.
my @zeros;
for my $k (1 .. 40) {
    my $sum = $tiny + $tiny;
    my $less = $tiny - 0.0;
    my $whole = $tiny * 1.0;
    my $half = $tiny * 0.5;
    my $cold = -0.25 * 0;
    my $int = -1.0 * 0.0;
    my $big = 1e300 * $tiny;
    @zeros = map { sprintf '%g', $_ } $sum, $less, $whole, $half, $cold, $int, $big, $sum + $half, $half - $sum;
}
print "@zeros\n";

# Sums and products that become wide in the middle of a loop.
my ($sum, $product, $difference) = (0.5, 1.5, -0.5);
for my $k (1 .. 70) {
    $sum += $sum;
    $product *= 2.0;
    $difference -= 1e14;
    print show($k, $sum, $product, $difference), "\n" if $k % 10 == 0 || $k > 48 && $k < 53;
}

# Counters that are checked against something first.
my ($i, $top, $steps) = (9223372036854775800, 9223372036854775807, 0);
while ($i < $top) {
    $i++;
    $steps++;
}
print show($i, $steps, $i + 1), "\n";
