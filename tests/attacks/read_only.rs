//! Reading changes nothing: not one row, whoever reads and whatever is read.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use wharf_testkit::{Engine, ImageMaker, Login, Server, encode_segment};

use crate::secrets::list_get_routes;

/// What may change by being used.
const USED: [&str; 4] = ["last_login_at", "last_used_at", "pulled_at", "pull_count"];

/// Every row of every table, without what may change by being used.
fn dump(data_dir: &Path) -> Vec<String> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let path = data_dir.join("wharf.db");
    let database = Connection::open_with_flags(path, flags).expect("the server's database");
    let tables = read_rows(
        &database,
        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    );
    let mut rows = Vec::new();
    for table in tables {
        let table = &table[0];
        // They follow by themselves what was pushed before, and count what is pulled.
        if ["event_cursors", "storage_stats", "traffic_stats"].contains(&table.as_str()) {
            continue;
        }
        let statement = database
            .prepare(&format!("SELECT * FROM {table}"))
            .expect("a table");
        let columns: Vec<&str> = statement
            .column_names()
            .filter(|name| !USED.contains(name))
            .collect();
        let sql = format!("SELECT {} FROM {table}", columns.join(", "));
        let mut found: Vec<String> = read_rows(&database, &sql)
            .iter()
            .map(|row| format!("{table}: {}", row.join(", ")))
            .collect();
        found.sort();
        rows.append(&mut found);
    }
    rows
}

/// The rows of a query, each value as text.
fn read_rows(database: &Connection, sql: &str) -> Vec<Vec<String>> {
    let mut statement = database.prepare(sql).expect("a query");
    let width = statement.column_count();
    let rows = statement.query_map([], |row| {
        (0..width)
            .map(|column| row.get_ref(column).map(show))
            .collect()
    });
    let rows = rows.expect("rows").collect::<Result<_, _>>();
    rows.expect("whole rows")
}

fn show(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        other => format!("{other:?}"),
    }
}

#[test]
fn h34_reading_everything_writes_nothing_but_when_it_was_used() {
    // Each of them reads everything, also what is none of theirs, and a deleted token would look like guessing.
    let server = Server::builder()
        .engine(Engine::Sqlite)
        .config("[limits]\nlogin_failures = 1000000")
        .start();
    let person = server.user("reader");
    server.namespace("shelf");
    server.member("shelf", &person, "maintainer");
    server.robot("shelf", "ci", &["pull"]);
    let admin = server.registry(&server.admin());
    let repository = admin.repository("shelf/app");
    let image = ImageMaker::new("read only").make();
    repository.push_image("v1", &image);
    let location = repository.begin_upload("").expect(202).location();
    let body = serde_json::json!({ "kind": "git", "address": "ssh://1.1.1.1" });
    let source = server
        .api(&person.login())
        .post("/sources", body)
        .expect(201);
    let source = source.json()["id"].as_str().expect("an id").to_owned();
    let body = serde_json::json!({ "host": "r.example", "username": "u", "password": "p" });
    let api = server.api(&server.admin());
    let credential = api.post("/namespaces/shelf/credentials", body).expect(201);
    let credential = credential.json()["id"].as_str().expect("an id").to_owned();
    let read_only = server.token(&person, "read only", &["pull"]);
    let robot = server.robot("shelf", "reads", &["pull"]);

    let before = dump(server.data_dir());
    // The dump would show a change: this one is taken back below.
    let api = server.api(&server.admin());
    api.put(
        "/repositories/shelf%2Fapp/favorite",
        serde_json::Value::Null,
    )
    .expect(204);
    assert_ne!(dump(server.data_dir()), before);
    api.delete("/repositories/shelf%2Fapp/favorite").expect(204);
    assert_eq!(dump(server.data_dir()), before);

    let fill = [
        ("/robots/{name}", "/robots/ci".to_owned()),
        ("{namespace}", "shelf".to_owned()),
        ("{username}", "reader".to_owned()),
        ("{tag}", "v1".to_owned()),
        ("{source}", source),
        ("{credential}", credential),
        (
            "{webhook}",
            "01920000-0000-7000-8000-000000000000".to_owned(),
        ),
        // No path, so that nobody is asked.
        ("{remote}", "acme%2F..%2Fweb".to_owned()),
        ("{rule}", "main".to_owned()),
        ("{trigger}", "deploy".to_owned()),
        ("{entry}", "01920000-0000-7000-8000-000000000000".to_owned()),
        (
            "{delivery}",
            "01920000-0000-7000-8000-000000000000".to_owned(),
        ),
        ("{cluster}", "nothing".to_owned()),
        ("{kube}", "web".to_owned()),
        ("{reference}", "v1".to_owned()),
        ("{number}", "1".to_owned()),
        ("{digest}", image.digest().to_string()),
        ("{name}", encode_segment("shelf/app")),
    ];
    let routes = list_get_routes(&api, &fill);
    let digest = image.digest();
    let blob = image.layers[0].digest();
    let targets = [
        "/v2/".to_owned(),
        "/v2/_catalog".to_owned(),
        "/v2/new/repository/tags/list".to_owned(),
        "/v2/shelf/new/manifests/v1".to_owned(),
        "/v2/reader/new/tags/list".to_owned(),
        repository.path("tags/list"),
        repository.path("manifests/v1"),
        repository.path(&format!("manifests/{digest}")),
        repository.path(&format!("blobs/{blob}")),
        repository.path(&format!("referrers/{digest}")),
        location,
        "/auth/token?service=x&scope=repository:shelf/new:pull,push&scope=repository:new/new:pull,push".to_owned(),
        "/v1/search?q=app".to_owned(),
        "/healthz".to_owned(),
        "/readyz".to_owned(),
        "/metrics".to_owned(),
        "/nothing".to_owned(),
    ];
    let logins = [
        read_only.login(),
        robot.login(),
        person.login(),
        server.admin(),
        Login::Anonymous,
    ];
    let mut succeeded = 0;
    for login in &logins {
        let client = server.api(login);
        for route in &routes {
            succeeded += usize::from(client.get(route).status.is_success());
        }
        let client = server.registry(login);
        for target in &targets {
            succeeded += usize::from(client.get(target).status.is_success());
            client.head(target);
        }
    }
    assert!(succeeded > 60, "only {succeeded} requests read anything");
    // What is counted in memory is written at the end.
    let data = server.data_dir().to_owned();
    let mut server = server;
    server.terminate();
    assert_eq!(dump(&data), before);
}
