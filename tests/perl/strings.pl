#!/usr/bin/perl
# String building: substr as an lvalue, four-argument substr, repetition, reversal,
# case changes, tr with ranges and return values, index scanning, run lengths,
# ciphers, column layout, interpolation, magic increment, numeric strings.
use strict;
use warnings;

my $s = 'The quick brown fox';
substr($s, 4, 5) = 'slow';
substr($s, 0, 3, 'A');
print "$s (", length $s, ")\n";
substr($s, -3) =~ s/o/0/;
my $view = \substr $s, 2, 4;
$$view = 'very ' . $$view;
print "$s | $$view\n";
{
    my $t = 'abcdef';
    for (substr $t, 1, 2) { $_ = uc; $_ .= '--' }
    print "$t\n";
    my $r = eval { substr($t, 50) = 'x'; 1 };
    print $r ? "stored\n" : "refused: $@";
    my $u = substr $t, 40, 1;
    print defined $u ? "got something\n" : "got nothing\n";
}

# a banner, built with repetition and join
my @words = qw(alpha beta gamma delta epsilon);
my $width = 0;
for (@words) { $width = length if length > $width }
my $edge = '+' . '-' x ($width + 2) . "+\n";
my $box  = $edge;
$box .= sprintf("| %-*s |\n", $width, $_) for @words;
$box .= $edge;
print $box;
print '-=' x 10, '-', "\n", join('/', ('ab', 'c') x 3), "\n";

# tr in its several uses
(my $rot = 'Hello, World') =~ tr/A-Za-z/N-ZA-Mn-za-m/;
print "$rot ", ($rot =~ tr/a-z//), ' ', ($rot =~ tr/a-zA-Z//c), ' ', $rot =~ tr/a-zA-Z//cdr, "\n";
(my $squeeze = 'aabbccddee  ff') =~ tr/a-c //s;
my $dna = 'GATTACA';
print "$squeeze ", scalar reverse($dna =~ tr/ACGT/TGCA/r), "\n";
print "vowels per word: ", join(' ', map { tr/aeiou// } @words), "\n";

# index and rindex walk over the text
my $text = 'she sells sea shells by the sea shore';
my @at;
for (my $p = -1; ($p = index $text, 'se', $p + 1) >= 0;) { push @at, $p }
print "se at @at; last sh at ", rindex($text, 'sh'), ', before 20 at ', rindex($text, 'sh', 20), "\n";
print ucfirst(lc 'PERL'), ' ', lcfirst('ABC'), " \u\LMIXED case\E \Uup\E \Qa.b*c\E\n";

# run length coding and back
sub rle { my $x = shift; $x =~ s/(.)\1*/length($&) > 1 ? length($&) . $1 : $1/gse; $x }
sub unrle { my $x = shift; $x =~ s/(\d+)(.)/$2 x $1/ge; $x }
for my $x ('aaabccddddde', 'xyz', 'zzzzzzzzzzzz') {
    my $c = rle($x);
    print "$x -> $c -> ", unrle($c) eq $x ? 'same' : 'different', "\n";
}

# Vigenere, with ord and chr
sub vigenere {
    my ($plain, $key, $sign) = @_;
    my ($out, $k) = ('', 0);
    for my $ch (split //, $plain) {
        if ($ch =~ /[A-Z]/) { $out .= chr(65 + (ord($ch) - 65 + $sign * (ord(substr $key, $k++ % length $key, 1) - 65)) % 26) }
        else                { $out .= $ch }
    }
    return $out;
}
my $secret = vigenere('ATTACK AT DAWN, NOT BEFORE', 'LEMON', 1);
print "$secret => ", vigenere($secret, 'LEMON', -1), "\n";

# magic increment, numeric strings, comparison
my @inc = ('aa9', 'Az', 'zZ9', 'a9', 'Zz', '');
{ no warnings; $_++ for @inc; }
print "incremented: @inc\n";
print '10' + '20', ' ', '3 apples' * 1, ' ', '0x1A' + 0, ' ', '1e3' + 1, ' ', '  12  ' + 0, ' ', -'foo', ' ', - -7, "\n";
print join(' ', 'abc' lt 'abd' ? 'lt' : 'ge', '10' == 10.0 ? 'eq' : 'ne', '1.0' eq 1 ? 'seq' : 'sne', 'a' cmp 'B', 2 <=> 10, '2' cmp '10'), "\n";

# lists to text and back
my $csv = join ',', map { /[",]/ ? do { (my $q = $_) =~ s/"/""/g; qq("$q") } : $_ } 'plain', 'with,comma', 'say "hi"', '';
my @back;
push @back, defined $1 ? $1 =~ s/""/"/gr : $2 while $csv =~ /\G(?:"((?:[^"]|"")*)"|([^,]*))(?:,|\z)/g && @back < 4;
print "$csv => ", join('|', @back), "\n";
print join('|', split(/,/, 'a,b,,c,,')), ' ', scalar(my @all = split(/,/, 'a,b,,c,,', -1)), ' ', join('|', split(/(-|\+)/, '1-2+3')), ' ', join('|', split(' ', "  lead and\ttrail  ")), "\n";
my $wrapped = 'a string that is rather long and will be wrapped at some column by a substitution';
$wrapped =~ s/(.{1,24})(?:\s+|$)/$1\n/g;
print $wrapped;
print "center: [", center('mid', 11), "] [", center('toolong', 3), "]\n";
sub center { my ($t, $w) = @_; my $l = int(($w - length $t) / 2); $l < 0 ? $t : ' ' x $l . $t . ' ' x ($w - $l - length $t) }
my $n = 1234567.891;
1 while $n =~ s/^(\d+)(\d{3})/$1,$2/;
print "$n, list: @words[1,2], expr: @{[ map { $_ * 2 } 1 .. 3 ]}, hash: @{[ %{{ k => 'v' }} ]}, time: ${\ scalar @words}\n";
print "chop/chomp: ", do { my $l = "line\n\n"; my $c = chomp $l; my $d = chop $l; $c . length($l) . ord $d }, "\n";
print 'lines: ', scalar(() = "a\nb\nc\n" =~ /^/mg), ', repeat: ', "-" x -1, '|', "\x41\x{263a}" =~ /^A/ ? 'A' : '?', ' ', sprintf('%vd', '1.22.333'), "\n";
