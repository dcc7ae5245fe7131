//! `[code_hosts."HOST"]`: the OAuth app that this installation is at a code host, so that people can sign in there by a
//! code instead of a token they make.

use wharf_app::OauthApp;
use wharf_model::{SecretText, SourceAddress, SourceScheme};

use crate::config::document::name_subsection;
use crate::config::problem::{Complaint, Problem};
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "code_hosts";

/// The one that can be set in the environment alone (`WHARF_CODE_HOSTS_GITHUB_COM_CLIENT_ID`): a variable's name does not
/// tell the dots of other hosts.
const GITHUB: &str = "github.com";

pub(super) fn read_code_hosts(reader: &mut Reader) -> Vec<OauthApp> {
    reader.know_section(SECTION);
    let mut names = reader.list_subsections(SECTION);
    if !names.iter().any(|name| name == GITHUB) {
        names.push(GITHUB.to_owned());
    }
    names
        .iter()
        .filter_map(|name| read_code_host(reader, name))
        .collect()
}

fn read_code_host(reader: &mut Reader, name: &str) -> Option<OauthApp> {
    let place = reader.find_subsection(SECTION, name);
    let section = name_subsection(SECTION, name);
    let client_id = reader.take_optional(
        &section,
        "client_id",
        |value| value.as_text().map(|text| text.trim().to_owned()),
        Clone::clone,
    );
    let client_secret = reader.take_optional(&section, "client_secret", parse_secret, |_| {
        super::MASK.to_owned()
    });
    let mut complain = |key| {
        let mut problem = Problem::error(key).with("value", name);
        if let Some(place) = place.clone() {
            problem = problem.at(place);
        }
        reader.report(problem);
        None
    };
    let whole = match name.contains("://") {
        true => name.to_owned(),
        false => format!("https://{name}"),
    };
    let address = match whole.parse::<SourceAddress>() {
        Ok(address) if address.scheme() != SourceScheme::Ssh => address,
        _ => return complain("config.code_host"),
    };
    match client_id {
        Some(client_id) => Some(OauthApp {
            address,
            client_id,
            client_secret,
        }),
        None if client_secret.is_some() => complain("config.code_host_client_id"),
        None => None,
    }
}

fn parse_secret(value: &RawValue) -> Result<SecretText, Complaint> {
    // Not `as_text` alone: its complaint about a wrong type would repeat the value.
    match value {
        RawValue::Word(text) | RawValue::Text(text) if !text.trim().is_empty() => {
            Ok(SecretText::new(text.trim()))
        }
        _ => Err(Complaint::new("config.token_type")),
    }
}
