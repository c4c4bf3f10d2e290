# A glob in a variable is a copy with the same body; what asks for a glob does not make one.
use strict;
use warnings;
no warnings 'once';
no strict 'refs';

our $thing = 'first';
my $copy = *thing;
undef *thing;
our @thing = (1, 2);
print "$copy ${*$copy} ", scalar(@{*$copy}), ' ', scalar(@thing), "\n";
sub fresh { local *FH; return *FH }
my ($one, $two) = (fresh(), fresh());
open *$one, '<', $0 or die;
print defined fileno($one) ? 'open' : 'closed', ' ', defined fileno($two) ? 'open' : 'closed', "\n";
my $ref = \$copy;
$$ref = 'plain';
print "$copy ", *thing, "\n";
print ${\*STDOUT}, ' ', ref \${\*STDOUT}, "\n";

my $name = 'unmade';
print defined *$name ? 1 : 0, defined $$name ? 1 : 0, defined &$name ? 1 : 0, exists $::{unmade} ? 1 : 0, "\n";
fileno $name;
{ no warnings; close $name }
print exists $::{unmade} ? "made\n" : "not made\n";

# constants without globs stay so when exported
$::{LIGHT} = \299792458;
*{'SPEED'} = \&{'LIGHT'};
print ref $::{LIGHT}, ' ', ref $::{SPEED}, ' ', eval 'SPEED', "\n";
$::{PRIMES} = [2, 3, 5];
print join('-', eval 'PRIMES()'), ' ', scalar(eval 'PRIMES()'), "\n";
{
    local $SIG{__WARN__} = sub { print "warning: $_[0]" };
    sub declared ($);
    *declared = sub { };
    sub FIXED () { 1 }
    *{'FIXED'} = sub () { 2 };
}
sub Above::AUTOLOAD { }
our @ISA = 'Above';
print eval { absent(); 1 } ? "called\n" : $@;

# ties
package Counter { sub TIESCALAR { bless [0] } sub FETCH { $_[0][0]++; $_[0][1] } sub STORE { $_[0][1] = $_[1] } }
tie my $t, 'Counter';
$t = *STDOUT;
my $seen = $t;
print ref tied $t, ' ', (tied $t)->[0], "\n";
$t = undef;
$t->[1] = 'x';
my @row;
tie $row[0], 'Counter';
$row[0] = {};
my $n = $row[0]{a}; $n = $row[0]{b};
print ref $t, ' ', (tied $row[0])->[0], "\n";
my %h;
keys %h;
@h{1, 2} = ();
my $first = each %h;
tie %h, 'Counter' if 0;
my ($p, $q);
(1 ? $p : $q) = my $count = () = (7, 8, 9);
print "$p\n";
