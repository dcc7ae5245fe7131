//! `wharf builds start`: of a rule's branch, tag or commit, or of a Dockerfile from here.

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::arguments::{StartArguments, StartWhat};
use super::follow;
use super::which::Build;
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::commands::outcome::print_outcome;
use crate::commands::repo::strip_host;
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::output::{clean_text, show_text};
use crate::session::Session;

pub(super) async fn run(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: StartArguments,
) -> Result<(), Failure> {
    let repository = strip_host(client.address(), &arguments.repository).to_owned();
    let mut body = describe_source(session, &arguments.what)?;
    let rule = match arguments.rule {
        Some(rule) => Some(rule),
        None if is_local(&arguments.what) => None,
        None => Some(find_only_rule(session, client, &repository).await?),
    };
    set_given(&mut body, "rule", rule);
    set_given(&mut body, "version", arguments.image_tag);
    set_given(&mut body, "target", arguments.target);
    set_given(&mut body, "path", arguments.dockerfile_path);
    if arguments.no_cache {
        body["no_cache"] = true.into();
    }
    if !arguments.platforms.is_empty() {
        body["platforms"] = arguments.platforms.into();
    }
    for text in &arguments.build_args {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            let sentence = session.text("cli.rule.bad_argument", &[("value", text)]);
            return Err(Failure::usage(sentence));
        };
        body["build_args"][name] = value.into();
    }
    if let Some(path) = &arguments.what.context {
        body["context"] = upload(session, client, &repository, path).await?;
    }
    let builds = ["repositories", &repository, "builds"];
    let answer = client.post(&builds, &body).await?;
    report(session, client, &repository, &answer, arguments.follow).await
}

/// Says what was started, and follows it when that was asked for.
pub(super) async fn report(
    session: &Session,
    client: &ApiClient<'_>,
    repository: &str,
    answer: &Value,
    is_followed: bool,
) -> Result<(), Failure> {
    let build = Build::of(repository, show_text(&answer["number"]));
    if !is_followed {
        return print_outcome(session, answer, "cli.builds.started", &build.names());
    }
    session.say("cli.builds.started", &build.names());
    follow::follow_build(session, client, &build).await
}

/// Whether files of this machine are built, and no rule's.
fn is_local(what: &StartWhat) -> bool {
    what.dockerfile.is_some() || what.context.is_some()
}

fn describe_source(session: &Session, what: &StartWhat) -> Result<Value, Failure> {
    let mut body = json!({});
    if let Some(branch) = &what.branch {
        body["ref"] = format!("refs/heads/{branch}").into();
    }
    if let Some(tag) = &what.git_tag {
        body["ref"] = format!("refs/tags/{tag}").into();
    }
    if let Some(commit) = &what.commit {
        body["commit"] = commit.as_str().into();
    }
    if let Some(path) = &what.dockerfile {
        body["dockerfile"] = read_text(session, path)?.into();
    }
    Ok(body)
}

fn read_text(session: &Session, path: &Path) -> Result<String, Failure> {
    let outcome = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    outcome.map_err(|error| describe_unreadable(session, path, &error))
}

fn describe_unreadable(session: &Session, path: &Path, error: &std::io::Error) -> Failure {
    let shown = path.display().to_string();
    Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(error)
}

/// Sends an archive piece by piece; it may be larger than the memory.
async fn upload(
    session: &Session,
    client: &ApiClient<'_>,
    repository: &str,
    path: &Path,
) -> Result<Value, Failure> {
    let opened = match path.to_str() {
        Some("-") => Path::new("/dev/stdin"),
        _ => path,
    };
    let file = tokio::fs::File::open(opened)
        .await
        .map_err(|error| describe_unreadable(session, path, &error))?;
    let contexts = ["repositories", repository, "build-contexts"];
    let answer = client.post_file(&contexts, file).await?;
    Ok(answer["id"].clone())
}

/// The name of the repository's rule when there is exactly one.
async fn find_only_rule(
    session: &Session,
    client: &ApiClient<'_>,
    repository: &str,
) -> Result<String, Failure> {
    let path = ["repositories", repository, "rules"];
    let page = list_pages(session, client, &path, &[], &PageOptions::default()).await?;
    let names: Vec<&str> = page["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|rule| rule["name"].as_str())
        .collect();
    let parameters = [("repository", repository)];
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        [] => Err(
            Failure::new(session.text("cli.builds.no_rule", &parameters))
                .with_hint(session.text("cli.builds.no_rule_hint", &parameters)),
        ),
        many => {
            let rules = clean_text(&many.join(", "));
            let parameters = [("repository", repository), ("rules", rules.as_str())];
            Err(Failure::usage(
                session.text("cli.builds.which_rule", &parameters),
            ))
        }
    }
}
