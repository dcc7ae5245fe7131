//! Downloads: ADD of a URL, and contexts behind one.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use url::Url;
use wharf_egress::{Egress, PlainHttp, Request};
use wharf_image::Transfer;
use wharf_oci::{Algorithm, Digest};

use super::{FileContext, archive};
use crate::error::{Attempt, BuildError, Result};
use crate::secrets::Secrets;

/// A file from the network.
#[derive(Debug)]
pub(crate) struct Download {
    /// Its bytes.
    pub(crate) file: NamedTempFile,
    pub(crate) digest: Digest,
    /// The last part of the address's path, whatever the server calls it.
    pub(crate) name: String,
    /// `Last-Modified`.
    pub(crate) modified: Option<Timestamp>,
    marks: Marks,
}

/// How a server tells one state of a file from another (RFC 9110 §8.8).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Marks {
    etag: Option<String>,
    last_modified: Option<String>,
}

/// A file of an earlier build without its bytes: enough to know whether it is still the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownDownload {
    pub(crate) digest: Digest,
    pub(crate) name: String,
    pub(crate) modified: Option<Timestamp>,
    marks: Marks,
}

impl Download {
    /// What to remember of it; nothing if the server marks no states.
    pub(crate) fn known(&self) -> Option<KnownDownload> {
        (self.marks != Marks::default()).then(|| KnownDownload {
            digest: self.digest,
            name: self.name.clone(),
            modified: self.modified,
            marks: self.marks.clone(),
        })
    }
}

/// Fetches a file. `HTTP_AUTH_TOKEN_HOST` (a bearer token) and `HTTP_AUTH_HEADER_HOST` among the secrets go along.
pub(crate) async fn download(
    url: &str,
    egress: &Egress,
    secrets: &Secrets,
    transfer: &dyn Transfer,
) -> Result<Download> {
    match download_unless(None, url, egress, secrets, transfer).await? {
        Some(download) => Ok(download),
        None => Err(BuildError::step(format!(
            "invalid response status 304 for {url}"
        ))),
    }
}

