//! wharf's own command line as a client: every command about triggers and clusters, as a person types it. What builds says is in
//! `builds`.

use serde_json::{Value, json};
use wharf_testkit::{
    ApiClient, Behavior, ImageMaker, Kubernetes, Receiver, Server, docker::REGISTRY_HOST,
    encode_segment, kube::describe_workload, unique_name,
};
use wharf_tests::typing::{Cli, holds};

/// What runs before anything was pushed.
const OLD: &str = "registry.example/old:1";

/// A server, its administrator at a terminal, and a repository with one tag.
struct Desk {
    server: Server,
    cli: Cli,
    image: String,
}

impl Desk {
    fn set(allowed: &[String]) -> Self {
        let server = Server::builder()
            .known_as(REGISTRY_HOST)
            .config(&format!("[egress]\nallow = {allowed:?}"))
            .start();
        let cli = Cli::log_in(server.url(), server.admin_password());
        let desk = Self {
            image: format!("admin/{}", unique_name("typed")),
            server,
            cli,
        };
        desk.push("v1");
        desk
    }

    fn api(&self) -> ApiClient {
        self.server.api(&self.server.admin())
    }

    fn push(&self, tag: &str) {
        let image = ImageMaker::new(unique_name("content")).make();
        let registry = self.server.registry(&self.server.admin());
        registry.repository(&self.image).push_image(tag, &image);
    }

    /// The newest delivery.
    fn find_delivery(&self) -> Value {
        let name = encode_segment(&self.image);
        let path = format!("/repositories/{name}/trigger-deliveries?limit=1");
        self.api().get(&path).expect(200).json()["items"][0].clone()
    }
}

fn id_of(delivery: &Value) -> String {
    delivery["id"].as_str().expect("an id").to_owned()
}

#[test]
fn triggers_by_the_command_line() {
    let receiver = Receiver::start();
    receiver.behave(Behavior::answer(200, "taken"));
    let desk = Desk::set(&["127.0.0.1".to_owned()]);
    let (cli, image) = (&desk.cli, desk.image.as_str());
    let url = receiver.url("/secret-path");
    let made = cli.run(&[
        "trigger",
        "create",
        image,
        "hook",
        "--glob",
        "never",
        "--webhook",
        "--url",
        &url,
        "--sign",
    ]);
    holds(&made, &["hook", "whsec_"]);
    holds(&cli.run(&["trigger", "list", image]), &["hook", "never"]);
    let shown = cli.run(&["trigger", "show", image, "hook"]);
    holds(&shown, &["hook", receiver.authority()]);
    assert!(!shown.contains("secret-path"), "{shown}");
    holds(
        &cli.run(&["trigger", "try", image, "--glob", "v*"]),
        &["v1"],
    );
    cli.run(&["trigger", "edit", image, "hook", "--regex", "^never$"]);
    holds(&cli.run(&["trigger", "show", image, "hook"]), &["^never$"]);
    cli.run(&["trigger", "disable", image, "hook"]);
    cli.run(&["trigger", "enable", image, "hook"]);

    let add = [
        "trigger",
        "action",
        "add",
        image,
        "hook",
        "--slack",
        "--url-stdin",
    ];
    cli.run_with(&add, &format!("{}\n", receiver.url("/chat")));
    cli.run(&[
        "trigger",
        "action",
        "edit",
        image,
        "hook",
        "2",
        "--language",
        "zh",
    ]);
    cli.run(&["trigger", "action", "disable", image, "hook", "2"]);
    cli.run(&["trigger", "action", "enable", image, "hook", "2"]);
    cli.run(&["trigger", "action", "delete", image, "hook", "2", "--yes"]);
    let refused = cli.fail(&[
        "trigger", "action", "dry-run", image, "hook", "1", "--tag", "v1",
    ]);
    holds(&refused, &["workload"]);

    let run = ["trigger", "run", image, "hook", "--tag", "v1", "--follow"];
    holds(&cli.run(&run), &["succeeded"]);
    holds(&cli.run(&["trigger", "log", image]), &["hook", "v1"]);
    let id = id_of(&desk.find_delivery());
    let bodies = cli.run(&["trigger", "show-delivery", image, &id, "--bodies"]);
    holds(&bodies, &["> POST", "< 200", "taken"]);
    assert!(!bodies.contains("secret-path"), "{bodies}");
    cli.run(&["trigger", "redeliver", image, &id, "--follow"]);
    assert_eq!(receiver.received().len(), 2);

    receiver.behave(Behavior::answer(503, "later"));
    cli.run(&["trigger", "run", image, "hook", "--tag", "v1"]);
    wharf_tests::wait_until("it waits to be tried again", || {
        let newest = desk.find_delivery();
        newest["state"] == "waiting" && newest["attempt_count"] != 0
    });
    let id = id_of(&desk.find_delivery());
    cli.run(&["trigger", "cancel", image, &id]);
    let canceled = cli.run(&["trigger", "log", image, "--state", "canceled"]);
    holds(&canceled, &[&id]);

    cli.run(&["trigger", "delete", image, "hook", "--yes"]);
    holds(
        &cli.fail(&["trigger", "show", image, "hook"]),
        &["nothing here"],
    );
    cli.check_used("trigger", &[]);
}

