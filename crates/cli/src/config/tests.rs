use std::fs;
use std::time::Duration;

use wharf_messages::Language;

use super::*;

fn load(text: &str, environment: &[(&str, &str)]) -> Loaded {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("wharf.toml");
    fs::write(&file, text).unwrap();
    let environment: Environment = environment
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    load_config(&Sources {
        file: Some(&file),
        environment: Some(&environment),
        ..Sources::default()
    })
}

/// The problems as a person reads them, without the directory of the file.
fn lines(loaded: &Loaded) -> Vec<String> {
    loaded
        .problems
        .iter()
        .map(|problem| {
            let line = problem.render_line(Language::En);
            match line.find("wharf.toml:") {
                Some(start) => line[start..].to_owned(),
                None => line,
            }
        })
        .collect()
}

#[test]
fn an_empty_file_means_the_documented_defaults() {
    let loaded = load("", &[]);
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let config = loaded.config;
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:5000");
    assert_eq!(config.data_dir, Path::new("data"));
    assert_eq!(
        config.database,
        DatabaseLocation::Sqlite("data/wharf.db".into())
    );
    assert_eq!(config.limits.body_idle, Duration::from_secs(60));
    assert!(!config.registry.allow_missing_blobs);
    assert!(config.metrics.listen.is_none() && config.server.tls.is_none());
}

#[test]
fn every_key_is_read_from_the_file() {
    let loaded = load(
        r#"
        [server]
        listen = "0.0.0.0:8443"
        public_url = "https://registry.example"
        aliases = ["registry", "registry.internal:5000"]
        trusted_proxies = ["10.0.0.0/8", "192.168.1.7"]
        timezone = "UTC"
        insecure_login = true
        tls_cert_file = "cert.pem"
        tls_key_file = "key.pem"
        [database]
        url = "postgres://wharf@db/wharf"
        [registry]
        allow_missing_blobs = true
        [metrics]
        listen = "127.0.0.1:9090"
        token = "0123456789abcdef"
        [limits]
        upload_sessions_per_principal = 5
        body_idle_seconds = 6
        header_seconds = 7
        login_failures = 8
        login_window_seconds = 9
        [registries."docker.io"]
        mirrors = ["https://mirror.example", "harbor.example/hub"]
        [registries."reg.internal:5000"]
        insecure = true
        ca_file = "/etc/wharf/reg.pem"
        [egress]
        allow = ["10.0.0.5", "git.internal:443"]
        proxy = "http://me:hush@proxy.example:3128"
        ca_file = "/etc/wharf/ca.pem"
        [build]
        allow_net = ["10.1.0.0/16", "10.2.3.4:80"]
        host_network = true
        step_memory = "2g"
        step_processes = 100
        step_cpus = "1.5"
        step_disk = 1000000
        step_files = 10
        step_seconds = 60
        build_seconds = 600
        cache_bytes = "5g"
        step_log = "2m"
        unpacked = "10g"
        unpacked_files = 100000
        "#,
        &[],
    );
    assert_eq!(lines(&loaded), Vec::<String>::new());
    let config = loaded.config;
    assert_eq!(config.server.listen.port(), 8443);
    assert_eq!(
        config.server.public_url.unwrap().host_str(),
        Some("registry.example")
    );
    assert_eq!(
        config.server.trusted_proxies[1].to_string(),
        "192.168.1.7/32"
    );
    assert!(config.server.insecure_login && config.registry.allow_missing_blobs);
    assert_eq!(config.server.tls.unwrap().key_file, Path::new("key.pem"));
    assert_eq!(config.metrics.token.unwrap().expose(), "0123456789abcdef");
    assert_eq!(config.limits.upload_sessions_per_principal, 5);
    assert_eq!(config.limits.login_window, Duration::from_secs(9));
    let own = config.registries.find(&"docker.io".parse().unwrap());
    assert_eq!(own.unwrap().mirrors.len(), 2);
    let own = config
        .registries
        .find(&"reg.internal:5000".parse().unwrap());
    assert!(own.unwrap().insecure && own.unwrap().ca_file.is_some());
    let shown = |name: &str| {
        let mut settings = loaded.effective.iter();
        settings
            .find(|own| own.setting == name)
            .map(|own| own.value.clone())
    };
    assert_eq!(
        shown("egress.allow").as_deref(),
        Some("10.0.0.5, git.internal:443")
    );
    assert_eq!(
        shown("build.allow_net").as_deref(),
        Some("10.1.0.0/16, 10.2.3.4:80")
    );
    assert!(config.egress.proxy.is_some() && config.egress.ca_file.is_some());
    assert!(config.build.host_network && config.build.allow_net.len() == 2);
    assert_eq!(config.build.cache_bytes, 5 << 30);
    let limits = config.build.limits;
    assert_eq!(limits.memory, Some(2 << 30));
    assert_eq!((limits.pids, limits.cpu_millis), (Some(100), Some(1500)));
    assert_eq!((limits.disk, limits.files), (Some(1_000_000), Some(10)));
    assert_eq!(limits.step_timeout, Some(Duration::from_secs(60)));
    assert_eq!(limits.build_timeout, Some(Duration::from_secs(600)));
    assert_eq!(limits.log_bytes, Some(2 << 20));
    assert_eq!(limits.unpacked_bytes, Some(10 << 30));
    assert_eq!(limits.unpacked_files, Some(100_000));
}

