//! `wharf cluster`: Kubernetes clusters, who may use which of their namespaces, and what runs there.

mod arguments;
mod changes;
mod show;

use serde_json::{Value, json};

use super::outcome::print_outcome;
use crate::arguments::Options;
use crate::client::{ApiClient, list_pages};
use crate::failure::Failure;
use crate::output::{print_json, print_table, print_text};
use crate::session::{Format, Session};

pub(crate) use arguments::ClusterArguments;
use arguments::ClusterCommand;

pub(crate) async fn run(
    arguments: ClusterArguments,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    let client = &ApiClient::connect(session, options)?;
    match arguments.command {
        ClusterCommand::Add(arguments) => changes::add(session, client, *arguments).await,
        ClusterCommand::Edit(arguments) => changes::edit(session, client, *arguments).await,
        ClusterCommand::PullSecret(arguments) => {
            changes::write_pull_secret(session, client, arguments).await
        }
        ClusterCommand::List(arguments) => {
            let page = list_pages(session, client, &["clusters"], &[], &arguments.pages).await?;
            print_table(session, &show::COLUMNS, &page)
        }
        ClusterCommand::Show(arguments) => {
            let path = ["clusters", &arguments.cluster];
            let cluster = client.get(&path, &[]).await?;
            show::print_cluster(session, &cluster)
        }
        ClusterCommand::Delete(arguments) => {
            let name = arguments.cluster.as_str();
            arguments.confirmation.obtain(session, name)?;
            let answer = client.delete(&["clusters", name]).await?;
            print_outcome(session, &answer, "cli.cluster.deleted", &[("name", name)])
        }
        ClusterCommand::Check(arguments) => {
            let path = ["clusters", &arguments.cluster, "check"];
            let answer = client.post(&path, &json!({})).await?;
            show::print_check(session, &arguments.cluster, &answer)
        }
        ClusterCommand::Grant(arguments) => {
            let (cluster, namespace) = (arguments.cluster.as_str(), arguments.namespace.as_str());
            let body = json!({ "cluster_namespaces": arguments.kube_namespaces });
            let path = ["clusters", cluster, "grants", namespace];
            let answer = client.put(&path, &body).await?;
            let parameters = [("cluster", cluster), ("namespace", namespace)];
            print_outcome(session, &answer, "cli.cluster.granted", &parameters)
        }
        ClusterCommand::Revoke(arguments) => {
            let (cluster, namespace) = (arguments.cluster.as_str(), arguments.namespace.as_str());
            let path = ["clusters", cluster, "grants", namespace];
            let answer = client.delete(&path).await?;
            let parameters = [("cluster", cluster), ("namespace", namespace)];
            print_outcome(session, &answer, "cli.cluster.revoked", &parameters)
        }
        ClusterCommand::Manifest(arguments) => {
            let path = ["clusters", &arguments.cluster, "manifest"];
            let home = arguments.home.map(|home| ("home", home));
            let answer = client.get(&path, home.as_slice()).await?;
            match session.format {
                Format::Json => print_json(session, &answer),
                // Our own text, for a program: nothing in it is changed.
                Format::Table => print_text(session, answer["yaml"].as_str().unwrap_or_default()),
            }
        }
        ClusterCommand::Granted(arguments) => {
            let path = ["namespaces", &arguments.namespace, "clusters"];
            let answer = client.get(&path, &[]).await?;
            print_table(session, &show::GRANTED_COLUMNS, &answer)
        }
        ClusterCommand::Workloads(arguments) => {
            let place = &arguments.place;
            let path = [
                "namespaces",
                &place.namespace,
                "clusters",
                &place.cluster,
                "namespaces",
                &place.kube_namespace,
                "workloads",
            ];
            let answer = client.get(&path, &[]).await?;
            match session.format {
                Format::Json => print_json(session, &answer),
                Format::Table => {
                    let items = spread_containers(&answer);
                    print_table(session, &show::WORKLOAD_COLUMNS, &json!({ "items": items }))
                }
            }
        }
    }
}

/// A line for each container: that is what a trigger names.
fn spread_containers(answer: &Value) -> Vec<Value> {
    let workloads = answer["items"].as_array().into_iter().flatten();
    let lines = workloads.flat_map(|workload| {
        let containers = workload["containers"].as_array().into_iter().flatten();
        containers.map(|container| {
            let mut line = container.clone();
            line["kind"] = workload["kind"].clone();
            line["workload"] = workload["name"].clone();
            line
        })
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workload_has_a_line_for_each_container() {
        let answer = json!({ "items": [{ "kind": "deployment", "name": "web", "containers": [
            { "name": "app", "image": "a:1", "init": false }, { "name": "setup", "image": "b:1", "init": true },
        ] }] });
        let lines = spread_containers(&answer);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["workload"], "web");
        assert_eq!(lines[1]["name"], "setup");
    }
}
