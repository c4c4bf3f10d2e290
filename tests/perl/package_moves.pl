# Packages that get other names, lose them or derive from themselves.
use strict;
use warnings;
no warnings 'once';
require mro;
no strict 'refs';

sub Beast::noise { 'growl' }
sub Plant::noise { 'rustle' }
@Dog::ISA = 'Beast';
@Puppy::ISA = 'Dog';
@Fern::ISA = 'Plant';
print Puppy->noise, ' ', join(',', @{ mro::get_linear_isa('Puppy') }), "\n";
{ no warnings; *Dog:: = *Fern::; }
print Puppy->noise, ' ', join(',', @{ mro::get_linear_isa('Puppy') }), "\n";
print Puppy->isa('Dog') ? 'isa ' : 'not ', Puppy->isa('Fern') ? 'isa ' : 'not ', Puppy->isa('Beast') ? 'isa' : 'not', "\n";
print join(',', sort @{ mro::get_isarev('Plant') }), "\n";
delete $::{'Fern::'};
print join(',', sort @{ mro::get_isarev('Plant') }), "\n";

# recursion is an error where it is made
for my $code ('@A1::ISA = "A2"; @A2::ISA = "A1"', 'push @B1::ISA, "B1"') {
    eval $code;
    print $@ =~ /^(Recursive inheritance detected in package)/ ? "$1\n" : "nothing: $@\n";
}

# generations
print mro::get_pkg_gen('Nowhere'), "\n";
my $before = mro::get_pkg_gen('Beast');
*Beast::walk = sub { };
print mro::get_pkg_gen('Beast') > $before ? "counted\n" : "missed\n";
undef *Puppy::ISA;
@Puppy::ISA = 'Beast';
print Puppy->noise, "\n";
$Puppy::{noise} = sub { 'yap' };
print Puppy->noise, "\n";
print UNIVERSAL::isa('Unheard', 'UNIVERSAL') ? 1 : 0, UNIVERSAL::can('Unheard', 'can') ? 1 : 0,
    defined(UNIVERSAL->can('Nowhere::at')) ? 1 : 0, "\n";
@UNIVERSAL::ISA = 'Everything';
sub Everything::at_all { 'everything' }
print Puppy->isa('Everything') ? 'derives ' : 'stands alone ', Puppy->at_all, "\n";
