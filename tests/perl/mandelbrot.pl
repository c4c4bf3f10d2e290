#!/usr/bin/perl
# The Mandelbrot set as text: nested while loops over floating point numbers, smooth
# shading, a histogram, a zoom, a Julia set, and a portable greymap checked by its sum.
use strict;
use warnings;

sub escape_time {
    my ($cr, $ci, $limit) = @_;
    my ($zr, $zi, $n) = (0, 0, 0);
    while ($n < $limit) {
        my ($r2, $i2) = ($zr * $zr, $zi * $zi);
        last if $r2 + $i2 > 4;
        $zi = 2 * $zr * $zi + $ci;
        $zr = $r2 - $i2 + $cr;
        $n++;
    }
    return $n;
}

my @shade = split //, ' .:-=+*#%@';

sub render {
    my ($x0, $x1, $y0, $y1, $w, $h, $limit, $f) = @_;
    my @picture;
    for my $row (0 .. $h - 1) {
        my $ci   = $y1 - ($y1 - $y0) * ($row + 0.5) / $h;
        my $line = '';
        for my $col (0 .. $w - 1) {
            my $cr = $x0 + ($x1 - $x0) * ($col + 0.5) / $w;
            my $n  = $f->($cr, $ci, $limit);
            $line .= $n >= $limit ? $shade[-1] : $shade[ $n % $#shade ];
        }
        push @picture, $line;
    }
    return @picture;
}

my @whole = render(-2.2, 0.8, -1.2, 1.2, 66, 24, 60, \&escape_time);
print "$_\n" for @whole;
my %symmetric = map { $_ => 0 } qw(yes no);
$symmetric{ $whole[$_] eq $whole[ -1 - $_ ] ? 'yes' : 'no' }++ for 0 .. $#whole / 2;
print "mirrored row pairs: $symmetric{yes}, not mirrored: $symmetric{no}\n";

# plain nested while loops, integer and float counters, no calls
my ($y, $inside, $steps) = (-1.25, 0, 0);
while ($y <= 1.25) {
    my $x = -2;
    while ($x <= 0.5) {
        my $zr = 0;
        my $zi = 0;
        my $k  = 0;
        while ($k < 100 and $zr * $zr + $zi * $zi < 4) {
            my $t = $zr * $zr - $zi * $zi + $x;
            $zi = 2 * $zr * $zi + $y;
            $zr = $t;
            $k++;
        }
        $steps += $k;
        $inside++ if $k == 100;
        $x += 0.05;
    }
    $y += 0.05;
}
printf "grid: %d inside, %d steps, area about %.3f\n", $inside, $steps, $inside * 0.05**2;

# histogram of escape times
my @hist;
for my $i (0 .. 39) {
    for my $j (0 .. 39) { $hist[ escape_time(-2 + $i / 16, -1.25 + $j / 16, 32) ]++ }
}
for my $n (grep { $hist[$_] } 0 .. $#hist) {
    next if $hist[$n] < 12;
    printf "%2d %4d %s\n", $n, $hist[$n], '#' x sqrt $hist[$n];
}

# zoom into the sea horses
print "$_\n" for render(-0.755, -0.735, 0.095, 0.115, 40, 14, 200, \&escape_time);

# Julia set through a closure
sub julia {
    my ($kr, $ki) = @_;
    return sub {
        my ($zr, $zi, $limit) = @_;
        for (my $n = 0; $n < $limit; $n++) {
            return $n if $zr * $zr + $zi * $zi > 4;
            ($zr, $zi) = ($zr * $zr - $zi * $zi + $kr, 2 * $zr * $zi + $ki);
        }
        return $limit;
    };
}
print "$_\n" for render(-1.6, 1.6, -1, 1, 50, 14, 50, julia(-0.8, 0.156));

# greymap bytes and their sum; smooth colouring uses log
my $pgm = "P5\n32 32\n255\n";
my ($sum, $smooth) = (0, 0);
for my $p (0 .. 1023) {
    my ($cr, $ci) = (-2 + ($p % 32) * 3 / 32, -1.5 + int($p / 32) * 3 / 32);
    my $n = escape_time($cr, $ci, 255);
    $pgm .= chr $n;
    $sum += $n;
    $smooth += log($n + 1) / log 2;
}
printf "greymap: %d bytes, sum %d, smooth %.6f, checksum %u\n", length $pgm, $sum, $smooth, unpack '%32C*', $pgm;
