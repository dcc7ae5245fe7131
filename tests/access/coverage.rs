//! A route without a row is a failure.

use std::collections::BTreeSet;

use wharf_oci::Operation;

use crate::{api_rows, v2_rows, world::World};

/// Every operation of `/v2`, as a request that is one. The match below does not compile when an operation is added, so
/// nobody adds one without passing here.
fn registry_operations() -> BTreeSet<&'static str> {
    let digest = format!("sha256:{}", "0".repeat(64));
    let requests = [
        ("GET", "/v2/".to_owned()),
        ("GET", "/v2/_catalog".to_owned()),
        ("GET", "/v2/a/b/tags/list".to_owned()),
        ("GET", "/v2/a/b/manifests/v1".to_owned()),
        ("PUT", "/v2/a/b/manifests/v1".to_owned()),
        ("DELETE", "/v2/a/b/manifests/v1".to_owned()),
        ("GET", format!("/v2/a/b/blobs/{digest}")),
        ("DELETE", format!("/v2/a/b/blobs/{digest}")),
        ("POST", "/v2/a/b/blobs/uploads/".to_owned()),
        ("GET", "/v2/a/b/blobs/uploads/id".to_owned()),
        ("PATCH", "/v2/a/b/blobs/uploads/id".to_owned()),
        ("PUT", "/v2/a/b/blobs/uploads/id".to_owned()),
        ("DELETE", "/v2/a/b/blobs/uploads/id".to_owned()),
        ("GET", format!("/v2/a/b/referrers/{digest}")),
    ];
    let query = format!("digest={digest}");
    requests
        .iter()
        .map(|(method, path)| {
            let query = (*method == "PUT" && path.contains("uploads")).then_some(query.as_str());
            let operation = Operation::parse(method, path, query)
                .unwrap_or_else(|error| panic!("{method} {path}: {error}"));
            name_operation(&operation)
        })
        .collect()
}

fn name_operation(operation: &Operation) -> &'static str {
    match operation {
        Operation::Ping => "ping",
        Operation::Catalog { .. } => "list_catalog",
        Operation::ListTags { .. } => "list_tags",
        Operation::GetManifest { .. } => "get_manifest",
        Operation::PutManifest { .. } => "put_manifest",
        Operation::DeleteManifest { .. } => "delete_manifest",
        Operation::GetBlob { .. } => "get_blob",
        Operation::DeleteBlob { .. } => "delete_blob",
        Operation::StartUpload { .. } => "start_upload",
        Operation::UploadStatus { .. } => "get_upload",
        Operation::WriteUpload { .. } => "write_upload",
        Operation::FinishUpload { .. } => "finish_upload",
        Operation::CancelUpload { .. } => "cancel_upload",
        Operation::ListReferrers { .. } => "list_referrers",
    }
}

/// A path template without the names of its parameters.
fn erase_names(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        if segment.starts_with('{') {
            "{}"
        } else {
            segment
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn every_operation_of_the_registry_has_a_row() {
    let rows: BTreeSet<&str> = v2_rows().iter().map(|row| row.operation).collect();
    assert_eq!(registry_operations(), rows);
}

#[test]
fn every_operation_of_the_management_api_has_a_row() {
    let described: BTreeSet<String> = World::get()
        .admin_api()
        .contract()
        .operations()
        .iter()
        .map(|operation| format!("{} {}", operation.method, erase_names(&operation.path)))
        .collect();
    let rows: BTreeSet<String> = api_rows()
        .iter()
        .map(|row| row.operation.to_owned())
        // The document need not describe itself.
        .filter(|operation| operation != "GET /openapi.json" || described.contains(operation))
        .collect();
    assert_eq!(described, rows);
}
