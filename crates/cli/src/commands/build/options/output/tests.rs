use super::*;

fn kind(text: &str) -> OutputKind {
    read_output(text).expect(text).kind
}

fn path(text: &str) -> Destination {
    Destination::Path(PathBuf::from(text))
}

#[test]
fn a_lone_path_is_a_directory_and_a_lone_dash_a_tar() {
    assert_eq!(
        kind("out"),
        OutputKind::Local {
            to: "out".into(),
            split: None
        }
    );
    assert_eq!(
        kind("-"),
        OutputKind::Tar {
            to: Destination::Stdout
        }
    );
}

#[test]
fn images_go_to_the_store_and_to_registries() {
    let image = |push, store, by_digest| OutputKind::Image {
        push,
        store,
        by_digest,
    };
    assert_eq!(kind("type=image"), image(false, true, false));
    assert_eq!(kind("type=image,push=true"), image(true, true, false));
    assert_eq!(kind("type=registry"), image(true, true, false));
    assert_eq!(
        kind("type=image,push=1,store=false,push-by-digest=true"),
        image(true, false, true)
    );
}

#[test]
fn archives_go_to_a_file_or_to_standard_output() {
    assert_eq!(
        kind("type=oci,dest=a.tar"),
        OutputKind::Oci {
            to: path("a.tar"),
            tar: true
        }
    );
    assert_eq!(
        kind("type=oci,dest=layout,tar=false"),
        OutputKind::Oci {
            to: path("layout"),
            tar: false
        }
    );
    assert_eq!(kind("type=docker"), OutputKind::Docker { to: None });
    assert!(
        read_output("type=docker,dest=-")
            .expect("an output")
            .uses_stdout()
    );
    assert!(read_output("type=oci").expect("an output").uses_stdout());
    assert!(!read_output("type=docker").expect("an output").uses_stdout());
    assert_eq!(
        kind("type=tar,\"dest=a,b.tar\""),
        OutputKind::Tar {
            to: path("a,b.tar")
        }
    );
    assert_eq!(kind("type=cacheonly"), OutputKind::CacheOnly);
    assert_eq!(
        kind("type=local,dest=o,platform-split=false"),
        OutputKind::Local {
            to: "o".into(),
            split: Some(false)
        }
    );
}

#[test]
fn layers_names_and_annotations_can_be_chosen() {
    let output = read_output(
        "type=image,\"name=a:1,reg.example/b\",compression=zstd,compression-level=9,oci-mediatypes=false,\
         rewrite-timestamp=true,annotation.k=v,annotation-index.i=j,force-compression=true",
    )
    .expect("an output");
    assert_eq!(output.names.len(), 2);
    assert_eq!(
        output.layers,
        LayerOptions {
            compression: Some(Compression::Zstd { level: 9 }),
            docker_media_types: Some(true),
            rewrite_timestamp: Some(true),
        }
    );
    assert_eq!(output.annotations, [("k".to_owned(), "v".to_owned())]);
    assert_eq!(output.index_annotations, [("i".to_owned(), "j".to_owned())]);
    let level_alone = read_output("type=image,compression-level=6").expect("an output");
    assert_eq!(
        level_alone.layers.compression,
        Some(Compression::Gzip { level: 6 })
    );
}

#[test]
fn other_texts_are_refused_with_the_reason() {
    for (text, key) in [
        ("", "output_type"),
        ("dest=a,x=y", "output_type"),
        ("type=local", "output_dest"),
        ("type=local,dest=-", "output_dest"),
        ("type=oci,tar=false", "output_dest"),
        ("type=oci,dest=", "output_dest"),
        ("type=docker,tar=false", "output_docker_tar"),
        ("type=docker,context=remote", "output_docker_context"),
        ("type=floppy,dest=a", "output_unknown"),
        ("type=image,compression=lzma", "output_value"),
        ("type=image,compression=estargz", "output_estargz"),
        ("type=image,compression-level=much", "output_value"),
        ("type=image,push=maybe", "output_value"),
        ("type=image,nmae=a", "output_field"),
        ("type=image,name=A", "tag"),
        ("type=image,name-canonical=true", "output_later"),
        ("type=image,registry.insecure=true", "output_insecure"),
        ("type=image,broken", "field_form"),
    ] {
        assert_eq!(read_output(text).expect_err(text).key(), key, "{text}");
    }
}
