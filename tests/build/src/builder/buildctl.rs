//! The reference: a BuildKit daemon of our own, asked through `buildctl`.
//!
//! What `docker buildx` does between its flags and the daemon is done here: which option of the frontend a flag is.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::flags::split_flags;
use super::{Answer, Builder, Output, Request};
use crate::run::run_command;
use crate::serve::{Page, Server};

/// A running daemon; dropping it ends it. Its state is below the folder it was given.
#[derive(Debug)]
pub struct Buildctl {
    daemon: Child,
    programs: PathBuf,
    address: String,
    server: Server,
}

/// A daemon opens its socket within a second; one that takes a minute has failed.
const PATIENCE: Duration = Duration::from_secs(60);

impl Buildctl {
    /// Starts `programs/buildkitd` as root with its state in `folder`, and waits until it answers.
    ///
    /// # Errors
    /// It does not start, or does not answer in time.
    pub fn start(programs: &Path, folder: &Path, server: &Server) -> Result<Self> {
        std::fs::create_dir_all(folder)?;
        let config = folder.join("buildkitd.toml");
        let mirror = server.address();
        std::fs::write(
            &config,
            format!(
                "insecure-entitlements = [\"network.host\", \"security.insecure\"]\n\
                 [worker.oci]\nsnapshotter = \"overlayfs\"\nnetworkMode = \"host\"\nbinary = \"runc\"\n\
                 [worker.containerd]\nenabled = false\n\
                 [registry.\"docker.io\"]\nmirrors = [\"{mirror}\"]\n\
                 [registry.\"{mirror}\"]\nhttp = true\n"
            ),
        )?;
        let address = format!("unix://{}", folder.join("buildkitd.sock").display());
        let log = std::fs::File::create(folder.join("buildkitd.log"))?;
        let daemon = Command::new(programs.join("buildkitd"))
            .arg("--config")
            .arg(&config)
            .arg("--root")
            .arg(folder.join("state"))
            .args(["--addr", &address])
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("start buildkitd")?;
        let this = Self {
            daemon,
            programs: programs.to_owned(),
            address,
            server: server.clone(),
        };
        let started = Instant::now();
        while !this.ask(&["debug", "workers"])?.success {
            if started.elapsed() > PATIENCE {
                bail!(
                    "buildkitd does not answer; see {}",
                    folder.join("buildkitd.log").display()
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(this)
    }

    fn ask(&self, arguments: &[&str]) -> Result<Answer> {
        let mut command = Command::new(self.programs.join("buildctl"));
        run_command(
            command.args(["--addr", &self.address]).args(arguments),
            None,
        )
    }

    fn choose_context(
        &self,
        command: &mut Command,
        request: &Request,
        file: Option<&str>,
    ) -> Result<()> {
        let folder = &request.folder;
        let mut dockerfile = PathBuf::from(file.unwrap_or("Dockerfile"));
        if request.source.contains("://") {
            command
                .arg("--opt")
                .arg(format!("context={}", request.source));
            command
                .arg("--opt")
                .arg(format!("filename={}", dockerfile.display()));
            return Ok(());
        }
        if request.source == "-" && file.is_none() && !is_dockerfile(request) {
            // buildx offers the archive to the frontend as an address of its own session.
            let path = format!(
                "/upload/{}",
                folder.file_name().unwrap_or_default().display()
            );
            let body = request.stdin.clone().unwrap_or_default();
            self.server.shelf().pages.insert(
                path.clone(),
                Page {
                    body,
                    ..Page::default()
                },
            );
            command
                .arg("--opt")
                .arg(format!("context=http://{}{path}", self.server.address()));
            return Ok(());
        }
        if is_dockerfile(request) {
            let own = folder.join("stdin");
            std::fs::create_dir_all(&own)?;
            std::fs::write(
                own.join("Dockerfile"),
                request.stdin.clone().unwrap_or_default(),
            )?;
            dockerfile = own.join("Dockerfile");
        } else if file.is_none() {
            dockerfile = Path::new(&request.source).join("Dockerfile");
        }
        let context = if request.source == "-" {
            let empty = folder.join("empty");
            std::fs::create_dir_all(&empty)?;
            empty
        } else {
            PathBuf::from(&request.source)
        };
        let own = dockerfile
            .parent()
            .context("a Dockerfile lies in a folder")?;
        let name = dockerfile.file_name().context("a Dockerfile has a name")?;
        command
            .arg("--local")
            .arg(format!("context={}", context.display()));
        command
            .arg("--local")
            .arg(format!("dockerfile={}", own.display()));
        command
            .arg("--opt")
            .arg(format!("filename={}", name.display()));
        Ok(())
    }
}

fn names_own_frontend(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join("context/Dockerfile")).unwrap_or_default();
    text.lines().take(4).any(|line| {
        let line = line.to_lowercase();
        line.contains("syntax") && line.contains("docker/dockerfile")
    })
}

fn is_dockerfile(request: &Request) -> bool {
    let named = split_flags(&request.flags)
        .iter()
        .any(|(name, value)| name == "-f" && value == "-");
    named
        || request
            .stdin
            .as_ref()
            .is_some_and(|bytes| request.source == "-" && bytes.starts_with(b"FROM"))
}

impl Drop for Buildctl {
    fn drop(&mut self) {
        let id = i32::try_from(self.daemon.id()).unwrap_or(0);
        // SAFETY: a plain call; the process is our own child and not yet waited for, so its id is still its own.
        unsafe { libc::kill(id, libc::SIGTERM) };
        let _ = self.daemon.wait();
    }
}

impl Builder for Buildctl {
    fn name_version(&self) -> Result<String> {
        let answer = run_command(
            Command::new(self.programs.join("buildkitd")).arg("--version"),
            None,
        )?;
        let version = answer
            .stdout
            .split_whitespace()
            .nth(2)
            .unwrap_or_default()
            .to_owned();
        if version.contains("unknown") {
            bail!(
                "buildkitd does not know its version: build it with -X …/version.Version (README.md)"
            );
        }
        Ok(format!("buildkitd {version}"))
    }

    // The daemon keeps what it received under a context's name and receives only differences later; a folder whose files
    // changed then keeps the time of that reception. So it forgets everything, and builds one case at a time.
    fn start_case(&self) -> Result<()> {
        let pruned = self.ask(&["prune", "--all"])?;
        if !pruned.success {
            bail!("buildctl prune: {}", pruned.stderr);
        }
        Ok(())
    }

    fn run_build(&self, request: &Request) -> Result<Answer> {
        let mut command = Command::new(self.programs.join("buildctl"));
        command.args(["--addr", &self.address, "build", "--progress", "plain"]);
        command
            .args(["--frontend", "dockerfile.v0"])
            .current_dir(&request.folder);
        command.envs(&request.env);
        let mut attributes = Vec::new();
        let mut tags = Vec::new();
        let mut filters = Vec::new();
        let mut file = None;
        let mut cold = false;
        let (mut hosts, mut limits, mut platforms) = (Vec::new(), Vec::new(), Vec::new());
        for (name, value) in split_flags(&request.flags) {
            let option = match name.as_str() {
                "--build-arg" => {
                    // Without a value, the client's own variable is given, if there is one.
                    match (value.contains('='), request.env.get(&value)) {
                        (true, _) => Some(format!("build-arg:{value}")),
                        (false, Some(own)) => Some(format!("build-arg:{value}={own}")),
                        (false, None) => None,
                    }
                }
                "--label" => Some(format!("label:{value}")),
                "--target" => Some(format!("target={value}")),
                "--network" => Some(format!("force-network-mode={value}")),
                "--shm-size" => Some(format!("shm-size={}", count_bytes(&value))),
                "--cgroup-parent" => Some(format!("cgroup-parent={value}")),
                "--pull" => Some("image-resolve-mode=pull".into()),
                "--check" => Some("requestid=frontend.lint".into()),
                "--call" => Some(format!(
                    "requestid=frontend.{}",
                    value
                        .split(',')
                        .next()
                        .unwrap_or_default()
                        .replace("check", "lint")
                )),
                _ => None,
            };
            if let Some(option) = option {
                command.arg("--opt").arg(option);
                continue;
            }
            match name.as_str() {
                "-f" => file = Some(value),
                "-t" => tags.push(value),
                "--add-host" => {
                    hosts.push(value.replacen(':', "=", usize::from(!value.contains('='))))
                }
                "--ulimit" => limits.push(value),
                "--platform" => platforms.push(value),
                "--no-cache" => cold = true,
                "--no-cache-filter" => filters.push(value),
                "--annotation" => attributes.push(name_annotation(&value)),
                "--secret" | "--ssh" | "--allow" => drop(command.arg(name).arg(value)),
                "--build-context" => add_named_context(&mut command, &value)?,
                "--push" | "--build-arg" => {}
                other => bail!("no option of the frontend is known for {other}"),
            }
        }
        for (name, values) in [
            ("no-cache", filters),
            ("add-hosts", hosts),
            ("ulimit", limits),
            ("platform", platforms),
        ] {
            if !values.is_empty() {
                command
                    .arg("--opt")
                    .arg(format!("{name}={}", values.join(",")));
            }
        }
        if cold {
            command.arg("--no-cache");
        }
        if names_own_frontend(&request.folder) {
            // What a frontend that was started by that line is told, so that it does not start another one.
            command.args(["--opt", "cmdline=docker/dockerfile:1"]);
        }
        self.choose_context(&mut command, request, file.as_deref())?;
        let names = tags.join(",");
        let more: String = attributes
            .iter()
            .map(|attribute| format!(",\"{attribute}\""))
            .collect();
        match &request.output {
            Output::Local { attributes, dest } => {
                let named = if names.is_empty() {
                    String::new()
                } else {
                    format!(",\"name={names}\"")
                };
                command
                    .arg("--output")
                    .arg(format!("{attributes}{named}{more},dest={}", dest.display()));
            }
            Output::Push => {
                command
                    .arg("--output")
                    .arg(format!("type=image,\"name={names}\",push=true{more}"));
            }
            Output::Printed | Output::Cache => {}
        }
        let kept = request.folder.join("metadata.buildctl");
        command.arg("--metadata-file").arg(&kept);
        let answer = run_command(&mut command, None)?;
        if let (true, Some((metadata, id))) = (answer.success, &request.metadata) {
            std::fs::copy(&kept, metadata)?;
            write_image_id(&kept, id)?;
        }
        Ok(answer)
    }
}

/// `--iidfile` is buildx's own: the config's digest where the daemon tells it.
fn write_image_id(metadata: &Path, id: &Path) -> Result<()> {
    let document: Value = serde_json::from_slice(&std::fs::read(metadata)?)?;
    let digest = ["containerimage.config.digest", "containerimage.digest"]
        .iter()
        .find_map(|key| document[key].as_str());
    Ok(std::fs::write(id, digest.unwrap_or_default())?)
}

fn add_named_context(command: &mut Command, value: &str) -> Result<()> {
    let (name, source) = value
        .split_once('=')
        .context("--build-context is NAME=SOURCE")?;
    if source.contains("://") && !source.starts_with("oci-layout://")
        || source.starts_with("target:")
    {
        command.arg("--opt").arg(format!("context:{name}={source}"));
        return Ok(());
    }
    let key = name.replace(':', "_");
    if let Some(layout) = source.strip_prefix("oci-layout://") {
        let (path, digest) = layout.rsplit_once('@').context("a layout with a digest")?;
        command.arg("--oci-layout").arg(format!("{key}={path}"));
        command
            .arg("--opt")
            .arg(format!("context:{name}=oci-layout://{key}@{digest}"));
    } else {
        command.arg("--local").arg(format!("{key}={source}"));
        command
            .arg("--opt")
            .arg(format!("context:{name}=local:{key}"));
    }
    Ok(())
}

fn name_annotation(value: &str) -> String {
    // `index:key=value` goes to that level; the daemon calls the levels `annotation-index.key`.
    for level in [
        "manifest",
        "index",
        "manifest-descriptor",
        "index-descriptor",
    ] {
        if let Some(rest) = value.strip_prefix(&format!("{level}:")) {
            return format!("annotation-{level}.{rest}");
        }
    }
    format!("annotation.{value}")
}

fn count_bytes(size: &str) -> String {
    let units = [("k", 10), ("m", 20), ("g", 30)];
    for (unit, shift) in units {
        if let Some(Ok(number)) = size.strip_suffix(unit).map(str::parse::<u64>) {
            return (number << shift).to_string();
        }
    }
    size.to_owned()
}
