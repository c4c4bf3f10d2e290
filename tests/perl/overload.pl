#!/usr/bin/perl
# Operator overloading: exact fractions, vectors with swapped operands, a lazy string,
# iterators through <>, code and array dereferencing, copy constructor, fallback rules.
use strict;
use warnings;

package Frac;
use overload
    '+'    => sub { my ($x, $y) = args(@_); Frac->new($x->{n} * $y->{d} + $y->{n} * $x->{d}, $x->{d} * $y->{d}) },
    '-'    => sub { my ($x, $y) = args(@_); Frac->new($x->{n} * $y->{d} - $y->{n} * $x->{d}, $x->{d} * $y->{d}) },
    '*'    => sub { my ($x, $y) = args(@_); Frac->new($x->{n} * $y->{n}, $x->{d} * $y->{d}) },
    '/'    => sub { my ($x, $y) = args(@_); Frac->new($x->{n} * $y->{d}, $x->{d} * $y->{n}) },
    '**'   => \&power,
    '<=>'  => sub { my ($x, $y) = args(@_); $x->{n} * $y->{d} <=> $y->{n} * $x->{d} },
    'neg'  => sub { Frac->new(-$_[0]{n}, $_[0]{d}) },
    'abs'  => sub { Frac->new(abs $_[0]{n}, $_[0]{d}) },
    'bool' => sub { $_[0]{n} != 0 },
    '0+'   => sub { $_[0]{n} / $_[0]{d} },
    '""'   => sub { $_[0]{d} == 1 ? $_[0]{n} : "$_[0]{n}/$_[0]{d}" },
    fallback => 1;

sub gcd { my ($x, $y) = map { abs } @_; ($x, $y) = ($y, $x % $y) while $y; $x }

sub new {
    my ($class, $n, $d) = (@_, 1);
    die "zero denominator\n" unless $d;
    ($n, $d) = (-$n, -$d) if $d < 0;
    my $g = gcd($n, $d) || 1;
    return bless { n => $n / $g, d => $d / $g }, $class;
}
sub args { my ($x, $y, $swapped) = @_; $y = Frac->new($y) unless ref $y; return $swapped ? ($y, $x) : ($x, $y) }

sub power {
    my ($base, $exp, $swapped) = @_;
    return $exp**($base->{n} / $base->{d}) if $swapped;
    return $exp < 0 ? Frac->new($base->{d}**-$exp, $base->{n}**-$exp) : Frac->new($base->{n}**$exp, $base->{d}**$exp);
}

