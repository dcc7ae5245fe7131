//! Places where the operator does not let us go.

use crate::setup::{make_egress, send};
use std::time::Duration;
use wharf_integrations::target::{Outcome, ReasonWord};
use wharf_testkit::Receiver;

/// Row H47 of the list of attacks: whoever sends somewhere by trial learns nothing about the place.
#[tokio::test]
async fn h47_every_place_that_is_refused_is_refused_alike() {
    let listening = Receiver::start();
    let egress = make_egress(&[]);
    let port = listening.authority().rsplit_once(':').expect("a port").1;
    let mut outcomes = Vec::new();
    for url in [
        listening.url("/"),
        "http://127.0.0.1:9999/".to_owned(),
        "https://127.0.0.1:9999/".to_owned(),
        format!("http://localhost.:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "https://10.0.0.1/".to_owned(),
        "http://0x7f.1/".to_owned(),
        "http://[64:ff9b::a9fe:a9fe]/".to_owned(),
        "http://0/".to_owned(),
    ] {
        let exchange = send(&egress, &url).await;
        assert_eq!(exchange.response, None, "{url}");
        assert_eq!(exchange.timings.waited, Duration::ZERO, "{url}");
        outcomes.push(exchange.outcome);
    }
    let first = outcomes.remove(0);
    assert!(
        matches!(&first, Outcome::Refused { reason } if reason.word == ReasonWord::NotAllowed && reason.said.is_empty()),
        "{first:?}"
    );
    assert!(
        outcomes.iter().all(|outcome| *outcome == first),
        "{outcomes:?}"
    );
    assert!(listening.received().is_empty());
}
