//! Which of the two languages a caller wants, from the values that HTTP and POSIX use to say so.
//!
//! Knows the preference formats only. Called by the server per request and by the program once at its start.

/// A language the catalogue is written in. English is the answer to every unknown wish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    En,
    Zh,
}

impl Language {
    /// Every language, in the order in which documents list them.
    pub const ALL: [Language; 2] = [Language::En, Language::Zh];

    /// The language's tag as BCP 47 writes it: what goes into `Content-Language` and `Accept-Language`.
    pub fn as_tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }

    /// The language an `Accept-Language` value likes best (RFC 9110 section 12.5.4).
    ///
    /// The highest weight wins, the first of equals. A range with `q=0`, an unreadable weight, or a language that the
    /// catalogue lacks is passed over; when nothing is left the answer is English.
    pub fn from_accept_language(value: &str) -> Self {
        let mut best: Option<(u16, Language)> = None;
        for entry in value.split(',') {
            let mut parts = entry.split(';');
            let Some(language) = parts.next().and_then(parse_range) else {
                continue;
            };
            let Some(weight) = parse_weight(parts) else {
                continue;
            };
            if weight > 0 && best.is_none_or(|(found, _)| weight > found) {
                best = Some((weight, language));
            }
        }
        best.map(|(_, language)| language).unwrap_or_default()
    }

    /// The language of a POSIX environment: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set and not
    /// empty decides (POSIX.1 section 8.2).
    pub fn from_environment_values(
        lc_all: Option<&str>,
        lc_messages: Option<&str>,
        lang: Option<&str>,
    ) -> Self {
        [lc_all, lc_messages, lang]
            .into_iter()
            .flatten()
            .find(|value| !value.is_empty())
            .and_then(parse_locale)
            .unwrap_or_default()
    }
}

fn parse_range(range: &str) -> Option<Language> {
    let range = range.trim();
    // "Anything" is served with the default instead of nothing.
    if range == "*" {
        return Some(Language::default());
    }
    parse_primary_tag(range.split('-').next()?)
}

fn parse_locale(locale: &str) -> Option<Language> {
    parse_primary_tag(locale.split(['_', '.', '@', '-']).next()?)
}

fn parse_primary_tag(tag: &str) -> Option<Language> {
    Language::ALL
        .into_iter()
        .find(|language| tag.eq_ignore_ascii_case(language.as_tag()))
}

/// The weight in thousandths; `None` when it cannot be read.
fn parse_weight<'a>(parameters: impl Iterator<Item = &'a str>) -> Option<u16> {
    for parameter in parameters {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        if name.trim().eq_ignore_ascii_case("q") {
            let weight: f32 = value.trim().parse().ok()?;
            return (0.0..=1.0)
                .contains(&weight)
                .then_some((weight * 1000.0) as u16);
        }
    }
    Some(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_weight_of_accept_language_wins() {
        let cases = [
            ("zh", Language::Zh),
            ("ZH-CN", Language::Zh),
            ("zh-Hans-CN,en;q=0.9", Language::Zh),
            ("en;q=0.5, zh;q=0.8", Language::Zh),
            ("zh;q=0.5, en;q=0.8", Language::En),
            ("zh-CN ; q = 0.7 , en ; q=0.3", Language::Zh),
            ("en, zh", Language::En),
            ("fr, zh;q=0.1", Language::Zh),
        ];
        for (value, expected) in cases {
            assert_eq!(Language::from_accept_language(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_refused_unreadable_or_unknown_language_falls_back_to_english() {
        for value in [
            "", "*", "fr", "zh;q=0", "zh;q=2", "zh;q=x", "zh;q=NaN", ";;,,", "zhx",
        ] {
            assert_eq!(
                Language::from_accept_language(value),
                Language::En,
                "{value:?}"
            );
        }
    }

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let choose = Language::from_environment_values;
        assert_eq!(choose(None, None, Some("zh_CN.UTF-8")), Language::Zh);
        assert_eq!(choose(Some(""), Some("zh_TW"), Some("en_US")), Language::Zh);
        assert_eq!(
            choose(Some("C.UTF-8"), Some("zh_CN"), Some("zh_CN")),
            Language::En
        );
        assert_eq!(choose(Some("zh"), None, Some("en_GB")), Language::Zh);
        assert_eq!(choose(None, None, None), Language::En);
    }
}
