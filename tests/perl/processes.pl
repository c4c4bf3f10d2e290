#!/usr/bin/perl
# Processes: commands, pipes, fork and exit status, signals, alarms, the environment.
use strict;
use warnings;
no warnings 'once';
$| = 1;
my $main = $$;
local $SIG{__WARN__} = sub { print "W: $_[0]" };

print `echo one; echo two`; my @l = `printf 'a\\nb\\nc'`; print scalar(@l), " $?\n";
print system('exit 3'), ' ', $? >> 8, "\n"; system 'kill -9 $$'; print $? & 127, "\n";
print system('./no/such/program'), " $?\n"; system { 'echo' } 'argv0', 'indirect';

open my $p, '-|', 'echo', 'list', 'form' or die; print <$p>; print close($p) ? "ok\n" : "failed\n";
open $p, '|-', 'cat; exit 2' or die; print $p "to cat\n"; print close($p) ? 'ok' : 'failed', ' ', $? >> 8, ' ', $! + 0, "\n";
my $pid = open($p, '-|') // die; unless ($pid) { print "from child\n"; exit 4 } print <$p>; close $p; print $? >> 8, "\n";
pipe my $r, my $w or die;
if (!fork) { close $r; print $w "through pipe\n"; exit 0 } close $w; print <$r>; print wait > 0 ? 'waited' : 'none', " $?\n";
print wait, " $?\n";
my $kid = fork // die; unless ($kid) { exit 7 } print waitpid($kid, 0) == $kid ? 'same' : 'other', ' ', $? >> 8, "\n";

$SIG{USR1} = sub { print "handler $_[0]\n" }; kill USR1 => $$; print kill(0, $$), "\n";
sub named { print "named $_[0]\n" } $SIG{USR2} = 'named'; print "$SIG{USR2}\n"; kill 'SIGUSR2', $$;
{ local $SIG{USR1} = 'IGNORE'; kill USR1 => $$ } kill USR1 => $$;
eval { local $SIG{ALRM} = sub { die "alarm\n" }; alarm 1; select undef, undef, undef, 5; }; print $@;
eval { local $SIG{ALRM} = sub { die "again\n" }; alarm 1; readline($r) while 1; sleep 9 }; print $@;
eval { kill 'NOSUCH', $$ }; print $@; $SIG{NOSUCH} = 'x'; print exists $SIG{INT} ? "INT\n" : "no INT\n";

$ENV{KESHI_TEST} = 'bar'; print `echo \$KESHI_TEST`; { local $ENV{KESHI_TEST} = 'baz'; system 'echo $KESHI_TEST' } system 'echo $KESHI_TEST';
delete $ENV{KESHI_TEST}; print `echo "<\$KESHI_TEST>"`;
$! = 2; print "$!\n", $! + 0, " $!{ENOENT} ", $!{EPERM} ? 'EPERM' : 'no', ' ', exists $!{ENOENT} ? 1 : 0, exists $!{ENONSENSE} ? 1 : 0, "\n";
open my $f, '<', 'missing' or print "$!\n"; mkdir 'd' or die; print -d 'd' ? 'dir' : 'no', mkdir('d') ? '' : " $!", "\n"; rmdir 'd';
print join(' ', (gmtime 86400 * 365)[0 .. 7]), ' ', scalar gmtime 1e9, "\n"; print time - $^T < 60 ? "now\n" : "late\n";
print +(getpwuid 0)[0], ' ', scalar getpwnam('root'), ' ', scalar(getgrgid 0), "\n";
print umask(022) == umask() ? '' : 'changed ', umask, "\n"; print fileno(STDERR), -t STDIN ? 't' : 'n', "\n";

END { if ($$ == $main) { print "end $?\n"; $? = 9 } }
exit 5;
