# What declarations refuse and what they tell: attributes, prototypes, phase blocks, dead `my`.
use strict;
use warnings;
no warnings 'once';
$SIG{__WARN__} = sub { print "warned: $_[0]" };

sub try_code {
    my ($code) = @_;
    print "$code\n";
    eval "#line 1 test\n$code; 1" or print "  ", $@ =~ s/ at test .*//sr, "\n";
}

our %seen;
sub MODIFY_CODE_ATTRIBUTES   { $seen{join ',', @_[2 .. $#_]}++; () }
sub MODIFY_SCALAR_ATTRIBUTES { $seen{"scalar $_[2]"}++; () }
sub Other::MODIFY_SCALAR_ATTRIBUTES { $seen{"other $_[2]"}++; () }

try_code('sub declared : Here;');
try_code('sub defined_one : There(1, 2) Too { }');
try_code('my $x : Plain;');
try_code('my Other $x : Typed;');
try_code('my $x : = 4;');
try_code('my $x := 4;');
try_code('my $x : A::B;');
try_code('sub wrong : One + Two { }');
try_code('sub named : const { }');
print join(" ", sort keys %seen), "\n";

try_code('sub p($) : prototype($$) { } print prototype("p"), "\n"');
try_code('sub q2 : prototype($) : prototype(@) { } print prototype("q2"), "\n"');

try_code('my $never if 0;');
try_code('0 && my ($never, @more);');
try_code('my $fine = 1 if 0;');
try_code('my @r = sort;');
try_code('my $v; my @r = grep $v (1, 2);');
try_code('BEGIN () { print "ran\n" }');

{
    package Known;
    sub new { bless [] }
}
use constant CLASS => 'Known';
try_code('my CLASS $object = CLASS->new; print ref $object, "\n";');

{
    package Reader;
    my $n = 0;
    BEGIN { package main; *Reader::readline = sub { "line " . ++$n . "\n" } }
    print scalar <STDIN>, scalar <$main::handle>;
}

UNITCHECK { print "unitcheck\n" }
