//! The four programs of a control plane: how they are started, awaited, taken away and brought back.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use super::{
    KubeClient,
    certificates::Authority,
    program::{Program, Programs, find_programs},
};
use crate::exit::{kill_at_exit, remove_at_exit};

/// Three seconds on an idle machine; several builds beside it can make that thirty.
const START_LIMIT: Duration = Duration::from_secs(120);
/// Between two looks whether it is up: short against a start of seconds, long against the question's own cost.
const POLL: Duration = Duration::from_millis(50);

/// The administrator's kubeconfig, which the other programs use too.
const CONFIG: &str = "admin.kubeconfig";

/// The controllers that tests see at work. Without the one that watches nodes, a played kubelet need not send heartbeats.
const CONTROLLERS: &str = "deployment-controller,replicaset-controller,statefulset-controller,\
    daemonset-controller,job-controller,cronjob-controller,serviceaccount-controller,\
    garbage-collector-controller,namespace-controller,pod-garbage-collector-controller,\
    root-ca-certificate-publisher-controller,clusterrole-aggregation-controller,disruption-controller,\
    resourcequota-controller,serviceaccount-token-controller";

/// A running control plane. Dropping it kills its programs and removes its folder.
#[derive(Debug)]
pub(crate) struct Plane {
    folder: PathBuf,
    address: SocketAddr,
    programs: Programs,
    arguments: Vec<String>,
    api_server: Program,
    others: Vec<Program>,
    authority: Authority,
}

impl Plane {
    /// Starts one on free ports and waits until it answers; says which programs are missing.
    pub(crate) fn start() -> Result<Self, String> {
        let programs = find_programs()?;
        let folder = make_folder();
        let authority = Authority::create(&folder);
        let [etcd_port, peer_port, port] = find_free_ports();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let config = folder.join(CONFIG);
        fs::write(&config, authority.write_kubeconfig(&url_of(address))).expect("a kubeconfig");

        let etcd = Program::start(
            &programs.etcd,
            &list_etcd_flags(&folder, etcd_port, peer_port),
            &folder,
        );
        let arguments = list_api_server_flags(&folder, etcd_port, port);
        let api_server = Program::start(&programs.api_server, &arguments, &folder);
        let mut plane = Self {
            folder,
            address,
            programs,
            arguments,
            api_server,
            others: vec![etcd],
            authority,
        };
        plane.await_api_server();
        for (program, mut flags) in [
            (&plane.programs.controllers, list_controller_flags()),
            (&plane.programs.scheduler, Vec::new()),
        ] {
            flags.extend([
                format!("--kubeconfig={}", config.display()),
                "--leader-elect=false".to_owned(),
                // Nobody asks them anything.
                "--secure-port=0".to_owned(),
                "--kube-api-qps=500".to_owned(),
                "--kube-api-burst=1000".to_owned(),
            ]);
            plane
                .others
                .push(Program::start(program, &flags, &plane.folder));
        }
        Ok(plane)
    }

    /// The administrator's kubeconfig.
    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join(CONFIG)
    }

    /// `https://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        url_of(self.address)
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// A client as the administrator.
    pub(crate) fn admin(&self) -> KubeClient {
        let admin = &self.authority.admin;
        let identity = format!("{}\n{}", admin.certificate, admin.key);
        KubeClient::new_identified(self.url(), &self.authority.certificate, &identity)
    }

    /// Kills the API server as a crash would; what it kept is in etcd.
    pub(crate) fn stop_api_server(&mut self) {
        self.api_server.end();
    }

    /// Starts it again at the same address, and waits until it answers.
    pub(crate) fn start_api_server(&mut self) {
        self.api_server = Program::start(&self.programs.api_server, &self.arguments, &self.folder);
        self.await_api_server();
    }

    /// Ends it together with the test process: for one that lives in a `static`, which is never dropped.
    pub(crate) fn end_at_exit(&self) {
        kill_at_exit(self.api_server.pid());
        self.others.iter().map(Program::pid).for_each(kill_at_exit);
    }

    fn await_api_server(&mut self) {
        let client = self.admin();
        let deadline = Instant::now() + START_LIMIT;
        loop {
            if client.is_ready() {
                return;
            }
            let ended = self.api_server.find_end();
            if ended.is_some() || Instant::now() > deadline {
                let logs = self.others.iter().map(Program::read_tail);
                let logs: Vec<_> = logs.chain([self.api_server.read_tail()]).collect();
                panic!(
                    "the API server did not come up ({ended:?}):\n{}",
                    logs.join("\n")
                );
            }
            thread::sleep(POLL);
        }
    }
}

impl Drop for Plane {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("{}", self.api_server.read_tail());
        }
        self.api_server.end();
        self.others.iter_mut().for_each(Program::end);
        // Nobody is left to tell; the exit handler tries again.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn url_of(address: SocketAddr) -> String {
    format!("https://{address}")
}

/// In memory where this machine has such a place: etcd writes at every turn.
fn make_folder() -> PathBuf {
    let mut builder = tempfile::Builder::new();
    builder.prefix("wharf-kube-");
    let folder = builder
        .tempdir_in("/dev/shm")
        .or_else(|_| builder.tempdir())
        .expect("a temporary folder")
        .keep();
    remove_at_exit(&folder);
    folder
}

/// Free now; whoever takes one in between fails this test with a clear message.
fn find_free_ports() -> [u16; 3] {
    // All three are held before one is given back, so that they differ.
    let held = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    held.map(|listener| listener.local_addr().expect("its number").port())
}

fn list_etcd_flags(folder: &Path, port: u16, peer_port: u16) -> Vec<String> {
    let (url, peer) = (
        format!("http://127.0.0.1:{port}"),
        format!("http://127.0.0.1:{peer_port}"),
    );
    vec![
        format!("--data-dir={}", folder.join("etcd").display()),
        format!("--listen-client-urls={url}"),
        format!("--advertise-client-urls={url}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        // Nobody needs it after a power loss.
        "--unsafe-no-fsync".to_owned(),
    ]
}

fn list_api_server_flags(folder: &Path, etcd_port: u16, port: u16) -> Vec<String> {
    let file = |name: &str| folder.join(name).display().to_string();
    vec![
        format!("--etcd-servers=http://127.0.0.1:{etcd_port}"),
        "--bind-address=127.0.0.1".to_owned(),
        "--advertise-address=127.0.0.1".to_owned(),
        // It would refuse a loopback address as an endpoint of its own service, over and over.
        "--endpoint-reconciler-type=none".to_owned(),
        format!("--secure-port={port}"),
        format!("--tls-cert-file={}", file("server.crt")),
        format!("--tls-private-key-file={}", file("server.key")),
        format!("--client-ca-file={}", file("ca.crt")),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", file("accounts.pub")),
        format!(
            "--service-account-signing-key-file={}",
            file("accounts.key")
        ),
        "--service-cluster-ip-range=10.96.0.0/16".to_owned(),
        "--authorization-mode=RBAC".to_owned(),
        "--allow-privileged=true".to_owned(),
        "--enable-priority-and-fairness=false".to_owned(),
        "--profiling=false".to_owned(),
    ]
}

fn list_controller_flags() -> Vec<String> {
    vec![
        format!("--controllers={}", CONTROLLERS.replace(' ', "")),
        "--root-ca-file=ca.crt".to_owned(),
        // For tokens that lie in secrets.
        "--service-account-private-key-file=accounts.key".to_owned(),
    ]
}
