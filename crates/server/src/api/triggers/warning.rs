//! What speaks against updating a workload, and what to do about it, in the reader's language.

use serde::Serialize;
use utoipa::ToSchema;
use wharf_app::triggers::WorkloadWarning;
use wharf_messages::{Language, render};

/// Why something may come to nothing, and what helps.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Warning {
    /// `cluster_silent`, `workload_missing`, `container_missing`, `workload_unreadable`, `missing_pull_secret`: nothing lets
    /// its pods pull the private image; `unknown_pull_secret`: the credential may not read whether something does.
    code: String,
    /// The same as a sentence, in the language that `Accept-Language` likes best.
    message: String,
    /// The cluster's own words, or what is there instead; may be empty.
    detail: String,
    /// What to do about it, as a sentence.
    hint: String,
    /// The request that mends it, below the API's root: `POST` there with `{"robot": "…"}` writes a pull secret.
    #[schema(required)]
    request: Option<String>,
}

impl Warning {
    pub(super) fn show(warning: WorkloadWarning, language: Language) -> Self {
        let parameters = [
            ("namespace", warning.namespace.as_str()),
            ("cluster", &warning.cluster),
            ("cluster_namespace", &warning.cluster_namespace),
            ("workload", &warning.workload),
            ("container", &warning.container),
        ];
        let say = |kind: &str| {
            let key = format!("{kind}.{}", warning.code);
            render(language, &key, &parameters).into_owned()
        };
        let request = warning.is_about_pulling().then(|| {
            // Names of all three are letters, digits, `.`, `_` and `-`.
            let (namespace, cluster) = (&warning.namespace, &warning.cluster);
            let there = &warning.cluster_namespace;
            format!("/namespaces/{namespace}/clusters/{cluster}/namespaces/{there}/pull-secret")
        });
        Self {
            message: say("warning"),
            hint: say("warning_hint"),
            code: warning.code.to_owned(),
            request,
            detail: warning.detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_app::triggers::WORKLOAD_WARNINGS;

    fn warn(code: &'static str) -> WorkloadWarning {
        WorkloadWarning {
            code,
            detail: String::new(),
            namespace: "acme".into(),
            cluster: "prod".into(),
            cluster_namespace: "shop".into(),
            workload: "deployment/web".into(),
            container: "app".into(),
        }
    }

    #[test]
    fn every_warning_has_a_sentence_and_a_way_out_in_both_languages() {
        for code in WORKLOAD_WARNINGS {
            let english = Warning::show(warn(code), Language::En);
            let chinese = Warning::show(warn(code), Language::Zh);
            for (text, other) in [
                (&english.message, &chinese.message),
                (&english.hint, &chinese.hint),
            ] {
                assert!(text.contains(' ') && !text.contains('{'), "{code}: {text}");
                assert!(!other.is_ascii() && !other.contains('{'), "{code}: {other}");
            }
        }
    }

    #[test]
    fn a_missing_pull_secret_names_the_request_and_the_command_that_write_one() {
        let warning = Warning::show(warn("missing_pull_secret"), Language::En);
        assert_eq!(
            warning.request.as_deref(),
            Some("/namespaces/acme/clusters/prod/namespaces/shop/pull-secret")
        );
        let command = "wharf cluster pull-secret acme prod shop";
        assert!(warning.hint.contains(command), "{}", warning.hint);
        assert_eq!(
            Warning::show(warn("workload_missing"), Language::En).request,
            None
        );
    }
}
