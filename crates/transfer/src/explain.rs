//! A registry's error in the words of images.

use wharf_client::ClientError;
use wharf_image::ImageError;

/// The same, with its hint: that names the setting which would help.
pub fn explain_error(error: ClientError) -> ImageError {
    let mut told = ImageError::new(error.to_string());
    if let Some(hint) = error.hint() {
        told = told.with_hint(hint);
    }
    // The text of the error itself is the message; what is behind it is the cause.
    let mut causes = Vec::new();
    let mut next = std::error::Error::source(&error);
    while let Some(cause) = next {
        causes.push(cause.to_string());
        next = cause.source();
    }
    match causes.is_empty() {
        true => told,
        false => told.with_source(causes.join(": ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    #[test]
    fn message_hint_and_causes_are_kept() {
        let bad: ClientError = "A b"
            .parse::<wharf_client::ImageName>()
            .expect_err("no name");
        let told = explain_error(bad.clone());
        assert_eq!(told.to_string(), bad.to_string());
        assert_eq!(told.hint(), None);
        let io = std::io::Error::other("the disk said no");
        let unreadable = ClientError::Source {
            subject: "the blob".to_owned(),
            source: std::sync::Arc::new(io),
        };
        let told = explain_error(unreadable);
        let cause = told.source().map(ToString::to_string);
        assert_eq!(cause.as_deref(), Some("the disk said no"));
    }

    #[test]
    fn an_unreachable_registry_names_the_setting() {
        let told = explain_error(ClientError::NotFound {
            registry: wharf_client::RegistryHost::docker_hub(),
            subject: "the manifest docker.io/library/nope:1".to_owned(),
            said: String::new(),
        });
        assert!(told.hint().is_some_and(|hint| hint.contains("tag")));
    }
}
