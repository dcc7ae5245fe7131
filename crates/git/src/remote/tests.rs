//! Which addresses are taken, and in which spelling they go on.

use super::*;

#[test]
fn the_usual_forms_are_read_and_written_in_one_spelling() {
    for (text, written, host, port) in [
        (
            "https://github.com/a/b.git",
            "https://github.com/a/b.git",
            "github.com",
            443,
        ),
        (
            "HTTPS://GitHub.com:443/a/b",
            "https://github.com/a/b",
            "github.com",
            443,
        ),
        (
            "https://git.example.:8443/a",
            "https://git.example:8443/a",
            "git.example",
            8443,
        ),
        (
            "https://me@git.example/a",
            "https://me@git.example/a",
            "git.example",
            443,
        ),
        (
            "http://10.0.0.5:3000/a/b",
            "http://10.0.0.5:3000/a/b",
            "10.0.0.5",
            3000,
        ),
        ("http://0x7f.1/a", "http://127.0.0.1/a", "127.0.0.1", 80),
        (
            "https://[FD12::1]:8443/a",
            "https://[fd12::1]:8443/a",
            "fd12::1",
            8443,
        ),
        (
            "ssh://git@h.example/a/b.git",
            "ssh://git@h.example/a/b.git",
            "h.example",
            22,
        ),
        (
            "ssh://git@h.example:2222/~me/b",
            "ssh://git@h.example:2222/~me/b",
            "h.example",
            2222,
        ),
        (
            "git@h.example:a/b.git",
            "git@h.example:a/b.git",
            "h.example",
            22,
        ),
        (
            "git@h.example:/srv/b.git",
            "ssh://git@h.example/srv/b.git",
            "h.example",
            22,
        ),
        ("git@[fd12::1]:b.git", "git@[fd12::1]:b.git", "fd12::1", 22),
        (
            "https://bücher.example/a",
            "https://xn--bcher-kva.example/a",
            "xn--bcher-kva.example",
            443,
        ),
    ] {
        let remote = GitRemote::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(remote.to_string(), written);
        assert_eq!((remote.host(), remote.port()), (host, port), "{text}");
        assert_eq!(GitRemote::parse(written).expect(written), remote);
    }
}

#[test]
fn c15_helpers_local_paths_options_and_odd_spellings_are_refused() {
    for text in [
        "",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=touch /tmp/x",
        "ext::sh -c touch% /tmp/x",
        "EXT::sh",
        "fd::17",
        "ext::sh@h:x",
        "file:///etc",
        "FILE:///etc",
        "/srv/repository.git",
        "./repository",
        "../x@h:y",
        "~/x",
        "c:/x",
        "h:x",
        "git://h/x",
        "ftp://h/x",
        "rsync://h/x",
        "https:///h",
        "https:////h/x",
        "https:/h/x",
        "https:h/x",
        "https://h",
        "https://h/",
        "https://@/x",
        "https://h:0/x",
        "https://h:99999/x",
        "https://h:+80/x",
        "https://h:x/x",
        "https://a b/x",
        "https://h/a\nb",
        "https://h/a\rb",
        "https://h/a\tb",
        "https://h\0/a",
        "https:\\\\h\\a",
        "https://h/a?upload",
        "https://h/a#main",
        "https://h/../x",
        "https://%2d/x",
        "https://-oProxyCommand=x/y",
        "ssh://-oProxyCommand=x/y",
        "ssh://-l@h/y",
        "ssh://h/-x",
        "ssh://git@-h/y",
        "ssh://a;b@h/y",
        "ssh://h;touch/y",
        "ssh://$(x)/y",
        "ssh://`x`/y",
        "git@-h:x",
        "-x@h:y",
        "git@h:-x",
        "git@h:",
        "git@:x",
        "git@h",
        "git@h::x@y",
        "a:b@h:x",
        &format!("https://h/{}", "a".repeat(2000)),
    ] {
        let Err(error) = GitRemote::parse(text) else {
            panic!("{text:?} is taken");
        };
        assert!(matches!(error, GitError::Remote { .. }), "{text:?}");
        assert!(!error.to_string().contains('\n'), "{text:?}");
    }
}

#[test]
fn a_password_comes_out_on_its_own_and_is_never_shown() {
    let text = "https://me:to%2Fken@h.example/a";
    let error = GitRemote::parse(text).unwrap_err();
    assert!(!error.to_string().contains("ken"), "{error}");
    let (remote, password) = GitRemote::parse_with_password(text).unwrap();
    assert_eq!(password.as_deref(), Some("to/ken"));
    assert_eq!(remote.to_string(), "https://me@h.example/a");
    let error = GitRemote::parse("https://me:to%2Fken@h.example/a b").unwrap_err();
    assert!(!error.to_string().contains("ken"), "{error}");
    let error = GitRemote::parse("ftp://me:token@h.example/a").unwrap_err();
    assert!(!error.to_string().contains("token"), "{error}");
}

#[test]
fn relative_addresses_stay_on_the_host() {
    let base = GitRemote::parse("https://h.example/group/app.git").unwrap();
    let join = |text: &str| base.join(text).map(|remote| remote.to_string());
    assert_eq!(
        join("../lib.git").unwrap(),
        "https://h.example/group/lib.git"
    );
    assert_eq!(
        join("./lib").unwrap(),
        "https://h.example/group/app.git/lib"
    );
    assert_eq!(join("../../x/y").unwrap(), "https://h.example/x/y");
    for text in [
        "../../../x",
        "../../../../x",
        "../a/../../../x",
        "..//",
        "../",
    ] {
        assert!(join(text).is_err(), "{text}");
    }
    let base = GitRemote::parse("git@h.example:group/app.git").unwrap();
    assert_eq!(
        base.join("../lib").unwrap().to_string(),
        "git@h.example:group/lib"
    );
}

#[test]
fn only_the_same_place_is_beside() {
    let parse = |text: &str| GitRemote::parse(text).unwrap();
    let base = parse("https://h.example/a");
    assert!(base.is_beside(&parse("https://H.example:443/b")));
    for text in [
        "https://h.example:8443/b",
        "http://h.example/b",
        "https://other.example/b",
    ] {
        assert!(!base.is_beside(&parse(text)), "{text}");
    }
}
