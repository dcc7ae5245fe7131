//! Comparing rows with files on this host, and saying what was found.

use std::sync::Arc;

use indicatif::ProgressBar;
use serde_json::{Value, json};
use wharf_app::fsck::{Finding, FsckOptions, FsckReport, check_data as check};
use wharf_app::{HostOptions, SystemClock};

use super::database_url;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::{clean_text, print_json, print_text, show_size};
use crate::session::{Format, Session};

/// Looks at everything; damage is a failure.
pub(super) fn check_data(
    config: &Config,
    read_bytes: bool,
    session: &Session,
) -> Result<(), Failure> {
    let options = FsckOptions {
        data_dir: config.data_dir.clone(),
        host: HostOptions {
            database: database_url(config),
            clock: Arc::new(SystemClock),
        },
        read_bytes,
    };
    let progress = match session.stderr_is_terminal {
        true => ProgressBar::new_spinner(),
        false => ProgressBar::hidden(),
    };
    let runtime = super::start_runtime(session)?;
    let report = runtime
        .block_on(check(&options, |blobs| {
            let blobs = blobs.to_string();
            progress.set_message(session.text("cli.fsck.progress", &[("blobs", &blobs)]));
            progress.tick();
        }))
        .map_err(|error| {
            let folder = config.data_dir.display().to_string();
            Failure::new(session.text("cli.host.unavailable", &[("path", &folder)]))
                .caused_by(&error)
        })?;
    progress.finish_and_clear();
    match session.format {
        Format::Json => print_json(session, &show_as_json(&report, session))?,
        Format::Table => {
            for finding in &report.findings {
                let line = clean_text(&describe(finding, session));
                print_text(session, &format!("{line}\n"))?;
            }
        }
    }
    conclude(&report, session)
}

fn count_damage(report: &FsckReport) -> usize {
    let damage = report.findings.iter().filter(|finding| finding.is_damage());
    damage.count()
}

fn show_as_json(report: &FsckReport, session: &Session) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "kind": finding.kind(),
                "damage": finding.is_damage(),
                "message": describe(finding, session),
            })
        })
        .collect();
    json!({
        "ok": count_damage(report) == 0,
        "blobs": report.blobs,
        "bytes": report.bytes,
        "manifests": report.manifests,
        "findings": findings,
    })
}

fn conclude(report: &FsckReport, session: &Session) -> Result<(), Failure> {
    let damage = count_damage(report);
    let stray = report.findings.len() - damage;
    session.say(
        "cli.fsck.summary",
        &[
            ("blobs", &report.blobs.to_string()),
            ("size", &show_size(report.bytes)),
            ("manifests", &report.manifests.to_string()),
            ("damage", &damage.to_string()),
            ("stray", &stray.to_string()),
        ],
    );
    if damage > 0 {
        return Err(Failure::new(session.text("cli.fsck.damaged", &[]))
            .with_hint(session.text("cli.fsck.damaged_hint", &[])));
    }
    Ok(())
}

fn describe(finding: &Finding, session: &Session) -> String {
    let parameters = finding.parameters();
    let parameters: Vec<(&str, &str)> = parameters
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let key = format!("fsck.{}", finding.kind());
    session.text(&key, &parameters).into_owned()
}
