//! Flags of `docker buildx build` as arguments of `buildctl build`.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::super::flags::split_flags;
use super::super::{Output, Request};
use super::sources::name_context;

/// What the flags of a request come to.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// Arguments for `buildctl build`.
    pub(super) arguments: Vec<String>,
    /// `-f`.
    pub(super) file: Option<String>,
    tags: Vec<String>,
    attributes: Vec<String>,
}

impl Options {
    /// Translates the flags of `request`.
    ///
    /// # Errors
    /// A flag is unknown here.
    pub(super) fn read(request: &Request) -> Result<Self> {
        let mut options = Self::default();
        let mut lists: [(&str, Vec<String>); 4] =
            ["no-cache", "add-hosts", "ulimit", "platform"].map(|name| (name, Vec::new()));
        for (name, value) in split_flags(&request.flags) {
            match name.as_str() {
                "-f" => options.file = Some(value),
                "-t" => options.tags.push(value),
                "--no-cache-filter" => lists[0].1.push(value),
                "--add-host" => lists[1].1.push(join_host(&value)),
                "--ulimit" => lists[2].1.push(value),
                "--platform" => lists[3].1.push(value),
                "--annotation" => options.attributes.push(name_annotation(&value)),
                "--no-cache" => options.arguments.push(name),
                "--secret" | "--ssh" | "--allow" => options.arguments.extend([name, value]),
                "--build-context" => options.arguments.extend(name_context(&value)?),
                "--push" => {}
                _ => {
                    if let Some(option) = name_option(&name, &value, request)? {
                        options.add(option);
                    }
                }
            }
        }
        for (name, values) in lists {
            if !values.is_empty() {
                options.add(format!("{name}={}", values.join(",")));
            }
        }
        Ok(options)
    }

    fn add(&mut self, option: String) {
        self.arguments.extend(["--opt".to_owned(), option]);
    }

    /// Arguments for where the result goes.
    pub(super) fn name_output(&self, output: &Output) -> Vec<String> {
        let mut more = String::new();
        if !self.tags.is_empty() {
            more = format!(",\"name={}\"", self.tags.join(","));
        }
        for attribute in &self.attributes {
            more.push_str(&format!(",\"{attribute}\""));
        }
        let written = match output {
            Output::Local { attributes, dest } => {
                let dest: &PathBuf = dest;
                format!("{attributes}{more},dest={}", dest.display())
            }
            Output::Push => format!("type=image,push=true{more}"),
            Output::Printed | Output::Cache => return Vec::new(),
        };
        vec!["--output".to_owned(), written]
    }
}

fn name_option(name: &str, value: &str, request: &Request) -> Result<Option<String>> {
    Ok(Some(match name {
        // Without a value, the client's own variable is given, if there is one.
        "--build-arg" => match (value.contains('='), request.env.get(value)) {
            (true, _) => format!("build-arg:{value}"),
            (false, Some(own)) => format!("build-arg:{value}={own}"),
            (false, None) => return Ok(None),
        },
        "--label" => format!("label:{value}"),
        "--target" => format!("target={value}"),
        "--network" => format!("force-network-mode={value}"),
        "--shm-size" => format!("shm-size={}", count_bytes(value)),
        "--cgroup-parent" => format!("cgroup-parent={value}"),
        "--pull" => "image-resolve-mode=pull".to_owned(),
        "--check" => "requestid=frontend.lint".to_owned(),
        "--call" => format!("requestid=frontend.{}", value.replace("check", "lint")),
        other => bail!("no option of the frontend is known for {other}"),
    }))
}

/// `host:address` as the frontend takes it.
fn join_host(value: &str) -> String {
    if value.contains('=') {
        value.to_owned()
    } else {
        value.replacen(':', "=", 1)
    }
}

/// `index:key=value` goes to that level; the daemon calls the levels `annotation-index.key`.
fn name_annotation(value: &str) -> String {
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
    for (unit, shift) in [("k", 10), ("m", 20), ("g", 30)] {
        if let Some(Ok(number)) = size.strip_suffix(unit).map(str::parse::<u64>) {
            return (number << shift).to_string();
        }
    }
    size.to_owned()
}
