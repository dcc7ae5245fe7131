use super::*;
use crate::target::exchange::{Outcome, ReasonWord};
use crate::target::fixture::{COMMIT, DIGEST, make_facts};
use serde_json::Value;

const NOW: Timestamp = Timestamp::from_micros(1_700_000_100_123_456);

fn target(kind: MessageKind) -> MessageTarget {
    let url = format!("{}robotsecret", kind.usual_url());
    MessageTarget {
        kind,
        url: TargetUrl::parse(&Secret::new(url)).expect("a URL"),
        secret: kind.signs().then(|| Secret::new("SECsigningsecret")),
        language: Language::En,
        template: None,
    }
}

fn render(target: &MessageTarget, facts: &EventFacts) -> (RenderedRequest, Value) {
    let request = render_message(target, facts, "id", NOW).expect("a request");
    let body = serde_json::from_str(request.body()).expect("JSON");
    (request, body)
}

/// The text of a body, wherever the product has it.
fn read_text(kind: MessageKind, body: &Value) -> String {
    let text = match kind {
        MessageKind::Wecom | MessageKind::Dingtalk => &body["text"]["content"],
        MessageKind::Slack => &body["text"],
        MessageKind::Feishu => {
            let post = &body["content"]["post"];
            let post = post.get("en_us").unwrap_or(&post["zh_cn"]);
            let lines = post["content"].as_array().expect("lines");
            let lines = lines
                .iter()
                .map(|line| line[0]["text"].as_str().expect("text"));
            let title = post["title"].as_str().expect("a title");
            return [title]
                .into_iter()
                .chain(lines)
                .collect::<Vec<_>>()
                .join("\n");
        }
    };
    text.as_str().expect("a text").to_owned()
}

