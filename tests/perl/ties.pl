#!/usr/bin/perl
# tie: a scalar with history, an array with bounds and a log, an ordered hash that
# ignores case, a handle that counts; untie, tied, and DESTROY of the tie objects.
use strict;
use warnings;

package History;
sub TIESCALAR { my ($class, @start) = @_; return bless { past => [@start], reads => 0 }, $class }
sub FETCH { my $self = shift; $self->{reads}++; return $self->{past}[-1] }
sub STORE { my ($self, $v) = @_; push @{ $self->{past} }, $v; return }
sub undo  { my $self = shift; pop @{ $self->{past} } if @{ $self->{past} } > 1; return $self->{past}[-1] }
sub UNTIE { my ($self, $refs) = @_; print "  untie with $refs inner references\n" }
sub DESTROY { my $self = shift; print "  history of ", scalar @{ $self->{past} }, " values, $self->{reads} reads\n" }

package Bounded;
sub TIEARRAY  { my ($class, $max) = @_; bless { max => $max, data => [], log => [] }, $class }
sub note      { my $self = shift; push @{ $self->{log} }, join ' ', @_ }
sub FETCH     { my ($self, $i) = @_; $self->note('get', $i); $self->{data}[$i] }
sub FETCHSIZE { my $self = shift; scalar @{ $self->{data} } }

