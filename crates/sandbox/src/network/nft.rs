//! Rules of the kernel's packet filter (nftables over netlink, linux/netfilter/nf_tables.h).

use std::io;
use std::net::IpAddr;

use super::netlink::{ACKNOWLEDGE, CREATE, EXCLUSIVE, Message, Nest, Netlink};

const NETLINK_NETFILTER: i32 = 12;
const SUBSYSTEM: u16 = 10;
const BATCH_BEGIN: u16 = 0x10;
const BATCH_END: u16 = 0x11;
const NEW_TABLE: u16 = 0;
const GET_TABLE: u16 = 1;
const NEW_CHAIN: u16 = 3;
const NEW_RULE: u16 = 6;
const APPEND: u16 = 0x800;

/// The register of values; the other one that is used is the verdict's.
const VALUE: u32 = 1;
const VERDICT: u32 = 0;

/// `NFT_TABLE_F_OWNER`, since Linux 5.12.
const OWNED: u32 = 2;

/// Which packets a table sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// IPv4 and IPv6.
    Inet = 1,
    Ipv4 = 2,
}

/// Where a chain looks at packets (`enum nf_inet_hooks`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    Input = 1,
    Forward = 2,
    Output = 3,
    Postrouting = 4,
}

/// Whether a table is there. Much cheaper than a change that fails: the kernel takes back a change only after every
/// processor has passed a quiet moment.
pub(crate) fn has_table(family: Family, table: &str) -> io::Result<bool> {
    let head = [family as u8, 0, 0, 0];
    let question =
        Message::new(SUBSYSTEM << 8 | GET_TABLE, ACKNOWLEDGE, &head).with(1, &text(table));
    match Netlink::open(NETLINK_NETFILTER)?.send(vec![question]) {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A change of the packet filter that happens as a whole or not at all.
pub(crate) struct Batch {
    family: Family,
    table: String,
    messages: Vec<Message>,
}

impl Batch {
    /// Makes a table, which must not exist yet.
    pub(crate) fn new_table(family: Family, table: &str) -> Self {
        let mut batch = Self::on_table(family, table);
        let message = batch
            .message(NEW_TABLE, CREATE | EXCLUSIVE)
            .with(1, &text(table));
        batch.messages.push(message);
        batch
    }

    /// Makes a table that goes away with the socket that made it ([`Batch::commit_and_own`]), and that nobody else changes.
    pub(crate) fn new_owned_table(family: Family, table: &str) -> Self {
        let mut batch = Self::on_table(family, table);
        let message = batch
            .message(NEW_TABLE, CREATE | EXCLUSIVE)
            .with(1, &text(table))
            .with(2, &OWNED.to_be_bytes());
        batch.messages.push(message);
        batch
    }

    /// Changes a table that exists.
    pub(crate) fn on_table(family: Family, table: &str) -> Self {
        Self {
            family,
            table: table.to_owned(),
            messages: Vec::new(),
        }
    }

    /// Adds a chain that lets through what no rule decides.
    pub(crate) fn add_chain(&mut self, name: &str, kind: &str, hook: Hook, priority: i32) {
        let message = self
            .message(NEW_CHAIN, CREATE)
            .with(1, &text(&self.table))
            .with(3, &text(name))
            .with_nested(4, |nest| {
                nest.put(1, &(hook as u32).to_be_bytes());
                nest.put(2, &priority.to_be_bytes());
            })
            .with(7, &text(kind));
        self.messages.push(message);
    }

    /// Adds a rule at the end of a chain.
    pub(crate) fn add_rule(&mut self, chain: &str, rule: Rule) {
        self.push_rule(chain, rule, APPEND);
    }

    /// Adds a rule at the beginning of a chain.
    pub(crate) fn insert_rule(&mut self, chain: &str, rule: Rule) {
        self.push_rule(chain, rule, 0);
    }

    fn push_rule(&mut self, chain: &str, rule: Rule, flags: u16) {
        let message = self
            .message(NEW_RULE, CREATE | flags)
            .with(1, &text(&self.table))
            .with(2, &text(chain))
            .with_nested(4, |nest| *nest = rule.expressions);
        self.messages.push(message);
    }

    fn message(&self, kind: u16, flags: u16) -> Message {
        let head = [self.family as u8, 0, 0, 0];
        Message::new(SUBSYSTEM << 8 | kind, ACKNOWLEDGE | flags, &head)
    }

    /// Carries out the change in this process's network namespace.
    ///
    /// # Errors
    /// `EEXIST` when a new table is there already, `ENOENT` when a table or chain to change is not.
    pub(crate) fn commit(self) -> io::Result<()> {
        self.commit_and_own().map(drop)
    }

    /// The same; what comes back keeps an owned table, also if this process is killed.
    ///
    /// # Errors
    /// As [`Batch::commit`].
    pub(crate) fn commit_and_own(self) -> io::Result<Netlink> {
        let [high, low] = SUBSYSTEM.to_be_bytes();
        let bound = |kind| Message::new(kind, 0, &[0, 0, high, low]);
        let mut messages = vec![bound(BATCH_BEGIN)];
        messages.extend(self.messages);
        messages.push(bound(BATCH_END));
        let mut owner = Netlink::open(NETLINK_NETFILTER)?;
        owner.send(messages)?;
        Ok(owner)
    }
}

/// Conditions, all of which a packet has to meet, and what happens then.
#[derive(Default)]
pub(crate) struct Rule {
    expressions: Nest,
}

impl Rule {
    fn expression(mut self, name: &str, build: impl FnOnce(&mut Nest)) -> Self {
        self.expressions.nest(1, |element| {
            element.put(1, &text(name));
            element.nest(2, build);
        });
        self
    }

    fn meta(self, key: u32) -> Self {
        self.expression("meta", |data| {
            data.put(1, &VALUE.to_be_bytes());
            data.put(2, &key.to_be_bytes());
        })
    }

    fn compare(self, operation: u32, value: &[u8]) -> Self {
        self.expression("cmp", |data| {
            data.put(1, &VALUE.to_be_bytes());
            data.put(2, &operation.to_be_bytes());
            data.nest(3, |nest| nest.put(1, value));
        })
    }

    fn equal(self, value: &[u8]) -> Self {
        self.compare(0, value)
    }

    /// `base` 1 is the network header, 2 the transport header.
    fn payload(self, base: u32, offset: u32, length: u32) -> Self {
        self.expression("payload", |data| {
            data.put(1, &VALUE.to_be_bytes());
            data.put(2, &base.to_be_bytes());
            data.put(3, &offset.to_be_bytes());
            data.put(4, &length.to_be_bytes());
        })
    }

    fn mask(self, mask: &[u8]) -> Self {
        self.expression("bitwise", |data| {
            data.put(1, &VALUE.to_be_bytes());
            data.put(2, &VALUE.to_be_bytes());
            data.put(3, &(mask.len() as u32).to_be_bytes());
            data.nest(4, |nest| nest.put(1, mask));
            data.nest(5, |nest| nest.put(1, &vec![0; mask.len()]));
        })
    }

    fn verdict(self, code: u32) -> Self {
        self.expression("immediate", |data| {
            data.put(1, &VERDICT.to_be_bytes());
            data.nest(2, |nest| {
                nest.nest(2, |verdict| verdict.put(1, &code.to_be_bytes()));
            });
        })
    }

    /// Leaving through the loopback interface, whose number is 1.
    pub(crate) fn leaving_by_loopback(self) -> Self {
        self.meta(5).equal(&1_u32.to_ne_bytes())
    }

    /// Coming in through an interface whose name begins so.
    pub(crate) fn entering_by(self, prefix: &str) -> Self {
        self.meta(6).equal(prefix.as_bytes())
    }

    /// Coming in through the interface of exactly this name.
    pub(crate) fn entering_by_exactly(self, name: &str) -> Self {
        self.meta(6).equal(&text(name))
    }

    /// Leaving through an interface whose name begins so.
    pub(crate) fn leaving_by(self, prefix: &str) -> Self {
        self.meta(7).equal(prefix.as_bytes())
    }

    /// Coming from a network of IPv4, in a table of that family.
    pub(crate) fn sent_from4(self, address: std::net::Ipv4Addr, prefix: u8) -> Self {
        let (mask, value) = mask_address(&address.octets(), prefix);
        self.payload(1, 12, 4).mask(&mask).equal(&value)
    }

    /// Going to a network, in a table for both families.
    pub(crate) fn sent_to(self, address: IpAddr, prefix: u8) -> Self {
        const PROTOCOL_FAMILY: u32 = 15;
        match address {
            IpAddr::V4(address) => {
                let (mask, value) = mask_address(&address.octets(), prefix);
                self.meta(PROTOCOL_FAMILY)
                    .equal(&[2])
                    .payload(1, 16, 4)
                    .mask(&mask)
                    .equal(&value)
            }
            IpAddr::V6(address) => {
                let (mask, value) = mask_address(&address.octets(), prefix);
                self.meta(PROTOCOL_FAMILY)
                    .equal(&[10])
                    .payload(1, 24, 16)
                    .mask(&mask)
                    .equal(&value)
            }
        }
    }

    /// Of this protocol above IP.
    pub(crate) fn of_protocol(self, protocol: u8) -> Self {
        self.meta(16).equal(&[protocol])
    }

    /// Going to this port of a protocol that has ports.
    pub(crate) fn at_port(self, port: u16) -> Self {
        self.payload(2, 2, 2).equal(&port.to_be_bytes())
    }

    /// Whose first byte above IP is in a range: the type of an ICMP message.
    pub(crate) fn with_type(self, first: u8, last: u8) -> Self {
        self.payload(2, 0, 1)
            .compare(5, &[first])
            .compare(3, &[last])
    }

    pub(crate) fn accept(self) -> Self {
        self.verdict(1)
    }

    pub(crate) fn drop(self) -> Self {
        self.verdict(0)
    }

    /// Refuses at once instead of letting the sender wait: "administratively prohibited".
    pub(crate) fn reject(self) -> Self {
        self.expression("reject", |data| {
            data.put(1, &2_u32.to_be_bytes());
            data.put(2, &[3]);
        })
    }

    /// Gives the packet the address of the interface through which it leaves.
    pub(crate) fn masquerade(self) -> Self {
        self.expression("masq", |_| {})
    }
}

fn mask_address(address: &[u8], prefix: u8) -> (Vec<u8>, Vec<u8>) {
    let mask: Vec<u8> = (0..address.len())
        .map(|byte| {
            let bits = usize::from(prefix).saturating_sub(byte * 8).min(8);
            (0xff00_u16 >> bits) as u8
        })
        .collect();
    let value = address
        .iter()
        .zip(&mask)
        .map(|(byte, mask)| byte & mask)
        .collect();
    (mask, value)
}

fn text(word: &str) -> Vec<u8> {
    let mut bytes = word.as_bytes().to_vec();
    bytes.push(0);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_becomes_a_mask() {
        assert_eq!(
            mask_address(&[172, 31, 9, 9], 12),
            (vec![255, 240, 0, 0], vec![172, 16, 0, 0])
        );
        assert_eq!(mask_address(&[1, 2, 3, 4], 32).0, [255; 4]);
        assert_eq!(mask_address(&[1, 2, 3, 4], 0).0, [0; 4]);
    }
}
