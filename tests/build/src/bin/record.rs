//! `record [--check] [FILTER…]`: writes `expect.json` of every case (whose name holds a FILTER) from a real BuildKit.
//!
//! `record parser-corpus FOLDER` parses the Dockerfiles of BuildKit's own parser corpus (`frontend/dockerfile` of its
//! source, not in this repository): every tree must be equal.
//!
//! `--check` writes nothing and says what would differ. Runs as root; `WHARF_BUILDKIT` names the folder of `buildkitd`
//! and `buildctl` (README.md says how to build them).

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use wharf_build_tests::builder::Builder;
use wharf_build_tests::builder::buildctl::Buildctl;
use wharf_build_tests::compare::list_differences;
use wharf_build_tests::corpus::{Filed, find_folder, list_cases};
use wharf_build_tests::readable::write_readable;
use wharf_build_tests::run::World;
use wharf_build_tests::run::log::find_line;

fn main() -> Result<ExitCode> {
    let (flags, filters): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|word| word.starts_with("--"));
    if let [step, folder] = filters.as_slice()
        && step == "parser-corpus"
    {
        return parse_corpus(folder);
    }
    let check = flags.iter().any(|flag| flag == "--check");
    let programs: PathBuf = std::env::var_os("WHARF_BUILDKIT")
        .context("WHARF_BUILDKIT names the folder of buildkitd and buildctl")?
        .into();
    let folder = tempfile::tempdir()?;
    let world = World::open(folder.path())?;
    let mut cases = list_cases(&find_folder())?;
    cases.retain(|case| {
        filters.is_empty() || filters.iter().any(|filter| case.name.contains(filter))
    });
    let (count, queue) = (cases.len(), Mutex::new(cases.into_iter()));
    let wrong = Mutex::new(0);
    std::thread::scope(|scope| {
        for worker in 0..DAEMONS {
            let state = folder.path().join(format!("buildkit{worker}"));
            let (world, programs, queue, wrong) = (&world, &programs, &queue, &wrong);
            scope.spawn(move || {
                let buildkit = Buildctl::start(programs, &state, &world.server)?;
                while let Some(case) = next_case(queue) {
                    let recorded = record_case(world, &buildkit, &case);
                    if let Err(error) = recorded.and_then(|text| settle_case(&case, &text, check)) {
                        eprintln!("{}: {error:#}", case.name);
                        *wrong
                            .lock()
                            .unwrap_or_else(std::sync::PoisonError::into_inner) += 1;
                    }
                }
                anyhow::Ok(())
            });
        }
    });
    if next_case(&queue).is_some() {
        bail!("no daemon starts");
    }
    let wrong = wrong
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    println!(
        "{count} cases, {wrong} not {}",
        if check { "as recorded" } else { "recorded" }
    );
    unmount_beneath(folder.path());
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The parser's own scoring program does it; it lies beside the parser.
fn parse_corpus(folder: &str) -> Result<ExitCode> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let done = Command::new(cargo)
        .args([
            "run",
            "--quiet",
            "-p",
            "wharf-dockerfile",
            "--example",
            "corpus",
            "--",
            folder,
        ])
        .status()
        .context("run cargo")?;
    Ok(if done.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A daemon builds one case at a time; more of them than this wait for the same two processors.
const DAEMONS: usize = 3;

fn next_case(queue: &Mutex<std::vec::IntoIter<Filed>>) -> Option<Filed> {
    queue
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .next()
}

fn record_case(world: &World, buildkit: &Buildctl, case: &Filed) -> Result<Value> {
    let mut steps = world.run_case(case, buildkit)?;
    let last = steps.len() - 1;
    for (index, step) in steps.iter_mut().enumerate() {
        let own = case
            .case
            .step
            .get(index)
            .and_then(|step| step.fails.as_ref());
        let words = own.or(case.case.fails.as_ref().filter(|_| index == last));
        settle_failure(step, words)?;
    }
    let dockerfile = std::fs::read(case.folder.join("Dockerfile")).unwrap_or_default();
    let used = format!("{} {:?}", String::from_utf8_lossy(&dockerfile), case.case);
    let bases: Map<String, Value> = world
        .images
        .iter()
        .filter(|image| used.contains(&image.base.name))
        .map(|image| (image.base.name.clone(), image.digest.clone().into()))
        .collect();
    Ok(json!({ "recorded": {"by": buildkit.name_version()?, "bases": bases}, "steps": steps }))
}

/// Makes an expectation of a failure: the words that the case asks for, the line it points at, and the text for people.
fn settle_failure(step: &mut Value, words: Option<&Vec<String>>) -> Result<()> {
    let text = step["failure"]["text"].as_str().map(str::to_owned);
    match (words, text) {
        (None, None) => Ok(()),
        (None, Some(text)) => bail!("fails unexpectedly: {}", last_lines(&text)),
        (Some(_), None) => bail!("is built, although it is expected to fail"),
        (Some(words), Some(text)) => {
            if let Some(word) = words
                .iter()
                .find(|word| !text.to_lowercase().contains(&word.to_lowercase()))
            {
                bail!("the error lacks {word:?}: {}", last_lines(&text));
            }
            let message = text
                .lines()
                .rev()
                .find(|line| line.starts_with("error: "))
                .unwrap_or_default();
            step["failure"] = json!({"words": words, "message": drop_references(message)});
            if let Some(line) = find_line(&text) {
                step["failure"]["line"] = line.into();
            }
            Ok(())
        }
    }
}

/// Ids of snapshots and mounts are new each time: 25 letters and digits, or a number.
fn drop_references(message: &str) -> String {
    let is_reference = |word: &str| {
        word.len() == 25
            || word
                .strip_prefix("buildkit")
                .is_some_and(|rest| rest.parse::<u64>().is_ok())
    };
    let words = message.split_inclusive(|one: char| !one.is_ascii_alphanumeric());
    words
        .map(|word| {
            let core = word.trim_end_matches(|one: char| !one.is_ascii_alphanumeric());
            if is_reference(core) {
                word.replace(core, "REF")
            } else {
                word.to_owned()
            }
        })
        .collect()
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(16)..].join("\n")
}

fn settle_case(case: &Filed, found: &Value, check: bool) -> Result<()> {
    let text = write_readable(found);
    if !check {
        return std::fs::write(case.expectation_path(), text).context("write the expectation");
    }
    let expected = case.read_expectation()?;
    if write_readable(&expected) != text {
        let differences = list_differences(&expected, found);
        let lines: Vec<String> = differences.iter().map(ToString::to_string).collect();
        bail!("{}", lines.join("\n  "));
    }
    Ok(())
}

/// A daemon that ends leaves its snapshots mounted where a step was cut off; a folder with mounts cannot be removed.
fn unmount_beneath(folder: &Path) {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    for line in mounts.lines().rev() {
        let Some(path) = line
            .split(' ')
            .nth(1)
            .filter(|path| Path::new(path).starts_with(folder))
        else {
            continue;
        };
        if let Ok(path) = std::ffi::CString::new(path) {
            // SAFETY: the string ends with a zero byte; the mount lies in a folder that this program made.
            unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
        }
    }
}
