//! Words and JSON in columns of builds.

use crate::{DbError, DbErrorKind, FromValue, ToValue, Value};
use serde::{Serialize, de::DeserializeOwned};
use wharf_model::builds::{
    BuildCause, BuildOrigin, BuildPhase, BuildState, LogState, PushState, TrustClass,
};

macro_rules! word_columns {
    ($($type:ty),+ $(,)?) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::Text(self.as_str().into())
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value<'static>) -> Option<Self> {
                String::from_value(value)?.parse().ok()
            }
        }
    )+};
}
word_columns!(
    BuildCause,
    BuildOrigin,
    BuildPhase,
    BuildState,
    LogState,
    PushState,
    TrustClass
);

pub(super) fn read_json<T: DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| {
        DbError::new(
            DbErrorKind::Other,
            format!("read a JSON column of builds: {error}"),
        )
    })
}

pub(super) fn write_json<T: Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| {
        DbError::new(
            DbErrorKind::Other,
            format!("write a JSON column of builds: {error}"),
        )
    })
}
