# B, the everyday part: names of subs, flags of values, quoting.
use strict;
use warnings;
use B qw(svref_2object perlstring cstring class SVf_IOK SVf_NOK SVf_POK SVf_ROK SVp_IOK SVp_POK);

sub foo { 1 }
sub Bar::baz { 2 }
my $anon = sub { 3 };
for my $c (\&foo, \&Bar::baz, $anon) {
    my $cv = svref_2object($c);
    my $gv = $cv->GV;
    print join(' ', ref $cv, ref $gv, $gv->STASH->NAME, $gv->NAME, $cv->STASH->NAME, ref $cv->START), "\n";
}
print 'line ', svref_2object(\&foo)->START->line, "\n";
my @values = (1, 1.5, 'x', '1', undef, \1, [], !!1, !!0, "\x{100}", -1, ~0);
for my $i (0 .. $#values) {
    my $o = svref_2object(\$values[$i]);
    my $f = $o->FLAGS;
    my @on = map { $_->[0] } grep { $f & $_->[1] }
        [i => SVf_IOK], [n => SVf_NOK], [p => SVf_POK], [r => SVf_ROK], [u => B::SVf_IVisUV], [w => B::SVf_UTF8];
    print "$i ", ref $o, " @on\n";
}
for my $s ("a\"b\$c\@d\\\n\t\0\e\x{1f}", "\x{263a}\n\"\$x", '??=', "\x{e9}") {
    print perlstring($s), ' ', cstring($s), "\n";
}
# B objects of real perl do not keep what they describe.
my ($list, $hash, $object, $re, $text, $one) = ([1, 2, 3], { a => 1 }, bless([], 'Some'), qr/x/, 'text', 1);
my $av = svref_2object($list);
print class($av), ' ', $av->FILL, ' ', join(',', map { $_->int_value } $av->ARRAY), "\n";
print svref_2object($hash)->KEYS, ' ', svref_2object(\%Bar::)->NAME, "\n";
print svref_2object($object)->SvSTASH->NAME, "\n";
print ref svref_2object(\*STDOUT)->IO, ' ', svref_2object(\*STDOUT)->SAFENAME, "\n";
print svref_2object(\$text)->PV, ' ', ${ svref_2object(\$one) } != 0 ? 'address' : '', "\n";
print ref svref_2object($re), "\n";
