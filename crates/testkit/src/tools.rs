//! Finding the programs that tests run, and whether they may. Installs nothing: `make test-deps` does that.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The program `name`, or none when this machine does not have it.
///
/// Looks first where `make test-deps` builds Go programs (`$WHARF_TOOLS/bin`), then where Debian's packages install, then
/// along `PATH`: a program of the same name elsewhere may be another version than the tests are written for.
pub fn find_tool(name: &str) -> Option<PathBuf> {
    search_folders()
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}

/// The folders of [`find_tool`] as a `PATH`, for programs that start other programs.
pub fn join_search_path() -> OsString {
    env::join_paths(search_folders()).expect("folders from PATH hold no separator")
}

fn search_folders() -> Vec<PathBuf> {
    let mut folders = vec![find_tools_folder().join("bin")];
    folders.extend(["/usr/bin", "/usr/sbin"].map(PathBuf::from));
    folders.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    folders
}

/// Where `make test-deps` puts what no package brings.
pub fn find_tools_folder() -> PathBuf {
    env::var_os("WHARF_TOOLS").map_or_else(default_tools, PathBuf::from)
}

/// The same default as the Makefile's, so that `cargo test` alone finds what `make test-deps` built.
fn default_tools() -> PathBuf {
    let cache = env::var_os("XDG_CACHE_HOME").map_or_else(
        || Path::new(&env::var_os("HOME").unwrap_or_default()).join(".cache"),
        PathBuf::from,
    );
    cache.join("wharf/tools")
}

/// Whether this process may mount and start daemons.
pub fn is_root() -> bool {
    // SAFETY: geteuid takes nothing, cannot fail and touches no memory.
    unsafe { libc::geteuid() == 0 }
}
