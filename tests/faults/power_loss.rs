//! F04 and F05: whatever was not synced is thrown away, on real file systems. Only root may do that.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

use wharf_testkit::Server;
use wharf_tests::{
    disk::Disk,
    power::{check_rows, lose_power},
    stored::make_damaged,
    storm::{Dice, Excuse, Loss, Mix, Scope, Storm},
    strace::Tracer,
};

use crate::{
    client::Client,
    place::{describe_server_in, make_image, need, run_fsck},
};

/// Megabytes; xfs does not go below 300.
const DISK: u64 = 320;

/// Pushes and pulls until the power goes, some rounds on one disk.
fn rage_on(mut disk: Disk, mix: Mix, rounds: u64) {
    let mut server = describe_server_in(&disk.path()).start();
    let mut storm = Storm::new(4, 2, mix, 4);
    let mut dice = Dice::new(4);
    for _ in 0..rounds {
        lose_power(
            &mut server,
            &mut disk,
            &mut storm,
            10 + dice.roll(150),
            &mut dice,
            Path::new(env!("CARGO_BIN_EXE_wharf-checkpoint")),
        );
        check_rows(&server.data_dir().join("wharf.db"));
        server.restart();
        storm.check(&server, Loss::Power, Scope::Everything);
    }
    run_fsck(&server);
}

#[test]
fn f04_power_loss_on_ext4_takes_nothing_that_was_acknowledged() {
    rage_on(need!(Disk::ext4(DISK)), Mix::IMAGES, 3);
}

#[test]
fn f04_power_loss_on_xfs_takes_nothing_that_was_acknowledged() {
    rage_on(need!(Disk::xfs(DISK)), Mix::IMAGES, 3);
}

#[test]
fn f05_power_loss_during_commits_and_checkpoints_keeps_the_database_whole_on_ext4() {
    rage_on(need!(Disk::ext4(DISK)), Mix::ROWS, 2);
}

#[test]
fn f05_power_loss_during_commits_and_checkpoints_keeps_the_database_whole_on_xfs() {
    rage_on(need!(Disk::xfs(DISK)), Mix::ROWS, 2);
}

/// A checker that finds nothing on a disk that lies would find nothing anywhere.
#[test]
fn f04_the_checker_notices_syncs_that_were_reported_but_not_done() {
    let mut disk = need!(Disk::ext4(DISK));
    let mut server = describe_server_in(&disk.path()).start();
    let mut storm = Storm::new(4, 0, Mix::IMAGES, 5);
    let tracer = need!(Tracer::attach(
        server.pid(),
        "inject=fsync,fdatasync,sync_file_range:retval=0"
    ));
    storm.rage(&mut server, 60, Excuse::Gone, |server| {
        disk.cut_power();
        server.kill();
    });
    drop(tracer);
    disk.unmount();
    disk.mount();
    let noticed = catch_unwind(AssertUnwindSafe(|| {
        server.restart();
        storm.check(&server, Loss::Power, Scope::Everything);
    }));
    assert!(storm.acknowledged() > 0, "there was something to lose");
    assert!(noticed.is_err(), "lost pushes went unnoticed");
}

/// The first acknowledged push stands on everything that the first start made: folders, keys, database.
#[test]
fn f04_power_loss_right_after_the_first_push_keeps_it() {
    let mut disk = need!(Disk::ext4(DISK));
    let mut server = describe_server_in(&disk.path()).start();
    let image = make_image(1, &[5_000]);
    Client::new(&server)
        .push_image("first/app", "v1", &image)
        .expect("a healthy server");
    cut(&mut server, &mut disk);
    server.restart();
    Client::new(&server).expect_image("first/app", "v1", &image);
    run_fsck(&server);
}

/// A push that heals a damaged blob has to make it durable again, although its row says that it is.
#[test]
fn f04_power_loss_after_a_push_healed_a_damaged_blob_keeps_what_it_healed() {
    let mut disk = need!(Disk::ext4(DISK));
    let mut server = describe_server_in(&disk.path()).start();
    let client = Client::new(&server);
    let image = make_image(1, &[300_000]);
    client
        .push_image("heal/app", "v1", &image)
        .expect("a healthy server");
    let layer = &image.layers[0];
    make_damaged(server.data_dir(), &layer.digest());
    // As a client does that was told to push everything again.
    let location = client.begin("heal/app").expect("a healthy server");
    client
        .finish(&location, &layer.digest(), &layer.bytes)
        .expect("the same bytes again");
    client
        .put_manifest("heal/app", "v2", &image.manifest)
        .expect("everything is there");
    cut(&mut server, &mut disk);
    server.restart();
    Client::new(&server).expect_image("heal/app", "v2", &image);
    run_fsck(&server);
}

fn cut(server: &mut Server, disk: &mut Disk) {
    disk.cut_power();
    server.kill();
    disk.unmount();
    disk.mount();
}
