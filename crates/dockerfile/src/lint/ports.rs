//! EXPOSE: spelling, and parts that have no effect.

use super::{Rule, collector::Collector, walk::Visit};
use crate::{instruction::Instruction, values::ExposeSpec};

pub(super) fn check_ports(visit: &Visit<'_>, collector: &mut Collector) {
    let Instruction::Expose(expose) = &visit.expanded.instruction else {
        return;
    };
    for port in &expose.ports {
        let Ok(spec) = ExposeSpec::parse(port) else {
            continue;
        };
        let protocol = port.rsplit_once('/').map_or("", |(_, protocol)| protocol);
        if *protocol != protocol.to_lowercase() {
            let message =
                format!("Defined protocol '{port}' in EXPOSE instruction should be lowercase");
            visit.report(Rule::ExposeProtoCasing, message, collector);
        }
        if spec.has_host_part {
            let message = format!(
                "EXPOSE instruction should not define an IP address or host-port mapping, found '{port}'"
            );
            visit.report(Rule::ExposeInvalidFormat, message, collector);
        }
    }
}
