//! Targets of triggers that lead where they must not, or that do to us what they like.

use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use wharf_testkit::{
    ApiClient, Behavior, ImageMaker, Login, Receiver, Repository, Server, encode_segment,
    unique_name,
};

/// Longer than a busy machine takes for anything that does not wait by itself.
const PATIENCE: Duration = Duration::from_secs(90);

/// A server that may dial loopback.
fn start_open(folder: &Path) -> Server {
    Server::builder()
        .data_dir(folder)
        .config("[egress]\nallow = [\"127.0.0.1\", \"::1\"]")
        .start()
}

/// Somebody with a repository.
struct Owner {
    login: Login,
    name: String,
}

impl Owner {
    fn new(server: &Server) -> Self {
        let person = server.user(&unique_name("owner"));
        let owner = Self {
            login: person.login(),
            name: format!("{}/app", person.username),
        };
        let body = json!({ "name": owner.name });
        server
            .api(&owner.login)
            .post("/repositories", body)
            .expect(201);
        owner
    }

    fn api(&self, server: &Server) -> ApiClient {
        server.api(&self.login)
    }

    fn repository(&self, server: &Server) -> Repository {
        server.registry(&self.login).repository(&self.name)
    }

    fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.name))
    }

    fn make(&self, server: &Server, trigger: &str, action: Value) -> Value {
        let body = json!({ "name": trigger, "actions": [action] });
        let made = self.api(server).post(&self.path("/triggers"), body);
        made.expect(201).json()
    }

    fn push(&self, server: &Server, tag: &str) {
        let image = ImageMaker::new(format!("{} {tag}", self.name)).make();
        self.repository(server).push_image(tag, &image);
    }

    /// The deliveries of a trigger once they are as wanted, each with its attempts.
    #[track_caller]
    fn wait(
        &self,
        server: &Server,
        trigger: &str,
        is_wanted: impl Fn(&[Value]) -> bool,
    ) -> Vec<Value> {
        let api = self.api(server);
        let list = self.path(&format!("/trigger-deliveries?trigger={trigger}"));
        let began = Instant::now();
        loop {
            let page = api.get(&list).expect(200).json();
            let found = page["items"].as_array().expect("items");
            if is_wanted(found) {
                let show = |one: &Value| {
                    let id = one["id"].as_str().expect("an id");
                    let path = self.path(&format!("/trigger-deliveries/{id}"));
                    api.get(&path).expect(200).json()
                };
                return found.iter().map(show).collect();
            }
            assert!(began.elapsed() < PATIENCE, "{found:#?}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[track_caller]
    fn wait_for_end(&self, server: &Server, trigger: &str) -> Value {
        let is_over = |one: &Value| !matches!(one["state"].as_str(), Some("waiting" | "running"));
        let is_wanted = |found: &[Value]| found.len() == 1 && found.iter().all(is_over);
        self.wait(server, trigger, is_wanted).remove(0)
    }
}

fn webhook(url: &str) -> Value {
    json!({ "kind": "webhook", "url": url })
}

/// The guard stands at the dial too, not only where a trigger is saved: what was allowed then, or led elsewhere, is judged
/// again. And all that it refuses looks the same, whether anybody listens there or not.
#[test]
fn h44_h47_what_may_not_be_dialed_any_more_is_refused_at_the_dial_and_all_of_it_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let listening = Receiver::start();
    let port = listening
        .authority()
        .rsplit_once(':')
        .expect("a port")
        .1
        .to_owned();
    let urls = [
        listening.url("/secret-path"),
        "http://127.0.0.1:9999/nobody".to_owned(),
        "https://127.0.0.1:9999/nobody".to_owned(),
        format!("http://[::1]:{port}/"),
        format!("http://0x7f.1:{port}/"),
    ];
    let mut server = start_open(folder.path());
    let owner = Owner::new(&server);
    for (index, url) in urls.iter().enumerate() {
        owner.make(&server, &format!("t{index}"), webhook(url));
    }
    // With the guard open the first of them is reached.
    owner.push(&server, "v1");
    listening.wait_for(1, PATIENCE);
    server.terminate();
    drop(server);

    let guarded = Server::builder().data_dir(folder.path()).start();
    let before = listening.received().len();
    owner.push(&guarded, "v2");
    let mut seen = Vec::new();
    for index in 0..urls.len() {
        let trigger = format!("t{index}");
        let is_over = |one: &Value| one["tag"] == "v2" && one["state"] == "failed";
        let found = owner.wait(&guarded, &trigger, |found| found.iter().any(is_over));
        let delivery = found.into_iter().find(|one| is_over(one)).expect("one");
        let attempt = &delivery["attempts"][0];
        assert_eq!(attempt["response"], Value::Null);
        seen.push(json!({
            "reason": delivery["reason"], "detail": delivery["detail"],
            "message": attempt["message"], "waited": attempt["waited_micros"],
            "attempts": delivery["attempt_count"],
        }));
    }
    assert_eq!(seen[0]["reason"], "not_allowed");
    assert_eq!(seen[0]["detail"], "");
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
    let after = listening.received();
    let told_now = |tag: &str| {
        let is_about = |body: &str| body.contains(&format!("\"tag\":\"{tag}\""));
        after
            .iter()
            .skip(before)
            .filter(|one| is_about(&one.body))
            .count()
    };
    assert_eq!(told_now("v2"), 0, "nothing arrived");
}

#[test]
fn h46_a_redirect_is_followed_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start_open(folder.path());
    let owner = Owner::new(&server);
    let inside = Receiver::start();
    owner.push(&server, "v1");
    for (index, (status, location)) in [
        (301, inside.url("/admin")),
        (302, "http://169.254.169.254/latest/meta-data/".to_owned()),
        (303, "file:///etc/passwd".to_owned()),
        (307, inside.url("/admin")),
        (308, "https://example.com/".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let outside = Receiver::start();
        outside.behave(Behavior::answer(status, "").with("Location", &location));
        let trigger = format!("t{index}");
        owner.make(&server, &trigger, webhook(&outside.url("/hook")));
        let path = owner.path(&format!("/triggers/{trigger}/run"));
        owner
            .api(&server)
            .post(&path, json!({ "tag": "v1" }))
            .expect(200);
        let delivery = owner.wait_for_end(&server, &trigger);
        assert_eq!(
            (&delivery["state"], &delivery["reason"]),
            (&json!("failed"), &json!("redirected"))
        );
        assert_eq!(outside.received().len(), 1);
    }
    assert!(inside.received().is_empty());
}

#[test]
fn m92_a_receiver_that_floods_or_wants_nothing_more_is_cut_off() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start_open(folder.path());
    let owner = Owner::new(&server);
    let receiver = Receiver::start();
    receiver.behave(Behavior::Flood(1 << 30));
    let made = owner.make(&server, "hook", webhook(&receiver.url("/hook")));
    let action = made["actions"][0]["id"].as_str().expect("an id").to_owned();
    owner.push(&server, "v1");
    let delivery = owner.wait_for_end(&server, "hook");
    assert_eq!(delivery["state"], "succeeded");
    let response = &delivery["attempts"][0]["response"];
    assert_eq!(response["truncated"], true);
    assert!(response["body"].as_str().expect("a body").len() <= 64 * 1024);
    let began = Instant::now();
    while receiver.bytes_taken() == 0 {
        assert!(began.elapsed() < PATIENCE, "the connection is held");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(
        receiver.bytes_taken() < 64 << 20,
        "{}",
        receiver.bytes_taken()
    );

    // 410: the action is off, visibly; what waited for it is given up and can be sent again.
    receiver.behave(Behavior::answer(410, "gone"));
    owner.push(&server, "v2");
    let is_given_up = |found: &[Value]| found.len() == 2 && found[0]["state"] == "failed";
    let found = owner.wait(&server, "hook", is_given_up);
    assert_eq!(found[0]["reason"], "gone");
    let api = owner.api(&server);
    let trigger = api.get(&owner.path("/triggers/hook")).expect(200).json();
    assert_ne!(trigger["actions"][0]["state"], "active");
    receiver.behave(Behavior::answer(200, "ok"));
    let asked = receiver.received().len();
    let path = owner.path(&format!("/triggers/hook/actions/{action}/enable"));
    api.post(&path, json!({ "redeliver": true })).expect(200);
    let is_done = |found: &[Value]| found.iter().all(|one| one["state"] == "succeeded");
    owner.wait(&server, "hook", is_done);
    let request = receiver.wait_for(asked + 1, PATIENCE).pop().expect("one");
    assert_eq!(request.header("webhook-id"), found[0]["id"].as_str());
}

#[test]
fn m92_a_receiver_that_hangs_is_given_up_after_half_a_minute_and_tried_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = start_open(folder.path());
    let owner = Owner::new(&server);
    let receiver = Receiver::start();
    receiver.behave(Behavior::Hang);
    owner.make(&server, "hook", webhook(&receiver.url("/hook")));
    owner.push(&server, "v1");
    let requests = receiver.wait_for(2, PATIENCE);
    let between = requests[1].at - requests[0].at;
    assert!(between > Duration::from_secs(25), "{between:?}");
    let has_tried = |found: &[Value]| found.iter().any(|one| one["reason"] == "timed_out");
    let delivery = owner.wait(&server, "hook", has_tried).remove(0);
    let attempts = delivery["attempts"].as_array().expect("attempts");
    assert!(attempts.iter().any(|attempt| attempt["outcome"] == "retry"));
}
