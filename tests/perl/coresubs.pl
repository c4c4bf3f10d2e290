#!/usr/bin/perl
# Builtins as subs: arguments counted and checked where the call stands, $_ by default, references for containers.
use strict;
use warnings;
use feature 'switch';
no warnings 'deprecated';
BEGIN { *main::up = \&CORE::uc; *main::brk = \&CORE::break }

my @a = (1);
print &CORE::push(\@a, 2, 3), " @a ", &CORE::join('-', @a), ' ', &CORE::lc('ABC'), "\n";
$_ = 'topic';
print &up(), ' ', up('arg'), ' ', join(',', map &CORE::sprintf('%02d', $_), 1, 2), "\n";
print defined &CORE::splice ? 1 : 0, exists &CORE::if ? 1 : 0, ' ', prototype(\&CORE::push), "\n";
my %h = (k => 'v');
print &CORE::keys(\%h), ' ', &CORE::bless([], 'Class') =~ /^Class=ARRAY/ ? 'blessed' : '?', "\n";
sub me { &CORE::__SUB__ == \&me ? 'me' : 'other' }
print me(), ' ', &CORE::__LINE__, ' ', &CORE::__PACKAGE__, "\n";
for my $call ('lc(1,2)', 'index(1)', 'push(1)', 'keys(\1)', 'chomp($_)', 'die("died\n")', 'time(1)') {
    eval "&CORE::$call; 1" or print $@;
}
{
    no strict 'refs';
    for my $name (qw(abs no_such_builtin while)) { print $name, defined &{"CORE::$name"} ? ' is' : ' is not', " a sub\n" }
}
given (1) { when (1) { brk(); print "not reached\n" } }
sub out { break }
print "after\n";
print join(',', 0, do { given (2) { 5, out() } }, 3), "\n";
