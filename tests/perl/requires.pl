# require, do FILE, hooks in @INC and versions.
use strict;
use warnings;
use feature ();

sub show {
    my ($what) = @_;
    my $err = $@;
    $err =~ s/0x[0-9a-f]+/0xADDR/g;
    $err =~ s/\(\@INC entries checked:[^)]*\)?[^)]*\)/(INC)/;
    print "$what: $err\n";
}

my %source = (
    'Plain.pm'  => "package Plain; sub name { __PACKAGE__ } 1;\n",
    'Zero.pm'   => "0;\n",
    'Dies.pm'   => "die qq(inside\\n);\n",
    'True.pm'   => "use v5.37; package True; 0;\n",
    'Early.pm'  => "use feature 'module_true'; return 0; 1;\n",
    'Late.pm'   => "{ use feature 'module_true'; } return 0;\n",
    'Caught.pm' => "package Caught; sub ok { 1 } \$main::seen = __FILE__; 1;\n",
);
@INC = sub {
    my ($self, $file) = @_;
    return defined $source{$file} ? \$source{$file} : ();
};

for my $module (qw(Plain Zero Dies True Early Late Missing)) {
    my $value = eval "require $module";
    show("$module " . (defined $value ? "<$value>" : 'undef') . (exists $INC{"$module.pm"} ? ' kept' : ''));
}
eval { require Dies };
show('again');
print Plain->name, "\n";

# A hook names the file, and steers the walk.
unshift @INC, sub { $INC{$_[1]} = "/own/$_[1]" if $_[1] eq 'Caught.pm'; return };
require Caught;
our $seen;
$seen =~ s/0x[0-9a-f]+/0xADDR/;
print "$seen $INC{'Caught.pm'}\n";

# Generators and filters.
my @lines = ("package Lines;\n", "sub n { 3 }\n", "1;\n");
unshift @INC, sub { $_[1] eq 'Lines.pm' ? sub { $_ = shift @lines; defined $_ ? 1 : 0 } : () };
require Lines;
print Lines->n, "\n";
unshift @INC, sub {
    return unless $_[1] eq 'Filtered.pm';
    open my $fh, '<', \"package Filtered;\nsub name { 'dummy' }\n1;\n";
    return (\"# first\n", $fh, sub { s/$_[1]/real/; return }, 'dummy');
};
require Filtered;
print Filtered->name, "\n";

# Objects.
package Finder { sub new { bless {}, shift } sub Finder::INC { $_[1] eq "Obj.pm" ? \"package Obj; 7" : () } }
package Dirs   { sub INCDIR { ('one', 'two') } }
unshift @INC, Finder->new, bless([], 'Dirs');
print require Obj, "\n";
@INC = (bless({}, 'Nothing'));
eval { require None };
show('object');
@INC = sub { die "lost" };
eval { require None };
show('dies');
@INC = ();
{
    no warnings;
    ok_do('none.pl');
    ok_do('/');
}

sub ok_do {
    my $r = do $_[0];
    print defined $r ? $r : 'undef', ' ', $@ eq '' ? 'no error' : $@, ' ', $! ? 'errno' : 'no errno', "\n";
}

# Hooks around require.
@INC = sub { \"1" };
${^HOOK}{require__before} = sub {
    my ($name) = @_;
    print "before $name\n";
    $_[0] = 'Renamed.pm' if $name eq 'Old.pm';
    return sub { print "after $_[0]\n" };
};
require Old;
print join(',', grep /Old|Renamed/, sort keys %INC), "\n";
eval { ${^HOOK}{require__before} = 3 };
show('hook');
${^HOOK}{require__before} = undef;

# Versions.
for my $v ('5.006', 'v5.10', '6', '5.8', '5.48', 'v7.1', 'no v5.6', 'no 7') {
    my $no = $v =~ /^no/;
    eval(($no ? '' : 'use ') . $v . '; 1') and print "$v fine\n" or show($v);
}
eval 'use v5.40; print true, is_tainted(1) ? 1 : 0, "\n"; 1' or show('builtins');
printf "%vd %s\n", $^V, "$^V" . '!';
eval 'require ::Foo';
show('colons');
eval 'require CORE::lc "NOT/HERE.PL"';
show('keyword');

# Versions as values, of any size; names with a NUL byte; undefined entries of @INC.
for my $v (99999999999999, -1, 5.042003001, v5.42.3.1, v1.22.333.4444, 9**9**9) {
    no warnings;
    eval { require $v } ? print "fine\n" : show('value');
}
for my $name ("\0", "a\0b", '') {
    no warnings;
    eval { require $name };
    show('name');
    eval { do $name };
    show('do');
}
{
    local @INC = ('', undef, 'x');
    eval { require Nowhere };
    print $@;
}
