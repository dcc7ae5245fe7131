//! What a worker could be turned into: a program with its ids, its root and its socket, and bad intentions.
//!
//! It is started in a worker's place when the workers' folder holds its targets. The same attacks are carried out by the
//! test itself first, where nothing guards against them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::net::{SocketAddr, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use wharf_sandbox::{CELL_FOLDER, Channel};

/// Names of files in the workers' folder.
pub(crate) const TARGETS: &str = "probe.json";
pub(crate) const RESULTS: &str = "probe-results.json";

/// What is attacked.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Targets {
    /// Files of the server: database, keys, blobs.
    pub(crate) files: Vec<PathBuf>,
    /// A process of the server's user.
    pub(crate) process: u32,
    /// An address in that process's memory.
    pub(crate) memory: u64,
    /// A socket of the server without a file.
    pub(crate) socket: String,
    /// Places that must not be reached.
    pub(crate) places: Vec<SocketAddr>,
    /// What is said to the server, one packet each, before the end. An answer is awaited unless the word begins with `!`.
    pub(crate) words: Vec<String>,
    /// Says and does nothing.
    #[serde(default)]
    pub(crate) hangs: bool,
}

/// What came of it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Results {
    /// Whether each attack worked.
    pub(crate) attacks: BTreeMap<String, bool>,
    /// Processes that are seen and not one's own.
    pub(crate) processes: usize,
    /// What the server answered.
    pub(crate) answers: Vec<String>,
    /// Names in the root.
    pub(crate) root: Vec<String>,
    /// Names in the folder that is given to workers.
    #[serde(default)]
    pub(crate) state: Vec<String>,
}

/// Whether this process is a worker in name only.
pub(crate) fn is_wanted() -> bool {
    std::env::args()
        .nth(1)
        .is_some_and(|word| word == "__worker")
        && Path::new(CELL_FOLDER).join(TARGETS).exists()
}

/// The probe's whole life.
pub(crate) fn run() -> ! {
    let folder = Path::new(CELL_FOLDER);
    let text = fs::read(folder.join(TARGETS)).expect("targets");
    let targets: Targets = serde_json::from_slice(&text).expect("targets");
    // The worker that clears away what this one leaves is a real one.
    fs::remove_file(folder.join(TARGETS)).expect("the folder is ours");
    // Root of the cell takes away whatever is in its reach first.
    for table in ["wharf-cell", "wharf"] {
        Command::new("nft")
            .args(["delete", "table", "inet", table])
            .output()
            .expect("nft is installed");
    }
    if targets.hangs {
        loop {
            std::thread::park();
        }
    }
    let mut results = attack(&targets);
    // As a plain user the test is somebody else.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).expect("the folder is ours");
    // Whole at any time: the server ends this process at the first word that it does not like.
    let mut keep = |answers: &[String]| {
        results.answers = answers.to_vec();
        let bytes = serde_json::to_vec(&results).expect("results");
        let unfinished = folder.join(format!("{RESULTS}.new"));
        fs::write(&unfinished, bytes).expect("results are written");
        fs::rename(unfinished, folder.join(RESULTS)).expect("results are there");
    };
    keep(&[]);
    speak(&targets.words, &mut keep);
    std::process::exit(0)
}

/// Carries out every attack from where this process is.
pub(crate) fn attack(targets: &Targets) -> Results {
    let mut results = Results::default();
    let mut note = |name: String, worked: bool| {
        results.attacks.insert(name, worked);
    };
    for path in &targets.files {
        note(format!("open {}", path.display()), File::open(path).is_ok());
    }
    note("read memory".to_owned(), read_memory(targets).is_ok());
    let pid = rustix::process::Pid::from_raw(targets.process as i32).expect("a pid");
    note(
        "send a signal".to_owned(),
        rustix::process::test_kill_process(pid).is_ok(),
    );
    note("open a socket".to_owned(), connect(&targets.socket).is_ok());
    for place in &targets.places {
        // The kernel may take a second until packets go through a new link, and another until it sends the first one again.
        let connected = TcpStream::connect_timeout(place, Duration::from_secs(4));
        note(format!("reach {place}"), connected.is_ok());
    }
    results.root = list("/");
    results.state = list(CELL_FOLDER);
    let own = std::process::id().to_string();
    results.processes = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.parse::<u32>().is_ok() && *name != own && *name != "1")
        .count();
    results
}

fn list(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

fn read_memory(targets: &Targets) -> std::io::Result<()> {
    let mut memory = File::open(format!("/proc/{}/mem", targets.process))?;
    memory.seek(SeekFrom::Start(targets.memory))?;
    memory.read_exact(&mut [0])
}

fn connect(name: &str) -> std::io::Result<UnixStream> {
    UnixStream::connect_addr(&UnixAddress::from_abstract_name(name)?)
}

/// Says things to the server and keeps what it answers until it has enough.
fn speak(words: &[String], keep: &mut dyn FnMut(&[String])) {
    let socket = rustix::io::dup(rustix::stdio::stdin()).expect("a socket");
    let channel = Channel::from(socket);
    // The job.
    let mut answers = Vec::new();
    let hear = || {
        let message = channel.receive().ok().flatten()?;
        let text = message.bytes.get(1..).unwrap_or_default().to_vec();
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    if words.is_empty() || hear().is_none() {
        return;
    }
    for word in words {
        let (word, is_question) = match word.strip_prefix('!') {
            Some(word) => (word, false),
            None => (word.as_str(), true),
        };
        if channel
            .send(&[&[0], word.as_bytes()].concat(), &[])
            .is_err()
        {
            break;
        }
        if !is_question {
            continue;
        }
        match hear() {
            Some(answer) => {
                answers.push(answer);
                keep(&answers);
            }
            None => break,
        }
    }
}