/// The same, but nothing where the server says that it has nothing newer than what is `known`.
pub(crate) async fn download_unless(
    known: Option<&KnownDownload>,
    url: &str,
    egress: &Egress,
    secrets: &Secrets,
    transfer: &dyn Transfer,
) -> Result<Option<Download>> {
    let parsed = Url::parse(url)
        .map_err(|error| BuildError::request(format!("{url} is no address: {error}")))?;
    let mut request = Request::get(parsed.clone()).with_plain_http(PlainHttp::Listed);
    if let Some(value) = find_authorization(&parsed, secrets)? {
        request = request.with_header(http::header::AUTHORIZATION, value);
    }
    let marks = known.map(|known| &known.marks);
    // A server that knows tags looks at nothing else (RFC 9110 §13.2.2).
    for (name, mark) in [
        (
            http::header::IF_NONE_MATCH,
            marks.and_then(|marks| marks.etag.as_ref()),
        ),
        (
            http::header::IF_MODIFIED_SINCE,
            marks.and_then(|marks| marks.last_modified.as_ref()),
        ),
    ] {
        if let Some(value) = mark.and_then(|text| http::HeaderValue::from_str(text).ok()) {
            request = request.with_header(name, value);
        }
    }
    let refused = |error: wharf_egress::EgressError| BuildError::Step {
        message: format!("failed to load {url}: {error}"),
        hint: error.hint(),
        excerpt: None,
    };
    let mut response = egress.send(request).await.map_err(refused)?;
    if known.is_some() && response.status() == http::StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    if !response.status().is_success() {
        return Err(BuildError::step(format!(
            "invalid response status {} for {url}",
            response.status().as_u16()
        )));
    }
    let header = |name| {
        let value: Option<&http::HeaderValue> = response.headers().get(name);
        value
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let total = header(http::header::CONTENT_LENGTH).and_then(|text| text.parse().ok());
    let marks = Marks {
        etag: header(http::header::ETAG),
        last_modified: header(http::header::LAST_MODIFIED),
    };
    let modified = marks.last_modified.as_deref().and_then(parse_date);
    let name = name_of(&parsed).unwrap_or_else(|| "download".to_owned());
    let mut file = NamedTempFile::new().attempt(|| "make a file for a download".to_owned())?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    while let Some(chunk) = response.next_chunk().await.map_err(refused)? {
        hash.update(&chunk);
        size += chunk.len() as u64;
        file.write_all(&chunk).attempt(|| format!("keep {url}"))?;
        transfer.moved(&name, size, total);
    }
    let digest = Digest::from_raw(Algorithm::Sha256, &hash.finalize())
        .attempt(|| "name a download".to_owned())?;
    Ok(Some(Download {
        file,
        digest,
        name,
        modified,
        marks,
    }))
}

fn find_authorization(url: &Url, secrets: &Secrets) -> Result<Option<http::HeaderValue>> {
    let host = url.host_str().unwrap_or_default();
    let text = match secrets.read_text(&format!("HTTP_AUTH_HEADER_{host}"))? {
        Some(header) => Some(header),
        None => secrets
            .read_text(&format!("HTTP_AUTH_TOKEN_{host}"))?
            .map(|token| format!("Bearer {token}")),
    };
    let Some(text) = text else { return Ok(None) };
    let mut value = http::HeaderValue::from_str(&text).map_err(|_| {
        BuildError::request(format!("the secret for {host} does not fit into a header"))
    })?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn parse_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new()
        .relaxed_weekday(true)
        .parse_timestamp(text)
        .ok()
}

/// Only its last part: nobody may choose a folder of ours.
fn name_of(url: &Url) -> Option<String> {
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let last = path.trim_end_matches('/').rsplit('/').next()?;
    (!matches!(last, "" | "." | "..")).then(|| last.to_owned())
}

/// A named context behind a URL: the file itself, called `context`, as BuildKit has it.
pub(super) async fn load_file(
    name: &str,
    url: &str,
    egress: &Egress,
    secrets: &Secrets,
    transfer: &dyn Transfer,
) -> Result<FileContext> {
    let download = download(url, egress, secrets, transfer).await?;
    let folder = tempfile::TempDir::new().attempt(|| "make a folder for the context".to_owned())?;
    let path = folder.path().join("context");
    let keep = || -> std::io::Result<()> {
        std::fs::copy(download.file.path(), &path)?;
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, mode)?;
        let modified = download.modified.map_or(0, Timestamp::as_second);
        let since = Duration::from_secs(u64::try_from(modified).unwrap_or_default());
        File::options()
            .append(true)
            .open(&path)?
            .set_modified(SystemTime::UNIX_EPOCH + since)
    };
    keep().attempt(|| format!("keep {url}"))?;
    FileContext::open_temporary(name, folder, Path::new(""))
}

/// A context behind a URL: an archive is unpacked, anything else is the Dockerfile.
pub(super) async fn load(
    name: &str,
    url: &str,
    egress: &Egress,
    secrets: &Secrets,
    transfer: &dyn Transfer,
) -> Result<FileContext> {
    let download = download(url, egress, secrets, transfer).await?;
    let file = File::open(download.file.path()).attempt(|| format!("open {url}"))?;
    if wharf_layer::is_tar(file) {
        return archive::unpack(name, download.file.path());
    }
    let folder = tempfile::TempDir::new().attempt(|| "make a folder for the context".to_owned())?;
    std::fs::copy(download.file.path(), folder.path().join("Dockerfile"))
        .attempt(|| format!("keep {url}"))?;
    FileContext::open_temporary(name, folder, Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_is_named_by_its_address_and_never_chooses_a_folder() {
        for (url, name) in [
            ("http://h/a/b%20c.txt?q", Some("b c.txt")),
            ("http://h/", None),
            ("http://h/files/", Some("files")),
            ("http://h/%2e%2e", None),
            ("http://h/x%2F..%2Fy", Some("y")),
        ] {
            assert_eq!(name_of(&Url::parse(url).unwrap()).as_deref(), name, "{url}");
        }
    }

    #[test]
    fn dates_are_read_as_servers_write_them() {
        let found = parse_date("Wed, 21 Oct 2015 07:28:00 GMT").unwrap();
        assert_eq!(found.as_second(), 1_445_412_480);
    }
}
