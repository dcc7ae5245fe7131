//! What else ends when something is deleted, shown before the person confirms.

use serde_json::Value;

use crate::ask::Confirmation;
use crate::client::ApiClient;
use crate::failure::Failure;
use crate::output::show_text;
use crate::session::Session;

/// How many names of a kind are shown: enough to recognize what is meant, and the question stays on the screen.
const SHOWN_NAMES: usize = 5;

/// Returns when the thing at `path`, called `name`, may be deleted. A person is shown first what hangs on it and ends,
/// stops or is in the way.
pub(super) async fn confirm_deletion(
    session: &Session,
    client: &ApiClient<'_>,
    confirmation: Confirmation,
    path: &[&str],
    name: &str,
) -> Result<(), Failure> {
    confirmation.require_answerable(session, name)?;
    if !confirmation.yes {
        say_dependents(session, client, path).await?;
    }
    confirmation.obtain(session, name)
}

/// The query of a deletion that takes the repositories of a namespace along.
pub(super) fn list_whole(with_repositories: bool) -> &'static [(&'static str, &'static str)] {
    match with_repositories {
        true => &[("with_repositories", "true")],
        false => &[],
    }
}

async fn say_dependents(
    session: &Session,
    client: &ApiClient<'_>,
    path: &[&str],
) -> Result<(), Failure> {
    let mut path = path.to_vec();
    path.push("deletion");
    let answer = client.get(&path, &[]).await?;
    for item in answer["items"].as_array().into_iter().flatten() {
        let (count, names) = (show_text(&item["count"]), show_names(item));
        let kind = show_kind(session, item);
        let parameters = [
            ("kind", kind.as_str()),
            ("count", &count),
            ("names", &names),
        ];
        session.say("cli.deletion.ends", &parameters);
    }
    Ok(())
}

fn show_kind(session: &Session, item: &Value) -> String {
    let key = match item["kind"].as_str() {
        Some("rule") => "cli.deletion.rule",
        Some("stopping_rule") => "cli.deletion.stopping_rule",
        Some("rule_secret") => "cli.deletion.rule_secret",
        Some("trigger_url") => "cli.deletion.trigger_url",
        Some("trigger") => "cli.deletion.trigger",
        Some("waiting_delivery") => "cli.deletion.waiting_delivery",
        Some("cluster_grant") => "cli.deletion.cluster_grant",
        Some("build") => "cli.deletion.build",
        Some("link") => "cli.deletion.link",
        Some("webhook") => "cli.deletion.webhook",
        Some("deploy_key") => "cli.deletion.deploy_key",
        Some("source") => "cli.deletion.source",
        Some("token") => "cli.deletion.token",
        Some("membership") => "cli.deletion.membership",
        Some("credential") => "cli.deletion.credential",
        Some("robot") => "cli.deletion.robot",
        Some("member") => "cli.deletion.member",
        Some("repository") => "cli.deletion.repository",
        Some("tag") => "cli.deletion.tag",
        // The word itself, for kinds that are not known yet.
        _ => return show_text(&item["kind"]),
    };
    session.text(key, &[]).into_owned()
}

fn show_names(item: &Value) -> String {
    let names: Vec<String> = item["names"]
        .as_array()
        .into_iter()
        .flatten()
        .map(show_text)
        .collect();
    let shown = &names[..names.len().min(SHOWN_NAMES)];
    let more = item["count"].as_u64().unwrap_or(0) as usize > shown.len();
    let shown = shown.join(", ");
    match (shown.is_empty(), more) {
        (true, _) => shown,
        (false, true) => format!(": {shown}, …"),
        (false, false) => format!(": {shown}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_few_names_are_shown_and_the_rest_is_counted() {
        assert_eq!(
            show_names(&json!({"count": 2, "names": ["a", "b"]})),
            ": a, b"
        );
        let many = json!({"count": 9, "names": ["a", "b", "c", "d", "e", "f"]});
        assert_eq!(show_names(&many), ": a, b, c, d, e, …");
        assert_eq!(show_names(&json!({"count": 3, "names": []})), "");
    }
}
