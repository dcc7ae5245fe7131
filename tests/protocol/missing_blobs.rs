//! A registry that was told to take manifests whose blobs are missing.

use wharf_testkit::{ImageMaker, Server, SharedServer, unique_name};

static SERVER: SharedServer =
    SharedServer::new(|| Server::builder().config("[registry]\nallow_missing_blobs = true"));

#[test]
fn an_image_may_name_missing_blobs_where_that_is_allowed_end_7() {
    let server = SERVER.get();
    let repository = server
        .registry(&server.admin())
        .repository(&format!("{}/app", unique_name("sparse")));
    let image = ImageMaker::new("sparse").layers(2).make();
    repository.push_manifest("v1", &image.manifest);
    assert_eq!(
        repository.get_manifest("v1").expect(200).body,
        image.manifest.bytes
    );
    repository
        .get_blob(&image.config.digest())
        .expect_error(404, "BLOB_UNKNOWN");

    repository.push_blob(&image.config);
    repository.get_blob(&image.config.digest()).expect(200);
    let answer = repository.delete_blob(&image.config.digest()).expect(405);
    assert!(
        answer.text().contains(&image.digest()),
        "{}",
        answer.describe()
    );
}

#[test]
fn a_missing_blob_of_another_repository_stays_hidden_where_missing_is_allowed_end_7() {
    let server = SERVER.get();
    let client = server.registry(&server.admin());
    let mine = client.repository(&format!("{}/app", unique_name("sparse")));
    let other = client.repository(&format!("{}/app", unique_name("sparse")));
    let image = ImageMaker::new("sparse elsewhere").make();
    other.push_image("v1", &image);
    mine.push_manifest("v1", &image.manifest);
    mine.get_blob(&image.config.digest())
        .expect_error(404, "BLOB_UNKNOWN");
}
