# Warnings of the compiler about operators that probably mean something else.
use warnings;
our (@a, %h, $x, $y, @b, $r);
BEGIN { $SIG{__WARN__} = sub { print "W: $_[0]" } }

sub slices { $x = @a[0]; $x = @h{'k'}; @h{'k'} = (1); return @a[$y] }
$x = $a[1,2];
$x = !$x == $y;
$x = (!$x) == $y;
$x = !$x =~ /y/;
sub early { return $x and $y }
sub later { next $x or $y while 1 }
"con" . "stant";
2 * 3;
U: "\x{263a}tab\t";
$x = sort @a;
@b = split /,/g, "a,b";
$x = join /-/, 1, 2;
{ no warnings 'syntax'; $x = join /-/, 1, 2; }
sub numeric { my $a; return sort { print; $a <=> $b } @_ }
while (my ($k, $v) = each %{ +{ a => 1 } }) { last }
$x = stat @a;
$SIG{USR1} = early;
(1, 2)[0];
1 < $x < 3;
$_ = "abc";
s/(b)/<\1>/;
$x = "\$_ is $_";
$x = "@unheard_of";
$x = Un::Known::;
$x = "end\E";
$x = /b/c;
sub opt (;$) { 1 }
$x = opt + 4;
sub bad :prototype(@$) { }
eval q{CHECK { 1 }};
eval "sub twice {}\nsub twice {\n}";
print "$_ done\n";
