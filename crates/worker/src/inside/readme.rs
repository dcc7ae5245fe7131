//! The README at the root of what was cloned, as text.
//!
//! Read right after the clone, before any step runs: it is the commit's own, on every kind of host. Whoever pushed may have
//! made it a link to anywhere, so it is looked up beneath the clone's root.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags, ResolveFlags};

/// Names in small letters, the best first, as code hosts choose among several: what is rendered before what is not.
const NAMES: [&str; 9] = [
    "readme.md",
    "readme.markdown",
    "readme.mdown",
    "readme.mkd",
    "readme.rst",
    "readme.adoc",
    "readme.org",
    "readme.txt",
    "readme",
];

/// The first `limit` bytes of the README, or a few less where they end within a character; `None` where none can be read.
pub(super) fn read_readme(root: &Path, limit: usize) -> Option<String> {
    let mut found: Vec<(usize, OsString)> = std::fs::read_dir(root)
        .ok()?
        .filter_map(|entry| {
            let name = entry.ok()?.file_name();
            let small = name.to_str()?.to_ascii_lowercase();
            let rank = NAMES.iter().position(|known| *known == small)?;
            Some((rank, name))
        })
        .collect();
    // Of names that differ in their letters' case, the same one each time.
    found.sort_unstable();
    found
        .into_iter()
        .find_map(|(_, name)| read_beneath(root, &name, limit).ok())
}

fn read_beneath(root: &Path, name: &OsString, limit: usize) -> io::Result<String> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let root = rustix::fs::open(root, flags, Mode::empty())?;
    let file = File::from(rustix::fs::openat2(
        &root,
        name,
        // A pipe must not hold the build up.
        OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC,
        Mode::empty(),
        ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
    )?);
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut bytes = Vec::new();
    file.take(limit as u64).read_to_end(&mut bytes)?;
    if bytes.len() == limit
        && let Err(error) = std::str::from_utf8(&bytes)
        && error.error_len().is_none()
    {
        bytes.truncate(error.valid_up_to());
    }
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    // What stands for a byte that is no text is longer than it.
    text.truncate(text.floor_char_boundary(limit));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder that goes away with the test.
    struct Root(std::path::PathBuf);

    impl Root {
        fn make(name: &str) -> Self {
            let folder = std::env::temp_dir();
            let folder = folder.join(format!("wharf-readme-{name}-{}", std::process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, text: &[u8]) {
            fs::write(self.0.join(name), text).unwrap();
        }

        fn read(&self) -> Option<String> {
            read_readme(&self.0, 1000)
        }
    }

    impl Drop for Root {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_best_of_several_names_counts_in_whatever_letters() {
        let root = Root::make("names");
        assert_eq!(root.read(), None);
        root.write("READ.md", b"no");
        fs::create_dir(root.0.join("readme.md")).unwrap();
        assert_eq!(root.read(), None);
        for name in ["README", "Readme.TXT", "README.rst", "ReadMe.markdown"] {
            root.write(name, name.as_bytes());
            assert_eq!(root.read().as_deref(), Some(name), "it is better");
        }
    }

    #[test]
    fn c13_a_readme_that_is_a_link_is_looked_up_beneath_the_root() {
        let root = Root::make("links");
        let outside = Root::make("outside");
        outside.write("secret", b"not yours");
        symlink(outside.0.join("secret"), root.0.join("README.md")).unwrap();
        assert_eq!(root.read(), None);
        fs::remove_file(root.0.join("README.md")).unwrap();
        symlink("/proc/self/environ", root.0.join("README.md")).unwrap();
        root.write("README.txt", b"the next best");
        assert_eq!(root.read().as_deref(), Some("the next best"));
        fs::remove_file(root.0.join("README.md")).unwrap();
        fs::create_dir(root.0.join("docs")).unwrap();
        root.write("docs/start.md", b"within");
        symlink("/docs/start.md", root.0.join("README.md")).unwrap();
        assert_eq!(root.read().as_deref(), Some("within"));
    }

    #[test]
    fn a_long_one_is_cut_between_characters() {
        let root = Root::make("long");
        root.write("README.md", "# Hällo\n".as_bytes());
        assert_eq!(read_readme(&root.0, 4).as_deref(), Some("# H"));
        assert_eq!(read_readme(&root.0, 5).as_deref(), Some("# Hä"));
        assert_eq!(root.read().as_deref(), Some("# Hällo\n"));
        root.write("README.md", b"# H\xe4llo");
        assert_eq!(root.read().as_deref(), Some("# H\u{fffd}llo"));
        assert_eq!(read_readme(&root.0, 4).as_deref(), Some("# H"));
    }
}
