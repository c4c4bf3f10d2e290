# Values and their places: what is an alias, what keeps its identity, what may not be written.
use v5.36;
no warnings;
my @gaps = (1, 2, 3, 4);
delete $gaps[1];
@gaps = reverse @gaps;
say join ",", map { exists $gaps[$_] ? $gaps[$_] : "-" } 0 .. 3;
sub same { \$_[0] == \$_[1] ? "same" : "different" }
say join " ", same(!0, !0), same(undef, undef), same(("${\''}") x 2), same(("${\''}")[0, 0]), same("a", "a");
for my $v (!1, undef, 3) { eval { $v = 1; 1 } or print $@ =~ s/ at .*//sr, "\n" }
my @long;
$_ *= 2 for ($#long = 4, scalar($#long));
say scalar @long;
my %h = (a => 1);
for ($h{x} || $h{a}) { $_ = 5 }
say join ",", map "$_=$h{$_}", sort keys %h;
my $b5 = 7;
{
    use feature 'refaliasing';
    \$h{a} = \$b5;
}
(my $k, $b5) = each %h;
say "$k $b5";
my @each = qw(a b c);
each @each;
@each = qw(A B C);
say join ",", each @each;
my $ro = sub { $k = $k; $k } for 5;
{
    my @subs;
    for my $x (7) { push @subs, sub { $x = $x; $x } }
    say $subs[0]();
}
my $text = "Hello";
say substr($text, 0, undef, ""), "|", substr($text, 0, -2, ""), "|$text";
{
    local $/ = ")";
    my $ref = [];
    say chomp($ref), ref $ref;
}
my %objects = map +($_ => bless [$_], "Obj"), 1 .. 3;
my @seen;
sub Obj::DESTROY { push @seen, exists $objects{ $_[0][0] } ? "still" : scalar keys %objects; eval { $_[0] = 1 } }
undef %objects;
say join " ", sort @seen;
{
    my $wide = "\xe9";
    my $same = $wide;
    utf8::upgrade($same);
    use bytes;
    say $wide eq $same ? "equal" : "not equal";
}
say for map { eval($_) // $@ =~ s/ at .*//sr } 'for CORE::my Dog $x (1) {}', 'keys undef', 'push bless([]), 1',
    'my @x; @{local $main::y[0]} = 1', 'our @z; local %z[1]', 'our %z; local %z{1}',
    'my @r = 1; Internals::SvREADONLY(@r, 1); unshift @r, ()';

# Constants in a flip-flop are compared with `$.`, which has a value of its own before anything was read.
{
    my @said;
    local $SIG{__WARN__} = sub { push @said, $_[0] =~ /isn't numeric/ ? 'not numeric' : () };
    my $both = "one" .. "two";
    print "flip-flop: $both, @said\n";
    $. = 15;
    print 'line 15: ', scalar(15 .. 0), ', line 16: ', (scalar(16 ... 0) ? 'yes' : 'no'), "\n";
}
our $locked = 1;
print 'lock gives its operand: ', (\lock($locked) == \$locked ? 'yes' : 'no'), "\n";

# An assignment to a parenthesised choice of scalars is a scalar one.
{
    my ($p, $q, $no) = (1, 2, 0);
    print defined(($no ? $p : $q) = undef) ? "defined" : "undefined", "\n";
    my $n = () = (($no ? $p : $q) = (3, 4));
    print "$p $q $n\n";
}
