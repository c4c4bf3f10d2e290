#!/usr/bin/perl
# Sorting: several keys, mixed directions, natural order, Schwartzian and Orcish
# transforms, packed keys, named and stored comparators, stability, ranking, merging.
use strict;
use warnings;

my @people = map { my %h; @h{qw(last first age city)} = split /:/; \%h } qw(
    Moss:Ann:41:Leeds   Hart:Bo:29:York    Moss:Cal:29:Bath   Dale:Di:41:York
    Hart:Ed:63:Leeds    Moss:Flo:41:York   Dale:Gil:7:Bath    Reed:Hal:29:Leeds
    hart:Ira:29:Bath    Reed:Jo:63:York
);
sub names { join ' ', map { "$_->{first}" } @_ }

print "by name:   ", names(sort { $a->{last} cmp $b->{last} or $a->{first} cmp $b->{first} } @people), "\n";
print "no case:   ", names(sort { lc $a->{last} cmp lc $b->{last} || $b->{age} <=> $a->{age} || $a->{first} cmp $b->{first} } @people), "\n";
print "city, age: ", names(sort { $a->{city} cmp $b->{city} or $b->{age} <=> $a->{age} or $a->{last} cmp $b->{last} } @people), "\n";

# comparators made from a description: "-age,last"
sub by_keys {
    my @key = map { my ($sign, $num, $name) = /^(-?)(#?)(\w+)$/ or die "bad key $_"; [ $sign ? -1 : 1, $num, $name ] } split /,/, shift;
    return sub {
        my ($x, $y) = @_;
        for my $k (@key) {
            my ($dir, $num, $name) = @$k;
            my $c = $num ? $x->{$name} <=> $y->{$name} : $x->{$name} cmp $y->{$name};
            return $dir * $c if $c;
        }
        return 0;
    };
}
for my $spec ('-#age,last,first', 'city,-last,#age,first', '#age') {
    my $cmp = by_keys($spec);
    printf "%-22s %s\n", $spec, names(sort { $cmp->($a, $b) } @people);
}
eval { by_keys('age,,x'); 1 } or print "error: ", $@ =~ s/ at .*//sr, "\n";

# stability: equal keys keep their order, in both directions
my @cards = qw(4d 2c 4a 9b 2a 9a 4c 2b);
sub face { substr($a, 0, 1) <=> substr($b, 0, 1) }
my $down = sub { substr($b, 0, 1) <=> substr($a, 0, 1) };
print "up   @{[ sort face @cards ]}\ndown @{[ sort $down @cards ]}\nrev  @{[ reverse sort face @cards ]}\n";
my $sorter = 'face';
print "by a name in a variable: ", join(' ', sort $sorter qw(7x 1y 3z)), "\n";

# prototype comparator gets its arguments in @_
sub by_length ($$) { my ($x, $y) = @_; length $x <=> length $y or $x cmp $y }
print "length: @{[ sort by_length qw(pear fig banana kiwi apple date) ]}\n";

# natural order of file names, with cached keys (Schwartzian)
my @files = qw(img12.png img10.png img2.png IMG1.png doc3-10.txt doc3-9.txt doc12-1.txt x a10b2 a10b10 a9);
my @natural = map { $_->[0] }
    sort {
        my $i = 1;
        my $c = 0;
        while (!$c and $i < @$a || $i < @$b) {
            $c = !defined $a->[$i] ? -1 : !defined $b->[$i] ? 1
               : $a->[$i] =~ /^\d/ && $b->[$i] =~ /^\d/ ? $a->[$i] <=> $b->[$i] : $a->[$i] cmp $b->[$i];
            $i++;
        }
        $c || $a->[0] cmp $b->[0];
    }
    map { [ $_, lc($_) =~ /(\d+|\D+)/g ] } @files;
print "natural: @natural\n";

# Orcish: compute a key once, keep it in a hash
my ($computed, %memo) = (0);
sub weight { my $w = shift; $computed++; my $t = 0; $t += ord for split //, $w; $t }
my @by_weight = sort { ($memo{$a} //= weight($a)) <=> ($memo{$b} //= weight($b)) } qw(zoo bee ant elk cow yak emu hen);
print "weights: @by_weight ($computed computed)\n";

# packed keys: one string compare does everything
my @packed = map { substr $_, 9 } sort map { pack('A4 C N', $_->{city}, 255 - $_->{age}, 7) . $_->{first} } @people;
print "packed: @packed\n";

# numbers, mixed numbers, inplace, reverse numeric, undef handling
my @n = (10, 9, 2, 33, 1e3, -5, 0x1f, 2.5, '07');
print "text: @{[ sort @n ]}\nnum:  @{[ sort { $a <=> $b } @n ]}\n";
@n = sort { $b <=> $a } @n;
print "down: @n\n";
my @holes = sort { defined $a <=> defined $b or ($a // 0) <=> ($b // 0) } 3, undef, 1, undef, 2;
print "holes: ", join(' ', map { $_ // '-' } @holes), "\n";

# ranks with ties, top three without a full sort, merging sorted lists, unique
my %score = (ann => 70, bo => 85, cal => 70, di => 99, ed => 12, flo => 85);
my ($rank, $shown, $last) = (0, 0, undef);
for my $p (sort { $score{$b} <=> $score{$a} || $a cmp $b } keys %score) {
    $shown++;
    $rank = $shown if !defined $last or $score{$p} != $last;
    $last = $score{$p};
    print "$rank.$p($last) ";
}
print "\n";
my @top;
for my $v (values %score) { @top = (sort { $b <=> $a } @top, $v)[ 0 .. (@top < 3 ? @top : 2) ] }
print "top: @top\n";
my @l = ([ 1, 4, 9 ], [ 2, 4, 8, 16 ], [ 3, 4 ]);
my @merged;
while (grep { @$_ } @l) {
    my ($min) = sort { $a->[0] <=> $b->[0] } grep { @$_ } @l;
    push @merged, shift @$min;
}
my %dup;
print "merged: @merged, unique: @{[ grep { !$dup{$_}++ } @merged ]}\n";
my @idx = sort { $merged[$b] <=> $merged[$a] or $a <=> $b } 0 .. $#merged;
print "order: @idx\n";
print "sorted in place of a copy: ", join(',', sort { $a <=> $b } grep { $_ & 1 } map { $_ * 3 % 17 } 1 .. 16), "\n";
my @mixed = sort { $a <=> $b } 'two', 3, 1;
print "with a warning: @mixed\n";
