#!/usr/bin/perl
# Here-doc templating: plain, quoted, indented, nested and stacked here-documents, and a
# small template engine that compiles its text to Perl code through string eval.
use strict;
use warnings;

my %page = (
    title => 'Harbour & Quay',
    user  => { name => 'Ines', admin => 1 },
    boats => [
        { name => 'Gull',   length => 7.5,  crew => [ 'Ann', 'Bo' ] },
        { name => 'Osprey', length => 12.0, crew => [] },
        { name => '<Tern>', length => 4,    crew => ['Cy'] },
    ],
);

# here-documents of every kind
my $n = 3;
print <<"ONE", <<'TWO', lc(<<THREE), "after\n";
one: n is $n, sum @{[ $n + 1 ]}, boat $page{boats}[1]{name}, ${\ uc 'ref'}
ONE
two: n is $n, \t stays, @{[ 1 ]}
TWO
THREE: \x41\t$page{user}->{name} @{$page{boats}[0]{crew}}[0,1]
THREE
sub indented {
    my $who = shift;
    if ($who) {
        return <<~EOT;
            Dear $who,
              this is indented by two.

            \tRegards
            EOT
    }
    return <<~'RAW' . "tail\n";
      $raw @text
        deeper
      RAW
}
print indented('Ola'), indented();
print <<"" . "joined\n";
ends at the empty line, n=@{[ map { $_ * $n } 1 .. 3 ]}

my %h = (text => <<A, list => [ <<B, <<C ]);
in a hash
A
in a list
B
second in the list
C
chomp(my @l = ($h{text}, @{ $h{list} }));
print join('|', @l), "\n";
(my $fixed = <<END) =~ s/^\s+//gm;
      leading blanks
   are removed
END
print $fixed, "inside: @{[ <<X =~ tr/a-z//cdr ]}\n";
A b C d-e
X
print "nested: ${\ join ',', map { chomp(my $t = <<T); $t } 1 .. 2}.\n";
row $_
T

# the template engine
sub escape { my $t = shift // ''; $t =~ s/([&<>"])/ { '&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;' }->{$1} /ge; $t }

my %filter = (
    upper => sub { uc shift },
    fixed => sub { sprintf '%.1f', shift },
    list  => sub { join ', ', @{ $_[0] } },
    raw   => sub { $_[0] },
);

sub compile {
    my ($name, $text) = @_;
    my $code = "sub { my \$v = shift; my \$out = '';\n#line 1 \"template $name\"\n";
    my @open;
    my $line = 1;
    while ($text =~ /\G(.*?)(?:\[%-?\s*(.*?)\s*(-?)%\]|\z)/gs) {
        my ($plain, $tag, $chomp) = ($1, $2, $3);
        (my $q = $plain) =~ s/([\\'])/\\$1/g;
        $code .= "\$out .= '$q';" if length $plain;
        $line += $plain =~ tr/\n//;
        last unless defined $tag;
        if ($tag =~ /^for (\w+) in (\S+)$/) { $code .= "for my \$item (\@{ " . path($2) . " || [] }) { local \$v->{$1} = \$item;"; push @open, "for at $line" }
        elsif ($tag =~ /^if (!?)\s*(\S+)$/) { $code .= ($1 ? 'unless' : 'if') . ' (' . path($2) . ') {'; push @open, "if at $line" }
        elsif ($tag eq 'else') { @open or die "else without if in $name line $line\n"; $code .= '} else {' }
        elsif ($tag eq 'end')  { pop @open or die "end without start in $name line $line\n"; $code .= '}' }
        elsif ($tag =~ /^perl (.*)$/) { $code .= "$1;" }
        elsif ($tag =~ /^([\w.\#]+)(?:\s*\|\s*(\w+))?$/) {
            my ($what, $f) = ($1, $2);
            die "no filter $f in $name line $line\n" if defined $f and !$filter{$f};
            my $value = path($what);
            $value = "\$filter{$f}->($value)" if defined $f;
            $value = "escape($value)" unless defined $f and $f eq 'raw';
            $code .= "\$out .= $value;";
        }
        else { die "bad tag '$tag' in $name line $line\n" }
        $text =~ /\G\n/gc && $line++ if $chomp;
    }
    die "$open[-1] is not closed in $name\n" if @open;
    my $sub = eval "$code\n\$out }";
    die "template $name: $@" unless $sub;
    return $sub;
}
sub path { my ($first, @rest) = split /\./, shift; my $p = "\$v->{$first}"; $p .= /^\d+$/ ? "[$_]" : /^#$/ ? "->\$#*" : "{$_}" for @rest; return $p }

my $main = compile('main', <<'HTML');
<h1>[% title | upper %]</h1>
[% if user.admin -%]
<p>Welcome back, [% user.name %]; it's "your" page \o/.</p>
[% else -%]
<p>Please log in.</p>
[% end -%]
[% for boat in boats -%]
<li>[% boat.name %] ([% boat.length | fixed %] m)
[%- if boat.crew.0 %]: [% boat.crew | list %][% else %] - no crew[% end %]</li>
[% end -%]
<p>[% title %] / [% title | raw %], first crew [% boats.0.crew.1 %]</p>
HTML
print $main->(\%page);
$page{user}{admin} = 0;
$page{boats} = [];
print $main->(\%page);

my %bad = (
    unclosed => "[% for x in boats %]\n",
    stray    => "text\n\n[% end %]",
    tag      => "line\n[% what is this %]",
    filter   => '[% title | shiny %]',
    perl     => "fine\n[% perl my \$x = ; %]",
);
for my $k (sort keys %bad) {
    eval { compile($k, $bad{$k}); 1 } and print "$k compiled?\n" or print "$k: ", (split /\n/, $@)[0], "\n";
}
my $dead = compile('dying', "a\n[% perl die 'stop here' %]\n");
eval { $dead->({}) };
print "run time: $@";
print __PACKAGE__, ' ', __LINE__, ' ', __FILE__, "\n";
# line 700 "elsewhere"
warn "moved";
exit 7;
