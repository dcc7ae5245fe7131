//! The commands, one file for each group of words.
//!
//! A command file has the arguments that clap reads, and one function that runs them. It talks to a server through
//! `client`, prints through `output`, and speaks through the session; nothing else is shared between commands.

mod audit;
mod build;
mod builder;
mod builds;
mod check;
mod cluster;
mod completion;
mod credential;
mod debug;
mod deletion;
mod host;
mod login;
mod logout;
mod member;
mod moment;
mod namespace;
mod outcome;
mod repo;
mod request;
mod robot;
mod rule;
mod search;
mod serve;
mod source;
mod tag;
mod token;
mod trace;
mod trigger;
mod user;

use clap::Subcommand;

use crate::arguments::Options;
use crate::failure::Failure;
use crate::session::Session;

/// The first word after `wharf`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Build(Box<build::BuildArguments>),
    Debug(debug::DebugArguments),
    Builder(builder::BuilderArguments),
    Serve(serve::ServeArguments),
    Check(check::CheckArguments),
    Login(login::LoginArguments),
    Logout(logout::LogoutArguments),
    User(user::UserArguments),
    Namespace(namespace::NamespaceArguments),
    Member(member::MemberArguments),
    Token(token::TokenArguments),
    Robot(robot::RobotArguments),
    Repo(repo::RepoArguments),
    Source(source::SourceArguments),
    Rule(Box<rule::RuleArguments>),
    Builds(builds::BuildsArguments),
    Credential(credential::CredentialArguments),
    Trigger(Box<trigger::TriggerArguments>),
    Cluster(cluster::ClusterArguments),
    Trace(trace::TraceArguments),
    Search(search::SearchArguments),
    Audit(audit::AuditArguments),
    Fsck(host::FsckArguments),
    Completion(completion::CompletionArguments),
}

/// Runs one command to its end.
pub(crate) fn run_command(
    command: Command,
    options: &Options,
    session: &Session,
) -> Result<(), Failure> {
    match command {
        Command::Build(arguments) => build::run(&arguments, session),
        Command::Debug(arguments) => debug::run(&arguments, session),
        Command::Builder(arguments) => builder::run(&arguments, session),
        Command::Serve(arguments) => serve::run(arguments, session),
        Command::Check(arguments) => check::run(arguments, session),
        Command::Fsck(arguments) => host::check_data(arguments, session),
        Command::Completion(arguments) => completion::run(arguments, session),
        Command::Logout(arguments) => logout::run(arguments, options, session),
        Command::User(user::UserArguments {
            command: user::UserCommand::ResetPassword(arguments),
        }) => host::reset_password(arguments, session),
        Command::Login(arguments) => wait_for(session, login::run(arguments, options, session)),
        Command::User(arguments) => wait_for(session, user::run(arguments, options, session)),
        Command::Namespace(arguments) => {
            wait_for(session, namespace::run(arguments, options, session))
        }
        Command::Member(arguments) => wait_for(session, member::run(arguments, options, session)),
        Command::Token(arguments) => wait_for(session, token::run(arguments, options, session)),
        Command::Robot(arguments) => wait_for(session, robot::run(arguments, options, session)),
        Command::Repo(arguments) => wait_for(session, repo::run(arguments, options, session)),
        Command::Source(arguments) => wait_for(session, source::run(arguments, options, session)),
        Command::Rule(arguments) => wait_for(session, rule::run(*arguments, options, session)),
        Command::Builds(arguments) => wait_for(session, builds::run(arguments, options, session)),
        Command::Credential(arguments) => {
            wait_for(session, credential::run(arguments, options, session))
        }
        Command::Trigger(arguments) => {
            wait_for(session, trigger::run(*arguments, options, session))
        }
        Command::Cluster(arguments) => wait_for(session, cluster::run(arguments, options, session)),
        Command::Trace(arguments) => wait_for(session, trace::run(arguments, options, session)),
        Command::Search(arguments) => wait_for(session, search::run(arguments, options, session)),
        Command::Audit(arguments) => wait_for(session, audit::run(arguments, options, session)),
    }
}

/// A client needs one thread: it waits for one answer at a time.
fn wait_for(
    session: &Session,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(session.text("cli.runtime_failed", &[])).caused_by(&error))?
        .block_on(work)
}
