//! keshi-native: the native halves of the modules whose Perl half calls `XSLoader::load`.
//!
//! [`register`] only enters names in the loader's table and defines what exists in every perl without
//! loading a module (`builtin::`, `version::`, `warnings::`); a module's subs are defined when it is booted.

mod args;
mod attributes;
mod b;
mod base64;
mod builtin;
mod cwd;
mod digests;
mod encode;
mod fcntl;
mod filter_util;
mod hash_util;
mod io;
mod langinfo;
mod list_util;
mod named_capture;
mod normalize;
mod posix;
mod re;
mod scalar_util;
mod sdbm_file;
mod socket;
mod storable;
mod sub_util;
mod sysv;
mod time_hires;
mod version;
mod warnings;

use keshi_vm::{R, Vm};

/// Registers every native module with the interpreter.
pub fn register(vm: &mut Vm) {
    builtin::define_always(vm);
    version::define_always(vm);
    warnings::define_always(vm);
    re::define_always(vm);
    named_capture::define_always(vm);
    for (package, boot) in MODULES {
        vm.register_module(package, "", *boot);
    }
}

const MODULES: &[(&str, fn(&mut Vm) -> R<()>)] = &[
    ("List::Util", list_util::boot),
    ("POSIX", posix::boot),
    ("Fcntl", fcntl::boot),
    ("Errno", fcntl::boot_errno),
    ("Cwd", cwd::boot),
    ("Time::HiRes", time_hires::boot),
    ("attributes", attributes::boot_attributes),
    ("mro", attributes::boot_mro),
    ("re", re::boot),
    ("MIME::Base64", base64::boot),
    ("Digest::MD5", digests::boot_md5),
    ("Digest::SHA", digests::boot_sha),
    ("Storable", storable::boot),
    ("Hash::Util", hash_util::boot),
    ("IO", io::boot),
    ("File::Glob", io::boot_glob),
    ("Sys::Hostname", io::boot_hostname),
    ("PerlIO::scalar", io::boot_nothing),
    ("B", b::boot),
    ("Unicode::Normalize", normalize::boot),
    ("Filter::Util::Call", filter_util::boot),
    ("SDBM_File", sdbm_file::boot),
    ("Socket", socket::boot),
    ("Encode", encode::boot),
    ("Encode::Unicode", encode::boot_unicode),
    ("Encode::Byte", encode::boot_byte),
    ("Encode::Symbol", encode::boot_symbol),
    ("Encode::EBCDIC", encode::boot_ebcdic),
    ("Encode::JP", encode::boot_jp),
    ("Encode::CN", encode::boot_cn),
    ("Encode::KR", encode::boot_kr),
    ("Encode::TW", encode::boot_tw),
    ("PerlIO::encoding", encode::boot_layer),
    ("I18N::Langinfo", langinfo::boot),
    ("IPC::SysV", sysv::boot),
];
