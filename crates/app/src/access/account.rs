//! Accounts as decisions see them: loaded once, remembered until they change.

use crate::{App, Error};
use std::{collections::HashMap, fmt, str::FromStr, sync::Arc};
use wharf_db::accounts;
use wharf_model::{NamespaceId, RobotId, Role, Sponsor, Timestamp, UserId};

/// A person or a robot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum AccountKey {
    /// A person.
    User(UserId),
    /// A robot.
    Robot(RobotId),
}

impl fmt::Display for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => write!(f, "user:{id}"),
            Self::Robot(id) => write!(f, "robot:{id}"),
        }
    }
}

impl FromStr for AccountKey {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(':') {
            Some(("user", id)) => id.parse().map(Self::User).map_err(drop),
            Some(("robot", id)) => id.parse().map(Self::Robot).map_err(drop),
            _ => Err(()),
        }
    }
}

/// What decisions need to know of an account.
#[derive(Debug)]
pub(crate) struct Account {
    /// The login name.
    pub(crate) name: Arc<str>,
    /// Every change adds one; credentials remembered under an older one are dead.
    pub(crate) version: i64,
    /// Whether it administers the installation.
    pub(crate) admin: bool,
    /// Whether it may not sign in at the moment.
    pub(crate) disabled: bool,
    /// When it ends.
    pub(crate) expires_at: Option<Timestamp>,
    /// Its roles.
    pub(crate) roles: Arc<HashMap<NamespaceId, Role>>,
    /// Who stands behind a robot, as of when it was loaded.
    pub(crate) sponsor: Option<Sponsor>,
}

impl App {
    /// The account, if it exists.
    pub(crate) async fn find_account(
        &self,
        key: AccountKey,
    ) -> Result<Option<Arc<Account>>, Error> {
        let load = self.db.look_up(move |tx| match key {
            AccountKey::User(id) => Ok::<_, Error>(accounts::find_user(tx, id)?.map(of_user)),
            AccountKey::Robot(id) => Ok(accounts::find_robot(tx, id)?.map(of_robot)),
        });
        let load = async { Ok(load.await?.map(Arc::new)) };
        self.memory.accounts.get_or_load(&key, load).await
    }

    /// The account at `version` or later, for who read that version in a row: what is remembered may be about to be
    /// forgotten.
    pub(crate) async fn find_account_since(
        &self,
        key: AccountKey,
        version: i64,
    ) -> Result<Option<Arc<Account>>, Error> {
        match self.find_account(key).await? {
            Some(account) if account.version < version => {
                self.memory.accounts.forget(&key);
                self.find_account(key).await
            }
            found => Ok(found),
        }
    }
}

fn of_user(user: accounts::UserAccount) -> Account {
    Account {
        name: user.username.as_str().into(),
        version: user.version,
        admin: user.admin,
        disabled: user.disabled,
        expires_at: None,
        roles: Arc::new(user.roles.into_iter().collect()),
        sponsor: None,
    }
}

/// A robot acts as a maintainer of its namespace, within the actions that its credential carries.
fn of_robot(robot: accounts::RobotAccount) -> Account {
    Account {
        name: robot.login.into(),
        version: robot.version,
        admin: false,
        disabled: robot.disabled,
        expires_at: robot.expires_at,
        roles: Arc::new(HashMap::from([(robot.namespace, Role::Maintainer)])),
        sponsor: Some(robot.sponsor),
    }
}
