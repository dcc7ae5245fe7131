//! The log shows what was really asked of a cluster and what it answered, and no secret.

use serde_json::{Value, json};
use wharf_testkit::kube::{Behavior, KubeFault, KubeGate, describe_workload};

use super::{need_cluster, need_played};
use crate::stage::Stage;

const OLD: &str = "registry.example/old:1";

/// A text of JSON within an attempt.
#[track_caller]
fn read_body(message: &Value) -> Value {
    let body = message["body"].as_str().expect("a body");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {message:#}"))
}

/// What the first container of a Deployment, or of a patch of one, runs.
fn image_in(object: &Value) -> &Value {
    &object["spec"]["template"]["spec"]["containers"][0]["image"]
}

#[test]
fn an_attempt_shows_the_request_to_the_api_server_its_answer_and_how_long_it_took() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    let mut app = describe_workload("deployments", "app", OLD);
    app["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{ "name": "PASSWORD", "value": "hush-hush" }]);
    stage.kube.create_object("deployments", &app);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    let digest = stage.push("v1");
    let delivery = stage.wait_for_delivery("v1", "it is patched", |it| !it["patched_at"].is_null());
    let attempt = &delivery["attempts"][0];
    assert_eq!(attempt["outcome"], "patched", "{delivery:#}");
    let request = &attempt["request"];
    assert_eq!(request["method"], "PATCH");
    let path = format!("{}/app?fieldManager=wharf", stage.kube.path("deployments"));
    let base = cluster.url().trim_end_matches('/');
    assert_eq!(request["url"], format!("{base}{path}"));
    let wanted = stage.reference("v1", &digest);
    let patch = read_body(request);
    assert_eq!(*image_in(&patch), *wanted);
    assert_eq!(
        patch["metadata"]["annotations"]["wharf/delivery"],
        delivery["id"]
    );
    let response = &attempt["response"];
    assert_eq!(
        (&attempt["status"], &response["status"]),
        (&json!(200), &json!(200))
    );
    assert_eq!(*image_in(&read_body(response)), *wanted);
    assert!(
        attempt["waited_micros"]
            .as_u64()
            .is_some_and(|time| time > 0)
    );
    let text = delivery.to_string();
    // Tokens of service accounts are JSON in base64, signed.
    assert!(
        !text.contains("eyJ") && !text.contains("hush-hush"),
        "{text}"
    );
    let headers = request["headers"].to_string();
    assert!(
        headers.contains(r#"{"name":"authorization","value":"********"}"#),
        "{headers}"
    );
}

#[test]
fn what_a_cluster_refuses_is_shown_as_it_refused_it() {
    let cluster = need_cluster!();
    need_played!(cluster.kubelet().is_some());
    let gate = KubeGate::open(cluster);
    let stage = Stage::set_behind(&gate, cluster);
    stage.kube.create_workload("deployments", "app", OLD);
    stage.make_trigger("deploy", stage.describe_action("deployment", "app"));
    stage.kube.wait_for_rollout("app");
    // More often than one attempt reads again.
    let path = format!("{}/app", stage.kube.path("deployments"));
    gate.fail("PATCH", &path, 10, KubeFault::Status(409));
    stage.push("v1");
    let waits =
        stage.wait_for_delivery("v1", "others were faster", |it| it["reason"] == "conflict");
    let attempts = waits["attempts"].as_array().expect("attempts");
    let conflict = attempts.last().expect("the first attempt");
    assert_eq!(conflict["request"]["method"], "PATCH", "{waits:#}");
    let url = conflict["request"]["url"].as_str().expect("a URL");
    assert!(url.starts_with(&gate.url()), "{url}");
    assert_eq!(conflict["response"]["status"], 409, "{waits:#}");

    stage.kube.delete("deployments", "app");
    stage.push("v2");
    let gone = stage.wait_for_end("v2");
    let attempt = &gone["attempts"][0];
    assert_eq!(attempt["request"]["method"], "GET", "{gone:#}");
    assert_eq!(attempt["status"], 404, "{gone:#}");
    assert_eq!(read_body(&attempt["response"])["reason"], "NotFound");
}

#[test]
fn putting_the_earlier_image_back_is_an_attempt_of_its_own() {
    let cluster = need_cluster!();
    let stage = Stage::set(cluster);
    need_played!(stage.kube.play_image(":bad", Behavior::Crashes));
    let mut app = describe_workload("deployments", "app", OLD);
    app["spec"]["progressDeadlineSeconds"] = json!(2);
    stage.kube.create_object("deployments", &app);
    stage.kube.wait_for_rollout("app");
    let mut action = stage.describe_action("deployment", "app");
    action["rollback"] = json!(true);
    action["timeout_seconds"] = json!(10);
    stage.make_trigger("deploy", action);
    stage.push("bad");
    let ended = stage.wait_for_end("bad");
    assert_eq!(
        (&ended["state"], &ended["attempt_count"]),
        (&json!("failed"), &json!(2))
    );
    let back = &ended["attempts"][0];
    assert_eq!(
        (&back["number"], &back["outcome"]),
        (&json!(2), &json!("rolled_back"))
    );
    assert_eq!(back["request"]["method"], "PATCH", "{ended:#}");
    assert_eq!(*image_in(&read_body(&back["request"])), OLD);
    assert_eq!(*image_in(&read_body(&back["response"])), OLD);
}
