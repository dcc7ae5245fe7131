//! An identity provider, and the browser that goes there and back.
//!
//! The provider is npm's `oidc-provider`, run by node out of `tests/oidc`, where `make test-deps` installs it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use reqwest::Method;
use serde_json::Value;
use wharf_testkit::{Answer, Login, RegistryClient, Server};

/// A real provider, until it is dropped.
pub struct IdentityProvider {
    child: Child,
    issuer: String,
    /// It ends with this.
    _stdin: Option<ChildStdin>,
    /// Held open: node ends when it cannot write.
    _stdout: BufReader<ChildStdout>,
}

impl IdentityProvider {
    /// Starts it; none where node or the package are not there.
    pub fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc");
        if !folder.join("node_modules/oidc-provider").is_dir() {
            return None;
        }
        let mut child = Command::new("node")
            .arg("provider.mjs")
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let stdin = child.stdin.take();
        let mut issuer = String::new();
        let output = child.stdout.take().expect("its output");
        let mut output = BufReader::new(output);
        output.read_line(&mut issuer).expect("the issuer");
        let issuer = issuer.trim().to_owned();
        assert!(
            issuer.starts_with("http://127.0.0.1:"),
            "no provider: {issuer}"
        );
        Some(Self {
            child,
            issuer,
            _stdin: stdin,
            _stdout: output,
        })
    }

    /// A server whose people sign in there, with these lines more in `[oidc]`.
    pub fn serve(&self, further: &str) -> Server {
        let config = format!(
            "[egress]\nallow = [\"127.0.0.1\"]\n[oidc]\nissuer = \"{}\"\nclient_id = \"wharf\"\n\
             client_secret = \"a secret with %, + and &\"\nname = \"Example\"\n\
             scopes = [\"openid\", \"profile\", \"email\", \"groups\"]\n{further}",
            self.issuer
        );
        Server::builder().config(&config).start()
    }

    /// Says who signs in next, and what is told of them.
    pub fn name_next(&self, server: &Server, person: &Value) {
        let client = server.registry(&Login::Anonymous);
        let control = format!("{}/control", self.issuer);
        let request = client.request(Method::POST, &control);
        request
            .typed_body("application/json", person.to_string())
            .send()
            .expect(200);
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser as far as signing in needs one: it keeps cookies by host, and goes where it is sent.
pub struct Browser {
    client: RegistryClient,
    home: String,
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    /// A browser that was nowhere yet.
    pub fn new(server: &Server) -> Self {
        Self {
            client: server.registry(&Login::Anonymous),
            home: server.url().to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    /// The same with what another had.
    pub fn with_cookies(server: &Server, cookies: BTreeMap<(String, String), String>) -> Self {
        Self {
            cookies,
            ..Self::new(server)
        }
    }

    /// What it keeps, by host and name.
    pub fn cookies(&self) -> BTreeMap<(String, String), String> {
        self.cookies.clone()
    }

    /// One request; `target` is an address, or a path of the server.
    pub fn get(&mut self, target: &str) -> Answer {
        let url = match target.starts_with("http") {
            true => target.to_owned(),
            false => format!("{}{target}", self.home),
        };
        let host = find_host(&url);
        let own = self.cookies.iter().filter(|((at, _), _)| *at == host);
        let line: Vec<String> = own
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let mut request = self.client.request(Method::GET, &url);
        if !line.is_empty() {
            request = request.header("cookie", &line.join("; "));
        }
        let answer = request.send();
        for value in answer.headers.get_all("set-cookie") {
            let text = value.to_str().expect("a cookie");
            let pair = text.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a cookie");
            let key = (host.clone(), name.to_owned());
            match value.is_empty() || text.contains("Max-Age=0") {
                true => self.cookies.remove(&key),
                false => self.cookies.insert(key, value.to_owned()),
            };
        }
        answer
    }

    /// Goes where it is sent until an answer sends it nowhere, or to an address that begins with `until`: that one is
    /// not asked any more. Answers the last address and the last answer.
    pub fn follow(&mut self, target: &str, until: &str) -> (String, Answer) {
        let mut target = target.to_owned();
        for _ in 0..20 {
            let answer = self.get(&target);
            if !answer.status.is_redirection() {
                return (target, answer);
            }
            target = answer.location();
            if target.starts_with(until) {
                return (target, answer);
            }
        }
        panic!("sent around for ever, last to {target}");
    }

    /// Signs in as whoever the provider was told of; answers the last address and answer.
    pub fn sign_in(&mut self, next: &str) -> (String, Answer) {
        let start = format!(
            "/auth/oidc/start?next={}",
            wharf_testkit::encode_segment(next)
        );
        let home = format!("{}/images", self.home);
        self.follow(&start, &home)
    }

    /// The session that it has at the server, if any.
    pub fn session(&self) -> Option<Login> {
        let key = (find_host(&self.home), "__Host-wharf".to_owned());
        self.cookies.get(&key).cloned().map(Login::Session)
    }
}

fn find_host(url: &str) -> String {
    let (_, rest) = url.split_once("://").expect("an address");
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}
