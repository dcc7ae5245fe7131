//! `[oidc]`: the identity provider that people may sign in through, and what its groups give.

use url::Url;
use wharf_app::accounts::{GroupRole, OidcSettings};
use wharf_integrations::Secret as ClientSecret;
use wharf_integrations::oidc::ProviderSettings;

use super::Secret;
use crate::config::problem::{Complaint, Problem};
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "oidc";

/// What is asked for: who somebody is, what they are called, and how to write to them.
const SCOPES: [&str; 3] = ["openid", "profile", "email"];

pub(super) fn read_oidc(reader: &mut Reader) -> Option<OidcSettings> {
    let issuer = reader.take_optional(SECTION, "issuer", parse_issuer, Clone::clone);
    let client_id = reader.take_optional(SECTION, "client_id", parse_text, Clone::clone);
    let client_secret = reader.take_optional(SECTION, "client_secret", parse_secret, |_| {
        super::MASK.to_owned()
    });
    let name = reader.take_optional(SECTION, "name", parse_text, Clone::clone);
    let mut list = |key, default: Vec<String>| {
        reader.take_or(SECTION, key, RawValue::as_list, default, |list| {
            list.join(", ")
        })
    };
    let scopes = list("scopes", SCOPES.map(str::to_owned).to_vec());
    let allowed_groups = list("allowed_groups", Vec::new());
    let admin_groups = list("admin_groups", Vec::new());
    let roles = reader.take_or(SECTION, "roles", parse_roles, Vec::new(), |roles| {
        let show =
            |role: &GroupRole| format!("{}={}:{}", role.group, role.namespace, role.role.as_str());
        roles.iter().map(show).collect::<Vec<_>>().join(", ")
    });
    let groups_claim = reader.take_or(
        SECTION,
        "groups_claim",
        parse_text,
        "groups".to_owned(),
        Clone::clone,
    );
    let issuer = issuer?;
    let Some(client_id) = client_id else {
        reader.report(
            Problem::error("config.oidc_client_missing")
                .about("oidc.client_id")
                .with("value", issuer),
        );
        return None;
    };
    let host = read_host(&issuer);
    Some(OidcSettings {
        name: name.unwrap_or(host),
        provider: ProviderSettings {
            issuer,
            client_id,
            client_secret: client_secret.map(|secret| ClientSecret::new(secret.expose())),
            scopes: with_openid(scopes),
            groups_claim,
        },
        allowed_groups,
        admin_groups,
        roles,
    })
}

/// Without it there is no ID token.
fn with_openid(mut scopes: Vec<String>) -> Vec<String> {
    if !scopes.iter().any(|scope| scope == SCOPES[0]) {
        scopes.insert(0, SCOPES[0].to_owned());
    }
    scopes
}

fn parse_text(value: &RawValue) -> Result<String, Complaint> {
    value.as_text().map(|text| text.trim().to_owned())
}

fn read_host(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    let host = url.as_ref().and_then(Url::host_str);
    host.unwrap_or_default().to_owned()
}

/// An address, kept as it is written: the provider's tokens have it letter by letter.
fn parse_issuer(value: &RawValue) -> Result<String, Complaint> {
    let text = value.as_text()?.trim();
    let complain = || Complaint::new("config.oidc_issuer").with("value", text);
    let url = Url::parse(text).map_err(|_| complain())?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    plain.then(|| text.to_owned()).ok_or_else(complain)
}

fn parse_secret(value: &RawValue) -> Result<Secret, Complaint> {
    // Not `as_text` alone: its complaint about a wrong type would repeat the value.
    let (RawValue::Word(text) | RawValue::Text(text)) = value else {
        return Err(Complaint::new("config.oidc_secret"));
    };
    Ok(Secret::new(text.as_str()))
}

/// `GROUP=NAMESPACE:ROLE`; a group's name may hold anything, so the last `=` counts.
fn parse_roles(value: &RawValue) -> Result<Vec<GroupRole>, Complaint> {
    let read = |text: &String| {
        let (group, place) = text.rsplit_once('=')?;
        let (namespace, role) = place.trim().rsplit_once(':')?;
        Some(GroupRole {
            group: group.trim().to_owned(),
            namespace: namespace.trim().parse().ok()?,
            role: role.trim().parse().ok()?,
        })
    };
    value
        .as_list()?
        .iter()
        .map(|text| {
            read(text).ok_or_else(|| Complaint::new("config.oidc_role").with("value", text))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_names_group_namespace_and_role() {
        let read = |text: &str| parse_roles(&RawValue::List(vec![RawValue::Text(text.into())]));
        let Ok(found) = read("CN=dev,OU=x = shop:developer") else {
            panic!("a mapping is refused");
        };
        assert_eq!(found[0].group, "CN=dev,OU=x");
        assert_eq!(found[0].namespace.as_str(), "shop");
        assert_eq!(found[0].role, wharf_model::Role::Developer);
        for odd in ["dev", "dev=shop", "dev=shop:root", "dev=Shop:owner"] {
            assert!(read(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn an_issuer_is_kept_letter_by_letter() {
        let read = |text: &str| parse_issuer(&RawValue::Text(text.into())).ok();
        for issuer in [
            "https://id.example",
            "https://id.example/",
            "https://id.example/realms/main/",
        ] {
            assert_eq!(read(issuer).as_deref(), Some(issuer));
        }
        assert_eq!(read("id.example"), None);
        assert_eq!(read_host("https://id.example/"), "id.example");
    }

    #[test]
    fn an_id_token_is_always_asked_for() {
        assert_eq!(with_openid(vec!["groups".into()]), ["openid", "groups"]);
    }
}
