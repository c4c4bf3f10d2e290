# In-place editing under -p -i.bak: a small source formatter that works on three files.
# Run as: perl -p -i.bak filter_i.pl FILES.  What is printed to the selected handle goes
# into the edited file; the summary goes to standard output.
use strict;
use warnings;

our ($changed, $blank, %stats, $header, $depth);

BEGIN {
    ($changed, $blank, $depth) = (0, 0, 0);
    print STDOUT "editing ", scalar(@ARGV), " files with suffix $^I\n";
}

if ($. == 1) {
    $header = $_;
    $blank  = $depth = 0;
    print "# edited from $ARGV\n";
}

my $before = $_;

# trailing blanks, tabs, many empty lines
s/[ \t]+$//;
1 while s/^(\t*) {4}/$1\t/;
if (/^$/) {
    if ($blank++) { $_ = ''; $changed++; $stats{squeezed}++; }
}
else { $blank = 0 }

# key = value pairs get aligned, old names get new ones
if (/^(\w+)\s*=\s*(.*)$/s) {
    my ($key, $value) = ($1, $2);
    $value =~ s/\s+\z//;
    $stats{pairs}++;
    $_ = sprintf "%-12s = %s\n", $key, $value;
}
s/\b(colour|grey)\b/ { colour => 'color', grey => 'gray' }->{$1} /ge and $stats{renamed}++;
s{\$(\w+)}{ exists $ENV{"FILTER_\U$1"} ? $ENV{"FILTER_\U$1"} : "<$1?>" }gex;
tr/\x91\x92/''/;

# brackets
$depth += tr/{// - tr/}//;
warn "$ARGV:$.: more closed than opened\n" if $depth < 0;

$changed++ if $_ ne $before;

if (eof) {
    print;
    $_ = "# $. lines in, last depth $depth\n";
    printf STDOUT "%-10s %2d lines, depth %d, starts %s", $ARGV, $., $depth, $header;
    $stats{files}++;
    close ARGV;
}

END {
    print "changed $changed lines\n";
    print "$_: $stats{$_}\n" for sort keys %stats;
    for my $f (qw(one.conf two.conf three.conf)) {
        my $old = -s "$f.bak";
        my $new = -s $f;
        print "$f: ", defined $old ? "$old -> $new bytes\n" : "untouched\n";
    }
}
