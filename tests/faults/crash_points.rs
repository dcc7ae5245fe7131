//! F02: the process ends at a named step of a push. Needs a build with failpoints.

use bytes::Bytes;
use wharf_testkit::Image;

use crate::{
    client::{Client, Failed},
    place::{describe_server_in, make_image, need, need_failpoints, run_fsck},
};

/// Every step of a push in its order, and whether the tag names the new image after a crash there.
const POINTS: [(&str, bool); 11] = [
    ("after-part-write", false),
    ("after-last-byte", false),
    ("before-blob-commit", false),
    ("after-blob-commit", false),
    ("after-session-file", false),
    ("before-fsync", false),
    ("before-rename", false),
    ("before-dir-fsync", false),
    ("after-dir-fsync", false),
    ("before-manifest-commit", false),
    ("after-manifest-commit", true),
];

const REPOSITORY: &str = "crash/app";

/// Half of the layer, which is received before the server that will crash starts.
const HALF: usize = 150_000;

/// A push whose layer comes in two parts, over whatever happens in between.
struct Push {
    image: Image,
    location: String,
    /// Blobs that were answered with 201.
    acknowledged: Vec<Bytes>,
}

impl Push {
    fn begin(client: &Client, seed: u64) -> Self {
        let image = make_image(seed, &[2 * HALF]);
        let begun = client.begin(REPOSITORY).expect("a healthy server");
        let first = image.layers[0].bytes.slice(..HALF);
        let location = client.patch(&begun, &first).expect("a healthy server");
        Self {
            image,
            location,
            acknowledged: Vec::new(),
        }
    }

    /// The second half of the layer, the config, the manifest.
    fn end(&mut self, client: &Client) -> Result<(), Failed> {
        let layer = &self.image.layers[0];
        let location = client.patch(&self.location, &layer.bytes.slice(HALF..))?;
        client.finish(&location, &layer.digest(), &Bytes::new())?;
        self.acknowledged.push(layer.bytes.clone());
        client.push_bytes(REPOSITORY, &self.image.config.bytes)?;
        self.acknowledged.push(self.image.config.bytes.clone());
        client.put_manifest(REPOSITORY, "latest", &self.image.manifest)
    }

    /// What the client was told before the crash, and that an upload goes on from where it was saved.
    fn check(&self, client: &Client, point: &str) {
        let layer = &self.image.layers[0];
        for bytes in &self.acknowledged {
            let digest = wharf_testkit::image::compute_digest(bytes);
            client.expect_bytes(&format!("/v2/{REPOSITORY}/blobs/{digest}"), bytes);
        }
        let target = format!("/v2/{REPOSITORY}/blobs/{}", layer.digest());
        match client.get_status(&target) {
            200 => client.expect_bytes(&target, &layer.bytes),
            // Its file has become a blob that no row knows: the upload is over, and the retry is a new one.
            404 if point == "before-blob-commit" => {}
            404 => {
                let received = client.stat(&self.location);
                let received = received.unwrap_or_else(|failed| panic!("{point}: {failed:?}"));
                assert!(received >= HALF, "{point}: only {received} bytes are left");
                let rest = layer.bytes.slice(received..);
                let finished = client.finish(&self.location, &layer.digest(), &rest);
                finished.unwrap_or_else(|failed| panic!("{point}: {failed:?}"));
            }
            status => panic!("{point}: GET {target}: {status}"),
        }
    }
}

#[test]
fn f02_a_crash_at_each_step_of_a_push_leaves_the_old_state_or_the_new_one() {
    need!(need_failpoints());
    let folder = tempfile::tempdir().expect("a folder");
    let mut old = make_image(1, &[1_000]);
    let mut server = describe_server_in(folder.path()).start();
    let mut client = Client::new(&server);
    client
        .push_image(REPOSITORY, "latest", &old)
        .expect("a healthy server");
    for (number, (point, happened)) in POINTS.into_iter().enumerate() {
        let mut push = Push::begin(&client, number as u64 + 2);
        drop(server);
        let crashing = describe_server_in(folder.path())
            .env("WHARF_FAILPOINT", point)
            .start();
        let failed = push.end(&Client::new(&crashing));
        let failed = failed.expect_err("the process ends on the way");
        assert_eq!(failed.status, None, "{point}: {}", failed.text);
        drop(crashing);

        server = describe_server_in(folder.path()).start();
        client = Client::new(&server);
        let expected = if happened { &push.image } else { &old };
        client.expect_image(REPOSITORY, "latest", expected);
        push.check(&client, point);
        client
            .push_image(REPOSITORY, "latest", &push.image)
            .unwrap_or_else(|failed| panic!("{point}: the retry failed: {failed:?}"));
        client.expect_image(REPOSITORY, "latest", &push.image);
        run_fsck(&server);
        old = push.image;
    }
}
