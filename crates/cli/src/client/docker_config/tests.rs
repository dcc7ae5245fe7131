use super::*;

/// A file as docker leaves it, with things wharf does not know.
const EXISTING: &str = r#"{
	"auths": {
		"https://index.docker.io/v1/": {
			"auth": "aHViOnNlY3JldA=="
		},
		"other.example": {
			"auth": "eDp5",
			"email": "x@other.example"
		}
	},
	"HttpHeaders": {
		"X-Meta": "1"
	},
	"psFormat": "table {{.ID}}\t{{.Image}}",
	"detachKeys": "ctrl-e,e"
}
"#;

struct Home {
    directory: tempfile::TempDir,
    session: Session,
}

impl Home {
    fn with_file(text: &str) -> Self {
        let home = Home::empty();
        fs::create_dir_all(home.directory.path().join(".docker")).unwrap();
        fs::write(home.file(), text).unwrap();
        home
    }

    fn empty() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let session = Session::for_test(&[("HOME", directory.path().to_str().unwrap())]);
        Home { directory, session }
    }

    fn file(&self) -> PathBuf {
        self.directory.path().join(".docker/config.json")
    }

    fn open(&self) -> DockerConfig {
        DockerConfig::open(&self.session).unwrap()
    }

    fn log_in(&self, host: &str, password: &str) {
        let mut config = self.open();
        let login = StoredLogin {
            username: "admin".to_owned(),
            password: password.to_owned(),
        };
        config.set_login(&self.session, host, Some(&login)).unwrap();
        config.save(&self.session).unwrap();
    }
}

#[test]
fn a_login_adds_one_entry_and_keeps_every_other_byte() {
    let home = Home::with_file(EXISTING);
    home.log_in("localhost:5000", "pass:word");
    let expected = EXISTING.replace(
        "\"email\": \"x@other.example\"\n\t\t}\n",
        "\"email\": \"x@other.example\"\n\t\t},\n\t\t\"localhost:5000\": {\n\t\t\t\"auth\": \"YWRtaW46cGFzczp3b3Jk\"\n\t\t}\n",
    );
    assert_eq!(fs::read_to_string(home.file()).unwrap(), expected);
    let login = home.open().find_login("localhost:5000").unwrap();
    assert_eq!(login.password, "pass:word");

    let mut config = home.open();
    assert!(
        config
            .remove_login(&home.session, "localhost:5000")
            .unwrap()
    );
    config.save(&home.session).unwrap();
    assert_eq!(fs::read_to_string(home.file()).unwrap(), EXISTING);
}

#[test]
fn a_new_file_is_private() {
    let home = Home::empty();
    home.log_in("localhost:5000", "x");
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&home.file()), 0o600);
    assert_eq!(mode(home.file().parent().unwrap()), 0o700);
}

#[test]
fn a_file_that_was_open_to_others_is_closed() {
    let home = Home::with_file(EXISTING);
    fs::set_permissions(home.file(), fs::Permissions::from_mode(0o644)).unwrap();
    home.log_in("localhost:5000", "x");
    let mode = fs::metadata(home.file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_link_to_the_file_stays_a_link() {
    let home = Home::with_file(EXISTING);
    let real = home.directory.path().join("dotfiles.json");
    fs::rename(home.file(), &real).unwrap();
    std::os::unix::fs::symlink(&real, home.file()).unwrap();
    home.log_in("localhost:5000", "x");
    assert!(fs::symlink_metadata(home.file()).unwrap().is_symlink());
    assert!(fs::read_to_string(real).unwrap().contains("localhost:5000"));
}

#[test]
fn a_broken_file_is_a_failure_and_stays_as_it_is() {
    for text in ["{\"auths\": ", "[]", "{\"auths\": []}"] {
        let home = Home::with_file(text);
        let outcome = DockerConfig::open(&home.session)
            .and_then(|mut config| config.set_login(&home.session, "a", None));
        assert!(outcome.unwrap_err().render().contains("config.json"));
        assert_eq!(fs::read_to_string(home.file()).unwrap(), text);
    }
}

#[test]
fn docker_config_names_another_directory() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let session = Session::for_test(&[("HOME", "/nonexistent"), ("DOCKER_CONFIG", path)]);
    assert_eq!(
        DockerConfig::locate(&session).unwrap(),
        directory.path().join("config.json")
    );
    assert!(DockerConfig::locate(&Session::for_test(&[])).is_err());
}

#[test]
fn the_server_is_remembered_where_docker_keeps_plugin_settings() {
    let home = Home::with_file(EXISTING);
    let mut config = home.open();
    assert_eq!(config.find_server(), None);
    config
        .set_server(&home.session, Some("http://10.0.0.5:5000"))
        .unwrap();
    config.save(&home.session).unwrap();
    assert_eq!(
        home.open().find_server().as_deref(),
        Some("http://10.0.0.5:5000")
    );
    let mut config = home.open();
    config.set_server(&home.session, None).unwrap();
    config.save(&home.session).unwrap();
    assert_eq!(fs::read_to_string(home.file()).unwrap(), EXISTING);
}

#[test]
fn a_helper_of_the_host_wins_over_the_general_one() {
    let home =
        Home::with_file(r#"{"credsStore": "pass", "credHelpers": {"a.example": "special"}}"#);
    let config = home.open();
    assert_eq!(config.find_helper("a.example").as_deref(), Some("special"));
    assert_eq!(config.find_helper("b.example").as_deref(), Some("pass"));
    assert_eq!(
        Home::with_file(EXISTING).open().find_helper("a.example"),
        None
    );
}

#[test]
fn a_login_is_found_under_its_old_url_form_too() {
    let home = Home::with_file(r#"{"auths": {"https://a.example/v1/": {"auth": "YWI6Y2Q="}}}"#);
    let config = home.open();
    assert_eq!(config.find_login("a.example").unwrap().username, "ab");
    assert_eq!(config.find_only_host().as_deref(), Some("a.example"));
    assert_eq!(config.find_login("b.example"), None);
}

#[test]
fn docker_hub_alone_is_not_taken_for_a_wharf() {
    let home = Home::with_file(r#"{"auths": {"https://index.docker.io/v1/": {}}}"#);
    assert_eq!(home.open().find_only_host(), None);
    assert_eq!(Home::with_file(EXISTING).open().find_only_host(), None);
}
