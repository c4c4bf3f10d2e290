# SDBM_File and dbmopen; buffered layers on scalars and STDERR; operators at the end of the program.
use strict;
use warnings;
use Fcntl;
use SDBM_File;

my $base = "/tmp/keshi-sdbm-$$";
my $db = tie my %h, "SDBM_File", $base, O_RDWR | O_CREAT, 0640 or die "tie: $!";
$h{"key$_"} = "v" x ($_ % 40) for 1 .. 300;
$h{key7} = "again";
delete $h{key8};
print scalar(keys %h), " keys, $h{key7}, ", exists $h{key8} ? "there" : "gone", ", ", -s "$base.pag", " bytes\n";
for my $bad ("\x{100}", "x" x 2000) {
    eval { $h{$bad} = 1 };
    print $@ =~ s/key ".*"/key/sr;
}
$db->filter_store_value(sub { $_ = "<$_>" });
$h{filtered} = "text";
$db->filter_store_value(undef);
print "$h{filtered}\n";
$db->filter_store_key(sub { $_ = $h{$_} });
eval { $h{again} = 1 };
print $@;
undef $db;
untie %h;

dbmopen my %g, $base, 0640 or die "dbmopen: $!";
print join(",", map { length $g{"key$_"} } 1 .. 5), "\n";
dbmclose %g;
tie %h, "SDBM_File", $base, O_RDONLY, 0 or die;
eval { $h{new} = 1 };
print $@;
untie %h;
unlink "$base.pag", "$base.dir";

my $target = "";
open my $out, ">:scalar:perlio", \$target or die;
print $out "buffered";
print "[$target]";
close $out;
print "[$target]\n";

binmode STDERR, ":encoding(UTF-8)";
for my $text ("m", "s", "tr", "q") {
    eval "my \$x = 1; $text";
    print $@ =~ s/\(eval \d+\)/(eval)/r;
}
no warnings "experimental::uniprop_wildcards";
print chr(0xE9) =~ /\p{name=latin small letter e with acute}/ ? "named\n" : "unnamed\n";
print join(" ", map { sprintf "%x", $_ } grep { chr =~ m!\p{name=/GREEK SMALL LETTER (?:ALPHA|OMEGA)\z/}! } 0x380 .. 0x3ff), "\n";
