//! Values that several resources share, as JSON has them.

use jiff::Timestamp as Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::borrow::Cow;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        ObjectBuilder, RefOr,
        schema::{Schema, Type},
    },
};
use wharf_model::{Actions, AuditAction, Caller, NamespaceId, Role, Timestamp, Verb};

/// How an error of a field's own reader begins when the rest of it is a key of the message catalogue (`reason.…`).
pub(super) const REASON: &str = "reason:";

/// A moment as JSON has it: RFC 3339, UTC.
pub(crate) fn show_time(at: Timestamp) -> Time {
    // Only a clock that is wrong by ten thousand years is out of range.
    Time::from_microsecond(at.as_micros()).unwrap_or(Time::UNIX_EPOCH)
}

/// A moment that a client wrote.
pub(super) fn read_time(time: Time) -> Timestamp {
    Timestamp::from_micros(time.as_microsecond())
}

/// Reads an RFC 3339 time, or `null`.
pub(super) fn read_optional_time<'de, D>(deserializer: D) -> Result<Option<Time>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse_time(&text)).transpose()
}

/// Reads the time in a parameter, where an empty one is none.
pub(super) fn read_time_parameter<'de, D>(deserializer: D) -> Result<Option<Time>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| parse_time(&text)).transpose()
}

fn parse_time<E: serde::de::Error>(text: &str) -> Result<Time, E> {
    text.parse()
        .map_err(|_| E::custom(format!("{REASON}not_a_time")))
}

/// The same where `null` is a value of its own: a field that is there and says "never".
pub(super) fn read_given_time<'de, D>(deserializer: D) -> Result<Option<Option<Time>>, D::Error>
where
    D: Deserializer<'de>,
{
    read_optional_time(deserializer).map(Some)
}

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChosenLanguage {
    En,
    Zh,
}

impl ChosenLanguage {
    /// Its tag, as the account keeps it.
    pub(super) fn as_tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }

    /// The language that an account keeps; none when nobody chose one.
    pub(super) fn from_tag(tag: &str) -> Option<Self> {
        [Self::En, Self::Zh]
            .into_iter()
            .find(|language| language.as_tag() == tag)
    }
}

/// A member's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum MemberRole {
    Reader,
    Developer,
    Maintainer,
    Owner,
}

impl From<Role> for MemberRole {
    fn from(role: Role) -> Self {
        match role {
            Role::Reader => Self::Reader,
            Role::Developer => Self::Developer,
            Role::Maintainer => Self::Maintainer,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<MemberRole> for Role {
    fn from(role: MemberRole) -> Self {
        match role {
            MemberRole::Reader => Self::Reader,
            MemberRole::Developer => Self::Developer,
            MemberRole::Maintainer => Self::Maintainer,
            MemberRole::Owner => Self::Owner,
        }
    }
}

/// What the caller is to a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum CallerRole {
    Reader,
    Developer,
    Maintainer,
    Owner,
    /// An administrator of the installation.
    Admin,
}

impl CallerRole {
    /// What `caller` is to the namespace, if anything.
    pub(super) fn of(caller: &Caller, namespace: NamespaceId) -> Option<Self> {
        if caller.admin {
            return Some(Self::Admin);
        }
        Some(match caller.role(namespace)? {
            Role::Reader => Self::Reader,
            Role::Developer => Self::Developer,
            Role::Maintainer => Self::Maintainer,
            Role::Owner => Self::Owner,
        })
    }
}

/// Something that the caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShownVerb(Verb);

impl ShownVerb {
    /// Verbs as an answer lists them.
    pub(super) fn list(verbs: Vec<Verb>) -> Vec<Self> {
        verbs.into_iter().map(Self).collect()
    }

    /// As a list is asked for by it.
    pub(super) fn get(self) -> Verb {
        self.0
    }
}

impl<'de> Deserialize<'de> for ShownVerb {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let verb = Verb::ALL.into_iter().find(|verb| verb.as_str() == text);
        verb.map(Self)
            .ok_or_else(|| D::Error::custom(format!("unknown variant `{text}`")))
    }
}

impl Serialize for ShownVerb {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl PartialSchema for ShownVerb {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Verb::ALL.map(Verb::as_str)))
            .description(Some("Something that the caller may do."))
            .into()
    }
}

impl ToSchema for ShownVerb {
    fn name() -> Cow<'static, str> {
        "Verb".into()
    }
}

/// What the audit log has lines about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShownAuditAction(AuditAction);

impl ShownAuditAction {
    /// As the log is asked for it.
    pub(super) fn get(self) -> AuditAction {
        self.0
    }
}

