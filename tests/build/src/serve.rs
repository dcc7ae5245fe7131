//! A small HTTP server that a run starts for itself: a registry with the bases (it also takes pushes), files for `ADD`,
//! archives for remote contexts, git repositories.
//!
//! One connection serves one request. It knows nothing about cases, and is nothing to learn a registry from.

mod http;
mod registry;

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;

pub use self::http::{Answer, Question};
use crate::layout::Blobs;

/// A file behind `/files/`.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Its bytes.
    pub body: Vec<u8>,
    /// Headers of the answer, such as `Last-Modified`.
    pub headers: Vec<(&'static str, String)>,
    /// The bearer token that it asks for.
    pub token: Option<&'static str>,
}

/// What is served; shared by all connections.
#[derive(Debug, Default)]
pub struct Shelf {
    /// Blobs by `blobs/sha256/…`.
    pub blobs: Blobs,
    /// Manifests by repository and tag or digest: media type and bytes.
    pub manifests: BTreeMap<(String, String), (String, Vec<u8>)>,
    /// Pages by path.
    pub pages: BTreeMap<String, Page>,
    uploads: BTreeMap<String, Vec<u8>>,
    requests: Vec<String>,
}

/// The server of a run; it serves until the process ends.
#[derive(Debug, Clone)]
pub struct Server {
    shelf: Arc<Mutex<Shelf>>,
    address: String,
}

impl Server {
    /// Listens on a free port of 127.0.0.1; git repositories come from `repositories`.
    ///
    /// # Errors
    /// There is no free port.
    pub fn start(repositories: &Path) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let shelf = Arc::new(Mutex::new(Shelf::default()));
        let (shared, repositories) = (Arc::clone(&shelf), repositories.to_owned());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shelf, repositories) = (Arc::clone(&shared), repositories.clone());
                std::thread::spawn(move || serve_connection(stream, &shelf, &repositories));
            }
        });
        Ok(Self { shelf, address })
    }

    /// `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What is served, to add to or look at.
    ///
    /// # Panics
    /// Never: a panic of another holder is no reason to.
    pub fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Method, path and status of what was asked for since the last time, in order: `GET /v2/ 200`.
    #[must_use]
    pub fn take_requests(&self) -> Vec<String> {
        std::mem::take(&mut self.shelf().requests)
    }
}

fn serve_connection(mut stream: TcpStream, shelf: &Mutex<Shelf>, repositories: &Path) {
    // A client that breaks off is its own matter; the build it belongs to tells.
    if let Ok(question) = Question::read(&mut stream) {
        let answer = answer_question(&question, shelf, repositories);
        let _ = answer.write(&mut stream, question.method == "HEAD");
    }
}

fn answer_question(question: &Question, shelf: &Mutex<Shelf>, repositories: &Path) -> Answer {
    if question.path.starts_with("/git/") {
        return crate::git::answer_request(question, repositories)
            .unwrap_or_else(|error| Answer::text(500, &format!("{error:#}")));
    }
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    let answer = match question.path.starts_with("/v2/") {
        true => registry::answer_request(question, &mut shelf),
        false => answer_page(question, &shelf),
    };
    let line = format!("{} {} {}", question.method, question.path, answer.status);
    shelf.requests.push(line);
    answer
}

fn answer_page(question: &Question, shelf: &Shelf) -> Answer {
    if let Some(target) = question.path.strip_prefix("/moved") {
        return Answer::text(302, "").with("Location", target.to_owned());
    }
    let Some(page) = shelf.pages.get(&question.path) else {
        return Answer::text(404, "no such page");
    };
    if let Some(token) = page.token
        && question.header("authorization") != Some(&format!("Bearer {token}"))
    {
        return Answer::text(401, "who are you?");
    }
    let tag = page
        .headers
        .iter()
        .find(|(name, _)| *name == "ETag")
        .map(|(_, value)| value.as_str());
    let mut answer = if tag.is_some() && question.header("if-none-match") == tag {
        Answer::text(304, "")
    } else {
        Answer {
            status: 200,
            headers: Vec::new(),
            body: page.body.clone(),
        }
    };
    for (name, value) in &page.headers {
        answer = answer.with(name, value.clone());
    }
    answer
}
