//! The OpenAPI document as a promise: a route, status, type or field it does not describe is a failure.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock},
};

use jsonschema::Validator;
use reqwest::Method;
use serde_json::Value;

use super::schema::close_schema;
use crate::{
    Answer, Server,
    http::{Outgoing, build_client, send},
};

/// The document's methods; other keys of a path item are not operations (OpenAPI 3.1, 4.8.9).
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// How many violations a failing test shows: the first ones say what is wrong.
const SHOWN_VIOLATIONS: usize = 12;

/// One route and method of the document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Operation {
    /// Upper case.
    pub method: String,
    /// The path template, below `/api/v1`.
    pub path: String,
}

/// The parsed document with the validators compiled so far.
pub struct Contract {
    document: Value,
    operations: Vec<Operation>,
    validators: Mutex<HashMap<String, Arc<Validator>>>,
}

impl Contract {
    /// The document of the program under test, fetched once per test process: all its servers run the same program.
    pub(super) fn load(server: &Server) -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let certificate = server.certificate().map(crate::server::Certificate::pem);
            let url = format!("{}/api/v1/openapi.json", server.url());
            let request = Outgoing::new(Method::GET, url);
            let authorization = server.admin().authorization();
            let answer = send(
                &build_client(certificate),
                &request,
                authorization.as_deref(),
            );
            Self::parse(answer.expect(200).json())
        })
    }

    fn parse(document: Value) -> Self {
        let version = document["openapi"].as_str().unwrap_or_default();
        assert!(
            version.starts_with("3.1."),
            "OpenAPI 3.1 was promised, not `{version}`"
        );
        let paths = document["paths"].as_object().expect("`paths`");
        let mut operations: Vec<Operation> = paths
            .iter()
            .flat_map(|(path, item)| {
                METHODS
                    .iter()
                    .filter(|method| item.get(**method).is_some())
                    .map(|method| Operation {
                        method: method.to_uppercase(),
                        path: strip_prefix(path).to_owned(),
                    })
            })
            .collect();
        operations.sort();
        assert!(
            !operations.is_empty(),
            "the document describes no operation"
        );
        Self {
            document,
            operations,
            validators: Mutex::default(),
        }
    }

    /// The document itself.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation that it describes.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Panics unless the document describes this answer; and, when the request succeeded, the body that was sent.
    #[track_caller]
    pub(super) fn check(&self, answer: &Answer, sent: Option<&Value>) {
        if let Err(problem) = self.find_problem(answer, sent) {
            panic!(
                "the OpenAPI document disagrees: {problem}\n{}",
                answer.describe()
            );
        }
    }

    fn find_problem(&self, answer: &Answer, sent: Option<&Value>) -> Result<(), String> {
        let operation = self
            .find_operation(answer)
            .ok_or("it has no such route and method")?;
        let description = self.describe_operation(operation);
        let place = format!("{} {}", operation.method, operation.path);

        let status = answer.status.as_str();
        let response = description["responses"]
            .get(status)
            .map(|response| self.resolve(response))
            .ok_or_else(|| format!("{place} does not describe status {status}"))?;
        match (response.get("content"), answer.find_header("content-type")) {
            (None, _) if answer.body.is_empty() => {}
            (None, _) => return Err(format!("{place} {status} describes no body")),
            (Some(_), None) => return Err(format!("{place} {status} came without a type")),
            (Some(content), Some(media_type)) => {
                let essence = media_type.split(';').next().unwrap_or_default().trim();
                let schema = content
                    .get(essence)
                    .ok_or_else(|| format!("{place} {status} does not describe `{essence}`"))?;
                let body = match essence.ends_with("json") {
                    true => serde_json::from_slice(&answer.body)
                        .map_err(|error| format!("{place} {status} is no JSON: {error}"))?,
                    // Another type is described as text.
                    false => Value::String(String::from_utf8_lossy(&answer.body).into_owned()),
                };
                self.validate(&format!("{place} {status}"), &schema["schema"], &body)?;
            }
        }

        if let Some(sent) = sent.filter(|_| answer.status.is_success()) {
            let schema = self.resolve(&description["requestBody"])["content"]["application/json"]
                .get("schema")
                .ok_or_else(|| format!("{place} takes a body that is not described"))?;
            self.validate(&format!("{place} request"), schema, sent)?;
        }
        Ok(())
    }

    fn describe_operation(&self, operation: &Operation) -> &Value {
        let method = operation.method.to_lowercase();
        let paths = &self.document["paths"];
        let prefixed = format!("/api/v1{}", operation.path);
        let item = paths.get(&prefixed).unwrap_or(&paths[&operation.path]);
        &item[&method]
    }

    /// A literal segment wins over a parameter, as in every router.
    fn find_operation(&self, answer: &Answer) -> Option<&Operation> {
        let url: url::Url = answer.url.parse().ok()?;
        let path = strip_prefix(url.path()).to_owned();
        self.operations
            .iter()
            .filter(|operation| {
                operation.method == answer.method.as_str() && matches(&operation.path, &path)
            })
            .min_by_key(|operation| operation.path.matches('{').count())
    }

    fn validate(&self, key: &str, schema: &Value, instance: &Value) -> Result<(), String> {
        let validator = self.compile(key, schema);
        let violations: Vec<String> = validator
            .iter_errors(instance)
            .take(SHOWN_VIOLATIONS)
            .map(|error| {
                let place = error.instance_path().to_string();
                let place = if place.is_empty() { "the body" } else { &place };
                format!("  {place}: {error}")
            })
            .collect();
        if violations.is_empty() {
            return Ok(());
        }
        Err(format!("{key}:\n{}", violations.join("\n")))
    }

    fn compile(&self, key: &str, schema: &Value) -> Arc<Validator> {
        let mut validators = self
            .validators
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        validators
            .entry(key.to_owned())
            .or_insert_with(|| {
                let closed = close_schema(schema, &self.document);
                let validator = jsonschema::draft202012::options()
                    .should_validate_formats(true)
                    .build(&closed)
                    .unwrap_or_else(|error| panic!("{key} has no usable schema: {error}"));
                Arc::new(validator)
            })
            .clone()
    }

    /// Follows one `$ref`, as responses and request bodies may be shared.
    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self
                .document
                .pointer(reference.trim_start_matches('#'))
                .unwrap_or_else(|| panic!("`{reference}` leads nowhere")),
            None => value,
        }
    }
}

fn strip_prefix(path: &str) -> &str {
    path.strip_prefix("/api/v1").unwrap_or(path)
}

/// Whether a path fits a template, segment by segment; parameters take one non-empty segment.
fn matches(template: &str, path: &str) -> bool {
    let mut wanted = template.split('/');
    let mut given = path.split('/');
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted == given => {}
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_takes_one_segment() {
        assert!(matches("/users/{username}", "/users/alice"));
        assert!(!matches("/users/{username}", "/users/alice/password"));
        assert!(!matches("/users/{username}", "/users/"));
        assert!(matches("/me", "/me"));
    }
}
