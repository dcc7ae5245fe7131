//! What nobody sees in logs and records.

use reqwest::Method;
use serde_json::json;

use crate::{
    launcher::ScriptLauncher,
    rules::{make_rule, of_rule},
    site::{Place, path_of, script},
};

const SECRET: &str = "hunter22-and-more";

#[tokio::test(flavor = "multi_thread")]
async fn h31_a_secret_is_covered_in_all_that_a_worker_tells_wherever_it_is_cut() {
    let (place, launcher) = (Place::new(), ScriptLauncher::default());
    let site = place.start(&launcher, 1).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let path = "/api/v1/repositories/team%2Fapp/rules/main/secrets/token";
    let set = site.request(Method::PUT, path);
    let set = set.json(&json!({ "value": SECRET })).send().await.unwrap();
    assert_eq!(set.status().as_u16(), 204);
    // One that only looks like it at its beginning is shown, at the latest when the step is over.
    let text = format!(
        "log whole {SECRET}\npart cut hunter\npart 22-and\npart -more.\nstep RUN echo {SECRET}\n\
         warn careful with {SECRET}\npart and hunter\nfail because of {SECRET}"
    );
    let mut new = of_rule(script(&facts, &text, &["v1"]), rule);
    new.spec.secrets = vec!["token".to_owned()];
    let build = site.queue(new).await;
    let shown = site.wait_for_state(&build, "failed").await;
    let log = site.request(Method::GET, &format!("/api/v1{}", path_of(&build, "/log")));
    let log = log.send().await.unwrap().text().await.unwrap();
    assert!(log.contains("whole *****\ncut *****."), "{log}");
    assert!(log.contains("RUN echo *****"), "{log}");
    assert!(log.contains("careful with *****"), "{log}");
    assert!(log.contains("and hunter"), "{log}");
    assert!(log.contains("because of *****"), "{log}");
    for (place, text) in [("the log", log), ("the record", shown.to_string())] {
        assert!(
            !text.contains(SECRET) && !text.contains("22-and"),
            "{place}: {text}"
        );
    }
}
