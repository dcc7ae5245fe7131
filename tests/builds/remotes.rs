//! Where code comes from beside http: ssh with a key that wharf made, and submodules.

use serde_json::json;

use wharf_testkit::{SshServer, skip, unique_name};
use wharf_tests::building::Site;

const TINY: &str = "FROM scratch\nCOPY hello /hello\n";

#[test]
fn ssh_with_a_deploy_key_and_a_pinned_host_key_builds_until_the_host_key_changes() {
    let Some(site) = Site::start_open("") else {
        return;
    };
    let mut ssh = match SshServer::start() {
        Ok(ssh) => ssh,
        Err(problem) => skip!("{problem}"),
    };
    let code = site.git.create(&unique_name("ssh"));
    code.push_files("main", "Begin", &[("Dockerfile", TINY), ("hello", "one")]);
    let url = ssh.url(code.path());
    let path = code.path().display().to_string();
    let address = url.strip_suffix(&path).expect("the path is at the end");
    let (user, host) = address["ssh://".len()..].split_once('@').expect("a user");
    let body = json!({ "kind": "git", "address": format!("ssh://{host}"), "username": user });
    let source = site.api().post("/sources", body).expect(201).json();
    let public = source["public_key"].as_str();
    let public = public.unwrap_or_else(|| panic!("a key to install: {source:#}"));
    ssh.authorize(public);

    let id = source["id"].as_str().expect("an id");
    let rule = site.make_rule_with(json!({
        "definition": { "trigger": { "branches": true } }, "source": id, "remote": path,
    }));
    let commit = code.push_files("main", "Over ssh", &[("hello", "two")]);
    let built = rule.wait_for_success(rule.wait_for_build_of(&commit));
    assert_eq!(built["tags"], json!(["main"]));
    rule.pull("main");
    // Pinned at the first use, and shown.
    let shown = site.api().get(&format!("/sources/{id}")).expect(200).json();
    let text = shown.to_string();
    let key = ssh.host_key();
    assert!(text.contains(&key), "{key} in {shown:#}");

    ssh.replace_host_key();
    let body = json!({ "rule": "main", "ref": "refs/heads/main" });
    let refused = site.api().post(&rule.path("/builds"), body);
    assert!(refused.status.is_client_error() || refused.status.is_server_error());
    let problem = refused.json().to_string();
    assert!(
        problem.contains("host key") || problem.contains("host_key"),
        "{problem}"
    );

    let keys = json!({ "host_keys": format!("[127.0.0.1]:{} {}", ssh.port(), ssh.host_key()) });
    let path = format!("/sources/{id}");
    site.api().patch(&path, keys).expect(200);
    rule.wait_for_success(rule.start("main"));
}

#[test]
fn submodules_come_along_where_the_rule_says_so() {
    let Some(site) = Site::shared() else { return };
    let inner = site.git.create(&unique_name("inner"));
    inner.push_files("main", "Inside", &[("hello", "from the submodule\n")]);
    let name = inner.url().rsplit('/').next().expect("a name").to_owned();
    for submodules in [true, false] {
        let rule = site.make_rule(json!({ "submodules": submodules }));
        let tree = rule.code.clone_work_tree();
        tree.write("Dockerfile", "FROM scratch\nCOPY inner /inner\n");
        let relative = format!("../{name}");
        tree.git(&[
            "submodule",
            "--quiet",
            "add",
            "--branch",
            "main",
            "--",
            &relative,
            "inner",
        ]);
        tree.commit("With a submodule");
        tree.push(&["main"]);
        let number = rule.start("main");
        let built = rule.wait_for_success(number);
        let size = built["size_bytes"].as_u64().expect("a size");
        let (_, layers) = rule.pull("main");
        let listed = list_files(&layers[0]);
        assert_eq!(
            listed.contains("inner/hello"),
            submodules,
            "{listed} {size}"
        );
    }
}

fn list_files(layer: &[u8]) -> String {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), layer).expect("written");
    let mut tar = std::process::Command::new("tar");
    let output = tar
        .arg("-tf")
        .arg(file.path())
        .output()
        .expect("tar starts");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
