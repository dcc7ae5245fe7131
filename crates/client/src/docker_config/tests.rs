use super::*;
use std::os::unix::fs::PermissionsExt;
use tempfile::TempDir;

fn write(config: &str) -> (TempDir, DockerConfig) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("config.json"), config).expect("written");
    let config = DockerConfig::new(folder.path(), folder.path());
    (folder, config)
}

fn add_helper(folder: &TempDir, name: &str, script: &str) {
    let path = folder.path().join(format!("docker-credential-{name}"));
    // Written under another name first: a program that is open for writing cannot be run.
    let draft = folder.path().join("draft");
    std::fs::write(&draft, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o755)).expect("executable");
    std::fs::rename(draft, path).expect("renamed");
}

async fn find(config: &DockerConfig, host: &str) -> Result<Option<Credential>> {
    config.find_credential(&host.parse().expect(host)).await
}

fn password(username: &str, password: &str) -> Option<Credential> {
    Some(Credential::Password {
        username: username.to_owned(),
        password: Secret::new(password),
    })
}

#[tokio::test]
async fn logins_are_found_by_host_and_docker_hub_by_its_old_address() {
    let (_folder, config) = write(
        r#"{"auths": {
            "https://index.docker.io/v1/": {"auth": "aHViOnB3"},
            "reg.example:5000": {"auth": "bWU6c2U6Y3JldAA="},
            "https://old.example/v1/": {"username": "old", "password": "pw"},
            "id.example": {"auth": "bWU6", "identitytoken": "refresh"},
            "tok.example": {"registrytoken": "raw"},
            "helped.example": {}
        }, "HttpHeaders": {"a": "b"}}"#,
    );
    for (host, expected) in [
        ("docker.io", password("hub", "pw")),
        ("reg.example:5000", password("me", "se:cret")),
        ("reg.example", None),
        ("old.example", password("old", "pw")),
        (
            "id.example",
            Some(Credential::IdentityToken(Secret::new("refresh"))),
        ),
        (
            "tok.example",
            Some(Credential::RegistryToken(Secret::new("raw"))),
        ),
        ("helped.example", None),
        ("other.example", None),
    ] {
        assert_eq!(find(&config, host).await.expect(host), expected, "{host}");
    }
}

#[tokio::test]
async fn a_missing_or_empty_file_holds_no_logins_and_a_broken_one_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = DockerConfig::new(folder.path(), "");
    assert_eq!(find(&missing, "docker.io").await.expect("no logins"), None);
    let (_folder, empty) = write(" \n");
    assert_eq!(find(&empty, "docker.io").await.expect("no logins"), None);
    let (_folder, broken) = write(r#"{"auths": {"a": {"auth": ["hush"]}}}"#);
    let error = find(&broken, "docker.io")
        .await
        .expect_err("no docker config");
    assert!(matches!(error, ClientError::DockerConfig { .. }));
    assert!(!format!("{error:?}").contains("hush"));
}

#[tokio::test]
async fn helpers_are_asked_for_their_host_before_the_store_for_all() {
    let (folder, config) = write(
        r#"{"auths": {"none.example": {"auth": "YTpi"}}, "credsStore": "all", "credHelpers": {"own.example": "own"}}"#,
    );
    add_helper(
        &folder,
        "own",
        r#"read host; echo "{\"ServerURL\":\"$host\",\"Username\":\"own\",\"Secret\":\"$1 $host\"}""#,
    );
    add_helper(
        &folder,
        "all",
        r#"read host; case $host in
        none.example) echo "credentials not found in native keychain"; exit 1;;
        id.example) echo '{"Username":"<token>","Secret":"refresh"}';;
        *) echo "{\"Username\":\"all\",\"Secret\":\"$host\"}";; esac"#,
    );
    for (host, expected) in [
        ("own.example", password("own", "get own.example")),
        ("docker.io", password("all", "https://index.docker.io/v1/")),
        (
            "id.example",
            Some(Credential::IdentityToken(Secret::new("refresh"))),
        ),
        ("none.example", password("a", "b")),
    ] {
        assert_eq!(find(&config, host).await.expect(host), expected, "{host}");
    }
}

#[tokio::test]
async fn a_helper_that_is_missing_fails_or_babbles_is_named() {
    let (folder, config) = write(
        r#"{"credHelpers": {"a.example": "missing", "b.example": "failing", "c.example": "babbling", "d.example": "../evil"}}"#,
    );
    add_helper(&folder, "failing", "echo locked >&2; exit 1");
    add_helper(&folder, "babbling", "echo 'password: hush'");
    for host in ["a.example", "b.example", "c.example", "d.example"] {
        let error = find(&config, host).await.expect_err(host);
        assert!(
            matches!(error, ClientError::CredentialHelper { .. }),
            "{error:?}"
        );
        assert!(!format!("{error:?}").contains("hush"), "{error:?}");
    }
}
