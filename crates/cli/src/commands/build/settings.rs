//! The settings that builds go by.
//!
//! A `wharf.toml` in the current folder is not read unasked: that folder often is somebody else's project, and settings
//! decide which proxy and which certificates logins are sent through.

use std::path::{Path, PathBuf};

use crate::commands::host::HostOptions;
use crate::config::Config;
use crate::failure::Failure;
use crate::session::Session;

/// Where an operator keeps settings for everybody on the machine.
const SYSTEM_FILE: &str = "/etc/wharf/wharf.toml";

/// Reads `--config`, else the user's file, else the machine's; the environment over it.
pub(crate) fn load_settings(session: &Session, option: Option<&Path>) -> Result<Config, Failure> {
    let file = option.map(Path::to_path_buf).or_else(|| {
        let own = find_own_file(session).filter(|path| path.exists());
        // A file that does not exist is no settings, and nothing to warn about.
        own.or_else(|| Some(PathBuf::from(SYSTEM_FILE)).filter(|path| path.exists()))
    });
    let options = HostOptions {
        // A name that no file has: without one, the settings' own default would be the current folder's.
        config: Some(file.unwrap_or_else(|| PathBuf::from("/dev/null"))),
        data_dir: None,
    };
    options.load_config(session, None)
}

/// The XDG base directory of settings.
fn find_own_file(session: &Session) -> Option<PathBuf> {
    let folder = match session.variable("XDG_CONFIG_HOME") {
        Some(folder) if folder.starts_with('/') => PathBuf::from(folder),
        _ => Path::new(session.variable("HOME")?).join(".config"),
    };
    Some(folder.join("wharf/wharf.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_file_is_read_and_an_option_wins() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join(".config/wharf");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("wharf.toml"), "[build]\nhost_network = true\n")
            .expect("a file");
        let path = home.path().display().to_string();
        let session = Session::for_test(&[("HOME", &path)]);
        assert!(
            load_settings(&session, None)
                .expect("settings")
                .build
                .host_network
        );
        let other = home.path().join("other.toml");
        std::fs::write(&other, "").expect("a file");
        let given = load_settings(&session, Some(&other)).expect("settings");
        assert!(!given.build.host_network);
        std::fs::write(&other, "[buidl]\n").expect("a file");
        assert!(load_settings(&session, Some(&other)).is_err());
    }
}
