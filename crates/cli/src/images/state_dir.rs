//! The folder in which this machine keeps images and cache.

use std::path::{Path, PathBuf};

use wharf_image::LocalStore;

use crate::failure::Failure;
use crate::session::Session;

/// Root's folder (FHS: state of programs).
const SYSTEM_FOLDER: &str = "/var/lib/wharf";

/// `--state-dir`, else root's own folder, else the user's (XDG base directories).
///
/// # Errors
/// A user without a home.
pub(crate) fn find_state_dir(
    session: &Session,
    option: Option<&Path>,
    is_root: bool,
) -> Result<PathBuf, Failure> {
    if let Some(path) = option {
        return Ok(path.to_path_buf());
    }
    if is_root {
        return Ok(PathBuf::from(SYSTEM_FOLDER));
    }
    // A relative value is to be ignored, says the specification.
    let own = session
        .variable("XDG_DATA_HOME")
        .filter(|path| path.starts_with('/'));
    match (own, session.variable("HOME")) {
        (Some(folder), _) => Ok(Path::new(folder).join("wharf")),
        (None, Some(home)) => Ok(Path::new(home).join(".local/share/wharf")),
        (None, None) => Err(Failure::new(session.text("cli.build.no_home", &[]))
            .with_hint(session.text("cli.build.state_dir_hint", &[]))),
    }
}

/// The image store in that folder.
///
/// # Errors
/// The folder cannot be made or used.
pub(crate) fn open_store(session: &Session, state_dir: &Path) -> Result<LocalStore, Failure> {
    LocalStore::open(state_dir.join("images")).map_err(|error| {
        let path = state_dir.display().to_string();
        Failure::new(session.text("cli.build.state_dir_unusable", &[("path", &path)]))
            .caused_by(&error)
            .with_hint(session.text("cli.build.state_dir_hint", &[]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_the_options_the_systems_or_the_users() {
        let find = |environment: &[(&str, &str)], option: Option<&str>, is_root| {
            find_state_dir(
                &Session::for_test(environment),
                option.map(Path::new),
                is_root,
            )
            .map(|path| path.display().to_string())
        };
        let home = ("HOME", "/home/me");
        assert_eq!(find(&[home], Some("x"), true).expect("given"), "x");
        assert_eq!(find(&[home], None, true).expect("root"), "/var/lib/wharf");
        assert_eq!(
            find(&[home], None, false).expect("a user"),
            "/home/me/.local/share/wharf"
        );
        let data = ("XDG_DATA_HOME", "/data");
        assert_eq!(
            find(&[home, data], None, false).expect("xdg"),
            "/data/wharf"
        );
        let relative = ("XDG_DATA_HOME", "data");
        assert!(find(&[relative], None, false).is_err());
    }
}
