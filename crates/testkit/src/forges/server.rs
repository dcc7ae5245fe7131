//! A code host on loopback.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::api::{ApiCall, refuse};
use super::delivery;
use super::device;
use super::gate::{self, Need};
use super::state::{ForgeProduct, Shared};
use super::{gitea, github, gitlab};
use crate::git::{GitRequest, Reply, answer_by_git, make_tls};

/// A client that stops in the middle of a request fails its test, but not the machine's patience.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// Whoever signs in to git with this pushes; it never ends.
pub(super) const PUSHER_TOKEN: &str = "the-token-of-whoever-pushes";

/// A code host, until it is dropped: the API and git on one port, one account called `ada`.
pub struct ForgeServer {
    pub(super) shared: Arc<Shared>,
    pub(super) token: String,
    pub(super) certificate: Option<String>,
    is_stopped: Arc<AtomicBool>,
    _folder: tempfile::TempDir,
}

impl ForgeServer {
    /// Starts one with a token that may do everything ([`ForgeServer::token`]).
    pub fn start(product: ForgeProduct) -> Self {
        Self::start_with(product, None)
    }

    /// The same over https, with a certificate of its own ([`ForgeServer::certificate`]).
    pub fn start_tls(product: ForgeProduct) -> Self {
        Self::start_with(product, Some(make_tls()))
    }

    fn start_with(product: ForgeProduct, tls: Option<(Arc<ServerConfig>, String)>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("wharf-forge-")
            .tempdir()
            .expect("a folder for repositories");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("the port's number");
        let (tls, certificate) = tls.unzip();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{address}");
        let shared = Shared::new(product, url, folder.path().to_owned());
        let is_stopped = Arc::new(AtomicBool::new(false));
        let (serving, stopping) = (Arc::clone(&shared), Arc::clone(&is_stopped));
        thread::Builder::new()
            .name("code host".into())
            .spawn(move || accept(&listener, &serving, tls.as_ref(), &stopping))
            .expect("a thread that accepts");
        let mut server = Self {
            shared,
            token: String::new(),
            certificate,
            is_stopped,
            _folder: folder,
        };
        server.token = server.issue_token(product.all_scopes());
        server
    }
}

impl Drop for ForgeServer {
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; if that fails, it ends with the test process.
        let _ = TcpStream::connect(self.authority());
    }
}

fn accept(
    listener: &TcpListener,
    shared: &Arc<Shared>,
    tls: Option<&Arc<ServerConfig>>,
    is_stopped: &AtomicBool,
) {
    for stream in listener.incoming() {
        if is_stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let (shared, tls) = (Arc::clone(shared), tls.cloned());
        thread::spawn(move || {
            // A client that goes away in the middle has its reason; its test sees what it wanted to see.
            let _ = serve(stream, &shared, tls);
        });
    }
}

fn serve(
    mut stream: TcpStream,
    shared: &Arc<Shared>,
    tls: Option<Arc<ServerConfig>>,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    let after = match tls {
        None => answer_one(&mut stream, shared)?,
        Some(config) => {
            let session = ServerConnection::new(config).map_err(std::io::Error::other)?;
            let mut stream = StreamOwned::new(session, stream);
            let after = answer_one(&mut stream, shared)?;
            stream.conn.send_close_notify();
            stream.flush()?;
            after
        }
    };
    // As on the real hosts, whoever pushed is answered before webhooks are told.
    if let Some(after) = after {
        after();
    }
    Ok(())
}

/// Answers a request, if there is one; what comes after the answer is given back.
fn answer_one(
    stream: &mut (impl Read + Write),
    shared: &Arc<Shared>,
) -> std::io::Result<Option<After>> {
    let Some(request) = GitRequest::read(stream)? else {
        return Ok(None);
    };
    shared.state().requests.push(request.clone());
    let (reply, after) = answer(&request, shared);
    reply.write(stream)?;
    Ok(Some(after))
}

type After = Box<dyn FnOnce()>;

fn answer(request: &GitRequest, shared: &Arc<Shared>) -> (Reply, After) {
    let is_git = ["/info/refs", "/git-upload-pack", "/git-receive-pack"]
        .iter()
        .any(|end| request.path.ends_with(end));
    if is_git {
        return answer_git(request, shared);
    }
    (answer_page(request, shared), Box::new(|| {}))
}

