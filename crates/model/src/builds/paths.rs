//! Where in a clone the Dockerfile and the build directory are.
//!
//! Text only: whether a path exists, and that no link leads out, is found out where the clone is, beneath its
//! descriptor. Both paths are relative to the clone's root, which a leading `/` means too, so a build is exactly
//! `docker build -f PATH DIR` there.

use std::{fmt, str::FromStr};

/// Longest path, in bytes; Linux opens none longer.
const MAX_PATH: usize = 4095;

/// Why a path is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// `..` beyond the root.
    #[error("`{0}` leads out of the repository")]
    Leaves(String),
    /// A control character.
    #[error("a path has no control characters")]
    Control,
    /// Longer than Linux opens.
    #[error("a path has at most {MAX_PATH} bytes")]
    TooLong,
}

/// `text` from the root, without `.`, `..` and doubled slashes; empty for the root itself.
fn normalize(text: &str) -> Result<String, PathError> {
    if text.len() > MAX_PATH {
        return Err(PathError::TooLong);
    }
    if text.chars().any(char::is_control) {
        return Err(PathError::Control);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                if parts.pop().is_none() {
                    return Err(PathError::Leaves(text.to_owned()));
                }
            }
            _ => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// The Dockerfile's path from the clone's root, never empty, without a slash in front.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DockerfilePath(String);

impl Default for DockerfilePath {
    /// `Dockerfile` at the root.
    fn default() -> Self {
        Self("Dockerfile".to_owned())
    }
}

impl DockerfilePath {
    /// The path, without a slash in front.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The folder it lies in: what Docker Hub took for the build directory when none was given.
    pub fn folder(&self) -> BuildDirectory {
        BuildDirectory(
            self.0
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder)
                .to_owned(),
        )
    }
}

impl FromStr for DockerfilePath {
    type Err = PathError;

    /// Reads a path. Nothing at all, `/`, and a path that ends in `/` mean the `Dockerfile` in that folder, as Docker
    /// Hub and Tencent's registry read them.
    fn from_str(text: &str) -> Result<Self, PathError> {
        let path = normalize(text)?;
        let names_a_folder = text.is_empty() || text.ends_with('/') || text.ends_with("/.");
        Ok(Self(match path.as_str() {
            "" => "Dockerfile".to_owned(),
            folder if names_a_folder => format!("{folder}/Dockerfile"),
            _ => path,
        }))
    }
}

impl fmt::Display for DockerfilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The build directory's path from the clone's root, without a slash at either end; `.` is the root, also as text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct BuildDirectory(String);

impl BuildDirectory {
    /// The path; `.` for the root.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "." } else { &self.0 }
    }

    /// Whether it is the whole clone.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromStr for BuildDirectory {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        normalize(text).map(Self)
    }
}

impl fmt::Display for BuildDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dockerfile_is_found_from_the_root_with_or_without_a_slash() {
        for (text, path, folder) in [
            ("Dockerfile", "Dockerfile", "."),
            ("/Dockerfile", "Dockerfile", "."),
            ("", "Dockerfile", "."),
            ("/", "Dockerfile", "."),
            ("docker/", "docker/Dockerfile", "docker"),
            ("/docker/web.Dockerfile", "docker/web.Dockerfile", "docker"),
            ("a/./b//../Dockerfile", "a/Dockerfile", "a"),
        ] {
            let parsed: DockerfilePath = text.parse().unwrap();
            assert_eq!(parsed.as_str(), path, "{text}");
            assert_eq!(parsed.folder().as_str(), folder, "{text}");
            assert_eq!(parsed.to_string().parse(), Ok(parsed));
        }
    }

    #[test]
    fn a_build_directory_defaults_to_the_root() {
        assert!(BuildDirectory::default().is_root());
        for root in ["", "/", ".", "./", "a/.."] {
            let parsed: BuildDirectory = root.parse().unwrap();
            assert!(parsed.is_root(), "{root}");
            assert_eq!(parsed.to_string(), ".");
        }
        assert_eq!(
            "/web/app/".parse::<BuildDirectory>().unwrap().as_str(),
            "web/app"
        );
    }

    #[test]
    fn no_path_leads_out_of_the_repository() {
        for bad in [
            "..",
            "../Dockerfile",
            "/../etc/passwd",
            "a/../../b",
            "a/b/../../../c",
        ] {
            assert_eq!(
                bad.parse::<BuildDirectory>(),
                Err(PathError::Leaves(bad.into()))
            );
            assert!(bad.parse::<DockerfilePath>().is_err(), "{bad}");
        }
        assert_eq!("a\nb".parse::<BuildDirectory>(), Err(PathError::Control));
        assert_eq!("a\0".parse::<DockerfilePath>(), Err(PathError::Control));
        assert_eq!(
            "a/".repeat(3000).parse::<BuildDirectory>(),
            Err(PathError::TooLong)
        );
    }
}