package Vec;
use overload
    '+'   => sub { Vec->new(map { $_[0][$_] + $_[1][$_] } 0 .. $#{ $_[0] }) },
    '-'   => sub { my ($p, $q, $swap) = @_; ref $q or $q = [ ($q) x @$p ]; ($p, $q) = ($q, $p) if $swap; Vec->new(map { $p->[$_] - $q->[$_] } 0 .. $#$p) },
    '*'   => sub { my ($p, $q) = @_; return Vec->new(map { $_ * $q } @$p) unless ref $q; my $s = 0; $s += $p->[$_] * $q->[$_] for 0 .. $#$p; $s },
    'x'   => sub { my ($p, $q) = @_; Vec->new($p->[1] * $q->[2] - $p->[2] * $q->[1], $p->[2] * $q->[0] - $p->[0] * $q->[2], $p->[0] * $q->[1] - $p->[1] * $q->[0]) },
    '+='  => sub { my ($p, $q) = @_; $p->[$_] += $q->[$_] for 0 .. $#$p; $p },
    '++'  => sub { $_++ for @{ $_[0] }; $_[0] },
    '='   => sub { Vec->new(@{ $_[0] }) },
    '=='  => sub { "@{$_[0]}" eq "@{$_[1]}" },
    'abs' => sub { sqrt($_[0] * $_[0]) },
    '""'  => sub { '<' . join(' ', @{ $_[0] }) . '>' };
sub new { my $class = shift; bless [@_], $class }

package Lazy;
use overload '""' => sub { $_[0]() }, 'fallback' => 1;
sub new { my ($class, $code) = @_; my $n = 0; bless sub { $n++; $code->($n) }, $class }

package Count;
use overload
    '<>'   => sub { my $s = shift; $$s->{at} < $$s->{to} ? ++$$s->{at} : undef },
    '&{}'  => sub { my $s = shift; sub { $$s->{at} = shift // 0; $s } },
    '@{}'  => sub { my $s = shift; [ $$s->{at} + 1 .. $$s->{to} ] },
    'bool' => sub { 1 },
    '-X'   => sub { "test -$_[1]" },
    '~~'   => sub { 0 },
    'cmp'  => sub { my ($l, $r, $sw) = @_; ($sw ? -1 : 1) * ($$l->{to} cmp (ref $r ? $$r->{to} : $r)) };
sub new { my ($class, $to) = @_; my $h = { at => 0, to => $to }; bless \$h, $class }

package Strict;
use overload '+' => sub { 'added' }, fallback => 0;

package Late;    # methods named by string, found through inheritance
use overload '""' => 'text', '+' => 'plus';
sub new  { bless { v => $_[1] }, $_[0] }
sub text { "late($_[0]{v})" }
sub plus { ref($_[0])->new($_[0]{v} . '+' . (ref $_[1] ? $_[1]{v} : $_[1])) }
package Later;
our @ISA = 'Late';
sub text { 'later:' . $_[0]{v} }

package main;

my ($half, $third) = (Frac->new(1, 2), Frac->new(1, 3));
print "$half + $third = ", $half + $third, "; 1 - third = ", 1 - $third, "; half / 4 = ", $half / 4, "\n";
print "powers: ", $third**2, ' ', $third**-2, ' ', 16**$half, "; negative ", -$half, ", absolute ", abs(-$half), "\n";
my $sum = 0;
$sum += Frac->new(1, $_) for 1 .. 10;
print "harmonic(10) = $sum ~ ", sprintf('%.6f', $sum), "\n";
print "sorted: @{[ sort { $a <=> $b } $sum, $half, 1, $third, Frac->new(-7, 3) ]}\n";
print "truth: ", (Frac->new(0, 5) ? 'yes' : 'no'), ' ', ($half ? 'yes' : 'no'), ' ', !$half ? 1 : 0, "; equal ", ($half == Frac->new(2, 4) ? 1 : 0), ($half == 0.5 ? 1 : 0), ("$half" eq '1/2' ? 1 : 0), "\n";
print "derived: ", sqrt(Frac->new(9, 4)), ' ', int(Frac->new(7, 2)), ' ', $half < $third ? 'less' : 'more', ' ', cos(Frac->new(0)), "\n";
eval { $half / 0 };
print "error: $@";

my ($u, $v) = (Vec->new(1, 2, 3), Vec->new(4, 5, 6));
print "vectors: ", $u + $v, ' ', $v - $u, ' ', 10 - $u, ' ', $u * $v, ' ', $u * 3, ' ', $u x $v, ' ', sprintf('%.4f', abs $v), "\n";
my $w = $u;
$w += $v;
print "+= is in place: $w and $u\n";
my $before = $u;
my $copy   = $u;
$copy++;
print "++ copies: $before, $copy; post ", $v++, ", then $v\n";
print "same: ", ($before == Vec->new(5, 7, 9) ? 'yes' : 'no'), "\n";

my $lazy = Lazy->new(sub { "call $_[0]" });
print "$lazy, $lazy, ", $lazy . '!', ' ', length $lazy, ' ', $lazy eq 'call 5' ? 'matched' : 'missed', "\n";

my $count = Count->new(4);
while (defined(my $n = <$count>)) { print "<$n>" }
print " again ", join(',', @{ $count->(2) }), " third ", $count->(0)[2], ' ', -e $count, ' ', $count lt '5' ? 'lt' : 'ge', "\n";
my $strict = bless {}, 'Strict';
print $strict + 1, "\n";
for my $code (sub { $strict - 1 }, sub { "$strict" }, sub { $u eq '<1 2 3>' }, sub { $half eq '1/2' }, sub { $half . '' x 1 }, sub { $u / 2 }) {
    my $r = eval { $code->() };
    print defined $r ? "result $r\n" : 'error: ' . join(' / ', map { s/^\s+|\s+$//gr } split /\n/, $@) =~ s/0x[0-9a-f]+/ADDR/gr . "\n";
}
print Later->new('a') + Later->new('b'), ' ', Late->new(1) + 2, ' ', overload::Overloaded('Later') ? 1 : 0, ' ', ref overload::Method($half, '+'), ' ', overload::StrVal($lazy) =~ /^Lazy=CODE\(0x[0-9a-f]+\)$/ ? 'plain' : '?', "\n";
{
    package Roman;
    my @pairs = ([ 10, 'X' ], [ 9, 'IX' ], [ 5, 'V' ], [ 4, 'IV' ], [ 1, 'I' ]);
    sub show { my $n = ${ $_[0] }; my $r = ''; for (@pairs) { while ($n >= $_->[0]) { $r .= $_->[1]; $n -= $_->[0] } } $r }
    sub import { overload::constant(integer => sub { my ($text) = @_; bless \(my $n = $text), 'Roman' }) }
    sub unimport { overload::remove_constant(integer => 0) }
    use overload '+' => sub { my ($l, $r) = @_; my $s = $$l + (ref $r ? $$r : $r); bless \$s, 'Roman' }, '""' => \&show;
}
BEGIN { Roman->import }
print 14 + 5, ' ', 3, "\n";
BEGIN { Roman->unimport }
print 14 + 5, "\n";
