//! Rows: manifests, blobs and lists of `/v2`.

use reqwest::Method;
use wharf_testkit::{Blob, ImageMaker, image::make_index, unique_name};

use crate::{
    rights::Right,
    row::{Row, Scene},
};

pub(crate) fn rows() -> Vec<Row> {
    let image = Scene::with_image;
    vec![
        Row::new("ping", Right::SignIn, 200, |at| at.registry.get("/v2/")),
        Row::new("list_catalog", Right::SignIn, 200, |at| {
            at.registry.list_catalog("")
        }),
        Row::new("list_tags", Right::Pull, 200, |at| {
            at.repository().list_tags("")
        })
        .on(image),
        Row::new("list_referrers", Right::Pull, 200, |at| {
            at.repository().list_referrers(&at.scene.manifest, "")
        })
        .on(image),
        Row::new("get_manifest", Right::Pull, 200, |at| {
            at.repository().get_manifest("v1")
        })
        .note("by tag")
        .on(image),
        Row::new("get_manifest", Right::Pull, 200, |at| {
            at.repository().get_manifest(&at.scene.manifest)
        })
        .note("by digest")
        .on(image),
        Row::new("get_manifest", Right::Pull, 200, |at| {
            at.repository().head_manifest("v1")
        })
        .note("HEAD")
        .on(image),
        Row::new("get_blob", Right::Pull, 200, |at| {
            at.repository().get_blob(&at.scene.blob)
        })
        .on(image),
        Row::new("get_blob", Right::Pull, 200, |at| {
            at.repository().head_blob(&at.scene.blob)
        })
        .note("HEAD")
        .on(image),
        Row::new("get_blob", Right::Pull, 206, |at| {
            at.repository()
                .get_blob_with(&at.scene.blob, "range", "bytes=0-0")
        })
        .note("a range")
        .on(image),
        Row::new("put_manifest", Right::Push, 201, |at| {
            at.repository().put_manifest("v2", &make_index(vec![]))
        })
        .note("by tag")
        .on(image),
        Row::new("put_manifest", Right::Push, 201, |at| {
            let index = make_index(vec![]);
            at.repository()
                .put_manifest(&format!("{}?tag=v3", index.digest()), &index)
        })
        .note("by digest with a tag")
        .on(image),
        Row::new("put_manifest", Right::CreateRepository, 201, |at| {
            let name = format!("{}/{}", at.scene.namespace, unique_name("new"));
            at.registry
                .repository(&name)
                .put_manifest("v1", &make_index(vec![]))
        })
        .note("to a new repository")
        .on(Scene::with_namespace),
        Row::new("delete_manifest", Right::Delete, 202, |at| {
            at.repository().delete_manifest("v1")
        })
        .note("a tag")
        .on(image)
        .consuming(),
        Row::new("delete_manifest", Right::Delete, 202, |at| {
            at.repository().delete_manifest(&at.scene.manifest)
        })
        .note("a digest")
        .on(image)
        .consuming(),
        Row::new("delete_blob", Right::Delete, 202, |at| {
            at.repository().delete_blob(&at.scene.blob)
        })
        .on(|world, public| {
            let scene = Scene::with_image(world, public);
            let loose = Blob::new("text/plain", unique_name("loose"));
            world
                .admin_registry()
                .repository(&scene.repository)
                .push_blob(&loose);
            Scene {
                blob: loose.digest(),
                ..scene
            }
        })
        .consuming(),
        Row::new("delete_blob", Right::Delete, 405, |at| {
            at.repository().delete_blob(&at.scene.config)
        })
        .note("one that is in use")
        .on(image),
        Row::new("put_manifest", Right::Push, 400, |at| {
            let missing = ImageMaker::new("never pushed").make();
            at.repository().put_manifest("v4", &missing.manifest)
        })
        .note("naming missing blobs")
        .on(image),
        Row::new("get_manifest", Right::Pull, 404, |at| {
            at.repository().get_manifest("v9")
        })
        .note("that is not there")
        .on(image),
        Row::new("get_blob", Right::Pull, 404, |at| {
            at.repository().get_blob(&at.scene.manifest)
        })
        .note("that is not there")
        .on(image),
        Row::new("ping", Right::SignIn, 200, |at| {
            at.registry.request(Method::HEAD, "/v2/").send()
        })
        .note("HEAD"),
    ]
}
