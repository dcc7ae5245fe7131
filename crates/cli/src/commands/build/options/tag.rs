//! `--tag`: what the image is called.

use wharf_client::ImageName;

use super::OptionProblem;

/// Names in full, without repetitions.
pub(in crate::commands::build) fn read_tags(
    texts: &[String],
) -> Result<Vec<ImageName>, OptionProblem> {
    let mut names: Vec<ImageName> = Vec::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        let name: ImageName = text.parse().map_err(|error: wharf_client::ClientError| {
            OptionProblem::new("tag", "--tag", text).with("reason", error.to_string())
        })?;
        if name.digest.is_some() {
            return Err(OptionProblem::new("tag_digest", "--tag", text));
        }
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_completed_and_said_once() {
        let texts = ["app", "app:latest", "reg.example:5000/a/b:1"].map(str::to_owned);
        let names: Vec<String> = read_tags(&texts)
            .expect("names")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            names,
            ["docker.io/library/app:latest", "reg.example:5000/a/b:1"]
        );
    }

    #[test]
    fn a_digest_is_no_name_for_something_new() {
        let digest = format!("app@sha256:{}", "0".repeat(64));
        assert_eq!(
            read_tags(&[digest]).expect_err("a digest").key(),
            "tag_digest"
        );
        assert_eq!(
            read_tags(&["App".to_owned()]).expect_err("no name").key(),
            "tag"
        );
    }
}
