# ~~ and given/when: the table of meanings, and what a topicaliser gives.
use strict;
use warnings;
use feature qw(say switch smartmatch);

package Whole { use overload '~~' => sub { $_[2] ? "right" : "left" }, '""' => sub { "whole" } }
package main;

my @n = (1 .. 5);
my %h = (red => 1, blue => 2);
my $obj = bless {}, 'Whole';
my $plain = bless [], 'Plain';
my @tests = (
    [1, '1.0'], ['1', '1.0'], ['a', 'a'], [undef, undef], [undef, ''], ['', undef],
    [3, \@n], [9, \@n], [\@n, [1 .. 5]], [\@n, [1, 2]], [[[1], 2], [[1], 2]], [undef, [1, undef]],
    ['red', \%h], ['green', \%h], [['x', 'blue'], \%h], [{ red => 0, blue => 0 }, \%h], [qr/^b/, \%h],
    ['foobar', qr/oba/], [[qw(x yz)], qr/z/], [\%h, qr/^g/],
    [4, sub { $_[0] > 3 }], [[4, 2], sub { $_[0] > 3 }], [{}, sub { 0 }],
    [1, $obj], [$obj, 'text'], [$plain, qr/^Plain/],
);
say join ' ', map { my ($l, $r) = @$_; no warnings; ($l ~~ $r) || 0 } @tests;
say eval { 1 ~~ $plain } // $@ =~ s/ at .*//sr;
my @loop = (1); push @loop, \@loop;
say @loop ~~ @loop ? 'same' : 'other';
say @n[1, 2] ~~ [2, 3] ? 'slice' : 'no slice';
say undef ~~ undef ? 'undef' : 'no undef';

sub kind {
    no warnings "numeric";
    given ($_[0]) {
        when (undef)       { return 'nothing' }
        when ([1 .. 3])    { return 'small' }
        when ($_ > 100)    { continue }
        when (/^\d+$/)     { return 'number' }
        return 'red thing' when /red/;
        when (\%h)         { return 'colour' }
        default            { 'other' }
    }
}
say join ', ', map { kind($_) } undef, 2, 50, 500, 'reddish', 'blue', 'tree';
my $v = do { given (7) { when (7) { 'seven' } 'not reached' } };
my @v = do { given (8) { when (7) { 'seven' } @n } };
say "$v @v";
for (1 .. 4) {
    when (2) { say 'two' }
    when (4) { say 'four' }
    say "not $_";
}
my $x = 1;
given ($x) { $_++; break if $x == 2; say 'never' }
say $x;
