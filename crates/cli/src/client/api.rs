//! Requests to `/api/v1`, signed in, in the reader's language.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, header};
use serde_json::Value;
use url::Url;

use super::address::ServerAddress;
use super::credentials::{CredentialStore, Credentials};
use super::problem::{describe_answer, describe_transport};
use super::tls::find_docker_authorities;
use crate::arguments::Options;
use crate::failure::Failure;
use crate::session::Session;

/// A host that does not answer within this is down; a longer wait looks like a hang.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a running answer may stand still. A page of a very large installation takes seconds, not a minute.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// The largest answer that is read. A page of 1,000 repositories with long descriptions stays below it; without a
/// bound a wrong address could fill the memory.
const LARGEST_ANSWER: usize = 128 * 1024 * 1024;

/// A server and who we are to it.
#[derive(Debug)]
pub(crate) struct ApiClient<'a> {
    session: &'a Session,
    address: ServerAddress,
    credentials: Credentials,
    http: Client,
}

impl<'a> ApiClient<'a> {
    /// Finds server and credentials: flag, environment, then what `wharf login` kept. Sends nothing yet.
    pub(crate) fn connect(session: &'a Session, options: &Options) -> Result<Self, Failure> {
        let named = find_named_server(session, options)?;
        let from_environment = Credentials::from_environment(session)?;
        let store = match (&named, &from_environment) {
            (Some(_), Some(_)) => None,
            _ => Some(CredentialStore::open(session)?),
        };
        let remembered = || store.as_ref().and_then(CredentialStore::find_server);
        let address = named.or_else(remembered).ok_or_else(|| {
            Failure::usage(session.text("cli.client.no_server", &[]))
                .with_hint(session.text("cli.client.no_server_hint", &[]))
        })?;
        let kept = match (from_environment, &store) {
            (Some(credentials), _) => Some(credentials),
            (None, Some(store)) => store.find_credentials(session, &address)?,
            (None, None) => None,
        };
        let credentials = kept.ok_or_else(|| {
            let server = address.as_written();
            Failure::new(session.text("cli.client.not_logged_in", &[("host", address.host())]))
                .with_hint(session.text("cli.client.not_logged_in_hint", &[("server", &server)]))
        })?;
        Self::with_credentials(session, address, credentials)
    }

