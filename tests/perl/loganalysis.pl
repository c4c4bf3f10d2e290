#!/usr/bin/perl
# Analyse an access log: named captures, /x patterns, \G scanning, tr counting,
# percentiles, warnings about malformed lines and an exit status.
use strict;
use warnings;

my %month = do { my $i = 0; map { $_ => ++$i } qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec) };

my $LINE = qr{
    ^ (?<host> \d{1,3} (?: \. \d{1,3} ){3} | [a-z][-.\w]* )   # address or name
    \s - \s (?<user> \S+ )
    \s \[ (?<day>\d\d) / (?<mon>[A-Z][a-z]{2}) / (?<year>\d{4}) : (?<time>[\d:]{8}) \s (?<zone>[-+]\d{4}) \]
    \s " (?<method>[A-Z]+) \s (?<path>[^\s"?]+) (?: \? (?<query>[^\s"]*) )? (?: \s HTTP/(?<proto>[\d.]+) )? "
    \s (?<status>\d{3}) \s (?<bytes>\d+|-)
    (?: \s (?<ms>\d+) ms )?
    \s* $
}x;

my (%hits, %status, %bytes, %users, %params, %hour, @times, %agentish);
my ($bad, $lines) = (0, 0);

while (<DATA>) {
    chomp;
    next unless /\S/;
    $lines++;
    unless ($_ =~ $LINE) {
        $bad++;
        my $hint = /^\s/ ? 'leading blank' : !/"/ ? 'no request' : 'unknown layout';
        warn sprintf "line %d: %s: %.30s\n", $., $hint, $_;
        next;
    }
    my %r = %+;
    $hits{ $r{path} }++;
    $status{ substr $r{status}, 0, 1 }++;
    $bytes{ $r{host} } += $r{bytes} eq '-' ? 0 : $r{bytes};
    $users{ $r{user} }{ $r{host} } = 1 if $r{user} ne '-';
    $hour{ (split /:/, $r{time})[0] }++;
    push @times, [ $r{ms}, $r{path} ] if defined $r{ms};
    if (defined(my $q = $r{query})) {
        while ($q =~ /\G (?: ^ | & ) ([^=&]+) = ([^&]*) /gcx) {
            my ($k, $v) = ($1, $2);
            $v =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
            $v =~ tr/+/ /;
            push @{ $params{$k} }, $v;
        }
        warn "line $.: rest of query ignored: '" . substr($q, pos $q) . "'\n" if (pos($q) // 0) < length $q;
    }
    my $iso = sprintf '%04d-%02d-%02dT%s%s', @r{qw(year)}, $month{ $r{mon} }, $r{day}, @r{qw(time zone)};
    print "first: $iso\n" if $lines == 1;
    $agentish{ join ' ', map { ucfirst lc } $r{method} =~ /([A-Z])([A-Z]*)/ }++;
}

print "lines $lines, bad $bad\n";
print "\nPaths\n";
printf "%4d %s\n", $hits{$_}, $_ for sort { $hits{$b} <=> $hits{$a} or $a cmp $b } keys %hits;

print "\nStatus classes: ", join(', ', map { "${_}xx=$status{$_}" } sort keys %status), "\n";

print "\nTraffic\n";
for my $host (sort { $bytes{$b} <=> $bytes{$a} || $a cmp $b } keys %bytes) {
    (my $n = reverse $bytes{$host}) =~ s/(\d{3})(?=\d)/$1,/g;
    printf "  %-16s %12s\n", $host, scalar reverse $n;
}

print "\nUsers\n";
for my $u (sort keys %users) {
    my @h = sort keys %{ $users{$u} };
    print "  $u from @{[ scalar @h ]} host", (@h == 1 ? '' : 's'), ": @h\n";
}

print "\nParameters\n";
print "  $_ = [", join('|', @{ $params{$_} }), "]\n" for sort keys %params;

print "\nHours\n";
print "  $_ ", '*' x $hour{$_}, "\n" for sort { $a <=> $b } keys %hour;

@times = sort { $a->[0] <=> $b->[0] or $a->[1] cmp $b->[1] } @times;
print "\nLatency: ";
print join ', ', map { my $i = int($_ / 100 * $#times + 0.5); "p$_=$times[$i][0]ms($times[$i][1])" } 50, 90, 100;
print "\nMethods: ", join(', ', map { "$_ x$agentish{$_}" } sort keys %agentish), "\n";

(my $digits = join '', map { $_->[0] } @times) =~ tr/0-9//cd;
printf "digits: %d, of them zeros: %d\n", length $digits, $digits =~ tr/0//;
exit($bad ? 3 : 0);

__DATA__
10.0.0.7 - - [03/Mar/2024:07:15:01 +0100] "GET /index.html HTTP/1.1" 200 5120 12ms
10.0.0.7 - mara [03/Mar/2024:07:15:09 +0100] "GET /search?q=red+shoes%21&page=2 HTTP/1.1" 200 20480 230ms
gate.example.org - - [03/Mar/2024:08:01:44 +0100] "POST /login HTTP/1.1" 302 - 48ms
gate.example.org - jon [03/Mar/2024:08:01:45 +0100] "GET /home HTTP/1.1" 200 10234 75ms
 10.0.0.9 - - [03/Mar/2024:08:02:00 +0100] "GET / HTTP/1.0" 200 17
192.168.4.40 - mara [03/Mar/2024:08:30:12 +0100] "GET /img/logo.png HTTP/1.1" 304 - 3ms
192.168.4.40 - mara [03/Mar/2024:08:30:13 +0100] "GET /index.html HTTP/1.1" 200 5120 9ms
this line is not from the server
10.0.0.8 - - [03/Mar/2024:09:00:00 +0100] "GET /search?q=caf%C3%A9&x HTTP/1.1" 200 18000 198ms
10.0.0.8 - - [03/Mar/2024:09:00:30 +0100] "DELETE /item/17 HTTP/1.1" 403 120 5ms
10.0.0.8 - - [03/Mar/2024:21:44:02 +0100] "GET /item/17 HTTP/1.1" 500 1042311 1500ms
10.0.0.8 - - [03/Mar/2024:21:44:03 +0100] "GET /item/17" 200 700
10.0.0.8 - - [3/Mar/2024:21:44:03 +0100] "GET /item/18 HTTP/1.1" 200 700
