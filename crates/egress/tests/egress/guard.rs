//! What the policy refuses, by every way in which an address can be written or answered.

use crate::fake::{Names, Server, ok, open, server_policy, settings};
use std::sync::Arc;
use wharf_egress::{AddressClass, Egress, EgressError, PlainHttp, Policy, Request};

#[tokio::test]
async fn a_server_refuses_this_machine_however_it_is_written_and_says_what_would_allow_it() {
    let server = Server::start(|_| ok("secret")).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0",
        "[::ffff:127.0.0.1]",
        "rebound.test",
    ] {
        let url = server.url("http", host, "/");
        let names = || Names::default().with("rebound.test", &["127.0.0.1"]);
        let open_answer = open(Policy::operator(), names())
            .send(Request::get(url.clone()))
            .await;
        let body = open_answer
            .expect(host)
            .read_all(100)
            .await
            .expect("a body");
        assert_eq!(body, "secret", "{host}");

        let before = server.heads().len();
        let error = open(Policy::server([]), names())
            .send(Request::get(url))
            .await
            .expect_err(host);
        assert!(
            matches!(
                error,
                EgressError::Refused {
                    class: AddressClass::Loopback | AddressClass::Unspecified,
                    ..
                }
            ),
            "{host}: {error:?}"
        );
        assert!(
            error
                .hint()
                .expect("a hint")
                .contains("[egress] allow = [\""),
            "{host}"
        );
        assert_eq!(server.heads().len(), before, "{host} was reached");
    }
}

#[tokio::test]
async fn an_entry_for_the_address_the_network_or_the_name_opens_the_way() {
    let server = Server::start(|_| ok("hello")).await;
    let port = server.port();
    let names = || Names::default().with("git.test", &["127.0.0.1"]);
    let url = server.url("http", "git.test", "/");
    for (entry, passes) in [
        ("127.0.0.1".to_owned(), true),
        ("127.0.0.0/8".to_owned(), true),
        (format!("git.test:{port}"), true),
        (format!("127.0.0.1:{port}"), false),
        ("git.test:1".to_owned(), false),
        (format!("other.test:{port}"), false),
    ] {
        let egress = open(server_policy(std::slice::from_ref(&entry)), names());
        let outcome = egress.send(Request::get(url.clone())).await;
        assert_eq!(outcome.is_ok(), passes, "{entry}: {outcome:?}");
    }
}

#[tokio::test]
async fn of_several_addresses_only_those_that_pass_are_dialed() {
    let server = Server::start(|_| ok("hello")).await;
    let url = server.url("http", "two.test", "/");
    let two = || Names::default().with("two.test", &["10.255.255.1", "127.0.0.1"]);
    let egress = open(server_policy(&["127.0.0.1".to_owned()]), two());
    assert_eq!(
        egress
            .find_addresses("two.test", server.port())
            .await
            .expect("one is left"),
        [server.address]
    );
    assert!(egress.send(Request::get(url.clone())).await.is_ok());
    let error = open(Policy::server([]), two())
        .send(Request::get(url))
        .await
        .expect_err("all denied");
    assert_eq!(
        error.to_string().split(':').next_back(),
        Some(" 10.255.255.1 is a private address")
    );
}

#[tokio::test]
async fn a_name_is_resolved_once_for_a_connection_and_judged_again_for_the_next() {
    let server = Server::start(|_| ok("hello")).await;
    let url = server.url("http", "turning.test", "/");
    let names = Arc::new(
        Names::default()
            .with("turning.test", &["127.0.0.1"])
            .with("turning.test", &["127.0.0.2"]),
    );
    let mut settings = settings(server_policy(&["127.0.0.1".to_owned()]), Names::default());
    settings.resolver = Arc::clone(&names) as Arc<dyn wharf_egress::Resolver>;
    let egress = Egress::new(settings).expect("an egress");
    let first = egress
        .send(Request::get(url.clone()))
        .await
        .expect("the first address passes");
    assert_eq!((first.status().as_u16(), names.asked()), (200, 1));
    first.read_all(100).await.expect("a body");
    let error = egress
        .send(Request::get(url))
        .await
        .expect_err("the second does not");
    assert!(matches!(error, EgressError::Refused { .. }), "{error:?}");
    assert_eq!(names.asked(), 2);
}

#[tokio::test]
async fn plain_http_goes_where_it_is_listed_when_the_caller_asks_for_that() {
    let server = Server::start(|_| ok("hello")).await;
    let port = server.port();
    let names = || Names::default().with("git.test", &["127.0.0.1"]);
    let url = server.url("http", "git.test", "/");
    for (rule, passes) in [
        (PlainHttp::Anywhere, true),
        (PlainHttp::Listed, true),
        (PlainHttp::Never, false),
    ] {
        let request = Request::get(url.clone()).with_plain_http(rule);
        let listed = server_policy(&[format!("git.test:{port}")]);
        assert_eq!(
            open(listed, names()).send(request).await.is_ok(),
            passes,
            "{rule:?}"
        );
    }
    let request = || Request::get(url.clone()).with_plain_http(PlainHttp::Listed);
    assert!(
        open(Policy::operator(), names())
            .send(request())
            .await
            .is_ok()
    );
    let elsewhere = server_policy(&["10.0.0.0/8".to_owned()]);
    let public = Names::default().with("git.test", &["1.1.1.1"]);
    let error = open(elsewhere, public)
        .send(request())
        .await
        .expect_err("not listed");
    assert!(matches!(error, EgressError::PlainHttp { .. }), "{error:?}");
    assert!(
        error
            .hint()
            .expect("a hint")
            .contains(&format!("git.test:{port}"))
    );
}

#[tokio::test]
async fn what_is_no_http_url_is_refused_and_a_name_without_address_is_named() {
    let egress = open(Policy::operator(), Names::default());
    for text in ["ftp://a/", "file:///etc/passwd", "data:,x"] {
        let url = text.parse().expect(text);
        let error = egress.send(Request::get(url)).await.expect_err(text);
        assert!(matches!(error, EgressError::Url { .. }), "{error:?}");
    }
    let url = "http://nowhere.test/?token=hush".parse().expect("a URL");
    let error = egress
        .send(Request::get(url))
        .await
        .expect_err("no such name");
    assert_eq!(
        error.to_string(),
        "the name nowhere.test cannot be resolved"
    );
    assert!(!format!("{error:?}").contains("hush"));
}
