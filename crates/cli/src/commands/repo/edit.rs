//! `wharf repo create` and `edit`: visibility and the two descriptions.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::strip_host;
use crate::client::ApiClient;
use crate::commands::outcome::print_outcome;
use crate::commands::request::set_given;
use crate::failure::Failure;
use crate::session::Session;

/// Create an empty repository; a push creates one too
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo create acme/web --public --short-description 'The shop'
  wharf repo create acme/web --description-file README.md")]
pub(super) struct CreateArguments {
    /// NAMESPACE/NAME
    #[arg(value_name = "REPOSITORY")]
    name: String,
    #[command(flatten)]
    about: About,
}

/// Change a repository's visibility or descriptions
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  wharf repo edit acme/web --private
  wharf repo edit acme/web --description-file README.md")]
pub(super) struct EditArguments {
    /// Which repository
    #[arg(value_name = "REPOSITORY")]
    name: String,
    #[command(flatten)]
    about: About,
}

#[derive(Debug, Args)]
struct About {
    /// Let everyone pull it, without logging in
    #[arg(long, conflicts_with = "private")]
    public: bool,
    /// Let only members of the namespace pull it
    #[arg(long)]
    private: bool,
    /// One line of at most 100 characters
    #[arg(long, value_name = "TEXT")]
    short_description: Option<String>,
    /// Full description in Markdown
    #[arg(long, value_name = "MARKDOWN", conflicts_with = "description_file")]
    description: Option<String>,
    /// Full description from a file, or from stdin with -
    #[arg(long, value_name = "FILE")]
    description_file: Option<PathBuf>,
}

pub(super) async fn create(
    arguments: CreateArguments,
    client: &ApiClient<'_>,
    session: &Session,
) -> Result<(), Failure> {
    let name = strip_host(client.address(), &arguments.name);
    let mut body = json!({ "name": name });
    fill_body(&mut body, arguments.about, session)?;
    let answer = client.post(&["repositories"], &body).await?;
    print_outcome(session, &answer, "cli.repo.created", &[("name", name)])
}

pub(super) async fn edit(
    arguments: EditArguments,
    client: &ApiClient<'_>,
    session: &Session,
) -> Result<(), Failure> {
    let name = strip_host(client.address(), &arguments.name);
    let mut body = json!({});
    fill_body(&mut body, arguments.about, session)?;
    if body == json!({}) {
        return Err(Failure::usage(session.text("cli.nothing_to_change", &[]))
            .with_hint(session.text("cli.nothing_to_change_hint", &[])));
    }
    let answer = client.patch(&["repositories", name], &body).await?;
    print_outcome(session, &answer, "cli.repo.changed", &[("name", name)])
}

fn fill_body(body: &mut Value, about: About, session: &Session) -> Result<(), Failure> {
    if about.public || about.private {
        body["public"] = about.public.into();
    }
    set_given(body, "short_description", about.short_description);
    let description = match (&about.description_file, about.description) {
        (Some(path), _) => Some(read_description(session, path)?),
        (None, text) => text,
    };
    set_given(body, "description", description);
    Ok(())
}

fn read_description(session: &Session, path: &Path) -> Result<String, Failure> {
    let outcome = if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        fs::read_to_string(path)
    };
    outcome.map_err(|error| {
        let shown = path.display().to_string();
        Failure::new(session.text("cli.file_unreadable", &[("path", &shown)])).caused_by(&error)
    })
}
