# Keshi's Config: what a program may ask about the interpreter it runs under.
#
# The values describe Keshi, not the perl whose language it implements: a feature that Keshi
# lacks is undef here, so that programs and tests which ask first do without it.
package Config;

use strict;
use warnings;

our ($VERSION, %Config) = ('5.042003');

my ($revision, $version, $subversion) = (5, 42, 3);
my $archname = 'x86_64-linux';
my $prefix   = '/usr/local';

# Names whose value is 'define': what the system offers and Keshi passes on.
my @defined = qw(
    d_access d_alarm d_chown d_chroot d_closedir d_crypt d_dup2 d_fchdir d_fchmod d_fchown d_fcntl d_flock d_fork
    d_fsync d_ftello d_futimes d_getgrgid_r d_getgrps d_gethbyaddr d_gethbyname d_getlogin d_getpgid d_getpgrp
    d_getppid d_getprior d_getprotoent d_gettimeod d_isinf d_isnan d_killpg d_link d_lstat d_mkdir d_mkdtemp
    d_mkfifo d_mkstemp d_msg d_nice d_open3 d_pause d_pipe d_poll d_quad d_readdir d_readlink d_rename d_rewinddir
    d_rmdir d_seekdir d_select d_sem d_setgrps d_setpgid d_setpgrp d_setprior d_setsid d_shm d_sigaction d_socket
    d_sockpair d_strcoll d_strtod d_symlink d_syscall d_telldir d_time d_times d_truncate d_umask d_uname d_usleep
    d_wait4 d_waitpid d_procselfexe d_double_has_inf d_double_has_nan d_double_style_ieee d_longdbl d_longlong
    default_inc_excludes_dot i_dirent i_fcntl i_time i_unistd silent_no_taint_support use64bitall use64bitint
    uselargefiles useperlio useposix
);

# Names whose value is undef: what Keshi does not have.
my @undefined = qw(
    d_dosuid d_kill d_pseudofork d_setlocale d_newlocale d_sfio d_void_closedir d_utime taint_support use5005threads usecrosscompile usedl
    useithreads uselongdouble usemultiplicity usemymalloc usequadmath useshrplib usesocks usethreads usevendorprefix
    usevfork versiononly
);

my @signals = qw(
    ZERO HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU
    URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS NUM32 NUM33 RTMIN
);
push @signals, (map { "NUM$_" } 35 .. 63), 'RTMAX';
my @aliases = ([ IOT => 6 ], [ CLD => 17 ], [ POLL => 29 ]);

