# Deep copies with cycles and blessings; Data::Dumper in its pure-Perl form.
use strict;
use warnings;
use Storable qw(dclone);
my $x = {a=>[1,2,{b=>3}], o=>bless({},'Foo')};
$x->{self}=$x;
my $y = dclone($x);
print $y->{a}[2]{b}, ref $y->{o}, $y->{self}==$y ? 1:0, $y->{a}!=$x->{a}?1:0, "\n";
use Data::Dumper;
$Data::Dumper::Sortkeys=1;
print Dumper({a=>[1,'two',3.5],b=>\"x",c=>undef});
local $Data::Dumper::Indent=1;
local $Data::Dumper::Terse=1;
print Dumper([1,{x=>-5}], "q'uote\n");
