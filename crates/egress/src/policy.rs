//! Which addresses may be dialed, and where plain http is spoken.
//!
//! Pure: it resolves nothing and dials nothing. Called by the guard that stands between a name and a connection.

use crate::address::AddressClass;
use crate::allow::AllowEntry;
use std::net::IpAddr;

/// Who is responsible for the addresses that come in: the person at the keyboard, or a server that strangers talk to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy(Rule);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Everything,
    PublicAnd(Vec<AllowEntry>),
}

/// Whether a request may go over http without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PlainHttp {
    /// Wherever the URL says so.
    #[default]
    Anywhere,
    /// Only to places that `[egress] allow` names; under [`Policy::operator`] that is everywhere.
    Listed,
    /// Nowhere.
    Never,
}

impl Policy {
    /// Everything is allowed: for the command line, where whoever asks could dial by hand.
    pub fn operator() -> Policy {
        Policy(Rule::Everything)
    }

    /// Public addresses, and those that an entry of `[egress] allow` names.
    pub fn server(allow: impl IntoIterator<Item = AllowEntry>) -> Policy {
        Policy(Rule::PublicAnd(allow.into_iter().collect()))
    }

    /// Passes an address that may be dialed for `host` and `port`.
    ///
    /// # Errors
    /// The class for which it is denied.
    pub fn check_address(
        &self,
        host: &str,
        port: u16,
        address: IpAddr,
    ) -> Result<(), AddressClass> {
        let Rule::PublicAnd(allow) = &self.0 else {
            return Ok(());
        };
        let class = AddressClass::of(address);
        if class == AddressClass::Public
            || allow
                .iter()
                .any(|entry| entry.opens(host, port, address, class))
        {
            return Ok(());
        }
        Err(class)
    }

    /// Whether plain http may be spoken to this address of `host` and `port`.
    pub fn allows_plain_http(
        &self,
        rule: PlainHttp,
        host: &str,
        port: u16,
        address: IpAddr,
    ) -> bool {
        match (rule, &self.0) {
            (PlainHttp::Never, _) => false,
            (PlainHttp::Anywhere, _) | (PlainHttp::Listed, Rule::Everything) => true,
            (PlainHttp::Listed, Rule::PublicAnd(allow)) => {
                allow.iter().any(|entry| entry.names(host, port, address))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(allow: &[&str]) -> Policy {
        Policy::server(allow.iter().map(|text| text.parse().expect(text)))
    }

    fn check(policy: &Policy, host: &str, port: u16, address: &str) -> Result<(), AddressClass> {
        policy.check_address(host, port, address.parse().expect(address))
    }

    #[test]
    fn a_server_dials_no_private_address_that_is_not_listed() {
        for (address, class) in [
            ("127.0.0.1", AddressClass::Loopback),
            ("::ffff:127.0.0.1", AddressClass::Loopback),
            ("10.0.0.1", AddressClass::Private),
            ("169.254.169.254", AddressClass::Metadata),
            ("169.254.1.1", AddressClass::LinkLocal),
            ("100.64.0.1", AddressClass::Shared),
            ("fd12::1", AddressClass::UniqueLocal),
            ("224.0.0.1", AddressClass::Multicast),
            ("0.0.0.0", AddressClass::Unspecified),
        ] {
            assert_eq!(check(&Policy::operator(), "h", 443, address), Ok(()));
            assert_eq!(check(&server(&[]), "h", 443, address), Err(class));
        }
        assert_eq!(check(&server(&[]), "h", 443, "1.1.1.1"), Ok(()));
    }

    #[test]
    fn an_entry_opens_what_it_names_and_nothing_beside_it() {
        let policy = server(&[
            "10.0.0.5",
            "192.168.0.0/16",
            "git.internal:443",
            "[fd12::1]:80",
        ]);
        for (host, port, address, passes) in [
            ("a", 1, "10.0.0.5", true),
            ("a", 1, "::ffff:10.0.0.5", true),
            ("a", 1, "10.0.0.6", false),
            ("a", 1, "192.168.77.1", true),
            ("git.internal", 443, "10.9.9.9", true),
            ("GIT.internal.", 443, "10.9.9.9", true),
            ("git.internal", 80, "10.9.9.9", false),
            ("evil.git.internal", 443, "10.9.9.9", false),
            ("[fd12::1]", 80, "fd12::1", true),
            ("fd12::1", 81, "fd12::1", false),
        ] {
            assert_eq!(
                check(&policy, host, port, address).is_ok(),
                passes,
                "{host} {address}"
            );
        }
    }

    #[test]
    fn a_name_or_a_wide_network_opens_no_metadata_service() {
        let wide = server(&["0.0.0.0/0", "fd00::/8", "meta.internal:80"]);
        for address in ["169.254.169.254", "100.100.100.200", "fd00:ec2::254"] {
            assert_eq!(
                check(&wide, "meta.internal", 80, address),
                Err(AddressClass::Metadata)
            );
            assert_eq!(
                check(&server(&[address]), "meta.internal", 80, address),
                Ok(())
            );
        }
        let named = server(&["meta.internal:80"]);
        assert_eq!(
            check(&named, "meta.internal", 80, "169.254.1.1"),
            Err(AddressClass::LinkLocal)
        );
        assert_eq!(check(&wide, "meta.internal", 80, "169.254.1.1"), Ok(()));
    }

    #[test]
    fn one_port_of_a_network_is_open_under_every_name() {
        let network = "10.1.0.0/16".parse().expect("a network");
        let policy = Policy::server([AllowEntry::Port { network, port: 80 }]);
        assert_eq!(check(&policy, "files.internal", 80, "10.1.2.3"), Ok(()));
        assert!(check(&policy, "files.internal", 81, "10.1.2.3").is_err());
        assert!(check(&policy, "files.internal", 80, "10.2.2.3").is_err());
    }

    #[test]
    fn listed_plain_http_goes_only_to_places_that_are_named() {
        let address = "1.1.1.1".parse().expect("an address");
        let policy = server(&["git.example:80"]);
        assert!(policy.allows_plain_http(PlainHttp::Listed, "git.example", 80, address));
        assert!(!policy.allows_plain_http(PlainHttp::Listed, "other.example", 80, address));
        assert!(policy.allows_plain_http(PlainHttp::Anywhere, "other.example", 80, address));
        assert!(!policy.allows_plain_http(PlainHttp::Never, "git.example", 80, address));
        assert!(Policy::operator().allows_plain_http(PlainHttp::Listed, "x", 80, address));
    }
}
