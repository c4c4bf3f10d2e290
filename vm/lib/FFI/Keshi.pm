# C functions as Perl subs.
#
#     use FFI::Keshi;
#     my $strlen = ffi_sub('strlen', '(cstr) -> u64');
#     print $strlen->('hello'), "\n";
#
# Types: i8 u8 i16 u16 i32 u32 i64 u64 f32 f64 ptr cstr void, and C's int uint long ulong size_t float double.
# A ';' in the argument list starts the variadic arguments: '(ptr, size_t, cstr; i32) -> i32'.
# A third argument names the library by path or soname; without it the process, libc and libm are searched.
# A string given for a ptr is passed as a buffer; what the function writes into it comes back.
# undef is a null pointer, both ways. $! is set when the function sets errno.
package FFI::Keshi;

use strict;
use warnings;

require Exporter;
require XSLoader;

our $VERSION   = '0.01';
our @ISA       = ('Exporter');
our @EXPORT    = qw(ffi_sub);
our @EXPORT_OK = qw(ffi_lib);

XSLoader::load('FFI::Keshi', $VERSION);

1;
