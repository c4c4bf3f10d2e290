# Sub::Util for Keshi: the functions are native and come with List::Util.
package Sub::Util;

use strict;
use warnings;

require Exporter;
require List::Util;

our $VERSION   = '1.70';
our @ISA       = ('Exporter');
our @EXPORT_OK = qw(prototype set_prototype subname set_subname);

sub prototype { return CORE::prototype($_[0]) }

1;
