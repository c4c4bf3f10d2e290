//! What the everyday commands and the integration tests of the root package share.
//! Nothing here is linked into the `keshi` binary.

pub mod perl_cases;

use std::path::{Path, PathBuf};

/// The root of the work tree: the directory that holds the workspace's `Cargo.toml`.
///
/// Cargo's word for it at run time comes first: a `target` directory copied to another work tree holds binaries that
/// were compiled in the first one, and cargo does not build them anew.
pub fn workspace_root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = Path::new(&here);
    here.ancestors().find(|d| d.join("Cargo.lock").exists()).unwrap_or(here).to_path_buf()
}
