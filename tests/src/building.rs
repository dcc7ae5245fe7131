//! A server that may reach a git server, an account there, and rules.

mod base;
mod leftovers;

pub use base::run_in_docker;
pub use leftovers::{check_leftovers, check_own_leftovers, list_workers};

use std::{
    fs,
    net::SocketAddr,
    sync::OnceLock,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use wharf_testkit::{
    ApiClient, GitRepository, GitServer, Server, ServerBuilder, encode_segment, skip::record_skip,
    unique_name,
};

/// Longer than any build here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// A server, a git server, and the administrator's account on it.
pub struct Site {
    /// The server.
    pub server: Server,
    /// The git server.
    pub git: GitServer,
    source: String,
    base: OnceLock<Option<String>>,
}

/// The one that tests share that need nothing of their own, or why there is none.
static SHARED: OnceLock<Result<Site, String>> = OnceLock::new();

/// Where everything that a test starts listens.
const LOOPBACK: &str = "127.0.0.0/8";

impl Site {
    /// A site of the test's own. None, after saying why, where this machine cannot build.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same, with a server that may reach these addresses as well.
    pub fn start_with(others: &[SocketAddr]) -> Option<Self> {
        Self::start_from(Server::builder(), others, "")
    }

    /// The same from a server that is described already, with lines for `[build]`.
    pub fn start_from(server: ServerBuilder, others: &[SocketAddr], build: &str) -> Option<Self> {
        let others: Vec<_> = others.iter().map(SocketAddr::to_string).collect();
        Self::start_reaching(server, &others, build)
    }

    /// The same with whatever `[egress] allow` can name.
    pub fn start_reaching(server: ServerBuilder, allow: &[String], build: &str) -> Option<Self> {
        tell(Self::try_start(server, allow, build))
    }

    /// The same with a server that may reach whatever listens on loopback (sources, further registries), and with lines
    /// for `[build]`.
    pub fn start_open(build: &str) -> Option<Self> {
        tell(Self::try_start(
            Server::builder(),
            &[LOOPBACK.to_owned()],
            build,
        ))
    }

    /// The open site that tests share which keep apart by the names of their images: a start takes a second.
    pub fn shared() -> Option<&'static Self> {
        let site = SHARED.get_or_init(|| {
            let build = "concurrency = 4\nnamespace_concurrency = 4";
            Self::try_start(Server::builder(), &[LOOPBACK.to_owned()], build)
        });
        tell(site.as_ref().map_err(String::clone))
    }

    fn try_start(server: ServerBuilder, others: &[String], build: &str) -> Result<Self, String> {
        let git = GitServer::start();
        let mut allowed = vec![git.address().to_string()];
        allowed.extend(others.iter().cloned());
        let allow = format!("[egress]\nallow = {allowed:?}\n[build]\npoll_seconds = 2\n{build}\n");
        let server = server.config(&allow).start();
        let api = server.api(&server.admin());
        let queue = api.get("/builds/queue").expect(200).json();
        if let Some(problem) = queue["problem"].as_str() {
            return Err(format!("this machine cannot build: {problem}"));
        }
        let address = format!("http://{}", git.address());
        let body = json!({ "kind": "git", "address": address });
        let made = api.post("/sources", body).expect(201).json();
        let source = made["id"].as_str().expect("an id").to_owned();
        Ok(Self {
            server,
            git,
            source,
            base: OnceLock::new(),
        })
    }

    /// The administrator's client.
    pub fn api(&self) -> ApiClient {
        self.server.api(&self.server.admin())
    }

    /// The id of the administrator's account on the git server.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// A repository on the git server, and an image that a rule builds from it.
    pub fn make_rule(&self, definition: Value) -> Rule<'_> {
        self.make_rule_with(json!({ "definition": definition }))
    }

    /// The same with anything else that a new rule may have (`secrets`, …).
    pub fn make_rule_with(&self, body: Value) -> Rule<'_> {
        let image = format!("{}/{}", unique_name("team"), unique_name("app"));
        self.make_rule_of(&image, body)
    }

    /// The same for an image with this name.
    pub fn make_rule_of(&self, image: &str, mut body: Value) -> Rule<'_> {
        let name = unique_name("code");
        let code = self.git.create(&name);
        // Without a first commit there is no branch that could be seen.
        code.push_files("main", "begin", &[("README.md", "# Nothing yet\n")]);
        let fields = body.as_object_mut().expect("an object");
        let mut set = |field: &str, value: Value| fields.entry(field).or_insert(value).clone();
        set("name", json!("main"));
        set("source", json!(self.source));
        set("remote", json!(format!("{name}.git")));
        let made = self.api().post("/repositories", json!({ "name": image }));
        made.expect(201);
        let path = format!("/repositories/{}/rules", encode_segment(image));
        self.api().post(&path, body).expect(201);
        Rule {
            site: self,
            code,
            image: image.to_owned(),
        }
    }
}

