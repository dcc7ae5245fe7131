//! The client against a scripted registry that fails in every way, and against a real one.

mod auth;
mod blobs;
mod fake;
mod limits;
mod manifests;
mod mirrors;
mod pushes;
mod real;
mod schemes;
mod setup;
mod skip;

/// Builds and servers give these to any thread; that this compiles is the test, and that nothing is sent before it is
/// asked for.
#[tokio::test]
async fn every_operation_can_be_given_to_another_thread_and_does_nothing_by_itself() {
    fn check_send(_: impl Send) {}
    let registry = fake::Registry::start(|_, _| fake::Answer::new(500)).await;
    let client = setup::open_for(&registry);
    let image = setup::image(&registry, "app:1");
    let (repository, wanted) = (&image.repository, setup::descriptor(b"x"));
    let (platform, none) = (
        wharf_oci::Platform::default(),
        wharf_client::Progress::none(),
    );
    check_send(client.resolve_for(&image, &platform));
    check_send(client.peek(&image));
    check_send(client.fetch_blob(repository, &wanted, none.clone()));
    check_send(client.fetch_bytes(repository, &wanted, 1));
    check_send(client.has_blob(repository, &wanted.digest));
    check_send(client.mount_blob(repository, &wanted.digest, &repository.name));
    check_send(client.push_blob(repository, &wanted, &bytes::Bytes::new(), &none));
    check_send(client.push_manifest(&image, "", bytes::Bytes::new()));
    assert!(registry.asked().is_empty());
}
