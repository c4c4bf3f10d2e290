# LC_CTYPE decides what /l and the case functions do under `use locale`.
use strict;
use warnings;
no warnings 'locale';
use POSIX qw(setlocale LC_CTYPE);
sub show {
    use locale;
    my ($small, $big, $wide) = ("\xe9", "\xc9", "\x{3c3}");
    print join(' ', map { $_ ? 1 : 0 } $small =~ /\w/, $small =~ /$big/i, $wide =~ /\x{3a3}/i, "\x{212a}" =~ /k/i,
        "k" =~ /\x{212a}/i, "\x{fb05}" =~ /\x{fb06}/i, uc($small) eq $big, lc("\x{130}") eq "i\x{307}",
        length(quotemeta $small) == 2), "\n";
}
print setlocale(LC_CTYPE, 'C'), "\n";
show();
my ($utf8) = grep { defined setlocale(LC_CTYPE, $_) } qw(C.UTF-8 C.utf8 en_US.UTF-8);
if (defined $utf8) { show() }
else { print "1 1 1 1 1 1 1 1 1\n" }
print defined setlocale(LC_CTYPE, 'no such locale') ? "found" : "not found", "\n";
# a class of one character takes part in longer folds
print ":\xdf:" =~ /:[s][s]:/iu ? "joined\n" : "apart\n";
print sprintf('%vx', uc "\x{3b1}\x{345}\x{301}"), "\n";
# code blocks and what is known of a match beforehand
our $n = 0;
"a" =~ /^a(?{ $n++ })b(?{ $n++ })/;
print "$n\n";
"abc" =~ /^a(?{ $n++ })b(?{ $n++ })$/;
print "$n\n";
{ no warnings "regexp"; print "foo" =~ m{(foo){1,0}|(?1)} ? "recursed\n" : "failed\n" }
# m?? with /g forgets the position when it may not match again
my $str = 'bird';
for (1, 2) { $str =~ m?bird?g; print pos($str) // 'undef', "\n" }
# properties that are not offered, values of code points nobody has
for my $p ('Other_Alphabetic', 'Script=Hrkt', 'nv=0.0833') {
    print "$p: ", eval { "a" =~ /\p{$p}/; 1 } ? "known" : "unknown", "\n";
}
print join(' ', map { $_ ? 1 : 0 } "\x{1eeff}" =~ /\p{Bc=AL}/, "\x{3fffd}" =~ /\p{Ea=W}/, "\x{3a2}" =~ /\p{In=NA}/,
    "\x{1fbf9}" =~ /\p{Dt=Non_Canon}/, "\x{e01ef}" =~ /\p{Gc=--M}/), "\n";
