//! Starts the peers, Debian's docker-registry 2.8 and CNCF distribution 3: both read the same configuration.
//! Refuses to slow them down: no access log, no tracing, and their in-memory descriptor cache is on.
//! Called by `server`.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Context, Result};

use super::{Door, USERNAME};
use crate::contestant::Entry;
use crate::work_dir::Home;

pub(crate) const READY_PATH: &str = "/v2/";

/// `super::PASSWORD` by bcrypt at cost 10, the cost that `htpasswd -B` users are advised to take.
const PASSWORD_HASH: &str = "$2y$10$abcdefghijklmnopqrstuuAs6wMNiqVzgznf9xdk0aUnkoon.SuAa";

/// # Errors
/// The configuration cannot be written.
pub(crate) fn command(
    entry: &Entry,
    home: &Home,
    address: SocketAddr,
    door: Door,
) -> Result<Command> {
    let mut config = format!(
        "version: 0.1\n\
         log: {{level: error, accesslog: {{disabled: true}}}}\n\
         storage:\n\
         \x20 cache: {{blobdescriptor: inmemory}}\n\
         \x20 filesystem: {{rootdirectory: {}}}\n\
         \x20 delete: {{enabled: true}}\n\
         http: {{addr: \"{address}\", secret: loopback}}\n",
        home.data().display()
    );
    if door == Door::Password {
        let users = home.file("htpasswd");
        fs::write(&users, format!("{USERNAME}:{PASSWORD_HASH}\n")).context("write htpasswd")?;
        config.push_str(&format!(
            "auth: {{htpasswd: {{realm: bench, path: {}}}}}\n",
            users.display()
        ));
    }
    let file = home.file("config.yml");
    fs::write(&file, config).context("write a peer's configuration")?;
    let mut command = Command::new(&entry.program);
    command
        .arg("serve")
        .arg(file)
        .env_clear()
        // Version 3 would otherwise try to send traces to a collector that is not there.
        .env("OTEL_TRACES_EXPORTER", "none");
    Ok(command)
}
