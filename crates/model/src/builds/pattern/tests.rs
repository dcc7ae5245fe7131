use super::*;
use std::time::{Duration, Instant};

fn matches(pattern: &str, name: &str) -> bool {
    pattern.parse::<Pattern>().expect(pattern).is_match(name)
}

#[test]
fn a_plain_name_matches_itself_only() {
    assert!(matches("main", "main"));
    for other in ["mai", "main2", "xmain", "feature/main", "Main"] {
        assert!(!matches("main", other), "{other}");
    }
    assert!(matches("release-1.0+x{y}", "release-1.0+x{y}") && !matches("a.b", "axb"));
}

#[test]
fn a_star_stops_at_a_slash_and_two_cross_it() {
    for (pattern, name, expected) in [
        ("*", "main", true),
        ("*", "feature/login", false),
        ("**", "feature/login", true),
        ("feature/*", "feature/login", true),
        ("feature/*", "feature/", true),
        ("feature/*", "feature/a/b", false),
        ("feature/**", "feature/a/b", true),
        ("feature/**", "feature", false),
        ("**/login", "login", true),
        ("**/login", "a/b/login", true),
        ("**/login", "alogin", false),
        ("a/**/b", "a/b", true),
        ("a/**/b", "a/x/y/b", true),
        ("a**/b", "ax/y/b", true),
        ("v*", "v1.2.3", true),
        ("v*", "xv1", false),
        ("v?", "v1", true),
        ("v?", "v/", false),
        ("v?", "v12", false),
    ] {
        assert_eq!(matches(pattern, name), expected, "{pattern} on {name}");
    }
}

#[test]
fn classes_choose_one_character_but_never_a_slash() {
    for (pattern, name, expected) in [
        ("v[0-9]", "v7", true),
        ("v[0-9]", "vx", false),
        ("v[!0-9]", "vx", true),
        ("v[^0-9]", "v7", false),
        ("a[!b]c", "a/c", false),
        ("a[+-9]c", "a/c", false),
        ("[]a]", "]", true),
        ("[a-]", "-", true),
        ("[a\\]]", "]", true),
        ("[&~|^]", "^", true),
        ("x[ä-ü]", "xö", true),
        ("\\*", "*", true),
        ("\\*", "a", false),
    ] {
        assert_eq!(matches(pattern, name), expected, "{pattern} on {name}");
    }
    for bad in ["[", "[a", "[]", "[!]", "a\\", "[z-a]", "[\\"] {
        assert_eq!(
            bad.parse::<Pattern>(),
            Err(PatternError::Glob(bad.into())),
            "{bad}"
        );
    }
}

#[test]
fn an_expression_between_slashes_searches() {
    for (pattern, name, expected) in [
        ("/1/", "v1.2", true),
        ("/^v[0-9.]+$/", "v1.2", true),
        ("/^v[0-9.]+$/", "xv1.2", false),
        ("/^release\\/.*/", "release/1", true),
        ("/^release/.*/", "release/1", true),
        ("/(?i)^MAIN$/", "main", true),
    ] {
        assert_eq!(matches(pattern, name), expected, "{pattern} on {name}");
    }
}

#[test]
fn hostile_expressions_answer_at_once_or_are_refused() {
    let begin = Instant::now();
    let name = format!("{}b", "a".repeat(1000));
    assert!(!matches("/(a+)+$/", &name));
    assert!(!matches(&("a*".repeat(400) + "c"), &name));
    assert_eq!(
        "/a{1000}{1000}/".parse::<Pattern>(),
        Err(PatternError::TooLarge("/a{1000}{1000}/".into()))
    );
    assert!(
        "/((((a{10}){10}){10}){10}){10}/"
            .parse::<Pattern>()
            .is_err()
    );
    assert!(matches!(
        format!("/{}/", "(".repeat(490) + &")".repeat(490)).parse::<Pattern>(),
        Err(PatternError::Expression { .. })
    ));
    assert_eq!(
        "x".repeat(50_000).parse::<Pattern>(),
        Err(PatternError::TooLong)
    );
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "{:?}",
        begin.elapsed()
    );
}

#[test]
fn a_refusal_says_in_one_line_what_is_wrong() {
    for (pattern, words) in [
        ("/(/", "unclosed group"),
        ("/(?=a)/", "look-around"),
        ("/(a)\\1/", "backreferences"),
        ("/[z-a]/", "range"),
    ] {
        let error = pattern.parse::<Pattern>().unwrap_err().to_string();
        assert!(error.contains(words) && !error.contains('\n'), "{error}");
    }
    assert_eq!("//".parse::<Pattern>(), Err(PatternError::Empty));
    assert_eq!("".parse::<Pattern>(), Err(PatternError::Empty));
    assert_eq!(
        "/abc".parse::<Pattern>(),
        Err(PatternError::Unclosed("/abc".into()))
    );
    assert_eq!(
        "/".parse::<Pattern>(),
        Err(PatternError::Unclosed("/".into()))
    );
}

#[test]
fn a_pattern_survives_its_text() {
    for text in ["main", "feature/**", "/^v([0-9.]+)$/"] {
        let pattern: Pattern = text.parse().unwrap();
        assert_eq!(pattern.to_string(), text);
        assert_eq!(pattern.to_string().parse(), Ok(pattern));
    }
}
