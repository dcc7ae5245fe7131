//! Which entry of an image index fits a platform, by containerd's rules.
//!
//! Pure. An older processor's image runs on a newer one of the same family, so entries are tried from the exact match
//! downwards; the reference for the order is containerd's `platforms.Only`.

use wharf_oci::{Descriptor, Platform};

/// The entry that fits best, the first of equals; `None` when none can run. Entries without a platform, such as
/// attestations, are never chosen.
pub fn select_platform<'a>(entries: &'a [Descriptor], wanted: &Platform) -> Option<&'a Descriptor> {
    let named: Vec<(Platform, &Descriptor)> = entries
        .iter()
        .filter_map(|entry| Some((normalize_platform(entry.platform.as_ref()?), entry)))
        .collect();
    list_fitting(&normalize_platform(wanted))
        .iter()
        .find_map(|fitting| {
            let mut matching = named.iter().filter(|(own, _)| matches(fitting, own));
            matching.next().map(|(_, entry)| *entry)
        })
}

/// One spelling for each platform: aliases resolved, the variant that everybody means left out (arm64/v8, amd64/v1) or
/// written out (arm/v7).
pub fn normalize_platform(platform: &Platform) -> Platform {
    let lower = |text: &str| text.to_ascii_lowercase();
    let os = match lower(&platform.os).as_str() {
        "macos" => "darwin".to_owned(),
        other => other.to_owned(),
    };
    let variant = lower(platform.variant.as_deref().unwrap_or_default());
    let architecture = lower(&platform.architecture);
    let (architecture, variant) = match (architecture.as_str(), variant.as_str()) {
        ("i386", _) => ("386", ""),
        ("x86_64" | "x86-64" | "amd64", "v1") => ("amd64", ""),
        ("x86_64" | "x86-64", variant) => ("amd64", variant),
        ("aarch64" | "arm64", "8" | "v8" | "v8.0") => ("arm64", ""),
        ("aarch64" | "arm64", "9" | "v9.0") => ("arm64", "v9"),
        ("aarch64", variant) => ("arm64", variant),
        ("armhf", _) | ("arm", "" | "7") => ("arm", "v7"),
        ("armel", _) | ("arm", "6") => ("arm", "v6"),
        ("arm", "5") => ("arm", "v5"),
        ("arm", "8") => ("arm", "v8"),
        other => other,
    };
    Platform {
        architecture: architecture.to_owned(),
        os,
        os_version: platform.os_version.clone(),
        os_features: platform.os_features.clone(),
        variant: Some(variant.to_owned()).filter(|variant| !variant.is_empty()),
    }
}

/// What runs on a normalized platform, the best first.
fn list_fitting(wanted: &Platform) -> Vec<Platform> {
    let with = |architecture: &str, variant: String| {
        normalize_platform(&Platform {
            architecture: architecture.to_owned(),
            variant: Some(variant),
            ..wanted.clone()
        })
    };
    let variant = wanted.variant.as_deref().unwrap_or_default();
    let mut fitting = vec![wanted.clone()];
    match wanted.architecture.as_str() {
        "amd64" => {
            let level = read_level(variant).unwrap_or(1);
            fitting.extend(
                (1..level)
                    .rev()
                    .map(|level| with("amd64", format!("v{level}"))),
            );
            fitting.push(with("386", String::new()));
        }
        "arm" => {
            let level = read_level(variant).unwrap_or(0);
            fitting.extend(
                (5..level)
                    .rev()
                    .map(|level| with("arm", format!("v{level}"))),
            );
        }
        "arm64" => {
            fitting.extend(
                list_older_arm64(variant)
                    .into_iter()
                    .map(|older| with("arm64", older)),
            );
            // Every 64-bit ARM of these levels runs 32-bit images too.
            let variant = match variant {
                "" => "v8",
                other if other.starts_with("v8") || other.starts_with("v9") => "v8",
                other => other,
            };
            fitting.extend(list_fitting(&with("arm", variant.to_owned())));
        }
        _ => {}
    }
    fitting
}

/// The levels below an ARM 64 level; 9.x was made from 8.(x+5).
fn list_older_arm64(variant: &str) -> Vec<String> {
    let level = match variant {
        "" => "v8",
        other => other,
    };
    let (major, minor) = level.split_once('.').unwrap_or((level, "0"));
    let (Some(major @ (8 | 9)), Ok(minor @ 0..=9)) = (read_level(major), minor.parse::<u32>())
    else {
        return Vec::new();
    };
    let mut older: Vec<(u32, u32)> = (0..minor).rev().map(|minor| (major, minor)).collect();
    if major == 9 {
        older.extend((0..=minor + 5).rev().map(|minor| (8, minor)));
    }
    older
        .into_iter()
        .map(|(major, minor)| format!("v{major}.{minor}"))
        .collect()
}

/// Levels have one digit; the bound keeps a made-up one from listing millions.
fn read_level(variant: &str) -> Option<u32> {
    variant
        .strip_prefix('v')
        .unwrap_or(variant)
        .parse()
        .ok()
        .filter(|level| *level < 10)
}

