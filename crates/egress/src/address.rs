//! What kind of place an address is, as far as the guard has to know.
//!
//! Pure. An IPv6 address that only carries an IPv4 address is judged as that IPv4 address: otherwise every denied
//! network would have a second spelling. Called by [`Policy`](crate::Policy).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kinds of address that are told apart; everything but [`Public`](AddressClass::Public) is denied to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddressClass {
    Public,
    /// This machine itself (127.0.0.0/8, ::1).
    Loopback,
    /// RFC 1918.
    Private,
    /// Carrier-grade NAT, RFC 6598: 100.64.0.0/10.
    Shared,
    /// RFC 4193: fc00::/7, and the site-local addresses that came before.
    UniqueLocal,
    /// RFC 3927 and RFC 4291: 169.254.0.0/16, fe80::/10.
    LinkLocal,
    /// Where clouds hand a machine its credentials.
    Metadata,
    Multicast,
    /// 0.0.0.0/8 and ::, which reach this machine on Linux.
    Unspecified,
    /// Anything else that the IANA special-purpose registries keep from the public internet.
    Reserved,
}

impl AddressClass {
    /// The class of an address.
    pub fn of(address: IpAddr) -> AddressClass {
        match unwrap_address(address) {
            IpAddr::V4(address) => classify_v4(address),
            IpAddr::V6(address) => classify_v6(address),
        }
    }
}

impl fmt::Display for AddressClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AddressClass::Public => "a public address",
            AddressClass::Loopback => "an address of this machine itself",
            AddressClass::Private | AddressClass::UniqueLocal => "a private address",
            AddressClass::Shared => "an address behind a carrier's NAT",
            AddressClass::LinkLocal => "a link-local address",
            AddressClass::Metadata => "a cloud's metadata service",
            AddressClass::Multicast => "a multicast address",
            AddressClass::Unspecified => "no address of a host",
            AddressClass::Reserved => "a reserved address",
        })
    }
}

/// The IPv4 address that an IPv6 address stands for, else the address as it is.
///
/// IPv4-mapped (RFC 4291 §2.5.5.2), NAT64 (RFC 6052: networks without IPv4 give every name such an address) and 6to4
/// (RFC 3056) all end at the embedded address.
pub(crate) fn unwrap_address(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else {
        return address;
    };
    let embed = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embed(high, low)
        }
        [0x2002, high, low, ..] => embed(high, low),
        // IPv4-compatible (RFC 4291 §2.5.5.1, deprecated); the two below it are :: and ::1.
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => embed(high, low),
        _ => address,
    }
}

fn classify_v4(address: Ipv4Addr) -> AddressClass {
    match address.octets() {
        // AWS, GCP, Azure and most others; ECS; Alibaba; Oracle; Azure's wire server.
        [169, 254, 169, 253 | 254]
        | [169, 254, 170, 2]
        | [100, 100, 100, 200]
        | [192, 0, 0, 192]
        | [168, 63, 129, 16] => AddressClass::Metadata,
        [0, ..] => AddressClass::Unspecified,
        [127, ..] => AddressClass::Loopback,
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => AddressClass::Private,
        [100, 64..=127, ..] => AddressClass::Shared,
        [169, 254, ..] => AddressClass::LinkLocal,
        [224..=239, ..] => AddressClass::Multicast,
        // Protocol assignments, documentation, the 6to4 relay, benchmarks, the future, broadcast.
        [192, 0, 0 | 2, _]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [192, 88, 99, _]
        | [198, 18..=19, ..]
        | [240..=255, ..] => AddressClass::Reserved,
        _ => AddressClass::Public,
    }
}

fn classify_v6(address: Ipv6Addr) -> AddressClass {
    match address.segments() {
        [0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => {
            AddressClass::Metadata
        }
        [0, 0, 0, 0, 0, 0, 0, 0] => AddressClass::Unspecified,
        [0, 0, 0, 0, 0, 0, 0, 1] => AddressClass::Loopback,
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => AddressClass::UniqueLocal,
        [0xfe80..=0xfebf, ..] => AddressClass::LinkLocal,
        [0xff00..=0xffff, ..] => AddressClass::Multicast,
        // Teredo and the other protocol assignments, documentation.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => {
            AddressClass::Reserved
        }
        // Only 2000::/3 is given out; local NAT64 (RFC 8215), discard-only and all else lie outside.
        [0x2000..=0x3fff, ..] => AddressClass::Public,
        _ => AddressClass::Reserved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_an_address_has_the_class_of_the_place_it_reaches() {
        use AddressClass::*;
        for (text, class) in [
            ("1.1.1.1", Public),
            ("2606:4700::1111", Public),
            ("127.0.0.1", Loopback),
            ("127.255.255.254", Loopback),
            ("::1", Loopback),
            ("::ffff:127.0.0.1", Loopback),
            ("::127.0.0.1", Loopback),
            ("64:ff9b::7f00:1", Loopback),
            ("2002:7f00:1::", Loopback),
            ("10.0.0.1", Private),
            ("172.15.0.1", Public),
            ("172.16.0.1", Private),
            ("172.31.255.255", Private),
            ("172.32.0.1", Public),
            ("192.168.1.1", Private),
            ("::ffff:10.0.0.1", Private),
            ("64:ff9b::a00:1", Private),
            ("64:ff9b::101:101", Public),
            ("64:ff9b:1::a00:1", Reserved),
            ("100.63.255.255", Public),
            ("100.64.0.1", Shared),
            ("100.127.255.255", Shared),
            ("100.128.0.1", Public),
            ("100.100.100.200", Metadata),
            ("fc00::1", UniqueLocal),
            ("fd12::1", UniqueLocal),
            ("fec0::1", UniqueLocal),
            ("fd00:ec2::254", Metadata),
            ("169.254.169.254", Metadata),
            ("::ffff:169.254.169.254", Metadata),
            ("64:ff9b::a9fe:a9fe", Metadata),
            ("169.254.0.1", LinkLocal),
            ("168.63.129.16", Metadata),
            ("192.0.0.192", Metadata),
            ("fe80::1", LinkLocal),
            ("224.0.0.1", Multicast),
            ("ff02::1", Multicast),
            ("0.0.0.0", Unspecified),
            ("0.1.2.3", Unspecified),
            ("::", Unspecified),
            ("255.255.255.255", Reserved),
            ("198.18.0.1", Reserved),
            ("203.0.113.7", Reserved),
            ("2001:db8::1", Reserved),
            ("2001::1", Reserved),
            ("100::1", Reserved),
        ] {
            let address = text.parse().expect(text);
            assert_eq!(AddressClass::of(address), class, "{text}");
        }
    }
}
