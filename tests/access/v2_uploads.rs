//! Rows: upload sessions and mounts of `/v2`.

use wharf_testkit::{Answer, image::compute_digest, unique_name};

use crate::{
    rights::Right,
    row::{Attempt, Row, Scene},
};

/// A session of the caller's own where the caller may have one, else one of the admin's: a session belongs to who
/// began it.
fn begin(at: &Attempt<'_>) -> String {
    let own = at.repository().begin_upload("");
    if own.status == 202 {
        return own.location();
    }
    let admin = at.world.admin_registry().repository(&at.scene.repository);
    admin.begin_upload("").expect(202).location()
}

fn with_session(at: &Attempt<'_>, act: impl Fn(&str) -> Answer) -> Answer {
    let location = begin(at);
    act(&location)
}

pub(crate) fn rows() -> Vec<Row> {
    let image = Scene::with_image;
    vec![
        Row::new("start_upload", Right::Push, 202, |at| {
            at.repository().begin_upload("")
        })
        .on(image),
        Row::new("start_upload", Right::Push, 201, |at| {
            let bytes = unique_name("posted");
            at.repository()
                .post_blob(&compute_digest(bytes.as_bytes()), bytes)
        })
        .note("with the whole blob")
        .on(image),
        Row::new("start_upload", Right::Push, 201, |at| {
            at.repository()
                .mount_blob(&at.scene.blob, Some(&at.scene.name))
        })
        .note("a mount from where the caller may pull")
        .on(|world, public| {
            let source = Scene::with_image(world, false);
            Scene {
                name: source.repository,
                blob: source.blob,
                ..Scene::with_image(world, public)
            }
        }),
        Row::new("start_upload", Right::CreateRepository, 202, |at| {
            let name = format!("{}/{}", at.scene.namespace, unique_name("new"));
            at.registry.repository(&name).begin_upload("")
        })
        .note("to a new repository")
        .on(Scene::with_namespace),
        Row::new("get_upload", Right::Push, 204, |at| {
            with_session(at, |location| at.repository().get_upload(location))
        })
        .on(image),
        Row::new("write_upload", Right::Push, 202, |at| {
            with_session(at, |location| {
                at.repository().patch_upload(location, Some("0-2"), "abc")
            })
        })
        .on(image),
        Row::new("finish_upload", Right::Push, 201, |at| {
            let bytes = unique_name("finished");
            let digest = compute_digest(bytes.as_bytes());
            with_session(at, |location| {
                at.repository().put_upload(location, &digest, bytes.clone())
            })
        })
        .on(image),
        Row::new("cancel_upload", Right::Push, 204, |at| {
            with_session(at, |location| at.repository().delete_upload(location))
        })
        .on(image),
    ]
}
