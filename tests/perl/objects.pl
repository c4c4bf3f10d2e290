#!/usr/bin/perl
# Object orientation: inheritance, SUPER, accessors made at run time, AUTOLOAD,
# can/isa/DOES, class data, DESTROY in a known order, exceptions as objects.
use strict;
use warnings;

package Shape;
my $alive = 0;

sub new {
    my ($class, %arg) = @_;
    my $self = bless { name => $arg{name} || lc $class, tags => [] }, $class;
    $alive++;
    $self->init(%arg);
    return $self;
}
sub init  { }
sub area  { my $self = shift; Shape::Error->throw(ref($self) . " has no area") }
sub tag   { my $self = shift; push @{ $self->{tags} }, @_; return $self }
sub alive { $alive }

sub describe {
    my $self = shift;
    return sprintf '%s (%s) area %.2f%s', $self->{name}, ref $self, $self->area,
        @{ $self->{tags} } ? ' [' . join(',', sort @{ $self->{tags} }) . ']' : '';
}

sub DESTROY {
    my $self = shift;
    $alive--;
    print "  - $self->{name} is gone\n";
}

for my $field (qw(name)) {
    no strict 'refs';
    *{"Shape::$field"} = sub { my $s = shift; $s->{$field} = shift if @_; $s->{$field} };
}

package Circle;
our @ISA = ('Shape');
sub init { my ($self, %a) = @_; $self->{r} = $a{r} }
sub area { my $self = shift; return 3.14159265 * $self->{r}**2 }

package Rect;
use parent -norequire, 'Shape';
sub init { my ($self, %a) = @_; @{$self}{qw(w h)} = @a{qw(w h)} }
sub area { $_[0]{w} * $_[0]{h} }

package Square;
our @ISA = 'Rect';

sub init {
    my ($self, %a) = @_;
    $self->SUPER::init(w => $a{side}, h => $a{side});
    $self->tag('equal');
}
sub DESTROY { my $self = shift; print "  (square first)\n"; $self->SUPER::DESTROY() }

package Blob;
our @ISA = qw(Shape);

package Shape::Error;
sub throw { my ($class, $text) = @_; die bless { text => $text, where => join(':', (caller 1)[3]) }, $class }
sub text  { $_[0]{text} }

package Recorder;    # AUTOLOAD forwards everything to its target and writes a protocol
our $AUTOLOAD;
sub new { my ($class, $target) = @_; bless { target => $target, log => [] }, $class }

sub AUTOLOAD {
    my $self = shift;
    (my $name = $AUTOLOAD) =~ s/.*:://;
    return if $name eq 'DESTROY';
    my $m = $self->{target}->can($name) or die sprintf "%s cannot %s\n", ref $self->{target}, $name;
    push @{ $self->{log} }, "$name(" . join(', ', @_) . ")";
    unshift @_, $self->{target};
    goto &$m;
}

package main;

my @shapes = (
    Circle->new(r => 2, name => 'disc'),
    Rect->new(w => 3, h => 4.5),
    Square->new(side => 5, name => 'tile'),
    Blob->new,
);

for my $s (@shapes) {
    my $text = eval { $s->describe };
    if (ref $@ and $@->isa('Shape::Error')) { print "error: ", $@->text, " in $@->{where}\n" }
    else                                    { print "$text\n" }
}
print "alive: ", Shape->alive, "\n";

print "tile is a $_: ", ($shapes[2]->isa($_) ? 'yes' : 'no'), "\n" for qw(Square Rect Shape Circle);
print "can: ", join(' ', grep { $shapes[0]->can($_) } qw(area side tag describe fly)), "\n";
my $method = Rect->can('area');
print "borrowed method: ", $method->({ w => 6, h => 7 }), "\n";
my $class = 'Circle';
my $m     = 'area';
{
    my $unit = $class->new(r => 1, name => 'unit');
    printf "unit area %.4f, through a name %s\n", $unit->$m, $unit->$m == $unit->area ? 'same' : 'different';
    print "leaving the block\n";
}
print "left the block, alive: $alive\n";

my $rec = Recorder->new($shapes[1]);
$rec->tag('wide', 'flat')->name('board');
print $rec->describe, "\n";
eval { $rec->explode; 1 } or print "failed: $@";
print "protocol: @{ $rec->{log} }\n";

print "dropping one\n";
splice @shapes, 0, 1;
print "dropping the last reference to it\n";
undef $rec;
$shapes[0] = undef;
print "cycle without leak\n";
{
    my $p = Rect->new(w => 1, h => 1, name => 'parent');
    my $k = Rect->new(w => 1, h => 1, name => 'kid');
    $p->{kid} = $k;
    undef $k;
    print "kid area: ", $p->{kid}->area, "\n";
}
@shapes = ();
print "alive at the end: ", Shape::alive(), "\n";
eval { Circle->nonsense };
print $@;
eval { my $u; $u->area };
print $@;
eval { 'NoSuchClass'->new };
print $@;
# SUPER without a parent that has the method: what the message and $AUTOLOAD name.
{
    package Lonely;
    eval { Lonely->SUPER::missing };
    print $@;
    my $name = 'Nowhere::SUPER::missing';
    eval { Lonely->$name };
    print $@;
}
{
    package Asked;
    our $AUTOLOAD;
    sub AUTOLOAD { print "asked for $AUTOLOAD\n" unless $AUTOLOAD =~ /DESTROY/ }
    package Asking;
    our @ISA = 'Asked';
    Asking->SUPER::missing;
    my $name = 'SUPER::missing';
    Asking->$name;
}

die Shape::Error->can('text') ? "finished on purpose\n" : "never\n";
