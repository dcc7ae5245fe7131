//! What the page loads: scripts, styles, words, pictures.

use super::{
    accept::Encoding,
    files::Files,
    page::{FILE, set_common},
};
use crate::body::Body;
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
};

/// The folder whose files have their content's hash in their name.
const HASHED: &str = "assets/";

/// Only pages of this server load these (Fetch, section 3.7): another site learns nothing by including one.
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// A path that may name a file: plain segments that lead nowhere but down.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct AssetPath<'a> {
    name: &'a str,
    media_type: &'static str,
}

impl<'a> AssetPath<'a> {
    /// Reads the path of a request. Files in another encoding and the page itself have no address of their own.
    pub(super) fn parse(path: &'a str) -> Option<Self> {
        let name = path.strip_prefix('/')?;
        let plain = |segment: &str| {
            !segment.is_empty()
                && !segment.starts_with('.')
                && segment
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        };
        if name == FILE || !name.split('/').all(plain) {
            return None;
        }
        let media_type = find_media_type(name.rsplit_once('.')?.1)?;
        Some(Self { name, media_type })
    }

    /// Whether its content never changes.
    pub(super) fn is_hashed(&self) -> bool {
        self.name.starts_with(HASHED)
    }
}

/// The types of what builds of the console consist of.
fn find_media_type(extension: &str) -> Option<&'static str> {
    Some(match extension {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

/// The file, in the best encoding that it was built in and the client takes; none when there is no such file.
pub(super) async fn answer(
    files: &Files,
    path: &AssetPath<'_>,
    headers: &HeaderMap,
) -> Option<Response<Body>> {
    let plain = files.read(path.name).await?;
    let (bytes, encoding) = match find_encoded(files, path.name, headers).await {
        Some((bytes, encoding)) => (bytes, Some(encoding)),
        None => (plain, None),
    };
    let tag = (!path.is_hashed()).then(|| write_tag(&bytes));
    let mut response = Response::new(Body::empty());
    let known = tag.as_ref().is_some_and(|tag| {
        let asked = headers.get_all(IF_NONE_MATCH).iter();
        asked
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(','))
            .any(|entry| entry.trim().trim_start_matches("W/") == tag)
    });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        *response.body_mut() = Body::from(bytes);
    }
    let answered = response.headers_mut();
    set_common(answered);
    answered.insert(CONTENT_TYPE, HeaderValue::from_static(path.media_type));
    answered.insert(VARY, HeaderValue::from_static("accept-encoding"));
    answered.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    answered.insert(
        CACHE_CONTROL,
        HeaderValue::from_static(if path.is_hashed() {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }),
    );
    if let Some(encoding) = encoding {
        answered.insert(
            CONTENT_ENCODING,
            HeaderValue::from_static(encoding.as_str()),
        );
    }
    if let Some(tag) = tag.and_then(|tag| tag.parse().ok()) {
        answered.insert(ETAG, tag);
    }
    Some(response)
}

async fn find_encoded(files: &Files, name: &str, headers: &HeaderMap) -> Option<(Bytes, Encoding)> {
    for encoding in Encoding::ALL {
        if encoding.is_taken(headers)
            && let Some(bytes) = files.read(&format!("{name}{}", encoding.suffix())).await
        {
            return Some((bytes, encoding));
        }
    }
    None
}

fn write_tag(bytes: &[u8]) -> String {
    let hash = digest(&SHA256, bytes);
    let hex: String = hash.as_ref()[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_paths_to_files_of_known_types_name_a_file() {
        for path in [
            "/assets/index-BxK3_9.js",
            "/theme.js",
            "/words/core.zh.json",
        ] {
            assert!(AssetPath::parse(path).is_some(), "{path}");
        }
        for path in [
            "/",
            "/index.html",
            "/images/team/web",
            "/images/team/app.exe",
            "/../Cargo.toml.js",
            "/assets/../../secret.js",
            "/.vite/manifest.json",
            "/assets//x.js",
            "/assets/%2e%2e/x.js",
            "/assets/x.js.br",
            "//evil.example/x.js",
            "/assets\\..\\x.js",
        ] {
            assert_eq!(AssetPath::parse(path), None, "{path}");
        }
    }
}
