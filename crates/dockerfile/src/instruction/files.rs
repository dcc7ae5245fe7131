//! COPY and ADD: what is copied, from where, and as whose.

use super::{
    arguments::{is_json, words},
    flags::{Flags, Kind},
};
use crate::{
    Problem,
    parser::{Heredoc, Node, parse_heredoc_word},
    values::{GitUrl, ModeChange, Owner, SourceKind, classify_source},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    pub files: FileSources,
    /// A stage by name or number, a named context or an image; none is the build context.
    pub from: Option<String>,
    pub chown: Option<String>,
    pub chmod: Option<String>,
    /// The layer does not depend on what is below it.
    pub link: bool,
    /// Keep the directories of the sources, those before `/./` left out.
    pub parents: bool,
    /// Patterns of `.dockerignore` kind; no variables are replaced in them.
    pub exclude: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Add {
    pub files: FileSources,
    pub chown: Option<String>,
    pub chmod: Option<String>,
    pub link: bool,
    pub exclude: Vec<String>,
    pub keep_git_directory: Option<bool>,
    pub checksum: Option<String>,
    /// None: local archives are unpacked, downloaded ones are not.
    pub unpack: Option<bool>,
}

/// Sources and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSources {
    pub paths: Vec<String>,
    pub inline: Vec<InlineFile>,
    pub destination: String,
}

/// A file whose content is a here-document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlineFile {
    pub name: String,
    pub content: String,
    /// Whether variables in it are replaced.
    pub expand: bool,
}

impl Copy {
    /// Checks the sources once variables are replaced: COPY takes paths only.
    pub fn check_sources(&self) -> Result<(), Problem> {
        self.files
            .paths
            .iter()
            .try_for_each(|path| match classify_source(path)? {
                SourceKind::Path(_) => Ok(()),
                SourceKind::Http(_) => Err(Problem::CopyUrl),
                SourceKind::Git(_) => Err(Problem::CopyGit),
            })
    }

    /// The mode that `--chmod` gives, if it is given.
    pub fn parse_chmod(&self) -> Result<Option<ModeChange>, Problem> {
        self.chmod.as_deref().map(ModeChange::parse).transpose()
    }

    /// The owner that `--chown` gives, if it is given.
    pub fn parse_chown(&self) -> Option<Owner> {
        self.chown.as_deref().and_then(Owner::parse)
    }
}

impl Add {
    /// What each source is, once variables are replaced. Fails when `--checksum` stands with anything but one remote
    /// source.
    pub fn classify_sources(&self) -> Result<Vec<SourceKind>, Problem> {
        let paths = self.files.paths.iter();
        let kinds: Vec<SourceKind> = paths
            .map(|path| classify_source(path))
            .collect::<Result<_, _>>()?;
        let is_checkable = matches!(kinds[..], [SourceKind::Http(_) | SourceKind::Git(_)]);
        if self.checksum.is_some() && !is_checkable {
            return Err(Problem::ChecksumSource);
        }
        Ok(kinds)
    }

    /// Checks the sources, and that a download's checksum is a digest.
    pub fn check_sources(&self) -> Result<(), Problem> {
        for kind in self.classify_sources()? {
            match kind {
                SourceKind::Http(_) => drop(self.parse_checksum()?),
                SourceKind::Git(git) => drop(self.merge_flags(&git)?),
                SourceKind::Path(_) => {}
            }
        }
        Ok(())
    }

    /// The repository with what the flags say about it. Fails when they contradict its query.
    pub fn merge_flags(&self, git: &GitUrl) -> Result<GitUrl, Problem> {
        let mut merged = git.clone();
        let refuse = |reason: &str| Problem::GitSource {
            url: git.remote.clone(),
            reason: reason.to_owned(),
        };
        match (self.keep_git_directory, git.keep_git_directory) {
            (Some(flag), Some(query)) if flag != query => {
                return Err(refuse("inconsistent keep-git-dir configuration"));
            }
            (flag, query) => merged.keep_git_directory = query.or(flag),
        }
        match (&self.checksum, &git.checksum) {
            (Some(flag), Some(query)) if flag != query => {
                return Err(refuse("--checksum and the query name different commits"));
            }
            (flag, query) => merged.checksum = query.clone().or(flag.clone()),
        }
        Ok(merged)
    }

