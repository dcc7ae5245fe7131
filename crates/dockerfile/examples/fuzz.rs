//! Changes Dockerfiles at random and feeds them to everything that reads one, for a given time.
//!
//! `cargo run -p wharf-dockerfile --example fuzz -- SECONDS [FOLDER]`: the seeds are the files of the folder, or a few
//! of its own. A panic ends it; the input is printed before each file that takes long and can be made again from the
//! printed seed. Exit code 0 means that nothing was found.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use wharf_dockerfile::{
    Dockerfile, check_frontend,
    ignore::{PatternSet, read_ignore_file},
    lint::{LintInput, lint},
    list_targets, outline_target,
};
use wharf_oci::Platform;

/// An input that takes longer is printed: no file of this size has a reason to.
const SLOW: Duration = Duration::from_secs(1);

const SEED: &[u8] = include_bytes!("../tests/valid.Dockerfile");

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let seconds = arguments
        .next()
        .and_then(|text| text.to_str()?.parse().ok())
        .unwrap_or(10);
    let mut seeds = vec![SEED.to_vec()];
    if let Some(folder) = arguments.next() {
        collect_seeds(&PathBuf::from(folder), &mut seeds);
    }
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut count = 0u64;
    while Instant::now() < end {
        let state = random.0;
        let bytes = mutate(&seeds, &mut random);
        let began = Instant::now();
        run(&bytes);
        let took = began.elapsed();
        if took > SLOW {
            println!("slow: {took:?}, state {state:#x}, {} bytes", bytes.len());
        }
        count += 1;
    }
    println!("{count} inputs from {} seeds", seeds.len());
}

fn collect_seeds(folder: &Path, seeds: &mut Vec<Vec<u8>>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_seeds(&path, seeds);
        } else if path.to_string_lossy().contains("Dockerfile") {
            seeds.extend(fs::read(&path));
        }
    }
}

fn run(bytes: &[u8]) {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..Platform::default()
    };
    let input = LintInput {
        given: &BTreeMap::new(),
        build_platform: &platform,
        target_platform: &platform,
        target: None,
        every_stage: true,
        contexts: &BTreeSet::new(),
        images: &BTreeMap::new(),
        ignore: None,
    };
    let report = lint(bytes, &input);
    for finding in &report.findings {
        assert!(finding.excerpt(&report.source).is_some(), "{finding:?}");
    }
    if let Some(error) = &report.error {
        assert!(!error.to_string().is_empty());
        error.excerpt(&report.source);
    }
    if let Ok(file) = Dockerfile::parse(bytes) {
        assert!(!list_targets(&file).is_empty());
        let _ = outline_target(&file, &input);
    }
    let _ = check_frontend(bytes, None);
    let patterns = read_ignore_file(bytes);
    if let Ok(set) = PatternSet::new(patterns.iter().map(String::as_str)) {
        set.is_match("a/b/c");
    }
}

/// Changes, cuts, doubles and splices, up to eight times.
fn mutate(seeds: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = random.pick(seeds).clone();
    for _ in 0..=random.below(8) {
        let at = random.below(bytes.len() + 1);
        match random.below(6) {
            0 if at < bytes.len() => bytes[at] = random.below(256) as u8,
            1 if at < bytes.len() => drop(bytes.remove(at)),
            2 => bytes.insert(at, *random.pick(b"$\\'\"{}[]<>#=-:/*?\n\t `")),
            3 => {
                let end = at + random.below(bytes.len() + 1 - at);
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            4 => bytes.truncate(at),
            _ => {
                let other = random.pick(seeds);
                let from = random.below(other.len() + 1);
                let end = from + random.below(other.len() + 1 - from);
                bytes.splice(at..at, other[from..end].iter().copied());
            }
        }
    }
    bytes
}

/// Xorshift: enough to move about, the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        let index = self.below(items.len());
        &items[index]
    }
}
