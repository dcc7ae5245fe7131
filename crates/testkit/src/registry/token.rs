//! Challenges and what is asked of the token service.

use url::Url;

use crate::Answer;

/// What `WWW-Authenticate: Bearer …` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// Where tokens are made.
    pub realm: String,
    /// Whom they are for.
    pub service: String,
    /// What is missing; none for a bare login.
    pub scope: Option<String>,
    /// `insufficient_scope` or `invalid_token`, when there is an error to tell (RFC 6750, 3).
    pub error: Option<String>,
}

impl Challenge {
    /// The challenge of a 401; none when the answer is another one.
    pub fn find(answer: &Answer) -> Option<Self> {
        if answer.status != 401 {
            return None;
        }
        let text = answer.find_header("www-authenticate")?;
        let parameters = text.strip_prefix("Bearer ")?;
        let find = |name: &str| {
            let start = parameters.find(&format!("{name}=\""))? + name.len() + 2;
            let length = parameters[start..].find('"')?;
            Some(parameters[start..start + length].to_owned())
        };
        Some(Self {
            realm: find("realm")?,
            service: find("service")?,
            scope: find("scope"),
            error: find("error"),
        })
    }

    /// The URL that docker asks for this challenge: one `scope` per space-separated part.
    pub fn token_url(&self) -> String {
        let mut url: Url = self.realm.parse().expect("a realm is a URL");
        let mut query = url.query_pairs_mut();
        query.append_pair("service", &self.service);
        for scope in self.scope.iter().flat_map(|scope| scope.split(' ')) {
            query.append_pair("scope", scope);
        }
        drop(query);
        url.into()
    }
}

/// A request to `/auth/token`.
#[derive(Debug, Clone, Default)]
pub struct TokenRequest {
    service: Option<String>,
    scopes: Vec<String>,
    extra: Vec<(String, String)>,
}

impl TokenRequest {
    /// For the service of this name.
    pub fn service(mut self, service: &str) -> Self {
        self.service = Some(service.to_owned());
        self
    }

    /// Asks for `repository:NAME:ACTIONS`.
    pub fn repository(self, name: &str, actions: &str) -> Self {
        self.scope(&format!("repository:{name}:{actions}"))
    }

    /// Asks for a scope as it stands.
    pub fn scope(mut self, scope: &str) -> Self {
        self.scopes.push(scope.to_owned());
        self
    }

    /// Adds another parameter (`offline_token`, `client_id`, `account`).
    pub fn parameter(mut self, name: &str, value: &str) -> Self {
        self.extra.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn target(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if let Some(service) = &self.service {
            query.append_pair("service", service);
        }
        for scope in &self.scopes {
            query.append_pair("scope", scope);
        }
        for (name, value) in &self.extra {
            query.append_pair(name, value);
        }
        format!("/auth/token?{}", query.finish())
    }
}
