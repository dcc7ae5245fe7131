//! `wharf credential`: a namespace's logins to other registries.

mod arguments;

use serde_json::{Value, json};

use super::outcome::print_outcome;
use crate::arguments::Options;
use crate::ask::{ask_password, read_answer_line};
use crate::client::{ApiClient, PageOptions, list_pages};
use crate::failure::Failure;
use crate::output::{Column, clean_text, print_table, show_day_time, show_text};
use crate::session::Session;

pub(crate) use arguments::CredentialArguments;
use arguments::{CredentialCommand, SetArguments};

const COLUMNS: [Column; 5] = [
    Column::text("cli.column.registry", |_, item| show_text(&item["host"])),
    Column::text("cli.column.username", |_, item| {
        show_text(&item["username"])
    }),
    Column::text("cli.column.problem", |_, item| {
        show_text(&item["last_test"]["message"])
    }),
    Column::text("cli.column.set_by", |_, item| {
        show_text(&item["created_by"])
    }),
    Column::text("cli.column.set_at", |session, item| {
        show_day_time(session, &item["updated_at"])
    }),
];

pub(crate) async fn run(
    arguments: CredentialArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = &ApiClient::connect(session, options)?;
    match arguments.command {
        CredentialCommand::List(arguments) => {
            let path = ["namespaces", &arguments.namespace, "credentials"];
            let page = list_pages(session, client, &path, &[], &arguments.pages).await?;
            print_table(session, &COLUMNS, &page)
        }
        CredentialCommand::Set(arguments) => set(session, client, arguments).await,
        CredentialCommand::Check(arguments) => {
            let registry = arguments.registry.as_str();
            let id = require(session, client, &arguments.namespace, registry).await?;
            let path = [
                "namespaces",
                &arguments.namespace,
                "credentials",
                &id,
                "test",
            ];
            let answer = client.post(&path, &json!({})).await?;
            print_test(session, registry, &answer)
        }
        CredentialCommand::Delete(arguments) => {
            let registry = arguments.registry.as_str();
            arguments.confirmation.obtain(session, registry)?;
            let id = require(session, client, &arguments.namespace, registry).await?;
            let path = ["namespaces", &arguments.namespace, "credentials", &id];
            let answer = client.delete(&path).await?;
            let parameters = [("registry", registry)];
            print_outcome(session, &answer, "cli.credential.deleted", &parameters)
        }
    }
}

async fn set(
    session: &Session,
    client: &ApiClient<'_>,
    arguments: SetArguments,
) -> Result<(), Failure> {
    let password = if arguments.password_stdin {
        read_answer_line(session)?
    } else {
        ask_password(session, "cli.credential.prompt")?
    };
    let mut body = json!({ "username": arguments.username, "password": password });
    let registry = arguments.registry.as_str();
    let credentials = ["namespaces", &arguments.namespace, "credentials"];
    let known = find(session, client, &arguments.namespace, registry).await?;
    let answer = match &known {
        Some(credential) => {
            let id = show_text(&credential["id"]);
            let path = [credentials[0], credentials[1], credentials[2], &id];
            client.patch(&path, &body).await?
        }
        None => {
            body["host"] = registry.into();
            client.post(&credentials, &body).await?
        }
    };
    print_outcome(
        session,
        &answer,
        "cli.credential.set",
        &[("registry", registry)],
    )
}

/// What the registry answered; a refusal fails the command.
fn print_test(session: &Session, registry: &str, answer: &Value) -> Result<(), Failure> {
    let test = &answer["last_test"];
    if test["ok"] == true {
        let parameters = [("registry", registry)];
        return print_outcome(session, answer, "cli.credential.works", &parameters);
    }
    let failure = Failure::new(show_text(&test["message"]));
    Err(match test["detail"].as_str() {
        Some(detail) => failure.with_hint(clean_text(detail)),
        None => failure,
    })
}

/// The login that a namespace has to a registry.
async fn find(
    session: &Session,
    client: &ApiClient<'_>,
    namespace: &str,
    registry: &str,
) -> Result<Option<Value>, Failure> {
    let path = ["namespaces", namespace, "credentials"];
    let page = list_pages(session, client, &path, &[], &PageOptions::default()).await?;
    let mut items = page["items"].as_array().into_iter().flatten();
    Ok(items.find(|item| item["host"] == registry).cloned())
}

/// Its id. Fails where there is none.
async fn require(
    session: &Session,
    client: &ApiClient<'_>,
    namespace: &str,
    registry: &str,
) -> Result<String, Failure> {
    match find(session, client, namespace, registry).await? {
        Some(found) => Ok(show_text(&found["id"])),
        None => {
            let parameters = [("namespace", namespace), ("registry", registry)];
            Err(Failure::new(
                session.text("cli.credential.unknown", &parameters),
            ))
        }
    }
}
