//! C06: options of mounts that are not ours, which a builder that passes them on would hand to mount(2) (CVE-2024-9407).
//! That a shared mount would be seen outside is a fact of mount(8); wharf has no words for it that could be tried.

use crate::as_both;

#[test]
fn c06_unknown_options_of_mounts_are_errors_of_the_dockerfile() {
    as_both(|workshop| {
        for (option, word) in [
            ("bind-propagation=shared", "bind-propagation"),
            ("bind-nonrecursive=true", "bind-nonrecursive"),
            ("relabel=shared", "relabel"),
            ("relabel=private", "relabel"),
            ("Z", "\"Z\""),
            ("lowerdir=/", "lowerdir"),
            ("upperdir=/tmp", "upperdir"),
            ("suid", "suid"),
            ("dev=true", "dev"),
            ("o=bind", "\"o\""),
        ] {
            for kind in ["bind", "cache", "tmpfs"] {
                let dockerfile =
                    format!("FROM base\nRUN --mount=type={kind},target=/x,{option} echo ra'n'\n");
                let _ = workshop
                    .build(&dockerfile, &[])
                    .expect_failure(&[word, ">>> RUN --mount", "line 2"])
                    .refute_text("0.0 ran");
            }
        }
    });
}

#[test]
fn c06_separators_within_values_make_no_options() {
    as_both(|workshop| {
        workshop.write("file", "of the context");
        for mount in [
            // A quoted field with a comma is one value in CSV: the name of a folder, not an option.
            "type=bind,\"source=.,rw\",target=/x",
            "type=bind,source=.,\"target=/x\nlowerdir=/\"",
            "type=cache,target=/x,\"id=a,lowerdir=/\"",
            "type=tmpfs,target=/x,size=1k:upperdir=/",
            "type=bind,source=.:/etc,target=/x",
            "type=bind,source=.\\,lowerdir=/etc,target=/x",
        ] {
            let built = workshop.build(
                &format!("FROM base\nRUN --mount={mount} cat /x/passwd /x/etc/passwd; grep ' /x ' /proc/self/mountinfo; true\n"),
                &["--output", "type=cacheonly"],
            );
            assert!(!built.log.contains("root:x:0:0"), "{mount}: {}", built.log);
            assert!(!built.log.contains("lowerdir=/,"), "{mount}: {}", built.log);
            assert!(!built.log.contains("panicked"), "{mount}: {}", built.log);
        }
    });
}
