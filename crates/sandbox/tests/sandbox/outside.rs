//! A stand-in for the world around the host: a network namespace with addresses that steps must not reach.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Of the range in which clouds keep their metadata, but nobody's.
pub(crate) const METADATA: &str = "169.254.77.77";
/// Alibaba's metadata.
pub(crate) const METADATA_ELSEWHERE: &str = "100.100.100.200";
/// Somebody's private network.
pub(crate) const PRIVATE: &str = "10.255.254.253";
/// Where the server listens.
pub(crate) const PORT: u16 = 8080;

/// The argument that makes this program the server in it.
pub(crate) const SERVE: &str = "--serve";

/// Stands as long as this lives.
pub(crate) struct Outside {
    namespace: String,
    server: Option<Child>,
}

impl Outside {
    /// Makes the namespace, connects it with the host, and starts a server in it that greets.
    pub(crate) fn make() -> Result<Self, String> {
        if !["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip"]
            .iter()
            .any(|ip| Path::new(ip).exists())
        {
            return Err("`ip` is not installed (iproute2)".to_owned());
        }
        let namespace = format!("outside-{}", std::process::id());
        let link = format!("out{}", std::process::id());
        let run = |line: &str| {
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
        };
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
        run(&format!("address add 203.0.113.1/30 dev {link}"))?;
        run(&format!("link set {link} up"))?;
        run(&format!("{inside} address add 203.0.113.2/30 dev home"))?;
        run(&format!("{inside} link set home up"))?;
        run(&format!("{inside} link set lo up"))?;
        run(&format!("{inside} route add default via 203.0.113.1"))?;
        for address in [METADATA, METADATA_ELSEWHERE, PRIVATE] {
            run(&format!("{inside} address add {address}/32 dev lo"))?;
            run(&format!(
                "route add {address}/32 via 203.0.113.2 dev {link}"
            ))?;
        }
        let mut server = Command::new("ip")
            .args(["netns", "exec", &namespace])
            .arg(std::env::current_exe().map_err(|error| error.to_string())?)
            .arg(SERVE)
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
        let _ = Command::new("ip")
            .args(["netns", "delete", &self.namespace])
            .output();
    }
}

/// A run that was killed left its namespace, and with it routes that lead to nobody.
fn remove_leftovers() {
    let Ok(names) = std::fs::read_dir("/run/netns") else {
        return;
    };
    for name in names.flatten().map(|entry| entry.file_name()) {
        let name = name.to_string_lossy().into_owned();
        let Some(maker) = name.strip_prefix("outside-") else {
            continue;
        };
        if !Path::new("/proc").join(maker).exists() {
            let link = format!("out{maker}");
            // The namespace takes its end of the link along, the link its routes; a server in there keeps both alive.
            for line in [
                format!("link delete {link}"),
                format!("netns delete {name}"),
            ] {
                let _ = Command::new("ip").args(line.split(' ')).output();
            }
        }
    }
}

/// Greets whoever connects, until it is killed.
pub(crate) fn serve() {
    let listener = TcpListener::bind(("0.0.0.0", PORT)).expect("the port is free in here");
    print!("x");
    std::io::stdout().flush().expect("the parent listens");
    for stream in listener.incoming() {
        let mut stream = stream.expect("a connection");
        stream
            .write_all(b"hello from outside\n")
            .expect("a greeting is sent");
    }
}
