//! A file tree as layers make it: archives applied one over the other, whiteouts honored, in memory.
//!
//! Written for this package alone, so that it does not share a mistake with the code under test.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tar::{Archive, EntryType};

/// Everything that an archive says about a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `dir`, `file`, `symlink`, `fifo`, `char`, `block`.
    pub kind: String,
    /// Permission bits with setuid, setgid and sticky, in octal.
    pub mode: String,
    /// `uid:gid`.
    pub owner: String,
    /// Bytes of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Checksum of a file's bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// A short file's bytes, where they are text: a checksum alone tells nobody what differs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// Where a symbolic link leads, or `major:minor` of a device.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Extended attributes; bytes that are no text in hexadecimal.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub xattrs: BTreeMap<String, String>,
    /// Seconds since 1970, with a fraction where there is one.
    pub mtime: String,
    /// The first of the other names of the same file, for hard links.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
}

/// Paths (absolute, without a trailing slash) and the node that each one names.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    names: BTreeMap<String, usize>,
    nodes: Vec<Node>,
}

impl Tree {
    /// Applies an uncompressed archive, and returns the paths that it has something to say about, in the archive's
    /// order, folders with a trailing slash.
    ///
    /// Whiteouts are left out (single ones and opaque folders do the same), and so are folders that are in the tree
    /// already but for their time (some writers repeat the parents of what changed). A file that is there
    /// already is not left out: writing it again is waste.
    ///
    /// # Errors
    /// The archive is broken, or a hard link's target does not exist.
    pub fn apply_layer(&mut self, bytes: &[u8]) -> Result<Vec<String>> {
        // Whiteouts concern the layers below only, so they come first, wherever they lie in the archive.
        let mut hidden = Vec::new();
        for entry in Archive::new(bytes).entries()? {
            let path = normalize(&entry?.path_bytes());
            if let Some((folder, name)) = split_whiteout(&path) {
                hidden.push((folder.to_owned(), name.to_owned()));
            }
        }
        for (folder, name) in hidden {
            if name == ".wh..opq" {
                self.remove_beneath(&folder);
            } else {
                self.remove(&format!("{folder}/{name}"));
            }
        }
        let mut paths = Vec::new();
        for entry in Archive::new(bytes).entries()? {
            let mut entry = entry?;
            let path = normalize(&entry.path_bytes());
            if split_whiteout(&path).is_some() || path.is_empty() {
                continue;
            }
            let changes = self.apply_entry(&path, &mut entry);
            if changes.with_context(|| format!("apply {path}"))? {
                let is_dir = entry.header().entry_type() == EntryType::Directory;
                paths.push(if is_dir { format!("{path}/") } else { path });
            }
        }
        Ok(paths)
    }

    /// Answers whether it was more than a folder that is there already.
    fn apply_entry<R: Read>(&mut self, path: &str, entry: &mut tar::Entry<'_, R>) -> Result<bool> {
        if entry.header().entry_type() == EntryType::Link {
            let target = normalize(&entry.link_name_bytes().context("a link without a target")?);
            let node = *self
                .names
                .get(&target)
                .with_context(|| format!("a hard link to {target}, which is not there"))?;
            self.remove(path);
            self.names.insert(path.to_owned(), node);
            return Ok(true);
        }
        let node = read_node(entry)?;
        if let Some(known) = self.names.get(path).map(|index| &mut self.nodes[*index])
            && node.kind == "dir"
        {
            // Whether two folders of one second have one time is chance; the time is seen among the files.
            let mtime = std::mem::replace(&mut known.mtime, node.mtime.clone());
            if *known == node {
                return Ok(false);
            }
            known.mtime = mtime;
        }
        if node.kind != "dir" || self.kind_of(path) != Some("dir") {
            self.remove(path);
        }
        self.names.insert(path.to_owned(), self.nodes.len());
        self.nodes.push(node);
        Ok(true)
    }

    fn kind_of(&self, path: &str) -> Option<&str> {
        self.names
            .get(path)
            .map(|node| self.nodes[*node].kind.as_str())
    }

    fn remove(&mut self, path: &str) {
        self.remove_beneath(path);
        self.names.remove(path);
    }

    fn remove_beneath(&mut self, path: &str) {
        let prefix = format!("{path}/");
        self.names.retain(|name, _| !name.starts_with(&prefix));
    }

    /// Every path with its node, hard links marked.
    #[must_use]
    pub fn list(&self) -> BTreeMap<String, Node> {
        let mut first: BTreeMap<usize, &str> = BTreeMap::new();
        self.names
            .iter()
            .map(|(path, index)| {
                let mut node = self.nodes[*index].clone();
                match first.get(index) {
                    Some(other) => node.same_as = Some((*other).to_owned()),
                    None => drop(first.insert(*index, path)),
                }
                (path.clone(), node)
            })
            .collect()
    }

    /// What differs from `below`: new and changed paths, and those that are gone (`None`), without what lies beneath a
    /// folder that is gone.
    #[must_use]
    pub fn list_above(&self, below: &Self) -> BTreeMap<String, Option<Node>> {
        let (mine, theirs) = (self.list(), below.list());
        let mut above: BTreeMap<String, Option<Node>> = mine
            .iter()
            .filter(|(path, node)| theirs.get(*path) != Some(node))
            .map(|(path, node)| (path.clone(), Some(node.clone())))
            .collect();
        let gone: BTreeSet<&String> = theirs
            .keys()
            .filter(|path| !mine.contains_key(*path))
            .collect();
        for path in &gone {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            if !gone.contains(&parent.to_owned()) {
                above.insert((*path).clone(), None);
            }
        }
        above
    }
}

