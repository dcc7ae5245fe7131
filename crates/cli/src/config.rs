//! The server's settings: `wharf.toml`, the environment over it, flags over both.
//!
//! Every key is read by one function that knows its type, its default and what is wrong with a bad value. Nothing
//! stops at the first mistake: all problems are collected, each with the place it was written at, and are rendered
//! in the reader's language. The room opens no socket, no database and no certificate; `wharf check` does that with
//! what is read here. Called by `serve`, `check` and the commands that work on the host.

mod described;
mod document;
mod nearest;
mod problem;
mod reader;
mod sections;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) use described::{describe_settings, find_description, index_descriptions};
pub(crate) use problem::{Place, Problem, Severity};
pub(crate) use reader::Effective;
pub(crate) use sections::{
    AllowedNet, BuildConfig, Config, DatabaseLocation, ServerConfig, TlsFiles,
};

use reader::Reader;

/// The file that is read when no `--config` is given.
pub(crate) const DEFAULT_CONFIG_FILE: &str = "wharf.toml";

/// Where wharf keeps its data when no `--data-dir` is given.
pub(crate) const DEFAULT_DATA_DIR: &str = "data";

/// Environment variables, passed in so that tests and commands agree on what they are.
pub(crate) type Environment = BTreeMap<String, String>;

/// Where the settings come from.
#[derive(Debug, Default)]
pub(crate) struct Sources<'a> {
    /// `--config`; without it [`DEFAULT_CONFIG_FILE`].
    pub(crate) file: Option<&'a Path>,
    /// `--data-dir`; without it [`DEFAULT_DATA_DIR`].
    pub(crate) data_dir: Option<&'a Path>,
    /// `--listen`, which wins over everything.
    pub(crate) listen: Option<&'a str>,
    pub(crate) environment: Option<&'a Environment>,
}

/// What reading gave: settings that are complete even where a value was bad (its default stands in), and everything
/// that is wrong with them.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) config: Config,
    pub(crate) problems: Vec<Problem>,
    /// Each setting with its value and where that came from, for `wharf check`.
    pub(crate) effective: Vec<Effective>,
    /// Every key that was asked for, as `section.key`, whether or not it is set.
    pub(crate) keys: Vec<String>,
}

impl Loaded {
    /// Whether a server must not start with this.
    pub(crate) fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }
}

/// Reads the settings from `sources`.
///
/// A file that does not exist means defaults; when `--config` named it, that is worth a warning. A file that cannot
/// be read or parsed is an error among the problems, never a panic.
pub(crate) fn load_config(sources: &Sources<'_>) -> Loaded {
    ConfigSnapshot::take(sources).load(&[])
}

/// File, environment and flags as they were at one moment: what is set at run time is judged against these, and an edit of
/// the file waits for the next start.
#[derive(Clone, Debug)]
pub(crate) struct ConfigSnapshot {
    path: PathBuf,
    text: String,
    problems: Vec<Problem>,
    data_dir: PathBuf,
    listen: Option<String>,
    environment: Option<Environment>,
}

impl ConfigSnapshot {
    pub(crate) fn take(sources: &Sources<'_>) -> Self {
        let path = sources.file.unwrap_or(Path::new(DEFAULT_CONFIG_FILE));
        let mut problems = Vec::new();
        let text = read_file(path, sources.file.is_some(), &mut problems);
        ConfigSnapshot {
            path: path.to_path_buf(),
            text,
            problems,
            data_dir: sources
                .data_dir
                .map_or_else(|| PathBuf::from(DEFAULT_DATA_DIR), Path::to_path_buf),
            listen: sources.listen.map(str::to_owned),
            environment: sources.environment.cloned(),
        }
    }

    /// The settings with what administrators set at run time (`section.key` and the value as the environment would have
    /// it), which counts where neither file nor environment nor flags say anything.
    pub(crate) fn load(&self, console: &[(&str, &str)]) -> Loaded {
        let mut problems = self.problems.clone();
        let mut entries = document::parse_document(&self.path, &self.text, &mut problems);
        document::add_console_entries(&mut entries, console);
        let mut reader = Reader::new(entries, self.environment.as_ref(), problems);
        if let Some(listen) = &self.listen {
            reader.set_flag("server", "listen", "--listen", listen);
        }
        let config = sections::read_config(self.data_dir.clone(), &mut reader);
        let keys = reader.list_keys();
        let (problems, effective) = reader.finish();
        Loaded {
            config,
            problems,
            effective,
            keys,
        }
    }
}

/// The file's text; none of it where there is no file.
fn read_file(path: &Path, is_named: bool, problems: &mut Vec<Problem>) -> String {
    match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if is_named {
                problems.push(
                    Problem::warning("config.file_missing")
                        .with("path", path.display().to_string()),
                );
            }
            String::new()
        }
        Err(error) => {
            problems.push(
                Problem::error("config.file_unreadable")
                    .with("path", path.display().to_string())
                    .with("cause", error.to_string()),
            );
            String::new()
        }
    }
}

#[cfg(test)]
mod tests;
