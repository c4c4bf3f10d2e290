#!/usr/bin/perl
# Closures and iterators: counters, lazy streams, currying, memoising,
# shared and separate captures, recursion through a captured variable.
use strict;
use warnings;

sub counter {
    my ($from, $step) = @_;
    $step //= 1;
    my $n = $from;
    return {
        next  => sub { my $old = $n; $n += $step; $old },
        reset => sub { $n = $from },
        peek  => sub { $n },
    };
}

my $c1 = counter(10);
my $c2 = counter(1, 3);
$c1->{next}->() for 1 .. 4;
print join(' ', map { $c2->{next}() } 1 .. 5), "\n";
print "c1 at ", $c1->{peek}->(), ", c2 at ", $c2->{peek}->(), "\n";
$c1->{reset}->();
print "after reset ", &{ $c1->{peek} }(), "\n";

# Lazy streams built from iterators.  An iterator returns the empty list at its end.
sub from_list { my @items = @_; sub { @items ? shift @items : () } }
sub upto { my ($lo, $hi) = @_; sub { $lo <= $hi ? $lo++ : () } }

sub imap(&$) {
    my ($f, $it) = @_;
    sub { my @v = $it->() or return; local $_ = $v[0]; $f->() };
}

sub igrep(&$) {
    my ($f, $it) = @_;
    sub {
        while (my ($v) = $it->()) {
            local $_ = $v;
            return $v if $f->();
        }
        return;
    };
}

sub take { my ($n, $it) = @_; my @out; while ($n-- > 0) { my ($v) = $it->() or last; push @out, $v } @out }
sub izip { my @its = @_; sub { my @row = map { my @v = $_->(); @v ? $v[0] : return } @its; [@row] } }
sub chain { my @its = @_; sub { while (@its) { my @v = $its[0]->(); return $v[0] if @v; shift @its } return } }

my $odd_squares = igrep { $_ % 2 } imap { $_ * $_ } upto(1, 1000);
print "odd squares: @{[ take(6, $odd_squares) ]}\n";
print "and then: @{[ take(3, $odd_squares) ]}\n";

my $rows = izip(from_list(qw(a b c d)), upto(1, 3));
while (my $r = $rows->()) { print "zip: @$r\n" }
print "chain: ", join(',', take(99, chain(upto(1, 3), from_list(qw(x y)), upto(7, 8)))), "\n";

# Every pass of a loop has its own variable; closures in one scope share theirs.
my @adders;
for my $k (1 .. 3) { push @adders, sub { $_[0] + $k } }
print "adders: @{[ map { $_->(100) } @adders ]}\n";
my @shared;
{ my $x = 0; push @shared, sub { ++$x } for 1 .. 3; }
print "shared: ", join(' ', map { $_->() } @shared, @shared), "\n";

# Currying and composition
sub curry { my $f = shift; my @pre = @_; sub { $f->(@pre, @_) } }
sub compose { my @f = reverse @_; return sub { my @a = @_; @a = $_->(@a) for @f; wantarray ? @a : $a[0] } }
my $volume = sub { my $p = 1; $p *= $_ for @_; $p };
my $area2  = curry($volume, 2);
print "curried: ", $area2->(3, 7), ' ', curry($area2, 5)->(11), "\n";
my $shout = compose(sub { "$_[0]!" }, sub { uc $_[0] }, curry(sub { join $_[0], @_[1 .. $#_] }, '-'));
print $shout->(qw(come here now)), "\n";

# Memoised recursion with a call counter
my $calls = 0;
sub memoize { my $f = shift; my %seen; sub { my $key = join $;, @_; $seen{$key} //= $f->(@_) } }
my $fib;
$fib = memoize(sub { my $n = shift; $calls++; $n < 2 ? $n : $fib->($n - 1) + $fib->($n - 2) });
print "fib(80) = ", $fib->(80), " in $calls calls\n";

# A permutation generator that keeps its state between calls.
sub permuter {
    my @p    = 0 .. $#_;
    my @item = @_;
    my $done = !@item;
    return sub {
        return if $done;
        my @now = @item[@p];
        my $i = $#p - 1;
        $i-- while $i >= 0 && $p[$i] > $p[ $i + 1 ];
        if ($i < 0) { $done = 1; return @now }
        my $j = $#p;
        $j-- while $p[$j] < $p[$i];
        @p[ $i, $j ] = @p[ $j, $i ];
        @p[ $i + 1 .. $#p ] = reverse @p[ $i + 1 .. $#p ];
        @now;
    };
}
my $perm = permuter(qw(r g b));
while (my @p = $perm->()) { print "@p; " }
print "\n";

# state-like variables in a bare block, string eval capturing a lexical
{ my $ticket = 41; sub ticket { return ++$ticket } }
print "tickets: ", ticket(), ' ', ticket(), "\n";
my $base = 7;
my $late = eval 'sub { $base ** shift }' or die $@;
$base = 3;
print "late binding: ", $late->(4), "\n";
