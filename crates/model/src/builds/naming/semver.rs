//! Versions in the names of tags (semver.org, 2.0.0).

/// A version as a tag names it: `v1.2.3-rc.1`, or its beginning, `v1.2`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Version<'a> {
    pub(super) major: &'a str,
    pub(super) minor: Option<&'a str>,
    pub(super) patch: Option<&'a str>,
    pub(super) prerelease: Option<&'a str>,
}

/// Reads `[v]MAJOR[.MINOR[.PATCH[-PRERELEASE][+BUILD]]]`. The build's part is dropped: no tag can hold its `+`.
pub(super) fn parse_version(name: &str) -> Option<Version<'_>> {
    let name = name.strip_prefix(['v', 'V']).unwrap_or(name);
    let (name, build) = split_off(name, '+');
    let (numbers, prerelease) = split_off(name, '-');
    let mut numbers = numbers.split('.');
    let version = Version {
        major: numbers.next()?,
        minor: numbers.next(),
        patch: numbers.next(),
        prerelease,
    };
    let parts = [Some(version.major), version.minor, version.patch];
    let labels = [prerelease, build];
    let legal = numbers.next().is_none()
        && parts.into_iter().flatten().all(is_number)
        && labels.into_iter().flatten().all(is_label)
        && (version.patch.is_some() || labels == [None, None]);
    legal.then_some(version)
}

fn split_off(text: &str, at: char) -> (&str, Option<&str>) {
    match text.split_once(at) {
        Some((before, after)) => (before, Some(after)),
        None => (text, None),
    }
}

fn is_number(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

fn is_label(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.split('.')
        .all(|word| !word.is_empty() && word.bytes().all(legal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_with_and_without_a_v() {
        let version = parse_version("v1.20.3-rc.1+build.5").unwrap();
        assert_eq!(
            (
                version.major,
                version.minor,
                version.patch,
                version.prerelease
            ),
            ("1", Some("20"), Some("3"), Some("rc.1"))
        );
        assert_eq!(parse_version("0.1").unwrap().patch, None);
        assert_eq!(parse_version("V7").unwrap().major, "7");
        assert_eq!(
            parse_version("1.0.0-a-b.c").unwrap().prerelease,
            Some("a-b.c")
        );
    }

    #[test]
    fn what_is_no_version_is_none() {
        for bad in [
            "",
            "v",
            "main",
            "1.2.3.4",
            "01.2.3",
            "1..3",
            "1.2.3-",
            "1.2.3-a..b",
            "1.2-rc1",
            "1.2.3+",
            "vv1",
            "1.2.x",
            "1.2.3-ä",
        ] {
            assert_eq!(parse_version(bad), None, "{bad}");
        }
    }
}