/// Whether an entry is exactly this platform. A version of the system is compared where one is wanted, by the parts
/// that are given (Windows images run on their own build only).
fn matches(wanted: &Platform, own: &Platform) -> bool {
    let has_version = match (wanted.os_version.as_deref(), own.os_version.as_deref()) {
        (None | Some(""), _) | (_, None | Some("")) => true,
        (Some(wanted), Some(own)) => own == wanted || own.starts_with(&format!("{wanted}.")),
    };
    let features = own.os_features.as_deref().unwrap_or_default();
    let has_features = wanted
        .os_features
        .iter()
        .flatten()
        .all(|feature| features.contains(feature));
    wanted.os == own.os
        && wanted.architecture == own.architecture
        && wanted.variant == own.variant
        && has_version
        && has_features
}

#[cfg(test)]
mod tests {
    use super::*;
    use wharf_oci::{Algorithm, Digest};

    fn platform(text: &str) -> Platform {
        let mut parts = text.split('/');
        let mut next = || parts.next().map(str::to_owned);
        Platform {
            os: next().unwrap_or_default(),
            architecture: next().unwrap_or_default(),
            variant: next(),
            ..Platform::default()
        }
    }

    fn entry(platform: Option<Platform>) -> Descriptor {
        Descriptor {
            media_type: String::new(),
            digest: Digest::of(Algorithm::Sha256, b""),
            size: 0,
            urls: Vec::new(),
            annotations: Default::default(),
            data: None,
            artifact_type: None,
            platform,
        }
    }

    fn select(entries: &[&str], wanted: &str) -> Option<String> {
        let entries: Vec<_> = entries
            .iter()
            .map(|text| entry(Some(platform(text))))
            .collect();
        let found = select_platform(&entries, &platform(wanted))?;
        found.platform.as_ref().map(Platform::to_string)
    }

    #[test]
    fn the_best_entry_that_can_run_is_chosen() {
        for (entries, wanted, expected) in [
            (
                &["linux/arm64/v8", "linux/amd64"][..],
                "linux/amd64",
                Some("linux/amd64"),
            ),
            (&["linux/arm64/v8"], "linux/arm64", Some("linux/arm64/v8")),
            (&["linux/arm64"], "linux/arm64/v8", Some("linux/arm64")),
            (&["linux/aarch64"], "linux/arm64", Some("linux/aarch64")),
            (
                &["linux/arm/v6", "linux/arm/v5"],
                "linux/arm/v7",
                Some("linux/arm/v6"),
            ),
            (
                &["linux/arm/v5", "linux/arm/v7"],
                "linux/arm",
                Some("linux/arm/v7"),
            ),
            (&["linux/arm"], "linux/arm/v7", Some("linux/arm")),
            (&["linux/arm/v7"], "linux/arm/v6", None),
            (
                &["linux/arm/v7", "linux/arm/v8"],
                "linux/arm64",
                Some("linux/arm/v8"),
            ),
            (
                &["linux/amd64", "linux/amd64/v3", "linux/amd64/v2"],
                "linux/amd64/v3",
                Some("linux/amd64/v3"),
            ),
            (
                &["linux/amd64", "linux/amd64/v2"],
                "linux/amd64/v3",
                Some("linux/amd64/v2"),
            ),
            (&["linux/amd64"], "linux/amd64/v3", Some("linux/amd64")),
            (&["linux/amd64/v1"], "linux/amd64", Some("linux/amd64/v1")),
            (&["linux/amd64/v2"], "linux/amd64", None),
            (&["linux/386"], "linux/amd64", Some("linux/386")),
            (
                &["linux/386", "linux/amd64"],
                "linux/x86_64",
                Some("linux/amd64"),
            ),
            (&["linux/amd64"], "linux/386", None),
            (&["windows/amd64"], "linux/amd64", None),
            (
                &["linux/arm64/v8.5", "linux/arm64"],
                "linux/arm64/v9",
                Some("linux/arm64/v8.5"),
            ),
            (
                &["linux/arm64/v8.6", "linux/arm64"],
                "linux/arm64/v9",
                Some("linux/arm64"),
            ),
            (
                &["linux/arm64/v9"],
                "linux/arm64/v9.2",
                Some("linux/arm64/v9"),
            ),
            (
                &["linux/riscv64", "linux/s390x"],
                "linux/s390x",
                Some("linux/s390x"),
            ),
            (&["unknown/unknown"], "linux/amd64", None),
        ] {
            assert_eq!(
                select(entries, wanted).as_deref(),
                expected,
                "{wanted} of {entries:?}"
            );
        }
    }

    #[test]
    fn entries_without_a_platform_are_never_chosen() {
        assert_eq!(
            select_platform(&[entry(None)], &platform("linux/amd64")),
            None
        );
    }

    #[test]
    fn a_windows_build_is_matched_when_one_is_wanted() {
        let build = |version: &str| Platform {
            os_version: Some(version.to_owned()),
            ..platform("windows/amd64")
        };
        let entries = [
            entry(Some(build("10.0.17763.1"))),
            entry(Some(build("10.0.20348.1"))),
        ];
        let find = |wanted| select_platform(&entries, &wanted).and_then(|e| e.platform.clone());
        assert_eq!(find(build("10.0.20348")), Some(build("10.0.20348.1")));
        assert_eq!(find(platform("windows/amd64")), Some(build("10.0.17763.1")));
        assert_eq!(find(build("10.0.2")), None);
    }
}
