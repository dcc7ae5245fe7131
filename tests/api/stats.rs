//! `/stats`: lines of what is stored and what goes in and out.

use serde_json::Value;
use wharf_testkit::{ImageMaker, unique_name};
use wharf_tests::wait_until;

use crate::{SERVER, admin, fresh_repository, repository_path};

/// The sum of a number over all points of a line.
fn add_up(stats: &Value, line: &str, name: &str) -> u64 {
    let points = stats[line].as_array().expect("a line");
    points.iter().filter_map(|point| point[name].as_u64()).sum()
}

#[test]
fn what_goes_in_and_out_of_a_repository_is_told_of_it_its_namespace_and_the_server() {
    let repository = fresh_repository();
    let image = ImageMaker::new(repository.name()).layers(2).make();
    repository.push_image("v1", &image);
    repository.get_manifest("v1").expect(200);
    repository.get_manifest(&image.digest()).expect(200);
    // Questions that bring no bytes count nothing.
    repository.head_manifest("v1").expect(200);
    let layer = &image.layers[0];
    repository.get_blob(&layer.digest()).expect(200);
    repository
        .get_blob_with(&layer.digest(), "range", "bytes=0-9")
        .expect(206);
    let manifest = image.manifest.bytes.len() as u64;
    let blobs: usize = image.blobs().map(|blob| blob.bytes.len()).sum();

    let path = repository_path(repository.name(), "/stats");
    let read = || admin().get(&path).expect(200).json();
    wait_until("both pulls are counted", || {
        add_up(&read(), "traffic", "pulls") == 2
    });
    let namespace = repository.name().split('/').next().expect("a namespace");
    let of_namespace = admin().get(&format!("/namespaces/{namespace}/stats?range=90d"));
    for (stats, step) in [(read(), "hour"), (of_namespace.expect(200).json(), "day")] {
        assert_eq!(stats["step"], step);
        assert_eq!(add_up(&stats, "traffic", "pulls"), 2);
        assert_eq!(add_up(&stats, "traffic", "pushes"), 1);
        let out = 2 * manifest + layer.bytes.len() as u64 + 10;
        assert_eq!(add_up(&stats, "traffic", "bytes_out"), out);
        assert_eq!(
            add_up(&stats, "traffic", "bytes_in"),
            manifest + blobs as u64
        );
    }
    let all = admin().get("/stats?range=400d").expect(200).json();
    assert!(add_up(&all, "traffic", "pulls") >= 2);
    // Looked at when the server started; what came since is told from the next hour on.
    wait_until("the first look at what is stored", || {
        let all = admin().get("/stats").expect(200).json();
        all["storage"][0]["bytes"].is_u64()
    });
}

#[test]
fn a_range_that_does_not_exist_is_refused_by_name() {
    let problem = admin().get("/stats?range=15d").expect(400).json();
    assert_eq!(problem["code"], "invalid_field");
    assert_eq!(problem["params"]["field"], "range");
    admin().get("/stats?grain=day").expect(400);
}

#[test]
fn a_stranger_learns_nothing_of_how_much_a_public_image_is_used() {
    let repository = fresh_repository();
    repository.push_image("v1", &ImageMaker::new(repository.name()).make());
    let path = repository_path(repository.name(), "");
    let public = serde_json::json!({ "public": true });
    admin().patch(&path, public).expect(200);
    let server = SERVER.get();
    let stranger = server.user(&unique_name("stranger"));
    let api = server.api(&stranger.login());
    api.get(&path).expect(200);
    api.get(&format!("{path}/stats")).expect(403);
    api.get("/stats").expect(403);
}
