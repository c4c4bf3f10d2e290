# Sums of counted loops whose bounds workers can or cannot know: constants, changing moduli, counters around 2**31 and
# where squares stop being integers, sums that begin near the end of the integers.
my @r;
sub t { push @r, join ',', @_ }
for my $n (10, 3000) {
  for my $m (7, -7, 1, 9223372036854775807, 3) {
    my ($s,$u,$w,$x)=(0,0,0,0);
    for my $i (1..$n) { $s += $i*$i % $m } t($s);
    for my $i (-$n..$n) { $u += $i*$i*$i % $m } t($u);
    for my $i (-$n..5) { $w -= ($i - $m) & 255 } t($w);
    { use integer; for my $i (-$n..$n) { $x += $i % 5 } } t($x);
  }
}
my $b = 2147483000;
for my $k (0,1,2) { my $s=0; for my $i ($b..$b+2000) { $s += ($i*$i) % 1000 } t($s); $b += 500; }
for my $k (0..3) { my $s=0; my $q=$k*3+1; for my $i (1..5000) { $s += ($i + $q) % 11 } t($s) }
my $i = -5000; my $s = 0; while ($i < 5000) { $s += $i * 3 % 13; $i++ } t($s,$i);
my $j = 3037000400; $s = 0; while ($j < 3037000600) { $s += $j * $j % 13; $j += 1 } t($s,$j);
$j = 4294967000; $s=0; while ($j < 4294969000) { $s += $j * 2 % 13; $j += 2 } t($s,$j);
$s = 9223372036854775000; for my $i (1..2000) { $s += $i % 3 } t($s);
my @m = map { $_ * $_ % 7 } -3000..3000; t("@m[0..40]");
my @g = grep { $_ % -3 == -1 } -3000..3000; t("@g[0..40]");
print "$_\n" for @r;
for my $s (9223372036854775807 - 29_000, 9223372036854775807 - 31_000, -9223372036854775807 + 20000, 0) {
  my $sum = $s; for my $i (1..10_000) { $sum += $i*$i % 7 } print "$sum\n";
  my $m = 7; $sum = $s; for my $i (1..10_000) { $sum += $i % $m } print "$sum\n";
  $m = -7; $sum = $s; for my $i (1..10_000) { $sum += $i % $m } print "$sum\n";
  $m = 9223372036854775807; $sum = $s; for my $i (1..10_000) { $sum += $i % $m } print "$sum\n";
  $sum = $s; for my $i (1..10_000) { $sum -= $i & 3 } print "$sum\n";
}
my ($m, $n, @o) = (7, 20000);
for my $r (1..4) { my $s = 0; for my $i (1..$n) { $s += $i * $r % $m } push @o, $s; $m += 2; $n += 17 }
for my $r (1..4) { my $s = 0; for my $i (-$n..$n) { $s += $i * $i % 1000 } push @o, $s; }
my $t = 0; for my $i (2147480000..2147500000) { $t += $i * $i % 10007 } push @o, $t;
$t = 0; for my $i (3037000400..3037010000) { $t += $i * $i % 10007 } push @o, $t;
$t = 9223372036854700000; for my $i (1..20000) { $t += $i % 11 } push @o, $t;
print "$_\n" for @o;
