//! `wharf cluster add`, `edit` and `pull-secret`: credentials come from files, stdin or a prompt.

use std::path::Path;

use serde_json::{Value, json};

use super::arguments::{AccessOptions, AddArguments, EditArguments, PullSecretArguments};
use crate::ask::{ask_password, read_answer_line};
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::output::show_text;
use crate::session::Session;

pub(super) async fn add(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: AddArguments,
) -> Result<(), Failure> {
    let name = arguments.cluster.as_str();
    let mut body = json!({
        "name": name,
        "region": arguments.region,
        "registry_host": arguments.registry,
    });
    if !set_access(session, &mut body, &arguments.access, false)? {
        return Err(Failure::usage(session.text("cli.cluster.no_access", &[]))
            .with_hint(session.text("cli.cluster.no_access_hint", &[])));
    }
    let answer = client.post(&["clusters"], &body).await?;
    print_outcome(session, &answer, "cli.cluster.added", &[("name", name)])?;
    say_problem(session, &answer);
    Ok(())
}

pub(super) async fn edit(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: EditArguments,
) -> Result<(), Failure> {
    let name = arguments.cluster.as_str();
    let mut body = json!({});
    set_given(&mut body, "name", arguments.rename);
    set_given(&mut body, "registry_host", arguments.registry);
    set_given(&mut body, "region", arguments.region);
    set_access(session, &mut body, &arguments.access, arguments.token)?;
    if body == json!({}) {
        return Err(Failure::usage(session.text("cli.nothing_to_change", &[]))
            .with_hint(session.text("cli.nothing_to_change_hint", &[])));
    }
    let answer = client.patch(&["clusters", name], &body).await?;
    print_outcome(session, &answer, "cli.cluster.changed", &[("name", name)])?;
    say_problem(session, &answer);
    Ok(())
}

/// What the cluster said when it was first asked; it is kept all the same, and can be checked again.
fn say_problem(session: &Session, cluster: &Value) {
    if cluster["message"].is_string() {
        let (message, detail) = (
            show_text(&cluster["message"]),
            show_text(&cluster["detail"]),
        );
        let parameters = [("message", message.as_str()), ("detail", detail.as_str())];
        session.say("cli.cluster.problem", &parameters);
    }
}

/// Puts in how the server signs in; answers whether anything was given.
fn set_access(
    session: &Session,
    body: &mut Value,
    options: &AccessOptions,
    token: bool,
) -> Result<bool, Failure> {
    if let Some(path) = &options.kubeconfig {
        body["kubeconfig"] = read_file(session, path)?.into();
    } else if options.in_cluster {
        body["in_cluster"] = true.into();
    } else if options.api_server.is_some() || options.token_stdin || token {
        set_given(body, "server", options.api_server.as_deref());
        body["token"] = match options.token_stdin {
            true => read_answer_line(session)?,
            false => ask_password(session, "cli.cluster.token_prompt")?,
        }
        .into();
    } else if options.ca.is_none() {
        return Ok(false);
    }
    if let Some(path) = &options.ca {
        body["ca"] = read_file(session, path)?.into();
    }
    Ok(true)
}

pub(super) async fn write_pull_secret(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: PullSecretArguments,
) -> Result<(), Failure> {
    let place = &arguments.place;
    let mut body = json!({});
    set_given(&mut body, "robot", arguments.robot);
    if let Some(username) = arguments.username {
        let password = match arguments.password_stdin {
            true => read_answer_line(session)?,
            false => ask_password(session, "cli.credential.prompt")?,
        };
        body["username"] = username.into();
        body["password"] = password.into();
    }
    let path = [
        "namespaces",
        &place.namespace,
        "clusters",
        &place.cluster,
        "namespaces",
        &place.kube_namespace,
        "pull-secret",
    ];
    let answer = client.post(&path, &body).await?;
    let name = show_text(&answer["name"]);
    let parameters = [
        ("name", name.as_str()),
        ("namespace", place.kube_namespace.as_str()),
    ];
    print_outcome(session, &answer, "cli.cluster.pull_secret", &parameters)
}

fn read_file(session: &Session, path: &Path) -> Result<String, Failure> {
    let outcome = match path == Path::new("-") {
        true => std::io::read_to_string(std::io::stdin()),
        false => std::fs::read_to_string(path),
    };
    outcome.map_err(|error| {
        let shown = path.display().to_string();
        Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(&error)
    })
}
