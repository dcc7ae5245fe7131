//! Several `wharf build`s at once in one state directory.

use wharf_build_tests::remains::Before;
use wharf_build_tests::workshop::Workshop;

/// More than the machine has processors; each is a process.
const AT_ONCE: usize = 6;

#[test]
fn builds_at_once_in_one_state_directory_all_work() {
    let workshop = Workshop::open();
    let source = workshop.context().display().to_string();
    // The first steps are equal, the last differs; all keep their results under names of their own and one in common.
    for round in 0..3 {
        let before = Before::look();
        let children: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let file = workshop.path(&format!("Dockerfile.{number}"));
                let text = format!(
                    "FROM base\nRUN --mount=type=cache,target=/c,sharing=locked echo {round} > /round; echo x >> /c/x\n\
                     COPY . /context\nRUN echo {number} > /number; sleep 0.2\n"
                );
                std::fs::write(&file, text).unwrap();
                let name = format!("many:{round}-{number}");
                let file = file.display().to_string();
                workshop.start(&source, &["-f", &file, "-t", &name, "-t", "many:latest"], None, &[])
            })
            .collect();
        for child in children {
            let built = wharf_build_tests::workshop::finish(child);
            let _ = built.expect_success();
        }
        let left = before.list_left(&workshop.mark(), std::process::id(), &workshop.state());
        assert!(left.is_empty(), "{left:#?}");
    }
    for round in 0..3 {
        for number in 0..AT_ONCE {
            let check =
                format!("FROM many:{round}-{number}\nRUN echo is $(cat /round)-$(cat /number)\n");
            let _ = workshop
                .build(&check, &["--output", "type=cacheonly"])
                .expect_success()
                .expect_text(&format!("is {round}-{number}"));
        }
    }
}
