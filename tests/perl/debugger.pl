# The debugger's hooks, as a program turns them on with $^P.
package DB;
our (@lines, $depth, $single, $sub, %sub);
BEGIN { $depth = 0 }
sub DB {
    my ($package, $file, $line) = caller;
    push @lines, $line;
    print "line $line: ", eval('package main; "x=" . ($x // "-")'), "\n";
}
sub sub {
    print "  " x $depth, "call $sub\n";
    local $depth = $depth + 1;
    &$sub;
}

package main;
BEGIN { $^P = 0x33 }
my $x = 1;
sub twice {
    my $x = $_[0];
    return 2 * $x;
}
$x = twice(4);
print "$x\n";
for my $i (1 .. 2) {
    $x += $i;
}
$DB::single = 0;
print join(",", map ref \$_ eq 'SCALAR' ? $_ : '?', (caller(0))[3] // 'top'), "\n";
sub named { (caller(0))[3] }
print named(), "\n";
print join(" ", map "$_=" . ($DB::sub{$_} =~ s/.*://r), 'main::twice', 'main::named'), "\n";
