# POSIX: rounding, strtol, strftime, limits, error numbers.
use strict;
use warnings;
use POSIX qw(floor ceil fmod strtol strftime mktime :limits_h :errno_h DBL_MAX);
print floor(-1.5), ceil(1.2), fmod(7,3), "\n";
my @r = strtol("0x1fz", 16);
print "@r\n";
print strftime("%Y-%m-%d %H:%M:%S", 5, 4, 3, 2, 0, 100), "\n";
print INT_MAX, " ", ENOENT, " ", DBL_MAX, "\n";
$ENV{TZ} = 'UTC';
POSIX::tzset();
print mktime(0, 0, 0, 2, 0, 70), "\n";
print join(",", POSIX::modf(3.25)), " ", join(",", POSIX::frexp(8)), " ", POSIX::strerror(2), "\n";
