//! What runs where.

use crate::kube::bench::{OLD, need_bench, pause};
use wharf_integrations::target::kubernetes::RolloutState;
use wharf_model::triggers::WorkloadKind;

#[test]
fn running_images_of_a_repository_are_found_by_digest() {
    let bench = need_bench!();
    bench.space.create_workload("deployments", "app", OLD);
    bench.space.create_workload("statefulsets", "db", OLD);
    let target = bench.target(WorkloadKind::Deployment, "app");
    bench.set(&target, &pause("3.10")).expect("it is set");
    let text = pause("3.10").to_string();
    bench.follow(&target, &text, |state| {
        matches!(state, RolloutState::Done(_))
    });
    let repository = "pause".parse().expect("a name");
    let namespaces = [bench.namespace(), "kube-public".parse().expect("a name")];
    let find = |host: &str| {
        let found = bench.cluster.find_running(&namespaces, host, &repository);
        bench.ask(found).expect("an answer")
    };
    bench.wait(
        "the new pods are all that is left of the Deployment",
        || {
            let found = find("registry.k8s.io");
            let app = found.images.iter().filter(|it| it.name == "app");
            app.map(|it| it.digest).collect::<Vec<_>>() == [Some(pause("3.10").digest())]
        },
    );
    let found = find("registry.k8s.io");
    assert_eq!(found.hidden, [namespaces[1].clone()], "it may not be read");
    let app = found
        .images
        .iter()
        .find(|it| it.name == "app")
        .expect("the Deployment");
    assert_eq!(
        (app.kind.as_str(), app.pods, app.ready),
        ("Deployment", 2, 2)
    );
    assert!(
        app.since.is_some() && app.container == "web" && app.image == text,
        "{app:?}"
    );
    let db = found
        .images
        .iter()
        .find(|it| it.name == "db")
        .expect("the StatefulSet");
    assert_eq!((db.kind.as_str(), db.image.as_str()), ("StatefulSet", OLD));
    assert!(find("reg.example").images.is_empty());
}
