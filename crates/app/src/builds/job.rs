//! From the specification in the record to the worker's job: credentials and secrets are looked up when the build runs.

use super::{caches::name_scope, context_path, readme::LONGEST_README, reasons::Reason};
use crate::App;
use std::{collections::BTreeMap, fs::File, io::ErrorKind};
use wharf_db::builds::{self, Build, Failure};
use wharf_image::PullPolicy;
use wharf_model::{
    SourceId,
    builds::{BuildBounds, BuildNetwork, BuildSource, BuildSpec, SKIP_WORDS},
};
use wharf_oci::Platform;
use wharf_worker::{GitSource, GitWanted, JobLimits, JobNetwork, JobSource, WorkerJob};

/// A job, and what must not be in its log.
pub(super) struct Prepared {
    pub(super) job: WorkerJob,
    pub(super) secrets: Vec<Vec<u8>>,
    /// The account that the code is fetched with.
    pub(super) source: Option<SourceId>,
}

/// Prepares the job of a build; what stands in the way is the build's failure.
pub(super) async fn prepare_job(app: &App, build: &Build) -> Result<Prepared, Box<Failure>> {
    let id = build.id;
    let spec = app.db.look_up(move |tx| builds::load_spec(tx, id)).await;
    let spec = spec
        .map_err(|error: wharf_db::DbError| fail(Reason::Internal, error.to_string()))?
        .ok_or_else(|| fail(Reason::Internal, "the build is gone"))?;
    let mut secrets = Vec::new();
    let source = prepare_source(app, build, &spec, &mut secrets).await?;
    let scope = name_scope(build.repository, build.trust);
    let mut job = WorkerJob::new(source, scope);
    job.dockerfile = spec.dockerfile.clone();
    job.directory = spec.directory.clone();
    job.build_args = spec.build_args.clone();
    job.secrets = find_secrets(app, build, &spec).await?;
    secrets.extend(job.secrets.values().cloned());
    let lines = job.secrets.values().flat_map(|secret| list_lines(secret));
    secrets.extend(lines.take(MOST_LINES).map(<[u8]>::to_vec));
    job.target = spec.target.clone();
    job.platforms = spec
        .platforms
        .iter()
        .map(|text| read_platform(text))
        .collect();
    job.no_cache = spec.no_cache;
    job.pull = PullPolicy::Always;
    job.network = match spec.network {
        BuildNetwork::None => JobNetwork::None,
        BuildNetwork::Isolated => JobNetwork::Isolated,
    };
    job.limits = limit(&spec.limits.bounds(&app.builds.settings.bounds));
    let source = match spec.source {
        BuildSource::Git { source, .. } => source,
        BuildSource::Dockerfile { .. } => None,
    };
    Ok(Prepared {
        job,
        secrets,
        source,
    })
}

async fn prepare_source(
    app: &App,
    build: &Build,
    spec: &BuildSpec,
    secrets: &mut Vec<Vec<u8>>,
) -> Result<JobSource, Box<Failure>> {
    match &spec.source {
        BuildSource::Dockerfile { text, context } => Ok(JobSource::Upload {
            // Without a text it is in the archive.
            dockerfile: (!text.trim().is_empty()).then(|| text.clone().into_bytes()),
            context: match context {
                true => Some(open_context(app, build)?),
                false => None,
            },
        }),
        BuildSource::Git {
            source,
            repository,
            url,
            submodules,
            ..
        } => {
            let reference = build.reference.as_ref().map(|it| it.as_str().to_owned());
            let wanted = match (&build.commit, reference) {
                (Some(commit), reference) => GitWanted::Commit {
                    commit: commit.as_str().to_owned(),
                    reference,
                },
                (None, Some(reference)) => GitWanted::Reference(reference),
                (None, None) => {
                    return Err(fail(Reason::Source, "neither a ref nor a commit is named"));
                }
            };
            let mut git = GitSource {
                remote: url.clone(),
                access: wharf_worker::GitAccess::Anonymous,
                authority: None,
                wanted,
                submodules: *submodules,
                unless_message_says: match spec.skip_ci {
                    true => SKIP_WORDS.map(str::to_owned).into(),
                    false => Vec::new(),
                },
                readme: spec.readme.then_some(LONGEST_README),
            };
            if let Some(source) = source {
                let remote = app.find_remote(build, *source, repository).await?;
                let own = app.fill_git_access(*source, &remote, &mut git).await?;
                secrets.extend(own.iter().flat_map(|secret| list_forms(secret)));
            }
            Ok(JobSource::Git(git))
        }
    }
}

