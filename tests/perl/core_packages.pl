# Version objects, lexical imports from builtin, features, and warnings of a package's own category.
use version;
print join(" ", version->parse("1.2.3")->normal, version->new("1.5")->numify, version->declare("v1.2"),
    version->parse("1.10") <=> version->parse("1.9")), "\n";
print "greater\n" if version->parse("v1.2.3") > "v1.2.2";

use feature 'say';
{
    use builtin qw(true false trim ceil reftype);
    no warnings;
    say join(",", trim("  a b "), ceil(1.5), true, "[" . false . "]", reftype([]));
}
say join(",", builtin::indexed('a', 'b'));
use constant { PI => 3, E => 2 };
say PI + E;

package Foo {
    use warnings::register;
    sub f { warnings::warnif("bad thing") }
    sub on { warnings::enabled() ? "on" : "off" }
}
use warnings;
$SIG{__WARN__} = sub { print "warned: ", $_[0] =~ s/ at .*//sr, "\n" };
Foo::f();
{
    no warnings 'Foo';
    Foo::f();
    say Foo::on();
}
say Foo::on();
{
    use warnings FATAL => 'Foo';
    eval { Foo::f() };
    print "died: ", $@ =~ s/ at .*//sr, "\n";
}
