//! Cloning: git in a sandbox of its own within the cell, with connections that the server makes.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use wharf_git::{Fetched, Git, GitError, GitLimits, GitSettings};
use wharf_sandbox::{Host, IdPool, Sandbox};

use super::desk::Desk;
use super::dialer::ServerDialer;
use super::failure::{describe, fail};
use crate::event::{CommitFacts, FailureKind, Phase, WorkerFailure};
use crate::git_wire::GitWire;
use crate::job::JobLimits;

/// Puts the files of a commit into `root`, a folder to make. Answers whether its message asks not to be built, too.
pub(super) async fn clone(
    desk: &Arc<Desk>,
    source: GitWire,
    work: &Path,
    root: &Path,
    limits: &JobLimits,
) -> Result<(CommitFacts, bool), WorkerFailure> {
    let order = source.read().map_err(|error| explain(&error))?;
    let machine =
        |error: &dyn std::error::Error| fail(FailureKind::Machine, Phase::Cloning, describe(error));
    std::fs::create_dir_all(root).map_err(|error| machine(&error))?;
    let host = Host::of_cell().map_err(|error| machine(&error))?;
    let sandbox = Sandbox::new(host, IdPool::default(), &work.join("git-ids"));
    let git = Git::new(GitSettings {
        sandbox: Arc::new(sandbox.map_err(|error| machine(&error))?),
        folder: work.to_owned(),
        dial: Arc::new(ServerDialer {
            desk: Arc::clone(desk),
        }),
        limits: GitLimits {
            // The build's own limit is looked after outside.
            fetch_timeout: limits.timeout,
            disk: limits.disk,
            memory: limits.memory,
            ..GitLimits::default()
        },
    });
    let unless = order.unless;
    let fetched = git.fetch_commit(&order.access, &order.wanted, root, order.options);
    let mut cancel = desk.cancel.clone();
    tokio::select! {
        fetched = fetched => {
            let fetched = fetched.map_err(|error| explain(&error))?;
            let message = fetched.message.to_ascii_lowercase();
            let unwanted = unless.iter().any(|word| message.contains(word.as_str()));
            Ok((tell_facts(fetched), unwanted))
        }
        Ok(_) = cancel.wait_for(|wish| *wish) => {
            Err(fail(FailureKind::Canceled, Phase::Cloning, "canceled"))
        }
    }
}

fn tell_facts(fetched: Fetched) -> CommitFacts {
    CommitFacts {
        commit: fetched.commit.as_str().to_owned(),
        author: format!("{} <{}>", fetched.author, fetched.author_email),
        subject: fetched.subject,
        at: Timestamp::from_second(fetched.committed_at).ok(),
        learnt: fetched.learnt.iter().map(ToString::to_string).collect(),
    }
}

fn explain(error: &GitError) -> WorkerFailure {
    let kind = match error {
        GitError::Machine { .. } => FailureKind::Machine,
        _ => FailureKind::Source,
    };
    WorkerFailure {
        hint: error.hint(),
        ..fail(kind, Phase::Cloning, describe(error))
    }
}
