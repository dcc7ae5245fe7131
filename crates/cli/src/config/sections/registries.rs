//! `[registries."HOST"]`: mirrors, and how a registry is trusted. The way to images where Docker Hub cannot be reached.

use std::path::PathBuf;

use wharf_client::{Mirror, Registries, RegistryHost, RegistrySettings};

use crate::config::document::name_subsection;
use crate::config::problem::{Complaint, Problem};
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "registries";

/// The one that can be set in the environment alone (`WHARF_REGISTRIES_DOCKER_IO_MIRRORS`): a variable's name does not
/// tell the dots of other hosts.
const DOCKER_HUB: &str = "docker.io";

pub(super) fn read_registries(reader: &mut Reader) -> Registries {
    reader.know_section(SECTION);
    let mut names = reader.list_subsections(SECTION);
    if !names.iter().any(|name| name == DOCKER_HUB) {
        names.push(DOCKER_HUB.to_owned());
    }
    let settings: Vec<_> = names
        .iter()
        .filter_map(|name| read_registry(reader, name))
        .collect();
    Registries::new(settings)
}

fn read_registry(reader: &mut Reader, name: &str) -> Option<(RegistryHost, RegistrySettings)> {
    let place = reader.find_subsection(SECTION, name);
    let section = name_subsection(SECTION, name);
    let show_mirrors = |mirrors: &Vec<Mirror>| {
        let hosts: Vec<&str> = mirrors.iter().map(|mirror| mirror.host.as_str()).collect();
        hosts.join(", ")
    };
    let settings = RegistrySettings {
        mirrors: reader
            .take_optional(&section, "mirrors", parse_mirrors, show_mirrors)
            .unwrap_or_default(),
        insecure: reader
            .take_optional(&section, "insecure", RawValue::as_boolean, bool::to_string)
            .unwrap_or(false),
        ca_file: reader.take_optional(
            &section,
            "ca_file",
            |value| value.as_text().map(PathBuf::from),
            |path| path.display().to_string(),
        ),
    };
    match name.parse() {
        Ok(host) => (settings != RegistrySettings::default()).then_some((host, settings)),
        Err(_) => {
            let mut problem = Problem::error("config.registry_host").with("value", name);
            if let Some(place) = place {
                problem = problem.at(place);
            }
            reader.report(problem);
            None
        }
    }
}

fn parse_mirrors(value: &RawValue) -> Result<Vec<Mirror>, Complaint> {
    // One mirror is the common case, and brackets are easily forgotten.
    let texts = match value {
        RawValue::Text(text) => vec![text.clone()],
        other => other.as_list()?,
    };
    texts
        .iter()
        .map(|text| {
            text.parse().map_err(|error: wharf_client::ClientError| {
                Complaint::new("config.mirror_form").with("cause", error.to_string())
            })
        })
        .collect()
}
