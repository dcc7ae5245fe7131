//! `--add-host`: lines for the steps' `/etc/hosts`.

use std::net::IpAddr;

use super::OptionProblem;

/// The name that stands for the machine itself.
const HOST_GATEWAY: &str = "host-gateway";

/// `HOST=ADDRESS` or `HOST:ADDRESS`; several addresses stand between commas, one of IPv6 may be in brackets.
/// `gateway` is the address at which steps reach this machine, where there is one.
pub(in crate::commands::build) fn read_add_hosts(
    texts: &[String],
    gateway: Option<IpAddr>,
) -> Result<Vec<(String, IpAddr)>, OptionProblem> {
    let mut hosts = Vec::new();
    for text in texts {
        let refuse = || OptionProblem::new("add_host", "--add-host", text);
        let (host, addresses) = text
            .split_once('=')
            .or_else(|| text.split_once(':'))
            .filter(|(host, addresses)| is_host(host) && !addresses.is_empty())
            .ok_or_else(refuse)?;
        for address in addresses.split(',') {
            let address = match address == HOST_GATEWAY {
                true => {
                    gateway.ok_or_else(|| OptionProblem::new("host_gateway", "--add-host", text))?
                }
                false => unbracket(address).parse().map_err(|_| refuse())?,
            };
            hosts.push((host.to_owned(), address));
        }
    }
    Ok(hosts)
}

/// A blank or a line break in it would make a line of its own in the file.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|character| character.is_ascii_graphic() && character != '#')
}

fn unbracket(address: &str) -> &str {
    address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<String>, OptionProblem> {
        let gateway = Some("10.1.2.3".parse().expect("an address"));
        let hosts = read_add_hosts(&[text.to_owned()], gateway)?;
        Ok(hosts
            .into_iter()
            .map(|(host, address)| format!("{host} {address}"))
            .collect())
    }

    #[test]
    fn hosts_are_written_in_all_of_dockers_ways() {
        for (text, expected) in [
            ("a:10.0.0.1", vec!["a 10.0.0.1"]),
            ("a=10.0.0.1", vec!["a 10.0.0.1"]),
            ("a:::1", vec!["a ::1"]),
            ("a=[::1]", vec!["a ::1"]),
            ("a=10.0.0.1,[fd00::1]", vec!["a 10.0.0.1", "a fd00::1"]),
            (
                "host.docker.internal:host-gateway",
                vec!["host.docker.internal 10.1.2.3"],
            ),
        ] {
            assert_eq!(
                read(text),
                Ok(expected.into_iter().map(str::to_owned).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_would_break_the_file_is_refused() {
        for text in [
            "",
            "a",
            "a:",
            ":10.0.0.1",
            "a b:10.0.0.1",
            "a\n:1.1.1.1",
            "a:name",
        ] {
            assert_eq!(read(text).expect_err(text).key(), "add_host", "{text:?}");
        }
        let problem = read_add_hosts(&["a:host-gateway".to_owned()], None).expect_err("no gateway");
        assert_eq!(problem.key(), "host_gateway");
    }
}
