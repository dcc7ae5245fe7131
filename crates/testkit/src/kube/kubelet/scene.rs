//! What containers are told to do.

use serde_json::Value;

/// What a container does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// Runs and is ready; one of a job ends with 0.
    Runs,
    /// Stays in `ContainerCreating`, as on a node that is busy, until another scene frees it.
    Waits,
    /// Runs, and its readiness probe fails.
    NeverReady,
    /// Its image cannot be pulled: `ErrImagePull`, then `ImagePullBackOff`.
    NotPulled,
    /// Ends with 1 as soon as it runs: `CrashLoopBackOff`; one of a job fails.
    Crashes,
}

/// Which containers of a namespace do what.
#[derive(Debug, Clone)]
pub struct Scene {
    namespace: String,
    container: Option<String>,
    image: Option<String>,
    behavior: Behavior,
}

impl Scene {
    /// Every container of `namespace`.
    pub fn new(namespace: &str, behavior: Behavior) -> Self {
        Self {
            namespace: namespace.to_owned(),
            container: None,
            image: None,
            behavior,
        }
    }

    /// Only those of this name.
    #[must_use]
    pub fn container(mut self, name: &str) -> Self {
        self.container = Some(name.to_owned());
        self
    }

    /// Only those whose image's reference has `part` in it.
    #[must_use]
    pub fn image(mut self, part: &str) -> Self {
        self.image = Some(part.to_owned());
        self
    }

    fn is_about(&self, namespace: &str, name: &str, image: &str) -> bool {
        self.namespace == namespace
            && self.container.as_deref().is_none_or(|it| it == name)
            && self.image.as_deref().is_none_or(|it| image.contains(it))
    }
}

/// What a container of a pod does: the newest scene about it counts.
pub(super) fn find_behavior(scenes: &[Scene], namespace: &str, container: &Value) -> Behavior {
    let text = |field: &str| container[field].as_str().unwrap_or_default();
    let (name, image) = (text("name"), text("image"));
    let told = scenes.iter().rev();
    let mut told = told.filter(|scene| scene.is_about(namespace, name, image));
    match told.next() {
        Some(scene) => scene.behavior,
        None if is_from_nowhere(image) => Behavior::NotPulled,
        None => Behavior::Runs,
    }
}

fn is_from_nowhere(image: &str) -> bool {
    let (host, _) = image.split_once('/').unwrap_or(("", image));
    let (host, _) = host.split_once(':').unwrap_or((host, ""));
    host.ends_with(".invalid")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_scene_about_a_container_counts_and_images_from_nowhere_are_not_pulled() {
        let scenes = [
            Scene::new("a", Behavior::Crashes).image(":2"),
            Scene::new("a", Behavior::Waits).container("web"),
        ];
        let find = |namespace, name, image| {
            find_behavior(&scenes, namespace, &json!({ "name": name, "image": image }))
        };
        assert_eq!(find("a", "web", "registry/app:2"), Behavior::Waits);
        assert_eq!(find("a", "job", "registry/app:2"), Behavior::Crashes);
        assert_eq!(find("b", "web", "registry/app:2"), Behavior::Runs);
        assert_eq!(find("b", "web", "x.invalid:80/app"), Behavior::NotPulled);
    }
}
