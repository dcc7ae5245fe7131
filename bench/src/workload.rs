//! What is built: a Dockerfile and a context for each workload, the same bytes in every run.
//! Refuses to name the base image: it is the build argument `BASE`, as each builder's registry has another port.
//! Called by the measures of builds.

pub(crate) mod large;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Every Dockerfile begins with it.
const HEAD: &str = "ARG BASE\nFROM $BASE\n";

/// Pulls and unpacks the base and does as little else as possible.
const PRIMER: &str = "RUN : primer\n";

/// The tiny image of five steps.
const TINY: &str = "\
WORKDIR /app
COPY . .
RUN cat one two > three
RUN sha256sum three > sum
CMD [\"cat\", \"/app/sum\"]
";

/// The large image: one folder copied, and two steps that look through it.
const LARGE: &str = "\
COPY . /app
RUN find /app -type f | wc -l > /count
RUN cat /app/part-000/* > /bundle && du -s /app > /size
";

pub(crate) struct Workload {
    pub(crate) dockerfile: PathBuf,
    pub(crate) context: PathBuf,
}

impl Workload {
    /// # Errors
    /// A file cannot be written; the same holds for the other functions.
    pub(crate) fn write_primer(folder: &Path) -> Result<Workload> {
        write(&folder.join("primer"), PRIMER)
    }

    pub(crate) fn write_tiny(folder: &Path) -> Result<Workload> {
        let workload = write(&folder.join("tiny"), TINY)?;
        for name in ["one", "two"] {
            let file = workload.context.join(name);
            fs::write(&file, name.repeat(1000)).with_context(|| file.display().to_string())?;
        }
        Ok(workload)
    }

    pub(crate) fn write_large(folder: &Path) -> Result<Workload> {
        let workload = write(&folder.join("large"), LARGE)?;
        large::write_files(&workload.context)?;
        Ok(workload)
    }

    /// So many steps that do nothing. The one before them differs with their number, so that two of these share none.
    pub(crate) fn write_steps(folder: &Path, steps: usize) -> Result<Workload> {
        write(&folder.join(format!("steps-{steps}")), &list_steps(steps))
    }
}

fn list_steps(steps: usize) -> String {
    format!("RUN : {steps} steps\n{}", "RUN true\n".repeat(steps))
}

fn write(folder: &Path, instructions: &str) -> Result<Workload> {
    let workload = Workload {
        dockerfile: folder.join("Dockerfile"),
        context: folder.join("context"),
    };
    fs::create_dir_all(&workload.context)
        .and_then(|()| fs::write(&workload.dockerfile, format!("{HEAD}{instructions}")))
        .with_context(|| format!("write {}", workload.dockerfile.display()))?;
    Ok(workload)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_have_the_steps_they_are_named_for() {
        assert_eq!(TINY.lines().count(), 5);
        let runs = |text: &str| text.lines().filter(|line| line.starts_with("RUN")).count();
        assert_eq!(runs(LARGE), 2);
        assert_eq!(runs(&list_steps(10)), 11);
        assert_ne!(list_steps(1).lines().next(), list_steps(2).lines().next());
    }

    #[test]
    fn dockerfile_is_outside_the_context() {
        let folder = tempfile::tempdir().unwrap();
        let tiny = Workload::write_tiny(folder.path()).unwrap();
        assert!(tiny.dockerfile.is_file() && tiny.context.join("two").is_file());
        assert!(!tiny.dockerfile.starts_with(&tiny.context));
    }
}
