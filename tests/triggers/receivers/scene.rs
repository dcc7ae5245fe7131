//! Somebody with a repository on a server that may reach receivers on loopback.

use serde_json::{Value, json};
use std::time::{Duration, Instant, SystemTime};
use wharf_testkit::{
    ApiClient, ImageMaker, Person, Repository, Server, SharedServer, encode_segment, unique_name,
};

/// Longer than a busy machine takes for anything that does not wait by itself.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[egress]\nallow = [\"127.0.0.1\"]"));

pub(super) struct Scene {
    pub(super) api: ApiClient,
    pub(super) person: Person,
    pub(super) repository: Repository,
    pub(super) authority: String,
}

impl Scene {
    pub(super) fn new() -> Self {
        Self::on(&SERVER.get())
    }

    pub(super) fn on(server: &Server) -> Self {
        let person = server.user(&unique_name("sender"));
        let api = server.api(&person.login());
        let scene = Self {
            repository: server
                .registry(&person.login())
                .repository(&format!("{}/app", person.username)),
            authority: server.authority().to_owned(),
            api,
            person,
        };
        scene.make_repository(scene.repository.name());
        scene
    }

    pub(super) fn make_repository(&self, name: &str) {
        let body = json!({ "name": name });
        self.api.post("/repositories", body).expect(201);
    }

    pub(super) fn path(&self, rest: &str) -> String {
        path_of(self.repository.name(), rest)
    }

    /// Makes a trigger; answers it with the secrets that were made.
    #[track_caller]
    pub(super) fn make_trigger(&self, trigger: Value) -> Value {
        let made = self.api.post(&self.path("/triggers"), trigger);
        made.expect(201).json()
    }

    /// Lets a tag name a new image; answers its digest.
    pub(super) fn push(&self, tag: &str, seed: &str) -> String {
        let image = ImageMaker::new(format!("{} {seed}", self.repository.name())).make();
        self.repository.push_image(tag, &image)
    }

    /// The deliveries of a trigger, the newest first.
    pub(super) fn deliveries(&self, trigger: &str) -> Vec<Value> {
        let path = self.path(&format!("/trigger-deliveries?trigger={trigger}&limit=1000"));
        let page = self.api.get(&path).expect(200).json();
        page["items"].as_array().expect("items").clone()
    }

    /// Waits until the deliveries of a trigger are as wanted.
    #[track_caller]
    pub(super) fn wait_for_deliveries(
        &self,
        trigger: &str,
        is_wanted: impl Fn(&[Value]) -> bool,
    ) -> Vec<Value> {
        let began = Instant::now();
        loop {
            let deliveries = self.deliveries(trigger);
            if is_wanted(&deliveries) {
                return deliveries;
            }
            assert!(began.elapsed() < PATIENCE, "{deliveries:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until so many deliveries of a trigger are in this state, and none in another.
    #[track_caller]
    pub(super) fn wait_for_state(&self, trigger: &str, count: usize, state: &str) -> Vec<Value> {
        self.wait_for_deliveries(trigger, |deliveries| {
            deliveries.len() == count && deliveries.iter().all(|one| one["state"] == state)
        })
    }

    /// A delivery with its attempts.
    pub(super) fn show(&self, delivery: &Value) -> Value {
        let id = delivery["id"].as_str().expect("an id");
        let path = self.path(&format!("/trigger-deliveries/{id}"));
        self.api.get(&path).expect(200).json()
    }

    /// Sends a delivery again.
    pub(super) fn redeliver(&self, delivery: &Value) {
        let id = delivery["id"].as_str().expect("an id");
        let path = self.path(&format!("/trigger-deliveries/{id}/redeliver"));
        let answer = self.api.post(&path, json!({}));
        assert!(answer.status.is_success(), "{}", answer.text());
    }
}

pub(super) fn path_of(repository: &str, rest: &str) -> String {
    format!("/repositories/{}{rest}", encode_segment(repository))
}

/// Seconds since the epoch.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    i64::try_from(since.expect("a time").as_secs()).expect("a number")
}
