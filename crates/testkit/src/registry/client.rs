//! The client and its way to authenticate.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use reqwest::{Client, Method};

use super::{Challenge, Repository, TokenRequest};
use crate::{
    Answer, Login, Server,
    http::{Body, Outgoing, build_client, send},
};

/// A client of one server with one set of credentials. Cloning shares connections and tokens.
#[derive(Clone)]
pub struct RegistryClient {
    http: Client,
    base: String,
    login: Login,
    flow: Flow,
}

/// How credentials travel.
#[derive(Clone)]
enum Flow {
    /// With every request.
    Direct,
    /// Exchanged for a token when the registry asks (distribution "Token Authentication"); tokens are kept per scope.
    Token(Arc<Mutex<HashMap<String, String>>>),
}

impl RegistryClient {
    pub(crate) fn new(server: &Server, login: Login) -> Self {
        Self {
            http: build_client(server.certificate().map(crate::server::Certificate::pem)),
            base: server.url().to_owned(),
            login,
            flow: Flow::Direct,
        }
    }

    /// The same client, but one that waits for a challenge and then fetches a token, as `docker` does.
    pub fn with_token_flow(mut self) -> Self {
        self.flow = Flow::Token(Arc::default());
        self
    }

    /// The same connections with other credentials.
    pub fn with_login(&self, login: Login) -> Self {
        Self {
            login,
            flow: Flow::Direct,
            ..self.clone()
        }
    }

    /// Who this client is.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// One repository, whether it exists or not.
    pub fn repository(&self, name: &str) -> Repository {
        Repository::new(self.clone(), name)
    }

    /// Starts a request; `target` is a path with query, or a whole URL as a `Location` gives it.
    pub fn request(&self, method: Method, target: &str) -> Request<'_> {
        let url = if target.starts_with('/') {
            format!("{}{target}", self.base)
        } else {
            target.to_owned()
        };
        Request {
            client: self,
            outgoing: Outgoing::new(method, url),
        }
    }

    /// GET.
    pub fn get(&self, target: &str) -> Answer {
        self.request(Method::GET, target).send()
    }

    /// HEAD.
    pub fn head(&self, target: &str) -> Answer {
        self.request(Method::HEAD, target).send()
    }

    /// DELETE.
    pub fn delete(&self, target: &str) -> Answer {
        self.request(Method::DELETE, target).send()
    }

    /// POST without a body, as an upload starts.
    pub fn post_empty(&self, target: &str) -> Answer {
        self.request(Method::POST, target).body(Bytes::new()).send()
    }

    /// `/v2/_catalog` with this query (without `?`; may be empty).
    pub fn list_catalog(&self, query: &str) -> Answer {
        self.get(&with_query("/v2/_catalog", query))
    }

    /// Asks `/auth/token` as this client's login.
    pub fn fetch_token(&self, request: &TokenRequest) -> Answer {
        let url = format!("{}{}", self.base, request.target());
        let outgoing = Outgoing::new(Method::GET, url).along_with(&self.login);
        send(&self.http, &outgoing, self.login.authorization().as_deref())
    }

    fn send(&self, outgoing: &Outgoing) -> Answer {
        let Flow::Token(tokens) = &self.flow else {
            let outgoing = outgoing.along_with(&self.login);
            return send(&self.http, &outgoing, self.login.authorization().as_deref());
        };
        let key = token_key(outgoing);
        let kept = tokens
            .lock()
            .expect("no test panics here")
            .get(&key)
            .cloned();
        let authorization = kept.map(|token| format!("Bearer {token}"));
        let answer = send(&self.http, outgoing, authorization.as_deref());
        let Some(challenge) = Challenge::find(&answer) else {
            return answer;
        };
        match self.exchange(&challenge) {
            Ok(token) => {
                let again = send(&self.http, outgoing, Some(&format!("Bearer {token}")));
                tokens
                    .lock()
                    .expect("no test panics here")
                    .insert(key, token);
                again
            }
            Err(refusal) => *refusal,
        }
    }

    /// Fetches a token for a challenge; the answer of the token service when it refuses.
    fn exchange(&self, challenge: &Challenge) -> Result<String, Box<Answer>> {
        let outgoing = Outgoing::new(Method::GET, challenge.token_url());
        let answer = send(&self.http, &outgoing, self.login.authorization().as_deref());
        if !answer.status.is_success() {
            return Err(Box::new(answer));
        }
        let body = answer.json();
        let token = body["token"].as_str().or(body["access_token"].as_str());
        Ok(token.expect("a token in the answer").to_owned())
    }
}

/// One token serves one kind of access to one repository; a path up to its last keyword stands for the repository.
fn token_key(outgoing: &Outgoing) -> String {
    let class = match outgoing.method {
        Method::GET | Method::HEAD => "pull",
        Method::DELETE => "delete",
        _ => "push",
    };
    let path = outgoing.url.split('?').next().unwrap_or_default();
    let place = ["/blobs/", "/manifests/", "/tags/", "/referrers/"]
        .iter()
        .filter_map(|keyword| path.rfind(keyword))
        .max()
        .unwrap_or(path.len());
    format!("{class} {}", &path[..place])
}

/// `target` with `?query`, unless the query is empty.
pub(super) fn with_query(target: &str, query: &str) -> String {
    if query.is_empty() {
        target.to_owned()
    } else {
        format!("{target}?{query}")
    }
}

/// A request being put together.
#[must_use]
pub struct Request<'a> {
    client: &'a RegistryClient,
    outgoing: Outgoing,
}

impl Request<'_> {
    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.outgoing.add_header(name, value);
        self
    }

    /// A body with its length.
    pub fn body(mut self, bytes: impl Into<Bytes>) -> Self {
        self.outgoing.body = Body::Whole(bytes.into());
        self
    }

    /// A body in pieces, without a length.
    pub fn chunked(mut self, pieces: Vec<Bytes>) -> Self {
        self.outgoing.body = Body::Chunked(pieces);
        self
    }

    /// A JSON body of this type.
    pub fn typed_body(self, media_type: &str, bytes: impl Into<Bytes>) -> Self {
        self.header("content-type", media_type).body(bytes)
    }

    /// Sends it and reads the answer to its end.
    pub fn send(self) -> Answer {
        self.client.send(&self.outgoing)
    }
}
