//! wharf behind nginx: on an odd port, with and without TLS, found by its relative `Location`s or by its public URL.

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;
use wharf_testkit::{ImageMaker, Server, server::ServerBuilder};

use crate::{
    client::{Client, log_in_by_stdin},
    containers::prepare_client,
    daemon::{Daemon, find_free_port},
    docker::start_dockerd,
    layout::Layout,
    site::Site,
    tool::need_tool,
};

/// What `proxy_set_header` tells wharf about the request that nginx got.
const FORWARDED: &str = "
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;";

/// An nginx in front of a server of its own.
struct Proxied {
    // Fields are dropped in this order: the daemon has to be gone before its folder.
    _nginx: Daemon,
    site: Site,
    port: u16,
    folder: TempDir,
}

/// How clients reach nginx.
#[derive(Clone, Copy)]
enum Scheme {
    Http,
    Https,
}

impl Proxied {
    /// Starts `server` and an nginx on a port that its builder is told first.
    fn start(
        program: &Path,
        scheme: Scheme,
        headers: &str,
        configure: impl FnOnce(ServerBuilder, u16) -> ServerBuilder,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let port = find_free_port();
        let site = Site::open(configure(Server::builder(), port).start());
        if matches!(scheme, Scheme::Https) {
            make_certificates(folder.path());
        }
        let config = describe_nginx(folder.path(), scheme, headers, port, site.address());
        let config_file = folder.path().join("nginx.conf");
        fs::write(&config_file, config).expect("a folder that takes files");

        let prefix = folder.path().display().to_string();
        let config_file = config_file.display().to_string();
        let arguments = ["-p", &prefix, "-c", &config_file, "-e", "stderr"];
        let mut nginx = Daemon::start(program, &arguments, folder.path());
        nginx
            .wait_until(|| TcpStream::connect(("127.0.0.1", port)).is_ok())
            .unwrap_or_else(|reason| panic!("{reason}"));
        Self {
            _nginx: nginx,
            site,
            port,
            folder,
        }
    }

    /// Host and port, as a client behind nginx is told them.
    fn address(&self) -> String {
        format!("localhost:{}", self.port)
    }

    fn image(&self, rest: &str) -> String {
        format!("{}/{}", self.address(), self.site.name(rest))
    }

    /// What nginx was asked, a line each.
    fn read_requests(&self) -> String {
        fs::read_to_string(self.folder.path().join("access.log")).expect("nginx keeps a log")
    }

    /// A layout with an image of two layers, and a skopeo to copy it with.
    fn prepare_skopeo(&self, program: PathBuf) -> (Client, Layout) {
        let image = ImageMaker::new("nginx").layers(2).make();
        let layout = Layout::write(self.folder.path(), &image);
        (prepare_client(program, self.folder.path()), layout)
    }
}

fn describe_nginx(
    folder: &Path,
    scheme: Scheme,
    headers: &str,
    port: u16,
    upstream: &str,
) -> String {
    let listen = match scheme {
        Scheme::Http => format!("listen 127.0.0.1:{port};"),
        Scheme::Https => format!(
            "listen 127.0.0.1:{port} ssl;
        ssl_certificate {0}/server.crt;
        ssl_certificate_key {0}/server.key;",
            folder.display()
        ),
    };
    format!(
        "daemon off;
worker_processes 1;
pid {0}/nginx.pid;
events {{ worker_connections 256; }}
http {{
    access_log {0}/access.log;
    client_body_temp_path {0}/body;
    proxy_temp_path {0}/proxy;
    fastcgi_temp_path {0}/fastcgi;
    uwsgi_temp_path {0}/uwsgi;
    scgi_temp_path {0}/scgi;
    server {{
        {listen}
        client_max_body_size 0;
        location / {{
            proxy_pass http://{upstream};
            proxy_http_version 1.1;
            proxy_request_buffering off;{headers}
        }}
    }}
}}
",
        folder.display()
    )
}