fn split_whiteout(path: &str) -> Option<(&str, &str)> {
    let (folder, name) = path.rsplit_once('/')?;
    Some((folder, name.strip_prefix(".wh.")?))
}

fn normalize(path: &[u8]) -> String {
    let text = String::from_utf8_lossy(path);
    let parts: Vec<&str> = text
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("/{}", parts.join("/"))
    }
}

fn read_node<R: Read>(entry: &mut tar::Entry<'_, R>) -> Result<Node> {
    let mut xattrs = BTreeMap::new();
    let mut mtime = entry.header().mtime()?.to_string();
    if let Some(extensions) = entry.pax_extensions()? {
        for extension in extensions {
            let extension = extension?;
            let key = extension.key()?;
            if let Some(name) = key.strip_prefix("SCHILY.xattr.") {
                xattrs.insert(name.to_owned(), encode_attribute(extension.value_bytes()));
            } else if key == "mtime" {
                extension.value()?.clone_into(&mut mtime);
            }
        }
    }
    let header = entry.header();
    let kind = match header.entry_type() {
        EntryType::Directory => "dir",
        EntryType::Symlink => "symlink",
        EntryType::Fifo => "fifo",
        EntryType::Char => "char",
        EntryType::Block => "block",
        _ => "file",
    };
    let target = match kind {
        "symlink" => entry
            .link_name_bytes()
            .map(|name| String::from_utf8_lossy(&name).into_owned()),
        "char" | "block" => Some(format!(
            "{}:{}",
            header.device_major()?.unwrap_or(0),
            header.device_minor()?.unwrap_or(0)
        )),
        _ => None,
    };
    let (mode, owner) = (
        format!("{:04o}", header.mode()? & 0o7777),
        format!("{}:{}", header.uid()?, header.gid()?),
    );
    let (mut size, mut sha256, mut text) = (None, None, None);
    if kind == "file" {
        let content = hash_content(entry)?;
        size = Some(content.length);
        sha256 = Some(content.sum);
        text = content.text;
    }
    Ok(Node {
        kind: kind.to_owned(),
        mode,
        owner,
        size,
        sha256,
        text,
        target,
        xattrs,
        mtime,
        same_as: None,
    })
}

struct Content {
    length: u64,
    sum: String,
    text: Option<String>,
}

/// Longer texts would make lines that nobody reads; shorter ones would leave out what steps print about themselves.
const SHOWN_TEXT: u64 = 160;

fn hash_content(mut content: impl Read) -> Result<Content> {
    let mut hasher = Sha256::new();
    let mut length = 0;
    let mut begin = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = content.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        length += count as u64;
        if length <= SHOWN_TEXT {
            begin.extend_from_slice(&buffer[..count]);
        }
    }
    let text = String::from_utf8(begin)
        .ok()
        .filter(|text| length == text.len() as u64 && length > 0);
    Ok(Content {
        length,
        sum: hex::encode(hasher.finalize()),
        text,
    })
}

fn encode_attribute(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => format!("0x{}", hex::encode(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::Tree;
    use crate::archive::write_tar;
    use crate::case::Entry;

    fn layer(text: &str) -> Vec<u8> {
        #[derive(serde::Deserialize)]
        struct List {
            e: Vec<Entry>,
        }
        write_tar(&toml::from_str::<List>(text).unwrap().e).unwrap()
    }

    #[test]
    fn whiteouts_remove_from_the_layers_below_and_not_from_their_own() {
        let mut tree = Tree::default();
        tree.apply_layer(&layer(
            "e = [{path='d',kind='dir'}, {path='d/a'}, {path='d/b'}, {path='o',kind='dir'}, {path='o/x'}]",
        ))
        .unwrap();
        let below = tree.clone();
        let paths = tree
            .apply_layer(&layer(
                "e = [{path='d',kind='dir'}, {path='d/.wh.a'}, {path='o/y'}, {path='o/.wh..wh..opq'}, {path='d/b',content='new'}]",
            ))
            .unwrap();
        assert_eq!(paths, ["/o/y", "/d/b"]);
        let above = tree.list_above(&below);
        assert_eq!(above["/d/a"], None);
        assert_eq!(above["/o/x"], None);
        assert_eq!(above["/d/b"].as_ref().unwrap().size, Some(3));
        assert!(above.contains_key("/o/y"));
        assert_eq!(above.len(), 4);
    }

    #[test]
    fn hard_links_are_named_after_their_first_path_and_a_replaced_folder_loses_its_files() {
        let mut tree = Tree::default();
        tree.apply_layer(&layer(
            "e = [{path='b',content='x'}, {path='a',kind='hardlink',target='b'}, {path='d',kind='dir'}, {path='d/f'}]",
        ))
        .unwrap();
        let list = tree.list();
        assert_eq!(list["/a"].same_as, None);
        assert_eq!(list["/b"].same_as.as_deref(), Some("/a"));
        tree.apply_layer(&layer("e = [{path='d',kind='symlink',target='b'}]"))
            .unwrap();
        assert!(!tree.list().contains_key("/d/f"));
    }
}
