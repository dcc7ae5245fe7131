//! `--help` teaches: every command says what it does and shows examples.

use crate::home::Home;

/// Every command and subcommand that is listed, found by asking for help, so that none is forgotten.
fn list_commands(home: &Home, words: &[String]) -> Vec<Vec<String>> {
    let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
    arguments.push("--help");
    let help = home.run(&arguments).stdout;
    let mut found = vec![words.to_vec()];
    let listed = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter_map(|line| {
            line.strip_prefix("  ")
                .filter(|rest| !rest.starts_with(' '))
        })
        .filter_map(|line| line.split_whitespace().next());
    for word in listed {
        let mut deeper = words.to_vec();
        deeper.push(word.to_owned());
        found.extend(list_commands(home, &deeper));
    }
    found
}

#[test]
fn every_command_has_a_help_page_with_examples_and_exits_0() {
    let home = Home::new();
    let commands = list_commands(&home, &[]);
    assert!(commands.len() > 40, "{commands:?}");
    for words in commands {
        let mut arguments: Vec<&str> = words.iter().map(String::as_str).collect();
        arguments.push("--help");
        let outcome = home.run(&arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}");
        assert!(
            outcome.stderr.is_empty(),
            "{arguments:?}: {}",
            outcome.stderr
        );
        let first = outcome.stdout.lines().next().unwrap_or_default();
        assert!(
            first.len() > 10,
            "{arguments:?} says what it does: {first:?}"
        );
        let example = format!("wharf {}", words.join(" "));
        assert!(
            outcome.stdout.contains("\nExamples:\n") && outcome.stdout.contains(example.trim_end()),
            "{arguments:?} shows how it is used:\n{}",
            outcome.stdout
        );
    }
}

#[test]
fn the_names_that_stay_are_there() {
    let home = Home::new();
    for arguments in [
        ["serve", "--config"],
        ["serve", "--data-dir"],
        ["serve", "--listen"],
        ["check", "--config"],
        ["login", "--password-stdin"],
        ["login", "--format"],
    ] {
        let help = home.run(&[arguments[0], "--help"]).stdout;
        assert!(help.contains(arguments[1]), "{arguments:?}\n{help}");
    }
}

#[test]
fn the_version_is_printed() {
    let outcome = Home::new().run(&["--version"]);
    assert_eq!(outcome.code, Some(0));
    assert_eq!(
        outcome.stdout,
        concat!("wharf ", env!("CARGO_PKG_VERSION"), "\n")
    );
}
