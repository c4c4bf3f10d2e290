#!/usr/bin/perl
# Formats: the picture language, pages with a top, the variables of a handle.
use strict;
use warnings;
no warnings 'once';
our ($name, $value, $text, $i) = ('apple', 3.14159, 'the quick brown fox jumps over the lazy dog and runs');

format STDOUT_TOP =
Name   Value   @<<
$%
------------------
.
format STDOUT =
@<<<<< @##.## @>>>>> @||||||| @*
$name, $value, $name, $name, $name
~~ ^<<<<<<<<<
$text
.
write; print "$^ $~ $= $- $%\n";
$text = 'again'; write; print "$-\n";

sub line { local $^A = ''; formline(shift, @_); print "<$^A>\n" }
line("@<< @>>\n", 1, 2); line("@*|\n", "a\nb"); line('@0## @.## @##', 7, 0.25, -3); line("^###|\n", undef);
line('@####|@#.#', 'abc' x 0 || 0, 12345.678); line("@@ @\n", 1, 2, 3); line('@|||||@||||.', 'ab', 'abc'); line("text  \n");
for my $pic ("^<<<<|\n", "^>>>>|\n", "^<<<<...\n", "~^<<\n", "^*|\n") {
    for my $s ('aaa-bbb ccc', 'aaabbbcccddd', "aaa\nbbb", '') { my $c = $s; line($pic, $c); print "[$c]\n" }
}
line("@<<<\n", "a\tb"); { local $: = ' x'; my $c = 'aaxbb-cc'; line('^<<<<|', $c); print "$c\n" }

format PAGE_TOP =
top @<
$%
.
format PAGE =
@<
$i
.
open PAGE, '>', \my $pages; my $old = select PAGE; $= = 4; select $old;
for $i (1 .. 5) { write PAGE } close PAGE; $pages =~ s/\f/<FF>/g; print $pages;
format OTHER =
other @>>>
$name
.
$~ = 'OTHER'; write; $^ = 'X'; $= = 5; $- = -3; $% = 7; print "$^ $~ $= $- $%\n";
eval { $~ = 'MISSING'; write }; print $@; eval { write NEVER }; print $@;
my $lex = 'lexical'; format LEX =
[@<<<<<<<<]
$lex
.
open LEX, '>&', \*STDOUT; $| = 1; write LEX;
