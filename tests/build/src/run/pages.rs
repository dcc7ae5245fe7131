//! Pages of a run's server: what cases fetch with `ADD` and as contexts.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Deserialize;

use crate::archive::{compress_gzip, write_tar};
use crate::case::Entry;
use crate::serve::Page;

#[derive(Deserialize)]
struct Entries {
    entry: Vec<Entry>,
}

const ARCHIVE: &str = r#"
entry = [
  { path = "pack", kind = "dir", mode = 0o750, owner = [7, 8] },
  { path = "pack/file", content = "packed\n", mode = 0o640, owner = [7, 8] },
  { path = "pack/link", kind = "symlink", target = "file" },
]
"#;

const CONTEXT: &str = r#"
entry = [
  { path = "Dockerfile", content = "FROM scratch\nCOPY . /all/\n" },
  { path = "other.Dockerfile", content = "FROM scratch\nCOPY kept /other\n" },
  { path = "kept", content = "kept\n", mode = 0o640 },
  { path = "left-out", content = "no\n" },
  { path = ".dockerignore", content = "left-out\n" },
]
"#;

const MODIFIED: &str = "Sun, 09 Sep 2001 01:46:40 GMT";

pub(super) fn add_pages(pages: &mut BTreeMap<String, Page>) -> Result<()> {
    let archive = write_tar(&toml::from_str::<Entries>(ARCHIVE)?.entry)?;
    let context = write_tar(&toml::from_str::<Entries>(CONTEXT)?.entry)?;
    let mut add = |path: &str, body: &[u8], headers: &[(&'static str, &str)], token| {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        pages.insert(
            path.to_owned(),
            Page {
                body: body.to_vec(),
                headers,
                token,
            },
        );
    };
    add(
        "/files/hello.txt",
        b"hello\n",
        &[("Last-Modified", MODIFIED), ("ETag", "\"one\"")],
        None,
    );
    add("/files/undated", b"undated\n", &[], None);
    add("/files/", b"a folder's page\n", &[], None);
    add(
        "/files/named",
        b"named\n",
        &[("Content-Disposition", "attachment; filename=\"given.txt\"")],
        None,
    );
    add(
        "/files/guarded",
        b"guarded\n",
        &[("Last-Modified", MODIFIED)],
        Some("s3cret"),
    );
    add(
        "/files/pack.tar",
        &archive,
        &[("Last-Modified", MODIFIED)],
        None,
    );
    add(
        "/files/pack.tar.gz",
        &compress_gzip(&archive)?,
        &[("Last-Modified", MODIFIED)],
        None,
    );
    add("/contexts/context.tar", &context, &[], None);
    add(
        "/contexts/context.tar.gz",
        &compress_gzip(&context)?,
        &[],
        None,
    );
    add(
        "/contexts/Dockerfile",
        b"FROM scratch\nLABEL from=address\n",
        &[],
        None,
    );
    Ok(())
}
