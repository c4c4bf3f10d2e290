#!/usr/bin/perl
# goto: forwards, backwards, out of and into constructs, out of subs and evals, computed, refused.
use strict;
use warnings;
no warnings 'deprecated';

my $n = 0;
AGAIN: $n++;
goto AGAIN if $n < 3;
print "n $n\n";

goto INSIDE;
{
    print "not printed\n";
  INSIDE:
    my $x = 'in the block';
    print "$x\n";
}
for my $i (1, 2) {
    if ($i == 1) { goto OTHER }
    else { OTHER: print "other $i\n" }
}
while ($n) { goto OUT if $n-- == 2; print "loop $n\n" }
OUT: print "out $n\n";

sub jumper { my $label = shift; local $_ = 'local'; goto $label }
sub deeper { jumper(@_); print "never\n" }
{
    my @seen = ('start');
    deeper('LANDED');
    push @seen, 'skipped';
  LANDED:
    push @seen, 'landed';
    print "@seen\n";
}
my $times = 0;
BACK: $times++;
eval 'goto BACK if $times < 3; 1' or print $@;
print "times $times\n";
eval { goto PAST; 1 } and print "not reached\n";
PAST: print "past the eval\n";

sub first_label { my $r = ''; { goto L; L: $r .= 'near'; } goto DONE; L: $r .= 'far'; DONE: $r }
print first_label(), "\n";
my $do = do { goto MIDDLE; 'skipped'; MIDDLE: 'value of do' };
print "$do\n";

for my $code (
    sub { goto NOWHERE },
    sub { my $l = ''; goto $l },
    sub { goto },
    sub { for (1) { LOOP: } goto LOOP },
    sub { my @l = (1, do { ITEM: 2 }); goto ITEM if @l },
    sub { eval { goto &first_label }; die $@ },
    sub { eval 'goto &first_label'; die $@ },
    ) {
    eval { $code->(); 1 } and print "survived\n";
    print $@;
}
{
    my @w;
    local $SIG{__WARN__} = sub { push @w, @_ };
    use warnings;
    goto WARNED;
    if ($n) { WARNED: print scalar(@w), " ", $w[0] =~ /jump into a construct/ ? "deprecated\n" : "?\n" }
}
