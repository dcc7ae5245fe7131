//! Names of repositories: any depth, and segments that look like the protocol's own words.

use wharf_testkit::{ImageMaker, RegistryClient, unique_name};

use crate::{admin, fresh_repository};

/// Pushes an image, reads everything back, and deletes it: every route has to find the name in its path.
fn walk_through(client: &RegistryClient, name: &str) {
    let repository = client.repository(name);
    let image = ImageMaker::new(name).make();
    let digest = repository.push_image("v1", &image);

    repository.get_manifest("v1").expect(200);
    repository.head_manifest(&digest).expect(200);
    repository.get_blob(&image.config.digest()).expect(200);
    repository.list_referrers(&digest, "").expect(200);
    let tags = repository.list_tags("").expect(200).json();
    assert_eq!(tags["name"], name);
    assert_eq!(tags["tags"][0], "v1");

    let location = repository.begin_upload("").expect(202).location();
    repository.get_upload(&location).expect(204);
    repository.delete_upload(&location).expect(204);
    repository.delete_manifest(&digest).expect(202);
    repository.get_manifest("v1").expect(404);
}

#[test]
fn a_name_may_have_any_depth() {
    walk_through(&admin(), &format!("{}/a/b/c/d/e/f", unique_name("deep")));
}

#[test]
fn a_name_may_have_one_segment_and_lives_in_library() {
    walk_through(&admin(), &unique_name("single"));
}

#[test]
fn a_segment_may_be_called_blobs() {
    walk_through(&admin(), &format!("{}/blobs", unique_name("tricky")));
    walk_through(&admin(), &format!("{}/blobs/blobs", unique_name("tricky")));
}

#[test]
fn a_segment_may_be_called_uploads() {
    walk_through(&admin(), &format!("{}/uploads", unique_name("tricky")));
    walk_through(
        &admin(),
        &format!("{}/blobs/uploads", unique_name("tricky")),
    );
}

#[test]
fn a_segment_may_be_called_tags_or_list() {
    walk_through(&admin(), &format!("{}/tags", unique_name("tricky")));
    walk_through(&admin(), &format!("{}/tags/list", unique_name("tricky")));
}

#[test]
fn a_segment_may_be_called_manifests_or_referrers() {
    walk_through(&admin(), &format!("{}/manifests", unique_name("tricky")));
    walk_through(
        &admin(),
        &format!("{}/manifests/latest", unique_name("tricky")),
    );
    walk_through(&admin(), &format!("{}/referrers", unique_name("tricky")));
}

#[test]
fn a_namespace_may_be_called_like_a_word_of_the_protocol() {
    for word in ["blobs", "tags", "manifests", "uploads", "referrers"] {
        walk_through(&admin(), &format!("{word}/{}", unique_name("app")));
    }
}

#[test]
fn every_separator_of_the_grammar_is_taken() {
    walk_through(
        &admin(),
        &format!("{}/a.b/c_d/e__f/g-h/i---j", unique_name("grammar")),
    );
}

#[test]
fn a_name_outside_the_grammar_is_refused() {
    for name in [
        "UPPER/case",
        "acme/-web",
        "acme/web-",
        "acme/we..b",
        "acme/we___b",
        "acme/we._b",
        "acme//web",
        "acme/w%20b",
        "acme/w%2Fb",
        "acme/wéb",
        "acme/we+b",
    ] {
        let repository = admin().repository(name);
        repository
            .begin_upload("")
            .expect_error(400, "NAME_INVALID");
        let image = ImageMaker::new("refused").make();
        repository
            .put_manifest("v1", &image.manifest)
            .expect_error(400, "NAME_INVALID");
    }
}

#[test]
fn a_name_has_255_characters_at_most() {
    let start = format!("{}/", unique_name("long"));
    let fits = format!("{start}{}", "a".repeat(255 - start.len()));
    walk_through(&admin(), &fits);
    let exceeds = admin().repository(&format!("{fits}a"));
    exceeds.begin_upload("").expect_error(400, "NAME_INVALID");
    exceeds.get_manifest("v1").expect_error(400, "NAME_INVALID");
}

#[test]
fn a_tag_has_128_characters_at_most_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("tag length").make();
    let longest = "t".repeat(128);
    repository.push_image(&longest, &image);
    repository.get_manifest(&longest).expect(200);

    let exceeds = "t".repeat(129);
    repository
        .put_manifest(&exceeds, &image.manifest)
        .expect(400)
        .error_codes();
    repository
        .get_manifest(&exceeds)
        .expect_one_of(&[400, 404])
        .error_codes();
}

#[test]
fn a_tag_outside_the_grammar_is_refused_end_7() {
    let repository = fresh_repository();
    let image = ImageMaker::new("tag grammar").make();
    repository.push_image("_.-", &image);
    for tag in [".hidden", "-flag", "a%20b", "a+b", "a%C3%A9", "a:b", "%00"] {
        repository
            .put_manifest(tag, &image.manifest)
            .expect(400)
            .error_codes();
    }
}
