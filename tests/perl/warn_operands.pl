# Names in "Use of uninitialized value": several undefined operands, list items, elements, loops.
use strict;
use warnings;

my ($x, $y, $v, @list, %map);
our ($gx, @glist, %gmap);
my ($i, $k) = (2, 'key');

$v = $x + $gx;
$v = $x . $y;
$v = $x <=> $y;
$v = $x lt $y;
$v = substr $x, $y, $gx;
$v = index "abc", $x, $y;
$v = $list[3] + $x;
$v = $map{one} . $x;
$v = sin $list[$i];
$v = sin $glist[$i + 1];
$v = sin $gmap{$k};
@list = (1, undef);
%map  = (a => 1, "b\n" => undef);
@glist = (undef);
$v = sprintf "%s-%s-%s", $x, "a", @list;
$v = join ',', $x, %map, @glist;
$v = "$x" . 'q' . $map{$k};
$v = $map{$x};
$v = @{[ @list[$x, $y] ]};
"abc" =~ /(x)?/;
$v = "<$1>";
$v = lc $1;
for (undef, 1) { $v = "item $_" }
for my $e (@list) { $v = $e + 1 }
$v = join '', map { "m$_" } @list;
sub arg { return $_[1] . "!" }
arg(1, undef);
print STDERR "a", $y, $list[1], "\n";
printf STDERR "%s %d\n", $x, $gx;
$v = length($x) + 1;
{ no warnings; $v = $x + $y; }
$v = $x + $y;
$v .= $x;
$v += $list[1];
(my $s = $x) =~ s/a/b/;
warn $x, "warned\n";
