use wharf_messages::Language;

use super::super::renderer::Renderer;
use super::super::renderer::samples::{at, cached, done, log, moved, started};
use super::super::{Look, Mode};
use super::*;

const SIZE: Size = Size {
    columns: 72,
    rows: 24,
};

/// The region's lines, without the codes that put them there.
fn frame(text: &str) -> Vec<String> {
    let text = text.strip_prefix(HIDE_CURSOR).expect("a hidden cursor");
    let text = text
        .strip_suffix(&format!("{ERASE_BELOW}{SHOW_CURSOR}"))
        .expect("a shown cursor");
    let text = text.strip_prefix('\r').expect("a return");
    let up = text
        .strip_prefix("\x1b[")
        .and_then(|rest| rest.split_once('A'));
    let text = match up {
        Some((count, rest)) if count.parse::<u32>().is_ok() => rest,
        _ => text,
    };
    text.lines()
        .map(|line| line.strip_suffix(ERASE_TO_LINE_END).expect(line).to_owned())
        .collect()
}

fn play(events: &[Event], look: Look) -> Renderer {
    let mut renderer = Renderer::new(Mode::Tty, look);
    for event in events {
        assert_eq!(renderer.apply(event), "");
    }
    renderer
}

fn build() -> Vec<Event> {
    vec![
        started(0, "[internal] load build definition from Dockerfile", 0),
        done(0, 0, None),
        started(1, "[1/3] FROM docker.io/library/alpine:3.20", 0),
        cached(1),
        done(1, 0, None),
        started(2, "[base 1/1] FROM docker.io/library/debian:12", 0),
        moved(
            2,
            "sha256:4abcf20661432fb2d719aaf90656f55c287f8ca9",
            1_500_000,
            Some(3_000_000),
            1,
        ),
        moved(2, "sha256:done", 10, Some(10), 1),
        started(3, "[2/3] RUN make", 2),
        log(3, "cc -c main.c\n\nlinking", 3),
    ]
}

#[test]
fn a_frame_shows_steps_transfers_and_the_last_output() {
    let mut renderer = play(&build(), Look::BARE);
    let lines = frame(&renderer.tick(at(5), SIZE));
    assert_eq!(
        lines,
        [
            "[+] Building 5.0s (2/4)",
            " => [internal] load build definition from Dockerfile               0.0s",
            " => CACHED [1/3] FROM docker.io/library/alpine:3.20                0.0s",
            " => [base 1/1] FROM docker.io/library/debian:12                    5.0s",
            " => => sha256:4abcf20661432f… ━━━━━━━━━━────────── 1.50MB / 3.00MB 4.0s",
            " => [2/3] RUN make                                                 3.0s",
            " => => # cc -c main.c",
            " => => # linking",
        ]
    );
}

#[test]
fn the_next_frame_covers_the_last_one() {
    let mut renderer = play(&build(), Look::BARE);
    renderer.tick(at(5), SIZE);
    let text = renderer.tick(at(6), SIZE);
    assert!(text.starts_with("\x1b[?25l\r\x1b[8A[+]"), "{text:?}");
}

#[test]
fn in_the_end_steps_are_folded() {
    let mut events = build();
    events.extend([done(2, 6, None), done(3, 7, Some("exit code: 2"))]);
    let mut renderer = play(&events, Look::BARE);
    let lines = frame(&renderer.finish(at(7), SIZE));
    assert_eq!(
        lines,
        [
            "[+] Building 7.0s (4/4) FINISHED",
            " => [internal] load build definition from Dockerfile               0.0s",
            " => CACHED [1/3] FROM docker.io/library/alpine:3.20                0.0s",
            " => [base 1/1] FROM docker.io/library/debian:12                    6.0s",
            " => ERROR [2/3] RUN make                                           5.0s",
        ]
    );
}

#[test]
fn a_low_terminal_keeps_what_runs() {
    let mut renderer = play(&build(), Look::BARE);
    let size = Size {
        columns: 40,
        rows: 5,
    };
    let lines = frame(&renderer.tick(at(5), size));
    assert_eq!(
        lines,
        [
            "[+] Building 5.0s (2/4)",
            " => CACHED [1/3] FROM docker.io/l… 0.0s",
            " => [base 1/1] FROM docker.io/lib… 5.0s",
            " => [2/3] RUN make                 3.0s",
        ]
    );
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let mut events = build();
    events.push(log(3, &format!("\n{}\n", "构建".repeat(100)), 4));
    events.push(started(4, &"很长的名字".repeat(50), 4));
    for columns in [1, 5, 12, 20, 33, 80, 200] {
        let mut renderer = play(&events, Look::BARE);
        let size = Size { columns, rows: 24 };
        for line in frame(&renderer.tick(at(5), size)) {
            let width = super::super::width::measure_width(&line);
            assert!(width < columns.max(6), "{columns}: {line:?}");
        }
    }
}

#[test]
fn colors_are_used_where_they_are_wanted() {
    let look = Look {
        color: true,
        step_color: true,
        ..Look::BARE
    };
    let events = [
        started(0, "a", 0),
        log(0, "\x1b[32mgreen\x1b[0m\nplain\n", 0),
        started(1, "b", 0),
        done(1, 0, Some("no")),
    ];
    let text = play(&events, look).tick(at(1), SIZE);
    assert!(
        text.contains(" => => # \x1b[32mgreen\x1b[0m\x1b[K"),
        "{text:?}"
    );
    assert!(text.contains("\x1b[2m => => # plain\x1b[0m"), "{text:?}");
    assert!(text.contains("\x1b[31m => ERROR b"), "{text:?}");
}

#[test]
fn a_terminal_without_unicode_gets_none() {
    let look = Look {
        unicode: false,
        ..Look::BARE
    };
    let mut events = build();
    events.push(started(4, "构建", 4));
    let text = play(&events, look).tick(at(5), SIZE);
    assert!(text.is_ascii(), "{text:?}");
}

#[test]
fn our_words_are_in_the_readers_language() {
    let look = Look {
        language: Language::Zh,
        ..Look::BARE
    };
    let text = play(&[started(0, "a", 0)], look).tick(at(1), SIZE);
    assert!(text.contains("构建") && text.contains("(0/1)"), "{text:?}");
}

#[test]
fn a_sentence_stands_above_the_region() {
    let mut renderer = play(&[started(0, "a", 0)], Look::BARE);
    renderer.tick(at(1), SIZE);
    assert_eq!(renderer.say("stopping"), "\r\x1b[2A\x1b[Jstopping\n");
    assert!(renderer.tick(at(1), SIZE).starts_with("\x1b[?25l\r[+]"));
}