/// A certificate authority (`ca/ca.crt`) and a certificate of it for `localhost` (`server.crt`, `server.key`).
fn make_certificates(folder: &Path) {
    let script = "
        mkdir ca
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
            -subj '/CN=test authority' -keyout ca.key -out ca/ca.crt
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
            -subj /CN=localhost -keyout server.key -out server.csr
        printf 'subjectAltName=DNS:localhost' > server.ext
        openssl x509 -req -in server.csr -CA ca/ca.crt -CAkey ca.key -CAcreateserial -days 2 \
            -extfile server.ext -out server.crt";
    let output = Command::new("sh")
        .args(["-euc", script])
        .current_dir(folder)
        .output()
        .expect("a shell");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn skopeo_pushes_and_pulls_through_nginx_by_the_requests_own_host() {
    let nginx = need_tool!("nginx");
    let skopeo = need_tool!("skopeo");
    let proxied = Proxied::start(&nginx, Scheme::Http, FORWARDED, |server, _| server);
    let (skopeo, layout) = proxied.prepare_skopeo(skopeo);
    let target = format!("docker://{}", proxied.image("app:1"));

    let login = proxied.site.alice.login();
    log_in_by_stdin(
        &skopeo,
        &["login", "--tls-verify=false"],
        &proxied.address(),
        &login,
    )
    .expect_success();
    skopeo
        .run([
            "copy",
            "--dest-tls-verify=false",
            "--preserve-digests",
            &layout.reference(),
            &target,
        ])
        .expect_success();
    let raw = skopeo
        .run(["inspect", "--tls-verify=false", "--raw", &target])
        .expect_success();
    assert_eq!(raw.stdout, layout.manifest.bytes);

    // All of it went through nginx: the token, the uploads that a `Location` named, and the manifest.
    let requests = proxied.read_requests();
    for request in [
        "GET /auth/token",
        "PATCH /v2/",
        "PUT /v2/alice/app/manifests/1",
    ] {
        assert!(requests.contains(request), "no {request} in:\n{requests}");
    }
}

#[test]
fn skopeo_trusts_the_certificate_that_nginx_shows_for_wharf() {
    let nginx = need_tool!("nginx");
    let skopeo = need_tool!("skopeo");
    need_tool!("openssl");
    let proxied = Proxied::start(&nginx, Scheme::Https, FORWARDED, |server, port| {
        server.config(&format!(
            "[server]\npublic_url = \"https://localhost:{port}\"\ntrusted_proxies = [\"127.0.0.1\"]"
        ))
    });
    let (skopeo, layout) = proxied.prepare_skopeo(skopeo);
    let target = format!("docker://{}", proxied.image("app:1"));
    let authority = proxied.folder.path().join("ca").display().to_string();

    let login = proxied.site.alice.login();
    log_in_by_stdin(
        &skopeo,
        &["login", "--cert-dir", &authority],
        &proxied.address(),
        &login,
    )
    .expect_success();
    skopeo
        .run([
            "copy",
            "--dest-cert-dir",
            &authority,
            "--preserve-digests",
            &layout.reference(),
            &target,
        ])
        .expect_success();
    let raw = skopeo
        .run(["inspect", "--cert-dir", &authority, "--raw", &target])
        .expect_success();
    assert_eq!(raw.stdout, layout.manifest.bytes);
    assert!(proxied.read_requests().contains("GET /auth/token"));

    // Without the authority the same address is refused: it really was TLS.
    skopeo
        .run(["inspect", "--raw", &target])
        .expect_failure()
        .expect_text("certificate");
}

#[test]
fn the_public_url_is_told_to_clients_when_nginx_hides_the_host() {
    let nginx = need_tool!("nginx");
    let skopeo = need_tool!("skopeo");
    // Without `proxy_set_header Host` nginx sends its upstream's name; only the public URL can be right then.
    let proxied = Proxied::start(&nginx, Scheme::Http, "", |server, port| {
        server.config(&format!(
            "[server]\npublic_url = \"http://localhost:{port}\""
        ))
    });
    let (skopeo, layout) = proxied.prepare_skopeo(skopeo);
    let target = format!("docker://{}", proxied.image("app:1"));

    let login = proxied.site.alice.login();
    log_in_by_stdin(
        &skopeo,
        &["login", "--tls-verify=false"],
        &proxied.address(),
        &login,
    )
    .expect_success();
    skopeo
        .run([
            "copy",
            "--dest-tls-verify=false",
            "--preserve-digests",
            &layout.reference(),
            &target,
        ])
        .expect_success();
    let requests = proxied.read_requests();
    for request in [
        "GET /auth/token",
        "PATCH /v2/",
        "PUT /v2/alice/app/manifests/1",
    ] {
        assert!(requests.contains(request), "no {request} in:\n{requests}");
    }
}

#[test]
fn docker_pushes_and_pulls_through_nginx_with_tls() {
    let dockerd = start_dockerd!();
    let nginx = need_tool!("nginx");
    need_tool!("openssl");
    let proxied = Proxied::start(&nginx, Scheme::Https, FORWARDED, |server, port| {
        server.config(&format!(
            "[server]\npublic_url = \"https://localhost:{port}\"\ntrusted_proxies = [\"127.0.0.1\"]"
        ))
    });
    let docker = dockerd.client("alice");
    let image = proxied.image("app:1");
    docker
        .log_in(&proxied.address(), &proxied.site.alice.login())
        .expect_success();
    docker.build(&image, &["first layer", "second layer"]);
    let digest = docker.push(&image);
    dockerd.forget_images();
    let pulled = docker.run(["pull", &image]).expect_success();
    assert_eq!(pulled.find_digest("Digest: "), digest);
    assert!(proxied.read_requests().contains("PATCH /v2/"));
}
