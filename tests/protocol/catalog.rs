//! `/v2/_catalog` (Docker Registry HTTP API V2, "Listing Repositories").

use serde_json::{Value, json};
use wharf_testkit::{
    ImageMaker, Person, RegistryClient, Repository, Server, SharedServer, unique_name,
};

use crate::SERVER;

/// A catalog is one list over everything, so its order and pages are tested where nothing else is pushed.
static QUIET: SharedServer = SharedServer::new(Server::builder);

/// Bytewise order puts `-` and `.` before `/`, which a sort by segments would not.
const NAMES: [&str; 9] = [
    "catalog/a",
    "catalog/a-b",
    "catalog/a.b",
    "catalog/a/b",
    "catalog/a0",
    "catalog/a_b",
    "catalog/b",
    "catalog-0/a",
    "catalog.x/a",
];

fn sorted_names() -> Vec<&'static str> {
    let mut names = NAMES.to_vec();
    names.sort_unstable();
    names
}

/// The admin of the quiet server, on which all the names are.
fn quiet_admin() -> RegistryClient {
    static PUSHED: std::sync::OnceLock<()> = std::sync::OnceLock::new();
    let server = QUIET.get();
    let client = server.registry(&server.admin());
    PUSHED.get_or_init(|| {
        for name in NAMES {
            client
                .repository(name)
                .push_image("v1", &ImageMaker::new(name).make());
        }
    });
    client
}

fn read(client: &RegistryClient, query: &str) -> Vec<String> {
    let body = client.list_catalog(query).expect(200).json();
    let names = body["repositories"]
        .as_array()
        .expect("`repositories` is a list")
        .iter();
    names
        .map(|name| name.as_str().expect("text").to_owned())
        .collect()
}

#[test]
fn catalog_lists_names_in_the_order_of_their_bytes_docker() {
    assert_eq!(read(&quiet_admin(), ""), sorted_names());
}

#[test]
fn catalog_pages_are_linked_docker() {
    let client = quiet_admin();
    let mut names = Vec::new();
    let mut answer = client.list_catalog("n=2").expect(200);
    loop {
        let page = answer.json()["repositories"]
            .as_array()
            .expect("a list")
            .clone();
        assert!(page.len() <= 2);
        names.extend(page);
        match answer.next_link() {
            None => break,
            Some(next) => answer = client.get(&next).expect(200),
        }
    }
    assert_eq!(Value::from(names), json!(sorted_names()));
}

#[test]
fn catalog_begins_after_last_docker() {
    let client = quiet_admin();
    let names = sorted_names();
    assert_eq!(
        read(&client, &format!("n=2&last={}", names[3])),
        names[4..6]
    );
    assert_eq!(read(&client, "last=catalog%2Fzzz"), Vec::<String>::new());
    assert_eq!(read(&client, "n=1&last=catalog%2Fa-a"), ["catalog/a-b"]);
}

#[test]
fn catalog_clamps_n_and_refuses_what_is_none_docker() {
    let client = quiet_admin();
    assert_eq!(read(&client, "n=1000000000"), sorted_names());
    let answer = client.list_catalog("n=0").expect(200);
    assert_eq!(answer.json()["repositories"], json!([]));
    assert_eq!(answer.find_header("link"), None);
    for query in ["n=-1", "n=abc"] {
        client.list_catalog(query).expect(400).error_codes();
    }
}

#[test]
fn catalog_of_a_caller_who_may_see_nothing_is_an_empty_list_docker() {
    let server = Server::start();
    let person: Person = server.user("newcomer");
    let answer = server
        .registry(&person.login())
        .list_catalog("")
        .expect(200);
    assert_eq!(answer.json(), json!({ "repositories": [] }));
}

#[test]
fn catalog_shows_only_what_the_caller_may_see_docker() {
    let server = SERVER.get();
    let person = server.user(&unique_name("viewer"));
    let admin = server.registry(&server.admin());
    let push = |name: String| -> Repository {
        let repository = admin.repository(&name);
        repository.push_image("v1", &ImageMaker::new("seen or not").make());
        repository
    };
    let space = unique_name("space");
    let shown = push(format!("{space}/public"));
    let hidden = push(format!("{space}/private"));
    let own = push(format!("{}/own", person.username));
    server.set_visibility(shown.name(), true);

    let names = read(&server.registry(&person.login()), "n=1000");
    assert!(names.contains(&shown.name().to_owned()), "{names:?}");
    assert!(names.contains(&own.name().to_owned()), "{names:?}");
    assert!(!names.contains(&hidden.name().to_owned()), "{names:?}");

    server.member(&space, &person, "reader");
    let names = read(&server.registry(&person.login()), "n=1000");
    assert!(names.contains(&hidden.name().to_owned()), "{names:?}");
}
