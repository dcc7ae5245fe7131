//! A Debian as a base image, made the way that Debian's own are: what debootstrap made, added to nothing.

use std::path::{Path, PathBuf};

use wharf_build_tests::person::PlainUser;
use wharf_build_tests::workshop::Workshop;
use wharf_testkit::tools::find_tools_folder;

use crate::client::Run;
use crate::dockerd::{Dockerd, start_dockerd};

/// The name of the base in the local store of whoever called [`make_debian`].
pub(super) const DEBIAN: &str = "debian:made-here";

const DOCKERFILE: &str = "\
FROM scratch
ADD base.tar /
ENV DEBIAN_FRONTEND=noninteractive
CMD [\"bash\"]
";

/// What debootstrap made, or why it did not.
pub(super) fn find_debian() -> Result<PathBuf, String> {
    let archive = find_tools_folder().join("debian/base.tar");
    match archive.exists() {
        true => Ok(archive),
        false => Err("debootstrap reached no mirror (make test-deps says more)".to_owned()),
    }
}

/// Builds the base in a workshop that has nothing in its context yet.
pub(super) fn make_debian(workshop: &Workshop<'_>, archive: &Path) {
    std::fs::copy(archive, workshop.context().join("base.tar")).expect("a copy");
    workshop.hand_over("context");
    let _ = workshop.build(DOCKERFILE, &["-t", DEBIAN]).expect_success();
    std::fs::remove_file(workshop.context().join("base.tar")).expect("a file");
}

/// Builds the context once more, with these flags, and gives the image to dockerd under this name.
#[track_caller]
pub(super) fn hand_to_dockerd(
    workshop: &Workshop<'_>,
    dockerd: &Dockerd,
    dockerfile: &str,
    name: &str,
    flags: &[&str],
) -> wharf_build_tests::workshop::Built {
    let output = "type=docker,dest=image.tar";
    let mut all = vec!["-t", name, "--output", output];
    all.extend(flags);
    let built = workshop.build(dockerfile, &all).expect_success();
    let archive = workshop.path("image.tar").display().to_string();
    dockerd
        .docker
        .run(["load", "--input", &archive])
        .expect_success()
        .expect_text(name);
    built
}

/// Runs a command in an image.
#[track_caller]
pub(super) fn run_command(dockerd: &Dockerd, image: &str, command: &[&str]) -> Run {
    let mut arguments = vec!["run", "--rm", "--network", "none", image];
    arguments.extend(command);
    dockerd.docker.run(arguments).expect_success()
}

/// Runs a test as root and as a plain user: with a workshop that has the base.
pub(super) fn for_everybody(archive: &Path, test: impl Fn(&Workshop<'_>)) {
    let workshop = Workshop::open();
    make_debian(&workshop, archive);
    test(&workshop);
    // Only root makes accounts, and only root has a dockerd, so both are here or neither.
    let user = PlainUser::make().expect("an account");
    let workshop = Workshop::open_for(&user);
    make_debian(&workshop, archive);
    test(&workshop);
}

#[test]
fn a_debian_of_debootstrap_is_a_base_image() {
    let dockerd = start_dockerd!();
    let archive = match find_debian() {
        Ok(archive) => archive,
        Err(reason) => wharf_testkit::skip!("no Debian: {reason}"),
    };
    for_everybody(&archive, |workshop| {
        // Programs that belong to others or get rights of others are as they were unpacked.
        let dockerfile = format!(
            "FROM {DEBIAN}\nRUN dpkg --audit && dpkg --verify && stat -c '%n %U:%G %a' /usr/bin/passwd /usr/bin/chage /tmp /var/mail\n"
        );
        let _ = hand_to_dockerd(workshop, &dockerd, &dockerfile, "debian-test:1", &[])
            .expect_text("/usr/bin/passwd root:root 4755")
            .expect_text("/usr/bin/chage root:shadow 2755")
            .expect_text("/tmp root:root 1777")
            .expect_text("/var/mail root:mail 2775");
        let told = run_command(
            &dockerd,
            "debian-test:1",
            &["stat", "-c", "%U:%G %a", "/usr/bin/chage", "/var/mail"],
        );
        told.expect_text("root:shadow 2755\nroot:mail 2775");
    });
}