#[test]
fn clusters_by_the_command_line_from_the_first_manifest_to_a_trace_of_what_runs() {
    let cluster = match Kubernetes::shared() {
        Ok(cluster) => cluster,
        Err(reason) => wharf_testkit::skip!("{reason}"),
    };
    let space = cluster.make_namespace();
    let address = cluster.url().trim_start_matches("https://");
    let address = address.trim_end_matches('/').to_owned();
    let desk = Desk::set(&[address]);
    let (cli, image, kube) = (&desk.cli, desk.image.as_str(), space.name());
    desk.server.set_visibility(image, false);

    let account = space.make_account("wharf");
    cli.write("kubeconfig", &cluster.write_kubeconfig(&account.token));
    let (_, port) = desk.server.authority().rsplit_once(':').expect("a port");
    let registry = format!("{REGISTRY_HOST}:{port}");
    cli.run(&[
        "cluster",
        "add",
        "first",
        "--kubeconfig",
        "kubeconfig",
        "--registry",
        &registry,
    ]);
    cli.run(&[
        "cluster", "edit", "first", "--rename", "prod", "--region", "eu-west",
    ]);
    holds(&cli.run(&["cluster", "list"]), &["prod", "eu-west"]);
    cli.fail(&["cluster", "show", "first"]);
    cli.run(&["cluster", "grant", "prod", "admin", kube]);
    holds(&cli.run(&["cluster", "show", "prod"]), &[kube, &registry]);
    holds(&cli.run(&["cluster", "granted", "admin"]), &["prod", kube]);
    holds(&cli.fail(&["cluster", "check", "prod"]), &["deployments"]);

    let elsewhere = cli.run(&["cluster", "manifest", "prod", "--home", "platform"]);
    holds(&elsewhere, &["kind: ServiceAccount", "platform"]);
    let manifest = cli.run(&["cluster", "manifest", "prod"]);
    assert!(!manifest.contains("platform"), "{manifest}");
    cluster.apply(&manifest);
    wharf_tests::wait_until("the rights are there", || {
        let checked = cli.finish(&["cluster", "check", "prod"], "");
        checked.status.success()
    });

    let workloads = ["cluster", "workloads", "admin", "prod", kube];
    assert!(!cli.run(&workloads).contains("web"));
    let create = [
        "trigger",
        "create",
        image,
        "deploy",
        "--all",
        "--workload",
        "deployment/app",
        "--cluster",
        "prod",
        "--cluster-namespace",
        kube,
        "--container",
        "setup",
    ];
    // It may come later, and is made all the same.
    holds(
        &cli.run(&create),
        &["deployment/app", "wharf cluster workloads"],
    );
    let mut app = describe_workload("deployments", "app", OLD);
    app["spec"]["template"]["spec"]["initContainers"] = json!([{ "name": "setup", "image": OLD }]);
    space.create_object("deployments", &app);
    holds(&cli.run(&workloads), &["setup", "web", OLD]);
    let edit = [
        "trigger",
        "action",
        "edit",
        image,
        "deploy",
        "1",
        "--container",
        "web",
    ];
    let pull_secret = format!("wharf cluster pull-secret admin prod {kube}");
    holds(&cli.run(&edit), &[&pull_secret]);
    let dry_run = [
        "trigger", "action", "dry-run", image, "deploy", "1", "--tag", "v1",
    ];
    holds(&cli.run(&dry_run), &[OLD, &registry, &pull_secret]);
    cli.run(&[
        "cluster",
        "pull-secret",
        "admin",
        "prod",
        kube,
        "--robot",
        "nodes",
    ]);
    assert!(!cli.run(&dry_run).contains(&pull_secret));

    let run = ["trigger", "run", image, "deploy", "--tag", "v1"];
    if cluster.kubelet().is_some() {
        cli.run(&[&run[..], &["--follow"]].concat());
        let traced = cli.run(&["trace", &format!("{image}:v1")]);
        holds(&traced, &["v1", "deploy", "prod", kube, "Deployment/app"]);
    } else {
        // Nodes cannot pull from a server on this machine.
        cli.run(&run);
    }
    let id = id_of(&desk.find_delivery());
    let bodies = cli.run(&["trigger", "show-delivery", image, &id, "--bodies"]);
    holds(&bodies, &["> PATCH https://", "fieldManager=wharf"]);
    assert!(!bodies.contains(&account.token), "{bodies}");

    cli.run(&["cluster", "revoke", "prod", "admin"]);
    cli.run(&["cluster", "delete", "prod", "--yes"]);
    holds(&cli.fail(&["cluster", "show", "prod"]), &["nothing here"]);
    cli.check_used("cluster", &[]);
}

#[test]
fn a_trace_by_the_command_line() {
    let desk = Desk::set(&[]);
    let traced = desk.cli.run(&["trace", &format!("{}:v1", desk.image)]);
    holds(&traced, &["v1", "sha256:", "admin"]);
    let by_server = format!("{}/{}:v1", desk.server.authority(), desk.image);
    holds(&desk.cli.run(&["trace", &by_server]), &["v1"]);
    let missing = desk.cli.fail(&["trace", &format!("{}:v2", desk.image)]);
    holds(&missing, &["nothing here"]);
}
