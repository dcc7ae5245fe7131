use super::super::renderer::Renderer;
use super::super::renderer::samples::{at, cached, done, log, moved, started};
use super::super::{Look, Mode, Size};
use super::*;

fn render(events: &[Event]) -> String {
    let mut renderer = Renderer::new(Mode::Plain, Look::BARE);
    let mut text: String = events.iter().map(|event| renderer.apply(event)).collect();
    text += &renderer.finish(at(100), Size::default());
    text
}

#[test]
fn a_build_reads_as_in_buildkit() {
    let text = render(&[
        started(0, "[internal] load build definition from Dockerfile", 0),
        moved(0, "transferring dockerfile", 83, None, 0),
        done(0, 0, None),
        started(1, "[1/3] FROM docker.io/library/alpine:3.20", 0),
        moved(1, "sha256:4abcf2", 0, Some(3_630_000), 0),
        moved(1, "sha256:4abcf2", 10, Some(3_630_000), 0),
        moved(1, "sha256:4abcf2", 3_630_000, Some(3_630_000), 2),
        done(1, 2, None),
        started(2, "[2/3] RUN apk add make", 2),
        cached(2),
        done(2, 2, None),
        started(3, "[3/3] RUN make", 2),
        log(3, "cc -c ma", 3),
        log(3, "in.c\nlinking\n", 4),
        done(3, 14, None),
    ]);
    assert_eq!(
        text,
        "\
#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 83B
#1 transferring dockerfile: 83B done
#1 DONE 0.0s

#2 [1/3] FROM docker.io/library/alpine:3.20
#2 sha256:4abcf2 0B / 3.63MB
#2 sha256:4abcf2 3.63MB / 3.63MB 2.0s done
#2 DONE 2.0s

#3 [2/3] RUN apk add make
#3 CACHED

#4 [3/3] RUN make
#4 1.000 cc -c main.c
#4 2.000 linking
#4 DONE 12.0s
"
    );
}

#[test]
fn a_failure_and_what_it_stopped_are_told_apart() {
    let text = render(&[
        started(1, "[a 2/2] RUN false", 0),
        started(2, "[b 2/2] RUN sleep 9", 0),
        log(1, "oops", 1),
        done(
            1,
            1,
            Some("process \"/bin/sh -c false\" did not complete successfully: exit code: 1"),
        ),
        done(2, 1, Some("canceled")),
    ]);
    assert_eq!(
        text,
        "\
#1 [a 2/2] RUN false
#1 1.000 oops
#1 ERROR: process \"/bin/sh -c false\" did not complete successfully: exit code: 1

#2 [b 2/2] RUN sleep 9
#2 CANCELED
"
    );
}

#[test]
fn lines_of_parallel_steps_stay_together() {
    let text = render(&[
        started(1, "one", 0),
        started(2, "two", 0),
        log(1, "1a\n", 1),
        log(2, "2a\n", 1),
        log(1, "1b\n", 2),
        log(2, "2b\n", 2),
        done(1, 3, None),
        done(2, 3, None),
    ]);
    assert_eq!(
        text,
        "\
#1 one
#1 1.000 1a
#1 2.000 1b
#1 DONE 3.0s

#2 two
#2 1.000 2a
#2 2.000 2b
#2 DONE 3.0s
"
    );
}

#[test]
fn a_step_that_waited_long_is_shown_and_the_other_marked_as_going_on() {
    let text = render(&[
        started(1, "one", 0),
        started(2, "two", 0),
        log(1, "1a\n", 1),
        log(2, "2a\n", 1),
        log(1, "1b\n", 7),
        log(1, "1c\n", 8),
        done(2, 9, None),
        done(1, 10, None),
    ]);
    assert_eq!(
        text,
        "\
#1 one
#1 1.000 1a
#1 7.000 1b
#1 ...

#2 two
#2 1.000 2a
#2 DONE 9.0s

#1 one
#1 8.000 1c
#1 DONE 10.0s
"
    );
}

#[test]
fn a_tick_shows_what_waits_although_nothing_happens() {
    let mut renderer = Renderer::new(Mode::Plain, Look::BARE);
    for event in [
        started(1, "one", 0),
        started(2, "two", 0),
        log(2, "2a\n", 1),
    ] {
        renderer.apply(&event);
    }
    assert_eq!(renderer.tick(at(3), Size::default()), "");
    assert_eq!(
        renderer.tick(at(6), Size::default()),
        "#1 ...\n\n#2 two\n#2 1.000 2a\n"
    );
}

#[test]
fn a_step_that_never_ends_is_written_in_the_end() {
    let text = render(&[started(1, "one", 0), started(2, "two", 0)]);
    assert_eq!(text, "#1 one\n#1 ...\n\n#2 two\n");
}

#[test]
fn a_fast_transfer_does_not_fill_the_log() {
    let mut events = vec![started(1, "one", 0)];
    events.extend((0..=100).map(|percent| moved(1, "sha256:ab", percent, Some(100), 0)));
    events.push(started(2, "two", 1));
    events.extend(
        (0..=10).map(|tenth| moved(2, "sha256:cd", tenth * 10, Some(100), 1 + tenth as i64)),
    );
    let text = render(&events);
    let count = |item: &str| text.matches(item).count();
    assert_eq!((count("sha256:ab"), count("sha256:cd")), (2, 11), "{text}");
}
