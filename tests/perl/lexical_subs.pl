# Lexical subs, aliases through references, signatures that are wrong, heredocs that end oddly.
use v5.36;
use feature qw(refaliasing declared_refs);
no warnings qw(experimental::refaliasing experimental::declared_refs);

sub outer { return 'package' }
{
    my sub outer { return 'lexical ' . outer() }
    say outer();
    my sub fact;
    sub fact ($n) { return $n < 2 ? 1 : $n * fact($n - 1) }
    say fact(5);
    my sub first :prototype($) { return "first $_[0]" }
    say join ',', first 1, 2;
    our sub shared;
    package Elsewhere { sub shared { return __PACKAGE__ } }
    say main::shared();
    my sub s { return "my own s(@_)" }
    say s(1);
}
say outer();

my ($one, $two) = (1, 2);
\my $alias = \$one;
$alias++;
my \@list = [1 .. 3];
my (\$x, \%h) = (\$two, { k => 'v' });
push @list, $x, $h{k};
say "$one @list";
our $pkg = 'kept';
{ \local $pkg = \$two; say $pkg }
say $pkg;
$one == 2 ? \$x : \$alias = \'aliased';
say $x;

for my $text ('$a, $b = 1, $c', '@a, $b', '%h = 1', '@a, @b', '$a =', ',$a', '1') {
    eval "sub wrong ($text) { }";
    print $@ =~ s/ at \(eval \d+\) line 1//gr;
}
sub pairs (%h) { return join ',', map "$_$h{$_}", sort keys %h }
say eval { pairs(a => 1, b => 2) }, ' ', eval { pairs(1) } // $@ =~ s/ at .*//sr;

print <<~' END', eval qq{<<""\nlast line\n};
    indented
      more
     END

# What a sub takes off its arguments is the caller's variable; lvalue subs in list assignments.
sub set { ${\shift} = 'set' }
my $arg = 'unset';
set($arg);
my ($p, $q) = (1, 2);
sub both :lvalue { $p, $q }
(both) = (3, 4);
say "$arg $p $q";
for my $bad ('package P 01', 'package P 1.2_3', 'package P v1.2', 'package P 1.', '1 isa Foo < 2', 'my $x = ...') {
    eval "$bad; 1";
    print "$bad: ", $@ =~ s/\n.*//sr =~ s/ at \(eval \d+\)//r, "\n";
}
