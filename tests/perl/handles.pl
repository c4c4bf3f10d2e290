#!/usr/bin/perl
# File handles: modes, in-memory files, dup, positions, tied handles, complaints about
# handles that cannot do what is asked, the files of @ARGV.
use strict;
use warnings;
no warnings 'once';
$| = 1;
local $SIG{__WARN__} = sub { print "W: $_[0]" };

sub slurp { my $n = shift; open my $f, '<', $n or return "($!)"; local $/; scalar <$f> }

open my $out, '>', 'a.txt' or die; print $out "one\ntwo\nthree\n"; close $out or die;
open $out, '>>', 'a.txt' or die; printf $out "%s-%03d\n", 'four', 4; close $out;
print slurp('a.txt');
open my $in, '<', 'a.txt' or die;
while (<$in>) { chomp; print "$.:$_", eof($in) ? "!\n" : ' ' }
seek $in, 4, 0; print tell($in), scalar <$in>; { local $/ = \3; print '[', scalar <$in>, "]\n" }
{ local $/ = ''; seek $in, 0, 0; print length(scalar <$in>), "\n" }
close $in;
print defined(eval { <$in> }) ? 'read' : 'undef', "\n"; print $in 'x'; print {*STDIN} 'x'; print NEVER 'x';

open my $rw, '+<', 'a.txt' or die; read $rw, my $buf, 5; print "[$buf]"; read $rw, $buf, 3, 8; print length $buf, "\n";
sysseek $rw, 1, 0; sysread $rw, $buf, 2; print "$buf\n"; truncate $rw, 4; close $rw; print -s 'a.txt', "\n";
eval { read STDIN, $buf, -1 }; print $@;
eval { open my $x, 'what', 'a.txt' }; print $@;

my $mem = "old"; open my $m, '>>', \$mem; print $m 'er'; print "$mem\n"; print $m "\nlines\n"; close $m;
open $m, '<', \$mem; my @l = <$m>; print scalar(@l), " $l[1]"; close $m;
open $m, '+>', \my $page or die; print $m 'abcdef'; seek $m, 2, 0; print $m 'XY'; print "$page\n";

open my $dup, '>&', \*STDOUT or die; print $dup "dup\n"; close $dup;
open $dup, '>&=', 1 or die; print $dup "alias\n"; undef $dup;
open my $save, '>&STDOUT'; close STDOUT; open STDOUT, '>', 'b.txt'; print "hidden\n"; close STDOUT; open STDOUT, '>&', $save;
print 'was ', slurp('b.txt');
{ local ($, , $\) = ('-', "!\n"); print 1, 2, 3 }
my $old = select $save; $| = 1; print "to save\n"; select $old; print "$old\n";
print join(',', PerlIO::get_layers($save)), "\n";
binmode $save, ':utf8'; print $save "\x{e9}\x{100}\n"; print "\x{100}\n";

open $out, '>', $_ or die for 'c.txt'; print $out "c1\nc2\n"; close $out;
@ARGV = ('c.txt', 'missing', 'b.txt');
while (<>) { print "$ARGV:$.:$_"; close ARGV if eof }
{ local $^I = '.bak'; local @ARGV = ('c.txt'); while (<>) { s/c/C/; print } }
print slurp('c.txt'), slurp('c.txt.bak');

package Tied;
sub TIEHANDLE { my $c = shift; bless [@_], $c }
sub PRINT { my $s = shift; push @$s, join '+', @_, defined $\ ? 'ors' : (); 1 }
sub PRINTF { my $s = shift; push @$s, sprintf shift, @_; 1 }
sub WRITE { "WRITE $_[1] $_[2]" }
sub READLINE { wantarray ? ('l1', 'l2') : 'line' }
sub READ { $_[1] = 'filled'; $_[2] }
sub GETC { 'c' } sub EOF { "EOF$_[1]" } sub CLOSE { 'closed' } sub FILENO { 42 } sub TELL { 7 } sub SEEK { "@_[1,2]" } sub BINMODE { 'bin' } sub OPEN { "open $_[1]" }
package main;
my $t = tie *TH, 'Tied', 'first'; use feature 'say';
print TH 1, 2; say TH 'x'; printf TH '<%02d>', 3; print "@$t\n";
my @list = <TH>; print scalar(<TH>), " @list ", read(TH, $buf, 4), $buf, getc(TH), eof(TH), syswrite(TH, 'data'), ' ', fileno(TH), tell(TH), seek(TH, 1, 2), binmode(TH), open(TH, 'arg'), close(TH), "\n";

opendir my $d, '.' or die; print join(' ', sort grep /txt/, readdir $d), "\n"; closedir $d; print readdir($d) // 'undef', "\n";
print join('|', glob('{a,c}.t* zz{1,2}')), "\n"; while (my $g = glob 'c.*') { print "$g;" } print "\n";
print unlink(glob '*.txt *.bak'), ' ', -e 'a.txt' ? 'there' : 'gone', "\n";
print while <DATA>;
__DATA__
data line 1
data line 2
