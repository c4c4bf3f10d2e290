# Restricted hashes: allowed, hidden and fixed keys; keys of what does not exist yet; versions in %vd.
use strict;
use warnings;
use Hash::Util qw(lock_keys unlock_keys legal_keys hidden_keys lock_hash unlock_hash);

sub try { my ($what, $code) = @_; print "$what: ", eval { $code->(); 1 } ? "fine\n" : $@ }

my %h = (a => 1);
lock_keys(%h, qw(a b c));
print join(',', sort keys %h), ' ', join(',', sort(legal_keys(%h))), ' ', join(',', sort(hidden_keys(%h))), "\n";
try('disallowed store', sub { $h{d} = 1 });
try('disallowed fetch', sub { my $x = $h{d} });
try('allowed fetch', sub { my $x = $h{c} });
try('allowed store', sub { $h{b} = 2 });
try('delete', sub { delete $h{b} });
try('store again', sub { $h{b} = 3 });
try('disallowed delete', sub { delete $h{e} });
try('clear', sub { %h = () });
print join(',', sort(hidden_keys(%h))), "\n";
unlock_keys(%h);
try('unlocked', sub { $h{z} = 1 });
my %fixed = (x => 1);
lock_hash(%fixed);
try('fixed delete', sub { delete $fixed{x} });
try('fixed store', sub { $fixed{x} = 2 });
unlock_hash(%fixed);
try('unlocked delete', sub { delete $fixed{x} });

my ($none, $other, %full) = (undef, undef, (p => 1));
my @keys = keys %$none;
delete @full{ keys %$other };
print ref $none, ref $other, " @{[ sort keys %full ]}\n";
printf "%vd %vd %vd\n", version->new('1.02'), version->declare('v1.2.3'), $^V;
print join(',', sort CORE::reverse(3, 1, 2)), "\n";
