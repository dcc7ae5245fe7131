//! Root and a plain user: the same build gives the same layers, whatever ids lie on their disks.

use wharf_build_tests::person::PlainUser;
use wharf_build_tests::workshop::Workshop;

use crate::scene::list_layers;

const DOCKERFILE: &str = "\
FROM base
RUN mkdir -p /a/b && echo x > /a/b/c && chown -R 1000:50 /a && chmod 2750 /a/b && ln /a/b/c /a/d && ln -s c /a/b/e
RUN touch /sixteen && chown 65534:65534 /sixteen && rm /opt/full/one && rm -r /opt/full/deep && mkdir /opt/full/deep
USER app
RUN id > /tmp/id; cat /proc/self/status | grep -e Groups -e Cap > /tmp/status; echo $HOME >> /tmp/id
USER root
COPY --chown=app:users --chmod=0640 file /b/
ADD archive.tar /t/
RUN --mount=type=cache,target=/c echo x > /c/x
WORKDIR /w/x
RUN touch -d @5 /w/old && chmod 4755 /bin/id
";

#[test]
fn a_plain_user_builds_the_same_layers_as_root() {
    let user = match PlainUser::make() {
        Ok(user) => user,
        Err(reason) => wharf_testkit::skip!("no plain user: {reason}"),
    };
    let [of_root, of_user] = [Workshop::open(), Workshop::open_for(&user)].map(|workshop| {
        workshop.write("file", "content");
        let archive = wharf_build_tests::hostile::pack(
            "[{ path = 'x', owner = [7, 8], mode = 0o4711, content = 'of an archive' }, { path = 'f', kind = 'fifo' }]",
        );
        workshop.write("archive.tar", archive);
        workshop.write("Dockerfile", DOCKERFILE);
        std::fs::create_dir(workshop.path("out")).unwrap();
        workshop.hand_over("out");
        let archive = workshop.path("out/image.tar");
        let output = format!("type=oci,dest={},rewrite-timestamp=true", archive.display());
        let source = workshop.context().display().to_string();
        let epoch = [("SOURCE_DATE_EPOCH", "1000000000")];
        let _ = workshop
            .build_with(&source, &["--output", &output], None, &epoch)
            .expect_success();
        list_layers(&archive)
    });
    assert!(of_root.len() > 8, "{of_root:?}");
    assert_eq!(of_root, of_user);
}
