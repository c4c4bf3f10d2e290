# Places where only bytes may go, and what reads or sets its arguments as variables.
use strict;
use warnings;

sub try { my ($what, $code) = @_; my $r = eval { $code->() }; print "$what: ", $@ || (defined $r ? "$r\n" : "undef\n") }

my $wide = "a\x{100}";
try hex      => sub { hex $wide };
try oct      => sub { oct $wide };
try crypt    => sub { crypt $wide, "ab" };
try hashed   => sub { crypt "secret", "xy" };
try bytes    => sub { use feature "evalbytes"; evalbytes "my \$x = '$wide'" };
try setting  => sub { my $b = "x"; select $wide, undef, undef, 0 };
try constant => sub { my $b = ""; select "a", $b, $b, 0 };

# Pointers.
my $text = "some text";
try pointer  => sub { unpack "p", pack "p", $text };
try prefix   => sub { unpack "P4", pack "P", $text };
try same     => sub { pack("p", $text) eq pack("P", $text) ? "same" : "different" };
try nothing  => sub { unpack "p", pack "p", undef };
{
    local $SIG{__WARN__} = sub { print "warning: $_[0]" };
    try temporary => sub { unpack "p", pack "p", $text . "!" };
}

# %n sets a variable that a later conversion shows.
my $n = 100;
try count => sub { sprintf "abc%n%d", $n, $n };
try oversized => sub { sprintf "%*d", 1 << 62, 1 };
try padded => sub { sprintf "%v02x", "1.22.333" };
try octets => sub { use bytes; sprintf "%vd", "1.22.333" };

# Groups and positions of templates.
try group   => sub { unpack "(2a)", "x" };
try bracket => sub { pack "[(][)]" };
try length  => sub { join ",", unpack "aU0C/CU", "b\0\xe1\xbf\xbc" };

# Counts that no integer holds.
try shift   => sub { 11 << ~0 };
try integer => sub { use integer; -9 >> 18446744073709551616 };
try whole   => sub { int(~0 / 2 + 1) };
try vector  => sub { vec(my $v = "", ~0, 8) = 1 };
try outside => sub { (do { use integer; 7 / 2 }) / 2 };

# Hexadecimal floats.
for my $literal ("0x1.8p1", "0x.8p1024", "0x1fffffffffffff.8p0", "0x1p-1080", "0x.p1") {
    local $SIG{__WARN__} = sub { print "warning: $_[0]" };
    my $v = eval $literal;
    print "$literal is ", $@ || "$v\n";
}

# join reads tied variables itself, the separator first.
{
    package Counter;
    sub TIESCALAR { bless [0] }
    sub FETCH { ++$_[0][0] }
}
tie my $c, "Counter";
print join($c, "a", $c, "b", $c), "\n";
print join($c, "alone"), "\n";

# Directory functions on files; the last stat.
opendir my $d, "/" or die;
{
    local $SIG{__WARN__} = sub { print "warning: $_[0]" };
    open my $f, "<", $0 or die;
    closedir $f;
    sub _ { "no file" }
    lstat $0;
    stat $f;
    eval { lstat _ };
    print $@;
}
