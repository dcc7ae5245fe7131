//! `/repositories/NAME/builds/NUMBER`: where commit statuses lead.

use serde_json::json;
use wharf_testkit::{Login, unique_name};

use crate::{SERVER, fresh_person, repository_path};

#[test]
fn whoever_may_see_a_build_reads_it_and_others_how_to_sign_in() {
    let server = SERVER.get();
    let (person, api) = fresh_person();
    let name = format!("{}/{}/app", person.username, unique_name("group"));
    let made = json!({ "name": name, "public": true });
    api.post("/repositories", made).expect(201);
    let start = json!({ "dockerfile": "FROM scratch\nCOPY a /\n", "version": "v1" });
    api.post(&repository_path(&name, "/builds"), start)
        .expect(201);
    let read = |login: &Login, path: &str| {
        let client = server.registry(login);
        client.request(reqwest::Method::GET, path).send()
    };
    let page = format!("/repositories/{name}/builds/1");
    let own = read(&person.login(), &page);
    assert_eq!(own.status, 200, "{}", own.describe());
    assert_eq!(own.header("content-type"), "text/plain; charset=utf-8");
    assert_eq!(own.header("cache-control"), "no-store");
    assert_eq!(own.header("x-content-type-options"), "nosniff");
    let text = own.text();
    assert!(text.starts_with(&format!("{name} #1: ")), "{text}");
    assert!(text.contains("tags: v1"), "{text}");
    assert!(
        text.contains(&format!("wharf builds logs {name} 1")),
        "{text}"
    );

    // The management API decides; this only says it in other words.
    let (stranger, _) = fresh_person();
    for (login, public) in [
        (Login::Anonymous, true),
        (stranger.login(), true),
        (Login::Anonymous, false),
        (stranger.login(), false),
    ] {
        let change = json!({ "public": public });
        api.patch(&repository_path(&name, ""), change).expect(200);
        let asked = server.api(&login).get(&repository_path(&name, "/builds/1"));
        let shown = read(&login, &page);
        assert_eq!(
            shown.status == 200,
            asked.status == 200,
            "{}",
            asked.describe()
        );
        if shown.status != 200 {
            assert_eq!(shown.status, 404);
            let hidden = shown.text();
            assert!(hidden.contains("wharf login http"), "{hidden}");
            // Nobody learns whether it exists, and no browser asks for a password.
            let other = read(&login, &page.replace("/builds/1", "/builds/2"));
            assert_eq!(other.text(), hidden.replace(" 1\n", " 2\n"));
            assert!(shown.headers.get("www-authenticate").is_none());
        }
    }
    let wrong = Login::Basic {
        username: person.username.clone(),
        password: "a guess".to_owned(),
    };
    assert_eq!(read(&wrong, &page).status, 404);
    for path in [
        format!("/repositories/{name}"),
        format!("{page}/log"),
        format!("/repositories/{name}/builds/x"),
        "/repositories/".to_owned(),
    ] {
        assert_eq!(read(&person.login(), &path).status, 404, "{path}");
    }
    let client = server.registry(&person.login());
    let posted = client.request(reqwest::Method::POST, &page).send();
    assert_eq!(posted.status, 404);
}
