//! Clusters, grants and workloads as people read them.

use serde_json::Value;

use crate::failure::Failure;
use crate::output::{
    Column, clean_text, print_json, print_record, print_rows, print_text, show_day_time, show_text,
    show_word, show_yes_no,
};
use crate::session::{Format, Session};

pub(super) const COLUMNS: [Column; 6] = [
    Column::text("cli.column.name", |_, item| show_text(&item["name"])),
    Column::text("cli.column.region", |_, item| show_text(&item["region"])),
    Column::text("cli.column.api_server", |_, item| {
        show_text(&item["server"])
    }),
    Column::text("cli.column.registry", |_, item| {
        show_text(&item["registry_host"])
    }),
    Column::text("cli.column.state", |session, item| {
        show_word(session, "cluster_state", &item["state"])
    }),
    Column::text("cli.column.problem", |_, item| show_text(&item["message"])),
];

pub(super) const GRANTED_COLUMNS: [Column; 5] = [
    Column::text("cli.column.region", |_, item| show_text(&item["region"])),
    Column::text("cli.column.cluster", |_, item| show_text(&item["name"])),
    Column::text("cli.column.kube_namespaces", |_, item| {
        show_text(&item["cluster_namespaces"])
    }),
    Column::text("cli.column.registry", |_, item| {
        show_text(&item["registry_host"])
    }),
    Column::text("cli.column.state", |session, item| {
        show_word(session, "cluster_state", &item["state"])
    }),
];

pub(super) const WORKLOAD_COLUMNS: [Column; 5] = [
    Column::text("cli.column.kind", |_, item| show_text(&item["kind"])),
    Column::text("cli.column.workload", |_, item| {
        show_text(&item["workload"])
    }),
    Column::text("cli.column.container", |_, item| show_text(&item["name"])),
    Column::text("cli.column.init", |session, item| {
        show_yes_no(session, &item["init"])
    }),
    Column::text("cli.column.image", |_, item| show_text(&item["image"])),
];

const GRANT_COLUMNS: [Column; 3] = [
    Column::text("cli.column.namespace", |_, item| {
        show_text(&item["namespace"])
    }),
    Column::text("cli.column.kube_namespaces", |_, item| {
        show_text(&item["cluster_namespaces"])
    }),
    Column::text("cli.column.created_by", |_, item| {
        show_text(&item["created_by"])
    }),
];

pub(super) fn print_cluster(session: &Session, cluster: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        return print_json(session, cluster);
    }
    let text = |field: &str| (!cluster[field].is_null()).then(|| show_text(&cluster[field]));
    let time =
        |field: &str| (!cluster[field].is_null()).then(|| show_day_time(session, &cluster[field]));
    print_record(
        session,
        &[
            ("cli.column.name", text("name")),
            ("cli.column.region", text("region")),
            ("cli.column.api_server", text("server")),
            (
                "cli.column.access",
                Some(show_word(session, "cluster_method", &cluster["method"])),
            ),
            ("cli.column.registry", text("registry_host")),
            (
                "cli.column.state",
                Some(show_word(session, "cluster_state", &cluster["state"])),
            ),
            ("cli.column.problem", text("message")),
            ("cli.column.detail", text("detail")),
            ("cli.column.kube_version", text("server_version")),
            ("cli.column.checked", time("checked_at")),
            ("cli.column.created_by", text("created_by")),
            ("cli.column.created", time("created_at")),
        ],
    )?;
    print_grants(session, &cluster["grants"])
}

fn print_grants(session: &Session, grants: &Value) -> Result<(), Failure> {
    match grants.as_array() {
        Some(grants) if !grants.is_empty() => {
            print_text(session, "\n")?;
            print_rows(session, &GRANT_COLUMNS, grants)
        }
        _ => Ok(()),
    }
}

/// What a check found; anything missing fails the command.
pub(super) fn print_check(session: &Session, name: &str, answer: &Value) -> Result<(), Failure> {
    if session.format == Format::Json {
        print_json(session, answer)?;
    }
    if answer["ok"] != true {
        let reason = match (answer["message"].as_str(), answer["detail"].as_str()) {
            (Some(message), Some(detail)) if !detail.is_empty() => format!("{message}: {detail}"),
            (Some(message), _) => message.to_owned(),
            _ => String::new(),
        };
        let parameters = [("name", name), ("reason", &*clean_text(&reason))];
        return Err(Failure::new(
            session.text("cli.cluster.unreachable", &parameters),
        ));
    }
    let version = show_text(&answer["server_version"]);
    let parameters = [("name", name), ("version", version.as_str())];
    session.say("cli.cluster.reachable", &parameters);
    let missing: Vec<String> = answer["missing"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let place = show_text(&one["cluster_namespace"]);
            format!("{place}: {}", show_text(&one["rights"]))
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let parameters = [("name", name), ("missing", &*missing.join("; "))];
    Err(
        Failure::new(session.text("cli.cluster.rights_missing", &parameters))
            .with_hint(session.text("cli.cluster.rights_missing_hint", &parameters)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_check_fails_for_what_is_missing_and_says_how_to_mend_it() {
        let session = Session::for_test(&[]);
        let whole = json!({ "ok": true, "server_version": "v1.34.0", "missing": [] });
        assert!(print_check(&session, "prod", &whole).is_ok());
        let part = json!({ "ok": true, "missing": [{ "cluster_namespace": "shop", "rights": ["patch deployments"] }] });
        let shown = print_check(&session, "prod", &part).unwrap_err().render();
        assert!(
            shown.contains("shop: patch deployments")
                && shown.contains("wharf cluster manifest prod"),
            "{shown}"
        );
        let dead = json!({ "ok": false, "message": "It does not answer", "detail": "timed out" });
        let shown = print_check(&session, "prod", &dead).unwrap_err().render();
        assert!(shown.contains("timed out"), "{shown}");
    }
}
