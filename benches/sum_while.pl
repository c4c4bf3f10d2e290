# An integer sum in a while loop.
use strict;
use warnings;

my $count = 30_000_000;
my $sum = 0;
my $i = 0;
while ($i < $count) {
    $sum = ($sum + $i * 3) & 0xffffff;
    $i++;
}
print "$sum\n";