#[test]
fn every_product_says_every_event_in_both_languages() {
    for kind in MessageKind::ALL {
        for event in EventKind::ALL {
            let facts = make_facts(event);
            let mut target = target(kind);
            let english = read_text(kind, &render(&target, &facts).1);
            target.language = Language::Zh;
            let chinese = read_text(kind, &render(&target, &facts).1);
            assert_ne!(english, chinese);
            for text in [english, chinese] {
                assert!(
                    text.contains("registry.example:5000/team/sub/app"),
                    "{text}"
                );
                assert!(!text.contains("message.") && !text.contains('{'), "{text}");
                assert!(
                    text.ends_with(&crate::target::facts::find_page(&facts)),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn a_failed_build_says_repository_rule_ref_commit_reason_and_page() {
    let target = target(MessageKind::Wecom);
    let (_, body) = render(&target, &make_facts(EventKind::BuildFailed));
    let expected = format!(
        "Build 12 of registry.example:5000/team/sub/app failed\n\
         Rule: main\n\
         Branch or tag: refs/heads/main\n\
         Commit: {COMMIT}\n\
         Tags: v1\n\
         Reason: step_failed\n\
         By: alice\n\
         Time: 2023-11-14T22:13:20Z\n\
         https://registry.example:5000/repositories/team/sub/app/builds/12"
    );
    assert_eq!(body["text"]["content"], expected);
}

#[test]
fn every_sentence_of_the_catalogue_is_said() {
    let source = include_str!("text.rs");
    let events = EventKind::ALL.map(EventKind::as_str);
    let keys: Vec<_> = wharf_messages::list_keys()
        .filter_map(|key| key.strip_prefix("message."))
        .collect();
    assert!(keys.len() > 10);
    for key in keys {
        let word = key.strip_prefix("line.").unwrap_or(key);
        let is_said = events.contains(&key)
            || source.contains(&format!("(\"{word}\""))
            || source.contains(&format!("\"message.{key}\""));
        assert!(is_said || key.starts_with("mail."), "{key}");
    }
}

#[test]
fn bodies_have_the_form_that_each_product_documents() {
    let facts = make_facts(EventKind::TagCreated);
    let (_, wecom) = render(&target(MessageKind::Wecom), &facts);
    assert_eq!(wecom["msgtype"], "text");
    let (_, dingtalk) = render(&target(MessageKind::Dingtalk), &facts);
    assert_eq!(dingtalk["msgtype"], "text");
    assert_eq!(dingtalk["at"]["isAtAll"], false);
    let (_, feishu) = render(&target(MessageKind::Feishu), &facts);
    assert_eq!(feishu["msg_type"], "post");
    let post = &feishu["content"]["post"]["en_us"];
    assert_eq!(
        post["title"],
        "New image registry.example:5000/team/sub/app:v1"
    );
    assert_eq!(post["content"][0][0]["text"], format!("Digest: {DIGEST}"));
    let last = post["content"].as_array().and_then(|lines| lines.last());
    assert_eq!(last.expect("a line")[0]["tag"], "a");
    let (_, slack) = render(&target(MessageKind::Slack), &facts);
    assert_eq!(slack["mrkdwn"], false);
    assert_eq!(slack["link_names"], false);
}

/// Expected values by `openssl dgst -sha256 -hmac`, as the products' documents describe it.
#[test]
fn dingtalk_and_feishu_sign_as_they_document() {
    let facts = make_facts(EventKind::TagCreated);
    let (request, _) = render(&target(MessageKind::Dingtalk), &facts);
    let url = request.url.expose();
    let find = |name: &str| {
        let mut pairs = url.query_pairs();
        pairs
            .find(|(own, _)| own == name)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(find("access_token").as_deref(), Some("robotsecret"));
    assert_eq!(find("timestamp").as_deref(), Some("1700000100123"));
    assert_eq!(
        find("sign").as_deref(),
        Some("JRrhToxweYyaiLkS5Wi8iCVvpUmlVcZNQVtcRb51oQ8=")
    );
    assert!(
        url.query().is_some_and(|query| !query.contains('+')),
        "{url}"
    );

    let (_, body) = render(&target(MessageKind::Feishu), &facts);
    assert_eq!(body["timestamp"], "1700000100");
    assert_eq!(body["sign"], "PuyhAb5c4kvsY99EoLZMg9GHn6wFs0Y/KxslGTyKEzk=");

    let mut unsigned = target(MessageKind::Feishu);
    unsigned.secret = None;
    let (_, body) = render(&unsigned, &facts);
    assert!(body.get("sign").is_none() && body.get("timestamp").is_none());
}

/// Row M91 of the list of attacks, for each product.
#[test]
fn m91_a_name_is_only_text_for_every_product() {
    let name = "<!channel>@everyone@all<at>x</at><@U1>";
    for kind in MessageKind::ALL {
        for template in [None, Some("{{ actor }} {{ build.ref }}".to_owned())] {
            let mut facts = make_facts(EventKind::BuildFailed);
            facts.actor = format!("{name}\r\n# [x](https://evil.example)");
            if let Some(build) = &mut facts.build {
                build.reference =
                    Some(format!("refs/heads/{name}").parse().expect("git allows it"));
            }
            let mut target = target(kind);
            target.template = template;
            for url in [
                target.url.clone(),
                TargetUrl::parse(&Secret::new("https://mattermost.example/hooks/robotsecret"))
                    .expect("a URL"),
            ] {
                target.url = url;
                let text = read_text(kind, &render(&target, &facts).1);
                for part in [
                    "<!",
                    "<at",
                    "<@",
                    "@everyone",
                    "@all",
                    "\r",
                    "https://evil",
                    "\n#",
                ] {
                    assert!(!text.contains(part), "{kind:?} {part}: {text}");
                }
            }
        }
    }
    let mut mattermost = target(MessageKind::Slack);
    mattermost.url =
        TargetUrl::parse(&Secret::new("https://m.example/hooks/robotsecret")).expect("a URL");
    let mut facts = make_facts(EventKind::TagCreated);
    facts.actor = "[x](y) *b*".to_owned();
    let text = read_text(MessageKind::Slack, &render(&mattermost, &facts).1);
    assert!(text.contains(r"\[x\]\(y\) \*b\*"), "{text}");
}

#[test]
fn a_text_is_cut_to_what_each_product_takes() {
    let template = format!("{}{{{{ tag }}}}", "发\"".repeat(3000));
    for (kind, limit) in [
        (MessageKind::Wecom, 2048),
        (MessageKind::Dingtalk, 20_000),
        (MessageKind::Feishu, 20_000),
        (MessageKind::Slack, 4000),
    ] {
        let mut target = target(kind);
        target.template = Some(template.clone());
        let (request, body) = render(&target, &make_facts(EventKind::TagCreated));
        let text = read_text(kind, &body);
        let length = match kind {
            MessageKind::Wecom | MessageKind::Slack => text.len(),
            _ => request.body().len(),
        };
        assert!(length <= limit, "{kind:?}: {length}");
        assert!(limit >= 20_000 || text.ends_with('…'), "{kind:?}");
    }
}

#[test]
fn codes_inside_of_a_success_are_read() {
    use ReasonWord::{AnswerUnreadable, RateLimited, VendorBusy, VendorRefused};
    type Judge = fn(&str) -> Outcome;
    let cases: [(Judge, &str, Option<ReasonWord>); 18] = [
        (wecom::judge_body, r#"{"errcode":0,"errmsg":"ok"}"#, None),
        (
            wecom::judge_body,
            r#"{"errcode":45009,"errmsg":"api freq out of limit"}"#,
            Some(RateLimited),
        ),
        (
            wecom::judge_body,
            r#"{"errcode":93000,"errmsg":"invalid webhook url"}"#,
            Some(VendorRefused),
        ),
        (
            wecom::judge_body,
            r#"{"errcode":-1,"errmsg":"system busy"}"#,
            Some(VendorBusy),
        ),
        (
            wecom::judge_body,
            "<html>login</html>",
            Some(AnswerUnreadable),
        ),
        (dingtalk::judge_body, r#"{"errcode":0,"errmsg":"ok"}"#, None),
        (
            dingtalk::judge_body,
            r#"{"errcode":310000,"errmsg":"sign not match"}"#,
            Some(VendorRefused),
        ),
        (
            dingtalk::judge_body,
            r#"{"errcode":130101,"errmsg":"send too fast"}"#,
            Some(RateLimited),
        ),
        (
            dingtalk::judge_body,
            r#"{"errcode":410100,"errmsg":"send too fast"}"#,
            Some(RateLimited),
        ),
        (
            feishu::judge_body,
            r#"{"code":0,"msg":"success","data":{}}"#,
            None,
        ),
        (
            feishu::judge_body,
            r#"{"Extra":null,"StatusCode":0,"StatusMessage":"success"}"#,
            None,
        ),
        (
            feishu::judge_body,
            r#"{"code":19024,"msg":"Key Words Not Found"}"#,
            Some(VendorRefused),
        ),
        (
            feishu::judge_body,
            r#"{"code":19021,"msg":"sign match fail or timestamp is not within one hour from current time"}"#,
            Some(VendorRefused),
        ),
        (
            feishu::judge_body,
            r#"{"code":11232,"msg":"frequency limited psm"}"#,
            Some(RateLimited),
        ),
        (slack::judge_body, "ok", None),
        (slack::judge_body, r#"{"success":true}"#, None),
        (
            slack::judge_body,
            r#"{"success":false,"error":"no such channel"}"#,
            Some(VendorRefused),
        ),
        (slack::judge_body, "<html>", Some(AnswerUnreadable)),
    ];
    for (judge, body, expected) in cases {
        let word = match judge(body) {
            Outcome::Delivered => None,
            Outcome::Retry { reason, .. } | Outcome::Refused { reason } => Some(reason.word),
            Outcome::Gone => panic!("{body}"),
        };
        assert_eq!(word, expected, "{body}");
    }
    let penalty = dingtalk::judge_body(r#"{"errcode":410100,"errmsg":"x"}"#);
    assert!(matches!(penalty, Outcome::Retry { after: Some(wait), .. } if wait.as_secs() == 600));
}

#[test]
fn a_secret_where_nothing_is_signed_and_a_template_with_a_mistake_are_refused() {
    let kinds = [EventKind::TagCreated];
    for kind in MessageKind::ALL {
        assert_eq!(target(kind).check(&kinds), Ok(()));
        let mut with_secret = target(kind);
        with_secret.secret = Some(Secret::new("SECsigningsecret"));
        assert_eq!(with_secret.check(&kinds).is_ok(), kind.signs());
        let mut mistaken = target(kind);
        mistaken.template = Some("a\n{{ nothing }}".to_owned());
        let error = mistaken.check(&kinds);
        assert!(
            matches!(error, Err(TargetError::Template { line: 2, .. })),
            "{error:?}"
        );
        mistaken.template = Some("{% if build %}{{ tag }}{% endif %}".to_owned());
        assert!(render_message(&mistaken, &make_facts(EventKind::TagCreated), "id", NOW).is_err());
    }
}

#[test]
fn no_secret_of_a_robot_is_shown() {
    for kind in MessageKind::ALL {
        let target = target(kind);
        let (request, _) = render(&target, &make_facts(EventKind::TagCreated));
        let shown = format!("{:?} {request:?} {target:?}", request.show());
        for secret in ["robotsecret", "SECsigningsecret"] {
            assert!(!shown.contains(secret), "{shown}");
        }
    }
}
