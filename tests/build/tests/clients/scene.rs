//! A server, and a place to build for it.

use serde_json::json;
use wharf_build_tests::layout::{Blobs, decompress};
use wharf_build_tests::workshop::Workshop;

use crate::site::Site;

/// A server with Alice on it, and a workshop where she is logged in.
pub(crate) struct Scene {
    pub(crate) site: Site,
    pub(crate) workshop: Workshop<'static>,
}

/// A program that shows whether everything in its image arrived: files of all kinds, made by several layers, more bytes
/// than one member of a compressed layer holds.
const DOCKERFILE: &str = "\
FROM base
RUN head -c 9000000 /bin/busybox > /big; i=0; while [ $i -lt 3 ]; do cat /bin/busybox >> /big; i=$((i+1)); done; \\
    sha256sum /big > /sums; ln /big /same; ln -s /big /link; mkdir -m 1777 /sticky; mkfifo /pipe; touch /gone /sticky/gone
RUN chmod 4755 /bin/id; rm /gone; rm -r /sticky; mkdir /sticky; echo new > /sticky/new; chown 1000:1000 /sticky/new
COPY --chmod=0755 <<'EOF' /bin/check
#!/bin/sh
set -e
sha256sum -c /sums
test \"$(stat -c %i:%h /big)\" = \"$(stat -c %i /same):2\"
test -L /link
test -p /pipe
test ! -e /gone
test \"$(ls /sticky)\" = new
test \"$(stat -c %u:%g:%a /sticky/new)\" = 1000:1000:644
test \"$(stat -c %a /bin/id)\" = 4755
test \"$(cat /home/app/note)\" = note
test \"$OF_IMAGE\" = yes
test \"$PWD\" = /work
echo everything is here
EOF
ENV OF_IMAGE=yes
WORKDIR /work
ENTRYPOINT [\"/bin/check\"]
";

/// What it says.
pub(crate) const SAYS: &str = "everything is here";

impl Scene {
    pub(crate) fn start() -> Self {
        let site = Site::start();
        let workshop = Workshop::open();
        let authorization = site.alice.login().authorization().unwrap_or_default();
        let pair = authorization.trim_start_matches("Basic ").to_owned();
        let config = json!({"auths": {site.address(): {"auth": pair}}});
        std::fs::create_dir(workshop.path("logins")).expect("a folder");
        std::fs::write(workshop.path("logins/config.json"), config.to_string()).expect("a file");
        Self { site, workshop }
    }

    /// Builds and pushes the program with layers of this compression; answers its name.
    pub(crate) fn push(&self, compression: &str) -> String {
        let image = self.site.image(&format!("app:{compression}"));
        let output = format!("type=image,name={image},push=true,compression={compression}");
        let _ = self
            .workshop
            .build(DOCKERFILE, &["--output", &output])
            .expect_success();
        self.check_layers(compression);
        image
    }

    /// Each layer above the base is compressed as was asked, and the large one has several members.
    fn check_layers(&self, compression: &str) {
        let repository = self.site.repository("app");
        let manifest = repository.get_manifest(compression).expect(200).json();
        let layers = manifest["layers"].as_array().expect("layers").clone();
        let mut members = 0;
        for layer in &layers[1..] {
            let kind = layer["mediaType"].as_str().unwrap_or_default();
            assert!(kind.ends_with(compression), "{layer}");
            let digest = layer["digest"].as_str().unwrap_or_default();
            let bytes = repository.get_blob(digest).expect(200).body.to_vec();
            let whole = decompress(&bytes).expect("a layer");
            if compression == "gzip" {
                let mut first = Vec::new();
                std::io::Read::read_to_end(
                    &mut flate2::read::GzDecoder::new(&bytes[..]),
                    &mut first,
                )
                .expect("a member");
                members = members.max(whole.len().div_ceil(first.len().max(1)));
            }
        }
        assert!(
            compression != "gzip" || members > 1,
            "one member is no test"
        );
    }

    /// Builds the program without pushing it.
    pub(crate) fn build(&self, flags: &[&str]) {
        let _ = self.workshop.build(DOCKERFILE, flags).expect_success();
    }
}

/// The digests of an image's layers in an OCI archive.
pub(crate) fn list_layers(archive: &std::path::Path) -> Vec<String> {
    let blobs = Blobs::read_tar(archive).expect("an archive");
    let index = blobs.read_json("index.json").expect("an index");
    let manifest = blobs.find_blob(&index["manifests"][0]).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_slice(manifest).expect("a manifest");
    let layers = manifest["layers"].as_array().expect("layers");
    layers
        .iter()
        .map(|layer| layer["digest"].to_string())
        .collect()
}
