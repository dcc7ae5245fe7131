//! Accounts, namespaces, members, robots and tokens, made through the management API as an admin.

use serde_json::{Value, json};

use crate::{Answer, Login, Server, encode_segment};

/// A user with the password that the test knows.
#[derive(Debug, Clone)]
pub struct Person {
    /// Login name, and the name of the namespace that is theirs from the start.
    pub username: String,
    /// The password.
    pub password: String,
}

impl Person {
    /// Their credentials.
    pub fn login(&self) -> Login {
        Login::basic(&self.username, &self.password)
    }
}

/// Something with a secret that was shown once: a robot or a personal access token.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The body of the 201.
    pub created: Value,
    /// What to log in as.
    pub username: String,
    /// The secret.
    pub secret: String,
}

impl Secret {
    /// The credentials for Basic.
    pub fn login(&self) -> Login {
        Login::basic(&self.username, &self.secret)
    }

    /// The secret as a bearer token.
    pub fn bearer(&self) -> Login {
        Login::Bearer(self.secret.clone())
    }

    /// The id it was given.
    pub fn id(&self) -> &str {
        self.created["id"].as_str().expect("an id")
    }
}

impl Server {
    /// Signs somebody in at a browser.
    #[track_caller]
    pub fn sign_in(&self, username: &str, password: &str) -> Login {
        let body = json!({ "username": username, "password": password });
        let answer = self
            .api(&Login::Anonymous)
            .request(reqwest::Method::POST, "/session")
            .header("x-wharf-console", "1")
            .json(body)
            .send()
            .expect(200);
        Login::Session(read_session_cookie(&answer).expect("a session"))
    }

    /// Makes a user.
    #[track_caller]
    pub fn user(&self, username: &str) -> Person {
        let person = Person {
            username: username.to_owned(),
            password: format!("the password of {username}"),
        };
        let body = json!({ "username": person.username, "password": person.password });
        self.api(&self.admin()).post("/users", body).expect(201);
        person
    }

    /// Makes another admin.
    #[track_caller]
    pub fn another_admin(&self, username: &str) -> Person {
        let person = self.user(username);
        self.api(&self.admin())
            .patch(&format!("/users/{username}"), json!({ "admin": true }))
            .expect(200);
        person
    }

    /// Makes a namespace that belongs to the admin.
    #[track_caller]
    pub fn namespace(&self, name: &str) -> String {
        self.api(&self.admin())
            .post("/namespaces", json!({ "name": name }))
            .expect(201);
        name.to_owned()
    }

    /// Gives a person a role in a namespace, or another role than before.
    #[track_caller]
    pub fn member(&self, namespace: &str, person: &Person, role: &str) {
        let target = format!("/namespaces/{namespace}/members/{}", person.username);
        self.api(&self.admin())
            .put(&target, json!({ "role": role }))
            .expect_one_of(&[200, 201]);
    }

    /// Makes a robot, as `maker`.
    #[track_caller]
    pub fn robot_by(&self, maker: &Login, namespace: &str, name: &str, actions: &[&str]) -> Secret {
        let created = self
            .api(maker)
            .post(
                &format!("/namespaces/{namespace}/robots"),
                json!({ "name": name, "actions": actions }),
            )
            .expect(201)
            .json();
        Secret {
            username: format!("{namespace}+{name}"),
            secret: take_secret(&created),
            created,
        }
    }

    /// Makes a robot, as the admin.
    #[track_caller]
    pub fn robot(&self, namespace: &str, name: &str, actions: &[&str]) -> Secret {
        self.robot_by(&self.admin(), namespace, name, actions)
    }

    /// Makes a personal access token of this person.
    #[track_caller]
    pub fn token(&self, person: &Person, name: &str, actions: &[&str]) -> Secret {
        let created = self
            .api(&person.login())
            .post("/tokens", json!({ "name": name, "actions": actions }))
            .expect(201)
            .json();
        Secret {
            username: person.username.clone(),
            secret: take_secret(&created),
            created,
        }
    }

    /// Makes an empty repository.
    #[track_caller]
    pub fn create_repository(&self, name: &str, public: bool) {
        self.api(&self.admin())
            .post("/repositories", json!({ "name": name, "public": public }))
            .expect(201);
    }

    /// Makes a repository public or private.
    #[track_caller]
    pub fn set_visibility(&self, name: &str, public: bool) {
        self.api(&self.admin())
            .patch(
                &format!("/repositories/{}", encode_segment(name)),
                json!({ "public": public }),
            )
            .expect(200);
    }
}

/// The secret of the session that an answer sets; none when it sets no cookie, or an empty one.
pub fn read_session_cookie(answer: &Answer) -> Option<String> {
    let line = answer.find_header("set-cookie")?;
    let (_, value) = line.split(';').next()?.split_once('=')?;
    (!value.is_empty()).then(|| value.to_owned())
}

fn take_secret(created: &Value) -> String {
    created["secret"]
        .as_str()
        .expect("a secret, shown once")
        .to_owned()
}
