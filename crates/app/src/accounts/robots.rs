//! Robots: accounts of a namespace for machines, with chosen actions and never more than their maker has.

use super::{check_line, names::parse_robot_name};
use crate::{
    App, Context, Error, Listed, PageRequest,
    access::{AccountKey, ROBOT_PREFIX, Secret},
    audit::record_audit,
};
use serde_json::json;
use wharf_db::{Durability, namespaces, robots};
use wharf_model::{
    Action, Actions, AuditAction, Caller, Granted, RobotId, RobotName, Timestamp,
    rights::ManageRobots,
};

pub use wharf_db::robots::{Robot, RobotEdit};

/// Most robots of one namespace: more than anybody keeps an eye on, few enough to list.
const MAX_ROBOTS: u64 = 1000;

/// Longest description.
const MAX_DESCRIPTION: usize = 200;

/// A robot to be made.
#[derive(Debug, Clone)]
pub struct NewRobot {
    /// Its name within the namespace.
    pub name: String,
    /// What it may do.
    pub actions: Actions,
    /// What it is for.
    pub description: String,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

impl App {
    /// One page of a namespace's robots.
    pub async fn list_robots(
        &self,
        context: &Context,
        namespace: &str,
        page: PageRequest,
    ) -> Result<Listed<Robot>, Error> {
        let right = self.authorize_namespace(&context.caller, namespace).await?;
        let (after, fetch) = (page.key(), page.fetch());
        let found = self
            .db
            .read(move |tx| robots::list_robots(tx, &right, &after, fetch));
        let found = found.await.map_err(Error::from)?;
        Ok(page.cut(found, |robot| robot.name.to_string()))
    }

    /// One robot.
    pub async fn show_robot(
        &self,
        context: &Context,
        namespace: &str,
        name: &str,
    ) -> Result<Robot, Error> {
        let right = self.authorize_namespace(&context.caller, namespace).await?;
        self.find_robot(&right, name).await
    }

    async fn find_robot(&self, right: &Granted<ManageRobots>, name: &str) -> Result<Robot, Error> {
        let name: RobotName = name.parse().map_err(|_| Error::NotFound)?;
        let right = right.clone();
        let found = self
            .db
            .read(move |tx| robots::find_robot(tx, &right, &name));
        found.await.map_err(Error::from)?.ok_or(Error::NotFound)
    }

    /// Makes a robot. The second value is its secret.
    pub async fn create_robot(
        &self,
        context: &Context,
        namespace: &str,
        new: NewRobot,
    ) -> Result<(Robot, String), Error> {
        let right: Granted<ManageRobots> =
            self.authorize_namespace(&context.caller, namespace).await?;
        let name = parse_robot_name(&new.name)?;
        let now = self.clock.now();
        check_line("description", &new.description, MAX_DESCRIPTION)?;
        check_actions(&context.caller, new.actions)?;
        check_end(&context.caller, new.expires_at, now)?;
        let secret = Secret::new(ROBOT_PREFIX);
        let new = robots::NewRobot {
            id: RobotId::new(),
            name,
            description: new.description,
            actions: new.actions,
            secret_hash: secret.hash(),
            expires_at: new.expires_at,
            created_by: context.caller.name.to_string(),
            at: now,
        };
        let (context, namespace) = (context.clone(), namespace.to_owned());
        let robot = self.db.write(Durability::Durable, move |tx| {
            let id = right.subject().namespace;
            if !namespaces::is_there(tx, id)? {
                return Err(Error::NotFound);
            }
            if robots::count_robots(tx, &right)? >= MAX_ROBOTS {
                return Err(Error::LimitReached {
                    what: "robots",
                    limit: MAX_ROBOTS,
                });
            }
            if !robots::insert_robot(tx, &right, &new)? {
                return Err(Error::Conflict { what: "robot" });
            }
            let target = format!("{namespace}+{}", new.name);
            let details = json!({ "actions": new.actions.names().collect::<Vec<_>>() });
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RobotCreate,
                &target,
                Some(id),
                &details,
            )?;
            robots::find_robot(tx, &right, &new.name)?.ok_or(Error::NotFound)
        });
        Ok((robot.await?, secret.into_text()))
    }

