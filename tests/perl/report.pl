#!/usr/bin/perl
# Sales report: formats with a page header, numeric pictures, folded text,
# a second output handle and page breaks.
use strict;
use warnings;

our ($region, $person, $units, $price, $total, $note, $grand, $share, $bar);
our $title = 'Quarterly Sales';
my (%by_region, @rows);

format STDOUT_TOP =
@||||||||||||||||||||||||||||||||||||||||||||||||||||||||||| page @<
$title,                                                           $%
------------------------------------------------------------------
Region    Salesperson      Units     Price        Total  Remark
------------------------------------------------------------------
.

format STDOUT =
@<<<<<<<< @<<<<<<<<<<<<< @##### @###.## @########.##  ^<<<<<<<<<<<
$region,  $person,       $units, $price, $total,      $note
~~                                                    ^<<<<<<<<<<<
                                                      $note
.

format SUMMARY =
@>>>>>>>>>: @#######.## @##.#% @*
$region,    $total,     $share, $bar
.

format REMARKS =
@* says:
$person
~~    ^<<<<<<<<<<<<<<<<<<<<<<<...
      $note
.

while (my $line = <DATA>) {
    chomp $line;
    next if $line =~ /^\s*(?:#|$)/;
    my ($r, $p, $u, $c, $n) = split /\s*\|\s*/, $line, 5;
    unless (defined $c and $c =~ /^\d+(?:\.\d+)?$/) {
        warn "skipping bad row '$line'\n";
        next;
    }
    push @rows, { region => $r, person => $p, units => $u, price => $c, note => $n // '' };
}

$= = 22;
for my $row (sort { $a->{region} cmp $b->{region} || $a->{person} cmp $b->{person} } @rows) {
    ($region, $person, $units, $price, $note) = @{$row}{qw(region person units price note)};
    $total = $units * $price;
    $by_region{$region} += $total;
    $grand += $total;
    write;
}
printf "lines left on page %d: %d\n", $%, $-;

print "\n";
{
    local $~ = 'SUMMARY';
    local $^ = 'NO_SUCH_TOP';
    $- = 60;
    for (sort { $by_region{$b} <=> $by_region{$a} } keys %by_region) {
        $region = $_;
        $total  = $by_region{$_};
        $share  = 100 * $total / $grand;
        $bar    = '#' x ($share / 4);
        write;
    }
}

# The same format machinery, driven by hand.
$~ = 'REMARKS';
$- = 60;
for my $row (grep { length $_->{note} > 20 } @rows) {
    ($person, $note) = @{$row}{qw(person note)};
    write;
}
$^A = '';
formline "\@<<<<<<|\@>>>>>>|\@||||||\n", 'left', 'right', 'mid';
formline '@0####|@.###|@#|@*' . "\n", 42, 0.12345, 7.6, "tail\n";
print $^A;
$^A = '';
print "grand total: $grand\n";

__DATA__
# region | person | units | price | note
North  | Ada Brook     |  120 | 19.99 | steady
South  | Cy Dorn       |   75 | 24.50 | lost two customers to the new shop by the river, but the autumn fair should bring some of them back
East   | Elia Fahn     |  310 | 7.25  |
West   | Gus Hale      |  9   | 1200  | one large machine, the rest is spare parts
North  | Ida Jory      |  64  | 19.99 | began in March
South  | Kit Lang      |  bad
East   | Mo Nash       |  88  | 7.25  | new
West   | Ola Penn      |  2   | 1350.75 | waiting for the permit
North  | Quin Rask     |  201 | 18.75 | discount approved by the board for this quarter only
