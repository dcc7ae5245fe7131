//! How real receivers check what they get, by their makers' published rules and with other code than the sender's.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::receiver::ReceiverRequest;
use crate::forges::sign;

/// Checks a request by Standard Webhooks (`spec/standard-webhooks.md`, "Verifying signatures"), within five minutes of
/// `now` (seconds); answers its id.
///
/// # Errors
/// What is wrong, in words.
pub fn check_standard_webhook(
    request: &ReceiverRequest,
    secret: &str,
    now: i64,
) -> Result<String, String> {
    let header = |name: &str| {
        let value = request.header(name).ok_or(format!("no {name}"))?;
        Ok::<_, String>(value.to_owned())
    };
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let at: i64 = timestamp
        .parse()
        .map_err(|_| format!("{timestamp} is no time"))?;
    if (now - at).abs() > 300 {
        return Err(format!("{at} is not near {now}"));
    }
    let expected = sign_standard_webhook(secret, &id, &timestamp, &request.body);
    let signatures = header("webhook-signature")?;
    match signatures.split(' ').any(|signature| signature == expected) {
        true => Ok(id),
        false => Err(format!("{signatures} is not {expected}")),
    }
}

/// `v1,BASE64` over an id, a time and a body.
pub fn sign_standard_webhook(secret: &str, id: &str, timestamp: &str, body: &str) -> String {
    let key = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = STANDARD.decode(key).expect("a secret in base64");
    let signed = format!("{id}.{timestamp}.{body}");
    format!("v1,{}", STANDARD.encode(sign(&key, signed.as_bytes())))
}

/// Checks `timestamp` and `sign` of the query by DingTalk's rule ("自定义机器人安全设置", "加签"), within an hour of `now`
/// (milliseconds).
///
/// # Errors
/// What is wrong, in words.
pub fn check_dingtalk_signature(
    request: &ReceiverRequest,
    secret: &str,
    now: i64,
) -> Result<(), String> {
    let url = url::Url::parse("http://robot").and_then(|base| base.join(&request.target));
    let url = url.map_err(|error| error.to_string())?;
    let find = |name: &str| {
        let mut pairs = url.query_pairs();
        let found = pairs.find(|(own, _)| own == name);
        found
            .map(|(_, value)| value.into_owned())
            .ok_or(format!("no {name}"))
    };
    let timestamp = find("timestamp")?;
    let at: i64 = timestamp
        .parse()
        .map_err(|_| format!("{timestamp} is no time"))?;
    if (now - at).abs() > 3_600_000 {
        return Err(format!("{at} is not near {now}"));
    }
    let signed = format!("{timestamp}\n{secret}");
    let expected = STANDARD.encode(sign(secret.as_bytes(), signed.as_bytes()));
    match find("sign")? == expected {
        true => Ok(()),
        false => Err("sign not match".to_owned()),
    }
}

/// Checks `timestamp` and `sign` of the body by Feishu's rule ("自定义机器人使用指南", "签名校验"), within an hour of `now`
/// (seconds).
///
/// # Errors
/// What is wrong, in words.
pub fn check_feishu_signature(
    request: &ReceiverRequest,
    secret: &str,
    now: i64,
) -> Result<(), String> {
    let body: serde_json::Value =
        serde_json::from_str(&request.body).map_err(|error| error.to_string())?;
    let timestamp = body["timestamp"].as_str().ok_or("no timestamp")?;
    let at: i64 = timestamp
        .parse()
        .map_err(|_| format!("{timestamp} is no time"))?;
    if (now - at).abs() > 3600 {
        return Err(format!("{at} is not near {now}"));
    }
    let key = format!("{timestamp}\n{secret}");
    let expected = STANDARD.encode(sign(key.as_bytes(), b""));
    match body["sign"] == expected.as_str() {
        true => Ok(()),
        false => Err("sign match fail".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `libraries/go/webhook_test.go` (`TestWebhookSign`) of standard-webhooks/standard-webhooks.
    #[test]
    fn the_published_vector_comes_out() {
        let signature = sign_standard_webhook(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
