#!/usr/bin/perl
# sprintf and pack: a fixed-record file in memory, network headers, checksums, BER,
# groups and repetition, uuencode, bit strings, and the many faces of sprintf.
use strict;
use warnings;

sub hex_of { join ' ', map { sprintf '%02x', ord } split //, shift }

# fixed-length records
my $REC = 'A12 n N d< C/a* x2';
my @rows = ([ 'anchor', 3, 70_000, 1.25, 'iron' ], [ 'buoy', 65_535, 4_294_967_295, -0.1, '' ], [ 'chain link long', 0, 1, 1e300, 'x' x 20 ]);
my $file = join '', map { pack 'n/a*', pack $REC, @$_ } @rows;
print length $file, " bytes, starts ", hex_of(substr $file, 0, 24), "\n";
for my $r (unpack '(n/a*)*', $file) {
    my ($name, $n, $big, $f, $what) = unpack $REC, $r;
    printf "%-12s|%5d|%10u|%g|%s|\n", $name, $n, $big, $f, $what;
}

# an IPv4 header with its checksum
sub checksum { my $sum = unpack '%32n*', shift; $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16; return ~$sum & 0xffff }
my @ip  = map { pack 'C4', split /\./ } '192.168.0.1', '10.1.2.3';
my $hdr = pack 'C C n n n C C n a4 a4', 0x45, 0, 40, 54321, 0x4000, 64, 6, 0, @ip;
substr($hdr, 10, 2) = pack 'n', checksum($hdr);
print "header ", unpack('H*', $hdr), " verifies to ", checksum($hdr), "\n";
my ($vihl, $ttl, $src) = unpack 'C x7 C x3 a4', $hdr;
printf "version %d, words %d, ttl %d, from %s, bits %s\n", $vihl >> 4, $vihl & 15, $ttl, join('.', unpack 'C4', $src), unpack('B8', $hdr);

# integers of every size and order
for my $t ('c', 'C', 's<', 's>', 'S>', 'l<', 'L>', 'q<', 'Q>', 'n', 'N', 'v', 'V', 'j>', 'w', 'U0U', 'f<', 'd>') {
    my $p = pack $t, $t =~ /w/ ? 300 : $t =~ /U0/ ? 233 : 77;
    my $back = $t eq 'U0U' ? length $p : unpack $t, $p;
    printf "%-4s %-24s %s\n", $t, hex_of($p), $back;
}
print join(',', unpack('c s< l< q<', pack 'c s< l< q<', -1, -2, -3, -4)), ' ', join(',', unpack 'S> L> Q>', pack 's> l> q>', -1, -2, -3), "\n";
print join(' ', unpack 'w*', pack 'w*', 1, 127, 128, 16_384, 2**40), "\n";

# strings, padding, positions, groups, nesting
print join('|', map { s/\0/~/gr } pack('a6', 'ab'), pack('A6', 'ab') . '.', pack('Z6', 'abcdefgh'), pack('Z*', 'ab'), pack('a*', 'abc'), pack('x3 a X a', 'p', 'q'), pack('a @5 a', 'l', 'r')), "\n";
print join('|', unpack('A6 Z6 a6', "ab    cd\0efgij\0\0 \0")) =~ s/\0/~/gr, "\n";
print hex_of(pack '(A2 n)3', 'ab', 1, 'cd', 2, 'ef', 3), ' => ', join(' ', unpack '(A2 n)*', pack '(A2 n)3', 'ab', 1, 'cd', 2, 'ef', 3), "\n";
my @nested = unpack 'C/(C/a)', pack 'C/(C/a)', 'one', 'three', 'five';
print "nested: @nested; hex ", pack('H6 h4', '6f6b21', '4716'), '; bits ', pack('B8 b8', '01000001', '01000010'), ' ', unpack('b*', 'a'), "\n";
print "counts: ", unpack('%8C*', 'checksum'), ' ', unpack('%32b*', "\xff\x0f"), ' ', scalar(my @c = unpack '(a3)*', 'abcdefgh'), ' ', join('/', unpack '(a3)*', 'abcdefgh'), "\n";
print pack('u', 'uuencoding keeps text printable, in lines of forty-five bytes each.'), unpack('u', pack 'u', "round trip\n");
print "unicode: ", join(' ', map { sprintf 'U+%04X', $_ } unpack 'U*', "caf\x{e9} \x{263a}"), ' ', length pack('U*', 0x263a, 0x41), ' ', hex_of(pack 'C0U*', 0x263a), "\n";
eval { my $p = pack 'Y', 1 };
print "error: $@";
eval { my @x = unpack '(a2', 'abc' };
print "error: $@";
eval { my $p = pack '@2 x/a', 1 };
print "error: $@";
{ my @w; local $SIG{__WARN__} = sub { push @w, $_[0] =~ s/ at .*//sr }; my $p = pack 'C c A', 300, 200, undef; print hex_of($p), ' [', join('; ', @w), "]\n" }

# sprintf
printf "%s|%10s|%-10s|%.2s|%5.1s|%c%c|%%|%05d|%+d|% d|%x|%X|%#x|%#o|%b|%#b|%o\n", 'str', 'right', 'left', 'cut', 'one', 65, 0x42, 42, 42, 42, 255, 255, 255, 8, 5, 5, 64;
printf "%f|%.0f|%.3f|%e|%.2E|%g|%g|%g|%G|%#.3g|%a\n", 3.14159, 2.5, -1.0005, 12345.678, 0.00012, 1e5, 1e15, 0.0001, 1e-10, 2, 10;
printf "%3\$s %1\$s %2\$s|%*d|%-*d|%.*f|%2\$*1\$d|%v02x|%*vd\n", 5, 7, 'third', 4, 2, 9, 1, 'a.b', ':', '1.2';
printf "%s %s %s %s %s %s\n", 1e15, 1e16, 0.1 + 0.2, 1 / 3, -17 / 4, 1e100;
printf "%s %s %s %s %s\n", 9**20, 2**53 + 1, 18446744073709551615, 18446744073709551616, -9223372036854775808;
printf "%d %s %d %u %i\n", 3.99, int(-3.99), '42abc' =~ /(\d+)/, 3, '-7';
printf "%s %s %s %d\n", 9**9**9, -9**9**9, -sin(9**9**9), 1e19;
printf "%-8s|%08.3f|%+.1e|%hhd|%lld|%s\n", 'tab', -3.14159, 12345, 65, 1 << 40, join ',', map { sprintf '%03b', $_ } 0 .. 3;
{ my @w; local $SIG{__WARN__} = sub { push @w, $_[0] =~ s/ at .*//sr }; my $s = sprintf '%d %s %z', 'x1'; $s .= sprintf '%s', 'a', 'b'; print "$s [", join('; ', @w), "]\n" }
print join(' ', map { sprintf '%.0f', $_ } 0.5, 1.5, 2.5, 3.5, -0.5), ' ', join(' ', map { sprintf '%.2f', $_ } 1.005, 1.115, 2.675), ' ', 0x7fffffffffffffff, ' ', oct('0b101'), ' ', oct('755'), ' ', hex('ff'), ' ', oct '0xFf', "\n";
