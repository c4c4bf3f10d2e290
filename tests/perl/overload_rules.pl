#!/usr/bin/perl
# Which method serves an operator: every class below overloads little, every line asks for one operator.
# Then: order of destruction, bit operators on what is no number.
use strict;
no warnings;


my $n = 0;
for my $fallback ('undef', 0, 1) {
    for my $ops (['""'], ['+', '""'], ['+=', '""'], ['cmp', '0+'], ['<=>', '-', '""'], ['nomethod', '='], ['bool', '""']) {
        my $class = 'K' . ++$n;
        my $args  = sub { my $op = shift; "[$op " . join(',', map { !defined $_ ? 'undef' : ref $_ ? 'obj' : "'$_'" } @_) . ']' };
        my $list  = join ', ', map { my $op = $_; $op eq '=' ? "'=' => sub { bless {}, '$class' }" : "'$op' => sub { \$args->('$op', \@_) }" } @$ops;
        eval "package $class; use overload $list, fallback => $fallback; 1" or die $@;
        print "$class: @$ops, fallback $fallback\n";
        for my $code ('$o - 1', '1 - $o', '$o eq 1', '$o < 1', '$o . "a"', '-$o', '!$o', 'abs $o', '"$o"', '$p = $o; $p++; $p', '$p = $o; $p += 1; $p', '$p = $o; $p x= 2; $p', '<$o>', '-e $o', 'no overloading; "$o" =~ /HASH/') {
            my $o = bless {}, $class;
            my $p;
            my $r = eval $code;
            my $e = $@ =~ s/\n\s*/ /gr =~ s/ at \(eval.*//sr;
            $r = 'undef' unless defined $r;
            print "  $code: ", $e ? "dies: $e" : ref $r ? 'an object' : $r =~ /HASH|\d{7}/ ? 'an address' : $r, "\n";
        }
    }
}

package Thing;
sub new { my ($class, $name, @kept) = @_; bless { name => $name, kept => \@kept }, $class }
sub DESTROY { print " $_[0]{name}" }

package main;
print "nested:";
{ my $r = [ map { [ Thing->new("a$_"), Thing->new("b$_") ] } 1 .. 2 ]; undef $r }
print "\ntree:";
{ my $t = Thing->new('top', Thing->new('l', map { Thing->new($_) } 1, 2), Thing->new('r', map { Thing->new($_) } 3, 4)); my $x = $t->{kept}[1]{name}; }
print "\n";

my ($ref, $undef) = [];
print "bits: ", join(' ', ($ref | '') eq "$ref" ? 1 : 0, ($ref | $ref) eq "$ref" ? 1 : 0, '<' . ($undef | $undef) . '>', '<' . ~$undef . '>', ($undef | 'a'), ($undef ^ 3), ~$ref == ~(0 + $ref) ? 1 : 0), "\n";

# ++ may assign to its argument; x += x does not copy; <> of an object through <${name}>; qr; constants in evals.
{
    package Sym;
    use overload '++' => sub { $_[0] = bless ["${$_[0]}[0]+"] }, '--' => sub { $_[0] = bless [substr $_[0][0], 1] }, '+=' => sub { $_[0][0] .= $_[1][0]; $_[0] },
        '=' => sub { $main::copies++; bless [@{ $_[0] }] }, 'bool' => sub { length $_[0][0] }, '<>' => sub { shift @{ $_[0] } }, 'qr' => sub { qr/$_[0][0]/ };
    package main;
    our $copies = 0;
    my $s = bless ['abc'], 'Sym';
    my $old = $s++;
    my $n = 0;
    my $left = bless ['xyz'], 'Sym';
    $n++ while $left--;
    print "$old->[0] $s->[0] $n ";
    $copies = 0;
    $s += $s;
    print "$s->[0] $copies\n";
    my $lines = bless [1 .. 3], 'Sym';
    print "line $_\n" while $_ = <${lines}>;
    print 'xabcx' =~ $old ? "matches\n" : "no match\n";
    my @ref = \1;
    print "spaced: $ {$ref[0]} $ n\n";
    BEGIN { overload::constant(integer => sub { 23 }) }
    print eval '17', "\n";
    BEGIN { overload::remove_constant(integer => 0) }
}

# A method given by name is told from a sub that is called `nil`.
{
    package Named { use overload '+' => 'plus', '-' => \&nil; sub plus { 'plus' } sub nil { 'own nil' } }
    my $x = bless [], 'Named';
    print $x + 1, ', ', $x - 1, "\n";
}
