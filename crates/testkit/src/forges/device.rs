//! GitHub's device flow (RFC 8628; docs.github.com, "Authorizing OAuth apps"), and what its web flow shares with it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::api::{json as reply, refuse};
use super::state::{ForgeProduct, Shared, State, Token};
use super::web_login;
use crate::git::{GitRequest, Reply};

/// The application that a test's server knows.
pub(super) const CLIENT_ID: &str = "Iv1.8a61f9b3a7aba766";
/// Its secret.
pub(super) const CLIENT_SECRET: &str = "the-secret-of-the-application";

/// A sign-in that was begun.
#[derive(Debug, Clone)]
pub(super) struct DeviceCode {
    pub(super) device_code: String,
    pub(super) user_code: String,
    pub(super) answer: DeviceAnswer,
    /// How often `slow_down` is said before anything else.
    pub(super) slow_downs: u32,
}

/// What the person did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeviceAnswer {
    Nothing,
    Approved,
    Refused,
    Expired,
}

/// Answers the pages of the flows; `None` for others.
pub(super) fn answer(request: &GitRequest, shared: &Shared) -> Option<Reply> {
    let form: BTreeMap<String, String> = url::form_urlencoded::parse(&request.body)
        .into_owned()
        .collect();
    match (&*request.method, &*request.path) {
        ("POST", "/login/device/code") => Some(start(&form, shared)),
        ("GET", web_login::PAGE) => Some(web_login::authorize(&request.query, &mut shared.state())),
        ("POST", "/login/oauth/access_token") => Some(give_token(&form, &mut shared.state())),
        _ => None,
    }
}

fn start(form: &BTreeMap<String, String>, shared: &Shared) -> Reply {
    if form.get("client_id").map(String::as_str) != Some(CLIENT_ID) {
        return refuse(404, "Not Found");
    }
    let mut state = shared.state();
    let number = state.next_id();
    let code = DeviceCode {
        device_code: format!("3584d83530557fdd1f46af8289938c8ef79f9d{number}"),
        user_code: format!("WDJB-{number:04}"),
        answer: DeviceAnswer::Nothing,
        slow_downs: 0,
    };
    let shown = json!({
        "device_code": code.device_code,
        "user_code": code.user_code,
        "verification_uri": format!("{}/login/device", shared.url),
        "expires_in": 900,
        "interval": 5,
    });
    state.devices.push(code);
    reply(200, &shown)
}

fn give_token(form: &BTreeMap<String, String>, state: &mut State) -> Reply {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if field("client_id") != CLIENT_ID {
        return complain("incorrect_client_credentials");
    }
    match field("grant_type") {
        "urn:ietf:params:oauth:grant-type:device_code" => {
            let code = field("device_code");
            let Some(device) = state.devices.iter_mut().find(|own| own.device_code == code) else {
                return complain("incorrect_device_code");
            };
            if device.slow_downs > 0 {
                device.slow_downs -= 1;
                return reply(200, &json!({ "error": "slow_down", "interval": 10 }));
            }
            match device.answer {
                DeviceAnswer::Nothing => complain("authorization_pending"),
                DeviceAnswer::Refused => complain("access_denied"),
                DeviceAnswer::Expired => complain("expired_token"),
                DeviceAnswer::Approved => {
                    state.devices.retain(|own| own.device_code != code);
                    reply(200, &grant(state))
                }
            }
        }
        // The web flow names none.
        "" => match web_login::redeem(form, state) {
            Ok(()) => reply(200, &grant(state)),
            Err(error) => complain(error),
        },
        "refresh_token" => {
            if field("client_secret") != CLIENT_SECRET {
                return complain("incorrect_client_credentials");
            }
            match state.refresh_tokens.remove(field("refresh_token")) {
                true => reply(200, &grant(state)),
                false => complain("bad_refresh_token"),
            }
        }
        _ => complain("unsupported_grant_type"),
    }
}

/// GitHub says failures with status 200.
fn complain(error: &str) -> Reply {
    reply(
        200,
        &json!({ "error": error, "error_description": format!("The sign-in failed: {error}.") }),
    )
}

fn grant(state: &mut State) -> Value {
    let number = state.next_id();
    let (token, refresh) = (format!("ghu_{number:036}"), format!("ghr_{number:036}"));
    let scopes = ForgeProduct::GitHub
        .all_scopes()
        .iter()
        .map(|&scope| scope.to_owned());
    state.tokens.insert(
        token.clone(),
        Token {
            scopes: scopes.collect(),
            is_fine_grained: false,
            is_expired: false,
        },
    );
    state.refresh_tokens.insert(refresh.clone());
    json!({
        "access_token": token,
        "expires_in": 28800,
        "refresh_token": refresh,
        "refresh_token_expires_in": 15_811_200,
        "scope": "",
        "token_type": "bearer",
    })
}
