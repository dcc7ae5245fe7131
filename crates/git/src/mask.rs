//! Covers secrets in what git says.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// What stands in a secret's place.
const COVER: &str = "*****";

/// Shorter values are not covered: they would make messages unreadable and protect nothing.
const SHORTEST: usize = 4;

/// Texts to cover, in every form in which they are sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mask {
    forms: Vec<String>,
}

impl Mask {
    pub(crate) fn new(secrets: Vec<String>) -> Self {
        let mut forms = Vec::new();
        for secret in secrets {
            let words: Vec<String> = secret.split_whitespace().map(str::to_owned).collect();
            for form in words.into_iter().chain([secret]) {
                if form.len() < SHORTEST || ["Basic", "Bearer"].contains(&form.as_str()) {
                    continue;
                }
                forms.push(utf8_percent_encode(&form, NON_ALPHANUMERIC).to_string());
                forms.push(form);
            }
        }
        // One that holds another is covered whole.
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        forms.dedup();
        Self { forms }
    }

    pub(crate) fn cover(&self, text: &str) -> String {
        self.forms
            .iter()
            .fold(text.to_owned(), |text, form| text.replace(form, COVER))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h31_a_token_is_covered_in_every_form_in_which_it_is_sent() {
        let mask = Mask::new(vec!["Basic bWU6dG8va2Vu".to_owned(), "to/ken".to_owned()]);
        let text = "Basic bWU6dG8va2Vu, bWU6dG8va2Vu, to/ken, to%2Fken";
        assert_eq!(mask.cover(text), "*****, *****, *****, *****");
        assert_eq!(Mask::new(vec!["a".to_owned()]).cover("banana"), "banana");
    }
}
