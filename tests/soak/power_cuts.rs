//! F04 and F05: power loss on file systems of our own.

use std::{path::Path, time::Instant};

use wharf_tests::{
    disk::Disk,
    power::{check_rows, lose_power},
    storm::{Loss, Mix},
};

use crate::{
    campaign::{Campaign, Field},
    report::Report,
};

/// Megabytes; sparse, so only what is pushed takes room.
const DISK: u64 = 4096;

/// Answers that the pushers get before the power goes.
const ANSWERS_TO_PUSHES: u64 = 500;
const ANSWERS_TO_COMMITS: u64 = 1_500;

type MakeDisk = fn(u64) -> Result<Disk, String>;

pub(crate) fn cut_under_pushes(report: &mut Report, rounds: u64) {
    let disks: [(&str, MakeDisk); 2] = [
        ("F04 power loss on ext4", Disk::ext4),
        ("F04 power loss on xfs", Disk::xfs),
    ];
    for (name, disk) in disks {
        cut_on(
            report,
            name,
            rounds,
            disk(DISK),
            Mix::IMAGES,
            ANSWERS_TO_PUSHES,
        );
    }
}

pub(crate) fn cut_under_commits(report: &mut Report, rounds: u64) {
    let disks: [(&str, MakeDisk); 2] = [
        ("F05 power loss in commits, checkpoints on ext4", Disk::ext4),
        ("F05 power loss in commits, checkpoints on xfs", Disk::xfs),
    ];
    for (name, disk) in disks {
        cut_on(
            report,
            name,
            rounds,
            disk(DISK),
            Mix::ROWS,
            ANSWERS_TO_COMMITS,
        );
    }
}

fn cut_on(
    report: &mut Report,
    name: &'static str,
    rounds: u64,
    disk: Result<Disk, String>,
    mix: Mix,
    answers: u64,
) {
    let mut disk = match disk {
        Ok(disk) => disk,
        Err(reason) => return report.add(name, Instant::now(), Err(reason)),
    };
    let campaign = Campaign {
        name,
        rounds,
        loss: Loss::Power,
    };
    let checkpoint = Path::new(env!("CARGO_BIN_EXE_wharf-checkpoint"));
    let mut field = Field::new(&disk.path(), 2, mix, 4);
    campaign.run(report, &mut field, |_, field| {
        let answers = field.dice.roll(answers);
        let Field {
            server,
            storm,
            dice,
        } = field;
        lose_power(server, &mut disk, storm, answers, dice, checkpoint);
        check_rows(&server.data_dir().join("wharf.db"));
        String::new()
    });
}
