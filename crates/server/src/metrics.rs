//! `/metrics`: Prometheus text. Served to who knows the token, or on a listener of its own.

use crate::{Server, body::Body};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::time::Duration;

/// Where requests are counted. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// Seconds: from a cached manifest to a large layer over a slow line.
const BUCKETS: [f64; 12] = [
    0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 30.0, 300.0,
];

/// Seconds: from a build that was all cached to one that compiles for an hour.
const BUILD_BUCKETS: [f64; 10] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0];

/// How often measured durations are put into their buckets: they take memory until then.
const FOLD: Duration = Duration::from_secs(5);

/// Makes this process count. Once per process: the counters of all libraries go there.
pub fn install_metrics() -> Result<Metrics, BuildError> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)?
        .set_buckets_for_metric(Matcher::Prefix("wharf_builds_".into()), &BUILD_BUCKETS)?
        .build_recorder();
    let handle = recorder.handle();
    // A second server in one process shares the first one's counters.
    let _ = metrics::set_global_recorder(recorder);
    metrics::gauge!("wharf_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(Metrics(handle))
}

impl Metrics {
    /// Folds measured durations into buckets, for ever.
    pub async fn run_folding(self) {
        loop {
            tokio::time::sleep(FOLD).await;
            self.0.run_upkeep();
        }
    }

    /// The page.
    pub fn page(&self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.0.render()));
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"),
        );
        response
    }
}

/// The page beside the other paths, for who knows the token; without a token in the settings there is no such page.
pub(crate) fn page_for(server: &Server, headers: &HeaderMap) -> Response<Body> {
    let sent = headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
    let status = match (&server.settings.metrics_token, sent) {
        (None, _) => StatusCode::NOT_FOUND,
        (Some(token), Some(sent))
            if verify_slices_are_equal(sent, format!("Bearer {token}").as_bytes()).is_ok() =>
        {
            return server.metrics.page();
        }
        (Some(_), _) => StatusCode::UNAUTHORIZED,
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Counts one answered request.
pub(crate) fn count_request(operation: &'static str, status: StatusCode, took: Duration) {
    let status = match status.as_u16() {
        100..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    };
    metrics::counter!("wharf_http_requests_total", "operation" => operation, "status" => status)
        .increment(1);
    metrics::histogram!("wharf_http_request_duration_seconds", "operation" => operation)
        .record(took);
}
