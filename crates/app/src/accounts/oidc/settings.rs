//! What an operator says of the provider and of what its groups give.

use wharf_integrations::oidc::ProviderSettings;
use wharf_model::{NamespaceName, Role};

/// `[oidc]`.
#[derive(Debug, Clone)]
pub struct OidcSettings {
    /// What people call it.
    pub name: String,
    /// Where it is, and who we are there.
    pub provider: ProviderSettings,
    /// Nobody but people in one of these signs in this way; without any, whoever the provider knows.
    pub allowed_groups: Vec<String>,
    /// Whoever is in one of these administers; without any, administrators are made here.
    pub admin_groups: Vec<String>,
    /// What further groups give.
    pub roles: Vec<GroupRole>,
}

/// What one group gives in one namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRole {
    /// The group as the provider writes it.
    pub group: String,
    /// Where.
    pub namespace: NamespaceName,
    /// What.
    pub role: Role,
}

impl OidcSettings {
    /// Whether somebody of these groups may sign in.
    pub(super) fn admits(&self, groups: &[String]) -> bool {
        let among = |group: &String| groups.contains(group);
        self.allowed_groups.is_empty() || self.allowed_groups.iter().any(among)
    }

    /// Whether groups decide who may come in or what anybody may do.
    pub(super) fn reads_groups(&self) -> bool {
        !(self.allowed_groups.is_empty() && self.admin_groups.is_empty() && self.roles.is_empty())
    }

    /// Whether a mapping names this namespace: it is for whom the operator says, whether or not it is there yet.
    pub(crate) fn reserves(&self, namespace: &str) -> bool {
        let mut named = self.roles.iter();
        named.any(|mapped| mapped.namespace.as_str() == namespace)
    }

    /// Whether these groups make an administrator; none where groups do not decide that.
    pub(super) fn is_admin(&self, groups: &[String]) -> Option<bool> {
        let among = |group: &String| groups.contains(group);
        (!self.admin_groups.is_empty()).then(|| self.admin_groups.iter().any(among))
    }

    /// What these groups give in each namespace that a mapping names: the highest of several, or nothing.
    pub(super) fn list_roles(&self, groups: &[String]) -> Vec<(NamespaceName, Option<Role>)> {
        let mut found: Vec<(NamespaceName, Option<Role>)> = Vec::new();
        for mapped in &self.roles {
            let given = groups.contains(&mapped.group).then_some(mapped.role);
            match found.iter_mut().find(|(name, _)| *name == mapped.namespace) {
                Some((_, role)) => *role = (*role).max(given),
                None => found.push((mapped.namespace.clone(), given)),
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(admin_groups: &[&str]) -> OidcSettings {
        let role = |group: &str, namespace: &str, role| GroupRole {
            group: group.into(),
            namespace: namespace.parse().unwrap(),
            role,
        };
        OidcSettings {
            name: "Example".into(),
            provider: ProviderSettings {
                issuer: "https://id.example".into(),
                client_id: "wharf".into(),
                client_secret: None,
                scopes: Vec::new(),
                groups_claim: "groups".into(),
            },
            allowed_groups: Vec::new(),
            admin_groups: admin_groups
                .iter()
                .map(|group| (*group).to_owned())
                .collect(),
            roles: vec![
                role("dev", "shop", Role::Developer),
                role("leads", "shop", Role::Owner),
                role("dev", "tools", Role::Reader),
            ],
        }
    }

    #[test]
    fn the_highest_of_several_groups_counts_and_a_mapped_namespace_is_never_left_open() {
        let give = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            let roles = settings(&[]).list_roles(&groups);
            let show = |(name, role): (NamespaceName, Option<Role>)| (name.to_string(), role);
            roles.into_iter().map(show).collect::<Vec<_>>()
        };
        let expect = |shop, tools| vec![("shop".to_owned(), shop), ("tools".to_owned(), tools)];
        let both = expect(Some(Role::Owner), Some(Role::Reader));
        assert_eq!(give(&["leads", "dev"]), both);
        assert_eq!(
            give(&["dev"]),
            expect(Some(Role::Developer), Some(Role::Reader))
        );
        assert_eq!(give(&["DEV"]), expect(None, None));
    }

    #[test]
    fn a_namespace_that_a_mapping_names_is_nobodys_to_take() {
        let settings = settings(&[]);
        assert!(settings.reserves("shop") && settings.reserves("tools"));
        assert!(!settings.reserves("shops"));
    }

    #[test]
    fn everybody_signs_in_unless_groups_are_named() {
        let groups = |group: &str| [group.to_owned()];
        let mut settings = settings(&[]);
        assert!(settings.admits(&[]));
        settings.allowed_groups = groups("staff").to_vec();
        assert!(settings.admits(&groups("staff")));
        assert!(!settings.admits(&groups("Staff")));
        assert!(!settings.admits(&[]));
    }

    #[test]
    fn groups_decide_about_administrators_only_where_some_are_named() {
        let groups = ["ops".to_owned()];
        assert_eq!(settings(&[]).is_admin(&groups), None);
        assert_eq!(settings(&["ops"]).is_admin(&groups), Some(true));
        assert_eq!(settings(&["others"]).is_admin(&groups), Some(false));
    }
}
