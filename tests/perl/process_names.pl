# $0, $$ and %ENV as other processes see them.
use strict;
use warnings;
$SIG{__WARN__} = sub { print "warning: ", $_[0] =~ /^(Wide character in [^ ]+)/ ? $1 : $_[0], "\n" };
$0 = 'a name';
open my $f, '<', '/proc/self/cmdline' or die;
my $shown = <$f>;
$shown =~ s/\0.*//s;
print "$shown\n";
$0 = "w\x{100}";
print length $0, "\n";
{
    local $$ = 5;
    print "$$\n";
    my $child = open my $pipe, '-|';
    if (!$child) { print $$ == 5 ? "old\n" : "new\n"; exit }
    print <$pipe>;
}
my $chars = "caf\xe9";
utf8::upgrade($chars);
$ENV{PLACE} = $chars;
print utf8::is_utf8($ENV{PLACE}) ? "characters\n" : "bytes\n";
$ENV{PLACE} = "\x{2615}";
print length $ENV{PLACE}, ' ', `printf %s "\$PLACE" | wc -c` + 0, "\n";
sub on_warn { print "hook: $_[0]" }
{
    local $SIG{__WARN__} = 'on_warn';
    print "$SIG{__WARN__}\n";
    warn "heard\n";
}
() = tell STDERR;
print ${^LAST_FH} == \*STDERR ? "last handle\n" : "no handle\n";
