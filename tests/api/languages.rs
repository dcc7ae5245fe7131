//! Errors in the caller's language.

use reqwest::Method;
use serde_json::Value;

use crate::admin;

fn fail_in(language: Option<&str>) -> Value {
    let client = admin();
    let mut request = client.request(Method::GET, "/users/nobody-at-all");
    if let Some(language) = language {
        request = request.header("accept-language", language);
    }
    request.send().expect_problem(404, "not_found").json()
}

fn is_chinese(text: &Value) -> bool {
    text.as_str()
        .expect("text")
        .chars()
        .any(|character| ('\u{4e00}'..='\u{9fff}').contains(&character))
}

#[test]
fn errors_are_english_unless_asked_otherwise() {
    for language in [
        None,
        Some("en"),
        Some("en-US,en;q=0.9"),
        Some("de"),
        Some("*"),
        Some("zh;q=0, en"),
        Some(";;;"),
    ] {
        let body = fail_in(language);
        assert!(
            !is_chinese(&body["detail"]) && !is_chinese(&body["title"]),
            "{language:?}: {body}"
        );
    }
}

#[test]
fn errors_are_chinese_for_who_asks_for_it() {
    for language in [
        "zh",
        "zh-CN",
        "zh-Hans-CN",
        "ZH-cn",
        "de, zh;q=0.8, en;q=0.3",
        "zh-TW",
    ] {
        let body = fail_in(Some(language));
        assert!(
            is_chinese(&body["detail"]) && is_chinese(&body["title"]),
            "{language}: {body}"
        );
    }
}

#[test]
fn code_and_params_are_the_same_in_every_language() {
    let (english, chinese) = (fail_in(Some("en")), fail_in(Some("zh")));
    assert_ne!(english["detail"], chinese["detail"]);
    for field in ["type", "status", "code", "params"] {
        assert_eq!(english[field], chinese[field]);
    }
}

#[test]
fn a_reason_is_a_sentence_in_the_callers_language() {
    let client = admin();
    let fail = |language: &str| {
        client
            .request(Method::POST, "/namespaces")
            .header("accept-language", language)
            .json(serde_json::json!({ "name": "NOT A NAME" }))
            .send()
            .expect_problem(400, "invalid_field")
            .json()
    };
    let (english, chinese) = (fail("en"), fail("zh"));
    assert_eq!(english["params"], chinese["params"]);
    assert!(english["detail"].as_str().expect("text").contains("name"));
    assert!(is_chinese(&chinese["detail"]));
}

/// Also where one of our own parsers says what is wrong with a text; beside the field its name is not repeated.
#[test]
fn what_is_wrong_with_a_text_is_said_in_the_callers_language() {
    let client = admin();
    let fail = |language: &str| {
        let preview =
            serde_json::json!({ "naming": { "prefix": "v-${" }, "commit": "ab".repeat(20) });
        client
            .request(Method::POST, "/naming-previews")
            .header("accept-language", language)
            .json(preview)
            .send()
            .expect_problem(400, "invalid_field")
            .json()
    };
    let (english, chinese) = (fail("en"), fail("zh"));
    assert_eq!(english["params"], chinese["params"]);
    let reason = chinese["reason"].as_str().expect("text");
    assert!(is_chinese(&chinese["reason"]), "{reason}");
    assert!(
        reason.contains("花括号") && !reason.contains("brace"),
        "{reason}"
    );
    assert!(!reason.contains("naming.prefix"), "{reason}");
    assert!(chinese["detail"].as_str().expect("text").contains(reason));
}
