# Nested while loops over floating point numbers: the Mandelbrot set on a grid.
use strict;
use warnings;

my $width = 600;
my $height = 400;
my $limit = 100;
my $inside = 0;
my $steps = 0;
my $row = 0;
while ($row < $height) {
    my $ci = $row * 2.4 / $height - 1.2;
    my $col = 0;
    while ($col < $width) {
        my $cr = $col * 3.2 / $width - 2.2;
        my $zr = 0;
        my $zi = 0;
        my $n = 0;
        while ($n < $limit) {
            my $r2 = $zr * $zr;
            my $i2 = $zi * $zi;
            last if $r2 + $i2 > 4;
            $zi = 2 * $zr * $zi + $ci;
            $zr = $r2 - $i2 + $cr;
            $n++;
        }
        $steps += $n;
        $inside++ if $n == $limit;
        $col++;
    }
    $row++;
}
print "$inside points inside, $steps steps\n";
