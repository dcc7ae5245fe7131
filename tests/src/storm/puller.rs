//! A client that pulls what is acknowledged and believes no byte that does not hash to its digest.

use reqwest::Method;
use serde_json::Value;
use wharf_testkit::image::compute_digest;

use super::{Broken, Dice, Reply, Round, Stop, ledger::Notice};

/// Works until the round is over or the server is gone; answers what should not have happened.
pub(super) async fn run_puller(number: usize, round: Round) -> Vec<String> {
    let mut dice = Dice::new(number as u64 + 77);
    while !round.is_over() {
        let Some(notice) = round.board.pick(&mut dice) else {
            tokio::task::yield_now().await;
            continue;
        };
        match pull(&round, &notice).await {
            Ok(()) => {}
            Err(Stop::Struck) => break,
            Err(Stop::Violation(text)) => return vec![text],
        }
    }
    Vec::new()
}

async fn pull(round: &Round, notice: &Notice) -> Result<(), Stop> {
    let Notice {
        repository, tag, ..
    } = notice;
    let target = format!("/v2/{repository}/manifests/{tag}");
    let reply = get(round, &target).await?;
    if reply.status == 404 && !round.board.is_up(notice) {
        return Ok(());
    }
    let digest = compute_digest(&reply.body);
    if reply.status != 200 || reply.find_header("docker-content-digest") != Some(&digest) {
        return Err(blame(&target, &reply));
    }
    let manifest: Value =
        serde_json::from_slice(&reply.body).map_err(|_| blame(&target, &reply))?;
    let layers = manifest["layers"].as_array().into_iter().flatten();
    for named in layers.chain([&manifest["config"]]) {
        let digest = named["digest"].as_str().unwrap_or_default();
        let target = format!("/v2/{repository}/blobs/{digest}");
        let reply = get(round, &target).await?;
        if reply.status != 200 || compute_digest(&reply.body) != digest {
            return Err(blame(&target, &reply));
        }
    }
    Ok(())
}

async fn get(round: &Round, target: &str) -> Result<Reply, Stop> {
    let sent = round.wire.send(Method::GET, target).await;
    if round.excuses(&sent) {
        return Err(Stop::Struck);
    }
    sent.map_err(|Broken(text)| Stop::Violation(format!("no answer: {text}")))
}

fn blame(target: &str, reply: &Reply) -> Stop {
    Stop::Violation(format!("GET {target} of a known tag: {}", reply.describe()))
}
