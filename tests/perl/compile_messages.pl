# Messages of the compiler, and what it accepts.
use strict;
use warnings;

# The count glued to `x` may be written as any number.
print "ab"x2e0, "-"x1_0, "\n";
# A fatal error of the compiler takes the place of those that were queued; with the others it comes last.
for my $text ('$nowhere = sub', '$nowhere = 1; m/a', '$nowhere = 1; BEGIN { 1 }') {
    eval $text;
    print $@;
}
{
    local $SIG{__WARN__} = sub { print @_ };
    eval 'sub { 1 }; 1';
}
# What no token begins with is no reason to forget what was queued.
eval "use feature 'signatures'; sub (\x80) {}";
print $@;
