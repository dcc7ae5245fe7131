//! A request to an API, and the forms of its answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::state::{ForgeProduct, Shared, State};
use crate::git::{GitRequest, Reply};

/// A request below the API's base.
pub(super) struct ApiCall<'a> {
    pub(super) request: &'a GitRequest,
    /// Decoded; an encoded slash stays inside its segment.
    pub(super) segments: Vec<String>,
    pub(super) query: BTreeMap<String, String>,
    pub(super) body: Value,
}

impl<'a> ApiCall<'a> {
    /// `None` when the path is not below the API's base.
    pub(super) fn read(request: &'a GitRequest, base: &str) -> Option<Self> {
        let rest = request.path.strip_prefix(base)?.strip_prefix('/')?;
        Some(Self {
            request,
            segments: rest.split('/').map(decode).collect(),
            query: url::form_urlencoded::parse(request.query.as_bytes())
                .into_owned()
                .collect(),
            body: serde_json::from_slice(&request.body).unwrap_or(Value::Null),
        })
    }

    /// Method and segments, to be matched.
    pub(super) fn parts(&self) -> (&str, Vec<&str>) {
        (
            &self.request.method,
            self.segments.iter().map(String::as_str).collect(),
        )
    }

    fn number(&self, name: &str, otherwise: usize) -> usize {
        self.query
            .get(name)
            .and_then(|text| text.parse().ok())
            .unwrap_or(otherwise)
    }

    /// One page of a list, with a `Link` header to the next (RFC 8288).
    pub(super) fn page(
        &self,
        shared: &Shared,
        state: &State,
        size_name: &str,
        all: Vec<Value>,
    ) -> Reply {
        let size = self.number(size_name, 30).clamp(1, state.page_limit);
        let page = self.number("page", 1).max(1);
        let total = all.len();
        let items: Vec<_> = all.into_iter().skip((page - 1) * size).take(size).collect();
        let reply = json(200, &Value::Array(items)).with("X-Total-Count", &total.to_string());
        // `routers/api/v1/repo/{tag,hook}.go` of go-gitea/gitea: these two lists have a count and no links.
        let last = self.segments.last().map_or("", String::as_str);
        let has_no_links =
            shared.product == ForgeProduct::Gitea && matches!(last, "tags" | "hooks");
        if page * size >= total || has_no_links {
            return reply;
        }
        let mut query = self.query.clone();
        query.insert("page".to_owned(), (page + 1).to_string());
        reply.with("Link", &self.link(shared, &query))
    }

    /// One page of a list by key: entries after the one whose `id` was last.
    pub(super) fn keyset_page(&self, shared: &Shared, state: &State, all: Vec<Value>) -> Reply {
        let size = self.number("per_page", 20).clamp(1, state.page_limit);
        let after = self.number("id_after", 0) as u64;
        let mut rest: Vec<_> = all
            .into_iter()
            .filter(|item| item["id"].as_u64().is_some_and(|id| id > after))
            .collect();
        rest.sort_by_key(|item| item["id"].as_u64());
        let has_more = rest.len() > size;
        rest.truncate(size);
        let last = rest.last().and_then(|item| item["id"].as_u64());
        let reply = json(200, &Value::Array(rest));
        match last.filter(|_| has_more) {
            None => reply,
            Some(last) => {
                let mut query = self.query.clone();
                query.insert("id_after".to_owned(), last.to_string());
                reply.with("Link", &self.link(shared, &query))
            }
        }
    }

    fn link(&self, shared: &Shared, query: &BTreeMap<String, String>) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish();
        let target = format!("{}{}?{query}", shared.url, self.request.path);
        format!("<{target}>; rel=\"next\", <{target}>; rel=\"last\"")
    }

    /// A text of the body.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.body[name].as_str().map(str::to_owned)
    }
}

/// Percent-decoded, once.
fn decode(segment: &str) -> String {
    let plain = segment.replace('+', "%2B");
    url::form_urlencoded::parse(format!("x={plain}").replace('&', "%26").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

pub(super) fn json(status: u16, body: &Value) -> Reply {
    Reply::new(status, &body.to_string()).with("Content-Type", "application/json; charset=utf-8")
}

/// A refusal in the words that all three products use.
pub(super) fn refuse(status: u16, message: &str) -> Reply {
    json(status, &serde_json::json!({ "message": message }))
}

/// Nothing but a status.
pub(super) fn empty(status: u16) -> Reply {
    Reply::new(status, "")
}
