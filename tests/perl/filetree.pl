#!/usr/bin/perl
# A walk over a file tree that the program builds, lists, searches, changes and removes.
use strict;
use warnings;

my $root = "tree.$$";
my @spec = (
    'readme.txt' => "A tree for testing.\nIt has three levels.\n",
    'src/main.c' => "int main(void) { return 0; }\n",
    'src/util/list.c' => "/* list */\n" x 12,
    'src/util/list.h' => "#pragma once\n",
    'src/util/.hidden' => 'secret',
    'doc/a b.txt' => "blank in its name\n",
    'doc/empty' => '',
    'big.bin' => join('', map { chr($_ % 256) } 0 .. 4095),
);

mkdir $root or die "mkdir $root: $!";
my @pairs = @spec;
while (my ($path, $text) = splice @pairs, 0, 2) {
    my $dir = $root;
    my @part = split m{/}, $path;
    pop @part;
    for (@part) { $dir .= "/$_"; -d $dir or mkdir $dir, 0755 or die "mkdir $dir: $!" }
    open my $fh, '>', "$root/$path" or die "cannot write $path: $!";
    binmode $fh;
    print {$fh} $text;
    close $fh or die "close: $!";
}
symlink 'readme.txt', "$root/link" or warn "no symlink: $!";

sub short { my $p = shift; $p =~ s{^\Q$root\E/?}{}; length $p ? $p : '.' }

# recursion with a callback, directories first
sub walk {
    my ($path, $visit, $depth) = (@_, 0);
    $visit->($path, $depth) or return;
    return if -l $path or !-d _;
    opendir my $dh, $path or do { warn "opendir $path: $!\n"; return };
    my @names = sort grep { !/^\.\.?$/ } readdir $dh;
    closedir $dh;
    walk("$path/$_", $visit, $depth + 1) for @names;
}

my (%ext, $bytes, $files, $dirs, @empty);
walk($root, sub {
    my ($p, $depth) = @_;
    my $kind = -l $p ? 'l' : -d $p ? 'd' : -f _ ? 'f' : '?';
    printf "%s %s%s%s\n", $kind, '  ' x $depth, (split m{/}, short($p))[-1], $kind eq 'f' ? ' (' . (-s $p) . ')' : $kind eq 'l' ? ' -> ' . readlink $p : '';
    $dirs++, return 1 if $kind eq 'd';
    return 1 if $kind ne 'f';
    $files++;
    $bytes += (stat _)[7];
    push @empty, short($p) if -z $p;
    my ($e) = $p =~ /\.(\w+)$/;
    push @{ $ext{ $e // '(none)' } }, short($p);
    return 1;
});
print "$dirs directories, $files files, $bytes bytes, empty: @empty\n";
print "$_: @{$ext{$_}}\n" for sort keys %ext;

# breadth first with a queue; depth limit by pruning
my @queue = ($root);
my @order;
while (defined(my $d = shift @queue)) {
    push @order, short($d);
    push @queue, grep { -d && !-l } glob "$d/*";
}
print "breadth first: @order\n";
my @pruned;
walk($root, sub { push @pruned, short($_[0]); $_[1] < 1 || $_[0] !~ /src/ });
print "pruned: @pruned\n";

# grep through the files, line numbers per file
for my $f (map { @{ $ext{$_} } } sort keys %ext) {
    open my $in, '<', "$root/$f" or next;
    while (<$in>) { print "$f:$.: $_" and last if /\b(?:three|list|main)\b/ }
}

# change: rename, append, copy, truncate, chmod, times, tell and seek
rename "$root/doc/a b.txt", "$root/doc/ab.txt" or die "rename: $!";
open my $log, '>>', "$root/readme.txt" or die;
printf $log "%s\n", 'appended';
close $log;
open my $rw, '+<', "$root/readme.txt" or die;
my $first = <$rw>;
my $at = tell $rw;
read $rw, my $chunk, 6;
seek $rw, 0, 0;
print $rw 'THE';
seek $rw, -9, 2;
chomp(my $tail = <$rw>);
print "first line ends at $at, then '$chunk', tail '$tail', eof ", (eof $rw ? 1 : 0), "\n";
truncate $rw, $at or warn "truncate: $!";
close $rw;
open my $again, '<', "$root/readme.txt" or die;
print "now: ", do { local $/; <$again> };
close $again;
chmod 0400, "$root/src/main.c";
utime 1_000_000_000, 1_000_000_000, "$root/src/main.c";
my @st = stat "$root/src/main.c";
printf "mode %04o, mtime %s, age over a day: %s\n", $st[2] & 07777, $st[9], -M "$root/src/main.c" > 1 ? 'yes' : 'no';
print "missing: ", (-e "$root/none" ? 'there' : "not there ($!)"), "; rmdir of a full one: ", (rmdir "$root/src" ? 'gone' : $!{ENOTEMPTY} || $!{EEXIST} ? 'not empty' : "$!"), "\n";
open(my $no, '<', "$root/no/such") or print "open: $!, ", $! + 0, "\n";

# same content twice, by comparing bytes
my %by;
walk($root, sub { my $p = shift; if (-f $p && !-l $p) { open my $h, '<:raw', $p or return 1; local $/; my $t = <$h> // ''; push @{ $by{ unpack '%32C*', $t } }, short($p) } 1 });
print "checksum $_: @{ $by{$_} }\n" for sort { $a <=> $b } keys %by;

# remove everything, deepest first
my @all;
walk($root, sub { push @all, $_[0] });
my $removed = 0;
for (reverse @all) { $removed += -d && !-l ? rmdir : unlink }
print "removed $removed of ", scalar @all, ", root ", (-e $root ? 'left' : 'gone'), "\n";
warn "cannot unlink: $!\n" unless unlink "$root/readme.txt";
exit !($removed == @all);