/// A secret as it is, as addresses have it, and line by line where it is a file.
fn list_forms(secret: &str) -> Vec<Vec<u8>> {
    let encoded = url::form_urlencoded::byte_serialize(secret.as_bytes());
    let whole = [
        secret.as_bytes().to_vec(),
        encoded.collect::<String>().into(),
    ];
    let lines = list_lines(secret.as_bytes()).map(<[u8]>::to_vec);
    whole.into_iter().chain(lines).collect()
}

/// Lines of all secrets of a rule together that are looked for in each byte of its logs: some private keys have fifty. Many more
/// would keep the server busy.
const MOST_LINES: usize = 256;

/// The lines of a secret that is a file, as steps print and cut them.
fn list_lines(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    /// Shorter lines are no part of a key that anybody could use.
    const SHORTEST_LINE: usize = 16;
    let lines = secret.split(|byte| *byte == b'\n');
    let lines = lines.map(<[u8]>::trim_ascii_end);
    lines.filter(move |line| {
        line.len() >= SHORTEST_LINE && !line.starts_with(b"-----") && *line != secret
    })
}

fn open_context(app: &App, build: &Build) -> Result<File, Box<Failure>> {
    let path = context_path(&app.builds.folder, build.id);
    File::open(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => fail(Reason::ContextGone, ""),
        _ => fail(Reason::Source, error.to_string()),
    })
}

async fn find_secrets(
    app: &App,
    build: &Build,
    spec: &BuildSpec,
) -> Result<BTreeMap<String, Vec<u8>>, Box<Failure>> {
    let rule = build.rule.as_ref().and_then(|rule| rule.id);
    // Whatever the specification says: who does not build a rule's own ref gets none of its secrets.
    let Some(rule) = rule.filter(|_| build.trust == wharf_model::builds::TrustClass::Rule) else {
        return Ok(BTreeMap::new());
    };
    let found = app.open_rule_secrets(rule, &spec.secrets).await;
    found.map_err(|error| fail(Reason::Secrets, error.to_string()))
}

fn read_platform(text: &str) -> Platform {
    let mut parts = text.splitn(3, '/').map(str::to_owned);
    Platform {
        os: parts.next().unwrap_or_default(),
        architecture: parts.next().unwrap_or_default(),
        variant: parts.next(),
        ..Platform::default()
    }
}

fn limit(bounds: &BuildBounds) -> JobLimits {
    JobLimits {
        timeout: bounds.timeout,
        memory: bounds.memory,
        cpu_millis: bounds.cpu_millis,
        disk: bounds.disk,
        log_bytes: bounds.log,
        ..JobLimits::default()
    }
}

pub(super) fn fail(reason: Reason, detail: impl Into<String>) -> Box<Failure> {
    let detail = detail.into();
    Box::new(Failure {
        reason: reason.into(),
        detail: (!detail.is_empty()).then_some(detail),
        ..Failure::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_of_several_lines_is_covered_line_by_line() {
        let key = b"-----BEGIN KEY-----\r\nfirst-line-of-a-key\r\nsecond-line-of-a-key\nshort\n";
        let lines: Vec<_> = list_lines(key).collect();
        assert_eq!(
            lines,
            [&b"first-line-of-a-key"[..], b"second-line-of-a-key"]
        );
        assert_eq!(list_lines(b"a-token-without-a-line-end").count(), 0);
    }
}
