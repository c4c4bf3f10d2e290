# Fcntl, Errno, Cwd and Time::HiRes.
use strict;
use warnings;
use Fcntl qw(:DEFAULT :flock :seek :mode);
print O_CREAT|O_EXCL, LOCK_EX, SEEK_END, S_ISDIR(040755)?1:0, S_IMODE(040755), "\n";
use Errno qw(ENOENT EEXIST);
open(my $f, '<', '/nonexistent') or print $!{ENOENT} ? "enoent" : "other", "\n";
print $!+0 == ENOENT ? 1:0,"\n";
use Cwd qw(getcwd abs_path cwd);
chdir "/usr";
print getcwd(), abs_path("."), abs_path("lib/.."), "\n";
use Time::HiRes qw(time sleep gettimeofday tv_interval);
my $t=[gettimeofday];
sleep(0.05);
print tv_interval($t) >= 0.05 ? "ok":"no", "\n";
