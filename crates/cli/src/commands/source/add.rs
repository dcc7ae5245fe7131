//! `wharf source add` and `edit`: secrets come from stdin or a prompt, never from the command line.

use std::io::Read;
use std::path::Path;

use serde_json::{Value, json};

use super::add_arguments::{AddGit, AddGitea, AddGithub, AddGitlab, AddHost, Trust};
use super::arguments::EditArguments;
use super::device;
use super::find::find_source;
use super::show::{print_public_key, print_source};
use crate::ask::{ask_password, read_answer_line};
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::output::{clean_text, print_json, show_text};
use crate::session::{Format, Session};

pub(super) async fn add(
    session: &Session,
    client: &ApiClient<'_>,
    host: AddHost,
) -> Result<(), Failure> {
    let source = match host {
        AddHost::Github(arguments) => add_github(session, client, arguments).await?,
        AddHost::Gitlab(arguments) => add_gitlab(session, client, arguments).await?,
        AddHost::Gitea(arguments) => add_gitea(session, client, arguments).await?,
        AddHost::Git(arguments) => add_git(session, client, arguments).await?,
    };
    let (address, account) = (show_text(&source["address"]), show_text(&source["account"]));
    let parameters = [("address", address.as_str()), ("account", account.as_str())];
    session.say(
        match source["account"].as_str() {
            // A server that lets everybody read asks for no name.
            None | Some("") => "cli.source.added_without_account",
            Some(_) => "cli.source.added",
        },
        &parameters,
    );
    if let Some(message) = source["tested"]["message"].as_str() {
        session.say("cli.source.tested", &[("message", &clean_text(message))]);
    }
    if session.format == Format::Json {
        return print_json(session, &source);
    }
    print_public_key(session, &source)
}

async fn add_github(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: AddGithub,
) -> Result<Value, Failure> {
    let mut body = json!({ "kind": "github", "address": arguments.address });
    set_ca(session, &mut body, &arguments.trust)?;
    if !arguments.token && !arguments.token_stdin {
        return device::sign_in(session, client, &body).await;
    }
    body["token"] = read_token(session, arguments.token_stdin)?.into();
    client.post(&["sources"], &body).await
}

async fn add_gitlab(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: AddGitlab,
) -> Result<Value, Failure> {
    let mut body = json!({ "kind": "gitlab", "address": arguments.address });
    set_given(&mut body, "username", arguments.username);
    set_ca(session, &mut body, &arguments.trust)?;
    body["token"] = read_token(session, arguments.token.token_stdin)?.into();
    client.post(&["sources"], &body).await
}

async fn add_gitea(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: AddGitea,
) -> Result<Value, Failure> {
    let mut body = json!({ "kind": "gitea", "address": arguments.address });
    set_ca(session, &mut body, &arguments.trust)?;
    body["token"] = read_token(session, arguments.token.token_stdin)?.into();
    client.post(&["sources"], &body).await
}

async fn add_git(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: AddGit,
) -> Result<Value, Failure> {
    let (address, in_address) = split_user(&arguments.address);
    let username = arguments.username.or(in_address);
    let mut body = json!({ "kind": "git", "address": address });
    set_ca(session, &mut body, &arguments.trust)?;
    // Over ssh a key is made; a password has no place there.
    let is_ssh = address.starts_with("ssh://");
    if arguments.password_stdin || username.is_some() && !is_ssh {
        body["token"] = read_token(session, arguments.password_stdin)?.into();
    }
    set_given(&mut body, "username", username);
    if let Some(path) = &arguments.host_keys {
        body["host_keys"] = read_file(session, path)?.into();
    }
    client.post(&["sources"], &body).await
}

pub(super) async fn edit(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: EditArguments,
) -> Result<(), Failure> {
    let source = find_source(session, client, &arguments.source).await?;
    let mut body = json!({});
    set_ca(session, &mut body, &arguments.trust)?;
    if arguments.token || arguments.token_stdin {
        body["token"] = read_token(session, arguments.token_stdin)?.into();
    }
    if let Some(path) = &arguments.host_keys {
        body["host_keys"] = read_file(session, path)?.into();
    }
    if body == json!({}) {
        return Err(Failure::usage(session.text("cli.nothing_to_change", &[]))
            .with_hint(session.text("cli.nothing_to_change_hint", &[])));
    }
    let id = show_text(&source["id"]);
    let answer = client.patch(&["sources", &id], &body).await?;
    let address = show_text(&source["address"]);
    print_outcome(
        session,
        &answer,
        "cli.source.changed",
        &[("address", &address)],
    )?;
    match session.format {
        Format::Table => print_source(session, &answer),
        Format::Json => Ok(()),
    }
}

/// `ssh://git@host` as people paste it: the user has a field of its own.
fn split_user(address: &str) -> (String, Option<String>) {
    let Some((scheme, rest)) = address.split_once("://") else {
        return (address.to_owned(), None);
    };
    match rest.split_once('@') {
        Some((user, host)) if !user.contains(['/', ':']) => {
            (format!("{scheme}://{host}"), Some(user.to_owned()))
        }
        _ => (address.to_owned(), None),
    }
}

fn read_token(session: &Session, from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        read_answer_line(session)
    } else {
        ask_password(session, "cli.source.token_prompt")
    }
}

fn set_ca(session: &Session, body: &mut Value, trust: &Trust) -> Result<(), Failure> {
    if let Some(path) = &trust.ca {
        body["ca"] = read_file(session, path)?.into();
    }
    Ok(())
}

fn read_file(session: &Session, path: &Path) -> Result<String, Failure> {
    let outcome = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    outcome.map_err(|error| {
        let shown = path.display().to_string();
        Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(&error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_of_a_pasted_address_has_its_own_field() {
        let split = |text: &str| split_user(text);
        assert_eq!(
            split("ssh://git@h:22"),
            ("ssh://h:22".into(), Some("git".into()))
        );
        assert_eq!(split("https://h/x"), ("https://h/x".into(), None));
        // A password in an address is refused by the server, and not taken apart here.
        assert_eq!(split("https://a:b@h").1, None);
    }
}
