//! A stand-in for the world around the machine: a network namespace with addresses that builds may or must not reach.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What `[build] allow_net` names.
pub(crate) const ALLOWED: &str = "203.0.113.6";
/// The machine's own address there.
pub(crate) const HOST: &str = "203.0.113.5";
/// Of the range in which clouds keep their metadata, but nobody's.
pub(crate) const METADATA: &str = "169.254.78.78";
/// Somebody's private network.
pub(crate) const PRIVATE: &str = "10.255.253.253";
/// Where a server listens on all of them.
pub(crate) const PORT: u16 = 8080;

/// The argument that makes this program the server.
pub(crate) const SERVE: &str = "--outside";

/// Takes connections until it is killed.
pub(crate) fn serve() -> ! {
    let listener = TcpListener::bind(("0.0.0.0", PORT)).expect("the port is free in here");
    print!("x");
    std::io::stdout().flush().expect("the parent listens");
    loop {
        drop(listener.accept());
    }
}

/// Stands as long as this lives.
pub(crate) struct Outside {
    namespace: String,
    server: Option<Child>,
}

impl Outside {
    /// Makes the namespace, connects it with the machine, and starts a server in it.
    pub(crate) fn make() -> Result<Self, String> {
        let namespace = format!("worker-outside-{}", std::process::id());
        let link = format!("wo{}", std::process::id());
        remove_leftovers();
        run(&format!("netns add {namespace}"))?;
        let mut outside = Self {
            namespace: namespace.clone(),
            server: None,
        };
        let inside = format!("netns exec {namespace} ip");
        run(&format!(
            "link add {link} type veth peer name home netns {namespace}"
        ))?;
        run(&format!("address add {HOST}/30 dev {link}"))?;
        run(&format!("link set {link} up"))?;
        run(&format!("{inside} address add {ALLOWED}/30 dev home"))?;
        run(&format!("{inside} link set home up"))?;
        run(&format!("{inside} link set lo up"))?;
        run(&format!("{inside} route add default via {HOST}"))?;
        for address in [METADATA, PRIVATE] {
            run(&format!("{inside} address add {address}/32 dev lo"))?;
            run(&format!("route add {address}/32 via {ALLOWED} dev {link}"))?;
        }
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        let program = program.to_string_lossy();
        let mut server = Command::new("ip")
            .args(["netns", "exec", &namespace, &program, SERVE])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let output = server.stdout.take();
        outside.server = Some(server);
        let mut ready = [0];
        output
            .ok_or("no output")?
            .read_exact(&mut ready)
            .map_err(|error| error.to_string())?;
        Ok(outside)
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        // Nothing can be done about failures while the tests end.
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
        let _ = run(&format!("netns delete {}", self.namespace));
    }
}

fn run(line: &str) -> Result<(), String> {
    let output = Command::new("ip")
        .args(line.split(' '))
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "ip {line}: {}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// A run that was killed left its namespace, and with it routes that lead to nobody.
fn remove_leftovers() {
    let names = std::fs::read_dir("/run/netns").into_iter().flatten();
    for name in names.flatten().map(|entry| entry.file_name()) {
        let name = name.to_string_lossy().into_owned();
        let Some(maker) = name.strip_prefix("worker-outside-") else {
            continue;
        };
        if !Path::new("/proc").join(maker).exists() {
            // The namespace takes its end of the link along, the link its routes.
            for line in [
                format!("link delete wo{maker}"),
                format!("netns delete {name}"),
            ] {
                let _ = run(&line);
            }
        }
    }
}
