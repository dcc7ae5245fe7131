//! How podman, buildah and skopeo are run here: with storage, credentials and temporary files below one folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wharf_testkit::Login;

use crate::client::{Client, Run, log_in_by_stdin};

/// One person's podman or buildah, with storage of their own.
pub(crate) fn prepare_storage_client(program: PathBuf, home: &Path) -> Client {
    let path = |name: &str| home.join(name).display().to_string();
    // vfs needs no mount, so it works as any user and inside a container, and nothing is left to clean up.
    prepare_client(program, home).with_leading([
        "--root",
        &path("storage"),
        "--runroot",
        &path("run"),
        "--storage-driver",
        "vfs",
    ])
}

/// One person's skopeo.
pub(crate) fn prepare_client(program: PathBuf, home: &Path) -> Client {
    fs::create_dir_all(home.join("tmp")).expect("a folder for a person");
    // podman insists that the file is there before anyone has logged in.
    fs::write(home.join("auth.json"), "{}").expect("a folder that takes files");
    Client::new(program, home)
        .with_variable("REGISTRY_AUTH_FILE", home.join("auth.json"))
        .with_variable("XDG_RUNTIME_DIR", home.join("tmp"))
        .with_variable("TMPDIR", home.join("tmp"))
}

/// `login` over plain http; all three spell it alike.
#[track_caller]
pub(crate) fn log_in(client: &Client, address: &str, login: &Login) -> Run {
    log_in_by_stdin(client, &["login", "--tls-verify=false"], address, login)
}
