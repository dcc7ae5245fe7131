//! Fresh installations: no two share a secret, none has a password that anybody knows, and nobody else reads its files.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use wharf_testkit::{Login, Server, image::compute_digest, server::find_binary};

use crate::{
    jwt::{HEADER, read_claims, sign},
    wire,
};

/// A server that nobody told anything, as the first start has it.
struct Install {
    folder: tempfile::TempDir,
    child: Child,
    address: String,
    output: Arc<Mutex<String>>,
    reader: Option<thread::JoinHandle<()>>,
}

impl Install {
    /// Starts it in an empty folder, with everything allowed that its surroundings could allow.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("sh");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("WHARF_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args([
                "-c",
                "umask 0; exec \"$0\" serve --data-dir data --listen 127.0.0.1:0",
            ])
            .arg(find_binary())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell");
        let output = Arc::new(Mutex::new(String::new()));
        let mut errors = child.stderr.take().expect("piped");
        let kept = Arc::clone(&output);
        let reader = thread::spawn(move || {
            let mut text = String::new();
            // What is not text is no line of ours.
            let _ = errors.read_to_string(&mut text);
            kept.lock().expect("no thread panics here").push_str(&text);
        });
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("a line");
        let address = first
            .trim()
            .rsplit("//")
            .next()
            .expect("an address")
            .to_owned();
        output
            .lock()
            .expect("no thread panics here")
            .push_str(&first);
        Self {
            folder,
            child,
            address,
            output,
            reader: Some(reader),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.data().join(name)).expect("a file of the server")
    }

    fn password(&self) -> String {
        let text = String::from_utf8(self.read("admin-password")).expect("text");
        text.trim().to_owned()
    }

    /// The status of a request to `/v2/` with these credentials.
    fn sign_in(&self, login: &Login) -> u16 {
        let authorization = login.authorization().expect("credentials");
        let request = format!(
            "GET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {authorization}\r\n\r\n"
        );
        let exchange = wire::exchange_with(&self.address, request.as_bytes(), wire::PATIENCE);
        exchange.statuses()[0]
    }

    /// Ends it and answers everything that it wrote.
    fn finish(mut self) -> String {
        self.child.kill().expect("a child of ours");
        self.child.wait().expect("a child of ours");
        if let Some(reader) = self.reader.take() {
            reader.join().expect("reading does not panic");
        }
        self.output.lock().expect("no thread panics here").clone()
    }
}

impl Drop for Install {
    fn drop(&mut self) {
        // It may have ended in `finish`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// First guesses at anything that listens.
const DEFAULT_LOGINS: [(&str, &str); 8] = [
    ("admin", "admin"),
    ("admin", "password"),
    ("admin", "Harbor12345"),
    ("admin", "wharf"),
    ("root", "root"),
    ("wharf", "wharf"),
    ("anonymous", ""),
    ("library+admin", "admin"),
];

#[test]
fn c22_two_fresh_installs_share_no_secret() {
    let [here, there] = [Install::start(), Install::start()];
    let own = Login::basic("admin", here.password());
    assert_eq!(here.sign_in(&own), 200);
    assert_eq!(there.sign_in(&own), 401);
    for (name, password) in DEFAULT_LOGINS {
        assert_eq!(
            here.sign_in(&Login::basic(name, password)),
            401,
            "{name}:{password}"
        );
    }

    assert!(here.password().len() >= 16);
    let key = |install: &Install| install.read("keys/registry-token.key");
    assert_eq!(key(&here).len(), 32);
    assert_ne!(here.password(), there.password());
    assert_ne!(key(&here), key(&there));
    for trivial in [&[0; 32][..], &[0xff; 32], b"wharf"] {
        assert_ne!(key(&here), trivial);
    }
    // A token of one is nothing to the other.
    let request = format!(
        "GET /auth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {}\r\n\r\n",
        own.authorization().expect("credentials")
    );
    let answer = wire::exchange_with(&here.address, request.as_bytes(), wire::PATIENCE);
    let body = answer.text.split("\r\n\r\n").nth(1).expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let token = body["token"].as_str().expect("a token");
    let bearer = Login::Bearer(token.to_owned());
    assert_eq!((here.sign_in(&bearer), there.sign_in(&bearer)), (200, 401));
    let forged = sign(HEADER, &read_claims(token).to_string(), &key(&there));
    assert_eq!(here.sign_in(&Login::Bearer(forged)), 401);

    // The password went into its file and nowhere else.
    let password = here.password();
    let output = here.finish();
    assert!(output.contains("admin-password"), "{output}");
    assert!(!output.contains(&password), "{output}");
}

/// Every file and folder below, the folder itself first.
fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn m96_nobody_else_on_the_machine_reads_what_the_server_keeps() {
    let install = Install::start();
    let login = Login::basic("admin", install.password());
    let authorization = login.authorization().expect("credentials");
    for request in [
        "POST /v2/a/b/blobs/uploads/",
        &format!(
            "POST /v2/a/b/blobs/uploads/?digest={}",
            compute_digest(b"x")
        ),
    ] {
        let request = format!(
            "{request} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {authorization}\r\nContent-Length: 1\r\n\r\nx"
        );
        let answer = wire::exchange_with(&install.address, request.as_bytes(), wire::PATIENCE);
        assert!([201, 202].contains(&answer.statuses()[0]), "{answer:?}");
    }
    let paths = walk(&install.data());
    for name in [
        "wharf.db",
        "registry-token.key",
        "admin-password",
        "uploads",
        "staged",
    ] {
        assert!(
            paths.iter().any(|path| path.ends_with(name)),
            "no {name} in {paths:?}"
        );
    }
    for path in &paths {
        let mode = fs::metadata(path).expect("a file").permissions().mode() & 0o7777;
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{}: {mode:o}", path.display());
    }
    // Nothing was put anywhere else.
    let beside: Vec<_> = fs::read_dir(install.folder.path())
        .expect("a folder")
        .collect();
    assert_eq!(beside.len(), 1, "{beside:?}");
    expect_no_sockets(install.child.id());
}

#[test]
fn m96_a_folder_that_was_open_before_holds_closed_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    fs::create_dir(&data).expect("a folder");
    fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("a mode");
    let server = Server::builder().data_dir(&data).start();
    for path in walk(&data).iter().skip(1) {
        let mode = fs::metadata(path).expect("a file").permissions().mode() & 0o077;
        assert_eq!(mode, 0, "{}: {mode:o}", path.display());
    }
    expect_no_sockets(server.pid());
}

/// Asserts that the process listens on no socket of the machine's own, in the file system or abstract.
fn expect_no_sockets(pid: u32) {
    let open: Vec<String> = fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("a running server")
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .filter_map(|target| {
            let text = target.to_string_lossy().into_owned();
            Some(
                text.strip_prefix("socket:[")?
                    .trim_end_matches(']')
                    .to_owned(),
            )
        })
        .collect();
    assert!(!open.is_empty(), "a server listens on something");
    let table = fs::read_to_string("/proc/net/unix").expect("a table of sockets");
    for line in table.lines().skip(1) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        let named = columns.len() > 7;
        assert!(!(named && open.contains(&columns[6].to_owned())), "{line}");
    }
}
