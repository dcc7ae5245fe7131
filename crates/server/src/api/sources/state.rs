//! How something at another machine is, as answers tell it: a word for programs, a sentence in the reader's language.

use super::super::value::show_time;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use wharf_messages::{Language, has_message, render};

/// Whether it works, and what is wrong when it does not.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Health {
    ok: bool,
    /// What is wrong, a word for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
    /// What is wrong, in the language that `Accept-Language` likes best.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// The cause as it was heard.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Since when it is so.
    since: Timestamp,
}

impl Health {
    pub(in crate::api) fn show(
        problem: Option<String>,
        detail: String,
        since: wharf_model::Timestamp,
        host: &str,
        language: Language,
    ) -> Self {
        Self {
            ok: problem.is_none(),
            message: problem
                .as_deref()
                .map(|problem| say_problem(problem, host, language)),
            problem,
            detail,
            since: show_time(since),
        }
    }
}

/// The sentence for the word of a problem.
pub(in crate::api) fn say_problem(problem: &str, host: &str, language: Language) -> String {
    for prefix in ["upstream", "conflict"] {
        let key = format!("{prefix}.{problem}");
        if has_message(&key) {
            return render(language, &key, &[("host", host)]).into_owned();
        }
    }
    problem.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_app::sources::HostProblem;

    #[test]
    fn every_problem_of_a_host_has_a_sentence() {
        for problem in HostProblem::ALL {
            let word = problem.as_str();
            for language in [Language::En, Language::Zh] {
                let said = say_problem(word, "git.example", language);
                assert_ne!(said, word);
            }
        }
    }
}
