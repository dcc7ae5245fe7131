//! C11: layers and archives whose entries lead out of the image (CVE-2026-28406, -42574, CVE-2025-11395). A program
//! without care, which follows every name and link, is led out by each of them first.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde_json::json;
use wharf_build_tests::hostile::{pack, plain_layer, shelve_image, unpack_carelessly};
use wharf_build_tests::workshop::{Built, Workshop};

use crate::as_both;

/// Archives by name; `@OUT@` is a folder outside.
const ARCHIVES: &[(&str, &str)] = &[
    (
        "a link to a folder outside, then a file in it",
        "[{ path = 'etc', kind = 'symlink', target = '@OUT@' }, { path = 'etc/planted', content = 'evil' }]",
    ),
    (
        "a link to a folder outside in two steps",
        "[{ path = 'a', kind = 'symlink', target = '@OUT@' }, { path = 'b', kind = 'symlink', target = 'a' }, { path = 'b/planted', content = 'evil' }]",
    ),
    (
        "a link to a file outside, then a file in its place",
        "[{ path = 'f', kind = 'symlink', target = '@OUT@/file' }, { path = 'f', content = 'evil' }]",
    ),
    (
        "a hard link to a file outside, then its content",
        "[{ path = 'f', kind = 'hardlink', target = '@OUT@/file' }, { path = 'f', content = 'evil' }]",
    ),
    (
        "a hard link through a link",
        "[{ path = 'd', kind = 'symlink', target = '@OUT@' }, { path = 'f', kind = 'hardlink', target = 'd/file' }, { path = 'f', content = 'evil' }]",
    ),
    (
        "a whiteout through a link",
        "[{ path = 'd', kind = 'symlink', target = '@OUT@' }, { path = 'd/.wh.file' }]",
    ),
    (
        "an absolute name",
        "[{ path = '@OUT@/planted', content = 'evil' }]",
    ),
    (
        "a name that goes up",
        "[{ path = '../outside/planted', content = 'evil' }]",
    ),
    (
        "a whiteout that goes up",
        "[{ path = '../outside/.wh.file' }]",
    ),
];

/// A folder outside of everything that is built, with a file that must stay as it is.
fn make_outside(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir(folder).unwrap();
    fs::write(folder.join("file"), "of the host").unwrap();
}

fn is_whole(folder: &Path) -> bool {
    let names = fs::read_dir(folder).unwrap().count();
    let file = folder.join("file");
    let content = fs::read_to_string(&file).unwrap_or_default();
    names == 1 && content == "of the host" && fs::metadata(file).unwrap().nlink() == 1
}

fn check(workshop: &Workshop<'_>, name: &str, built: &Built) {
    assert!(is_whole(&workshop.path("outside")), "{name}: {}", built.log);
    assert!(!built.log.contains("panicked"), "{name}: {}", built.log);
    assert!(!built.log.contains("of the host"), "{name}: {}", built.log);
    if !built.success {
        assert!(built.log.contains("error: "), "{name}: {}", built.log);
    }
}

/// Each archive, with a folder outside that the archive is about, after a careless program was led there.
fn each_archive(workshop: &Workshop<'_>, test: impl Fn(&str, Vec<u8>)) {
    let outside = workshop.path("outside");
    for (name, list) in ARCHIVES {
        make_outside(&outside);
        let archive = pack(&list.replace("@OUT@", &outside.display().to_string()));
        let root = workshop.path("careless");
        let _ = fs::remove_dir_all(&root);
        fs::create_dir(&root).unwrap();
        unpack_carelessly(&archive, &root).unwrap();
        assert!(!is_whole(&outside), "{name}: no attack");
        make_outside(&outside);
        test(name, archive);
    }
}

const USE: &str = "COPY --from=base / /\nRUN cat /etc/planted /f /planted; true\n";