sub STORE {
    my ($self, $i, $v) = @_;
    die "index $i beyond $self->{max}\n" if $i >= $self->{max};
    $self->note('set', $i, $v // 'undef');
    $self->{data}[$i] = $v;
}
sub STORESIZE { my ($self, $n) = @_; $self->note('size', $n); $#{ $self->{data} } = $n - 1 }
sub PUSH    { my $self = shift; $self->STORE($self->FETCHSIZE, $_) for @_; $self->FETCHSIZE }
sub POP     { my $self = shift; $self->note('pop'); pop @{ $self->{data} } }
sub SHIFT   { my $self = shift; $self->note('shift'); shift @{ $self->{data} } }
sub UNSHIFT { my $self = shift; $self->note('unshift'); unshift @{ $self->{data} }, @_ }
sub CLEAR   { my $self = shift; $self->note('clear'); @{ $self->{data} } = () }
sub EXTEND  { }
sub EXISTS  { my ($self, $i) = @_; exists $self->{data}[$i] }
sub DELETE  { my ($self, $i) = @_; $self->note('delete', $i); delete $self->{data}[$i] }

sub SPLICE {
    my ($self, $off, $len, @new) = @_;
    $self->note('splice', $off, $len, @new);
    return splice @{ $self->{data} }, $off, $len, @new;
}

package Ordered;
sub TIEHASH  { my $class = shift; my $self = bless { order => [], of => {}, at => 0 }, $class; while (@_) { $self->STORE(splice @_, 0, 2) } $self }
sub FETCH    { my ($self, $k) = @_; my $e = $self->{of}{ lc $k }; $e ? $e->[1] : undef }
sub STORE    { my ($self, $k, $v) = @_; my $id = lc $k; push @{ $self->{order} }, $id unless $self->{of}{$id}; $self->{of}{$id} = [ $k, $v ] }
sub EXISTS   { my ($self, $k) = @_; exists $self->{of}{ lc $k } }
sub DELETE   { my ($self, $k) = @_; my $id = lc $k; @{ $self->{order} } = grep { $_ ne $id } @{ $self->{order} }; my $e = delete $self->{of}{$id}; $e && $e->[1] }
sub CLEAR    { my $self = shift; @{ $self->{order} } = (); %{ $self->{of} } = () }
sub FIRSTKEY { my $self = shift; $self->{at} = 0; $self->NEXTKEY }
sub NEXTKEY  { my $self = shift; my $id = $self->{order}[ $self->{at}++ ]; defined $id ? $self->{of}{$id}[0] : undef }
sub SCALAR   { my $self = shift; 'ordered:' . @{ $self->{order} } }

package Counting;
sub TIEHANDLE { my ($class, @lines) = @_; bless { in => [@lines], out => '', calls => 0 }, $class }
sub PRINT     { my $self = shift; $self->{calls}++; $self->{out} .= join(defined $, ? $, : '', @_) . (defined $\ ? $\ : ''); 1 }
sub PRINTF    { my $self = shift; my $f = shift; $self->PRINT(sprintf $f, @_) }
sub READLINE  { my $self = shift; wantarray ? splice @{ $self->{in} } : shift @{ $self->{in} } }
sub GETC      { my $self = shift; my $c = substr $self->{in}[0], 0, 1, ''; shift @{ $self->{in} } if $self->{in}[0] eq ''; $c }
sub EOF       { !@{ $_[0]{in} } }
sub CLOSE     { my $self = shift; "closed after $self->{calls} calls" }

package main;

print "scalar\n";
tie my $x, 'History', 1;
$x = 5;
$x += 10;
$x .= '!';
print "x is $x, undone to ", tied($x)->undo, ", now $x\n";
my $copy = $x;
($x, my $y) = ($x + 1, $x + 2);
$x++;
print "copy $copy, x $x, y $y, past @{ tied($x)->{past} }\n";
untie $x;
print "after untie: ", defined $x ? $x : 'undef', "\n";

print "array\n";
my $obj = tie my @a, 'Bounded', 5;
@a = (3, 1, 2);
push @a, 9;
$a[1] += 40;
print "sorted: @{[ sort { $a <=> $b } @a ]}, last $a[-1], count ${\ scalar @a}, max index $#a\n";
my ($p) = splice @a, 1, 2, 'm';
print "spliced out $p: @a; popped ", pop @a, "; shifted ", shift @a, "; exists: ", (exists $a[0] ? 1 : 0), (exists $a[3] ? 1 : 0), "\n";
unshift @a, 'u', 'v';
$_ .= '*' for @a;
print join('|', map { $_ } @a), "\n";
$#a = 0;
eval { push @a, 1 .. 9 };
print "error: $@size is now ", scalar @a, "\n";
undef @a;
print "log: ", join('; ', @{ $obj->{log} }), "\n";

print "hash\n";
tie my %h, 'Ordered', Zulu => 26, alpha => 1, Mike => 13;
$h{ALPHA}++;
$h{new}{deep} = 'viv';
print join(', ', map { "$_=" . (ref $h{$_} ? 'ref' : $h{$_}) } keys %h), "\n";
print "exists: ", (exists $h{zULU} ? 'yes' : 'no'), ", deleted ", delete $h{ZULU}, ", scalar ", scalar(%h), ", deep $h{NEW}{deep}\n";
while (my ($k, $v) = each %h) { print "each $k\n" }
my %plain = %h;
print "plain: ", join(' ', sort keys %plain), "\n";
{ local $h{mike} = 'temporary'; print "local: $h{Mike}\n" }
print "restored: $h{Mike}, slice: @h{qw(alpha mike)}\n";
%h = ();
print "empty: ", (%h ? 'no' : 'yes'), "\n";

print "handle\n";
tie *FH, 'Counting', "first line\n", "second line\n", "xyz";
{ local ($,, $\) = (':', "\n"); print FH 'a', 'b'; }
printf FH '%03d|%s', 7, 'end';
my $line = <FH>;
print "read $line", "char ", getc FH, ", rest ", join('', <FH>), ", eof ", (eof(FH) ? 1 : 0), "\n";
print "written: ", tied(*FH)->{out} =~ s/\n/\\n/r, "\n", close(FH), "\n";
my $old = select FH;
print 'into the tie';
select $old;
print "tied is ", ref tied *FH, ", calls ", (tied *FH)->{calls}, "\n";
untie *FH;
print "done: ", (defined tied(*FH) ? 'still tied' : 'free'), "\n";
{ tie my $short, 'History', 'x'; $short = 'y'; }
print "end\n";

# Inside its own methods a tied scalar is an ordinary one; AUTOLOAD serves as a method; a class name may be empty.
{
    package Self;
    our $var;
    sub TIESCALAR { bless [] }
    sub FETCH     { print "fetch, seen ", $var // 'undef', "\n"; 'fetched' }
    sub STORE     { print "store $_[1], seen $var\n"; $var = "kept $_[1]" }
    package Auto;
    our $AUTOLOAD;
    sub TIEHASH { bless {} }
    sub AUTOLOAD { print "$AUTOLOAD(@_[1 .. $#_])\n"; $AUTOLOAD =~ /EXISTS/ }
}
sub TIEARRAY { bless [], 'main' }
sub FETCHSIZE { 2 }
sub FETCH { "element $_[1]" }
tie $Self::var, 'Self';
$Self::var = 5;
my $got = $Self::var;
print "$got; tied to ", ref tied $Self::var, "\n";
tie my %auto, 'Auto';
print "exists\n" if exists $auto{x};
$auto{y} = 3;
delete $auto{z};
untie %auto;
tie my @nameless, '';
print "@nameless\n";

# Each during insertion ends; keys asked for beforehand are there.
{
    my $warned = 0;
    local $SIG{__WARN__} = sub { $warned++ if $_[0] =~ /after insertion without resetting/ };
    my %h = map { $_ => 1 } 'a' .. 'f';
    keys(%h) = 100;
    while (my ($k) = each %h) { $h{"$k$k"} = 1 }
    print "inserting while iterating: ", $warned ? 'warned' : 'silent', "\n";
}
