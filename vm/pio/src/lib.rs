//! Perl's file handles and the system calls behind its I/O builtins, without any VM.
//!
//! Strings are bytes; a handle with the `utf8` mark delivers and takes Perl's (extended) UTF-8. Every call
//! returns `Result<_, Errno>` (or an error type that carries one, with the warning perl would print). No
//! function prints, dies or runs Perl code: warnings and fatal messages come back as texts without the
//! ` at FILE line N.` part.
//!
//! A call that a signal interrupts while a Perl handler is pending returns EINTR, unchanged otherwise: run the
//! handlers ([`signals::take_pending`]) and call again.

pub mod control;
pub mod crypt;
pub mod dir;
pub mod encoding;
pub mod errno;
pub mod fd;
pub mod filetest;
pub mod fs;
pub mod glob;
pub mod handle;
pub mod ipc;
pub mod layers;
pub mod memory;
pub mod netdb;
pub mod open;
pub mod openspec;
pub mod peek;
pub mod perform;
pub mod process;
pub mod procname;
pub mod read;
pub mod registry;
pub mod report;
pub mod sdbm;
pub mod signals;
pub mod socket;
pub mod stat;
pub mod time;
pub mod users;

mod buffer;
mod write;

pub use errno::{Errno, Res};
pub use handle::{Closed, Handle, HandleKind};
pub use memory::{ScalarBuf, SharedBytes};
pub use open::{Direction, Mode, OpenError, OpenOpts};
pub use process::{Command, WaitStatus};
pub use read::Rs;
pub use registry::IoRef;
