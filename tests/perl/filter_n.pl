#!/usr/bin/perl -lan
# A line filter: -n loops over the input, -l handles line ends, -a splits into @F.
# It audits a ledger from standard input and the files named on the command line.
use strict;
use warnings;

our (%sum, %seen, @order, $entries, $last_file);

BEGIN {
    print "ledger audit";
    @order = ();
    $entries = 0;
}

$last_file = '' unless defined $last_file;
if ($ARGV ne $last_file) {
    print "== $ARGV";
    $last_file = $ARGV;
}

next if /^\s*#/ or !@F;
last if $F[0] eq 'STOP';

if (/^include\b/ .. /^end\b/) {
    print "   [block] $_" unless /^(?:include|end)\b/;
    next;
}

unless (@F >= 3 and $F[1] =~ /^[-+]?\d+(?:\.\d+)?$/) {
    warn "$ARGV line $.: cannot use '$_'\n";
    next;
}

my ($account, $amount, @why) = @F;
push @order, $account unless exists $sum{$account};
$sum{$account} += $amount;
$seen{ lc $_ }++ for @why;
$entries++;
print sprintf '%5d  %-10s %10.2f  %s', $., $account, $amount, "@why[0 .. ($#why > 1 ? 1 : $#why)]";

# Line numbers restart with every file, as -n alone would not do.
close ARGV if eof;

# The -n loop closes around the program text; what stands here runs for every line,
# and the END block runs once after the last.
sub balance {
    my $name = shift;
    my $v    = $sum{$name};
    return $v < 0 ? sprintf '(%.2f)', -$v : sprintf '%.2f', $v;
}

END {
    print "-- $entries entries";
    print join "\t", $_, balance($_) for @order;
    my @top = sort { $seen{$b} <=> $seen{$a} || $a cmp $b } keys %seen;
    print "words: @top[0 .. 3]";
    print "output separator is ", (defined $\ ? join('', map { sprintf '\\%03o', ord } split //, $\) : 'undef');
    my $all = 0;
    $all += $_ for values %sum;
    print "total $all";
    $? = 4 if $all < 0;
}
