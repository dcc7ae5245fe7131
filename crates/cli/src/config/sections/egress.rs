//! `[egress]`: how wharf itself reaches other machines.

use std::path::PathBuf;

use url::Url;
use wharf_egress::AllowEntry;

use crate::config::problem::Complaint;
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "egress";

/// `[egress]` of `wharf.toml`.
#[derive(Clone, Debug, Default)]
pub(crate) struct EgressConfig {
    /// Private places that the server may dial, and where it may speak plain http. Commands are not bound by it.
    pub(crate) allow: Vec<AllowEntry>,
    /// Instead of the environment's `HTTP_PROXY` and `HTTPS_PROXY`.
    pub(crate) proxy: Option<Url>,
    /// Authorities that are believed beside the system's.
    pub(crate) ca_file: Option<PathBuf>,
}

pub(super) fn read_egress(reader: &mut Reader) -> EgressConfig {
    let show_entries = |entries: &Vec<AllowEntry>| {
        let texts: Vec<String> = entries.iter().map(ToString::to_string).collect();
        texts.join(", ")
    };
    EgressConfig {
        allow: reader
            .take_optional(SECTION, "allow", parse_allow, show_entries)
            .unwrap_or_default(),
        proxy: reader.take_optional(SECTION, "proxy", parse_proxy, show_proxy),
        ca_file: reader.take_optional(
            SECTION,
            "ca_file",
            |value| value.as_text().map(PathBuf::from),
            |path| path.display().to_string(),
        ),
    }
}

/// Addresses, networks, and ports of hosts.
fn parse_allow(value: &RawValue) -> Result<Vec<AllowEntry>, Complaint> {
    let texts = value.as_list()?;
    texts
        .iter()
        .map(|text| {
            text.parse()
                .map_err(|_| Complaint::new("config.allow_form").with("value", text))
        })
        .collect()
}

fn parse_proxy(value: &RawValue) -> Result<Url, Complaint> {
    let text = value.as_text()?;
    let whole = match text.contains("://") {
        true => text.to_owned(),
        false => format!("http://{text}"),
    };
    // The value may hold a password: it is not repeated.
    let url = Url::parse(&whole).map_err(|_| Complaint::new("config.proxy_form"))?;
    match matches!(url.scheme(), "http" | "https") && url.has_host() {
        true => Ok(url),
        false => Err(Complaint::new("config.proxy_form")),
    }
}

fn show_proxy(url: &Url) -> String {
    let mut url = url.clone();
    if url.password().is_some() && url.set_password(Some(super::MASK)).is_err() {
        return super::MASK.to_owned();
    }
    url.to_string()
}
