//! ADD of an address: asked for again in each build, fetched again only where it has changed.

use wharf_build_tests::serve::Page;
use wharf_build_tests::workshop::Workshop;

#[test]
fn a_file_that_is_unchanged_where_it_is_is_not_fetched_again() {
    let workshop = Workshop::open();
    let offer = |text: &str, tag: &str| {
        let page = Page {
            body: text.into(),
            headers: vec![("ETag", tag.to_owned())],
            token: None,
        };
        let mut shelf = workshop.server.shelf();
        shelf.pages.insert("/files/tagged".to_owned(), page);
    };
    let address = workshop.server.address().to_owned();
    let build = |base: &str| {
        let dockerfile = format!("FROM {base}\nADD http://{address}/files/tagged /f\nRUN cat /f\n");
        let built = workshop.build(&dockerfile, &[]).expect_success();
        let asked = workshop.server.take_requests();
        let of_file = asked.into_iter().filter(|line| line.contains("/files/"));
        let answers = of_file.map(|line| line.rsplit(' ').next().unwrap_or_default().to_owned());
        (built, answers.collect::<Vec<_>>())
    };

    offer("first", "\"1\"");
    assert_eq!(build("base").1, ["200"]);
    let (again, answers) = build("base");
    assert_eq!(answers, ["304"]);
    assert!(again.log.matches(" CACHED").count() >= 2, "{}", again.log);

    // On something else the bytes are needed after all.
    let (elsewhere, answers) = build("base-docker");
    assert_eq!(answers, ["304", "200"]);
    let _ = elsewhere.expect_text("first");

    offer("second", "\"2\"");
    let (changed, answers) = build("base");
    assert_eq!(answers, ["200"]);
    let _ = changed.expect_text("second");
}
