//! A repository of a test's server, and a clone of it in which somebody works.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::command::{git, run_git};

/// A bare repository on a [`GitServer`](super::GitServer).
#[derive(Debug, Clone)]
pub struct GitRepository {
    path: PathBuf,
    url: String,
    login: Option<(String, String)>,
    certificate: Option<String>,
}

impl GitRepository {
    pub(crate) fn create(
        path: PathBuf,
        url: String,
        login: Option<(String, String)>,
        certificate: Option<&str>,
    ) -> Self {
        let repository = Self {
            path,
            url,
            login,
            certificate: certificate.map(str::to_owned),
        };
        repository.git(&["init", "--quiet", "--bare", "--initial-branch=main", "."]);
        repository.git(&["config", "http.receivepack", "true"]);
        repository.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
        repository.git(&["config", "uploadpack.allowFilter", "true"]);
        repository
    }

    /// The same, worked on by somebody who signs in with this.
    pub fn with_login(&self, user: &str, password: &str) -> Self {
        Self {
            login: Some((user.to_owned(), password.to_owned())),
            ..self.clone()
        }
    }

    /// Where it is on the disk.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where clients find it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Runs git in the bare repository and answers what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        run_git(&mut git(&self.path, arguments))
    }

    /// The commit that a ref points to.
    pub fn commit_of(&self, name: &str) -> String {
        self.git(&["rev-parse", "--verify", &format!("{name}^{{commit}}")])
    }

    /// Clones it, through the server. An empty one gives an empty work tree on `main`.
    pub fn clone_work_tree(&self) -> WorkTree {
        let folder = tempfile::Builder::new()
            .prefix("wharf-work-tree-")
            .tempdir()
            .expect("a folder for a work tree");
        let tree = WorkTree {
            folder,
            repository: self.clone(),
        };
        let mut clone = tree.command(&["clone", "--quiet", "--", &self.url, "."]);
        run_git(&mut clone);
        tree
    }

    /// Writes files on top of a branch, commits them and pushes, all through the server. Answers the new commit.
    ///
    /// A path that ends with `/run` or `.sh` becomes executable.
    pub fn push_files(&self, branch: &str, message: &str, files: &[(&str, &str)]) -> String {
        let tree = self.clone_work_tree();
        tree.switch_to(branch);
        for (path, content) in files {
            tree.write(path, content);
        }
        let commit = tree.commit(message);
        tree.push(&[branch]);
        commit
    }
}

/// A clone.
#[derive(Debug)]
pub struct WorkTree {
    folder: tempfile::TempDir,
    repository: GitRepository,
}

impl WorkTree {
    /// Where its files are.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs git in the clone, signed in at the server, and answers what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        run_git(&mut self.command(arguments))
    }

    /// Goes to a branch, which is made here when it is not there.
    pub fn switch_to(&self, branch: &str) {
        let remote = format!("refs/remotes/origin/{branch}");
        let known = self.git(&["for-each-ref", &remote, &format!("refs/heads/{branch}")]);
        let arguments: &[&str] = match known.is_empty() {
            // A branch without commits cannot be left for another; its name can be changed.
            true if self.is_empty() => &["symbolic-ref", "HEAD"],
            true => &["switch", "--quiet", "--create"],
            false => &["switch", "--quiet"],
        };
        let name = match arguments {
            ["symbolic-ref", ..] => format!("refs/heads/{branch}"),
            _ => branch.to_owned(),
        };
        let mut all = arguments.to_vec();
        all.push(&name);
        self.git(&all);
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, path: &str, content: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.folder.path().join(path);
        let parent = path.parent().expect("a file is in a folder");
        fs::create_dir_all(parent).expect("a folder in the work tree");
        fs::write(&path, content).expect("a file in the work tree");
        if path.extension().is_some_and(|ending| ending == "sh") || path.ends_with("run") {
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        }
    }

    /// Commits everything, also nothing. Answers the commit.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.head()
    }

    /// The commit that is checked out.
    pub fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"])
    }

    /// Tags what is checked out; with a message the tag is an object of its own.
    pub fn tag(&self, name: &str, message: Option<&str>) {
        match message {
            None => self.git(&["tag", name]),
            Some(message) => self.git(&["tag", "--annotate", "--message", message, name]),
        };
    }

    /// Pushes refs (`main`, `v1`, `+main`, `:gone`) through the server.
    pub fn push(&self, refs: &[&str]) {
        let mut arguments = vec!["push", "--quiet", "origin"];
        arguments.extend(refs);
        self.git(&arguments);
    }

    fn is_empty(&self) -> bool {
        let mut command = self.command(&["rev-parse", "--quiet", "--verify", "HEAD"]);
        !command.output().expect("git starts").status.success()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        use base64::Engine as _;
        let mut command = git(self.folder.path(), arguments);
        // An old server does not tell the default branch of an empty repository.
        let mut settings = vec![("init.defaultBranch".to_owned(), "main".to_owned())];
        if let Some((user, password)) = &self.repository.login {
            let pair = format!("{user}:{password}");
            let pair = base64::engine::general_purpose::STANDARD.encode(pair);
            settings.push((
                "http.extraHeader".to_owned(),
                format!("Authorization: Basic {pair}"),
            ));
        }
        if let Some(certificate) = &self.repository.certificate {
            let file = self.repository.path.join("server.crt");
            fs::write(&file, certificate).expect("a certificate file");
            let file = file.to_str().expect("a path that is text").to_owned();
            settings.push(("http.sslCAInfo".to_owned(), file));
        }
        command.env("GIT_CONFIG_COUNT", settings.len().to_string());
        for (number, (name, value)) in settings.iter().enumerate() {
            command
                .env(format!("GIT_CONFIG_KEY_{number}"), name)
                .env(format!("GIT_CONFIG_VALUE_{number}"), value);
        }
        command
    }
}
