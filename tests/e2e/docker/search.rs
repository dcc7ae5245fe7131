//! `docker search HOST/term`.

use super::start_dockerd;
use crate::site::Site;

#[test]
fn docker_search_finds_public_repositories_and_no_private_one() {
    let dockerd = start_dockerd!();
    let site = Site::start();
    site.server
        .create_repository(&site.name("lighthouse-open"), true);
    site.server
        .create_repository(&site.name("lighthouse-closed"), false);
    site.server.create_repository(&site.name("harbor"), true);

    let stranger = dockerd.client("stranger");
    stranger
        .run([
            "search",
            "--no-trunc",
            &format!("{}/lighthouse", site.address()),
        ])
        .expect_success()
        .expect_text(&site.name("lighthouse-open"))
        .refute_text("lighthouse-closed")
        .refute_text("harbor");
}
