# What ends where: `return` in sort blocks, loop controls and `goto` at callbacks, the levels of `caller`.
use strict;
use warnings;

sub by { my @r = sort { for (1) { return $a <=> $b } } @_; "@r" }
print by(10, 9, 100), "\n";
print join(" ", sort { return $b cmp $a if $a; 0 } qw(x z y)), "\n";

for my $code ('last', 'next L', 'goto L', 'goto &by') {
    no warnings 'exiting';
    L: for (1) {
        eval "my \@r = sort { $code } 2, 1; 1" or print "$code: ", $@ =~ s/ at .*//sr, "\n";
        my $cmp = eval "sub { $code }";
        eval { my @r = sort $cmp 2, 1; 1 } or print "$code: ", $@ =~ s/ at .*//sr, "\n";
    }
}

{
    local $SIG{__WARN__} = sub { print "warned: ", $_[0] =~ s/ at .*//sr, "\n" };
    sub leave { last }
    for (1) { eval { leave() } }
    for (1) { eval q(next) }
}

sub levels {
    my $n = 0;
    while (my ($p, undef, undef, $s, $has, $want, $text, $req) = caller $n++) {
        print join("|", $p, $s, $has ? 1 : 0, map $_ // '-', $text, $req), "\n";
    }
    print "--\n";
}
sub pass { &levels }
pass(1);
eval { eval 'levels(1)' };
BEGIN { levels() }

{
    package Guard;
    sub new { bless { code => $_[1] } }
    sub DESTROY { $_[0]{code}->() }
}
eval {
    my $g = Guard->new(sub { print "unwinding with $@" });
    die "reason\n";
};
print "after: $@";
eval {
    $@ = "old\n";
    my $g = Guard->new(sub { print "leaving with $@" });
    1;
};
print "after: [$@]\n";
