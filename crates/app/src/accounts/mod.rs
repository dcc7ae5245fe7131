//! Users, namespaces, members, robots, access tokens and sessions: who there is, and what they were given.
//!
//! Every change is decided first, writes its line of the audit log in its own transaction, and makes the read model
//! forget what it changed before it answers. Secrets leave here once, when they are made. Called by the management API.

mod members;
mod names;
mod namespaces;
mod oidc;
mod passwords;
mod person;
mod robots;
mod sessions;
mod text;
mod tokens;
mod users;

pub use crate::access::SESSION_LIFETIME;
pub use members::Member;
pub(crate) use names::{check_reserved, parse_namespace_name};
pub use namespaces::Namespace;
pub(crate) use oidc::OidcDesk;
pub use oidc::{GroupRole, OidcReturn, OidcSettings};
pub(crate) use person::{find_limit, require_manager, require_person};
pub use robots::{NewRobot, Robot, RobotEdit};
pub use sessions::{Begun, Browser, Session};
pub(crate) use text::{check_line, check_prose};
pub use tokens::{NewToken, Token};
pub use users::{NewUser, OwnEdit, User, UserEdit};
