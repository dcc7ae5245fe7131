//! Builds, told to chats: with everything that one needs to look into them, and with names that somebody else chose.

use serde_json::json;
use wharf_testkit::{Behavior, Receiver};
use wharf_tests::building::Site;

use super::scene::{PATIENCE, path_of};

/// What git allows as a branch, and chats take for more than a name.
const BRANCH: &str = "<!channel>@everyone@all<at";

/// Row M91 of the list of attacks: whoever may push a branch chooses its name.
#[test]
fn m91_a_failed_build_is_told_whole_and_its_branch_mentions_nobody() {
    let Some(site) = Site::start_open("") else {
        return;
    };
    let chat = Receiver::start();
    chat.behave(Behavior::answer(
        200,
        r#"{"errcode":0,"errmsg":"ok","code":0}"#,
    ));
    let rule = site.make_rule(json!({ "trigger": { "branches": true } }));
    let message = |service: &str| {
        let template = "{{ build.ref }} {{ build.reason }}";
        let url = chat.url(&format!("/{service}"));
        [
            json!({ "kind": "message", "service": service, "url": url }),
            json!({ "kind": "message", "service": service, "url": url, "template": template }),
        ]
    };
    let services = ["wecom", "dingtalk", "feishu", "slack"];
    let actions: Vec<_> = services.into_iter().flat_map(message).collect();
    let body = json!({ "name": "tell", "events": ["build_failed"], "rules": ["main"], "actions": actions });
    let made = site.api().post(&path_of(&rule.image, "/triggers"), body);
    made.expect(201);
    let files = [("Dockerfile", "FROM scratch\nCOPY nothing /\n")];
    let commit = rule.code.push_files(BRANCH, "It fails", &files);
    let number = rule.wait_for_build_of(&commit);
    let build = rule.wait_for_end(number);
    assert_eq!(build["state"], "failed", "{build:#}");
    let requests = chat.wait_for(actions.len(), PATIENCE);
    for request in requests {
        // JSON's own escapes are no protection in a chat.
        let text = request.json().to_string();
        assert!(text.contains("channel"), "{text}");
        for part in ["<!", "<at", "@everyone", "@all"] {
            assert!(!text.contains(part), "{part} in {} {text}", request.target);
        }
        let is_usual = text.contains(&commit);
        if is_usual {
            let page = format!("/repositories/{}/builds/{number}", rule.image);
            for part in [&*rule.image, "main", &page] {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
    }
}
