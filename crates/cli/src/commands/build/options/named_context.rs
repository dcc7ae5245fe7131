//! What a context is, told from its text; and `--build-context`, which gives contexts names.

use std::path::{Path, PathBuf};

use wharf_builder::request::{ContextSource, NamedContext};
use wharf_client::ImageName;
use wharf_dockerfile::values::GitUrl;

use super::OptionProblem;

/// A context as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands::build) enum ContextText {
    /// `-`: standard input has an archive or a Dockerfile.
    Stdin,
    Directory(PathBuf),
    Git(String),
    Http(String),
}

/// Tells contexts apart as docker does: what is a directory here is a directory, whatever else it looks like.
pub(in crate::commands::build) fn read_context_text(
    option: &str,
    text: &str,
    is_directory: impl Fn(&Path) -> bool,
) -> Result<ContextText, OptionProblem> {
    if text == "-" {
        return Ok(ContextText::Stdin);
    }
    let path = PathBuf::from(text);
    if is_directory(&path) {
        return Ok(ContextText::Directory(path));
    }
    let git = GitUrl::parse(text).map_err(|problem| {
        OptionProblem::new("context_git", option, text).with("reason", problem.to_string())
    })?;
    if git.is_some() {
        return Ok(ContextText::Git(text.to_owned()));
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(ContextText::Http(text.to_owned()));
    }
    Err(OptionProblem::new("context_missing", option, text))
}

/// `NAME[::PLATFORM]=VALUE`: a directory, a URL, or an image behind `docker-image://`, `oci-layout://`, `target:`.
pub(in crate::commands::build) fn name_context(
    text: &str,
    is_directory: impl Fn(&Path) -> bool,
) -> Result<(String, NamedContext), OptionProblem> {
    const OPTION: &str = "--build-context";
    let refuse = |key| OptionProblem::new(key, OPTION, text);
    let (name, value) = text.split_once('=').ok_or_else(|| refuse("pair_form"))?;
    let name = read_name(name).ok_or_else(|| refuse("context_name").with("name", name))?;
    let context = if let Some(image) = value.strip_prefix("docker-image://") {
        NamedContext::Image(image.to_owned())
    } else if let Some(layout) = value.strip_prefix("oci-layout://") {
        NamedContext::OciLayout(layout.to_owned())
    } else if let Some(stage) = value.strip_prefix("target:") {
        NamedContext::Stage(stage.to_owned())
    } else {
        NamedContext::Files(match read_context_text(OPTION, value, is_directory)? {
            ContextText::Stdin => return Err(refuse("context_stdin")),
            ContextText::Directory(path) => ContextSource::Directory(path),
            ContextText::Git(url) => ContextSource::Git(url),
            ContextText::Http(url) => ContextSource::Http(url),
        })
    };
    Ok((name, context))
}

/// The name as a Dockerfile can say it: the short form of an image's name, without `:latest`.
fn read_name(text: &str) -> Option<String> {
    let (name, platform) = match text.split_once("::") {
        Some((name, platform)) if !platform.is_empty() => (name, Some(platform)),
        Some(_) => return None,
        None => (text, None),
    };
    let image: ImageName = name.to_ascii_lowercase().parse().ok()?;
    let whole = image.to_string();
    let short = whole
        .strip_prefix("docker.io/library/")
        .or_else(|| whole.strip_prefix("docker.io/"))
        .unwrap_or(&whole);
    let short = short.strip_suffix(":latest").unwrap_or(short);
    Some(match platform {
        Some(platform) => format!("{short}::{platform}"),
        None => short.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_directory(path: &Path) -> bool {
        ["dir", "github.com/a/b"].iter().any(|name| path == *name)
    }

    fn read(text: &str) -> Result<ContextText, OptionProblem> {
        read_context_text("CONTEXT", text, is_directory)
    }

    #[test]
    fn a_context_is_told_from_its_text() {
        let git = |text: &str| Ok(ContextText::Git(text.to_owned()));
        assert_eq!(read("-"), Ok(ContextText::Stdin));
        assert_eq!(read("dir"), Ok(ContextText::Directory("dir".into())));
        // Whatever else it looks like.
        assert_eq!(
            read("github.com/a/b"),
            Ok(ContextText::Directory("github.com/a/b".into()))
        );
        for text in [
            "github.com/other/repo#main:sub",
            "https://git.example/a.git",
            "git@git.example:a/b.git",
        ] {
            assert_eq!(read(text), git(text));
        }
        let archive = "https://files.example/a.tar.gz";
        assert_eq!(read(archive), Ok(ContextText::Http(archive.to_owned())));
        assert_eq!(read("missing").expect_err("none").key(), "context_missing");
    }

    #[test]
    fn a_context_gets_the_short_form_of_its_name() {
        for (text, expected) in [
            ("Alpine=dir", "alpine"),
            ("docker.io/library/alpine:latest=dir", "alpine"),
            ("alpine:3.20=dir", "alpine:3.20"),
            ("grafana/loki=dir", "grafana/loki"),
            ("src::linux/arm64=dir", "src::linux/arm64"),
        ] {
            let (name, _) = name_context(text, is_directory).expect(text);
            assert_eq!(name, expected, "{text}");
        }
    }

    #[test]
    fn a_named_context_is_files_or_an_image() {
        let context = |text| name_context(text, is_directory).expect(text).1;
        assert_eq!(
            context("a=docker-image://alpine:3"),
            NamedContext::Image("alpine:3".to_owned())
        );
        assert_eq!(
            context("a=oci-layout:///l:1"),
            NamedContext::OciLayout("/l:1".to_owned())
        );
        assert_eq!(
            context("a=target:base"),
            NamedContext::Stage("base".to_owned())
        );
        assert_eq!(
            context("a=dir"),
            NamedContext::Files(ContextSource::Directory("dir".into()))
        );
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        for (text, key) in [
            ("a", "pair_form"),
            ("=dir", "context_name"),
            ("a b=dir", "context_name"),
            ("a::=dir", "context_name"),
            ("a=-", "context_stdin"),
            ("a=missing", "context_missing"),
        ] {
            let problem = name_context(text, is_directory).expect_err(text);
            assert_eq!(problem.key(), key, "{text}");
        }
    }
}
