//! What a source of COPY or ADD is: a path, a URL, a git repository.

use super::GitUrl;
use crate::Problem;

/// A source, told apart by its text alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceKind {
    Path(String),
    Http(String),
    Git(GitUrl),
}

/// Tells sources apart: git before http, because a URL that ends in `.git` is a repository. Fails on a repository
/// whose query makes no sense.
pub fn classify_source(text: &str) -> Result<SourceKind, Problem> {
    if let Some(git) = GitUrl::parse(text)?
        && !git.is_ambiguous
    {
        return Ok(SourceKind::Git(git));
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(SourceKind::Http(text.to_owned()));
    }
    Ok(SourceKind::Path(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_told_apart_by_their_text() {
        let kind = |text| match classify_source(text).expect(text) {
            SourceKind::Path(_) => "path",
            SourceKind::Http(_) => "http",
            SourceKind::Git(_) => "git",
        };
        for (text, expected) in [
            ("a/b", "path"),
            ("github.com/a/b", "path"),
            ("file:///a", "path"),
            ("https://example.com/a.tar.gz", "http"),
            ("https://example.com/a.git", "git"),
            ("git@example.com:a/b", "git"),
            ("ssh://example.com/a", "git"),
            ("git://example.com/a", "git"),
            ("./git@example.com:a", "path"),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
        assert!(classify_source("https://example.com/a.git?x=tar").is_err());
    }
}
