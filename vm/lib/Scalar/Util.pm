# Scalar::Util for Keshi: the functions are native and come with List::Util.
package Scalar::Util;

use strict;
use warnings;

require Exporter;
require List::Util;

our $VERSION   = '1.70';
our @ISA       = ('Exporter');
our @EXPORT_OK = qw(
    blessed refaddr reftype readonly tainted openhandle dualvar isdual isvstring isweak looks_like_number
    set_prototype unweaken weaken
);
our %EXPORT_TAGS = (all => \@EXPORT_OK);

1;
