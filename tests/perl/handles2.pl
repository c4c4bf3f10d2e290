# Handles once more: DATA on the program's own file, nested <>, in-place edits, layers of a scope, names of handles.
use strict;
use warnings;

my $dir = "handles2_$$";
mkdir $dir or die "mkdir: $!";
sub file {
    my ($name, @lines) = @_;
    open my $fh, '>', "$dir/$name" or die "$name: $!";
    print $fh map { "$_\n" } @lines;
    close $fh;
    return "$dir/$name";
}
sub slurp { local (@ARGV, $/) = shift; return scalar <> }

# DATA is the file itself: tell counts from its start.
my $at = tell DATA;
open my $self, '<', $0 or die "own text: $!";
seek $self, $at, 0;
print 'same: ', scalar(<DATA>) eq scalar(<$self>) ? 'yes' : 'no', "\n";
close $self;

# A pass over other files inside of a pass.
my ($one, $two, $three) = map { file("f$_", "$_-1", "$_-2") } 1 .. 3;
{
    local @ARGV = ($one, $two);
    while (<>) {
        chomp;
        if ($. == 2) {
            local (*ARGV, $_);
            @ARGV = ($three);
            while (<>) { chomp; print "  inner $_ line $.\n" }
        }
        print "outer $_\n";
        last if eof() && !@ARGV;
    }
}

# Edits in place go on when the current directory changes, and end when ARGVOUT is closed.
{
    local ($^I, @ARGV) = ('.old', $one);
    while (<>) {
        tr/-/+/;
        chdir $dir if /[+]1/;
        print;
    }
    chdir '..';
}
{
    local ($^I, @ARGV) = ('', $two);
    while (<>) {
        tr/-/=/;
        print;
        close ARGVOUT if eof;
    }
}
print slurp($one), slurp("$one.old"), slurp($two);

# Default layers belong to a scope.
my $text = "$dir/text";
{
    use open OUT => ':encoding(UTF-8)', IN => ':encoding(UTF-8)';
    open my $fh, '>', $text or die;
    print $fh "\x{263a}\n";
    close $fh;
    open $fh, '<', $text or die;
    chomp(my $line = <$fh>);
    print 'characters: ', length $line, "\n";
}
open my $raw, '<', $text or die;
chomp(my $octets = <$raw>);
print 'octets: ', length $octets, ' ', join(' ', PerlIO::get_layers($raw)), "\n";

# What a handle is called in messages.
{
    my %h;
    my @a;
    local $SIG{__WARN__} = sub { print 'warned:', $_[0] =~ /( <.*) line/, "\n" };
    for my $case (
        sub { open $h{k}, '<', $three or die; readline $h{k}; warn 'x' },
        sub { open $a[1], '<', $three or die; readline $a[1]; warn 'x' },
        sub { open my $fh, '<', $three or die; readline $fh; warn 'x' },
    ) {
        $case->();
    }
}

# Bytes and characters of an old character set.
open my $ebcdic, '>:encoding(cp1047)', \my $buffer or die;
print $ebcdic "AB1";
close $ebcdic;
print unpack('H*', $buffer), "\n";

# The stacked tests look at one file, `_` is the last stat.
print join(' ', map { -e -f -r $_ ? 'file' : -d _ ? 'directory' : 'neither' } $text, $dir, "$dir/none"), "\n";
print "lines: ", scalar(my @l = split /^/, "a\nb\nc"), "\n";
{
    local $^F = 5;
    pipe my $r, my $w or die;
    open my $dup, '<&=', $r or die;
    print "alias: ", (fileno($dup) == fileno($r) ? "same" : "other"), "\n";
}

# A repeated line takes its arguments anew.
my %left = (a => 1, b => 2, c => 3);
my @order = sort keys %left;
formline "@< @< ~~\n", @order ? (shift @order, delete $left{ $order[0] // '' } // '-') : ('', '');
print $^A;
$^A = '';
print "rest: @order\n";

END { unlink glob "$dir/*" if $dir; rmdir $dir if $dir }
__DATA__
first line
second line
