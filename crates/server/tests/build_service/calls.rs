//! Calls of trigger URLs that wait. No host is asked: the rules here have no source.

use wharf_db::{
    DbError, Durability, Tx, params,
    rules::trigger_urls::{self, WaitingTrigger},
};
use wharf_model::{RuleId, Timestamp, TriggerUrlId};

use crate::{
    rules::make_rule,
    site::{Place, Site, wait_for},
};

const BRANCHES: &str = r#"{"trigger":{"branches":true}}"#;

async fn write<T: Send + 'static>(
    site: &Site,
    work: impl Fn(&mut Tx<'_>) -> Result<T, DbError> + Send + 'static,
) -> T {
    site.db.write(Durability::Durable, work).await.unwrap()
}

async fn make_trigger(site: &Site, rule: RuleId) -> TriggerUrlId {
    let id = TriggerUrlId::new();
    write(site, move |tx| {
        tx.execute(
            "INSERT INTO trigger_urls (id, rule_id, name, secret_hash, created_by, created_at)
             VALUES ($1, $2, 'ci', $3, 'admin', 0)",
            params![id, rule, vec![0_u8]],
        )
    })
    .await;
    id
}

async fn find_waiting(
    site: &Site,
    id: TriggerUrlId,
    target: &'static str,
) -> Option<WaitingTrigger> {
    write(site, move |tx| trigger_urls::find_waiting(tx, id, target)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_comes_while_others_are_settled_waits_for_a_build_of_its_own() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let id = make_trigger(&site, rule).await;
    let at = Timestamp::from_micros;
    let call = move |tx: &mut Tx<'_>| trigger_urls::wait_for_trigger(tx, id, "", at(5), at(1));
    write(&site, call).await;
    let read = write(&site, call).await;
    assert_eq!(read.calls, 2);
    // The host is being asked.
    write(&site, call).await;
    let ended = move |read: WaitingTrigger| {
        move |tx: &mut Tx<'_>| trigger_urls::end_waiting(tx, &read, at(7), at(20))
    };
    assert!(write(&site, ended(read.clone())).await);
    let left = find_waiting(&site, id, "").await.unwrap();
    assert_eq!(
        (left.calls, left.since, left.not_before),
        (1, at(7), at(20))
    );
    assert!(write(&site, ended(left)).await);
    assert_eq!(find_waiting(&site, id, "").await, None);
    assert!(!write(&site, ended(read)).await, "nobody waits");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_come_to_nothing_are_recorded_of_few_refs_that_the_rule_builds_and_knows() {
    let place = Place::new();
    let site = place.start_waiting(Default::default()).await;
    let facts = site.make_repository("team/app").await;
    let rule = make_rule(&site, &facts).await;
    let id = make_trigger(&site, rule).await;
    write(&site, move |tx| {
        tx.execute(
            "UPDATE rules SET definition = $2 WHERE id = $1",
            params![rule, BRANCHES],
        )?;
        for number in 0..60 {
            for kind in ["heads", "tags"] {
                tx.execute(
                    "INSERT INTO rule_heads (rule_id, ref, object, commit_id, sequence)
                     VALUES ($1, $2, $3, $3, 1)",
                    params![rule, format!("refs/{kind}/r{number}"), "1".repeat(40)],
                )?;
            }
        }
        for target in ["", "refs/heads/main", "refs/heads/made-up"] {
            let at = Timestamp::from_micros(1);
            trigger_urls::wait_for_trigger(tx, id, target, at, at)?;
        }
        Ok(())
    })
    .await;
    let running = tokio::spawn(site.app.clone().run_rebuilds());
    wait_for(|| async {
        let count = write(&site, move |tx| trigger_urls::count_waiting(tx, id)).await;
        (count == 0).then_some(())
    })
    .await;
    running.abort();
    let count = async |sql: &'static str| {
        write(&site, move |tx| {
            let row = tx.query_first(sql, params![rule])?;
            row.map_or(Ok(0), |mut row| row.take::<u64>(0))
        })
        .await
    };
    let of_rule = "SELECT COUNT(*) FROM ref_decisions WHERE rule_id = $1";
    assert_eq!(count(of_rule).await, 51, "fifty of all, and the named one");
    let tags = "SELECT COUNT(*) FROM ref_decisions WHERE rule_id = $1 AND ref LIKE 'refs/tags/%'";
    assert_eq!(count(tags).await, 0, "the rule builds none");
    let heads = "SELECT COUNT(*) FROM rule_heads WHERE rule_id = $1";
    assert_eq!(count(heads).await, 121, "no name was made up");
}
