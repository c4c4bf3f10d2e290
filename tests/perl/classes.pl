# Feature class: fields, parameters, accessors, ADJUST, inheritance, lexical methods; and lexical subs.
use v5.42;
use feature 'class';
no warnings 'experimental::class';

my $made = 0;

class Animal 1.2 {
    field $name :param :reader;
    field $legs :param :reader :writer(legs_are) //= 4;
    field @log = ("born");
    field %seen;
    field $id = ++$made;
    ADJUST { push @log, __CLASS__ . " adjusted" }
    method note ($what, $more = 'nothing') { push @log, "$what/$more"; $seen{$what}++; return $self }
    method log { return @log }
    method id { return $id }
    method seen { return join ',', map "$_=$seen{$_}", sort keys %seen }
    my method secret { return "secret of $name" }
    method tell { return $self->&secret }
    method counter { return sub { return $id++ } }
    method DESTROY { print "gone: $name\n" }
}

class Dog :isa(Animal) {
    field $tricks :param(knows) = do { my @l = ('sit'); \@l };
    ADJUST { $self->note("new dog") }
    method tricks { return "@$tricks" }
}

{
    my $d = Dog->new(name => 'Rex', legs => undef);
    print join('|', $d->name, $d->legs, $d->tricks, $d->id, $d->tell), "\n";
    print join('|', $d->log), "\n";
    print ref($d->legs_are(3)), ' ', $d->legs, "\n";
    my $c = $d->counter;
    $c->() for 1 .. 2;
    print $d->id, ' ', $d->note('x')->note('x', 1)->seen, "\n";
    print builtin::reftype($d), ' ', ($d isa Animal ? 'is' : 'is not'), " an Animal, @Dog::ISA\n";
}

sub fails ($what, $code) {
    eval $code;
    print "$what: ", $@ =~ s/ at (\(eval \d+\)|\S+) line \d+[.,]?.*//sr, "\n";
}
fails 'missing',    'Animal->new(legs => 1)';
fails 'unknown',    'Animal->new(name => 1, tail => 2)';
fails 'no object',  'Animal::tell("Dog")';
fails 'other',      'class Cat {} Animal::tell(Cat->new)';
fails 'bless',      'bless [], "Dog"';
fails 'rebless',    'bless Cat->new, "main"';
fails 'reopen',     'class Dog { }';
fails 'isa',        'push @Dog::ISA, "Cat"';
fails 'no class',   'class Carp :isa(strict) { }';
fails 'version',    'class Pike :isa(Animal 7) { }';
fails 'attribute',  'class Wels :wet { }';
fails 'outside',    'method m { }';
fails 'in a sub',   'class Bird { field $w; sub f { $w } }';
fails 'twice',      'class Pup :isa(Dog) { field $n :param(knows); }';
fails 'accessor',   'Animal->new(name => 1)->name(2)';
fails 'incomplete', 'class Half { field $x; ) }';
fails 'forgotten',  'Half->new';

# Lexical subs are there for named subs, for BEGIN, and once per scope entry.
my sub twice ($n) { return 2 * $n }
sub four { return twice(2) }
my sub later;
sub uses_later { return later() }
sub later { return 'defined later' }
print four(), ' ', uses_later(), "\n";
my @subs = map { my $n = $_; my sub show { return "n=$n" } \&show } 1 .. 2;
print join(' ', map $_->(), @subs), "\n";
{
    state sub counter { state $n = 10; return $n++ }
    sub count { return counter() }
}
print count(), count(), "\n";
state $kept = 5;
sub kept { return $kept++ }
print kept(), kept(), $kept, "\n";
