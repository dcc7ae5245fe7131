//! Values that travel between Rust and both databases.

use postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use std::{borrow::Cow, error::Error};

/// A parameter or a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// NULL.
    Null,
    /// BIGINT.
    Int(i64),
    /// BOOLEAN; SQLite keeps it as 0 and 1.
    Bool(bool),
    /// TEXT.
    Text(Cow<'a, str>),
    /// BLOB, BYTEA.
    Bytes(Cow<'a, [u8]>),
}

impl Value<'_> {
    /// The same value, which owns its text.
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Value::Text(text) => Value::Text(text.into_owned().into()),
            Value::Bytes(bytes) => Value::Bytes(bytes.into_owned().into()),
            Value::Int(number) => Value::Int(number),
            Value::Bool(flag) => Value::Bool(flag),
            Value::Null => Value::Null,
        }
    }
}

/// Something that can be a parameter.
pub trait ToValue {
    /// The value to bind, borrowed where possible.
    fn to_value(&self) -> Value<'_>;
}

/// Something that can be read from a column.
pub trait FromValue: Sized {
    /// The column's value; `None` when it has another form.
    fn from_value(value: Value<'static>) -> Option<Self>;
}

impl ToSql for Value<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Bool(value) => value.to_sql(ty, out),
            Value::Text(value) => value.as_ref().to_sql(ty, out),
            Value::Bytes(value) => value.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::INT8 | Type::BOOL | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

macro_rules! plain {
    ($($type:ty: $variant:ident),+ $(,)?) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::$variant((*self).into())
            }
        }
    )+};
}
plain!(i64: Int, i32: Int, u32: Int, bool: Bool, &str: Text, &[u8]: Bytes);

impl ToValue for String {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str().into())
    }
}

impl ToValue for std::sync::Arc<str> {
    fn to_value(&self) -> Value<'_> {
        Value::Text((**self).into())
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value<'_> {
        Value::Bytes(self.as_slice().into())
    }
}

impl ToValue for u64 {
    fn to_value(&self) -> Value<'_> {
        // Sizes and counts beyond 2^63 do not occur; a wrong one is stored as the largest.
        Value::Int(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl ToValue for usize {
    fn to_value(&self) -> Value<'_> {
        Value::Int(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value<'_> {
        (**self).to_value()
    }
}

impl FromValue for i64 {
    fn from_value(value: Value<'static>) -> Option<Self> {
        match value {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }
}

impl FromValue for u64 {
    fn from_value(value: Value<'static>) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for u32 {
    fn from_value(value: Value<'static>) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

impl FromValue for bool {
    fn from_value(value: Value<'static>) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(value),
            Value::Int(value) => Some(value != 0),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value<'static>) -> Option<Self> {
        match value {
            Value::Text(value) => Some(value.into_owned()),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value<'static>) -> Option<Self> {
        match value {
            Value::Bytes(value) => Some(value.into_owned()),
            _ => None,
        }
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value<'static>) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

/// Types that are text in rows.
macro_rules! text {
    ($($type:ty),+ $(,)?) => {$(
        impl ToValue for $type {
            fn to_value(&self) -> Value<'_> {
                Value::Text(self.to_string().into())
            }
        }

        impl FromValue for $type {
            fn from_value(value: Value<'static>) -> Option<Self> {
                match value {
                    Value::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )+};
}
text!(
    wharf_model::UserId,
    wharf_model::NamespaceId,
    wharf_model::RepositoryId,
    wharf_model::RobotId,
    wharf_model::TokenId,
    wharf_model::SessionId,
    wharf_model::UploadKey,
    wharf_model::EventId,
    wharf_model::AuditId,
    wharf_model::RuleId,
    wharf_model::DecisionId,
    wharf_model::LinkId,
    wharf_model::TriggerUrlId,
    wharf_model::ContextId,
    wharf_model::BuildId,
    wharf_model::BuildPushId,
    wharf_model::builds::CommitId,
    wharf_model::builds::RefName,
    wharf_model::SourceId,
    wharf_model::DeviceLoginId,
    wharf_model::CredentialId,
    wharf_model::WebhookId,
    wharf_model::DeliveryId,
    wharf_model::RemovalId,
    wharf_model::TriggerId,
    wharf_model::ActionId,
    wharf_model::TriggerDeliveryId,
    wharf_model::ClusterId,
    wharf_model::GrantId,
    wharf_model::triggers::ActionKind,
    wharf_model::triggers::ActionState,
    wharf_model::triggers::ClusterMethod,
    wharf_model::triggers::ConditionKind,
    wharf_model::triggers::DeliveryState,
    wharf_model::triggers::EventKind,
    wharf_model::triggers::TriggerName,
    wharf_model::SourceKind,
    wharf_model::SourceMethod,
    wharf_model::SourceAddress,
    wharf_model::HostKeyOrigin,
    wharf_model::RemotePath,
    wharf_model::Role,
    wharf_model::Actions,
    wharf_model::Username,
    wharf_model::NamespaceName,
    wharf_model::RobotName,
    wharf_oci::Digest,
    wharf_oci::RepositoryName,
    wharf_oci::Tag,
);

impl ToValue for wharf_oci::Algorithm {
    fn to_value(&self) -> Value<'_> {
        Value::Text(self.as_str().into())
    }
}

impl FromValue for wharf_oci::Algorithm {
    fn from_value(value: Value<'static>) -> Option<Self> {
        String::from_value(value).and_then(|name| Self::parse(&name))
    }
}

impl ToValue for wharf_model::Timestamp {
    fn to_value(&self) -> Value<'_> {
        Value::Int(self.as_micros())
    }
}

impl FromValue for wharf_model::Timestamp {
    fn from_value(value: Value<'static>) -> Option<Self> {
        i64::from_value(value).map(Self::from_micros)
    }
}

/// The parameters of a statement, in the order of their numbers.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::ToValue::to_value(&$value)),*] };
}
