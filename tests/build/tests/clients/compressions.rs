//! Another compression of what was built before.

use wharf_build_tests::layout::{Blobs, decompress, digest_of};
use wharf_build_tests::workshop::Workshop;

const DOCKERFILE: &str = "\
FROM base AS other
RUN head -c 3000000 /dev/urandom > /only-here
FROM base
RUN head -c 3000000 /dev/urandom > /random
COPY --from=other /bin/busybox /copied
";

#[test]
fn another_compression_runs_no_step_again() {
    let workshop = Workshop::open();
    let build = |compression: &str| {
        let output = format!("type=oci,dest=image.tar,compression={compression}");
        let built = workshop.build(DOCKERFILE, &["--output", &output]);
        (built.expect_success(), list_layers(&workshop))
    };
    let (_, gzip) = build("gzip");
    for compression in ["zstd", "uncompressed"] {
        let (built, other) = build(compression);
        assert_eq!(built.log.matches(" CACHED").count(), 3, "{}", built.log);
        for (mine, theirs) in gzip.iter().zip(&other).skip(1) {
            assert_ne!(mine.0, theirs.0, "{compression}");
            assert_eq!(mine.1, theirs.1, "{compression}");
        }
        assert_eq!(build(compression).1, other);
    }
    assert_eq!(build("gzip").1, gzip);
}

/// Digests of each layer as it is and without its compression.
fn list_layers(workshop: &Workshop<'_>) -> Vec<(String, String)> {
    let blobs = Blobs::read_tar(&workshop.path("image.tar")).expect("an archive");
    let index = blobs.read_json("index.json").expect("an index");
    let manifest = blobs.find_blob(&index["manifests"][0]).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(manifest).expect("a manifest");
    let layers = manifest["layers"].as_array().expect("layers");
    let digests = layers.iter().map(|layer| {
        let bytes = blobs.find_blob(layer).expect("a layer");
        let plain = decompress(bytes).expect("a layer");
        (digest_of(bytes), digest_of(&plain))
    });
    digests.collect()
}
