//! `[server]`: where wharf listens, how it is called from outside, and whom it believes about that.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use jiff::tz::TimeZone;
use url::Url;

use crate::config::problem::{Complaint, Problem};
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "server";

/// Loopback, because a first start must not offer itself to the network; 5000, because that is where people look for
/// a registry.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5000);

/// `[server]` of `wharf.toml`.
#[derive(Clone, Debug)]
pub(crate) struct ServerConfig {
    /// Port 0 lets the system choose one.
    pub(crate) listen: SocketAddr,
    /// How clients reach this server, when that differs from what they ask for: scheme, host, port, no path.
    pub(crate) public_url: Option<Url>,
    /// Peers whose `Forwarded` and `X-Forwarded-*` headers are believed.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Other names of this registry, as `host` or `host:port`: what FROM lines call it.
    pub(crate) aliases: Vec<String>,
    /// Where the times in images' names are told.
    pub(crate) timezone: TimeZone,
    /// Lets people sign in over plain HTTP from other machines.
    pub(crate) insecure_login: bool,
    pub(crate) tls: Option<TlsFiles>,
}

/// The two files of a certificate; both are read again when they change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// PEM: the certificate first, then its chain.
    pub(crate) cert_file: PathBuf,
    /// PEM: its private key.
    pub(crate) key_file: PathBuf,
}

pub(super) fn read_server(reader: &mut Reader) -> ServerConfig {
    ServerConfig {
        listen: reader.take_or(
            SECTION,
            "listen",
            parse_listen,
            DEFAULT_LISTEN,
            SocketAddr::to_string,
        ),
        public_url: reader.take_optional(SECTION, "public_url", parse_public_url, show_origin),
        trusted_proxies: reader.take_or(
            SECTION,
            "trusted_proxies",
            parse_networks,
            Vec::new(),
            |networks| show_list(networks),
        ),
        insecure_login: reader.take_or(
            SECTION,
            "insecure_login",
            RawValue::as_boolean,
            false,
            bool::to_string,
        ),
        tls: read_tls(reader),
        aliases: read_aliases(reader),
        timezone: read_timezone(reader),
    }
}

fn read_aliases(reader: &mut Reader) -> Vec<String> {
    let show = |names: &Vec<String>| names.join(", ");
    reader.take_or(SECTION, "aliases", parse_aliases, Vec::new(), show)
}

/// `timezone`: an IANA name.
fn read_timezone(reader: &mut Reader) -> TimeZone {
    let show = |zone: &TimeZone| zone.iana_name().unwrap_or("UTC").to_owned();
    reader.take_or(SECTION, "timezone", parse_timezone, TimeZone::UTC, show)
}

fn read_tls(reader: &mut Reader) -> Option<TlsFiles> {
    let cert_place = reader.find_place(SECTION, "tls_cert_file");
    let key_place = reader.find_place(SECTION, "tls_key_file");
    let parse = |value: &RawValue| value.as_text().map(PathBuf::from);
    let show = |path: &PathBuf| path.display().to_string();
    let cert_file = reader.take_optional(SECTION, "tls_cert_file", parse, show);
    let key_file = reader.take_optional(SECTION, "tls_key_file", parse, show);
    let (given, place, missing) = match (cert_file, key_file) {
        (Some(cert_file), Some(key_file)) => {
            return Some(TlsFiles {
                cert_file,
                key_file,
            });
        }
        (Some(_), None) => ("server.tls_cert_file", cert_place, "tls_key_file"),
        (None, Some(_)) => ("server.tls_key_file", key_place, "tls_cert_file"),
        (None, None) => return None,
    };
    let mut problem = Problem::error("config.tls_half")
        .about(given)
        .with("missing", missing);
    if let Some(place) = place {
        problem = problem.at(place);
    }
    reader.report(problem);
    None
}

/// `ADDRESS:PORT` with a numeric address: a name could resolve to something else at the next start.
pub(super) fn parse_listen(value: &RawValue) -> Result<SocketAddr, Complaint> {
    let text = value.as_text()?;
    text.parse()
        .map_err(|_| Complaint::new("config.listen_form").with("value", text))
}

fn parse_public_url(value: &RawValue) -> Result<Url, Complaint> {
    let text = value.as_text()?;
    let complain = |key| Complaint::new(key).with("value", text);
    let url = Url::parse(text).map_err(|_| complain("config.public_url_form"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err(complain("config.public_url_form"));
    }
    let has_login = !url.username().is_empty() || url.password().is_some();
    // The registry protocol is fixed at `/v2/` of its host: a path could never be reached by a client.
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || has_login {
        return Err(complain("config.public_url_extra").with("origin", show_origin(&url)));
    }
    Ok(url)
}

fn parse_aliases(value: &RawValue) -> Result<Vec<String>, Complaint> {
    let names = value.as_list()?;
    for name in &names {
        // A URL parser knows what a host and a port are; anything else in the name makes it look like more.
        let host_only = Url::parse(&format!("http://{name}")).is_ok_and(|url| {
            url.path() == "/" && url.query().is_none() && !name.contains(['/', '@', '?', '#'])
        });
        if !host_only {
            return Err(Complaint::new("config.alias_form").with("value", name));
        }
    }
    Ok(names)
}

fn parse_networks(value: &RawValue) -> Result<Vec<IpNet>, Complaint> {
    value
        .as_list()?
        .into_iter()
        .map(|text| {
            text.parse::<IpNet>()
                .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
                .map_err(|_| Complaint::new("config.network_form").with("value", text))
        })
        .collect()
}

fn parse_timezone(value: &RawValue) -> Result<TimeZone, Complaint> {
    let name = value.as_text()?;
    TimeZone::get(name).map_err(|_| Complaint::new("config.timezone_unknown").with("value", name))
}

fn show_origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

fn show_list<T: ToString>(items: &[T]) -> String {
    let words: Vec<String> = items.iter().map(T::to_string).collect();
    words.join(", ")
}
