//! What was asked of a cluster last and what it answered, as the log of deliveries keeps it.
//!
//! Free of secrets: of the credential wherever it turns up, of everything about a pull secret, and of what people write
//! into their workloads, where passwords often are (values of environment variables and headers, arguments, annotations):
//! whoever may read a delivery's log may not read the cluster. Called by [`Cluster`](super::Cluster) alone; the caller of
//! [`Cluster::record`](super::Cluster::record) takes it out.

use super::super::exchange::{LONGEST_SHOWN, ShownRequest, ShownResponse, Timings};
use super::super::mask::{MASKED, Mask};
use super::super::send::show_headers;
use crate::Secret;
use crate::text::clip;
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// wharf's own annotations, and those of Kubernetes' own controllers: what they say is no secret.
const KNOWN_ANNOTATIONS: [&str; 2] = ["wharf/", "deployment.kubernetes.io/"];

/// One request to a cluster and its answer, without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterExchange {
    /// With the whole address: an API server's paths are no secrets.
    pub request: ShownRequest,
    /// None when nothing came back.
    pub response: Option<ShownResponse>,
    /// How long it took; nothing where the policy of outgoing traffic refused it.
    pub timings: Timings,
}

/// Where a [`Cluster`](super::Cluster) notes what it asks.
#[derive(Debug, Clone, Default)]
pub struct CallRecord(Arc<Mutex<Option<ClusterExchange>>>);

/// What an answer's body may be shown as.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Showing {
    /// An object whose values that people gave are masked.
    Object,
    /// Nothing of what is sent or found: it is about a secret.
    Hidden,
}

impl CallRecord {
    /// The last exchange that was noted; none before the first one.
    pub fn last(&self) -> Option<ClusterExchange> {
        self.lock().clone()
    }

    /// Notes what is about to be asked.
    pub(super) fn begin(&self, request: ShownRequest) {
        *self.lock() = Some(ClusterExchange {
            request,
            response: None,
            timings: Timings::default(),
        });
    }

    /// Notes the head of an answer, whose body may never come, and how long it took.
    pub(super) fn hear(
        &self,
        secret: &Secret,
        status: StatusCode,
        headers: &HeaderMap,
        after: Duration,
    ) {
        if let Some(exchange) = self.lock().as_mut() {
            exchange.timings.waited = after;
            exchange.response = Some(ShownResponse {
                status: status.as_u16(),
                headers: show_headers(headers, &mask_of(secret)),
                body: String::new(),
                is_cut: true,
            });
        }
    }

    /// Notes its body.
    pub(super) fn read(&self, secret: &Secret, showing: Showing, body: &[u8], after: Duration) {
        self.stop(after);
        if let Some(response) = self
            .lock()
            .as_mut()
            .and_then(|exchange| exchange.response.as_mut())
        {
            let is_success = (200..300).contains(&response.status);
            let text = match showing == Showing::Hidden && is_success {
                true => MASKED.to_owned(),
                false => mask_of(secret).apply(&show_object(body)),
            };
            response.is_cut = text.len() > LONGEST_SHOWN;
            response.body = clip(text, LONGEST_SHOWN);
        }
    }

    /// Notes how long it took to its end, whether that is the answer's or a failure.
    pub(super) fn stop(&self, after: Duration) {
        if let Some(exchange) = self.lock().as_mut() {
            match exchange.response.is_some() {
                true => exchange.timings.read = after.saturating_sub(exchange.timings.waited),
                false => exchange.timings.waited = after,
            }
        }
    }

    /// Nothing that panics holds it, and what is in it is whole at any time.
    fn lock(&self) -> MutexGuard<'_, Option<ClusterExchange>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What hides a cluster's credential.
pub(super) fn mask_of(secret: &Secret) -> Mask {
    let mut mask = Mask::default();
    mask.add(secret.expose());
    mask
}

/// A body as it came, but for values that people gave. What is no JSON comes from something in between and is shown whole.
fn show_object(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut object) => {
            hide_values(&mut object);
            object.to_string()
        }
        Err(_) => String::from_utf8_lossy(body).replace('\0', "\u{fffd}"),
    }
}

