//! `docs/how-to/build-from-plain-git.md`, line by line: what a person without any account elsewhere types, from nothing to
//! the image that docker pulls. Only the two ports are others than the printed ones, so that tests can run side by side, and
//! instead of `make run` the program starts that was built for the tests.

use std::{
    net::{TcpListener, TcpStream},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use wharf_testkit::{Dockerd, Server, server::find_binary, skip, skip::record_skip};
use wharf_tests::building::wait_for;

const CLONE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The lines behind `$ ` in each box of one part of a document.
fn list_boxes(document: &str, from: &str, to: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(Path::new(CLONE).join(document)).expect("the document");
    let part = text.split(from).nth(1).expect("the part begins");
    let part = part.split(to).next().expect("the part ends");
    let boxes = part.split("```console\n").skip(1);
    let boxes = boxes.map(|rest| rest.split("```").next().expect("the box ends"));
    boxes
        .map(|lines| {
            let typed = lines.lines().filter_map(|line| line.strip_prefix("$ "));
            typed.map(str::to_owned).collect()
        })
        .collect()
}

/// A person's machine: a home, and the ports that stand for the printed ones.
struct Machine {
    home: tempfile::TempDir,
    ports: [(&'static str, String); 2],
    docker: Option<String>,
}

impl Machine {
    fn put_in_ports(&self, line: &str) -> String {
        let [(printed, own), (other, another)] = &self.ports;
        line.replace(printed, own).replace(other, another)
    }

    fn shell(&self, script: &str, folder: &Path) -> Command {
        let mut command = Command::new("timeout");
        command
            .args([
                "--kill-after",
                "5",
                "170",
                "bash",
                "-e",
                "-o",
                "pipefail",
                "-c",
            ])
            .arg(script)
            .current_dir(folder)
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null());
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "You");
            command.env(format!("GIT_{role}_EMAIL"), "you@example.com");
        }
        if let Some(docker) = &self.docker {
            command.env("DOCKER_HOST", docker);
        }
        command
    }

    /// Types lines one after the other; answers all that was printed.
    fn type_in(&self, lines: &[String]) -> String {
        let lines: Vec<_> = lines.iter().map(|line| self.put_in_ports(line)).collect();
        let script = lines.join("\n");
        let output = self.shell(&script, self.home.path()).output();
        let output = output.expect("timeout starts");
        let printed = format!(
            "{}\n{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            output.status.success(),
            "{script}\n{}\n{printed}",
            output.status
        );
        printed
    }
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn find_free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its number").to_string()
}

#[test]
fn plain_git_on_one_machine_from_nothing_to_the_image_that_docker_pulls() {
    for program in ["python3", "curl", "git"] {
        let found = Command::new(program).arg("--version").output();
        if !found.is_ok_and(|output| output.status.success()) {
            skip!("{program} is not installed (make test-deps)");
        }
    }
    let document = "docs/how-to/build-from-plain-git.md";
    let boxes = list_boxes(document, "## On one machine", "## Over https");
    let chinese = document.replace(".md", ".zh-CN.md");
    let part = |text: &str| list_boxes(&chinese, text, "https://git.example.com").concat();
    assert_eq!(part("\n## ")[..boxes.concat().len()], boxes.concat());
    let [serve, git, rule, hook, push, pull] = &boxes[..] else {
        panic!("{boxes:#?}");
    };

    let hosting = find_free_address();
    let mut builder = Server::builder();
    let (run, exports) = serve.split_last().expect("lines");
    assert_eq!(run, "make run");
    for export in exports {
        let pair = export.strip_prefix("export ").expect("a variable");
        let (name, value) = pair.split_once('=').expect("a value");
        let value = value.replace("127.0.0.1:8418", &hosting);
        builder = match name {
            "WHARF_ADMIN_PASSWORD" => builder.admin_password(value),
            _ => builder.env(name, value),
        };
    }
    let server = builder.start();
    let queue = server.api(&server.admin()).get("/builds/queue").expect(200);
    if let Some(problem) = queue.json()["problem"].as_str() {
        record_skip(&format!("this machine cannot build: {problem}"));
        return;
    }
    let docker = Dockerd::get().map(Dockerd::socket);
    let machine = Machine {
        home: tempfile::tempdir().expect("a home"),
        ports: [
            ("127.0.0.1:5000", server.authority().to_owned()),
            ("127.0.0.1:8418", hosting.clone()),
        ],
        docker: docker.clone().ok(),
    };
    // Where `make run` leaves the program.
    let built = machine.home.path().join(".cache/wharf/target/debug");
    std::fs::create_dir_all(&built).expect("a folder");
    let program: PathBuf = std::fs::canonicalize(find_binary()).expect("the program");
    symlink(program, built.join("wharf")).expect("a link");

    let (start, made) = git.split_last().expect("lines");
    machine.type_in(made);
    // The kernel ends it with the thread of its test; a person ends it with their terminal.
    let start = format!("exec setpriv --pdeathsig KILL {start} --listen {hosting}");
    let start = start.replace(
        "~/git",
        &machine.home.path().join("git").display().to_string(),
    );
    let mut serving = Command::new("setpriv");
    serving.args(["--pdeathsig", "KILL", "bash", "-c", &start]);
    let serving = serving.current_dir(CLONE).stdout(Stdio::null()).spawn();
    let _serving = Running(serving.expect("setpriv starts"));
    wait_for(|| TcpStream::connect(&hosting).ok());

    let mut lines = [&rule[..], hook, push].concat();
    match docker {
        Ok(_) => lines.extend(pull.iter().cloned()),
        Err(reason) => {
            lines.extend(
                pull.iter()
                    .filter(|line| !line.starts_with("docker"))
                    .cloned(),
            );
            record_skip(&format!("the image is not pulled by docker: {reason}"));
        }
    }
    let printed = machine.type_in(&lines);
    for expected in ["COPY hello.txt", "main", "latest"] {
        assert!(printed.contains(expected), "{expected} in\n{printed}");
    }
    let again = machine.type_in(&[
        rule[0].clone(),
        "wharf rule decisions admin/hello main".to_owned(),
    ]);
    // It was the line in the hook that told of it, and not the question that comes every minute.
    assert!(again.contains("push"), "{again}");
}