/// A rule with what it builds.
pub struct Rule<'a> {
    site: &'a Site,
    /// Where the code is.
    pub code: GitRepository,
    /// The image's name.
    pub image: String,
}

/// A rule without its site, for what restarts the server meanwhile.
pub struct LeftRule {
    code: GitRepository,
    image: String,
}

impl LeftRule {
    /// The rule again.
    pub fn enter<'a>(&'a self, site: &'a Site) -> Rule<'a> {
        Rule {
            site,
            code: self.code.clone(),
            image: self.image.clone(),
        }
    }
}

impl Rule<'_> {
    /// Lets go of the site.
    pub fn leave(self) -> LeftRule {
        LeftRule {
            code: self.code,
            image: self.image,
        }
    }

    /// `/repositories/IMAGE` and what follows.
    pub fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.image))
    }

    /// Starts a build of a branch by hand; answers its number.
    pub fn start(&self, branch: &str) -> u64 {
        self.start_with(json!({ "rule": "main", "ref": format!("refs/heads/{branch}") }))
    }

    /// Starts a build by hand of whatever `body` says; answers its number.
    #[track_caller]
    pub fn start_with(&self, body: Value) -> u64 {
        let made = self.site.api().post(&self.path("/builds"), body);
        let made = made.expect(201).json();
        made["number"].as_u64().expect("a number")
    }

    /// The records of all builds, the newest first.
    pub fn list_builds(&self) -> Vec<Value> {
        self.site.api().read_all(&self.path("/builds"), 100)
    }

    /// What a tag names; none when there is no such tag.
    pub fn find_tag(&self, tag: &str) -> Option<String> {
        let shown = self.site.api().get(&self.path(&format!("/tags/{tag}")));
        let shown = shown.expect_one_of(&[200, 404]);
        let digest = shown.json()["digest"].as_str().map(str::to_owned);
        digest.filter(|_| shown.status == 200)
    }

    /// The record of a build.
    pub fn show(&self, number: u64) -> Value {
        let path = self.path(&format!("/builds/{number}"));
        self.site.api().get(&path).expect(200).json()
    }

    /// The log of a build, as text.
    pub fn log(&self, number: u64) -> String {
        let path = self.path(&format!("/builds/{number}/log"));
        // Text, which is not held against the document.
        let read = self
            .site
            .api()
            .request(reqwest::Method::GET, &path)
            .send_undescribed();
        String::from_utf8_lossy(&read.expect(200).body).into_owned()
    }

    /// Waits until a build is over, and answers its record; one that did not succeed shows its log.
    pub fn wait_for_success(&self, number: u64) -> Value {
        let shown = self.wait_for_end(number);
        assert_eq!(
            shown["state"],
            "succeeded",
            "{shown:#}\n{}",
            self.log(number)
        );
        shown
    }

    /// Waits until a build is over, and answers its record.
    pub fn wait_for_end(&self, number: u64) -> Value {
        wait_for(|| {
            let shown = self.show(number);
            let open = matches!(shown["state"].as_str(), Some("queued" | "running"));
            (!open).then_some(shown)
        })
    }

    /// Waits until the newest build of a commit is there; answers its number.
    pub fn wait_for_build_of(&self, commit: &str) -> u64 {
        wait_for(|| {
            let builds = self.list_builds();
            let found = builds.iter().find(|build| build["commit"] == commit);
            found.and_then(|build| build["number"].as_u64())
        })
    }

    /// The image that a tag names, as a client pulls it: its configuration and its layers' bytes.
    pub fn pull(&self, tag: &str) -> (Value, Vec<Vec<u8>>) {
        let registry = self.site.server.registry(&self.site.server.admin());
        let repository = registry.repository(&self.image);
        let manifest = repository.get_manifest(tag).expect(200).json();
        let read = |described: &Value| {
            let digest = described["digest"].as_str().expect("a digest");
            repository.get_blob(digest).expect(200).body.to_vec()
        };
        let config = serde_json::from_slice(&read(&manifest["config"])).expect("a configuration");
        let layers = manifest["layers"].as_array().expect("a list");
        (config, layers.iter().map(read).collect())
    }
}

/// A static shell, from the machine's own package; a skip says what to install.
pub fn read_busybox() -> Option<Vec<u8>> {
    match fs::read("/bin/busybox") {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            record_skip(&format!(
                "/bin/busybox: {error} (apt install busybox-static)"
            ));
            None
        }
    }
}

/// Waits until something is there.
pub fn wait_for<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The site, or nothing after the reason was noted.
fn tell<T>(started: Result<T, String>) -> Option<T> {
    started.map_err(|problem| record_skip(&problem)).ok()
}