    /// A client for a server and credentials that are known.
    pub(crate) fn with_credentials(
        session: &'a Session,
        address: ServerAddress,
        credentials: Credentials,
    ) -> Result<Self, Failure> {
        let mut builder = Client::builder()
            .user_agent(concat!("wharf/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            // A followed redirect would turn a POST into a GET and hide a wrong address.
            .redirect(Policy::none());
        if address.is_loopback() {
            builder = builder.no_proxy();
        }
        if address.url().scheme() == "http" {
            // Without this the system's authorities must be readable even when none is needed.
            builder = builder.tls_certs_only([]);
        } else {
            let authorities = find_docker_authorities(address.host());
            if !authorities.is_empty() {
                builder = builder.tls_certs_merge(authorities);
            }
        }
        let http = builder
            .build()
            .map_err(|error| describe_transport(session, &address, error))?;
        Ok(ApiClient {
            session,
            address,
            credentials,
            http,
        })
    }

    pub(crate) fn address(&self) -> &ServerAddress {
        &self.address
    }

    pub(crate) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Value, Failure> {
        let request = self.start_get(path, query)?;
        self.read_answer(accept_json(request)).await
    }

    /// A signed GET, to be completed.
    pub(super) fn start_get(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<RequestBuilder, Failure> {
        let mut url = self.build_url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(self.sign(self.http.request(Method::GET, url)))
    }

    pub(super) fn session(&self) -> &'a Session {
        self.session
    }

    pub(crate) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.send_body(Method::POST, path, body).await
    }

    pub(crate) async fn patch(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.send_body(Method::PATCH, path, body).await
    }

    pub(crate) async fn put(&self, path: &[&str], body: &Value) -> Result<Value, Failure> {
        self.send_body(Method::PUT, path, body).await
    }

    /// A PUT that says all it has to say by its path.
    pub(crate) async fn put_empty(&self, path: &[&str]) -> Result<Value, Failure> {
        let url = self.build_url(path)?;
        self.send(self.http.request(Method::PUT, url)).await
    }

    pub(crate) async fn delete(&self, path: &[&str]) -> Result<Value, Failure> {
        self.delete_with(path, &[]).await
    }

    /// A DELETE that says how, in its query.
    pub(crate) async fn delete_with(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Value, Failure> {
        let mut url = self.build_url(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.send(self.http.request(Method::DELETE, url)).await
    }

    async fn send_body(
        &self,
        method: Method,
        path: &[&str],
        body: &Value,
    ) -> Result<Value, Failure> {
        let url = self.build_url(path)?;
        self.send(self.http.request(method, url).json(body)).await
    }

    /// A POST of a file that is no JSON: an archive.
    pub(crate) async fn post_file(
        &self,
        path: &[&str],
        file: tokio::fs::File,
    ) -> Result<Value, Failure> {
        let request = self.http.request(Method::POST, self.build_url(path)?);
        let kind = "application/x-tar";
        let request = request.header(header::CONTENT_TYPE, kind).body(file);
        self.send(request).await
    }

    /// Each element of `path` becomes exactly one segment; slashes in names are escaped.
    fn build_url(&self, path: &[&str]) -> Result<Url, Failure> {
        // A URL has no way to write these as names: they would climb to another resource.
        if let Some(name) = path.iter().find(|name| matches!(**name, "" | "." | "..")) {
            let message = self.session.text("cli.client.bad_name", &[("name", name)]);
            return Err(Failure::usage(message));
        }
        let mut url = self.address.url().clone();
        url.path_segments_mut()
            .expect("http URLs have segments")
            .clear()
            .extend(["api", "v1"])
            .extend(path);
        Ok(url)
    }

    /// Who asks, and in which language.
    fn sign(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header(header::ACCEPT_LANGUAGE, self.session.language.as_tag());
        match &self.credentials {
            Credentials::Basic { username, password } => {
                request.basic_auth(username, Some(password))
            }
            Credentials::Token(token) => request.bearer_auth(token),
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<Value, Failure> {
        self.read_answer(accept_json(self.sign(request))).await
    }

    async fn read_answer(&self, request: RequestBuilder) -> Result<Value, Failure> {
        let response = request.send().await;
        let response = response.map_err(|error| self.describe_transport(error))?;
        self.read_response(response).await
    }

    pub(super) async fn read_body(&self, mut response: Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        let transport = |error| self.describe_transport(error);
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > LARGEST_ANSWER {
                let message = self.session.text("cli.client.answer_too_large", &[]);
                return Err(Failure::new(message));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    pub(super) async fn read_response(&self, response: Response) -> Result<Value, Failure> {
        let status = response.status();
        let location = response.headers().get(header::LOCATION).cloned();
        let body = self.read_body(response).await?;
        if status.is_success() && body.is_empty() {
            return Ok(Value::Null);
        }
        if status.is_success()
            && let Ok(value) = serde_json::from_slice(&body)
        {
            return Ok(value);
        }
        let location = location.as_ref().and_then(|value| value.to_str().ok());
        let (session, address) = (self.session, &self.address);
        Err(describe_answer(session, address, status, location, &body))
    }

    pub(super) fn describe_transport(&self, error: reqwest::Error) -> Failure {
        describe_transport(self.session, &self.address, error)
    }
}

fn accept_json(request: RequestBuilder) -> RequestBuilder {
    request.header(header::ACCEPT, "application/json, application/problem+json")
}

/// The server that a flag or the environment names.
pub(crate) fn find_named_server(
    session: &Session,
    options: &Options,
) -> Result<Option<ServerAddress>, Failure> {
    let named = options
        .server
        .as_deref()
        .or_else(|| session.variable("WHARF_SERVER"));
    named.map(|text| parse_server(session, text)).transpose()
}

/// Reads a server's address or says what is wrong with it.
pub(crate) fn parse_server(session: &Session, text: &str) -> Result<ServerAddress, Failure> {
    ServerAddress::parse(text).ok_or_else(|| {
        Failure::usage(session.text("cli.client.bad_server", &[("server", text)]))
            .with_hint(session.text("cli.client.bad_server_hint", &[]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(session: &Session) -> ApiClient<'_> {
        let address = ServerAddress::parse("localhost:5000").unwrap();
        let token = Credentials::Token("wharf_pat_x".to_owned());
        ApiClient::with_credentials(session, address, token).unwrap()
    }

    #[test]
    fn a_name_is_one_segment_whatever_is_in_it() {
        let session = Session::for_test(&[]);
        let client = client(&session);
        let url = client
            .build_url(&["repositories", "acme/a b?%/web"])
            .unwrap();
        assert_eq!(
            url.as_str(),
            "http://localhost:5000/api/v1/repositories/acme%2Fa%20b%3F%25%2Fweb"
        );
    }

    #[test]
    fn a_name_cannot_climb_out_of_its_segment() {
        let session = Session::for_test(&[]);
        let client = client(&session);
        for name in ["", ".", ".."] {
            assert!(client.build_url(&["users", name]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn without_server_or_login_the_failure_says_how_to_log_in() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().to_str().unwrap();
        let options = Options::default();
        let session = Session::for_test(&[("HOME", home)]);
        let failure = ApiClient::connect(&session, &options).unwrap_err().render();
        assert!(failure.contains("wharf login"), "{failure}");
        let session = Session::for_test(&[("HOME", home), ("WHARF_SERVER", "localhost:5000")]);
        let failure = ApiClient::connect(&session, &options).unwrap_err().render();
        assert!(
            failure.contains("wharf login http://localhost:5000"),
            "{failure}"
        );
    }

    #[test]
    fn a_flag_wins_over_the_environment() {
        let session = Session::for_test(&[
            ("WHARF_SERVER", "a.example"),
            ("WHARF_TOKEN", "wharf_pat_x"),
        ]);
        let options = Options {
            server: Some("b.example".to_owned()),
            ..Options::default()
        };
        let client = ApiClient::connect(&session, &options).unwrap();
        assert_eq!(client.address().host(), "b.example");
    }
}
