//! F01 and F03: the process is killed, at random and at the Nth call that changes a file.

use std::time::Duration;

use wharf_testkit::Server;
use wharf_tests::{
    storm::{Dice, Excuse, Loss, Mix, Scope, Storm},
    strace::Tracer,
};

use crate::place::{describe_server, need, run_fsck};

#[test]
fn f01_kill_9_at_random_takes_nothing_that_was_acknowledged() {
    let mut server = describe_server().start();
    let mut storm = Storm::new(4, 4, Mix::IMAGES, 1);
    let mut dice = Dice::new(1);
    for _ in 0..10 {
        storm.rage(&mut server, 10 + dice.roll(150), Excuse::Gone, Server::kill);
        server.restart();
        storm.check(&server, Loss::Process, Scope::Recent);
    }
    storm.check(&server, Loss::Process, Scope::Everything);
    run_fsck(&server);
    assert!(
        storm.acknowledged() > 20,
        "only {} pushes were acknowledged: the rounds tell little",
        storm.acknowledged()
    );
}

#[test]
fn f03_sigkill_at_the_nth_change_of_a_file_takes_nothing_that_was_acknowledged() {
    let mut server = describe_server().start();
    let mut storm = Storm::new(4, 0, Mix::IMAGES, 3);
    let [syncs, renames, writes] = Tracer::FILE_CHANGES;
    for (calls, n) in [
        (syncs, 1),
        (renames, 2),
        (writes, 5),
        (syncs, 7),
        (writes, 34),
    ] {
        let tracer = need!(Tracer::attach(
            server.pid(),
            &format!("inject={calls}:signal=KILL:when={n}"),
        ));
        let ended = storm.rage_through(&server, Excuse::Gone, Duration::from_secs(20));
        server.kill();
        drop(tracer);
        assert!(ended, "no thread came to call {n} of {calls}");
        server.restart();
        storm.check(&server, Loss::Process, Scope::Everything);
    }
    run_fsck(&server);
}