    pub fn parse_chmod(&self) -> Result<Option<ModeChange>, Problem> {
        self.chmod.as_deref().map(ModeChange::parse).transpose()
    }

    pub fn parse_chown(&self) -> Option<Owner> {
        self.chown.as_deref().and_then(Owner::parse)
    }

    /// The content digest that `--checksum` demands of a download. For a git source it is a commit, and not this.
    pub fn parse_checksum(&self) -> Result<Option<wharf_oci::Digest>, Problem> {
        let Some(text) = &self.checksum else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| Problem::Checksum {
            value: text.clone(),
        })
    }
}

pub(super) fn parse_copy(node: &Node) -> Result<Copy, Problem> {
    let mut flags = Flags::parse(
        &node.flags,
        &[
            ("from", Kind::Text),
            ("chown", Kind::Text),
            ("chmod", Kind::Text),
            ("link", Kind::Switch),
            ("parents", Kind::Switch),
            ("exclude", Kind::List),
        ],
    )?;
    Ok(Copy {
        files: parse_sources(node, "COPY")?,
        from: flags.take_text("from"),
        chown: flags.take_text("chown"),
        chmod: flags.take_text("chmod"),
        link: flags.take_switch("link").unwrap_or(false),
        parents: flags.take_switch("parents").unwrap_or(false),
        exclude: flags.take_list("exclude"),
    })
}

pub(super) fn parse_add(node: &Node) -> Result<Add, Problem> {
    let mut flags = Flags::parse(
        &node.flags,
        &[
            ("chown", Kind::Text),
            ("chmod", Kind::Text),
            ("link", Kind::Switch),
            ("keep-git-dir", Kind::Switch),
            ("checksum", Kind::Text),
            ("unpack", Kind::Switch),
            ("exclude", Kind::List),
        ],
    )?;
    Ok(Add {
        files: parse_sources(node, "ADD")?,
        chown: flags.take_text("chown"),
        chmod: flags.take_text("chmod"),
        link: flags.take_switch("link").unwrap_or(false),
        exclude: flags.take_list("exclude"),
        keep_git_directory: flags.take_switch("keep-git-dir"),
        checksum: flags.take_text("checksum"),
        unpack: flags.take_switch("unpack"),
    })
}

/// The here-document that an argument announces. One that can not be read is a path, as it is to the line parser.
fn find_heredoc(node: &Node, word: &str) -> Option<Heredoc> {
    match is_json(node) {
        true => None,
        false => parse_heredoc_word(word).ok().flatten(),
    }
}

fn parse_sources(node: &Node, keyword: &'static str) -> Result<FileSources, Problem> {
    let [sources @ .., destination] = words(node) else {
        return Err(Problem::NoDestination { keyword });
    };
    if sources.is_empty() {
        return Err(Problem::NoDestination { keyword });
    }
    if find_heredoc(node, destination).is_some() {
        return Err(Problem::HeredocDestination { keyword });
    }
    let (mut paths, mut inline) = (Vec::new(), Vec::new());
    for source in sources {
        let Some(word) = find_heredoc(node, source) else {
            paths.push(source.clone());
            continue;
        };
        // The last document of a name is the one that counts.
        let document = node.heredocs.iter().rfind(|known| known.name == word.name);
        inline.push(InlineFile {
            content: document
                .map(|found| found.chomped_content())
                .unwrap_or_default(),
            expand: word.expand,
            name: word.name,
        });
    }
    Ok(FileSources {
        paths,
        inline,
        destination: destination.clone(),
    })
}
