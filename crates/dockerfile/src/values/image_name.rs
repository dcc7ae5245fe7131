//! Whether a text could name an image.

use wharf_oci::{Digest, RepositoryName, Tag};

/// `[host[:port]/]repository[:tag][@digest]`, as docker completes it (distribution/reference).
pub fn is_image_name(text: &str) -> bool {
    let (name, digest) = match text.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = match name.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (name, None),
    };
    let repository = match name.split_once('/') {
        Some((host, repository)) if is_host(host) => repository,
        _ => name,
    };
    // A bare image id is not taken for a name.
    let is_id = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    !is_id
        && repository.parse::<RepositoryName>().is_ok()
        && tag.is_none_or(|tag| tag.parse::<Tag>().is_ok())
        && digest.is_none_or(|digest| digest.parse::<Digest>().is_ok())
}

/// The first part is a host when it has a dot or a port, or upper case, which no repository has.
fn is_host(part: &str) -> bool {
    let looks_like_one = part.contains(['.', ':'])
        || part == "localhost"
        || part.chars().any(|character| character.is_ascii_uppercase());
    looks_like_one
        && part.chars().all(|character| {
            character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | ':' | '[' | ']')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_other_texts() {
        let digest = format!("a@sha256:{}", "0".repeat(64));
        for text in [
            "a",
            "a:1",
            "a/b:x",
            "h.io/a/b",
            "localhost/a",
            "h:5000/a:1",
            "Host/a",
            "scratch",
            &digest,
        ] {
            assert!(is_image_name(text), "{text}");
        }
        let id = "0".repeat(64);
        for text in [
            "",
            "A",
            ":1",
            "a:",
            "a b",
            "a@x",
            "h.io/",
            "a//b",
            "a/B",
            id.as_str(),
        ] {
            assert!(!is_image_name(text), "{text}");
        }
    }
}
