//! `wharf completion` from outside.

use crate::home::Home;

#[test]
fn a_script_knows_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let outcome = Home::new().run(&["completion", shell]);
        assert_eq!(outcome.code, Some(0), "{shell}");
        assert!(outcome.stdout.contains("namespace"), "{shell}");
    }
}
