//! Platforms: `os[(version)][/architecture[/variant]]`, normalized as containerd normalizes them.

use crate::Problem;
use wharf_oci::Platform;

const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "windows",
    "zos",
];

const ARCHITECTURES: &[&str] = &[
    "386",
    "amd64",
    "amd64p32",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "sparc",
    "sparc64",
    "wasm",
];

/// A platform from its text; what a single word leaves open is the host's.
pub fn parse_platform(text: &str, host: &Platform) -> Result<Platform, Problem> {
    let refuse = |reason| Problem::Platform {
        text: text.to_owned(),
        reason,
    };
    let parts: Vec<&str> = text.split('/').collect();
    let (system, version) = split_system(parts[0]).ok_or_else(|| refuse(MALFORMED))?;
    let is_word = |part: &&str| !part.is_empty() && part.chars().all(is_word_character);
    if !parts[1..].iter().all(is_word) {
        return Err(refuse(MALFORMED));
    }
    let os = match system.to_ascii_lowercase().as_str() {
        "macos" => "darwin".to_owned(),
        other => other.to_owned(),
    };
    let build = |os: &str, architecture: String, variant: &str| Platform {
        os: os.to_owned(),
        architecture,
        variant: Some(variant.to_owned()).filter(|variant| !variant.is_empty()),
        os_version: version.map(str::to_owned),
        os_features: None,
    };
    match parts[..] {
        [_] if SYSTEMS.contains(&os.as_str()) => {
            let variant = host.variant.as_deref().unwrap_or_default();
            let variant = if host.architecture == "arm" && variant != "v7" {
                variant
            } else {
                ""
            };
            Ok(build(&os, host.architecture.clone(), variant))
        }
        [only] => {
            let (architecture, variant) = normalize_architecture(only, "");
            if !ARCHITECTURES.contains(&architecture.as_str()) {
                return Err(refuse("unknown operating system or architecture"));
            }
            let variant = imply_variant(&architecture, variant);
            Ok(build(&host.os, architecture, &variant))
        }
        [_, architecture] => {
            let (architecture, variant) = normalize_architecture(architecture, "");
            let variant = imply_variant(&architecture, variant);
            Ok(build(&os, architecture, &variant))
        }
        [_, architecture, variant] => {
            let (architecture, mut variant) = normalize_architecture(architecture, variant);
            if architecture == "arm64" && variant.is_empty() {
                variant = "v8".to_owned();
            }
            Ok(build(&os, architecture, &variant))
        }
        _ => Err(refuse("more than three parts")),
    }
}

const MALFORMED: &str = "parts are letters, digits and _ . -";

/// One spelling for each platform: lower case, `arm` means `v7`, `arm64` means `v8` and says neither.
pub fn normalize_platform(platform: &Platform) -> Platform {
    let variant = platform.variant.as_deref().unwrap_or_default();
    let (architecture, variant) = normalize_architecture(&platform.architecture, variant);
    Platform {
        os: match platform.os.to_ascii_lowercase().as_str() {
            "macos" => "darwin".to_owned(),
            other => other.to_owned(),
        },
        architecture,
        variant: Some(variant).filter(|variant| !variant.is_empty()),
        ..platform.clone()
    }
}

/// Whether both name the same system, architecture and variant, however they are spelled.
pub fn is_same_platform(left: &Platform, right: &Platform) -> bool {
    let (left, right) = (normalize_platform(left), normalize_platform(right));
    (left.os, left.architecture, left.variant) == (right.os, right.architecture, right.variant)
}

/// `os[(version)]/architecture[/variant]`: the value of TARGETPLATFORM.
pub fn format_platform(platform: &Platform) -> String {
    let Some(version) = platform
        .os_version
        .as_deref()
        .filter(|text| !text.is_empty())
    else {
        return platform.to_string();
    };
    let os = format!("{}({version})", platform.os);
    Platform {
        os,
        ..platform.clone()
    }
    .to_string()
}

fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '.' | '-')
}

fn split_system(text: &str) -> Option<(&str, Option<&str>)> {
    let (system, version) = match text.split_once('(') {
        Some((system, rest)) => (system, Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let is_well_formed = !system.is_empty()
        && system.chars().all(is_word_character)
        && version.is_none_or(|version| {
            version
                .chars()
                .all(|character| is_word_character(character) || character == '+')
        });
    is_well_formed.then_some((system, version.filter(|version| !version.is_empty())))
}

/// A two-part `arm` stays without a variant, although it means `v7`.
fn imply_variant(architecture: &str, variant: String) -> String {
    if architecture == "arm" && variant == "v7" {
        String::new()
    } else {
        variant
    }
}

fn normalize_architecture(architecture: &str, variant: &str) -> (String, String) {
    let (architecture, variant) = (
        architecture.to_ascii_lowercase(),
        variant.to_ascii_lowercase(),
    );
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "9.0" | "v9.0") => ("arm64", "v9"),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    (architecture.to_owned(), variant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Platform {
        Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            ..Platform::default()
        }
    }

    #[test]
    fn platforms_are_read_and_normalized_as_containerd_does() {
        for (text, parsed, normalized) in [
            ("linux", "linux/amd64", "linux/amd64"),
            ("arm64", "linux/arm64", "linux/arm64"),
            ("aarch64", "linux/arm64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64/v8", "linux/arm64"),
            ("linux/arm64/8", "linux/arm64/v8", "linux/arm64"),
            ("linux/arm64/v9.0", "linux/arm64/v9", "linux/arm64/v9"),
            ("linux/arm", "linux/arm", "linux/arm/v7"),
            ("linux/arm/v7", "linux/arm/v7", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6", "linux/arm/v6"),
            ("armel", "linux/arm/v6", "linux/arm/v6"),
            ("linux/armhf", "linux/arm", "linux/arm/v7"),
            ("Linux/x86_64", "linux/amd64", "linux/amd64"),
            ("linux/amd64/v2", "linux/amd64/v2", "linux/amd64/v2"),
            ("linux/amd64/v1", "linux/amd64", "linux/amd64"),
            ("linux/i386", "linux/386", "linux/386"),
            ("macos/arm64", "darwin/arm64", "darwin/arm64"),
            ("other/strange", "other/strange", "other/strange"),
            (
                "windows(10.0.1)/amd64",
                "windows(10.0.1)/amd64",
                "windows(10.0.1)/amd64",
            ),
        ] {
            let found = parse_platform(text, &host()).expect(text);
            assert_eq!(format_platform(&found), parsed, "{text}");
            assert_eq!(
                format_platform(&normalize_platform(&found)),
                normalized,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_platform_is_refused() {
        for text in [
            "",
            "linux/",
            "/amd64",
            "a",
            "linux/*",
            "linux/a/b/c",
            "li nux/a",
            "w(1/a",
        ] {
            assert!(parse_platform(text, &host()).is_err(), "{text}");
        }
    }

    #[test]
    fn spellings_of_one_platform_are_the_same() {
        let parse = |text| parse_platform(text, &host()).expect(text);
        assert!(is_same_platform(
            &parse("linux/arm64/v8"),
            &parse("aarch64")
        ));
        assert!(is_same_platform(
            &parse("linux/arm"),
            &parse("linux/arm/v7")
        ));
        assert!(!is_same_platform(
            &parse("linux/arm/v6"),
            &parse("linux/arm")
        ));
    }
}
