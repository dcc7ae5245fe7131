//! A server in this process, on the engine of the environment, whose builds are scripts.

use std::{
    future::Future,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{
    runtime::Handle,
    task::{AbortHandle, JoinSet},
};
use wharf_app::{
    App, Settings, StartOptions, SystemClock,
    builds::{BuildSettings, CannotBuild},
};
use wharf_client::Registries;
use wharf_db::{
    DatabaseUrl, Db, DbError, Durability,
    builds::{Build, NewBuild, insert_build},
};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_model::{
    BuildId, Facts, Timestamp,
    builds::{BuildCause, BuildSource, BuildSpec, Slots, TrustClass},
};
use wharf_server::{
    Addresses, Server, ServerSettings, install_metrics,
    net::{ConnectionLimits, Listener, serve},
};
use wharf_testkit::Engine;

use crate::launcher::ScriptLauncher;

/// The administrator's password.
const PASSWORD: &str = "correct horse battery staple";

/// Longer than anything here takes on a busy machine; only a test that fails waits so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What outlives a server: its folder and its database.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    database: DatabaseUrl,
}

impl Place {
    pub(crate) fn new() -> Self {
        // The program does this first of all.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        // It blocks, which a thread of the runtime must not.
        let made = std::thread::spawn(|| Engine::from_env().create_database());
        let database = match made.join().unwrap() {
            Some(url) => url.parse().unwrap(),
            None => DatabaseUrl::Sqlite(folder.path().join("wharf.db")),
        };
        Self { folder, database }
    }

    /// The data folder.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Starts a server with builds that run as scripts.
    pub(crate) async fn start(&self, launcher: &ScriptLauncher, all: usize) -> Site {
        let mut settings = BuildSettings::with_launcher(Ok(Arc::new(launcher.clone())));
        settings.slots = Slots { all, each: all };
        self.start_with(settings, Settings::default()).await
    }

    /// The same, of a registry that builds call `hub.example`.
    pub(crate) async fn start_named(&self, launcher: &ScriptLauncher) -> Site {
        let mut settings = BuildSettings::with_launcher(Ok(Arc::new(launcher.clone())));
        settings.slots = Slots { all: 2, each: 2 };
        settings.hosts = vec!["hub.example".to_owned()];
        self.start_with(settings, Settings::default()).await
    }

    /// Starts a server that begins nothing, with these rules of an operator.
    pub(crate) async fn start_waiting(&self, settings: Settings) -> Site {
        let mut builds = BuildSettings::with_launcher(Ok(Arc::new(ScriptLauncher::default())));
        builds.slots = Slots { all: 0, each: 1 };
        self.start_with(builds, settings).await
    }

    /// Starts a server that cannot build.
    pub(crate) async fn start_unable(&self) -> Site {
        let why = CannotBuild {
            problem: "this kernel has no user namespaces".to_owned(),
            hint: None,
        };
        self.start_with(BuildSettings::unable(why), Settings::default())
            .await
    }

    async fn start_with(&self, builds: BuildSettings, settings: Settings) -> Site {
        let options = StartOptions {
            data_dir: self.folder.path().to_owned(),
            database: self.database.clone(),
            settings,
            clock: Arc::new(SystemClock),
            egress: Egress::new(EgressSettings::new(Policy::operator())).unwrap(),
            registries: Registries::default(),
            builds,
            git: Err(CannotBuild {
                problem: "scripts need no git".to_owned(),
                hint: None,
            }),
            admin_password: Some(PASSWORD.to_owned()),
        };
        // The server before may still be on its way out.
        let (app, _) = wait_for(|| async { App::start(options.clone()).await.ok() }).await;
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap())
            .await
            .unwrap();
        let address = listener.local_addr();
        let settings = ServerSettings {
            addresses: Addresses { public_url: None },
            trusted_proxies: Vec::new(),
            insecure_login: false,
            public_images: true,
            console_dir: None,
            body_idle: Duration::from_secs(30),
            service: "wharf".to_owned(),
            metrics_token: Some("numbers".to_owned()),
        };
        let metrics = install_metrics().unwrap();
        let server = Server::new(app.clone(), settings, metrics, Handle::current());
        let answer = move |request, connection| server.clone().respond(request, connection);
        let limits = ConnectionLimits::default();
        let mut beside = JoinSet::new();
        beside.spawn(async move {
            serve(vec![listener], limits, answer, std::future::pending()).await;
        });
        let builds = beside.spawn(app.clone().run_builds());
        Site {
            app,
            address,
            builds,
            beside,
            db: Db::open(&self.database).unwrap(),
            http: reqwest::Client::new(),
        }
    }
}

