//! HEALTHCHECK: how a running container is asked whether it is well.

use super::{
    arguments::{at_least_one, is_json},
    flags::{Flags, Kind},
};
use crate::{Problem, parser::Node, values::Duration};
use std::fmt;

/// An interval below this would be nothing but checks (the reference's bound).
const MIN_INTERVAL: Duration = Duration::from_nanos(1_000_000);

const FLAGS: &[(&str, Kind)] = &[
    ("interval", Kind::Text),
    ("timeout", Kind::Text),
    ("start-period", Kind::Text),
    ("start-interval", Kind::Text),
    ("retries", Kind::Text),
];

/// The check as an image's config holds it; zero means the base image's value. Prints as history rows show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthcheck {
    /// `NONE`; `CMD` and arguments; `CMD-SHELL` and a shell's text.
    pub test: Vec<String>,
    pub interval: Duration,
    pub timeout: Duration,
    pub start_period: Duration,
    pub start_interval: Duration,
    pub retries: u32,
}

pub(super) fn parse_healthcheck(node: &Node) -> Result<Healthcheck, Problem> {
    let words = at_least_one(node, "HEALTHCHECK")?;
    let (kind, command) = (words[0].to_ascii_uppercase(), &words[1..]);
    if kind == "NONE" {
        if !command.is_empty() {
            return Err(Problem::HealthcheckNoneArguments);
        }
        // Its flags are not looked at: the reference accepts any, and there are files that rely on it.
        return Ok(Healthcheck::with_test(vec![kind]));
    }
    let mut flags = Flags::parse(&node.flags, FLAGS)?;
    if kind != "CMD" {
        return Err(Problem::HealthcheckType { found: kind });
    }
    if command.is_empty() {
        return Err(Problem::HealthcheckNoCommand);
    }
    let test = if is_json(node) {
        [&[kind], command].concat()
    } else {
        vec!["CMD-SHELL".to_owned(), command.join(" ")]
    };
    Ok(Healthcheck {
        interval: take_interval(&mut flags, "interval")?,
        timeout: take_interval(&mut flags, "timeout")?,
        start_period: take_interval(&mut flags, "start-period")?,
        start_interval: take_interval(&mut flags, "start-interval")?,
        retries: take_retries(&mut flags)?,
        ..Healthcheck::with_test(test)
    })
}

impl Healthcheck {
    fn with_test(test: Vec<String>) -> Healthcheck {
        Healthcheck {
            test,
            interval: Duration::ZERO,
            timeout: Duration::ZERO,
            start_period: Duration::ZERO,
            start_interval: Duration::ZERO,
            retries: 0,
        }
    }
}

fn take_interval(flags: &mut Flags, name: &str) -> Result<Duration, Problem> {
    let Some(text) = flags.take_text(name) else {
        return Ok(Duration::ZERO);
    };
    let duration = Duration::parse(&text)?;
    if duration != Duration::ZERO && duration < MIN_INTERVAL {
        return Err(Problem::HealthcheckInterval {
            flag: format!("--{name}"),
        });
    }
    Ok(duration)
}

fn take_retries(flags: &mut Flags) -> Result<u32, Problem> {
    let Some(value) = flags.take_text("retries") else {
        return Ok(0);
    };
    match value.parse::<i32>() {
        Ok(number) => u32::try_from(number).map_err(|_| Problem::HealthcheckRetries { value }),
        Err(_) => Err(Problem::HealthcheckRetries { value }),
    }
}

impl fmt::Display for Healthcheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{{Test:[{}] Interval:{} Timeout:{} StartPeriod:{} StartInterval:{} Retries:{}}}",
            self.test.join(" "),
            self.interval,
            self.timeout,
            self.start_period,
            self.start_interval,
            self.retries
        )
    }
}