#[test]
fn c11_layers_of_a_base_stay_in_the_image() {
    as_both(|workshop| {
        each_archive(workshop, |name, archive| {
            let config = json!({"Env": ["PATH=/bin"]});
            shelve_image(&workshop.server, "evil", &config, &[plain_layer(archive)]);
            for dockerfile in [
                format!("FROM evil\n{USE}"),
                "FROM base\nCOPY --from=evil / /\nRUN cat /etc/planted; true\n".to_owned(),
                "FROM base\nRUN --mount=from=evil,target=/m,rw cat /m/etc/planted /m/f; echo evil > /m/etc/planted; true\n".to_owned(),
            ] {
                let built = workshop.build(&dockerfile, &["--pull", "--output", "type=cacheonly"]);
                check(workshop, name, &built);
            }
        });
    });
}

#[test]
fn c11_layers_of_a_layout_stay_in_the_image() {
    as_both(|workshop| {
        each_archive(workshop, |name, archive| {
            let config = json!({});
            shelve_image(&workshop.server, "evil", &config, &[plain_layer(archive)]);
            write_layout(workshop);
            let context = format!("evil=oci-layout://{}", workshop.path("layout").display());
            let flags = ["--build-context", &context, "--output", "type=cacheonly"];
            let built = workshop.build(&format!("FROM evil\n{USE}"), &flags);
            check(workshop, name, &built);
        });
    });
}

#[test]
fn c11_added_archives_stay_in_the_image() {
    as_both(|workshop| {
        each_archive(workshop, |name, archive| {
            workshop.write("evil.tar", &archive);
            for place in ["/", "/tmp/", "/new/place"] {
                let built = workshop.build(
                    &format!("FROM base\nADD evil.tar {place}\nRUN cat /etc/planted; true\n"),
                    &["--output", "type=cacheonly"],
                );
                check(workshop, name, &built);
            }
            fs::remove_file(workshop.context().join("evil.tar")).unwrap();
        });
    });
}

#[test]
fn c11_archives_as_contexts_stay_in_the_context() {
    as_both(|workshop| {
        each_archive(workshop, |name, archive| {
            let mut all = pack(
                r#"[{ path = "Dockerfile", content = "FROM base\nCOPY . /x\nRUN cat /x/etc/planted /x/f; true\n" }]"#,
            );
            // Without the two empty blocks at its end, another archive can follow.
            all.truncate(all.len() - 1024);
            all.extend(archive);
            let flags = ["--output", "type=cacheonly"];
            let built = workshop.build_with("-", &flags, Some(&all), &[]);
            check(workshop, name, &built);
        });
    });
}

fn write_layout(workshop: &Workshop<'_>) {
    let shelf = workshop.server.shelf();
    let layout = workshop.path("layout");
    let _ = fs::remove_dir_all(&layout);
    fs::create_dir_all(layout.join("blobs/sha256")).unwrap();
    let (kind, manifest) = &shelf.manifests[&("library/evil".to_owned(), "latest".to_owned())];
    let digest = wharf_build_tests::layout::digest_of(manifest);
    let write = |digest: &str, bytes: &[u8]| {
        let path = layout.join("blobs").join(digest.replace(':', "/"));
        fs::write(path, bytes).unwrap();
    };
    write(&digest, manifest);
    let document: serde_json::Value = serde_json::from_slice(manifest).unwrap();
    for descriptor in document["layers"]
        .as_array()
        .unwrap()
        .iter()
        .chain([&document["config"]])
    {
        let bytes = shelf.blobs.find_blob(descriptor).unwrap();
        write(descriptor["digest"].as_str().unwrap(), bytes);
    }
    let entry = json!({"mediaType": kind, "digest": digest, "size": manifest.len()});
    let index = json!({"schemaVersion": 2, "manifests": [entry]});
    fs::write(layout.join("index.json"), index.to_string()).unwrap();
    fs::write(
        layout.join("oci-layout"),
        r#"{"imageLayoutVersion":"1.0.0"}"#,
    )
    .unwrap();
}