/// Git over http: reading takes a good token unless the repository is public, pushing always does.
fn answer_git(request: &GitRequest, shared: &Arc<Shared>) -> (Reply, After) {
    let (path, _) = request
        .path
        .split_once(".git/")
        .unwrap_or((&request.path, ""));
    let path = path.trim_start_matches('/').to_owned();
    let is_push =
        request.path.ends_with("/git-receive-pack") || request.query.contains("git-receive-pack");
    let is_public = shared
        .state()
        .find(&path)
        .is_some_and(|found| !found.is_private);
    if (!is_public || is_push) && !is_signed_in(request, shared) {
        let reply = Reply::new(401, "who are you?").with("WWW-Authenticate", "Basic realm=\"git\"");
        return (reply, Box::new(|| {}));
    }
    if !request.path.ends_with("/git-receive-pack") {
        return (
            answer_by_git(request, &shared.folder, Some("ada")),
            Box::new(|| {}),
        );
    }
    let before = delivery::look(shared, &path);
    let reply = answer_by_git(request, &shared.folder, Some("ada"));
    let after = delivery::look(shared, &path);
    // What is told to whom is settled here: a webhook that is registered once the push is answered hears nothing of it.
    let prepared = delivery::prepare_push(shared, &path, &before, &after);
    let shared = Arc::clone(shared);
    let pass_on = move || {
        for delivery in prepared {
            delivery::pass_on(&shared, delivery);
        }
    };
    (reply, Box::new(pass_on))
}

fn is_signed_in(request: &GitRequest, shared: &Shared) -> bool {
    let read_password = || {
        let (scheme, encoded) = request.header("authorization")?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        Some(pair.split_once(':')?.1.to_owned())
    };
    let Some(password) = read_password() else {
        return false;
    };
    password == PUSHER_TOKEN
        || shared
            .state()
            .tokens
            .get(&password)
            .is_some_and(|token| !token.is_expired)
}

fn answer_page(request: &GitRequest, shared: &Arc<Shared>) -> Reply {
    let redirect = shared.state().redirect.clone();
    if let Some(target) = redirect {
        return Reply::new(302, "").with("Location", &format!("{target}{}", request.path));
    }
    if shared.product == ForgeProduct::GitHub
        && let Some(reply) = device::answer(request, shared)
    {
        return reply;
    }
    let reply =
        ApiCall::read(request, shared.product.api_base()).map(|call| answer_api(&call, shared));
    reply.unwrap_or_else(|| reject_unknown(request, shared))
}

fn answer_api(call: &ApiCall<'_>, shared: &Arc<Shared>) -> Reply {
    let (token, limited) = {
        let state = shared.state();
        let token = gate::find_token(shared, call.request);
        let token = token.and_then(|token| state.tokens.get(&token).cloned());
        (token, gate::limit(shared, &state))
    };
    if let Some(reply) = limited {
        return reply;
    }
    let route = match shared.product {
        ForgeProduct::GitHub => github::find_need(call),
        ForgeProduct::GitLab => gitlab::find_need(call),
        ForgeProduct::Gitea => gitea::find_need(call),
    };
    let Some(need) = route else {
        return reject_unknown(call.request, shared);
    };
    let passed = gate::check(shared, token.as_ref(), need);
    let reply = match (passed, shared.product) {
        (Err(refusal), _) => refusal,
        (Ok(()), ForgeProduct::GitHub) => github::answer(call, shared),
        (Ok(()), ForgeProduct::GitLab) => gitlab::answer(call, shared),
        (Ok(()), ForgeProduct::Gitea) => gitea::answer(call, shared),
    };
    match (shared.product, &token) {
        (ForgeProduct::GitHub, Some(token)) if !token.is_expired => gate::add_scopes(reply, token),
        _ => reply,
    }
}

/// What no documented API has.
fn reject_unknown(request: &GitRequest, shared: &Shared) -> Reply {
    let line = format!("{} {}", request.method, request.path);
    shared.state().unknown.push(line);
    refuse(404, "Not Found")
}

/// What a route needs, for routes below a repository: reading unless it changes something.
pub(super) fn read_or_write(method: &str) -> Need {
    match method {
        "GET" => Need::Read,
        _ => Need::Write,
    }
}
