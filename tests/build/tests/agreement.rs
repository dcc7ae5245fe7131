//! Replays the corpus with `wharf build` (`WHARF_BIN`, else beside this program): one trial for each case, and a table at
//! the end.
//!
//! `WHARF_BUILDKIT=FOLDER WHARF_TEST_REPLAY=buildkit` replays it with the reference itself, which proves the harness.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use wharf_build_tests::builder::Builder;
use wharf_build_tests::builder::buildctl::Buildctl;
use wharf_build_tests::builder::wharf::Wharf;
use wharf_build_tests::case::Kind;
use wharf_build_tests::compare::{list_differences, sort_out};
use wharf_build_tests::corpus::{Filed, find_folder, list_cases};
use wharf_build_tests::run::World;
use wharf_build_tests::table::Table;

struct Replay {
    world: World,
    builder: Box<dyn Builder + Send>,
    table: Table,
    is_reference: bool,
}

fn main() {
    let arguments = Arguments::from_args();
    let cases = list_cases(&find_folder()).expect("the corpus can be read");
    if arguments.list {
        let names = cases
            .into_iter()
            .map(|case| Trial::test(case.name, || Ok(())))
            .collect();
        libtest_mimic::run(&arguments, names).exit();
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let world = World::open(folder.path()).expect("bases, pages and repositories");
    let builder = start_builder(&world, folder.path()).expect("a builder");
    let replay = Arc::new(Replay {
        world,
        builder,
        table: Table::default(),
        is_reference: is_reference(),
    });
    let trials = cases
        .into_iter()
        .map(|case| {
            let replay = Arc::clone(&replay);
            let skipped = note_skip(&case);
            Trial::test(case.name.clone(), move || replay_case(&replay, &case))
                .with_ignored_flag(skipped)
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    println!("{}", replay.table.draw());
    drop(replay);
    drop(folder);
    conclusion.exit();
}

fn start_builder(
    world: &World,
    folder: &std::path::Path,
) -> anyhow::Result<Box<dyn Builder + Send>> {
    if is_reference() {
        let programs: PathBuf = std::env::var_os("WHARF_BUILDKIT")
            .unwrap_or_default()
            .into();
        return Ok(Box::new(Buildctl::start(
            &programs,
            &folder.join("buildkit"),
            &world.server,
        )?));
    }
    Ok(Box::new(Wharf::prepare(
        &find_program(),
        folder,
        &world.server,
    )?))
}

fn is_reference() -> bool {
    std::env::var("WHARF_TEST_REPLAY").is_ok_and(|name| name == "buildkit")
}

/// `WHARF_BIN`, else the `wharf` beside this test's own program, as the other suites find it.
fn find_program() -> PathBuf {
    std::env::var_os("WHARF_BIN").map_or_else(
        || {
            let own = std::env::current_exe().expect("a test knows its own file");
            own.ancestors()
                .nth(2)
                .expect("target/<profile>/deps/<test>")
                .join("wharf")
        },
        PathBuf::from,
    )
}

/// Whether a case cannot run here; the reason goes where `make test` collects reasons, and is a failure where skips are
/// forbidden.
fn note_skip(case: &Filed) -> bool {
    // SAFETY: a plain call without arguments that cannot fail.
    let is_root = unsafe { libc::geteuid() } == 0;
    let entries = case.case.context.iter().chain(&case.case.beside);
    if is_root
        || !entries
            .clone()
            .any(|entry| entry.kind == Kind::Device || entry.owner.is_some())
    {
        return false;
    }
    let forbidden = std::env::var_os("WHARF_TEST_FORBID_SKIPS").is_some_and(|value| value == "1");
    assert!(
        !forbidden,
        "skips are forbidden here, but {} needs root",
        case.name
    );
    if let Some(path) = std::env::var_os("WHARF_TEST_SKIP_FILE") {
        let line = format!(
            "skipped {}: its context holds a device or another owner, which needs root\n",
            case.name
        );
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .expect("a skip is noted");
    }
    true
}

fn replay_case(replay: &Replay, case: &Filed) -> Result<(), Failed> {
    let compared = case.read_expectation().and_then(|expected| {
        let found = replay.world.run_case(case, replay.builder.as_ref())?;
        Ok(list_differences(&expected["steps"], &found.into()))
    });
    let mut problems = match compared {
        Ok(differences) => {
            // What wharf does otherwise on purpose, the reference does not.
            let reasons = if replay.is_reference {
                &[][..]
            } else {
                &case.case.differs
            };
            let (left, unused) = sort_out(differences, reasons);
            let unused = unused
                .iter()
                .map(|at| format!("{at}: said to differ, but agrees"));
            left.iter().map(ToString::to_string).chain(unused).collect()
        }
        Err(error) => vec![format!("{error:#}")],
    };
    replay.table.count_case(
        &case.case.rows,
        problems.is_empty(),
        !case.case.differs.is_empty(),
    );
    if problems.is_empty() {
        return Ok(());
    }
    problems.splice(0..0, case.case.why.clone());
    Err(problems.join("\n").into())
}
