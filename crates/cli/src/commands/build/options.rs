//! What the values of options mean: one file for each kind, all of them pure.
//!
//! They take text as docker's clients take it and give parts of a build request. Nothing here looks at the disk or the
//! environment; what is needed of those is passed in.

mod add_host;
mod annotation;
mod call;
mod cpu;
mod entitlement;
mod fields;
mod named_context;
mod network;
mod output;
mod pair;
mod problem;
mod proxy;
mod secret;
mod size;
mod ssh;
mod tag;
mod ulimit;

pub(super) use add_host::read_add_hosts;
pub(super) use annotation::read_annotations;
pub(super) use call::{Call, CallFormat, Method, read_call};
pub(super) use cpu::read_cpu_millis;
pub(super) use entitlement::read_entitlements;

pub(super) use named_context::{ContextText, name_context, read_context_text};
pub(super) use network::read_network;
pub(super) use output::{Destination, Output, OutputKind, read_output};
pub(super) use pair::{read_build_args, read_labels};
pub(super) use problem::OptionProblem;
pub(super) use proxy::{collect_proxies, read_proxy_config};
pub(super) use secret::read_secrets;
pub(super) use size::read_size;
pub(super) use ssh::{SshSource, read_ssh};
pub(super) use tag::read_tags;
pub(super) use ulimit::read_ulimits;
