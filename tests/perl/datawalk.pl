#!/usr/bin/perl
# Walking nested data: deep copy, deep compare, flatten, merge, search by path,
# cycle-safe dump, autovivification, slices, exists/delete, weak references.
use strict;
use warnings;
use Scalar::Util qw(reftype blessed weaken);

my $inventory = {
    shop  => 'Corner & Sons',
    open  => [ [ 8, 12 ], [ 14, 18.5 ] ],
    goods => {
        tools => [ { name => 'hammer', price => 12.5, stock => 7 }, { name => 'saw', price => 18, stock => 0 } ],
        paint => [ { name => 'white', price => 22.25, stock => 3, sizes => [ 1, 5, 10 ] } ],
    },
    owner => \'Lin',
    hours => sub { 8 + $_[0] },
    none  => undef,
};

sub show {
    my ($d, $indent, $seen) = (@_, 0, {});
    my $pad = '  ' x $indent;
    return defined $d ? ($d =~ /^-?\d+(?:\.\d+)?$/ ? $d : "'$d'") : 'undef' unless ref $d;
    return 'CYCLE' if $seen->{ $d + 0 };
    local $seen->{ $d + 0 } = 1;
    my $class = blessed $d ? blessed($d) . '=' : '';
    my $type  = reftype $d;
    if ($type eq 'HASH') {
        return "$class\{}" unless %$d;
        return "$class\{\n" . join('', map { "$pad  $_ => " . show($d->{$_}, $indent + 1, $seen) . ",\n" } sort keys %$d) . "$pad}";
    }
    if ($type eq 'ARRAY') {
        my @parts = map { show($_, $indent + 1, $seen) } @$d;
        my $flat = join ', ', @parts;
        return $class . ($flat =~ /\n/ || length $flat > 40 ? "[\n" . join('', map { "$pad  $_,\n" } @parts) . "$pad]" : "[$flat]");
    }
    return $class . 'sub' if $type eq 'CODE';
    return $class . '\\' . show($$d, $indent, $seen);
}
print show($inventory), "\n";

sub clone {
    my $d = shift;
    my $t = ref $d or return $d;
    return $t eq 'HASH' ? { map { ($_ => clone($d->{$_})) } keys %$d }
         : $t eq 'ARRAY' ? [ map { clone($_) } @$d ]
         : $t eq 'SCALAR' || $t eq 'REF' ? \(my $x = clone($$d))
         : $d;
}

sub same {
    my ($x, $y) = @_;
    return (defined $x xor defined $y) ? 0 : 1 unless defined $x and defined $y;
    return 0 if ref $x ne ref $y;
    return $x eq $y unless ref $x;
    if (ref $x eq 'HASH') {
        return 0 if keys %$x != keys %$y;
        exists $y->{$_} && same($x->{$_}, $y->{$_}) or return 0 for keys %$x;
        return 1;
    }
    if (ref $x eq 'ARRAY') {
        return 0 if @$x != @$y;
        same($x->[$_], $y->[$_]) or return 0 for 0 .. $#$x;
        return 1;
    }
    return ref $x eq 'CODE' ? $x == $y : same($$x, $$y);
}

my $copy = clone($inventory);
print "copy equal: ", same($inventory, $copy), "\n";
$copy->{goods}{tools}[1]{stock} = 5;
print "after a change: ", same($inventory, $copy), ", original still $inventory->{goods}{tools}[1]{stock}\n";

sub flatten {
    my ($d, $path, $out) = @_;
    if    (ref $d eq 'HASH')  { flatten($d->{$_}, length $path ? "$path.$_" : $_, $out) for sort keys %$d }
    elsif (ref $d eq 'ARRAY') { flatten($d->[$_], "$path\[$_]", $out) for 0 .. $#{$d} }
    else                      { push @$out, [ $path, $d ] }
    return $out;
}
my @leaves = @{ flatten($inventory->{goods}, '', []) };
printf "%-18s %s\n", @$_ for @leaves;

sub fetch {
    my ($d, $path) = @_;
    for my $step ($path =~ /([^.\[\]]+)/g) {
        my $t = ref $d;
        if    ($t eq 'HASH'  and exists $d->{$step})              { $d = $d->{$step} }
        elsif ($t eq 'ARRAY' and $step =~ /^\d+$/ && $step < @$d) { $d = $d->[$step] }
        else                                                      { return }
    }
    return $d;
}
for my $p ('goods.paint[0].sizes[2]', 'goods.tools[1].name', 'goods.tools[9].name', 'open[1][1]') {
    my ($v) = fetch($inventory, $p);
    print "$p -> ", $v // 'nothing', "\n";
}

# autovivification, slices, exists, delete, wantarray-ish context
my %tree;
$tree{$_->[0]}{ $_->[1] }[ $_->[2] ]++ for [ 'a', 'x', 2 ], [ 'a', 'y', 0 ], [ 'b', 'x', 1 ], [ 'a', 'x', 2 ];
print show(\%tree), "\n";
print "no c: ", (exists $tree{c} ? 1 : 0), ", no c.d: ", (exists $tree{c}{d} ? 1 : 0), ", now c: ", (exists $tree{c} ? 1 : 0), "\n";
my ($gone) = delete @tree{qw(c b)};
print "deleted: ", show($gone), ", left: @{[ sort keys %tree ]}\n";
my @cols = @{ $inventory->{goods}{tools}[0] }{qw(stock name)};
my %sub  = %{ $inventory->{goods}{tools}[0] }{qw(price name)};
print "slice: @cols; kv: ", join(' ', map { "$_=$sub{$_}" } sort keys %sub), "\n";
print "last of last: $$inventory{open}[-1]->[-1], hours: ", $inventory->{hours}->(4), "\n";

# a tree with parent links; weak links let it die
{
    my $root = bless { name => 'root', kids => [] }, 'Node';
    for my $n (qw(l r)) {
        my $kid = bless { name => $n, up => $root, kids => [] }, 'Node';
        weaken $kid->{up};
        push @{ $root->{kids} }, $kid;
    }
    print show($root), "\n";
    print "kid knows: $root->{kids}[1]{up}{name}\n";
    sub Node::DESTROY { print "freed $_[0]{name}\n" }
}
my @loop = (1, 2);
push @loop, \@loop;
print show(\@loop), "\n";
@loop = ();
