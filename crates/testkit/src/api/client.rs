//! The client: JSON in, JSON out, nothing undescribed.

use reqwest::{Client, Method};
use serde_json::Value;

use super::Contract;
use crate::{
    Answer, Login, Server,
    http::{Body, Outgoing, build_client, send},
};

/// A client of one server's management API with one set of credentials. Cloning shares connections.
#[derive(Clone)]
pub struct ApiClient {
    http: Client,
    base: String,
    login: Login,
    contract: &'static Contract,
}

impl ApiClient {
    pub(crate) fn new(server: &Server, login: Login) -> Self {
        Self {
            http: build_client(server.certificate().map(crate::server::Certificate::pem)),
            base: server.url().to_owned(),
            login,
            contract: Contract::load(server),
        }
    }

    /// The same connections with other credentials.
    pub fn with_login(&self, login: Login) -> Self {
        Self {
            login,
            ..self.clone()
        }
    }

    /// The document that answers are held against.
    pub fn contract(&self) -> &'static Contract {
        self.contract
    }

    /// Starts a request; `target` is a path below `/api/v1`, with query.
    pub fn request(&self, method: Method, target: &str) -> ApiRequest<'_> {
        ApiRequest {
            client: self,
            outgoing: Outgoing::new(method, format!("{}/api/v1{target}", self.base)),
            sent: None,
        }
    }

    /// GET.
    #[track_caller]
    pub fn get(&self, target: &str) -> Answer {
        self.request(Method::GET, target).send()
    }

    /// DELETE.
    #[track_caller]
    pub fn delete(&self, target: &str) -> Answer {
        self.request(Method::DELETE, target).send()
    }

    /// POST with a JSON body.
    #[track_caller]
    pub fn post(&self, target: &str, body: Value) -> Answer {
        self.request(Method::POST, target).json(body).send()
    }

    /// PUT with a JSON body; null sends none.
    #[track_caller]
    pub fn put(&self, target: &str, body: Value) -> Answer {
        let request = self.request(Method::PUT, target);
        if body.is_null() {
            request.send()
        } else {
            request.json(body).send()
        }
    }

    /// PATCH with a JSON body.
    #[track_caller]
    pub fn patch(&self, target: &str, body: Value) -> Answer {
        self.request(Method::PATCH, target).json(body).send()
    }

    /// All items of a list over all its pages, `limit` at a time; asserts that pages are no longer and none is empty
    /// but the last.
    #[track_caller]
    pub fn read_all(&self, target: &str, limit: usize) -> Vec<Value> {
        let separator = if target.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut after = String::new();
        loop {
            let page = self
                .get(&format!("{target}{separator}limit={limit}{after}"))
                .expect(200)
                .json();
            let found = page["items"].as_array().expect("`items` is a list");
            assert!(found.len() <= limit, "a page longer than asked: {page}");
            items.extend(found.iter().cloned());
            match page["next"].as_str() {
                None => return items,
                Some(cursor) => {
                    assert!(!found.is_empty(), "an empty page that is not the last");
                    after = format!("&after={}", crate::encode_segment(cursor));
                }
            }
        }
    }
}

/// A request being put together.
#[must_use]
pub struct ApiRequest<'a> {
    client: &'a ApiClient,
    outgoing: Outgoing,
    sent: Option<Value>,
}

impl ApiRequest<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.outgoing.add_header(name, value);
        self
    }

    /// A JSON body.
    pub fn json(mut self, body: Value) -> Self {
        let bytes = serde_json::to_vec(&body).expect("JSON");
        self.sent = Some(body);
        self.body("application/json", bytes)
    }

    /// A body of any type, which need not be JSON.
    pub fn body(mut self, media_type: &str, bytes: impl Into<bytes::Bytes>) -> Self {
        self.outgoing.add_header("content-type", media_type);
        self.outgoing.body = Body::Whole(bytes.into());
        self
    }

    /// Sends it, and panics when the document does not describe what came back.
    #[track_caller]
    pub fn send(self) -> Answer {
        let answer = self.send_undescribed();
        self.client.contract.check(&answer, self.sent.as_ref());
        answer
    }

    /// Sends it without a look at the document, for requests that the document cannot describe (another method, a path
    /// that is no route).
    pub fn send_undescribed(&self) -> Answer {
        let login = &self.client.login;
        let outgoing = self.outgoing.along_with(login);
        send(
            &self.client.http,
            &outgoing,
            login.authorization().as_deref(),
        )
    }
}
