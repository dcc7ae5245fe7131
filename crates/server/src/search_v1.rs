//! `/v1/search`: what `docker search HOST/term` asks, from the first registry's API. Public repositories only; nobody
//! signs in for it.

use crate::body::Body;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use serde::Serialize;
use wharf_app::{App, Error, PublicRepository};

/// Results of one answer when the client does not say (Docker's default), and at most.
const DEFAULT_RESULTS: usize = 25;
const MAX_RESULTS: usize = 100;

#[derive(Serialize)]
struct Answer {
    query: String,
    num_results: usize,
    num_pages: usize,
    page: usize,
    page_size: usize,
    results: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    name: String,
    description: String,
    star_count: u64,
    is_official: bool,
    is_automated: bool,
    is_trusted: bool,
}

impl From<PublicRepository> for Found {
    fn from(repository: PublicRepository) -> Self {
        Self {
            name: repository.name,
            description: repository.short_description,
            star_count: repository.stars,
            is_official: false,
            is_automated: false,
            is_trusted: false,
        }
    }
}

/// Answers one search; `query` is the request's, undecoded.
pub(crate) async fn search_v1(app: &App, query: &str) -> Response<Body> {
    let (term, limit) = read_query(query);
    let found = match app.search_public(term.clone(), limit).await {
        Ok(found) => found,
        Err(Error::Invalid { .. }) => return refuse(StatusCode::BAD_REQUEST),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a search failed");
            return refuse(StatusCode::SERVICE_UNAVAILABLE);
        }
    };
    let answer = Answer {
        query: term,
        num_results: found.len(),
        num_pages: 1,
        page: 1,
        page_size: limit,
        results: found.into_iter().map(Found::from).collect(),
    };
    // Texts, numbers and flags always serialize.
    let body = serde_json::to_vec(&answer).unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn read_query(query: &str) -> (String, usize) {
    let (mut term, mut limit) = (String::new(), DEFAULT_RESULTS);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match &*name {
            "q" => term = value.trim().to_owned(),
            "n" => limit = value.parse().unwrap_or(DEFAULT_RESULTS),
            _ => {}
        }
    }
    (term, limit.clamp(1, MAX_RESULTS))
}

fn refuse(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::from("the search could not be done\n"));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_of_dockers_client_is_understood() {
        assert_eq!(read_query("q=web&n=5"), ("web".into(), 5));
        assert_eq!(read_query("q=a%2Fb+c"), ("a/b c".into(), 25));
        assert_eq!(read_query("n=0"), (String::new(), 1));
        assert_eq!(read_query("q=x&n=1000000"), ("x".into(), 100));
        assert_eq!(read_query("q=x&n=many"), ("x".into(), 25));
    }
}
