//! Pushing a manifest by digest with tags in the query (end-7b).

use wharf_testkit::ImageMaker;

use crate::fresh_repository;

#[test]
fn push_by_digest_sets_the_tags_that_it_names_end_7b() {
    let repository = fresh_repository();
    let image = ImageMaker::new("tags in the query").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let digest = image.digest();
    let answer = repository
        .put_manifest(
            &format!("{digest}?tag=1.2.3&tag=1.2&tag=1&tag=latest"),
            &image.manifest,
        )
        .expect(201);
    assert_eq!(answer.header("docker-content-digest"), digest);
    let mut accepted = answer.list_header("oci-tag");
    accepted.sort();
    assert_eq!(accepted, ["1", "1.2", "1.2.3", "latest"]);
    assert_eq!(repository.read_tags(""), ["1", "1.2", "1.2.3", "latest"]);
    for tag in accepted {
        assert_eq!(
            repository
                .get_manifest(&tag)
                .expect(200)
                .header("docker-content-digest"),
            digest
        );
    }
}

#[test]
fn push_by_digest_takes_ten_tags_and_more_end_7b() {
    let repository = fresh_repository();
    let image = ImageMaker::new("many tags").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let query: Vec<String> = (0..50).map(|number| format!("tag=t{number}")).collect();
    let answer = repository
        .put_manifest(
            &format!("{}?{}", image.digest(), query.join("&")),
            &image.manifest,
        )
        .expect(201);
    assert_eq!(answer.list_header("oci-tag").len(), 50);
    assert_eq!(repository.read_tags("").len(), 50);
}

#[test]
fn push_by_digest_with_a_malformed_tag_changes_nothing_end_7b() {
    let repository = fresh_repository();
    let image = ImageMaker::new("one bad tag").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    repository
        .put_manifest(
            &format!("{}?tag=good&tag=.bad", image.digest()),
            &image.manifest,
        )
        .expect(400)
        .error_codes();
    repository.get_manifest("good").expect(404);
    repository.get_manifest(&image.digest()).expect(404);
}

#[test]
fn push_by_digest_with_too_many_tags_answers_414_end_7b() {
    let repository = fresh_repository();
    let image = ImageMaker::new("too many tags").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let query: Vec<String> = (0..600).map(|number| format!("tag=t{number}")).collect();
    repository
        .put_manifest(
            &format!("{}?{}", image.digest(), query.join("&")),
            &image.manifest,
        )
        .expect(414);
    repository.get_manifest(&image.digest()).expect(404);
}

#[test]
fn push_by_digest_moves_tags_that_exist_end_7b() {
    let repository = fresh_repository();
    repository.push_image("latest", &ImageMaker::new("before").make());
    let image = ImageMaker::new("after").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    repository
        .put_manifest(&format!("{}?tag=latest", image.digest()), &image.manifest)
        .expect(201);
    assert_eq!(
        repository
            .get_manifest("latest")
            .expect(200)
            .header("docker-content-digest"),
        image.digest()
    );
}

#[test]
fn push_by_digest_without_tags_answers_no_tag_header_end_7b() {
    let repository = fresh_repository();
    let image = ImageMaker::new("no tags").make();
    image.blobs().for_each(|blob| repository.push_blob(blob));
    let answer = repository
        .put_manifest(&image.digest(), &image.manifest)
        .expect(201);
    assert_eq!(answer.find_header("oci-tag"), None);
}
