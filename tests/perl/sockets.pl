# Socket, SysV IPC and POSIX signal sets: packed addresses, a pair of sockets, semaphores, masks.
use strict;
use warnings;
use Socket qw(:DEFAULT inet_pton inet_ntop pack_sockaddr_in6 unpack_sockaddr_in6 getaddrinfo
    AI_NUMERICHOST AI_NUMERICSERV AI_PASSIVE);
use IPC::SysV qw(IPC_PRIVATE IPC_CREAT IPC_RMID S_IRUSR S_IWUSR GETVAL SETVAL SETALL GETALL);
use POSIX ();

sub hex_of { return unpack 'H*', shift }

print inet_ntoa(inet_aton('127.0.0.1')), ' ', inet_ntoa(INADDR_BROADCAST), "\n";
print defined inet_aton('1.2.3.999') ? "found\n" : "no such address\n";
my $in = pack_sockaddr_in(8080, inet_aton('10.0.0.7'));
my ($port, $ip) = unpack_sockaddr_in($in);
print length($in), " $port ", inet_ntoa($ip), ' ', sockaddr_family($in) == AF_INET ? 'inet' : '?', "\n";
my $in6 = pack_sockaddr_in6(53, inet_pton(AF_INET6, '2001:db8::1'), 7, 9);
my @six = unpack_sockaddr_in6($in6);
print join(' ', $six[0], inet_ntop(AF_INET6, $six[1]), @six[ 2, 3 ]), "\n";
my $un = pack_sockaddr_un('/tmp/some.sock');
print unpack_sockaddr_un($un), "\n";
print hex_of(unpack_sockaddr_un("\1\0\0hidden")), "\n";

for my $bad (sub { inet_ntoa('abc') }, sub { unpack_sockaddr_in('short') }, sub { unpack_sockaddr_in($in6) }) {
    eval { $bad->(); 1 } or print "died: ", $@ =~ s/ at .*//sr, "\n";
}
my ($err, @found) = getaddrinfo('127.0.0.1', '80',
    { flags => AI_NUMERICHOST | AI_NUMERICSERV, socktype => SOCK_STREAM });
print $err ? "error $err\n" : 'found ' . join(' ', map { inet_ntoa((unpack_sockaddr_in($_->{addr}))[1]) } @found), "\n";

socketpair my $left, my $right, AF_UNIX, SOCK_STREAM, PF_UNSPEC or die "socketpair: $!";
defined(my $pid = fork) or die "fork: $!";
if (!$pid) {
    close $left;
    while (my $line = <$right>) {
        syswrite $right, uc $line;
    }
    POSIX::_exit(3);
}
close $right;
for my $word (qw(first second)) {
    syswrite $left, "$word\n";
    print 'echo: ', scalar <$left>;
}
shutdown $left, SHUT_WR;
print 'rest: ', join('|', <$left>), "\n";
waitpid $pid, 0;
print "status ", $? >> 8, ' ', POSIX::WEXITSTATUS(${^CHILD_ERROR_NATIVE}), "\n";

my $sem = semget(IPC_PRIVATE, 3, IPC_CREAT | S_IRUSR | S_IWUSR);
if (defined $sem) {
    semctl $sem, 0, SETALL, pack 's!*', 4, 5, 6;
    semop $sem, pack 's!3', 1, -2, 0;
    my $all = '';
    semctl $sem, 0, GETALL, $all;
    print join(',', unpack('s!*', $all)), ' ', semctl($sem, 2, GETVAL, 0), "\n";
    eval { semctl $sem, 0, SETALL, "\x{100}abcde" } or print $@ =~ /^(Wide character)/, "\n";
    semctl $sem, 0, IPC_RMID, 0;
}

my $set = POSIX::SigSet->new(POSIX::SIGUSR1());
print join(' ', map { $set->ismember($_) } POSIX::SIGUSR1(), POSIX::SIGUSR2()), "\n";
my @seen;
local $SIG{USR1} = sub { push @seen, shift; $! = 5 };
my $old = POSIX::SigSet->new;
POSIX::sigprocmask(POSIX::SIG_BLOCK(), $set, $old);
kill USR1 => $$;
my $waiting = POSIX::SigSet->new;
POSIX::sigpending($waiting);
print "blocked: @seen ", $waiting->ismember(POSIX::SIGUSR1()), "\n";
$! = 0;
POSIX::sigprocmask(POSIX::SIG_SETMASK(), $old);
print "delivered: @seen\n";
POSIX::sigaction(POSIX::SIGALRM(), POSIX::SigAction->new(sub { die "alarm\n" }, POSIX::SigSet->new, 0));
eval { kill ALRM => $$; 1 } or print "caught $@";
