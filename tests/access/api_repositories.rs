//! Rows: repositories, tags and favorites of the management API.

use serde_json::json;
use wharf_testkit::unique_name;

use crate::{
    rights::Right,
    row::{Row, Scene},
};

pub(crate) fn rows() -> Vec<Row> {
    let image = Scene::with_image;
    vec![
        Row::new("GET /repositories", Right::Nothing, 200, |at| {
            at.api.get("/repositories")
        }),
        Row::new("POST /repositories", Right::CreateRepository, 201, |at| {
            at.api.post(
                "/repositories",
                json!({ "name": format!("{}/{}", at.scene.namespace, unique_name("made")) }),
            )
        })
        .on(Scene::with_namespace),
        Row::new("GET /repositories/{}", Right::Pull, 200, |at| {
            at.api.get(&at.repository_path(""))
        })
        .on(image),
        Row::new("PATCH /repositories/{}", Right::Edit, 200, |at| {
            at.api.patch(
                &at.repository_path(""),
                json!({ "short_description": "Changed" }),
            )
        })
        .on(image),
        Row::new("DELETE /repositories/{}", Right::Delete, 204, |at| {
            at.api.delete(&at.repository_path(""))
        })
        .on(image)
        .consuming(),
        Row::new("GET /repositories/{}/tags", Right::Pull, 200, |at| {
            at.api.get(&at.repository_path("/tags"))
        })
        .on(image),
        Row::new("GET /repositories/{}/tags/{}", Right::Pull, 200, |at| {
            at.api.get(&at.repository_path("/tags/v1"))
        })
        .on(image),
        Row::new(
            "DELETE /repositories/{}/tags/{}",
            Right::Delete,
            204,
            |at| at.api.delete(&at.repository_path("/tags/v1")),
        )
        .on(image)
        .consuming(),
        Row::new(
            "POST /repositories/{}/tag-deletions",
            Right::Delete,
            200,
            |at| {
                at.api.post(
                    &at.repository_path("/tag-deletions"),
                    json!({ "tags": ["not-there"] }),
                )
            },
        )
        .on(image),
        Row::new(
            "GET /repositories/{}/manifests/{}",
            Right::Pull,
            200,
            |at| {
                let path = format!("/manifests/{}", at.scene.manifest);
                at.api.get(&at.repository_path(&path))
            },
        )
        .on(image),
        Row::new(
            "GET /repositories/{}/manifests/{}/referrers",
            Right::Pull,
            200,
            |at| {
                let path = format!("/manifests/{}/referrers", at.scene.manifest);
                at.api.get(&at.repository_path(&path))
            },
        )
        .on(image),
        Row::new("GET /repositories/{}/readme", Right::Pull, 200, |at| {
            at.api.get(&at.repository_path("/readme"))
        })
        .on(image),
        Row::new("POST /markdown-previews", Right::SignIn, 200, |at| {
            at.api
                .post("/markdown-previews", json!({ "markdown": "*a*" }))
        }),
        Row::new("GET /stream", Right::Nothing, 400, |at| {
            at.api
                .request(reqwest::Method::GET, "/stream?topics=nothing")
                .send_undescribed()
        })
        .note("about nothing"),
        Row::new("GET /repositories/{}/compare", Right::Pull, 200, |at| {
            at.api.get(&at.repository_path("/compare?a=v1&b=v1"))
        })
        .on(image),
        Row::new(
            "PUT /repositories/{}/favorite",
            Right::PullAsPerson,
            204,
            |at| at.api.put(&at.repository_path("/favorite"), json!(null)),
        )
        .on(image),
        Row::new(
            "DELETE /repositories/{}/favorite",
            Right::PullAsPerson,
            204,
            |at| at.api.delete(&at.repository_path("/favorite")),
        )
        .on(image),
    ]
}
