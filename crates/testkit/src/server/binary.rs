//! Where the program under test is.

use std::path::PathBuf;

/// `WHARF_BIN`, else the `wharf` beside this test's own binary (`target/<profile>/wharf`).
pub(crate) fn find_binary() -> PathBuf {
    if let Some(path) = std::env::var_os("WHARF_BIN") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test knows its own file");
    let profile = test
        .ancestors()
        .find(|folder| folder.file_name().is_some_and(|name| name == "deps"))
        .and_then(|deps| deps.parent())
        .or_else(|| test.parent())
        .expect("a test binary lies in a folder");
    let binary = profile.join("wharf");
    assert!(
        binary.exists(),
        "{} is missing: build it first (cargo build -p wharf-cli), or name one by WHARF_BIN",
        binary.display()
    );
    binary
}
