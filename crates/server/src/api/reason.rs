//! The sentences for words that rows hold: why a build came to no image, why an update was not built.

use wharf_messages::{Language, has_message, render};

/// What a word is about, which is also what its sentence's key begins with.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    /// A build without an image.
    Build,
    /// An update of a ref.
    Decision,
    /// A delivery of a trigger, an attempt of it, an action that is switched off.
    Delivery,
}

/// The sentence for a word; the word itself when a newer server wrote it.
pub(super) fn say_reason(about: About, word: &str, language: Language) -> String {
    // A call of a trigger URL also ends with what keeps its host from answering, in the words of refusals.
    let prefixes: &[&str] = match about {
        About::Build => &["build"],
        About::Decision => &["decision", "upstream", "conflict", "reason"],
        About::Delivery => &["delivery_reason"],
    };
    let host = render(language, "decision.the_host", &[]);
    let mut keys = prefixes.iter().map(|prefix| format!("{prefix}.{word}"));
    match keys.find(|key| has_message(key)) {
        Some(key) => render(language, &key, &[("host", &host), ("detail", "")]).into_owned(),
        None => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_app::{
        builds::Reason,
        rules::DECISION_REASONS,
        sources::{HostProblem, Tested},
        triggers::DELIVERY_REASONS,
    };

    #[test]
    fn every_reason_of_a_build_and_of_a_decision_has_a_sentence_in_both_languages() {
        let builds = Reason::ALL
            .iter()
            .map(|reason| (About::Build, reason.as_str()));
        let decisions = DECISION_REASONS.iter().map(|word| (About::Decision, *word));
        let hosts = HostProblem::ALL
            .iter()
            .map(|it| (About::Decision, it.as_str()));
        let deliveries = DELIVERY_REASONS.iter().map(|word| (About::Delivery, *word));
        for (about, word) in builds.chain(decisions).chain(hosts).chain(deliveries) {
            let [english, chinese] =
                [Language::En, Language::Zh].map(|language| say_reason(about, word, language));
            assert_ne!(english, word, "no sentence");
            assert!(!chinese.is_ascii(), "{word}: {chinese}");
        }
        for tested in Tested::ALL {
            assert!(has_message(&format!("tested.{}", tested.as_str())));
        }
        assert_eq!(
            say_reason(About::Build, "of_tomorrow", Language::En),
            "of_tomorrow"
        );
    }
}
