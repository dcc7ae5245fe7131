//! Hours become days, old ones go, and nights without a server stay gaps: on a clock that the test moves. Other rooms play
//! on the same scene.

use super::StatsSubject;
use crate::{
    App, Clock, Context, Settings, StartOptions,
    builds::{BuildSettings, CannotBuild},
    stats::Stats,
};
use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use wharf_client::Registries;
use wharf_db::{DatabaseUrl, DbError, Durability, Tx, accounts, params, repositories};
use wharf_egress::{Egress, EgressSettings, Policy};
use wharf_model::{
    Actions, Caller, CallerKind, Facts, Identity, NamespaceId, RepositoryId, RequestId, Timestamp,
    UserId, stats::StatsRange,
};
use wharf_testkit::Engine;

const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A moment in the middle of an hour, at the beginning of a day of UTC.
const BEGIN: i64 = 1_899_936_000 + 600;

#[derive(Clone)]
struct PlayedClock(Arc<AtomicI64>);

impl Clock for PlayedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::Relaxed))
    }
}

/// An app on a clock that is moved by hand, with one private repository that nobody has a role in.
pub(crate) struct Scene {
    pub(crate) app: App,
    clock: PlayedClock,
    pub(crate) facts: Facts,
    folder: tempfile::TempDir,
    database: DatabaseUrl,
}

