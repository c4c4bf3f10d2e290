# Aliasing by reference, declared references, and lvalue subs.
use v5.36;
no warnings;
use feature qw(refaliasing declared_refs);

my ($x, $y, $z) = (1, 2, 3);
(\my $p, \my(@rest)) = \($x, $y, $z);
$_ *= 10 for $p, @rest;
say "$x $y $z";

my @b = ((\my $q, my $plain) = (\$x, 7));
say "$q $plain ", scalar(@b), " ", $b[0] == \$x ? "same" : "other";
{
    our @slots = (1 .. 3);
    local \(@slots[0, 2]) = \($x, $z);
    say "@slots";
    \my %h = { a => 1 };
    \@h{"b", "c"} = \($y, $z);
    $h{b}++;
    say "$y ", join ",", map "$_=$h{$_}", sort keys %h;
}
say "@main::slots";
for (1, 2) {
    \state @once = [$_];
    say "@once";
}
$x == 10 ? \my $c : $p = \$z;
say $c;
my \$dr = \$y;
my (\@da, $n) = ([4, 5], 6);
say "$dr @da $n";
for my \%e ({ k => 1 }, { k => 2 }) { print "$e{k} " }
say "";
for my $text (
    '(\pos) = 42', '\my(%b) = 42', '\local(@b) = 42', '\%{"42"} = 42', '\(do {}) = 1',
    'my \$x ** 1', 'local \$x ** 1', '\$x = 3; 1', '(\@x) = {}; 1', '\$x =~ y/a/b/ = 1')
{
    no strict;
    say $@ =~ s/ at .*//sr unless eval $text;
}

my (%h, @a, $v);
sub elem : lvalue { $h{$_[0]} }
sub whole : lvalue { @a }
sub deep : lvalue { return elem(@_) }
sub mixed : lvalue { $v, @a }
elem("a") = 1;
deep($_) = $_ for "b", "c";
$h{c} = [];
elem("a") .= "x";
push @{ deep("c") }, 3, 4;
elem("d")->{k} = 5;
(whole()) = (1 .. 3);
(mixed()) = (7 .. 9);
say "$h{a} $h{b} @{$h{c}} $h{d}{k} $v @a";
sub plain { 1 }
sub temp : lvalue { index "abc", "b" }
sub fixed : lvalue { 3 }
sub none : lvalue { undef }
my $code = \&plain;
for my $text ('plain() = 1', '&plain = 1', '$code->() = 1', 'temp() = 1', 'fixed() = 1', 'none() = 1; 1') {
    say $@ =~ s/ at .*//sr unless eval $text;
}
sub context : lvalue { $v = wantarray ? "list" : "scalar"; $v }
context() =~ tr/a-z/A-Z/;
say $v;
${\ (context() || 0)} = "seen";
say $v;
sub AUTOLOAD : lvalue { no strict 'refs'; *{ our $AUTOLOAD } }
bless([])->made = sub { "made" };
say made();
