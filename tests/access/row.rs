//! One line of the matrix: a route, the right it asks for, what it needs to be there, and the request.

use wharf_testkit::{Answer, ApiClient, Person, RegistryClient, encode_segment};

use crate::{principal::Principal, rights::Right, world::World};

/// A route with everything needed to try it as anybody.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    /// `METHOD /path/{}` of the OpenAPI document, or the name of an operation of `/v2`.
    pub(crate) operation: &'static str,
    /// What makes this row different from others of the same operation.
    pub(crate) note: &'static str,
    pub(crate) right: Right,
    /// The status of success.
    pub(crate) success: u16,
    /// Makes what the request is about.
    pub(crate) prepare: fn(&World, bool) -> Scene,
    /// Sends the request.
    pub(crate) act: fn(&Attempt<'_>) -> Answer,
    /// Whether success uses up what was prepared.
    pub(crate) consumes: bool,
}

impl Row {
    /// A row whose success leaves everything as it is, on nothing that has to be prepared.
    pub(crate) const fn new(
        operation: &'static str,
        right: Right,
        success: u16,
        act: fn(&Attempt<'_>) -> Answer,
    ) -> Self {
        Self {
            operation,
            note: "",
            right,
            success,
            prepare: |_, _| Scene::default(),
            act,
            consumes: false,
        }
    }

    pub(crate) const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }

    pub(crate) const fn on(mut self, prepare: fn(&World, bool) -> Scene) -> Self {
        self.prepare = prepare;
        self
    }

    pub(crate) const fn consuming(mut self) -> Self {
        self.consumes = true;
        self
    }
}

/// What a request is about; a row uses the fields that it filled.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scene {
    pub(crate) namespace: String,
    pub(crate) repository: String,
    pub(crate) manifest: String,
    pub(crate) blob: String,
    pub(crate) config: String,
    /// A user, robot, member or session.
    pub(crate) name: String,
}

impl Scene {
    /// A repository of the matrix's namespace with an image in it.
    pub(crate) fn with_image(world: &World, public: bool) -> Self {
        let (repository, image) = world.push_image(public);
        Self {
            namespace: world.namespace.clone(),
            repository: repository.name().to_owned(),
            manifest: image.digest(),
            blob: image.layers[0].digest(),
            config: image.config.digest(),
            name: String::new(),
        }
    }

    /// The matrix's namespace alone.
    pub(crate) fn with_namespace(world: &World, _: bool) -> Self {
        Self {
            namespace: world.namespace.clone(),
            ..Self::default()
        }
    }
}

/// One request being tried.
pub(crate) struct Attempt<'a> {
    pub(crate) world: &'a World,
    pub(crate) principal: Principal,
    pub(crate) scene: &'a Scene,
    pub(crate) registry: &'a RegistryClient,
    pub(crate) api: &'a ApiClient,
}

impl Attempt<'_> {
    /// The repository of the scene as the caller sees it.
    pub(crate) fn repository(&self) -> wharf_testkit::Repository {
        self.registry.repository(&self.scene.repository)
    }

    /// `/repositories/NAME` and what follows.
    pub(crate) fn repository_path(&self, rest: &str) -> String {
        format!(
            "/repositories/{}{rest}",
            encode_segment(&self.scene.repository)
        )
    }

    /// `/namespaces/NAME` and what follows.
    pub(crate) fn namespace_path(&self, rest: &str) -> String {
        format!("/namespaces/{}{rest}", self.scene.namespace)
    }

    /// The person behind the caller; somebody made up where there is none, who must be refused anyway.
    pub(crate) fn person(&self) -> Person {
        self.world
            .person(self.principal)
            .cloned()
            .unwrap_or(Person {
                username: "nobody".into(),
                password: "no password at all".into(),
            })
    }

    /// Whether the caller has an account of a person, with the password.
    pub(crate) fn has_person(&self) -> bool {
        self.principal.is_person()
    }
}
