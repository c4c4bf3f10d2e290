# attributes, next::method under C3, patterns taken apart by re, restricted hashes.
use strict;
use warnings;
use attributes;
sub foo : lvalue method { my $x } print join(",", sort(attributes::get(\&foo))), "\n";
package A1 { use mro 'c3';
sub hi { "A1" } } package B1 { our @ISA=('A1');
use mro 'c3';
sub hi { "B1>" . $_[0]->next::method } } package C1 { our @ISA=('A1');
use mro 'c3';
sub hi { "C1>" . $_[0]->next::method } } package D1 { our @ISA=('B1','C1');
use mro 'c3';
sub hi { "D1>".$_[0]->next::method } }
print D1->hi, " ", join(",", @{mro::get_linear_isa('D1')}), "\n";
print D1->can('hi') ? 1:0, "\n";
use re qw(is_regexp regexp_pattern regname regnames);
my ($p,$f)=regexp_pattern(qr/a.b/ix);
print "$p $f\n"; "xay" =~ /x(?<mid>.)y/;
print regname("mid"), join(",",regnames()), "\n";
use Hash::Util qw(lock_keys unlock_keys lock_hash legal_keys);
my %h=(a=>1,b=>2);
lock_keys(%h);
eval { $h{c}=3 };
print $@ =~ s{ at .*}{}sr, "\n";
$h{a}=5;
print join(",", sort keys %h), $h{a}, "\n";
unlock_keys(%h);
$h{c}=1;
print scalar(keys %h),"\n";

# arguments as the debugger asks for them
sub asked { package DB; my @c = caller(0); print "$c[3](@DB::args)\n" }
asked('one', 2);
