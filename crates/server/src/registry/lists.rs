//! The version check and the lists: catalog, tags, referrers.

use super::{
    Exchange,
    reply::{json, set},
};
use crate::body::Body;
use http::{
    HeaderName, Response, StatusCode,
    header::{CONTENT_TYPE, LINK},
};
use serde::{Serialize, Serializer};
use wharf_app::{
    Error,
    registry::{ReferrersPage, TextColumn},
};
use wharf_model::rights::Pull;
use wharf_oci::{Digest, ErrorCode, Page, RepositoryName};

const OCI_FILTERS_APPLIED: HeaderName = HeaderName::from_static("oci-filters-applied");

/// end-1: tells clients that this is a registry, and whether their credentials are good.
pub(super) fn ping(exchange: &Exchange<'_>) -> Result<Response<Body>, Error> {
    if exchange.caller.is_anonymous() && exchange.caller.scope.is_none() {
        return Err(Error::NotFound);
    }
    Ok(json(StatusCode::OK, "{}".into()))
}

fn write_texts<S: Serializer>(texts: &TextColumn, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(texts.iter())
}

#[derive(Serialize)]
struct Catalog {
    #[serde(serialize_with = "write_texts")]
    repositories: TextColumn,
}

/// Docker Registry HTTP API V2, "Listing Repositories".
pub(super) async fn list_catalog(
    exchange: &Exchange<'_>,
    page: &Page,
) -> Result<Response<Body>, Error> {
    let found = exchange
        .server
        .app
        .list_catalog(&exchange.caller, page)
        .await?;
    let next = found.names.last().filter(|_| found.more).map(str::to_owned);
    let text = serde_json::to_string(&Catalog {
        repositories: found.names,
    });
    let mut response = json(StatusCode::OK, text.map_err(Error::internal)?);
    link_next(&mut response, "/v2/_catalog", page, next.as_deref(), None);
    Ok(response)
}

#[derive(Serialize)]
struct Tags<'a> {
    name: &'a str,
    #[serde(serialize_with = "write_texts")]
    tags: TextColumn,
}

/// end-8a, end-8b.
pub(super) async fn list_tags(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    page: &Page,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let granted = app.authorize::<Pull>(&exchange.caller, repository).await?;
    let found = app.list_tag_names(&granted, page).await?;
    let next = found.names.last().filter(|_| found.more).map(str::to_owned);
    let name = repository.as_str();
    let text = serde_json::to_string(&Tags {
        name,
        tags: found.names,
    });
    let mut response = json(StatusCode::OK, text.map_err(Error::internal)?);
    link_next(
        &mut response,
        &format!("/v2/{name}/tags/list"),
        page,
        next.as_deref(),
        None,
    );
    Ok(response)
}

/// end-12a, end-12b. Never 404 to a caller who may read that name: a repository to come has no referrers yet.
pub(super) async fn list_referrers(
    exchange: &Exchange<'_>,
    repository: &RepositoryName,
    subject: &Digest,
    artifact_type: Option<&str>,
    page: &Page,
) -> Result<Response<Body>, Error> {
    let app = &exchange.server.app;
    let found = match app.authorize::<Pull>(&exchange.caller, repository).await {
        Ok(granted) => {
            app.list_referrers(&granted, subject, artifact_type, page)
                .await?
        }
        Err(Error::Registry(error)) if error.code() == ErrorCode::NameUnknown => {
            ReferrersPage::empty()
        }
        Err(error) => return Err(error),
    };
    let mut response = json(StatusCode::OK, found.json);
    let headers = response.headers_mut();
    set(
        headers,
        CONTENT_TYPE,
        "application/vnd.oci.image.index.v1+json",
    );
    if artifact_type.is_some() {
        set(headers, OCI_FILTERS_APPLIED, "artifactType");
    }
    let next = found.next.map(|digest| digest.to_string());
    let path = format!("/v2/{repository}/referrers/{subject}");
    link_next(&mut response, &path, page, next.as_deref(), artifact_type);
    Ok(response)
}

/// RFC 8288: where the list goes on.
fn link_next(
    response: &mut Response<Body>,
    path: &str,
    page: &Page,
    next: Option<&str>,
    artifact_type: Option<&str>,
) {
    let Some(last) = next else { return };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("n", &page.limit().to_string());
    query.append_pair("last", last);
    if let Some(artifact_type) = artifact_type {
        query.append_pair("artifactType", artifact_type);
    }
    // A query of this protocol has no `+` for a space.
    let query = query.finish().replace('+', "%20");
    set(
        response.headers_mut(),
        LINK,
        &format!("<{path}?{query}>; rel=\"next\""),
    );
}
