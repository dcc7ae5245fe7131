//! What `--push` asks a registry for.

use wharf_build_tests::workshop::Workshop;

const DOCKERFILE: &str = "FROM base\nRUN echo made > /made\nRUN echo more > /more\n";

#[test]
fn a_push_of_what_is_there_only_looks() {
    let workshop = Workshop::open();
    let image = format!("{}/app:1", workshop.server.address());
    let push = |dockerfile: &str| {
        let _ = workshop
            .build(dockerfile, &["-t", &image, "--push"])
            .expect_success();
        workshop.server.take_requests()
    };
    let first = push(DOCKERFILE);
    let is_put = |line: &&String| line.starts_with("PUT /v2/app/manifests/");
    assert_eq!(first.iter().filter(is_put).count(), 1, "{first:#?}");

    let again = push(DOCKERFILE);
    let is_look = |line: &String| line.starts_with("HEAD ") || line == "GET /v2/ 200";
    assert!(again.iter().all(is_look), "{again:#?}");
    assert!(
        again.iter().any(|line| line.contains("/manifests/1 200")),
        "{again:#?}"
    );

    // Another image of the same layers still gets the tag.
    let changed = push(&format!("{DOCKERFILE}ENV a=b\n"));
    assert_eq!(changed.iter().filter(is_put).count(), 1, "{changed:#?}");
}
