//! The audit log as a file: how many at once, and for how long.

use reqwest::{Method, Response};
use wharf_db::{DbError, Durability, audit};
use wharf_model::{AuditAction, Facts, Timestamp};

use crate::site::{Place, Site, wait_for};

/// Three pages of lines that fill what lies between a server and a reader who does not read.
async fn fill(site: &Site, facts: &Facts) {
    let namespace = facts.namespace;
    let filled = site.db.write(Durability::Relaxed, move |tx| {
        let details = format!("{{\"text\":\"{}\"}}", "x".repeat(12 << 10));
        let new = audit::NewEntry {
            at: Timestamp::from_seconds(1),
            actor: "admin",
            actor_kind: "user",
            action: AuditAction::TagDelete,
            target: "",
            namespace: Some(namespace),
            address: "192.0.2.1",
            request: "",
            details: &details,
        };
        let targets = vec!["team/app:v1".to_owned(); 2500];
        audit::insert_entries(tx, &new, &targets)
    });
    let filled: Result<(), DbError> = filled.await;
    filled.unwrap();
}

async fn export(site: &Site, username: &str) -> Response {
    let path = "/api/v1/audit/export?namespace=team";
    let answer = site.request_as(username, Method::GET, path).send().await;
    answer.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_few_exports_open_and_who_stops_reading_keeps_the_place() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    site.make_member("olga", "team", "owner").await;
    fill(&site, &facts).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let answer = export(&site, "olga").await;
        assert_eq!(answer.status().as_u16(), 200);
        open.push(answer);
    }
    assert_eq!(export(&site, "olga").await.status().as_u16(), 429);
    assert_eq!(export(&site, "admin").await.status().as_u16(), 200);
    open.pop();
    wait_for(|| async { (export(&site, "olga").await.status().as_u16() == 200).then_some(()) })
        .await;
    // To the last line.
    let text = open.pop().unwrap().text().await.unwrap();
    assert!(text.lines().count() > 2500);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_ends_with_the_right_to_read_the_log() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    for owner in ["olga", "otto"] {
        site.make_member(owner, "team", "owner").await;
    }
    fill(&site, &facts).await;
    let mut answer = export(&site, "olga").await;
    assert!(answer.chunk().await.unwrap().is_some());
    let member = "/api/v1/namespaces/team/members/olga";
    let ended = site.request(Method::DELETE, member).send().await.unwrap();
    assert!(ended.status().is_success(), "{}", ended.status());
    assert!(answer.text().await.is_err(), "it was cut off");
}