#[test]
fn docker_hubs_mirror_is_one_line_or_one_variable() {
    let hub = "docker.io".parse().unwrap();
    for (text, environment) in [
        (
            "registries.\"docker.io\".mirrors = [\"mirror.example\"]",
            &[][..],
        ),
        (
            "[registries.\"docker.io\"]\nmirrors = \"mirror.example\"",
            &[],
        ),
        (
            "",
            &[("WHARF_REGISTRIES_DOCKER_IO_MIRRORS", "mirror.example")],
        ),
    ] {
        let loaded = load(text, environment);
        assert_eq!(lines(&loaded), Vec::<String>::new(), "{text}");
        let settings = loaded.config.registries.find(&hub).expect(text);
        assert_eq!(settings.mirrors[0].host.as_str(), "mirror.example");
    }
}

#[test]
fn what_is_wrong_with_a_registry_or_a_build_is_said_where_it_is_written() {
    let loaded = load(
        "[registries]\nmirrors = []\n[registries.\"a b\"]\ninsecure = true\n[registries.\"docker.io\"]\nmirors = []\n\
         mirrors = [\"ftp://x\"]\n[egress]\nallow = [\"git.internal\"]\nproxy = \"socks5://me:hush@p\"\n\
         [build]\nstep_memory = \"lots\"\nstep_cpus = 0\nallow_net = [\"git.internal:443\"]\n",
        &[("WHARF_REGISTRIES_DOCKER_IO_INSECUR", "true")],
    );
    let lines = lines(&loaded);
    let starts = [
        "wharf.toml:2:1: ",
        "wharf.toml:3:13: ",
        "wharf.toml:6:1: ",
        "wharf.toml:7:11: registries.\"docker.io\".mirrors: ",
        "wharf.toml:9:9: egress.allow: ",
        "wharf.toml:10:9: egress.proxy: ",
        "wharf.toml:12:15: build.step_memory: ",
        "wharf.toml:13:13: build.step_cpus: ",
        "wharf.toml:14:13: build.allow_net: ",
        "WHARF_REGISTRIES_DOCKER_IO_INSECUR: ",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
        assert!(!line.contains("hush"), "{line}");
    }
    assert!(lines[0].contains("[registries.\"HOST\"]"), "{}", lines[0]);
    assert!(lines[2].contains("\"mirrors\""), "{}", lines[2]);
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let text = "[server]\nlisten = \"127.0.0.1:1\"\n[limits]\nheader_seconds = 1";
    let environment = [
        ("WHARF_SERVER_LISTEN", "127.0.0.1:2"),
        ("WHARF_SERVER_ALIASES", "one, two:5000"),
        ("WHARF_SERVER_INSECURE_LOGIN", "true"),
        ("WHARF_LIMITS_HEADER_SECONDS", "3"),
        ("WHARF_SERVER_PUBLIC_URL", ""),
    ];
    let loaded = load(text, &environment);
    assert_eq!(lines(&loaded), Vec::<String>::new());
    assert_eq!(loaded.config.server.listen.port(), 2);
    let aliases = loaded
        .effective
        .iter()
        .find(|line| line.setting == "server.aliases");
    assert_eq!(aliases.unwrap().value, "one, two:5000");
    assert!(loaded.config.server.insecure_login);
    assert_eq!(loaded.config.limits.header, Duration::from_secs(3));
    assert!(loaded.config.server.public_url.is_none());
    let origin = |setting: &str| {
        let found = loaded.effective.iter().find(|line| line.setting == setting);
        found.unwrap().place.clone()
    };
    assert_eq!(
        origin("server.listen"),
        Some(Place::Environment("WHARF_SERVER_LISTEN".to_owned()))
    );
    assert_eq!(origin("registry.allow_missing_blobs"), None);

    let environment = Environment::from([("WHARF_SERVER_LISTEN".into(), "127.0.0.1:2".into())]);
    let loaded = load_config(&Sources {
        listen: Some("127.0.0.1:3"),
        environment: Some(&environment),
        ..Sources::default()
    });
    assert_eq!(loaded.config.server.listen.port(), 3);
}

