//! A git server on loopback.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{
    backend::answer_by_git,
    http::{GitRequest, Reply},
    repository::GitRepository,
    tls::make_tls,
};
use crate::exit::remove_at_exit;

/// A client that stops in the middle of a request fails its test, but not the machine's patience.
const READ_TIMEOUT: Duration = Duration::from_secs(60);

/// A status and headers in place of git's answer.
type Intercept = Box<dyn Fn(&GitRequest) -> Option<(u16, Vec<(String, String)>)> + Send + Sync>;

/// How a server shall be.
#[derive(Default)]
pub struct GitServerBuilder {
    login: Option<(String, String)>,
    tls: bool,
    dumb_about_commits: bool,
    intercept: Option<Intercept>,
}

/// Bare repositories behind `http://127.0.0.1:PORT/NAME.git` (or https), until it is dropped.
pub struct GitServer {
    address: SocketAddr,
    folder: tempfile::TempDir,
    shared: Arc<Shared>,
    certificate: Option<String>,
}

struct Shared {
    folder: PathBuf,
    login: Mutex<Option<(String, String)>>,
    intercept: Option<Intercept>,
    requests: Mutex<Vec<GitRequest>>,
    dumb_about_commits: bool,
    is_stopped: AtomicBool,
    tls: Option<Arc<rustls::ServerConfig>>,
}

impl GitServerBuilder {
    /// Nobody reads or pushes without this user name and password.
    pub fn login(mut self, user: &str, password: &str) -> Self {
        self.login = Some((user.to_owned(), password.to_owned()));
        self
    }

    /// Speaks TLS with a certificate of its own for `localhost`, `127.0.0.1` and `files.example` ([`GitServer::certificate`]).
    pub fn tls(mut self) -> Self {
        self.tls = true;
        self
    }

    /// Speaks the protocol's first version only, which gives out no commit that is not at the end of a ref.
    pub fn without_bare_commits(mut self) -> Self {
        self.dumb_about_commits = true;
        self
    }

    /// Answers some requests with a status and headers (a redirect, a 503) instead of asking git.
    pub fn intercept(
        mut self,
        answer: impl Fn(&GitRequest) -> Option<(u16, Vec<(String, String)>)> + Send + Sync + 'static,
    ) -> Self {
        self.intercept = Some(Box::new(answer));
        self
    }

    /// Starts it.
    pub fn start(self) -> GitServer {
        let folder = tempfile::Builder::new()
            .prefix("wharf-git-server-")
            .tempdir()
            .expect("a folder for repositories");
        // One in a `static` is never dropped.
        remove_at_exit(folder.path());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("the port's number");
        let (tls, certificate) = match self.tls.then(make_tls) {
            Some((config, certificate)) => (Some(config), Some(certificate)),
            None => (None, None),
        };
        let shared = Arc::new(Shared {
            folder: folder.path().to_owned(),
            login: Mutex::new(self.login),
            intercept: self.intercept,
            requests: Mutex::default(),
            dumb_about_commits: self.dumb_about_commits,
            is_stopped: AtomicBool::new(false),
            tls,
        });
        let serving = Arc::clone(&shared);
        thread::Builder::new()
            .name("git server".into())
            .spawn(move || accept(&listener, &serving))
            .expect("a thread that accepts");
        GitServer {
            address,
            folder,
            shared,
            certificate,
        }
    }
}

impl GitServer {
    /// Open to everybody, for reading and pushing, without TLS.
    pub fn start() -> Self {
        Self::builder().start()
    }

    /// Another kind.
    pub fn builder() -> GitServerBuilder {
        GitServerBuilder::default()
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of a repository, or of anything else below this server.
    pub fn url(&self, path: &str) -> String {
        let scheme = if self.certificate.is_some() {
            "https"
        } else {
            "http"
        };
        format!(
            "{scheme}://{}/{}",
            self.address,
            path.trim_start_matches('/')
        )
    }

    /// Where the bare repositories are.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// What a client has to trust; only with TLS.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Makes an empty bare repository `NAME.git` whose default branch is `main`; `name` may have slashes.
    pub fn create(&self, name: &str) -> GitRepository {
        let path = self.folder.path().join(format!("{name}.git"));
        fs::create_dir_all(&path).expect("a folder for the repository");
        let login = self
            .shared
            .login
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let url = self.url(&format!("{name}.git"));
        let repository =
            GitRepository::create(path, url, login.clone(), self.certificate.as_deref());
        if self.shared.dumb_about_commits {
            repository.git(&["config", "uploadpack.allowAnySHA1InWant", "false"]);
        }
        repository
    }

    /// All requests so far.
    pub fn requests(&self) -> Vec<GitRequest> {
        self.shared
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From now on only this user name and password are taken.
    pub fn change_login(&self, user: &str, password: &str) {
        *self
            .shared
            .login
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((user.to_owned(), password.to_owned()));
    }
}

impl Drop for GitServer {
    fn drop(&mut self) {
        self.shared.is_stopped.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts; if that fails, it ends with the test process.
        let _ = TcpStream::connect(self.address);
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        if shared.is_stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A client that goes away in the middle has its reason; its test sees what it wanted to see.
            let _ = serve(stream, &shared);
        });
    }
}

fn serve(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    match &shared.tls {
        None => answer(stream, shared),
        Some(config) => {
            let session =
                rustls::ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
            let mut stream = rustls::StreamOwned::new(session, stream);
            answer(&mut stream, shared)?;
            stream.conn.send_close_notify();
            stream.flush()
        }
    }
}

fn answer(mut stream: impl Read + Write, shared: &Shared) -> std::io::Result<()> {
    let Some(request) = GitRequest::read(&mut stream)? else {
        return Ok(());
    };
    shared
        .requests
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(request.clone());
    let mut request = request;
    if shared.dumb_about_commits {
        request.headers.retain(|(name, _)| name != "git-protocol");
    }
    choose_reply(&request, shared).write(&mut stream)
}

fn choose_reply(request: &GitRequest, shared: &Shared) -> Reply {
    if let Some((status, headers)) = shared
        .intercept
        .as_ref()
        .and_then(|intercept| intercept(request))
    {
        let reply = Reply::new(status, "");
        return headers
            .iter()
            .fold(reply, |reply, (name, value)| reply.with(name, value));
    }
    let login = shared
        .login
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    let Some((user, password)) = login else {
        return answer_by_git(request, &shared.folder, Some("anybody"));
    };
    let wanted = format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
    if request.header("authorization") != Some(&wanted) {
        return Reply::new(401, "who are you?").with("WWW-Authenticate", "Basic realm=\"git\"");
    }
    answer_by_git(request, &shared.folder, Some(&user))
}
