# List::Util for Keshi: the functions are native, this half names what may be imported.
package List::Util;

use strict;
use warnings;

require Exporter;
require XSLoader;

our $VERSION    = '1.70';
our $XS_VERSION = $VERSION;
our @ISA        = ('Exporter');
our $RAND;
our @EXPORT_OK = qw(
    all any first min max minstr maxstr none notall product reduce reductions sum sum0 sample shuffle uniq uniqint
    uniqnum uniqstr zip zip_longest zip_shortest mesh mesh_longest mesh_shortest head tail pairs unpairs pairkeys
    pairvalues pairmap pairgrep pairfirst
);
our %EXPORT_TAGS = (all => \@EXPORT_OK);

XSLoader::load('List::Util');

sub List::Util::_Pair::key     { $_[0][0] }
sub List::Util::_Pair::value   { $_[0][1] }
sub List::Util::_Pair::TO_JSON { [ @{ $_[0] } ] }

1;