async fn start_app(folder: &std::path::Path, database: &DatabaseUrl, clock: PlayedClock) -> App {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let unable = || CannotBuild {
        problem: "nothing is built in this test".to_owned(),
        hint: None,
    };
    let options = StartOptions {
        data_dir: folder.to_owned(),
        database: database.clone(),
        settings: Settings::default(),
        clock: Arc::new(clock),
        egress: Egress::new(EgressSettings::new(Policy::server([]))).unwrap(),
        registries: Registries::default(),
        builds: BuildSettings::unable(unable()),
        git: Err(unable()),
        admin_password: Some("a fine long phrase".to_owned()),
    };
    // The app before may still be on its way out.
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        match App::start(options.clone()).await {
            Ok((app, _)) => return app,
            Err(error) if std::time::Instant::now() > deadline => panic!("{error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Somebody without a role in any namespace, and perhaps an administrator.
pub(crate) fn context_of(admin: bool) -> Context {
    Context {
        caller: Caller {
            identity: Identity::User(UserId::new()),
            kind: CallerKind::User,
            name: "somebody".into(),
            admin,
            actions: Actions::ALL,
            roles: Arc::default(),
            scope: None,
            ends_at: None,
            sponsor: None,
            version: 1,
        },
        address: Ipv4Addr::LOCALHOST.into(),
        request: RequestId::new(),
    }
}

impl Scene {
    pub(crate) async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = PlayedClock(Arc::new(AtomicI64::new(BEGIN * 1_000_000)));
        // It blocks, which a thread of the runtime must not.
        let made = std::thread::spawn(|| Engine::from_env().create_database());
        let database = match made.join().unwrap() {
            Some(url) => url.parse().unwrap(),
            None => DatabaseUrl::Sqlite(folder.path().join("wharf.db")),
        };
        let app = start_app(folder.path(), &database, clock.clone()).await;
        let facts = Facts {
            repository: RepositoryId::new(),
            namespace: NamespaceId::new(),
            name: "team/app".parse().unwrap(),
            public: false,
        };
        let (made, at) = (facts.clone(), clock.now());
        let scene = Self {
            app,
            clock,
            facts,
            folder,
            database,
        };
        scene
            .write(move |tx| {
                accounts::insert_namespace(tx, made.namespace, "team", "", "alice", at)?;
                let new = repositories::NewRepository {
                    facts: made.clone(),
                    short_description: String::new(),
                    description: String::new(),
                    created_by: "alice".into(),
                    at,
                };
                repositories::insert_repository(tx, &new).map(drop)
            })
            .await;
        scene
    }

    /// Ends this app as `kill -9` does, and starts another over the same folder.
    async fn start_again(self) -> Self {
        let Self {
            app,
            clock,
            facts,
            folder,
            database,
        } = self;
        drop(app);
        let app = start_app(folder.path(), &database, clock.clone()).await;
        Self {
            app,
            clock,
            facts,
            folder,
            database,
        }
    }

    pub(crate) fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).unwrap();
        self.clock.0.fetch_add(micros, Ordering::Relaxed);
    }

    /// Has the clock show another moment, such as the one in which ids are made.
    pub(crate) fn set_clock(&self, now: Timestamp) {
        self.clock.0.store(now.as_micros(), Ordering::Relaxed);
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl Fn(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
    ) -> T {
        let written = self.app.db.write(Durability::Relaxed, write);
        written.await.unwrap()
    }

    /// A blob that the repository holds from now on.
    async fn store(&self, digit: char, size: u64) {
        let (repository, at) = (self.facts.repository, self.clock.now());
        self.write(move |tx| {
            let digest = format!("sha256:{}", digit.to_string().repeat(64));
            tx.execute(
                "INSERT INTO blobs (digest, size, state, created_at) VALUES ($1, $2, 'present', $3)",
                params![digest, size, at],
            )?;
            tx.execute(
                "INSERT INTO repository_blobs (repository_id, digest, size, linked_at) VALUES ($1, $2, $3, $4)",
                params![repository, digest, size, at],
            )
            .map(drop)
        })
        .await;
    }

    /// One hour of a running server, with `pulls` of ten bytes in it.
    async fn live_an_hour(&self, pulls: u64) {
        self.app.record_storage().await.unwrap();
        let counters = self.app.traffic.of(&self.facts);
        (0..pulls).for_each(|_| counters.count_pull(10));
        self.app.write_traffic().await.unwrap();
        self.app.sweep_stats().await.unwrap();
        self.advance(HOUR);
    }

    async fn show(&self, subject: StatsSubject, range: StatsRange) -> Stats {
        let context = context_of(true);
        let shown = self.app.show_stats(&context, subject, range);
        shown.await.unwrap()
    }

    async fn show_all(&self, range: StatsRange) -> [Stats; 3] {
        [
            self.show(StatsSubject::Server, range).await,
            self.show(StatsSubject::Namespace("team".into()), range)
                .await,
            self.show(StatsSubject::Repository("team/app".into()), range)
                .await,
        ]
    }

    async fn count_rows(&self, table: &'static str, grain: &'static str) -> u64 {
        self.write(move |tx| {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE grain = $1");
            let row = tx.query_first(&sql, params![grain])?;
            row.unwrap().take(0)
        })
        .await
    }
}

fn pulls(stats: &Stats) -> Vec<Option<u64>> {
    let values = stats.traffic.iter();
    values.map(|point| point.value.map(|it| it.pulls)).collect()
}

fn bytes(stats: &Stats) -> Vec<Option<u64>> {
    let values = stats.storage.iter();
    values.map(|point| point.value.map(|it| it.bytes)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn hours_become_days_and_every_scope_tells_the_same() {
    let scene = Scene::make().await;
    for hour in 0..48 {
        scene.live_an_hour(if hour < 24 { 1 } else { 2 }).await;
    }
    for stats in scene.show_all(StatsRange::Days14).await {
        let expected = [[Some(1); 24], [Some(2); 24]].concat();
        assert_eq!(pulls(&stats)[..48], expected);
        // The hour that has just begun, in which nobody looked yet.
        assert_eq!(pulls(&stats)[48..], [None]);
    }
    for stats in scene.show_all(StatsRange::Days90).await {
        assert_eq!(pulls(&stats), [Some(24), Some(48), None]);
        let out = stats.traffic[1].value.unwrap().bytes_out;
        assert_eq!(out, 480);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_drawn_from_hour_to_hour_although_it_is_written_when_it_changes() {
    let scene = Scene::make().await;
    scene.live_an_hour(0).await;
    scene.store('a', 1000).await;
    scene.live_an_hour(0).await;
    scene.live_an_hour(0).await;
    scene.store('b', 500).await;
    scene.live_an_hour(0).await;
    for stats in scene.show_all(StatsRange::Days14).await {
        let expected = [Some(0), Some(1000), Some(1000), Some(1500)];
        assert_eq!(bytes(&stats)[..4], expected);
        assert_eq!(stats.storage[3].value.unwrap().blobs, 2);
    }
    for stats in scene.show_all(StatsRange::Days400).await {
        assert_eq!(bytes(&stats), [Some(1500)], "the day shows its last look");
    }
    // Four hours of the server; of the repository, its namespace and two that hold nothing only what changed.
    let rows = scene.count_rows("storage_stats", "hour").await;
    assert_eq!(rows, 4 + 3 + 3 + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_hours_go_while_their_days_stay_and_old_days_go_too() {
    let scene = Scene::make().await;
    scene.store('a', 1000).await;
    scene.live_an_hour(7).await;
    scene.advance(15 * DAY);
    scene.live_an_hour(1).await;
    let fortnight = scene.show(StatsSubject::Server, StatsRange::Days14).await;
    assert_eq!(pulls(&fortnight)[0], Some(1), "the first hour is gone");
    // Of each scope the one new hour; the repository's old size still holds.
    assert_eq!(scene.count_rows("traffic_stats", "hour").await, 3);
    for stats in scene.show_all(StatsRange::Days14).await {
        assert_eq!(bytes(&stats)[0], Some(1000));
    }
    let year = scene.show(StatsSubject::Server, StatsRange::Days400).await;
    assert_eq!(pulls(&year)[0], Some(7));
    assert_eq!(pulls(&year)[1..15], [None; 14], "gaps stay gaps");
    assert_eq!(pulls(&year)[15], Some(1));
    scene.advance(399 * DAY);
    scene.live_an_hour(2).await;
    assert_eq!(scene.count_rows("traffic_stats", "day").await, 6);
    let year = scene.show(StatsSubject::Server, StatsRange::Days400).await;
    assert_eq!(pulls(&year).iter().flatten().sum::<u64>(), 3);
    assert!(pulls(&year).len() <= 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_loses_only_what_was_counted_since_the_last_write() {
    let scene = Scene::make().await;
    scene.app.record_storage().await.unwrap();
    scene.app.traffic.of(&scene.facts).count_pull(10);
    scene.app.write_traffic().await.unwrap();
    scene.app.traffic.of(&scene.facts).count_pull(10);
    let scene = scene.start_again().await;
    scene.app.record_storage().await.unwrap();
    scene.app.traffic.of(&scene.facts).count_pull(10);
    scene.app.write_traffic().await.unwrap();
    for stats in scene.show_all(StatsRange::Days14).await {
        assert_eq!(pulls(&stats), [Some(2)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_what_is_gone_go_and_those_of_the_server_stay() {
    let scene = Scene::make().await;
    scene.live_an_hour(5).await;
    let repository = scene.facts.repository;
    scene
        .write(move |tx| {
            tx.execute(
                "DELETE FROM repositories WHERE id = $1",
                params![repository],
            )
            .map(drop)
        })
        .await;
    scene.app.sweep_stats().await.unwrap();
    // The server's and the namespace's.
    assert_eq!(scene.count_rows("traffic_stats", "hour").await, 2);
    let shown = scene.show(StatsSubject::Namespace("team".into()), StatsRange::Days90);
    assert_eq!(pulls(&shown.await), [Some(5)]);
}
