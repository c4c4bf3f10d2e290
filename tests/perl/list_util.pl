# Functions of List::Util and Scalar::Util: blocks with $_ and with $a and $b, pairs, copies, weak references.
use strict;
use warnings;
use List::Util qw(sum sum0 max min first any all none reduce reductions uniq uniqnum uniqint pairs pairkeys pairmap
    pairgrep product maxstr zip mesh head tail notall);
use Scalar::Util qw(blessed reftype refaddr looks_like_number dualvar weaken isweak);

print join("|", sum(1 .. 4), sum0(), product(2, 3, 4.5), max(3, 9, 2), min(3, -1, 2), maxstr("a", "c", "b")), "\n";
print first { $_ > 2 } 1 .. 5;
print "\n";
print join(",", map { $_ ? "yes" : "no" } (any { $_ == 2 } 1, 2, 3), (all { $_ } 1, 0), (none { $_ } 0, 0),
    (notall { $_ } 1, 1)), "\n";
print reduce { $a * $b } 1 .. 6;
print "\n", join(",", reductions { $a + $b } 1 .. 5), "\n";
print join(",", uniqnum(1, 1.0, "1.0", 2, "3")), " ", join(",", uniqint(1.5, 1, 2)), " ",
    scalar(uniq("a", "b", "a")), "\n";
print join(",", map { "@$_" } pairs(1 .. 6)), " ", (pairs(1, 2))[0]->value, "\n";
print join(",", pairkeys(1 .. 6)), " ", join(",", pairmap { "$a-$b" } 1 .. 4), " ",
    join(",", pairgrep { $b > 2 } 1 .. 4), "\n";
print join("|", map { "@$_" } zip [1, 2], [3, 4]), " ", join(",", mesh [1, 2], ['a', 'b']), "\n";
print join(",", head(2, 1 .. 5)), " ", join(",", tail(-2, 1 .. 5)), "\n";

my $o = bless [], 'Foo';
print blessed($o), " ", reftype($o), " ", refaddr($o) == 0 + $o ? "same" : "other", "\n";
print join(",", map { looks_like_number($_) ? 1 : 0 } "1", "1a", " 1", "0x1", "Inf", "nan", "", "1e5"), "\n";
my $d = dualvar(5, "five");
print $d + 1, " $d\n";
my $strong = {};
my $weak   = $strong;
weaken($weak);
print isweak($weak) ? "weak" : "strong", "\n";
undef $strong;
print defined $weak ? "alive" : "gone", "\n";
my @m = (1, 2);
first { $_ = 7 } @m;
print "@m\n";
