//! Debian's sshd on loopback, as whoever runs the test, for git over ssh.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use crate::exit::launch;

const PROGRAM: &str = "/usr/sbin/sshd";
/// It listens within milliseconds; a loaded machine takes seconds.
const START_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(10);

/// An ssh server that lets one key in, until it is dropped.
pub struct SshServer {
    process: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl SshServer {
    /// Starts it; `Err` says what this machine lacks.
    pub fn start() -> Result<Self, String> {
        for program in [PROGRAM, "/usr/bin/ssh-keygen", "/usr/bin/ssh"] {
            if !Path::new(program).exists() {
                return Err(format!(
                    "{program} is not installed (openssh-server, openssh-client)"
                ));
            }
        }
        let folder = tempfile::Builder::new()
            .prefix("wharf-sshd-")
            .tempdir()
            .map_err(|error| error.to_string())?;
        make_key(&folder.path().join("host"));
        make_key(&folder.path().join("client"));
        fs::copy(
            folder.path().join("client.pub"),
            folder.path().join("authorized"),
        )
        .map_err(|error| error.to_string())?;
        if is_root() {
            // sshd asks for it, and Debian makes it when its service starts.
            let _ = fs::create_dir_all("/run/sshd");
        }
        let (process, port) = start_process(folder.path());
        Ok(Self {
            process,
            port,
            folder,
        })
    }

    /// Where it listens on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address of a bare repository on the disk.
    pub fn url(&self, repository: &Path) -> String {
        format!(
            "ssh://{}@127.0.0.1:{}{}",
            user_name(),
            self.port,
            repository.display()
        )
    }

    /// The private key that it lets in.
    pub fn client_key(&self) -> String {
        fs::read_to_string(self.folder.path().join("client")).expect("the client's key")
    }

    /// From now on it lets in whoever has this public key, and nobody else.
    pub fn authorize(&self, public_key: &str) {
        fs::write(
            self.folder.path().join("authorized"),
            format!("{public_key}\n"),
        )
        .expect("the file of authorized keys");
    }

    /// A private key that it does not let in.
    pub fn make_stranger_key(&self) -> String {
        let path = self.folder.path().join("stranger");
        if !path.exists() {
            make_key(&path);
        }
        fs::read_to_string(path).expect("a stranger's key")
    }

    /// Its public host key, as a line of known_hosts files has it behind the name.
    pub fn host_key(&self) -> String {
        let text = fs::read_to_string(self.folder.path().join("host.pub")).expect("the host's key");
        let words: Vec<&str> = text.split_whitespace().take(2).collect();
        words.join(" ")
    }

    /// Starts it again on the same port with another host key, as a server that was set up anew.
    pub fn replace_host_key(&mut self) {
        self.stop();
        for name in ["host", "host.pub"] {
            fs::remove_file(self.folder.path().join(name)).expect("the old key is there");
        }
        make_key(&self.folder.path().join("host"));
        let process = launch_on(self.folder.path(), self.port);
        self.process = process;
        assert!(
            await_greeting(&mut self.process, self.port),
            "sshd does not come back: {}",
            read_log(self.folder.path())
        );
    }

    fn stop(&mut self) {
        // It may have ended by itself, which the next connection shows.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for SshServer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_root() -> bool {
    // SAFETY: geteuid only answers.
    unsafe { libc::geteuid() == 0 }
}

/// Who runs this test, as the account is called here.
fn user_name() -> String {
    let output = Command::new("id").arg("-un").output().expect("id starts");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn make_key(path: &Path) {
    let status = Command::new("/usr/bin/ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
        .arg(path)
        .stdin(Stdio::null())
        .status()
        .expect("ssh-keygen starts");
    assert!(status.success(), "ssh-keygen: {status}");
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).expect("a mode");
}

/// A free port may be taken before sshd has it; then another one is tried.
fn start_process(folder: &Path) -> (Child, u16) {
    for _ in 0..10 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("its number").port();
        drop(listener);
        let mut process = launch_on(folder, port);
        if await_greeting(&mut process, port) {
            return (process, port);
        }
        let _ = process.kill();
        let _ = process.wait();
    }
    panic!("sshd does not start: {}", read_log(folder));
}

fn launch_on(folder: &Path, port: u16) -> Child {
    let file = |name: &str| -> PathBuf { folder.join(name) };
    let settings = format!(
        "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\nUsePAM no\nStrictModes no\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nPubkeyAuthentication yes\n\
         PermitRootLogin prohibit-password\nPrintMotd no\nAcceptEnv GIT_PROTOCOL\nMaxStartups 100\n",
        file("host").display(),
        file("authorized").display(),
    );
    fs::write(file("config"), settings).expect("a configuration file");
    let mut command = Command::new(PROGRAM);
    command
        .arg("-D")
        .arg("-f")
        .arg(file("config"))
        .arg("-E")
        .arg(file("log"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    launch(command, libc::SIGKILL).expect("sshd starts")
}

/// Whether it greets; not when it ends first.
fn await_greeting(process: &mut Child, port: u16) -> bool {
    let end = Instant::now() + START_TIMEOUT;
    while Instant::now() < end {
        if matches!(process.try_wait(), Ok(Some(_))) {
            return false;
        }
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) {
            let mut greeting = [0; 4];
            let _ = stream.set_read_timeout(Some(START_TIMEOUT));
            if stream.read_exact(&mut greeting).is_ok() && &greeting == b"SSH-" {
                let _ = stream.write_all(b"SSH-2.0-test\r\n");
                return true;
            }
        }
        thread::sleep(POLL);
    }
    false
}

fn read_log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}
