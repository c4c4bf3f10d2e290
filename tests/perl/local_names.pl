#!/usr/bin/perl
# local of variables named at run time, of @_, of lists of our; places without a variable; handles to duplicate.
{ my $x=0; ($x ^^= 1) ^^= 1; print $x ? 1:0, "\n"; }
{ my ($p,$q); ((undef) x 2, $p) = (1,2,3); print "$p\n"; (undef,(undef) x 1,$q)=(4,5,6); print "$q\n"; }
{ use strict; $|=1; open my $fh, ">&", STDOUT or die; print $fh "dup\n"; close $fh; open my $g, ">&", \*STDOUT; print $g "x\n"; }
sub f { local @_ = (1,2); g(@_); &h } sub g { print "@_\n" } sub h { print "h@_\n" } f(5,6); sub k { local $_[0]=9; print "@_\n" } k(1,2); sub m { my @x=@_; local @_=@x[1..1]; print "$_[0] @_ ", scalar(@_), shift, "\n"; } m(3,4);
sub o { { local @_ = (1); print "@_\n" } print "@_\n"; { local @_ = @_; shift; print "@_\n" } print "@_\n"; } o(7,8);
sub f2 { local *_ = ["x","y"]; print "@_ $_[0]\n"; &g } f2(1); sub g2 { *_ = ["p"]; print "@_\n"; shift; print scalar(@_), "\n" } g2(2,3); sub h2 { print *_{ARRAY} == \@_ ? "same\n" : "diff\n" } h2(1);
{local @{"foo"} = (1,2); print "@foo\n"} print "@foo.\n"; $n="bar"; {local $$n = 5; print $bar,"\n"} print defined $bar ? 1:0,"\n"; { local %$n=(a=>1); print $bar{a},"\n"; }
{ eval { my $r=[1]; local @$r = (1); 1 } or print $@; eval {my $s=\1; local $$s=2;1} or print $@; eval { use strict; my $nn="bar"; local $$nn=3; 1 } or print $@;}
{ our ($aa,@bb)=(1,2); sub show { print "$aa @bb\n" } { local our ($aa, @bb) = (3,4,5); show(); } show(); { local our $aa; } }
sub ev { eval 'local @_ = (9); main::g(@_)'; print "@_\n" } ev(1,2);
sub dd { local @_ = (1); die "x\n" } eval { dd(5) }; sub ee { eval { local @_=(2); die }; print "@_\n" } ee(4,5);