/// A running server.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) db: Db,
    address: SocketAddr,
    builds: AbortHandle,
    beside: JoinSet<()>,
    http: reqwest::Client,
}

impl Site {
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.request_as("admin", method, path)
    }

    /// A request of somebody whom [`Site::make_member`] made.
    pub(crate) fn request_as(
        &self,
        username: &str,
        method: reqwest::Method,
        path: &str,
    ) -> reqwest::RequestBuilder {
        let url = format!("http://{}{path}", self.address);
        let request = self.http.request(method, url);
        request.basic_auth(username, Some(PASSWORD))
    }

    /// Makes a person with a role in a namespace; answers the account's name in rows.
    pub(crate) async fn make_member(&self, username: &str, namespace: &str, role: &str) -> String {
        let body = serde_json::json!({ "username": username, "password": PASSWORD });
        let (status, answer) = self.post("/users", body).await;
        assert_eq!(status, 201, "{answer}");
        let path = format!("/api/v1/namespaces/{namespace}/members/{username}");
        let put = self.request(reqwest::Method::PUT, &path);
        let put = put.json(&serde_json::json!({ "role": role })).send().await;
        let put = put.unwrap();
        assert!(put.status().is_success(), "{}", put.status());
        format!("user:{}", answer["id"].as_str().unwrap())
    }

    /// A JSON answer of the management API.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let request = self.request(reqwest::Method::GET, &format!("/api/v1{path}"));
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// The status and the JSON of an answer to a POST.
    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let request = self.request(reqwest::Method::POST, &format!("/api/v1{path}"));
        let answer = request.json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    /// Makes a repository with its namespace.
    pub(crate) async fn make_repository(&self, name: &str) -> Facts {
        let body = serde_json::json!({ "name": name });
        let (status, answer) = self.post("/repositories", body).await;
        assert_eq!(status, 201, "{answer}");
        let name = name.parse().unwrap();
        let found = self
            .db
            .read(move |tx| wharf_db::repositories::find_facts(tx, &name));
        let found: Result<_, DbError> = found.await;
        found.unwrap().unwrap()
    }

    /// Queues a build and wakes the queue.
    pub(crate) async fn queue(&self, new: NewBuild) -> Build {
        let queued = self
            .db
            .write(Durability::Durable, move |tx| insert_build(tx, &new));
        let queued: Result<_, DbError> = queued.await;
        self.app.wake_builds();
        queued.unwrap()
    }

    /// What the API says of a build.
    pub(crate) async fn show(&self, build: &Build) -> Value {
        self.get(&path_of(build, "")).await
    }

    /// Waits until a build is in a state.
    pub(crate) async fn wait_for_state(&self, build: &Build, state: &str) -> Value {
        wait_for(|| async {
            let shown = self.show(build).await;
            (shown["state"] == state).then_some(shown)
        })
        .await
    }

    /// Ends as a killed process does: nothing is written any more, nothing is given back.
    pub(crate) async fn kill(mut self) {
        self.builds.abort();
        self.beside.shutdown().await;
    }
}

/// The API's path of a build and what follows.
pub(crate) fn path_of(build: &Build, rest: &str) -> String {
    let name = build.repository_name.as_str().replace('/', "%2F");
    format!("/repositories/{name}/builds/{}{rest}", build.number)
}

/// A build of a script.
pub(crate) fn script(facts: &Facts, text: &str, tags: &[&str]) -> NewBuild {
    NewBuild {
        id: BuildId::new(),
        repository: facts.repository,
        namespace: facts.namespace,
        rule: None,
        trust: TrustClass::Loose,
        cause: BuildCause::Manual,
        reference: None,
        commit: None,
        author: String::new(),
        message: String::new(),
        spec: BuildSpec::of(BuildSource::Dockerfile {
            text: text.to_owned(),
            context: false,
        }),
        tags: tags.iter().map(|tag| tag.parse().unwrap()).collect(),
        tags_by_hand: false,
        report_status: false,
        started_by: "admin".to_owned(),
        starter: None,
        retry_of: None,
        at: Timestamp::from(std::time::SystemTime::now()),
    }
}

/// Waits until something is there.
pub(crate) async fn wait_for<T, F: Future<Output = Option<T>>>(mut look: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "waited in vain");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