    /// Edits a robot.
    pub async fn edit_robot(
        &self,
        context: &Context,
        namespace: &str,
        name: &str,
        edit: RobotEdit,
    ) -> Result<Robot, Error> {
        let right = self.authorize_namespace(&context.caller, namespace).await?;
        let robot = self.find_robot(&right, name).await?;
        let now = self.clock.now();
        if let Some(text) = &edit.description {
            check_line("description", text, MAX_DESCRIPTION)?;
        }
        if let Some(actions) = edit.actions {
            check_actions(&context.caller, actions)?;
        }
        if let Some(end) = edit.expires_at {
            check_end(&context.caller, end, now)?;
        }
        let (context, target, id) = (context.clone(), login_of(&robot), robot.id);
        let edited = self.db.write(Durability::Durable, move |tx| {
            robots::edit_robot(tx, &right, id, &edit)?;
            let details = json!({
                "actions": edit.actions.map(|actions| actions.names().collect::<Vec<_>>()),
                "disabled": edit.disabled,
            });
            let namespace = Some(right.subject().namespace);
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RobotEdit,
                &target,
                namespace,
                &details,
            )?;
            robots::find_robot(tx, &right, &robot.name)?.ok_or(Error::NotFound)
        });
        let edited = edited.await?;
        self.memory.accounts.forget(&AccountKey::Robot(id));
        Ok(edited)
    }

    /// Replaces a robot's secret; the old one ends at once. Who asks must have all that the robot may do, for as long as
    /// the robot may.
    pub async fn rotate_robot_secret(
        &self,
        context: &Context,
        namespace: &str,
        name: &str,
    ) -> Result<(Robot, String), Error> {
        let right = self.authorize_namespace(&context.caller, namespace).await?;
        let robot = self.find_robot(&right, name).await?;
        let secret = Secret::new(ROBOT_PREFIX);
        let (context, hash, now) = (context.clone(), secret.hash(), self.clock.now());
        let rotated = self.db.write(Durability::Durable, move |tx| {
            // As it is now: another maintainer may have given it more meanwhile.
            let robot = robots::find_robot(tx, &right, &robot.name)?.ok_or(Error::NotFound)?;
            if !context.caller.actions.contains(robot.actions) {
                return Err(Error::Denied(Action::ManageRobots));
            }
            if context.caller.is_outlasted_by(robot.expires_at) {
                return Err(Error::invalid("expires_at", "outlasts_maker"));
            }
            robots::replace_secret(tx, &right, robot.id, &hash)?;
            let (target, namespace) = (login_of(&robot), Some(right.subject().namespace));
            let details = json!({});
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RobotRotateSecret,
                &target,
                namespace,
                &details,
            )?;
            Ok(robot)
        });
        let robot = rotated.await?;
        self.memory.accounts.forget(&AccountKey::Robot(robot.id));
        Ok((robot, secret.into_text()))
    }

    /// Removes a robot.
    pub async fn delete_robot(
        &self,
        context: &Context,
        namespace: &str,
        name: &str,
    ) -> Result<(), Error> {
        let right = self.authorize_namespace(&context.caller, namespace).await?;
        let robot = self.find_robot(&right, name).await?;
        let (context, target, id) = (context.clone(), login_of(&robot), robot.id);
        let now = self.clock.now();
        let removed = self.db.write(Durability::Durable, move |tx| {
            robots::delete_robot(tx, &right, id)?;
            let (namespace, details) = (Some(right.subject().namespace), json!({}));
            record_audit(
                tx,
                &context,
                now,
                AuditAction::RobotDelete,
                &target,
                namespace,
                &details,
            )?;
            Ok::<_, Error>(())
        });
        removed.await?;
        self.memory.accounts.forget(&AccountKey::Robot(id));
        Ok(())
    }
}

fn login_of(robot: &Robot) -> String {
    format!("{}+{}", robot.namespace, robot.name)
}

/// Robots work, they do not manage; and nobody hands on what their own credential does not carry.
fn check_actions(caller: &Caller, actions: Actions) -> Result<(), Error> {
    if actions == Actions::NONE {
        return Err(Error::invalid("actions", "empty"));
    }
    if actions.contains(Actions::ADMIN) {
        return Err(Error::invalid("actions", "unknown_value"));
    }
    if !caller.actions.contains(actions) {
        return Err(Error::invalid("actions", "more_than_maker"));
    }
    Ok(())
}

/// A credential ends with the one it is made with at the latest: else a stolen one would never end.
pub(super) fn check_end(
    maker: &Caller,
    end: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Error> {
    if end.is_some_and(|end| end <= now) {
        return Err(Error::invalid("expires_at", "in_the_past"));
    }
    if maker.is_outlasted_by(end) {
        return Err(Error::invalid("expires_at", "outlasts_maker"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(carried: Actions, wanted: Actions) -> Option<&'static str> {
        let caller = Caller {
            actions: carried,
            ..Caller::anonymous()
        };
        match check_actions(&caller, wanted) {
            Err(Error::Invalid { reason, .. }) => Some(reason),
            _ => None,
        }
    }

    #[test]
    fn a_robot_never_carries_more_than_its_maker_and_never_manages() {
        let pull_push = Actions::PULL.with(Actions::PUSH);
        assert_eq!(reason(Actions::ALL, pull_push), None);
        assert_eq!(reason(Actions::ALL, Actions::NONE), Some("empty"));
        assert_eq!(reason(Actions::ALL, Actions::ADMIN), Some("unknown_value"));
        let token = Actions::ADMIN.with(Actions::PULL);
        assert_eq!(reason(token, pull_push), Some("more_than_maker"));
    }

    #[test]
    fn what_a_credential_makes_ends_with_it_at_the_latest() {
        let at = |seconds| Some(Timestamp::from_seconds(seconds));
        let now = Timestamp::from_seconds(10);
        let reason = |ends_at, end| {
            let maker = Caller {
                ends_at,
                ..Caller::anonymous()
            };
            match check_end(&maker, end, now) {
                Err(Error::Invalid { reason, .. }) => Some(reason),
                _ => None,
            }
        };
        assert_eq!(reason(None, None), None);
        assert_eq!(reason(None, at(10)), Some("in_the_past"));
        assert_eq!(reason(at(20), at(20)), None);
        assert_eq!(reason(at(20), at(21)), Some("outlasts_maker"));
        assert_eq!(reason(at(20), None), Some("outlasts_maker"));
    }
}
