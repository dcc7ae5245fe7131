//! Referrers: manifests whose subject is a given digest.

use crate::{App, Error};
use serde::Serialize;
use serde_json::value::RawValue;
use wharf_db::manifests::{self, Referrer};
use wharf_model::{Granted, rights::Pull};
use wharf_oci::{Digest, Page};

/// A list stays below the size of a manifest, which it is (distribution-spec "Listing Referrers").
const MAX_BYTES: usize = 3 << 20;

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
        render(Vec::new(), false)
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
        let limit = page.limit() as usize;
        if limit == 0 {
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
                    limit + 1,
                )
            })
            .await
            .map_err(Error::from)?;
        let more = found.len() > limit;
        Ok(render(found.into_iter().take(limit).collect(), more))
    }
}

fn render(referrers: Vec<Referrer>, more: bool) -> ReferrersPage {
    let mut bytes = 0;
    let mut last = None;
    let mut manifests = Vec::with_capacity(referrers.len());
    let mut cut = more;
    for referrer in referrers {
        let size = referrer.annotations.len() + 512;
        // At least one entry, else a client could never get past it.
        if bytes + size > MAX_BYTES && !manifests.is_empty() {
            cut = true;
            break;
        }
        bytes += size;
        last = Some(referrer.digest);
        manifests.push(Entry {
            media_type: referrer.media_type,
            digest: referrer.digest.to_string(),
            size: referrer.size,
            artifact_type: referrer.artifact_type,
            annotations: RawValue::from_string(referrer.annotations)
                .ok()
                .filter(|json| json.get() != "{}"),
        });
    }
    let index = Index {
        schema_version: 2,
        media_type: wharf_oci::ManifestKind::OciIndex.media_type(),
        manifests,
    };
    ReferrersPage {
        // Texts and numbers always serialise.
        json: serde_json::to_string(&index).unwrap_or_default(),
        next: last.filter(|_| cut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_oci::Algorithm;

    fn referrer(annotations: usize) -> Referrer {
        Referrer {
            digest: Digest::of(Algorithm::Sha256, &annotations.to_le_bytes()),
            media_type: "application/vnd.oci.image.manifest.v1+json".into(),
            size: 12,
            artifact_type: None,
            annotations: format!("{{\"a\":\"{}\"}}", "x".repeat(annotations)),
        }
    }

    #[test]
    fn a_page_ends_before_it_grows_beyond_a_manifest_but_never_empty() {
        let big = 2 << 20;
        let page = render(vec![referrer(big), referrer(big + 1)], false);
        assert!(page.next.is_some() && page.json.len() < 4 << 20);
        let page = render(vec![referrer(4 << 20)], false);
        assert!(page.next.is_none() && page.json.len() > 4 << 20);
        assert!(ReferrersPage::empty().json.contains(r#""manifests":[]"#));
    }
}
