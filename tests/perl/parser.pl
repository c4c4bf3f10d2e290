#!/usr/bin/perl
# A recursive-descent parser and evaluator for a little expression language:
# assignments, functions, comparison, ternary, powers; errors point at the column.
use strict;
use warnings;

my (@tok, $src, %fun);
our (%var, $depth);

my %builtin = (
    sqrt => [ 1, sub { $_[0] < 0 ? fail_at('sqrt of a negative number') : sqrt $_[0] } ],
    abs  => [ 1, sub { abs $_[0] } ],
    int  => [ 1, sub { int $_[0] } ],
    max  => [ -1, sub { my $m = shift; $_ > $m and $m = $_ for @_; $m } ],
    min  => [ -1, sub { my $m = shift; $_ < $m and $m = $_ for @_; $m } ],
);

sub fail_at {
    my ($what, $pos) = @_;
    die { what => $what, pos => $pos };
}

sub tokenize {
    $src = shift;
    my @t;
    for ($src) {
        pos = 0;
        while (1) {
            /\G\s+/gc;
            my $at = pos // 0;
            if    (/\G\z/gc)                                    { push @t, [ 'end', '', $at ]; last }
            elsif (/\G(\d+(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)/gc) { push @t, [ num => $1, $at ] }
            elsif (/\G([A-Za-z_]\w*)/gc)                        { push @t, [ name => $1, $at ] }
            elsif (/\G(\*\*|[<>=!]=|&&|\|\||[-+*\/%()<>=?:,!])/gc) { push @t, [ op => $1, $at ] }
            else { /\G(.)/gcs; fail_at("stray character '$1'", $at) }
        }
    }
    return @t;
}

sub peek   { $tok[0][1] }
sub isop   { my $t = $tok[0]; $t->[0] eq 'op' && grep { $t->[1] eq $_ } @_ }
sub accept_op { return isop(@_) ? (shift @tok)->[1] : undef }
sub expect { my $want = shift; accept_op($want) // fail_at("expected '$want'" . (peek() eq '' ? ' at the end' : " before '" . peek() . "'"), $tok[0][2]) }

# binary levels, loosest first; each entry maps an operator to its code
my @level = (
    { '||' => sub { $_[0] || $_[1] } },
    { '&&' => sub { $_[0] && $_[1] } },
    { '==' => sub { $_[0] == $_[1] ? 1 : 0 }, '!=' => sub { $_[0] != $_[1] ? 1 : 0 } },
    { '<' => sub { $_[0] < $_[1] ? 1 : 0 }, '>' => sub { $_[0] > $_[1] ? 1 : 0 }, '<=' => sub { $_[0] <= $_[1] ? 1 : 0 }, '>=' => sub { $_[0] >= $_[1] ? 1 : 0 } },
    { '+' => sub { $_[0] + $_[1] }, '-' => sub { $_[0] - $_[1] } },
    { '*' => sub { $_[0] * $_[1] }, '/' => sub { $_[0] / $_[1] }, '%' => sub { $_[0] % $_[1] } },
);

# Each parse_* returns a closure that computes its value.
sub parse_statement {
    if ($tok[0][0] eq 'name' and $tok[1][1] eq '=') {
        my $name = (shift @tok)->[1];
        shift @tok;
        my $value = parse_ternary();
        return sub { $var{$name} = $value->() };
    }
    if ($tok[0][0] eq 'name' and $tok[0][1] eq 'def') {
        shift @tok;
        my $name = (shift @tok)->[1];
        expect('(');
        my @param;
        until (accept_op(')')) { push @param, (shift @tok)->[1]; accept_op(',') }
        expect('=');
        my $body = parse_ternary();
        $fun{$name} = [ scalar @param, sub { local @var{@param} = @_; $body->() } ];
        return sub { "defined $name/" . @param };
    }
    return parse_ternary();
}

sub parse_ternary {
    my $cond = parse_binary(0);
    return $cond unless accept_op('?');
    my $yes = parse_ternary();
    expect(':');
    my $no = parse_ternary();
    return sub { $cond->() ? $yes->() : $no->() };
}

sub parse_binary {
    my $lv = shift;
    return parse_unary() if $lv > $#level;
    my $left = parse_binary($lv + 1);
    while (defined(my $op = accept_op(keys %{ $level[$lv] }))) {
        my ($l, $r, $code) = ($left, parse_binary($lv + 1), $level[$lv]{$op});
        $left = $op eq '&&' ? sub { $l->() && $r->() } : $op eq '||' ? sub { $l->() || $r->() } : sub { $code->($l->(), $r->()) };
    }
    return $left;
}

sub parse_unary {
    if (accept_op('-')) { my $e = parse_unary(); return sub { -$e->() } }
    if (accept_op('!')) { my $e = parse_unary(); return sub { $e->() ? 0 : 1 } }
    my $base = parse_primary();
    return $base unless accept_op('**');
    my $exp = parse_unary();
    return sub { $base->()**$exp->() };
}

sub parse_primary {
    my ($type, $text, $at) = @{ shift @tok };
    if ($type eq 'num') { my $v = $text + 0; return sub { $v } }
    if ($type eq 'name') {
        if (accept_op('(')) {
            my @arg;
            until (accept_op(')')) { push @arg, parse_ternary(); isop(')') or expect(',') }
            return sub {
                my ($n, $code) = @{ $fun{$text} || $builtin{$text} || fail_at("no function $text", $at) };
                fail_at("$text wants $n argument" . ($n == 1 ? '' : 's') . ', got ' . @arg, $at) if $n >= 0 && $n != @arg;
                fail_at('recursion too deep', $at) if ++(local $depth = $depth) > 60;
                return $code->(map { $_->() } @arg);
            };
        }
        return sub { $var{$text} // fail_at("$text has no value", $at) };
    }
    if ($text eq '(') { my $e = parse_ternary(); expect(')'); return $e }
    fail_at($type eq 'end' ? 'unexpected end' : "unexpected '$text'", $at);
}

my ($ok, $failed) = (0, 0);
while (my $line = <DATA>) {
    chomp $line;
    $line =~ s/\s*#.*//;
    next unless length $line;
    $depth = 0;
    my $result = eval {
        @tok = tokenize($line);
        my $code = parse_statement();
        $tok[0][0] eq 'end' or fail_at("unexpected '$tok[0][1]'", $tok[0][2]);
        $code->();
    };
    if (my $err = $@) {
        $failed++;
        print "$line\n";
        if (ref $err) { print defined $err->{pos} ? ' ' x $err->{pos} . "^ $err->{what}\n" : "! $err->{what}\n" }
        else { print STDERR "line $.: $err" }
        next;
    }
    $ok++;
    printf "%-38s = %s\n", $line, $result;
}
print "variables: ", join(', ', map { "$_=$var{$_}" } sort keys %var), "\n";
print "$ok fine, $failed failed\n";
exit $failed;

__DATA__
1 + 2 * 3
(1 + 2) * 3 - -4
2 ** 3 ** 2        # right associative
-2 ** 2
x = 7 / 2
y = int(x) % 2 + x * 10
x < y && y < 100 ? max(x, y, 12) : min(1, 2)
def fact(n) = n < 2 ? 1 : n * fact(n - 1)
fact(20)
fact(25)
def hyp(a, b) = sqrt(a*a + b*b)
hyp(3, 4) == 5
1e3 + .5
!0 + !7
n
2 * (3 + 4
3 + * 4
4 $ 5
sqrt(0 - 1)
hyp(1)
nofun(1)
1 / (x - 3.5)
def loop(n) = loop(n + 1)
loop(0)
1 2
