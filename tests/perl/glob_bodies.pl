#!/usr/bin/perl
# Aliased globs share one body; local gives a glob a new body, or puts back the slot an assignment replaced.
our ($one, @one, %one, $two, @two, $x);
*two = *one;
@two = (1, 2); $one = 'later'; %two = (k => 'v');
print "$two @one $one{k}\n";
eval 'sub two { "called " . shift }';
print one('through the other name'), "\n";
print *two, ' ', *two{NAME}, ' ', *one{PACKAGE}, "\n";

{ local *one; @one = ('inside'); print "@one|@two\n" }
print "@one|@two\n";
$x = 'x';
{ local *one = \$x; print "$one @one\n" }
{ local *one = [7]; print "$one @one @two\n" }
{ local (*one) = (*other); our $other = 'o'; print "$one\n" }
print "$one @one\n";

sub shares { local (*F) = @_; open F, '<', $0 or die; }
shares(*F);
print scalar(<F>);
close F or print "not open\n";
undef *one;
print defined $one ? 'defined' : 'undefined', " $two @two ", *two, "\n";

# a pattern behind its reference; octets joined under use bytes
my $re = qr/a.c/;
print "$$re\n";
$$re = 'text';
print "$$re\n";
{ BEGIN { $^H |= 8 } print length("\xB6" . "\x{100}"), "\n" }

# declarations and constants wait in the stash without a glob
sub declared; sub with_proto($$); sub answer() { 42 }
print "$::{declared} $::{with_proto} ", ref \$::{answer}, " ${$::{answer}} ", answer + 1, "\n";
print ref \$::{answer}, ' ', ref \&answer, ' ', ref \$::{answer}, ' ', defined &declared ? 'defined' : 'declared', "\n";
$Late::{name} = \'value';
print Late->name, ' ', *{'Late::name'}{CODE}->(), "\n";

# operators see a variable on the left as the right side leaves it
our $left = 'a';
sub change { $left = 'b'; 'c' }
print $left . change(), "\n";
sub TIESCALAR { bless [] } sub FETCH { $left .= '+'; 'f' }
tie my $tied, 'main';
print "$left$tied$left$tied", $left . $tied, "\n";
