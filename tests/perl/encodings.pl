# Encode: names and objects, what CHECK makes of failures, wide forms, the utf8 mark.
use strict;
use warnings;
use Encode qw(:all);

sub show {
    my $s = shift;
    return 'undef' unless defined $s;
    return join '', map { $_ > 126 || $_ < 32 ? sprintf '<%X>', $_ : chr } unpack 'W*', $s;
}

for my $name (qw(latin1 UTF-8 utf8 utf-16le koi8-r windows-1251 cp437 ebcdic-cp-us MacRoman shift_jis euc-jp gb2312 nonsense)) {
    my $e = find_encoding($name);
    print "$name: ", $e ? $e->name : 'unknown', "\n";
}

my @cases = (
    [ decode => 'UTF-8',      "a\xe2\x98\xba\xff", FB_DEFAULT ],
    [ decode => 'UTF-8',      "a\xffb",            FB_CROAK ],
    [ decode => 'UTF-8',      "ab\xe2\x98",        FB_QUIET ],
    [ decode => 'UTF-8',      "\xed\xa0\x80z",     FB_PERLQQ ],
    [ decode => 'utf8',       "\xed\xa0\x80z",     FB_DEFAULT ],
    [ decode => 'ascii',      "x\xe9",             sub { "[$_[0]]" } ],
    [ encode => 'ascii',      "x\x{e9}\x{263a}",   FB_DEFAULT ],
    [ encode => 'ascii',      "x\x{263a}",         FB_PERLQQ ],
    [ encode => 'iso-8859-5', "\x{42f}\x{e9}",     FB_HTMLCREF ],
    [ encode => 'iso-8859-5', "\x{42f}\x{e9}",     FB_XMLCREF ],
    [ encode => 'latin1',     "ok\x{100}rest",     FB_QUIET ],
    [ encode => 'ascii',      "\x{100}",           FB_CROAK ],
    [ encode => 'ascii',      "u\x{100}",          sub { sprintf '<U+%04X>', @_ } ],
    [ encode => 'UTF-16',     "A\x{1f600}",        FB_DEFAULT ],
    [ decode => 'UTF-16LE',   "A\0\x3d\xd8\0\xde", FB_DEFAULT ],
    [ decode => 'UTF-32BE',   "\0\0\x26\x3a",      FB_DEFAULT ],
    [ encode => 'UCS-2BE',    "\x{263a}",          FB_DEFAULT ],
    [ decode => 'cp437',      "\x80\xe1",          FB_DEFAULT ],
    [ encode => 'cp1252',     "\x{20ac}",          FB_DEFAULT ],
    [ encode => 'cp37',       "Perl",              FB_DEFAULT ],
    [ decode => 'shiftjis',   "\x82\xa0",          FB_DEFAULT ],
    [ encode => 'euc-kr',     "\x{ac00}",          FB_DEFAULT ],
);
for my $case (@cases) {
    my ($how, $name, $text, $check) = @$case;
    my $src = $text;
    my $got = eval { $how eq 'decode' ? decode($name, $src, $check) : encode($name, $src, $check) };
    print "$how $name ", show($text), ' => ', show($got), ', left ', show($src), "\n";
    print '  ', $@ =~ s/ at \S+ line.*//sr, "\n" if $@;
}

my $octets = "caf\xc3\xa9";
my $chars  = decode_utf8($octets);
print length $octets, length $chars, is_utf8($chars) ? 1 : 0, is_utf8($octets) ? 1 : 0, "\n";
print show(encode_utf8("\x{e9}\x{263a}")), ' ', from_to($octets, 'utf8', 'latin1'), ' ', show($octets), "\n";
my $s = "\xc3\xa9";
Encode::_utf8_on($s);
print length $s;
Encode::_utf8_off($s);
print length $s, "\n";
eval { encode('no-such-thing', 'x') } or print $@ =~ s/ at .*//sr, "\n";
eval { decode('UTF-8', "\x{263a}") } or print $@ =~ /^(Wide character|Cannot decode string with wide characters)/ ? "too wide\n" : $@;
{
    local $SIG{__WARN__} = sub { print 'warned: ', $_[0] =~ s/ at .*//sr, "\n" };
    my $z = "a\xff";
    decode('UTF-8', $z, FB_WARN);
}
