//! Numbers over time outlive the process that counted them.

use serde_json::Value;
use wharf_testkit::{ImageMaker, Server};
use wharf_tests::wait_until;

use crate::place::describe_server;

fn count_pulls(server: &Server) -> u64 {
    let stats = server.api(&server.admin()).get("/stats").expect(200).json();
    let points = stats["traffic"].as_array().expect("a line");
    points
        .iter()
        .filter_map(|point| point["pulls"].as_u64())
        .sum()
}

fn pull(server: &Server, times: usize) {
    let repository = server.registry(&server.admin()).repository("used/app");
    (0..times).for_each(|_| drop(repository.get_manifest("v1").expect(200)));
}

#[test]
fn numbers_that_were_written_survive_kill_9_and_an_orderly_end_writes_the_rest() {
    let mut server = describe_server().start();
    let repository = server.registry(&server.admin()).repository("used/app");
    repository.push_image("v1", &ImageMaker::new("used").make());
    pull(&server, 3);
    wait_until("the pulls are written", || count_pulls(&server) == 3);
    server.kill();
    server.restart();
    assert_eq!(count_pulls(&server), 3);
    // No tick of the upkeep lies between these and the end.
    pull(&server, 4);
    server.terminate();
    server.restart();
    assert_eq!(count_pulls(&server), 7);
    let stats: Value = server
        .api(&server.admin())
        .get("/repositories/used%2Fapp/stats?range=400d")
        .expect(200)
        .json();
    assert_eq!(stats["traffic"][0]["pulls"], 7);
}
