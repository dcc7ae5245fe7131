//! Bodies of requests that change something: only what the person gave is in them.

use serde_json::Value;

/// Puts a field into a request only when the person gave it.
pub(super) fn set_given(body: &mut Value, field: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        body[field] = value.into();
    }
}
