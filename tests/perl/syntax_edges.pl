# Corners of the parser: what ends a text, names, formats as closures, blocks passed as arguments.
use strict;
use warnings;

sub try_it {
    my ($what, $code) = @_;
    my @warned;
    local $SIG{__WARN__} = sub { push @warned, @_ };
    my $v = eval $code;
    my $err = $@ // '';
    print "$what: ", defined $v ? $v : 'undef', "\n";
    print "  warned: $_" for @warned;
    print map "  $_\n", split /\n/, $err;
}

try_it 'digits',       '${007}';
try_it 'long name',    'for my $' . 'n' x 300 . ' (1) {}';
try_it 'empty deref',  '${}';
try_it 'open hash',    '[{{';
try_it 'open index',   'our %h; $h{1';
try_it 'open paren',   '{ print(';
try_it 'doubtful minus', 'my $n = lc-1; $n';
try_it 'prototype',    'sub pq($); sub pq { 1 } pq()';
try_it 'first argument', 'no strict; method {} {a => 1}';
try_it 'retired category', 'no warnings "experimental::signatures"; 5';
try_it 'q with a comma', 'ref eval "{ q,x, }"';

sub show { print "args: @_\n" }
show(do { my $t = 'inner'; $t }, do { my @l = (1, 2); @l });

my @made;
sub maker {
    my $n = shift;
    push @made, sub {
        my $x = "clone $n";
        format CLONED =
@<<<<<<<<<
$x
.
        local $~ = 'CLONED';
        write;
    };
}
maker($_) for 1, 2;
$_->() for @made;

sub idle { my $z = 1;
format IDLE =
@<<<<<
defined $z ? 'bound' : 'free'
.
}
{
    local $SIG{__WARN__} = sub { print "warned: @_" };
    local $~ = 'IDLE';
    write;
}

print "" . "${
#line 100
_}" if @made > 5;
print __LINE__, "\n";
print 'no semicolon at the end'
# but a comment
__END__
never looked at
