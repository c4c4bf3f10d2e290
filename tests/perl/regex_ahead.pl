# Patterns are compiled with the program: what is wrong with them is said then.
use strict;
use warnings;
my $ran = 0;
sub try {
    my $v = eval $_[0];
    my $e = $@ =~ s/\(eval \d+\)/(eval)/gr;
    print defined $v ? $v : "died: $e", "\n";
}
try('$ran = 1; if (0) { "x" =~ /a(b/ }');
print "ran: $ran\n";
{
    local $SIG{__WARN__} = sub { print "warned: $_[0]" };
    try('my $f = sub { /[[:alpha:]-z]/ }; "compiled"');
    try('my $f = sub { no warnings; /[[:alpha:]-z]/ }; "quiet"');
}
try('/\N{U+}/; 1');
try('m\'x\N{no such name}\'; 1');
try('/\N (?#comment){SPACE}/x; 1');
try('/a(?{ f(/; 1');
try('/[\xdf-/i; 1');
# groups of one number keep their own names
for my $s ('a', 'b') {
    $s =~ /(?|(?<a>a)|(?<b>b))/ and print join(',', map { "$_=$+{$_}" } sort keys %+), "\n";
}
# a postponed pattern is compiled by the modifiers at its place
print "aB" =~ /^a(?i)((??{ 'b' }))/ ? 1 : 0, "aB" =~ /^a((??{ 'b' }))/ ? 1 : 0, "\n";
my $q = qr/a((??{ 'b' }))/i;
print "AB" =~ /^$q$/ ? "inner\n" : "outer\n";
# folds that may not mix ASCII and the rest
print join('', map { $_ ? 1 : 0 } "\x{fb06}" =~ /\x{fb05}/iaa, "\x{17f}\x{17f}" =~ /\xdf/iaa, "ss" =~ /\xdf/iaa,
    "\xb5" =~ /(?d:\x{39c})/i), "\n";
# a match that begins in what is replaced ends s///g
my $t = '123456';
pos($t) = 4;
print $t =~ s/\d\d\G/7/g, " $t\n";
# each round has its pos
$_ = 'CCCGGG';
my @n;
s/./push @n, scalar(() = m{[$&]}g); ''/ge;
print "@n\n";