impl<'de> Deserialize<'de> for ShownAuditAction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let action = text.parse::<AuditAction>().map(Self);
        action.map_err(|_| D::Error::custom(format!("unknown variant `{text}`")))
    }
}

impl PartialSchema for ShownAuditAction {
    fn schema() -> RefOr<Schema> {
        let words = AuditAction::ALL.iter().map(|action| action.as_str());
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(words))
            .description(Some("What was done, as `resource.verb`."))
            .into()
    }
}

impl ToSchema for ShownAuditAction {
    fn name() -> Cow<'static, str> {
        "AuditAction".into()
    }
}

/// What a robot may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) enum RobotAction {
    #[serde(rename = "pull")]
    Pull,
    #[serde(rename = "push")]
    Push,
    #[serde(rename = "delete")]
    Delete,
    #[serde(rename = "build:start")]
    BuildStart,
    #[serde(rename = "trigger:run")]
    TriggerRun,
}

impl RobotAction {
    const ALL: [(Self, Actions); 5] = [
        (Self::Pull, Actions::PULL),
        (Self::Push, Actions::PUSH),
        (Self::Delete, Actions::DELETE),
        (Self::BuildStart, Actions::BUILD_START),
        (Self::TriggerRun, Actions::TRIGGER_RUN),
    ];

    /// The set as a list.
    pub(super) fn list(actions: Actions) -> Vec<Self> {
        let known = Self::ALL.into_iter();
        known
            .filter(|(_, action)| actions.contains(*action))
            .map(|(word, _)| word)
            .collect()
    }

    /// The list as a set.
    pub(super) fn collect(list: &[Self]) -> Actions {
        let known = Self::ALL.into_iter();
        known
            .filter(|(word, _)| list.contains(word))
            .fold(Actions::NONE, |all, (_, action)| all.with(action))
    }
}

/// What a personal access token may carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(super) enum TokenAction {
    #[serde(rename = "pull")]
    Pull,
    #[serde(rename = "push")]
    Push,
    #[serde(rename = "delete")]
    Delete,
    #[serde(rename = "build:start")]
    BuildStart,
    #[serde(rename = "trigger:run")]
    TriggerRun,
    /// Everything else in this API that its owner may do.
    #[serde(rename = "admin")]
    Admin,
}

impl TokenAction {
    const ALL: [(Self, Actions); 6] = [
        (Self::Pull, Actions::PULL),
        (Self::Push, Actions::PUSH),
        (Self::Delete, Actions::DELETE),
        (Self::BuildStart, Actions::BUILD_START),
        (Self::TriggerRun, Actions::TRIGGER_RUN),
        (Self::Admin, Actions::ADMIN),
    ];

    /// The set as a list.
    pub(super) fn list(actions: Actions) -> Vec<Self> {
        let known = Self::ALL.into_iter();
        known
            .filter(|(_, action)| actions.contains(*action))
            .map(|(word, _)| word)
            .collect()
    }

    /// The list as a set.
    pub(super) fn collect(list: &[Self]) -> Actions {
        let known = Self::ALL.into_iter();
        known
            .filter(|(word, _)| list.contains(word))
            .fold(Actions::NONE, |all, (_, action)| all.with(action))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_the_words_of_the_model() {
        let words = |value: serde_json::Value| -> String {
            let list = value.as_array().unwrap().iter();
            let words: Vec<_> = list.map(|word| word.as_str().unwrap()).collect();
            words.join(",")
        };
        let all = TokenAction::list(Actions::ALL);
        assert_eq!(words(serde_json::json!(all)), Actions::ALL.to_string());
        assert_eq!(TokenAction::collect(&all), Actions::ALL);
        let robot = RobotAction::list(Actions::ALL);
        assert!(
            Actions::ALL
                .to_string()
                .starts_with(&words(serde_json::json!(robot)))
        );
        assert!(!RobotAction::collect(&robot).contains(Actions::ADMIN));
    }

    #[test]
    fn roles_are_the_words_of_the_model() {
        for role in Role::ALL {
            let word = serde_json::json!(MemberRole::from(role));
            assert_eq!(word, role.as_str());
            assert_eq!(Role::from(MemberRole::from(role)), role);
        }
    }

    #[test]
    fn a_time_is_shown_in_utc_and_read_with_any_offset() {
        let shown = show_time(Timestamp::from_micros(1_900_000_000_000_001));
        assert_eq!(shown.to_string(), "2030-03-17T17:46:40.000001Z");
        let read: Time = "2030-03-17T19:46:40.000001+02:00".parse().unwrap();
        assert_eq!(
            read_time(read),
            Timestamp::from_micros(1_900_000_000_000_001)
        );
    }
}
