//! The check of rows against files, begun from the console: one at a time, beside everything else, with its progress.
//!
//! What it found is kept until the next one or the end of the process.

use crate::{
    App, Context, Error,
    audit::record_audit,
    fsck::{self, FsckReport},
};
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;
use wharf_db::{DbError, Durability};
use wharf_model::{AuditAction, Timestamp, decide_system};

/// Findings that are kept. With more, the findings of a damaged disk fill memory; the rest are counted.
const MOST_FINDINGS: usize = 1000;

/// A check that runs, or the last one.
#[derive(Debug, Clone)]
pub struct StorageCheck {
    /// Who began it.
    pub started_by: String,
    /// When.
    pub started_at: Timestamp,
    /// Whether every blob's bytes are hashed again.
    pub reads_bytes: bool,
    /// Blobs that were looked at so far.
    pub blobs: u64,
    /// When it was over, and how; none while it runs.
    pub ended: Option<(Timestamp, StorageCheckResult)>,
}

/// How a check ended.
#[derive(Debug, Clone)]
pub enum StorageCheckResult {
    /// It looked at everything.
    Done {
        /// What it found; of very many findings the first.
        report: Arc<FsckReport>,
        /// All that are damage.
        damage: u64,
        /// All files without a row.
        stray: u64,
    },
    /// It could not go on.
    Failed(String),
}

/// How far a check is: when it began, what it looked at, whether it is over.
pub(crate) type CheckStanding = (Timestamp, u64, bool);

/// The check that runs, or the last one since the start.
#[derive(Debug, Default)]
pub(crate) struct CheckDesk(Arc<Mutex<Option<StorageCheck>>>);

impl App {
    /// Begins a check, unless one runs.
    pub async fn start_storage_check(
        &self,
        context: &Context,
        reads_bytes: bool,
    ) -> Result<StorageCheck, Error> {
        decide_system(&context.caller)?;
        let check = StorageCheck {
            started_by: context.caller.name.to_string(),
            started_at: self.clock.now(),
            reads_bytes,
            blobs: 0,
            ended: None,
        };
        {
            let mut last = self.check.0.lock();
            if last.as_ref().is_some_and(|last| last.ended.is_none()) {
                return Err(Error::Conflict {
                    what: "check_running",
                });
            }
            *last = Some(check.clone());
        }
        let (who, now) = (context.clone(), check.started_at);
        let noted = self.db.write(Durability::Durable, move |tx| {
            let details = json!({ "reads_bytes": reads_bytes });
            record_audit(
                tx,
                &who,
                now,
                AuditAction::StorageCheck,
                "storage",
                None,
                &details,
            )
        });
        let noted: Result<(), DbError> = noted.await;
        if let Err(error) = noted {
            *self.check.0.lock() = None;
            return Err(error.into());
        }
        tokio::spawn(self.clone().run_storage_check(reads_bytes));
        Ok(check)
    }

    /// The check that runs, or the last one since the server started.
    pub fn show_storage_check(&self, context: &Context) -> Result<Option<StorageCheck>, Error> {
        decide_system(&context.caller)?;
        Ok(self.check.0.lock().clone())
    }

    /// How far the check is that runs, or the last one, for whoever tells that it came on.
    pub(crate) fn find_check_standing(&self) -> Option<CheckStanding> {
        let last = self.check.0.lock();
        let last = last.as_ref();
        last.map(|check| (check.started_at, check.blobs, check.ended.is_some()))
    }

    async fn run_storage_check(self, reads_bytes: bool) {
        let desk = self.check.0.clone();
        let progress = |blobs| {
            if let Some(check) = desk.lock().as_mut() {
                check.blobs = blobs;
            }
        };
        let folder = self.blobs.root().to_path_buf();
        let result = match fsck::compare(&self.db, &folder, reads_bytes, progress).await {
            Ok(report) => conclude(report),
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "the check of the storage could not go on");
                StorageCheckResult::Failed(describe(error))
            }
        };
        if let StorageCheckResult::Done { damage, stray, .. } = &result {
            tracing::info!(damage, stray, "the storage was checked");
        }
        if let Some(check) = self.check.0.lock().as_mut() {
            check.ended = Some((self.clock.now(), result));
        }
    }
}

fn conclude(mut report: FsckReport) -> StorageCheckResult {
    let all = report.findings.len() as u64;
    let is_damage = |finding: &&fsck::Finding| finding.is_damage();
    let damage = report.findings.iter().filter(is_damage).count() as u64;
    // Damage first, so that it is not what is left out.
    report.findings.sort_by_key(|finding| !finding.is_damage());
    report.findings.truncate(MOST_FINDINGS);
    StorageCheckResult::Done {
        report: Arc::new(report),
        damage,
        stray: all - damage,
    }
}

/// An error with its causes.
fn describe(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", describe(source)),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fsck::Finding;

    #[test]
    fn of_very_many_findings_damage_is_kept_and_everything_is_counted() {
        let mut findings = vec![Finding::StrayFile("/data/x".into()); MOST_FINDINGS];
        findings.push(Finding::Database("a page is damaged".into()));
        let report = FsckReport {
            findings,
            ..FsckReport::default()
        };
        let StorageCheckResult::Done {
            report,
            damage,
            stray,
        } = conclude(report)
        else {
            panic!("done");
        };
        assert_eq!((damage, stray), (1, MOST_FINDINGS as u64));
        assert_eq!(report.findings.len(), MOST_FINDINGS);
        assert!(report.findings[0].is_damage());
    }
}
