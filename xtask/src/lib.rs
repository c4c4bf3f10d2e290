//! What the everyday commands and the integration tests of the root package share.
//! Nothing here is linked into the `keshi` binary.

pub mod perl_cases;

use std::path::{Path, PathBuf};

/// The root of the work tree: the directory that holds the workspace's `Cargo.toml`.
pub fn workspace_root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}
