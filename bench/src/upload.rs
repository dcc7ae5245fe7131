//! The write requests of the distribution API that the benchmark uses: blob push, mount and manifest PUT.
//! Refuses any status but the one that promises success.
//! Called by seeding and by the measures of pushes.

use anyhow::{Context, Result};

use crate::content::{Blob, Digest, MANIFEST_TYPE};
use crate::wire::{Answer, Connection, Headers, Payload};

/// Everything that builders push: an image of either kind, or an index with one.
const IMAGE_TYPES: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
     application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// Pushes a blob with POST and PUT, as Docker and containerd do for monolithic uploads (spec end-4a, end-6).
pub(crate) fn push_blob(
    connection: &mut Connection,
    headers: &Headers,
    repository: &str,
    blob: &Blob,
) -> Result<()> {
    let payload = Payload::Blob(blob);
    push_payload(connection, headers, repository, blob.digest(), &payload)
}

/// The same for bytes that were made elsewhere.
pub(crate) fn push_bytes(
    connection: &mut Connection,
    headers: &Headers,
    repository: &str,
    bytes: &[u8],
) -> Result<()> {
    let payload = Payload::Bytes(bytes);
    push_payload(
        connection,
        headers,
        repository,
        &Digest::of(bytes),
        &payload,
    )
}

fn push_payload(
    connection: &mut Connection,
    headers: &Headers,
    repository: &str,
    digest: &Digest,
    payload: &Payload<'_>,
) -> Result<()> {
    let path = format!("/v2/{repository}/blobs/uploads/");
    let answer = connection
        .exchange("POST", &path, headers, &Payload::None)?
        .expect("start an upload", 202)?;
    let location = answer
        .header("location")
        .context("an upload without Location")?;
    let path = path_of(location);
    let separator = if path.contains('?') { '&' } else { '?' };
    let path = format!("{path}{separator}digest={}", digest.as_str());
    let headers = headers
        .clone()
        .with("Content-Type", "application/octet-stream");
    connection
        .exchange("PUT", &path, &headers, payload)?
        .expect("finish an upload", 201)?;
    Ok(())
}

/// Puts a manifest under `reference`: a tag, or a digest with or without `?tag=` (spec end-7a, end-7b).
pub(crate) fn put_manifest(
    connection: &mut Connection,
    headers: &Headers,
    repository: &str,
    reference: &str,
    manifest: &[u8],
) -> Result<Answer> {
    let headers = headers.clone().with("Content-Type", MANIFEST_TYPE);
    connection.exchange(
        "PUT",
        &format!("/v2/{repository}/manifests/{reference}"),
        &headers,
        &Payload::Bytes(manifest),
    )
}

/// Mounts a blob of another repository (spec end-11).
pub(crate) fn mount_blob(
    connection: &mut Connection,
    headers: &Headers,
    from: &str,
    to: &str,
    digest: &Digest,
) -> Result<()> {
    let path = format!(
        "/v2/{to}/blobs/uploads/?mount={}&from={from}",
        digest.as_str()
    );
    connection
        .exchange("POST", &path, headers, &Payload::None)?
        .expect("mount a blob", 201)?;
    Ok(())
}

/// # Errors
/// An open registry has no image of this name.
pub(crate) fn require_manifest(
    connection: &mut Connection,
    repository: &str,
    tag: &str,
) -> Result<()> {
    let headers = Headers::none().with("Accept", IMAGE_TYPES);
    let path = format!("/v2/{repository}/manifests/{tag}");
    connection
        .exchange("GET", &path, &headers, &Payload::None)?
        .expect("look for the pushed image", 200)?;
    Ok(())
}

/// The path of a `Location`, which may be relative or a whole URL.
fn path_of(location: &str) -> &str {
    match location.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => location,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn location_is_cut_to_its_path() {
        assert_eq!(path_of("http://127.0.0.1:5000/v2/a?b=c"), "/v2/a?b=c");
        assert_eq!(path_of("/v2/a"), "/v2/a");
        assert_eq!(path_of("http://127.0.0.1:5000"), "/");
    }
}