my %value = (
    (map { $_ => 'define' } @defined),
    (map { $_ => undef } @undefined),

    PERL_REVISION       => $revision,
    PERL_VERSION        => $version,
    PERL_SUBVERSION     => $subversion,
    PERL_API_REVISION   => $revision,
    PERL_API_VERSION    => $version,
    PERL_API_SUBVERSION => 0,
    api_revision        => $revision,
    api_version         => $version,
    api_subversion      => 0,
    api_versionstring   => "$revision.$version.0",
    version             => "$revision.$version.$subversion",
    version_patchlevel_string => "version $version subversion $subversion",
    perl_patchlevel     => '',
    archname            => $archname,
    myarchname          => $archname,
    osname              => 'linux',
    perl                => 'keshi',

    # Numbers
    alignbytes   => 8,
    byteorder    => '12345678',
    charbits     => 8,
    charsize     => 1,
    doublekind   => 3,
    doublesize   => 8,
    doubleinfbytes => '0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf0, 0x7f',
    doublenanbytes => '0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf8, 0xff',
    double_max_exp => 1024,
    double_min_exp => -1021,
    gidsign      => 1,
    gidsize      => 4,
    intsize      => 4,
    ivsize       => 8,
    ivtype       => 'long',
    longdblkind  => 3,
    longdblsize  => 16,
    longlongsize => 8,
    longsize     => 8,
    lseeksize    => 8,
    nv_preserves_uv_bits => 53,
    nv_overflows_integers_at => '256.0*256.0*256.0*256.0*256.0*256.0*2.0*2.0*2.0*2.0*2.0',
    nvsize       => 8,
    nvtype       => 'double',
    ptrsize      => 8,
    quadtype     => 'long',
    selectminbits => 64,
    shortsize    => 2,
    sizesize     => 8,
    stdchar      => 'char',
    uidsign      => 1,
    uidsize      => 4,
    uvsize       => 8,
    uvtype       => 'unsigned long',
    ivdformat    => '"ld"',
    uvuformat    => '"lu"',
    uvoformat    => '"lo"',
    uvxformat    => '"lx"',
    uvXUformat   => '"lX"',
    nvEUformat   => '"E"',
    nvFUformat   => '"F"',
    nvGUformat   => '"G"',

    # Signals
    sig_name => join(' ', @signals, map { $_->[0] } @aliases),
    sig_num  => join(' ', 0 .. $#signals, map { $_->[1] } @aliases),
    sig_size => @signals + @aliases,

    # The system's ways
    _exe      => '',
    exe_ext   => '',
    eunicefix => ':',
    path_sep  => ':',
    sh        => '/bin/sh',
    sharpbang => '#!',
    so        => 'so',
    dlext     => 'so',
    pager     => 'less',
    cc        => 'cc',
    ld        => 'cc',
    ccflags   => '',
    lddlflags => '-shared',
    libs      => '',
    libpth    => '/usr/local/lib /usr/lib',

    # Directories
    prefix         => $prefix,
    bin            => "$prefix/bin",
    installbin     => "$prefix/bin",
    scriptdir      => "$prefix/bin",
    perlpath       => $^X,
    startperl      => "#!$^X",
    privlibexp     => "$prefix/lib/keshi/$revision.$version.$subversion",
    archlibexp     => "$prefix/lib/keshi/$revision.$version.$subversion/$archname",
    sitelibexp     => "$prefix/lib/keshi/site_perl/$revision.$version.$subversion",
    sitearchexp    => "$prefix/lib/keshi/site_perl/$revision.$version.$subversion/$archname",
    vendorlibexp   => '',
    vendorarchexp  => '',
    man1dir        => '',
    man3dir        => '',
    inc_version_list => '',

    # Native modules
    extensions  => '',
    dynamic_ext => '',
    static_ext  => '',
);
for my $dir (qw(privlib archlib sitelib sitearch vendorlib vendorarch)) {
    $value{$dir} = $value{"install$dir"} = $value{"${dir}exp"};
}

sub TIEHASH  { my $class = shift; return bless {}, $class }
sub FETCH    { my (undef, $name) = @_; return $value{$name} }
sub EXISTS   { my (undef, $name) = @_; return exists $value{$name} }
sub FIRSTKEY { keys %value; return each %value }
sub NEXTKEY  { return each %value }
sub SCALAR   { return scalar %value }
sub STORE    { die "\%Config::Config is read-only\n" }
*DELETE = *CLEAR = \&STORE;

tie %Config, __PACKAGE__;

sub DESTROY { }

my %exportable = map { $_ => 1 } qw(%Config config_re config_sh config_vars myconfig);

sub import {
    shift;
    my $to = caller;
    for my $name (@_ ? @_ : '%Config') {
        die qq("$name" is not exported by the Config module\n) unless $exportable{$name};
        no strict 'refs';
        if ($name =~ /^%(.*)/) { *{"${to}::$1"} = \%Config }
        else                   { *{"${to}::$name"} = \&{$name} }
    }
    return;
}

# One value as the shell would read it.
sub _quoted {
    my $v = shift;
    $v = 'undef' unless defined $v;
    $v =~ s/'/'\\''/g;
    return "'$v'";
}

sub config_sh { return join '', map { "$_=" . _quoted($value{$_}) . "\n" } sort keys %value }

sub config_re {
    my $pattern = shift;
    return map { "$_=" . _quoted($value{$_}) } grep { /^(?:$pattern)$/ } sort keys %value;
}

# -V:NAME.  A colon in front leaves out the name, one at the end the newline.
sub config_vars {
    for my $asked (map { split } @_) {
        my ($bare, $name, $open) = $asked =~ /^(:?)(.*?)(:?)$/s;
        my $end = $open ? ' ' : ";\n";
        my @lines =
            $name =~ /\W/        ? config_re($name)
          : exists $value{$name} ? "$name=" . _quoted($value{$name})
          :                        "$name='UNKNOWN'";
        @lines or print "$name: not found", $end;
        for my $line (@lines) {
            $line =~ s/^\w+=// if $bare;
            print $line, $end;
        }
    }
    return;
}

sub myconfig {
    my $text = "Summary of my perl$revision (revision $revision version $version subversion $subversion) configuration:\n";
    my @part = (
        [ 'Platform', qw(osname archname useithreads usemultiplicity use64bitint use64bitall uselongdouble usemymalloc) ],
        [ 'Numbers',  qw(intsize longsize ptrsize doublesize byteorder ivtype ivsize nvtype nvsize lseeksize) ],
        [ 'Files',    qw(privlibexp sitelibexp path_sep so dlext) ],
    );
    for (@part) {
        my ($title, @names) = @$_;
        $text .= "   \n  $title:\n";
        $text .= "    $_=" . (defined $value{$_} ? $value{$_} : 'undef') . "\n" for @names;
    }
    return $text;
}

# -V
sub _V {
    print myconfig(), "  \@INC:\n", map { "    $_\n" } @INC;
    return;
}

sub bincompat_options     { return '' }
sub non_bincompat_options { return '' }
sub local_patches         { return }
sub compile_date          { return '' }
sub header_files          { return }

1;
