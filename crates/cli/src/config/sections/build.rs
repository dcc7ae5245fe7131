//! `[build]`: what builds may use and reach.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use wharf_builder::request::BuildLimits;
use wharf_dockerfile::values::parse_byte_size;
use wharf_model::builds::Slots;

use crate::config::problem::Complaint;
use crate::config::reader::Reader;
use crate::config::value::RawValue;

const SECTION: &str = "build";

/// A week: what runs longer is no build.
const LONGEST_SECONDS: u64 = 7 * 86_400;

/// Between two looks at a repository whose host cannot tell us. Shorter is a burden for small git servers, longer makes
/// people wait who just pushed.
const POLL_SECONDS: u64 = 60;

/// `[build]` of `wharf.toml`.
#[derive(Clone, Debug)]
pub(crate) struct BuildConfig {
    /// Addresses that RUN steps may reach although they are this machine's, a metadata service's or, on the server,
    /// private.
    pub(crate) allow_net: Vec<AllowedNet>,
    /// Steps may ask for the machine's own network.
    pub(crate) host_network: bool,
    /// What the cache may take between builds. With less, builds run again what they ran yesterday; with more, disks of
    /// ordinary machines fill up.
    pub(crate) cache_bytes: u64,
    /// What the server keeps of other registries' base images between builds.
    pub(crate) base_image_bytes: u64,
    /// What uploaded contexts of one namespace may take until their builds are over.
    pub(crate) context_bytes: u64,
    /// How many builds of one namespace may wait at once.
    pub(crate) namespace_queue: u64,
    /// How many builds the server runs at once, of all and of one namespace. With 0 builds wait until the next start.
    pub(crate) slots: Slots,
    /// For how long the server keeps logs of builds.
    pub(crate) keep_logs: Duration,
    /// For how long it keeps the files that were uploaded for a build, after its end.
    pub(crate) keep_contexts: Duration,
    /// For how long it keeps what was decided about refs.
    pub(crate) keep_decisions: Duration,
    /// How often a remote repository is asked for its refs that tells nothing by itself.
    pub(crate) poll: Duration,
    /// Bounds of one build and of its steps; none by default.
    pub(crate) limits: BuildLimits,
}

const CACHE_BYTES: u64 = 20 << 30;

/// Some twenty large images. With less, builds fetch again what they fetched yesterday.
const BASE_IMAGE_BYTES: u64 = 10 << 30;

/// Eight of the largest. With less, a team's builds wait for one another's uploads; with more, one namespace fills the disk.
const CONTEXT_BYTES: u64 = 8 << 30;

/// With fewer, a repository with many branches cannot have all of them built at once; with more, one namespace's loop
/// fills the queue that everybody looks at.
const NAMESPACE_QUEUE: u64 = 200;

/// Each build may use two processors and 4 GiB: more at once starve the registry of a small machine; one alone lets
/// everybody wait behind a long one.
const SLOTS: Slots = Slots { all: 2, each: 2 };

/// A quarter of a year: long enough for "it worked last month".
const LOG_DAYS: u64 = 90;

/// A week: who retries a build does so soon, and an archive may be a gigabyte.
const CONTEXT_DAYS: u64 = 7;

/// As long as logs: what explains a build goes when its log does.
const DECISION_DAYS: u64 = LOG_DAYS;

const DAY: u64 = 86_400;

impl Default for BuildConfig {
    fn default() -> Self {
        BuildConfig {
            allow_net: Vec::new(),
            host_network: false,
            cache_bytes: CACHE_BYTES,
            base_image_bytes: BASE_IMAGE_BYTES,
            context_bytes: CONTEXT_BYTES,
            namespace_queue: NAMESPACE_QUEUE,
            slots: SLOTS,
            keep_logs: Duration::from_secs(LOG_DAYS * DAY),
            keep_contexts: Duration::from_secs(CONTEXT_DAYS * DAY),
            keep_decisions: Duration::from_secs(DECISION_DAYS * DAY),
            poll: Duration::from_secs(POLL_SECONDS),
            limits: BuildLimits::default(),
        }
    }
}

pub(super) fn read_build(reader: &mut Reader) -> BuildConfig {
    let show_entries = |entries: &Vec<AllowedNet>| {
        let texts: Vec<String> = entries.iter().map(AllowedNet::show).collect();
        texts.join(", ")
    };
    BuildConfig {
        allow_net: reader
            .take_optional(SECTION, "allow_net", parse_allow_net, show_entries)
            .unwrap_or_default(),
        host_network: reader.take_or(
            SECTION,
            "host_network",
            RawValue::as_boolean,
            false,
            bool::to_string,
        ),
        cache_bytes: reader.take_or(
            SECTION,
            "cache_bytes",
            parse_size,
            CACHE_BYTES,
            u64::to_string,
        ),
        base_image_bytes: reader.take_or(
            SECTION,
            "base_image_bytes",
            parse_size,
            BASE_IMAGE_BYTES,
            u64::to_string,
        ),
        context_bytes: reader.take_or(
            SECTION,
            "context_bytes",
            parse_size,
            CONTEXT_BYTES,
            u64::to_string,
        ),
        namespace_queue: reader.take_or(
            SECTION,
            "namespace_queue",
            |value| value.as_count(1..=1_000_000),
            NAMESPACE_QUEUE,
            u64::to_string,
        ),
        slots: read_slots(reader),
        keep_logs: read_days(reader, "log_days", 1, LOG_DAYS),
        keep_contexts: read_days(reader, "context_days", 0, CONTEXT_DAYS),
        keep_decisions: read_days(reader, "decision_days", 1, DECISION_DAYS),
        poll: read_poll(reader),
        limits: read_limits(reader),
    }
}

