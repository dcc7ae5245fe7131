//! Referrers: manifests whose subject is a given digest.

use crate::{App, Error};
use serde::Serialize;
use serde_json::value::RawValue;
use wharf_db::{
    Part, Room,
    manifests::{self, Referrer},
};
use wharf_model::{Granted, rights::Pull};
use wharf_oci::{Digest, Page};

/// A list stays below the size of a manifest, which it is (distribution-spec "Listing Referrers").
const MAX_BYTES: u64 = 3 << 20;

/// One page of a referrers list.
#[derive(Debug, Clone)]
pub struct ReferrersPage {
    /// The image index to send.
    pub json: String,
    /// The digest to continue after, when there are more.
    pub next: Option<Digest>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    media_type: &'static str,
    manifests: Vec<Entry>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotations: Option<Box<RawValue>>,
}

impl ReferrersPage {
    /// A list without entries: nothing refers to what is not there.
    pub fn empty() -> Self {
        render(Part {
            items: Vec::new(),
            more: false,
        })
    }
}

impl App {
    /// One page of the manifests in this repository whose subject is `subject`.
    pub async fn list_referrers(
        &self,
        granted: &Granted<Pull>,
        subject: &Digest,
        artifact_type: Option<&str>,
        page: &Page,
    ) -> Result<ReferrersPage, Error> {
        let room = Room {
            items: page.limit() as usize,
            bytes: MAX_BYTES,
        };
        if room.items == 0 {
            return Ok(ReferrersPage::empty());
        }
        let (right, subject) = (granted.clone(), *subject);
        let artifact_type = artifact_type.map(str::to_owned);
        let after = page.last.clone().unwrap_or_default();
        let found = self
            .db
            .read(move |tx| {
                manifests::list_referrers(
                    tx,
                    &right,
                    &subject,
                    artifact_type.as_deref(),
                    &after,
                    room,
                )
            })
            .await
            .map_err(Error::from)?;
        Ok(render(found))
    }
}

fn render(found: Part<Referrer>) -> ReferrersPage {
    let last = found.items.last().map(|referrer| referrer.digest);
    let manifests = found.items.into_iter().map(|referrer| Entry {
        media_type: referrer.media_type,
        digest: referrer.digest.to_string(),
        size: referrer.size,
        artifact_type: referrer.artifact_type,
        annotations: RawValue::from_string(referrer.annotations)
            .ok()
            .filter(|json| json.get() != "{}"),
    });
    let index = Index {
        schema_version: 2,
        media_type: wharf_oci::ManifestKind::OciIndex.media_type(),
        manifests: manifests.collect(),
    };
    ReferrersPage {
        // Texts and numbers always serialise.
        json: serde_json::to_string(&index).unwrap_or_default(),
        next: last.filter(|_| found.more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_oci::Algorithm;

    fn referrer(annotations: &str) -> Referrer {
        Referrer {
            digest: Digest::of(Algorithm::Sha256, annotations.as_bytes()),
            media_type: "application/vnd.oci.image.manifest.v1+json".into(),
            size: 12,
            artifact_type: None,
            annotations: annotations.into(),
        }
    }

    #[test]
    fn a_page_names_where_the_next_one_begins_only_when_there_is_one() {
        let items = vec![referrer("{}"), referrer(r#"{"a":"b"}"#)];
        let last = items.last().map(|referrer| referrer.digest);
        for (more, next) in [(true, last), (false, None)] {
            let items = items.clone();
            assert_eq!(render(Part { items, more }).next, next);
        }
        assert!(ReferrersPage::empty().next.is_none());
    }

    #[test]
    fn annotations_are_repeated_as_they_are_and_left_out_where_there_are_none() {
        let entry = |annotations| {
            let items = vec![referrer(annotations)];
            render(Part { items, more: false }).json
        };
        assert!(entry(r#"{"a":"b"}"#).contains(r#""annotations":{"a":"b"}"#));
        assert!(!entry("{}").contains("annotations"));
        assert!(ReferrersPage::empty().json.contains(r#""manifests":[]"#));
    }
}
