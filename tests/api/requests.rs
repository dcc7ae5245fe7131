//! How much of one caller is answered at once.

use std::{io::Write, net::TcpStream};

use wharf_tests::wait_until;

use crate::{SERVER, fresh_person};

/// A request whose body does not come.
fn stall(authority: &str, authorization: &str) -> TcpStream {
    let mut connection = TcpStream::connect(authority).expect("a connection");
    let head = format!(
        "POST /api/v1/markdown-previews HTTP/1.1\r\nHost: {authority}\r\nAuthorization: {authorization}\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    connection.write_all(head.as_bytes()).expect("sent");
    connection
}

#[test]
fn sixteen_requests_of_an_account_are_under_way_at_once() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let (_, other) = fresh_person();
    let authorization = person.login().authorization().expect("a login");
    let open = |_| stall(server.authority(), &authorization);
    let under_way: Vec<TcpStream> = (0..16).map(open).collect();
    wait_until("all of them came", || api.get("/me").status == 429);
    let refused = api.get("/me").expect_problem(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), "1");
    other.get("/me").expect(200);
    drop(under_way);
    wait_until("they are over", || api.get("/me").status == 200);
}

#[test]
fn many_short_requests_at_once_have_their_turns() {
    let (_, api) = fresh_person();
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| api.get("/repositories?limit=50").expect(200));
        }
    });
}
