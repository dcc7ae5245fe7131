//! Which frontend a file, or a build argument, asks for; only one is built in.

use crate::{Error, Lines, Problem, Source, detect_syntax};

/// Checks that the file can be read by the frontend that is built in.
///
/// The value of the build argument `BUILDKIT_SYNTAX` takes the place of the file's own `# syntax=`. Fails on any frontend
/// but Docker's own, whatever registry it is named from: wharf fetches and runs none.
pub fn check_frontend(bytes: &[u8], build_argument: Option<&str>) -> Result<(), Error> {
    if let Some(argument) = build_argument {
        let reference = argument.split_whitespace().next().unwrap_or_default();
        return check_reference(reference).map_err(Error::from);
    }
    let Some(directive) = detect_syntax(bytes) else {
        return Ok(());
    };
    let lines = Lines::single(directive.line.max(1));
    check_reference(&directive.value).map_err(|problem| problem.at(&Source::new(bytes), lines))
}

fn check_reference(reference: &str) -> Result<(), Problem> {
    let (name, _digest) = reference.split_once('@').unwrap_or((reference, ""));
    let name = match name.rsplit_once(':') {
        // A colon before a slash is a host's port.
        Some((name, tag)) if !tag.contains('/') => name,
        _ => name,
    };
    let mut parts = name.rsplit('/');
    let last_two = (parts.next(), parts.next());
    let is_built_in = matches!(
        last_two,
        (Some("dockerfile" | "dockerfile-upstream"), Some("docker"))
    );
    if is_built_in {
        return Ok(());
    }
    Err(Problem::Frontend {
        reference: reference.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dockers_frontend_is_built_in_whatever_its_tag_and_registry() {
        for reference in [
            "docker/dockerfile",
            "docker/dockerfile:1",
            "docker/dockerfile:1.7-labs",
            "docker.io/docker/dockerfile:1@sha256:00",
            "registry.example:5000/mirror/docker/dockerfile:1",
            "docker/dockerfile-upstream:master",
        ] {
            let text = format!("# syntax={reference}\nFROM a");
            assert_eq!(check_frontend(text.as_bytes(), None), Ok(()), "{reference}");
            assert_eq!(check_frontend(b"FROM a", Some(reference)), Ok(()));
        }
        assert_eq!(check_frontend(b"FROM a", None), Ok(()));
    }

    #[test]
    fn another_frontend_is_refused_at_its_line() {
        for reference in [
            "dockerfile",
            "r2d4/mockerfile",
            "docker/other:1",
            "x/dockerfile:1",
        ] {
            let text = format!("#!/x\n# syntax={reference}\nFROM a");
            let error = check_frontend(text.as_bytes(), None).expect_err(reference);
            assert_eq!(error.lines(), Some(Lines::single(2)));
            assert!(error.hint().is_some());
            // The argument decides alone.
            assert_eq!(
                check_frontend(text.as_bytes(), Some("docker/dockerfile:1")),
                Ok(())
            );
        }
    }
}
