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

# more ties
package Once { sub TIESCALAR { bless $_[1] } sub FETCH { $_[0]->(); 'fetched' } sub STORE { } }
my $gone;
tie $gone, 'Once', sub { untie $gone };
print "$gone ", tied $gone ? 'tied' : 'free', "\n";
sub { tie $_[0], 'Once', sub { }; print tied $h{late} ? "element tied\n" : "nothing tied\n" }->($h{late});
print eval { my %self; tie %self, 'Selfish', \%self; 1 } ? "tied\n" : $@;
sub Selfish::TIEHASH { $_[1] }
package Sizeless { sub TIEARRAY { bless [] } sub FETCHSIZE { -1 } }
tie my @sizeless, 'Sizeless';
print eval { my $n = @sizeless; 1 } ? "sized\n" : $@;
print join(',', map { ref } map {{ %$_ }} { a => 1 }, { b => 2 }), ' ', scalar(grep {{ 0 }} 1, 2), "\n";
print eval { local $$gone::undef; 1 } ? "local\n" : $@;
sub listed { 'listed' }
{ local $main::{listed} = sub { 'local' }; print listed(), ' ' }
print listed(), "\n";
Internals::SvREADONLY(%h, 1);
print eval { undef %h; 1 } ? "undef\n" : $@;