fn read_slots(reader: &mut Reader) -> Slots {
    let mut count = |key, least, default: usize| {
        let found = reader.take_or(
            SECTION,
            key,
            |value| value.as_count(least..=1000),
            default as u64,
            u64::to_string,
        );
        usize::try_from(found).unwrap_or(default)
    };
    let all = count("concurrency", 0, SLOTS.all);
    Slots {
        all,
        each: count("namespace_concurrency", 1, SLOTS.each),
    }
}

fn read_days(reader: &mut Reader, key: &'static str, least: u64, usual: u64) -> Duration {
    let days = reader.take_or(
        SECTION,
        key,
        |value| value.as_count(least..=36_500),
        usual,
        u64::to_string,
    );
    Duration::from_secs(days * DAY)
}

fn read_poll(reader: &mut Reader) -> Duration {
    let seconds = reader.take_or(
        SECTION,
        "poll_seconds",
        |value| value.as_count(1..=86_400),
        POLL_SECONDS,
        u64::to_string,
    );
    Duration::from_secs(seconds)
}

/// Addresses, and perhaps one port of them. A packet filter knows no names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AllowedNet {
    pub(crate) network: IpNet,
    /// `None` is every port.
    pub(crate) port: Option<u16>,
}

impl AllowedNet {
    fn show(&self) -> String {
        match self.port {
            Some(port) => SocketAddr::new(self.network.addr(), port).to_string(),
            None => self.network.to_string(),
        }
    }

    fn read(text: &str) -> Option<Self> {
        if let Ok(whole) = text.parse::<SocketAddr>() {
            return Some(AllowedNet {
                network: whole.ip().into(),
                port: Some(whole.port()),
            });
        }
        let address = text.parse::<IpAddr>().map(IpNet::from);
        let network = address.ok().or_else(|| text.parse().ok())?;
        Some(AllowedNet {
            network,
            port: None,
        })
    }
}

fn parse_allow_net(value: &RawValue) -> Result<Vec<AllowedNet>, Complaint> {
    let texts = value.as_list()?;
    texts
        .iter()
        .map(|text| {
            AllowedNet::read(text.trim())
                .ok_or_else(|| Complaint::new("config.allow_net_form").with("value", text))
        })
        .collect()
}

fn read_limits(reader: &mut Reader) -> BuildLimits {
    let mut size = |key| reader.take_optional(SECTION, key, parse_size, u64::to_string);
    let memory = size("step_memory");
    let disk = size("step_disk");
    let log_bytes = size("step_log");
    let unpacked_bytes = size("unpacked");
    let mut count = |key, most| {
        reader.take_optional(
            SECTION,
            key,
            |value| value.as_count(1..=most),
            u64::to_string,
        )
    };
    let pids = count("step_processes", 4_194_304);
    let files = count("step_files", u64::MAX / 2);
    let unpacked_files = count("unpacked_files", u64::MAX / 2);
    let step_timeout = count("step_seconds", LONGEST_SECONDS);
    let build_timeout = count("build_seconds", LONGEST_SECONDS);
    BuildLimits {
        memory,
        pids: pids.and_then(|pids| u32::try_from(pids).ok()),
        cpu_millis: reader.take_optional(SECTION, "step_cpus", parse_cpus, |millis| {
            format!("{}", f64::from(*millis) / 1000.0)
        }),
        disk,
        // A person at a command line sees the disk fill up, and has caches that are bounded.
        build_disk: None,
        files,
        step_timeout: step_timeout.map(Duration::from_secs),
        build_timeout: build_timeout.map(Duration::from_secs),
        log_bytes,
        log_bytes_per_second: None,
        unpacked_bytes,
        unpacked_files,
    }
}

/// A whole number of bytes, or a text with a unit: `"2g"`.
fn parse_size(value: &RawValue) -> Result<u64, Complaint> {
    if let RawValue::Integer(_) = value {
        return value.as_count(1..=i64::MAX as u64);
    }
    let text = value.as_text()?;
    match parse_byte_size(text) {
        Ok(bytes) if bytes > 0 => Ok(bytes),
        _ => Err(Complaint::new("config.size_form").with("value", text)),
    }
}

/// Processors as a whole number, or as a text with a fraction: `"1.5"`.
fn parse_cpus(value: &RawValue) -> Result<u32, Complaint> {
    /// More than any machine has.
    const MOST: f64 = 10_000.0;
    let text = match value {
        RawValue::Integer(number) => number.to_string(),
        other => other.as_text()?.to_owned(),
    };
    match text.trim().parse::<f64>() {
        Ok(number) if (0.01..=MOST).contains(&number) => Ok((number * 1000.0) as u32),
        _ => Err(Complaint::new("config.cpus_form").with("value", text)),
    }
}
