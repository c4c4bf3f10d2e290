# Programs nested tens of thousands of levels deep are parsed, compiled and let go of.
use strict;
use warnings;
no warnings;

sub f { $_[0] // 0 }
my ($n, $few, $blocks) = (6500, 700, 300);
my ($x, $z) = 1;
my %text = (
    sum         => '$x' . '+1' x $few,
    text        => '$x' . '.1' x $few,
    all         => '$x' . '&&2' x $few,
    any         => '0' . '||2' x $few,
    choice      => '0?1:' x $few . '3',
    first       => '1?' x $n . '4' . ':0' x $n,
    parentheses => '(' x $n . '5' . ')' x $n,
    arrays      => '[' x $few . ']' x $few,
    hashes      => '+{a=>' x $few . '1' . '}' x $few,
    minus       => '- ' x $few . '6',
    not         => '!' x $n . '0',
    references  => '\\' x $few . '7',
    sigils      => '$z = \$z; $' . '$' x $few . 'z',
    calls       => 'f(' x $few . '8' . ')' x $few,
    blocks      => '{' x $blocks . '}' x $blocks . '9',
    do_blocks   => 'do {' x $blocks . '10' . '}' x $blocks,
    arrows      => '$x = []; $x->' . '[0]' x $few,
    methods     => '"main"' . '->me' x $few,
    assignments => '$x = ' x $n . '11',
    powers      => '1**' x $few . '1',
    elsif       => 'if (0) {1}' . ' elsif (0) {1}' x $few . ' else {12}',
    closures    => 'sub {' x 100 . '}' x 100,
);
sub me { $_[0] }

for my $name (sort keys %text) {
    no strict 'refs';
    my $y = \$x;
    $x = 1;
    my $v = eval $text{$name};
    my $shown = ref $v || (defined $v && length $v < 20 ? $v : defined $v ? length $v : 'undef');
    print "$name: ", $@ ? "error: $@" : "$shown\n";
}
