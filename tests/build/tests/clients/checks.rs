//! `wharf build --check` with base images at hand, and without.

use wharf_build_tests::workshop::Workshop;

#[test]
fn a_check_asks_base_images_for_their_platform() {
    let workshop = Workshop::open();
    let dockerfile = "FROM base-arm64\n";
    let _ = workshop
        .build(dockerfile, &["--check"])
        .expect_failure(&["InvalidBaseImagePlatform", "arm64"]);
}

#[test]
fn a_check_goes_on_without_images_that_cannot_be_had() {
    let workshop = Workshop::open();
    let _ = workshop
        .build("FROM not-there:1\nMAINTAINER me\n", &["--check"])
        .expect_failure(&["MaintainerDeprecated"]);
}
