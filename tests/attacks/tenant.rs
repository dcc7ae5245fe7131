//! Somebody who builds, with one of everything that belongs to that.

use reqwest::Method;
use serde_json::{Value, json};
use wharf_testkit::{
    Answer, ApiClient, ForgeServer, GitRepository, Person, Server, encode_segment, unique_name,
};
use wharf_tests::wait_until;

/// A server that a code host reaches, that asks it by itself hardly ever, and begins no build.
pub(crate) fn start_server() -> Server {
    let config = "[egress]\nallow = [\"127.0.0.1\"]\n[build]\npoll_seconds = 3600\nconcurrency = 0";
    Server::builder().config(config).told_to_others().start()
}

/// Somebody with one of everything that builds have.
pub(crate) struct Tenant {
    pub(crate) person: Person,
    pub(crate) api: ApiClient,
    pub(crate) code: GitRepository,
    pub(crate) remote: String,
    pub(crate) repository: String,
    pub(crate) source: String,
    pub(crate) credential: String,
    pub(crate) link: String,
    pub(crate) trigger: String,
    pub(crate) trigger_secret: String,
    pub(crate) webhook: String,
    pub(crate) context: String,
}

pub(crate) fn id_of(answer: Answer) -> String {
    let made = answer.expect(201).json();
    made["id"].as_str().expect("an id").to_owned()
}

impl Tenant {
    pub(crate) fn create(server: &Server, host: &ForgeServer) -> Self {
        let person = server.user(&unique_name("tenant"));
        let api = server.api(&person.login());
        let namespace = &person.username;
        let remote = format!("{}/web", unique_name("acme"));
        host.add_group(remote.split('/').next().expect("a group"));
        let code = host.create_repository(&remote, true);
        code.push_files("main", "first", &[("Dockerfile", "FROM scratch\n")]);
        let connect = json!({ "kind": "gitlab", "address": host.url(), "token": host.token() });
        let source = id_of(api.post("/sources", connect));
        let [repository, base] = ["app", "base"].map(|name| format!("{namespace}/{name}"));
        for name in [&repository, &base] {
            api.post("/repositories", json!({ "name": name }))
                .expect(201);
        }
        let path = format!("/repositories/{}", encode_segment(&repository));
        let rule = json!({
            "name": "main", "source": source, "remote": remote,
            "definition": { "trigger": { "branches": true } },
        });
        api.post(&format!("{path}/rules"), rule).expect(201);
        let set = api.put(
            &format!("{path}/rules/main/secrets/token"),
            json!({ "value": "hidden" }),
        );
        set.expect(204);
        let link = id_of(api.post(&format!("{path}/links"), json!({ "base": base })));
        let urls = format!("{path}/rules/main/trigger-urls");
        let trigger = api.post(&urls, json!({ "name": "ci" })).expect(201).json();
        let login = json!({ "host": "r.example", "username": "u", "password": "p" });
        let credential = id_of(api.post(&format!("/namespaces/{namespace}/credentials"), login));
        let started = json!({ "rule": "main", "ref": "refs/heads/main" });
        api.post(&format!("{path}/builds"), started).expect(201);
        let upload = api.request(Method::POST, &format!("{path}/build-contexts"));
        let upload = upload.body("application/x-tar", vec![0_u8; 1024]).send();
        let context = id_of(upload);
        let mut webhook = Value::Null;
        wait_until("the webhook is there", || {
            let listed = api.get(&format!("/sources/{source}/webhooks"));
            webhook = listed.expect(200).json()["items"][0].clone();
            webhook["state"] == "active" && host.webhooks(&remote).len() == 1
        });
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        Self {
            api,
            code,
            remote,
            source,
            credential,
            link,
            trigger: text(&trigger["id"]),
            trigger_secret: text(&trigger["secret"]),
            webhook: text(&webhook["id"]),
            context,
            repository,
            person,
        }
    }

    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/repositories/{}{rest}", encode_segment(&self.repository))
    }

    /// A template with these of one's own, and those of somebody else's.
    pub(crate) fn fill(template: &str, parent: &Self, child: &Self) -> String {
        template
            .replace("{credential}", &child.credential)
            .replace("{webhook}", &child.webhook)
            .replace("{link}", &child.link)
            .replace("{trigger}", &child.trigger)
            .replace("{source}", &parent.source)
            .replace("{namespace}", &parent.person.username)
            .replace("{name}", &encode_segment(&parent.repository))
    }

    /// What its owner sees of it all. When it was last used and looked at may change.
    pub(crate) fn take_snapshot(&self) -> Vec<Value> {
        let lists = [
            self.path("/rules/main"),
            self.path("/rules/main/decisions"),
            self.path("/rules/main/trigger-urls"),
            self.path("/links"),
            self.path("/builds"),
            format!("/sources/{}/webhooks/{}", self.source, self.webhook),
            format!(
                "/namespaces/{}/credentials/{}",
                self.person.username, self.credential
            ),
        ];
        let read = |path: &String| self.api.get(path).expect(200).json();
        lists.iter().map(read).collect()
    }
}
