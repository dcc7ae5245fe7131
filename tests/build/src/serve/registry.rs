//! The registry of a run: pulls of the bases, pushes of what is built. Repositories under `private/` ask for
//! [`LOGIN`].

use super::{Answer, Question, Shelf};
use crate::layout::digest_of;

/// `reader:s3cret`, as the header carries it.
pub(crate) const LOGIN: &str = "Basic cmVhZGVyOnMzY3JldA==";

pub(super) fn answer_request(question: &Question, shelf: &mut Shelf) -> Answer {
    let path = question.path.trim_start_matches("/v2/");
    if path.is_empty() {
        return Answer::text(200, "{}");
    }
    if path.starts_with("private/") && question.header("authorization") != Some(LOGIN) {
        return Answer::text(401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}")
            .with("WWW-Authenticate", "Basic realm=\"private\"")
            .with("Content-Type", "application/json");
    }
    if let Some((name, reference)) = path.split_once("/manifests/") {
        return answer_manifest(question, shelf, name, reference);
    }
    match path.split_once("/blobs/") {
        Some((name, upload)) if upload.starts_with("uploads") => {
            take_upload(question, shelf, name, upload)
        }
        Some((_, digest)) => answer_blob(shelf, digest),
        None => Answer::text(404, "{}"),
    }
}

fn answer_manifest(question: &Question, shelf: &mut Shelf, name: &str, reference: &str) -> Answer {
    if question.method == "PUT" {
        let digest = digest_of(&question.body);
        let media_type = question
            .header("content-type")
            .unwrap_or_default()
            .to_owned();
        for key in [reference, &digest] {
            let value = (media_type.clone(), question.body.clone());
            shelf
                .manifests
                .insert((name.to_owned(), key.to_owned()), value);
        }
        return Answer::text(201, "").with("Docker-Content-Digest", digest);
    }
    // Members of an index are known by their digests in every repository.
    let named =
        |key: &&(String, String)| key.1 == reference && (key.0 == name || reference.contains(':'));
    let key = shelf.manifests.keys().find(named);
    match key.and_then(|key| shelf.manifests.get(key)) {
        Some((media_type, body)) => Answer {
            status: 200,
            headers: Vec::new(),
            body: body.clone(),
        }
        .with("Content-Type", media_type.clone())
        .with("Docker-Content-Digest", digest_of(body)),
        None => Answer::text(
            404,
            "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"unknown\"}]}",
        )
        .with("Content-Type", "application/json"),
    }
}

fn answer_blob(shelf: &Shelf, digest: &str) -> Answer {
    match shelf
        .blobs
        .0
        .get(&format!("blobs/{}", digest.replace(':', "/")))
    {
        Some(body) => Answer {
            status: 200,
            headers: Vec::new(),
            body: body.clone(),
        }
        .with("Content-Type", "application/octet-stream")
        .with("Docker-Content-Digest", digest),
        None => Answer::text(404, "{}"),
    }
}

fn take_upload(question: &Question, shelf: &mut Shelf, name: &str, upload: &str) -> Answer {
    let id = upload
        .trim_start_matches("uploads")
        .trim_matches('/')
        .to_owned();
    let digest = question.parameter("digest");
    let id = if id.is_empty() {
        format!("u{}", shelf.uploads.len())
    } else {
        id
    };
    let so_far = shelf.uploads.entry(id.clone()).or_default();
    so_far.extend_from_slice(&question.body);
    let end = so_far.len().saturating_sub(1);
    match digest {
        Some(digest) => {
            let bytes = std::mem::take(so_far);
            if digest_of(&bytes) != digest {
                return Answer::text(400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}");
            }
            shelf
                .blobs
                .0
                .insert(format!("blobs/{}", digest.replace(':', "/")), bytes);
            Answer::text(201, "").with("Docker-Content-Digest", digest)
        }
        None => Answer::text(202, "")
            .with("Location", format!("/v2/{name}/blobs/uploads/{id}"))
            .with("Range", format!("0-{end}")),
    }
}
