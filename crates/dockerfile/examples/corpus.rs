//! Scores the parser and the lexer on the reference frontend's own test data, which is not in this repository.
//!
//! `cargo run -p wharf-dockerfile --example corpus -- FOLDER` with the folder `frontend/dockerfile` of its source.
//! Fails when a tree differs, a file that must be refused is not, or a line of a table gives another answer.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};
use wharf_dockerfile::{EnvList, Lexer, parse};

fn main() -> ExitCode {
    let Some(folder) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("nothing was compared: name the folder frontend/dockerfile of the reference");
        return ExitCode::from(2);
    };
    let scores = [
        ("trees", score_trees(&folder.join("parser/testfiles"))),
        (
            "refusals",
            score_refusals(&folder.join("parser/testfiles-negative")),
        ),
        (
            "envVarTest",
            score_expansion(&folder.join("shell/envVarTest")),
        ),
        ("wordsTest", score_words(&folder.join("shell/wordsTest"))),
    ];
    let mut is_perfect = true;
    for (name, score) in scores {
        println!("{name}: {}/{}", score.right, score.total);
        is_perfect &= score.total > 0 && score.right == score.total;
    }
    if is_perfect {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[derive(Default)]
struct Score {
    right: usize,
    total: usize,
}

impl Score {
    fn count(&mut self, is_right: bool, what: impl FnOnce() -> String) {
        self.total += 1;
        if is_right {
            self.right += 1;
        } else {
            println!("differs: {}", what());
        }
    }
}

fn list_folders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    folders
}

fn score_trees(folder: &Path) -> Score {
    let mut score = Score::default();
    for case in list_folders(folder) {
        let (Ok(bytes), Ok(expected)) = (
            fs::read(case.join("Dockerfile")),
            fs::read_to_string(case.join("result")),
        ) else {
            continue;
        };
        let found = match parse(&bytes) {
            Ok(tree) => tree.to_string(),
            Err(error) => format!("error: {error}\n"),
        };
        score.count(found == expected, || {
            format!(
                "{}\n--- expected\n{expected}--- found\n{found}",
                case.display()
            )
        });
    }
    score
}

fn score_refusals(folder: &Path) -> Score {
    let mut score = Score::default();
    for case in list_folders(folder) {
        if let Ok(bytes) = fs::read(case.join("Dockerfile")) {
            score.count(parse(&bytes).is_err(), || case.display().to_string());
        }
    }
    score
}

fn score_expansion(table: &Path) -> Score {
    let mut score = Score::default();
    let variables: BTreeMap<String, String> = [
        ("PWD", "/home"),
        ("SHELL", "bash"),
        ("KOREAN", "한국어"),
        ("NULL", ""),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    let text = fs::read_to_string(table).unwrap_or_default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('|').map(str::trim).collect();
        let [system, word, expected] = fields[..] else {
            continue;
        };
        if system == "W" {
            continue;
        }
        let found = Lexer::new('\\').expand(word, &variables);
        let is_right = match &found {
            Ok(expansion) => expected != "error" && expansion.text == expected,
            Err(_) => expected == "error",
        };
        score.count(is_right, || {
            format!("{word}: {found:?}, expected {expected}")
        });
    }
    score
}

fn score_words(table: &Path) -> Score {
    let mut score = Score::default();
    let mut variables = EnvList::new();
    let text = fs::read_to_string(table).unwrap_or_default();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, value)) = line
            .strip_prefix("ENV ")
            .and_then(|setting| setting.trim_start_matches(' ').split_once('='))
        {
            variables.set(name, value);
            continue;
        }
        let Some((text, expected)) = line.split_once('|') else {
            continue;
        };
        let expected: Vec<&str> = expected.trim_start_matches(' ').split(',').collect();
        let found = Lexer::new('\\').split(text.trim(), &variables);
        let is_right = match &found {
            Ok(words) => *words == expected,
            Err(_) => expected == ["error"],
        };
        score.count(is_right, || {
            format!("{text}: {found:?}, expected {expected:?}")
        });
    }
    score
}
