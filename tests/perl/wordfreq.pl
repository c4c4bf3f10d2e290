#!/usr/bin/perl
# Word frequencies, sentence statistics, concordance, n-grams and anagrams of the text on
# standard input.
use strict;
use warnings;

my ($text, @paragraphs) = ('');
{
    local $/ = '';
    while (my $p = <STDIN>) {
        chomp $p;
        $p =~ s/\s+/ /g;
        push @paragraphs, $p;
    }
}
$text = join "\n", @paragraphs;
printf "%d paragraphs, %d characters, record separator %s\n", scalar @paragraphs, length $text, defined $/ ? length $/ : 'undef';

my (%count, %where, %first, %follow, %len, @word);
my $pno = 0;
for my $p (@paragraphs) {
    $pno++;
    while ($p =~ /\b([a-z]+(?:['-][a-z]+)*)\b/gi) {
        my $w = lc $1;
        push @word, $w;
        $count{$w}++;
        $first{$w} //= $pno . '@' . (pos($p) - length $w);
        $where{$w}{$pno}++;
        $len{ length $w }++;
        $follow{ $word[-2] }{$w}++ if @word > 1;
    }
}
my $distinct = keys %count;
my $once     = grep { $_ == 1 } values %count;
printf "%d words, %d distinct, %d only once, mean length %.3f\n", scalar @word, $distinct, $once, eval { my $t = 0; $t += length for @word; $t / @word };

print "\nMost frequent\n";
my @ranked = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
for my $i (0 .. 14) {
    my $w = $ranked[$i];
    printf "%3d. %-8s %3d %-22s first %s in %s\n", $i + 1, $w, $count{$w}, '*' x ($count{$w} / 2), $first{$w}, join ',', sort { $a <=> $b } keys %{ $where{$w} };
}

print "\nLengths\n";
printf "%2d %4d %s\n", $_, $len{$_}, '#' x ($len{$_} / 4 + 0.5) for sort { $a <=> $b } keys %len;

print "\nSentences\n";
my @sentences = map { split /(?<=[.!?])["']?\s+(?=["']?[A-Z])/ } @paragraphs;
my ($longest, $shortest) = (sort { $b->[0] <=> $a->[0] || $a->[1] cmp $b->[1] } map { [ scalar(() = /\S+/g), $_ ] } @sentences)[ 0, -1 ];
print scalar(@sentences), " sentences\n";
printf "%s (%d words): %s\n", @$_ for [ longest => @$longest ], [ shortest => @$shortest ];
my %end;
$end{ /([.!?])\W*$/ ? $1 : 'none' }++ for @sentences;
print join(', ', map { "'$_' $end{$_}" } sort keys %end), "\n";

print "\nConcordance\n";
for my $key (qw(lamp letter)) {
    while ($text =~ /(.{0,24})\b(\Q$key\E\w*)\b(.{0,24})/g) {
        printf "%24s [%s] %-24s\n", $1, $2, $3;
        pos($text) -= length $3;
    }
}

print "\nPairs\n";
my @pairs = sort { $b->[2] <=> $a->[2] || "$a->[0] $a->[1]" cmp "$b->[0] $b->[1]" } map { my $w = $_; map { [ $w, $_, $follow{$w}{$_} ] } keys %{ $follow{$w} } } keys %follow;
print "$$_[2] x $$_[0] $$_[1]\n" for @pairs[ 0 .. 7 ];

print "\nChain: ";
my ($at, %used) = ('the');
for (1 .. 12) {
    print "$at ";
    $used{$at}++;
    my ($next) = sort { $follow{$at}{$b} <=> $follow{$at}{$a} || $a cmp $b } grep { !$used{$_} } keys %{ $follow{$at} || {} };
    last unless defined $next;
    $at = $next;
}
print "\n\nSame letters\n";
my %letters;
push @{ $letters{ join '', sort split //, $_ } }, $_ for sort grep { !/\W/ } keys %count;
print join(' ', @$_), "\n" for sort { $a->[0] cmp $b->[0] } grep { @$_ > 1 } values %letters;

my (%freq, $vowels);
$freq{ lc $_ }++ for grep { /[[:alpha:]]/ } split //, $text;
$vowels = () = $text =~ /[aeiou]/gi;
print "\nLetters: ", join('', (sort { $freq{$b} <=> $freq{$a} || $a cmp $b } keys %freq)[ 0 .. 11 ]), ", vowels $vowels, capitals ", ($text =~ tr/A-Z//), ", digits ", ($text =~ tr/0-9//), "\n";
my @palin = grep { length > 2 && $_ eq reverse $_ } sort keys %count;
print "Palindromes: @palin\nCompounds: @{[ grep { /-/ } sort keys %count ]}\n";
