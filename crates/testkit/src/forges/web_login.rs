//! GitHub's web application flow (docs.github.com, "Authorizing OAuth apps"): whoever comes agrees at once.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::api::refuse;
use super::device::{CLIENT_ID, CLIENT_SECRET};
use super::state::State;
use crate::git::Reply;

/// Where browsers are sent to.
pub(super) const PAGE: &str = "/login/oauth/authorize";

/// A code that was given out.
#[derive(Debug, Clone)]
pub(super) struct WebCode {
    code: String,
    redirect_uri: String,
    challenge: String,
}

/// Sends the browser back with a code, or with a refusal where the test asked for one.
pub(super) fn authorize(query: &str, state: &mut State) -> Reply {
    let fields: BTreeMap<String, String> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    if field("client_id") != CLIENT_ID || field("code_challenge_method") != "S256" {
        return refuse(404, "Not Found");
    }
    let redirect_uri = field("redirect_uri").to_owned();
    let mut back = form_urlencoded::Serializer::new(String::new());
    if state.refuses_web_logins {
        back.append_pair("error", "access_denied");
    } else {
        let code = format!("{:020x}", state.next_id());
        back.append_pair("code", &code);
        state.web_codes.push(WebCode {
            code,
            redirect_uri: redirect_uri.clone(),
            challenge: field("code_challenge").to_owned(),
        });
    }
    back.append_pair("state", field("state"));
    let target = format!("{redirect_uri}?{}", back.finish());
    Reply::new(302, "").with("Location", &target)
}

/// Takes a code once, from whom it was made for.
///
/// # Errors
/// GitHub's word for what is wrong.
pub(super) fn redeem(
    form: &BTreeMap<String, String>,
    state: &mut State,
) -> Result<(), &'static str> {
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if field("client_secret") != CLIENT_SECRET {
        return Err("incorrect_client_credentials");
    }
    let place = state
        .web_codes
        .iter()
        .position(|own| own.code == field("code"));
    let code = state
        .web_codes
        .remove(place.ok_or("bad_verification_code")?);
    if code.redirect_uri != field("redirect_uri") {
        return Err("redirect_uri_mismatch");
    }
    let shown = URL_SAFE_NO_PAD.encode(Sha256::digest(field("code_verifier").as_bytes()));
    match shown == code.challenge {
        true => Ok(()),
        false => Err("bad_verification_code"),
    }
}
