# Errno for Keshi: the error numbers of this system as constants, and %! by name.
package Errno;

use strict;
use warnings;

require Exporter;
require XSLoader;

our $VERSION = '1.38';
our @ISA     = ('Exporter');
our @_names;

XSLoader::load('Errno', $VERSION);

our @EXPORT_OK = @_names;
our %EXPORT_TAGS = (POSIX => \@EXPORT_OK);
my %number = map { no strict 'refs'; $_ => &{"Errno::$_"}() } @_names;

sub TIEHASH { return bless \%number, $_[0] }

sub FETCH {
    my (undef, $name) = @_;
    return exists $number{$name} && $! == $number{$name} ? $number{$name} : '';
}

sub STORE { require Carp; Carp::confess('ERRNO hash is read only!') }
*CLEAR = *DELETE = \*STORE;

sub EXISTS   { return exists $number{ $_[1] } }
sub NEXTKEY  { return each %number }
sub FIRSTKEY { my $reset = keys %number; return each %number }

1;
