# Source filters: Filter::Util::Call with subs and objects, chained, switched off, up to __DATA__.
use strict;
use warnings;

package Shift;
use Filter::Util::Call;

sub import {
    my ($class, $from, $to) = @_;
    filter_add(sub {
        my $status = filter_read();
        s/\b$from\b/$to/g if $status > 0;
        filter_del() if /stop filtering/;
        return $status;
    });
}

package Once;
use Filter::Util::Call;

sub import {
    my ($class) = @_;
    filter_add(bless { seen => 0 });
}

sub filter {
    my ($self) = @_;
    my $status = filter_read(4);
    $status = filter_read() if $status > 0 && !/\n/;
    $self->{seen}++;
    s/COUNT/$self->{seen}/ if $status > 0;
    return $status;
}

package main;
BEGIN { $INC{'Shift.pm'} = $INC{'Once.pm'} = 1 }
use Shift qw(shout print);
shout "first\n";
use Shift qw(whisper shout);
whisper "second\n";
# stop filtering
print "third\n";
use Once;
print "COUNT\n";
print "COUNT\n";
print "at ", __LINE__, "\n";
print scalar(<DATA>);
__DATA__
shout COUNT
