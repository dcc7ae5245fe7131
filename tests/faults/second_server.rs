//! Two servers on one folder would each trust its own memory of what is staged.

use crate::{
    client::Client,
    place::{describe_server_in, make_image},
};

#[test]
fn a_second_server_on_the_same_folder_is_refused_and_the_first_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = describe_server_in(folder.path()).start();
    let client = Client::new(&server);
    let image = make_image(1, &[10_000]);
    client
        .push_image("one/app", "v1", &image)
        .expect("a healthy server");

    let second = describe_server_in(folder.path()).try_start();
    let Err(failure) = second else {
        panic!("a second server came up");
    };
    let code = failure.status.and_then(|status| status.code());
    assert_eq!(code, Some(1), "{failure}");
    let data = folder.path().join("data");
    assert!(
        failure.log.contains("another `wharf serve`")
            && failure.log.contains(&data.display().to_string()),
        "the text says what is wrong and where: {failure}"
    );
    client.expect_image("one/app", "v1", &image);
    client
        .push_image("one/app", "v2", &make_image(2, &[10_000]))
        .expect("the first goes on");
}
