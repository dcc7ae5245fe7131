//! Comparing rows with files on this host, and saying what was found.

use std::sync::Arc;

use indicatif::ProgressBar;
use wharf_app::fsck::{Finding, FsckOptions, FsckReport, check_data as check};
use wharf_app::{HostOptions, SystemClock};

use super::database_url;
use crate::config::Config;
use crate::failure::Failure;
use crate::output::print_text;
use crate::session::Session;

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
    for finding in &report.findings {
        print_text(session, &describe(finding, session))?;
    }
    conclude(&report, session)
}

fn conclude(report: &FsckReport, session: &Session) -> Result<(), Failure> {
    let damage = report
        .findings
        .iter()
        .filter(|finding| finding.is_damage())
        .count();
    let stray = report.findings.len() - damage;
    session.say(
        "cli.fsck.summary",
        &[
            ("blobs", &report.blobs.to_string()),
            ("bytes", &report.bytes.to_string()),
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
    let say = |key: &str, parameters: &[(&str, &dyn std::fmt::Display)]| {
        let texts: Vec<(&str, String)> = parameters
            .iter()
            .map(|(name, value)| (*name, value.to_string()))
            .collect();
        let borrowed: Vec<(&str, &str)> = texts
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        session.text(key, &borrowed).into_owned()
    };
    match finding {
        Finding::LostBlob(digest) => say("cli.fsck.lost_blob", &[("digest", digest)]),
        Finding::WrongLength {
            digest,
            expected,
            found,
        } => say(
            "cli.fsck.wrong_length",
            &[("digest", digest), ("expected", expected), ("found", found)],
        ),
        Finding::WrongBytes(digest) => say("cli.fsck.wrong_bytes", &[("digest", digest)]),
        Finding::WrongManifest(digest) => say("cli.fsck.wrong_manifest", &[("digest", digest)]),
        Finding::MissingReference {
            manifest,
            reference,
        } => say(
            "cli.fsck.missing_reference",
            &[("manifest", manifest), ("digest", reference)],
        ),
        Finding::DanglingTag { name, digest } => say(
            "cli.fsck.dangling_tag",
            &[("name", name), ("digest", digest)],
        ),
        Finding::WrongCount {
            repository,
            counted,
            found,
        } => say(
            "cli.fsck.wrong_count",
            &[("name", repository), ("counted", counted), ("found", found)],
        ),
        Finding::StrayFile(path) => say("cli.fsck.stray_file", &[("path", &path.display())]),
        Finding::Database(text) => say("cli.fsck.database", &[("text", text)]),
    }
}
