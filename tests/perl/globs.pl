#!/usr/bin/perl
# local and typeglobs: dynamic scope, localised elements and special variables,
# aliases, generated subs, constants, file handles in globs, symbol table walks.
use strict;
use warnings;

our ($level, @stack, %conf) = ('outer');
%conf = (color => 'red', depth => 1);
@stack = (1, 2, 3);

sub where { return "$level/@stack/" . join ',', map { "$_=$conf{$_}" } sort keys %conf }

sub nested {
    local $level = "$level>inner";
    local @stack = (@stack, 'x');
    local $conf{depth} = $conf{depth} + 1;
    local $conf{extra} = 'new';
    return where() if $conf{depth} > 2;
    return nested();
}
print where(), "\n", nested(), "\n", where(), "\n";
eval { local $level = 'dying'; local $stack[1] = 'B'; die where() . "\n" };
print "died in $@", where(), "\n";
{ local @conf{qw(color depth)} = ('blue', 9); delete local $conf{color}; print where(), "\n" }
print where(), "\n";

# special variables
{
    local $, = '-';
    local $\ = "!\n";
    print 'a', 'b', 'c';
    local $" = '+';
    print "@stack[0,1]";
}
{ local $/ = ';'; my @parts = <DATA>; chomp @parts; print scalar(@parts), " parts: ", join('|', map { s/\n/\\n/gr } @parts), "\n" }
for my $sep ("\t", ',') { local $; = $sep; my %h; $h{1, 2} = 1; print join('', map { s/\t/TAB/r } keys %h), "\n" }
local $_ = 'topic';
{ local $_ = 'inner topic'; s/inner/local/; print "$_\n" }
print "$_\n";

# aliases through globs
our ($orig, @orig, %orig) = ('scalar');
@orig = qw(l i s t);
{
    no strict 'refs';
    our ($alias, @alias);
    *alias = *orig;
    $alias = 'changed through the alias';
    push @alias, '!';
    print "$orig, @orig\n";
    our @only;
    *only = \@orig;
    our $only = 'own scalar';
    $only[0] = 'L';
    print "$only, @orig, $orig\n";
}
sub swap_first { our (@p, @q); local (*p, *q) = @_; ($p[0], $q[0]) = ($q[0], $p[0]) }
our @left  = (1, 2);
our @right = (8, 9);
swap_first(*left, *right);
print "@left / @right\n";

# generated subs, constants, replaced and wrapped subs
for my $color (qw(red green)) {
    no strict 'refs';
    *{$color} = *{"make_$color"} = sub { my $t = shift; "<$color>$t</$color>" };
}
print red('stop'), make_green('go'), ' ', join(',', map { defined &$_ ? 1 : 0 } qw(red blue make_red)), "\n";
*PI = \3.14159;
our $PI;
print "PI is $PI; ", eval { $PI = 3; 1 } ? "changed\n" : "constant: " . $@ =~ s/ at .*//sr . "\n";
sub greet { "hello @_" }
{
    no warnings 'redefine';
    my $old = \&greet;
    local *greet = sub { uc($old->(@_)) . '!' };
    print greet('you'), "\n";
}
print greet('you'), "\n";
BEGIN { *shout = sub (&@) { my $f = shift; map { uc $f->($_) } @_ } }
print join(' ', shout { "$_[0]." } qw(x y)), "\n";

# file handles live in globs too
sub numbered { my $fh = shift; my $n = 0; map { ++$n . ":$_" } <$fh> }
open(TEXT, '<', \"one\ntwo\n") or die $!;
print numbered(*TEXT), numbered(\*TEXT);
close TEXT;
{
    local *STDOUT;
    open STDOUT, '>', \my $buffer or die;
    print "captured\n";
    close STDOUT;
    print STDERR "stderr still works, buffer has ", length $buffer, " bytes\n";
}
open my $copy, '>&', \*STDOUT or die "dup: $!";
select((select($copy), $| = 1)[0]);
print $copy "through a duplicate\n";
print "glob: ", *orig, ' ', ref \*orig, ' ', *orig{PACKAGE}, ' ', *orig{NAME}, ' ', ref *orig{ARRAY}, ' ', defined *orig{CODE} ? 'code' : 'no code', "\n";

# walking a symbol table
package Zoo { our ($lion, @wolves, %apes) = (1); @wolves = (1); sub feed { } sub clean { } our $VERSION = '1.2' }
for my $name (sort keys %Zoo::) {
    next if $name =~ /^BEGIN$/;
    no strict 'refs';
    my $g = \$Zoo::{$name};
    my @has;
    push @has, 'scalar' if ref $g eq 'GLOB' && defined ${ *$g{SCALAR} };
    push @has, 'array'  if ref $g eq 'GLOB' && *$g{ARRAY};
    push @has, 'hash'   if ref $g eq 'GLOB' && *$g{HASH};
    push @has, 'code'   if defined &{"Zoo::$name"};
    print "$name: @has\n";
}
print "Zoo ", Zoo->VERSION, ' ', Zoo->can('feed') ? 'feeds' : 'starves', "\n";
undef &Zoo::feed;
print eval { Zoo::feed(); 1 } ? "fed\n" : $@;
delete $Zoo::{clean};
print Zoo->can('clean') ? "clean\n" : "dirty\n";
__DATA__
first;second
line;third