fn hide_values(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(hide_values),
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("value", Value::String(text)) => MASKED.clone_into(text),
                    ("command" | "args", Value::Array(words)) => {
                        words.iter_mut().for_each(|word| *word = MASKED.into());
                    }
                    ("annotations", Value::Object(notes)) => {
                        let unknown = notes.iter_mut().filter(|(name, _)| {
                            !KNOWN_ANNOTATIONS.iter().any(|it| name.starts_with(it))
                        });
                        unknown.for_each(|(_, note)| *note = MASKED.into());
                    }
                    (_, value) => hide_values(value),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(showing: Showing, status: u16, body: &[u8]) -> ShownResponse {
        let record = CallRecord::default();
        let status = StatusCode::from_u16(status).expect("a status");
        record.begin(ShownRequest {
            method: "GET".to_owned(),
            url: "https://api:6443/version".to_owned(),
            headers: Vec::new(),
            body: String::new(),
        });
        let mut headers = HeaderMap::new();
        headers.insert("audit-id", "t0ken-t0ken".parse().expect("a value"));
        let secret = Secret::new("t0ken-t0ken");
        record.hear(&secret, status, &headers, Duration::from_millis(2));
        record.read(&secret, showing, body, Duration::from_millis(5));
        let exchange = record.last().expect("an exchange");
        assert_eq!(exchange.timings.waited, Duration::from_millis(2));
        assert_eq!(exchange.timings.read, Duration::from_millis(3));
        exchange.response.expect("a response")
    }

    #[test]
    fn a_workload_is_shown_without_what_people_wrote_into_it() {
        let body = json!({
            "metadata": {"generation": 7, "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": "{\"p\":\"hush\"}",
                "wharf/delivery": "d1",
            }},
            "spec": {"template": {"spec": {"containers": [{
                "name": "app", "image": "a:2", "args": ["--password=hush"], "command": ["hush"],
                "env": [{"name": "PASSWORD", "value": "hush"}],
                "readinessProbe": {
                    "httpGet": {"path": "/", "httpHeaders": [{"name": "x", "value": "hush"}]},
                    "exec": {"command": ["hush"]},
                },
            }]}}},
        });
        let shown = record(Showing::Object, 200, body.to_string().as_bytes());
        assert!(!shown.body.contains("hush"), "{}", shown.body);
        let shown: Value = serde_json::from_str(&shown.body).expect("JSON");
        assert_eq!(shown["metadata"]["generation"], 7);
        assert_eq!(shown["metadata"]["annotations"]["wharf/delivery"], "d1");
        let app = &shown["spec"]["template"]["spec"]["containers"][0];
        assert_eq!(
            (&app["image"], &app["env"][0]["name"]),
            (&json!("a:2"), &json!("PASSWORD"))
        );
    }

    #[test]
    fn the_credential_is_nowhere_and_a_secret_is_not_shown_but_a_refusal_is() {
        let shown = record(Showing::Object, 403, br#"{"message":"no, t0ken-t0ken"}"#);
        assert_eq!(shown.body, r#"{"message":"no, ********"}"#);
        assert_eq!(shown.headers, [("audit-id".to_owned(), MASKED.to_owned())]);
        let found = record(Showing::Hidden, 200, br#"{"data":{"p":"aHVzaA=="}}"#);
        assert_eq!(found.body, MASKED);
        let denied = record(Showing::Hidden, 403, br#"{"message":"no"}"#);
        assert_eq!(denied.body, r#"{"message":"no"}"#);
    }

    #[test]
    fn a_long_answer_is_cut_and_says_so() {
        let shown = record(Showing::Object, 502, &vec![b'x'; LONGEST_SHOWN + 1]);
        assert!(shown.is_cut);
        assert_eq!(shown.body.len(), LONGEST_SHOWN);
        assert!(!record(Showing::Object, 502, b"<html>").is_cut);
    }
}
