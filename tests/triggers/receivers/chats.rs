//! Chats: robots that check what comes by their makers' rules, and answer as they do.

use serde_json::{Value, json};
use wharf_testkit::targets::{ReceiverRequest, check_dingtalk_signature, check_feishu_signature};
use wharf_testkit::{Behavior, Receiver};

use super::scene::{PATIENCE, Scene, now};

const DINGTALK_SECRET: &str = "SECdingtalk-signing-secret";
const FEISHU_SECRET: &str = "feishu-signing-secret";

/// Answers as the products do, by the path that their URLs begin with.
fn start_robots() -> Receiver {
    Receiver::start_with(|request, _| {
        let path = request.target.split('?').next().unwrap_or_default();
        match path {
            "/cgi-bin/webhook/send" => match request.json()["text"]["content"].is_string() {
                true => Behavior::answer(200, r#"{"errcode":0,"errmsg":"ok"}"#),
                false => Behavior::answer(200, r#"{"errcode":44004,"errmsg":"content is empty"}"#),
            },
            "/robot/send" => match check_dingtalk_signature(request, DINGTALK_SECRET, now() * 1000)
            {
                Ok(()) => Behavior::answer(200, r#"{"errcode":0,"errmsg":"ok"}"#),
                Err(why) => Behavior::answer(
                    200,
                    &json!({ "errcode": 310000, "errmsg": why }).to_string(),
                ),
            },
            "/open-apis/bot/v2/hook/bot" => {
                match check_feishu_signature(request, FEISHU_SECRET, now()) {
                    Ok(()) => Behavior::answer(200, r#"{"code":0,"msg":"success","data":{}}"#),
                    Err(why) => {
                        Behavior::answer(200, &json!({ "code": 19024, "msg": why }).to_string())
                    }
                }
            }
            _ => Behavior::answer(200, "ok"),
        }
    })
}

fn read_text(request: &ReceiverRequest) -> String {
    let body = request.json();
    let text = [&body["text"]["content"], &body["text"]];
    if let Some(text) = text.into_iter().find_map(Value::as_str) {
        return text.to_owned();
    }
    let post = &body["content"]["post"]["zh_cn"];
    let lines = post["content"].as_array().expect("lines").iter();
    let lines = lines.map(|line| line[0]["text"].as_str().expect("a text").to_owned());
    let title = post["title"].as_str().expect("a title").to_owned();
    [title]
        .into_iter()
        .chain(lines)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn every_chat_takes_the_message_in_its_own_form_and_with_its_own_signature() {
    let scene = Scene::new();
    let robots = start_robots();
    let message = |service: &str, path: &str, secret: Option<&str>| {
        let mut action = json!({
            "kind": "message", "service": service, "url": robots.url(path), "language": "zh",
        });
        if let Some(secret) = secret {
            action["secret"] = json!(secret);
        }
        action
    };
    scene.make_trigger(json!({ "name": "tell", "actions": [
        message("wecom", "/cgi-bin/webhook/send?key=robot-key", None),
        message("dingtalk", "/robot/send?access_token=robot-key", Some(DINGTALK_SECRET)),
        message("feishu", "/open-apis/bot/v2/hook/bot", Some(FEISHU_SECRET)),
        message("slack", "/services/T0/B0/robot-key", None),
    ]}));
    let digest = scene.push("v1", "first");
    let requests = robots.wait_for(4, PATIENCE);
    scene.wait_for_state("tell", 4, "succeeded");
    for request in &requests {
        let text = read_text(request);
        let image = format!("{}/{}:v1", scene.authority, scene.repository.name());
        assert!(text.contains(&image) && text.contains(&digest), "{text}");
        assert!(
            text.contains("新镜像") && text.contains(&scene.person.username),
            "{text}"
        );
    }
}

#[test]
fn a_chat_that_refuses_with_status_200_is_a_failure_with_its_own_words() {
    let scene = Scene::new();
    let robots = start_robots();
    let path = "/robot/send?access_token=robot-key-of-ours";
    scene.make_trigger(json!({ "name": "tell", "actions": [{
        "kind": "message", "service": "dingtalk", "url": robots.url(path), "secret": "SECanother-secret",
    }]}));
    scene.push("v1", "first");
    let failed = scene.wait_for_state("tell", 1, "failed").remove(0);
    assert_eq!(failed["reason"], "vendor_refused");
    assert_eq!(failed["detail"], "310000: sign not match");
    let shown = scene.show(&failed);
    let attempt = &shown["attempts"][0];
    assert_eq!(
        (&attempt["status"], &attempt["outcome"]),
        (&json!(200), &json!("refused"))
    );
    let text = shown.to_string();
    for secret in ["robot-key-of-ours", "SECanother-secret"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn a_template_says_what_its_author_wrote() {
    let scene = Scene::new();
    let robots = start_robots();
    scene.make_trigger(json!({ "name": "tell", "actions": [{
        "kind": "message", "service": "wecom", "url": robots.url("/cgi-bin/webhook/send?key=robot-key"),
        "template": "{% if tag %}{{ name }} is out as {{ tag }}{% endif %}",
    }]}));
    scene.push("v1", "first");
    let requests = robots.wait_for(1, PATIENCE);
    assert_eq!(read_text(&requests[0]), "app is out as v1");
}