#[test]
fn every_problem_is_reported_at_its_line_and_column() {
    let loaded = load(
        "stray = 1\n[server]\n  listn = \"x\"\nlisten = \"localhost\"\ninsecure_login = 1\n[limits]\nheader_seconds = 0\n[storages]\nmirrors = []\n",
        &[],
    );
    let lines = lines(&loaded);
    let starts = [
        "wharf.toml:1:1: ",
        "wharf.toml:3:3: ",
        "wharf.toml:4:10: server.listen: ",
        "wharf.toml:5:18: server.insecure_login: ",
        "wharf.toml:7:18: limits.header_seconds: ",
        "wharf.toml:8:2: ",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line}");
    }
    assert!(lines[1].contains("\"listen\""), "{}", lines[1]);
    assert!(lines[5].contains("storages"), "{}", lines[5]);
    assert!(loaded.has_errors());
}

#[test]
fn an_unknown_key_names_the_nearest_known_one_in_both_languages() {
    let loaded = load("[server]\npublc_url = \"https://a\"", &[]);
    for language in Language::ALL {
        let message = loaded.problems[0].render_message(language);
        assert!(message.contains("publc_url"), "{message}");
        assert!(message.contains("public_url"), "{message}");
    }
}

#[test]
fn a_syntax_error_does_not_hide_the_rest_of_the_file() {
    let loaded = load("[server]\nlisten = \n[limits]\nheader_seconds = 0\n", &[]);
    let lines = lines(&loaded);
    assert!(lines[0].starts_with("wharf.toml:2:"), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("header_seconds")),
        "{lines:#?}"
    );
}

#[test]
fn public_url_is_an_origin_and_nothing_more() {
    for bad in [
        "registry.example",
        "ftp://registry.example",
        "https://registry.example/wharf",
        "https://user@registry.example",
        "https://registry.example?x=1",
    ] {
        let loaded = load(&format!("[server]\npublic_url = \"{bad}\""), &[]);
        assert_eq!(loaded.problems.len(), 1, "{bad}");
        assert!(loaded.config.server.public_url.is_none());
    }
}

#[test]
fn half_a_certificate_is_an_error() {
    let loaded = load("[server]\ntls_cert_file = \"cert.pem\"", &[]);
    let lines = lines(&loaded);
    assert!(
        lines[0].starts_with("wharf.toml:2:17: server.tls_cert_file: "),
        "{lines:?}"
    );
    assert!(lines[0].contains("tls_key_file"), "{lines:?}");
}

#[test]
fn unknown_variables_are_warnings_and_service_links_are_none() {
    let loaded = load(
        "",
        &[
            ("WHARF_SERVER_LISTN", "x"),
            ("WHARF_SERVER_PORT", "tcp://10.0.0.1:80"),
            ("WHARF_SERVER_PORT_80_TCP_ADDR", "10.0.0.1"),
            ("WHARF_SERVER_SERVICE_HOST", "10.0.0.1"),
            ("WHARF_SERVER", "localhost:5000"),
            ("WHARF_ADMIN_PASSWORD", "x"),
        ],
    );
    assert_eq!(loaded.problems.len(), 1, "{:#?}", lines(&loaded));
    assert!(lines(&loaded)[0].starts_with("WHARF_SERVER_LISTN: "));
    assert!(lines(&loaded)[0].contains("WHARF_SERVER_LISTEN"));
    assert!(!loaded.has_errors());
}

#[test]
fn a_named_file_that_is_missing_is_a_warning_and_the_default_one_is_nothing() {
    let missing = Path::new("/nonexistent/wharf.toml");
    let loaded = load_config(&Sources {
        file: Some(missing),
        ..Sources::default()
    });
    assert_eq!(loaded.problems.len(), 1);
    assert!(!loaded.has_errors());
    assert!(load_config(&Sources::default()).problems.is_empty());
}

#[test]
fn metrics_and_server_cannot_share_an_address() {
    let loaded = load("[metrics]\nlisten = \"127.0.0.1:5000\"", &[]);
    assert!(
        lines(&loaded)[0].contains("127.0.0.1:5000"),
        "{:?}",
        lines(&loaded)
    );
    assert!(loaded.has_errors());
}

#[test]
fn no_complaint_repeats_a_secret() {
    let loaded = load(
        "[metrics]\ntoken = \"hush\"\n[database]\nurl = \"mysql://root:hush@db/x\"",
        &[],
    );
    assert_eq!(loaded.problems.len(), 2);
    for line in lines(&loaded) {
        assert!(!line.contains("hush"), "{line}");
    }
    assert!(!format!("{:?}", loaded.effective).contains("hush"));
}
