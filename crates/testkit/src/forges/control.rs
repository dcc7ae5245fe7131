//! What a test does to a code host, and what it reads there afterwards.

use std::{
    collections::BTreeSet,
    fs, thread,
    time::{Duration, Instant},
};

use super::delivery::{self, Misbehavior, SentDelivery};
use super::device::{CLIENT_ID, CLIENT_SECRET, DeviceAnswer};
use super::server::{ForgeServer, PUSHER_TOKEN};
use super::state::{
    ForgeProduct, RegisteredHook, RegisteredKey, ReportedStatus, Repository, Token,
};
use crate::git::{GitRepository, GitRequest};

impl ForgeServer {
    /// `http://127.0.0.1:PORT`, or https: what people would write as the code host's address.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// `127.0.0.1:PORT`: what `[egress] allow` would name.
    pub fn authority(&self) -> &str {
        let url = self.shared.url.split_once("://");
        url.map_or("", |(_, authority)| authority)
    }

    /// What a client has to believe; only with TLS.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// Which product it plays.
    pub fn product(&self) -> ForgeProduct {
        self.shared.product
    }

    /// A token of the account `ada` that may do everything.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Another token, with these scopes.
    pub fn issue_token(&self, scopes: &[&str]) -> String {
        self.add_token(scopes, false)
    }

    /// GitHub: a token with permissions, which it does not tell (`contents`, `webhooks`).
    pub fn issue_fine_grained_token(&self, permissions: &[&str]) -> String {
        self.add_token(permissions, true)
    }

    fn add_token(&self, scopes: &[&str], is_fine_grained: bool) -> String {
        let mut state = self.shared.state();
        let number = state.next_id();
        let prefix = match (self.shared.product, is_fine_grained) {
            (ForgeProduct::GitHub, true) => "github_pat_",
            (ForgeProduct::GitHub, false) => "ghp_",
            (ForgeProduct::GitLab, _) => "glpat-",
            (ForgeProduct::Gitea, _) => "",
        };
        let text = format!("{prefix}{number:036}");
        let token = Token {
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
            is_fine_grained,
            is_expired: false,
        };
        state.tokens.insert(text.clone(), token);
        text
    }

    /// From now on a token is good for nothing.
    pub fn expire_token(&self, token: &str) {
        let mut state = self.shared.state();
        state
            .tokens
            .get_mut(token)
            .expect("a token that was issued")
            .is_expired = true;
    }

    /// Makes an organization or group; on GitLab also `group/subgroup`.
    pub fn add_group(&self, path: &str) {
        let mut state = self.shared.state();
        let id = state.next_id();
        state.groups.insert(path.to_owned(), id);
    }

    /// Makes an empty repository `owner/name`, to which a test can push; its groups are made with it.
    pub fn create_repository(&self, path: &str, is_private: bool) -> GitRepository {
        let folder = self.shared.folder.join(format!("{path}.git"));
        fs::create_dir_all(&folder).expect("a folder for the repository");
        let url = format!("{}/{path}.git", self.shared.url);
        let login = Some(("ada".to_owned(), PUSHER_TOKEN.to_owned()));
        let git = GitRepository::create(folder, url, login, self.certificate());
        self.add_repository(path, is_private, Some(git.clone()));
        git
    }

    /// Makes repositories that are only seen in lists.
    pub fn list_repositories(&self, owner: &str, count: usize) {
        for number in 0..count {
            self.add_repository(
                &format!("{owner}/listed-{number:04}"),
                number % 2 == 1,
                None,
            );
        }
    }

    fn add_repository(&self, path: &str, is_private: bool, git: Option<GitRepository>) {
        let mut state = self.shared.state();
        let id = state.next_id();
        let repository = Repository {
            id,
            path: path.to_owned(),
            is_private,
            git,
            hooks: Vec::new(),
            keys: Vec::new(),
            statuses: Vec::new(),
        };
        let owner = repository.owner().to_owned();
        state.repositories.push(repository);
        if owner != "ada" && !state.groups.contains_key(&owner) {
            let id = state.next_id();
            state.groups.insert(owner, id);
        }
    }

    /// Gives a repository another path, as its owner may at any time. GitHub sends on who asks for the old one.
    pub fn rename_repository(&self, path: &str, new_path: &str) {
        let mut state = self.shared.state();
        let found = state.find_mut(path).expect("a repository that is there");
        found.path = new_path.to_owned();
        let id = found.id;
        state.former_paths.insert(path.to_owned(), id);
    }

    /// Removes a repository from everything but the disk.
    pub fn remove_repository(&self, path: &str) {
        self.shared
            .state()
            .repositories
            .retain(|found| found.path != path);
    }

    /// At most so many entries a page, whatever is asked for.
    pub fn limit_pages(&self, entries: usize) {
        self.shared.state().page_limit = entries;
    }

    /// From now on every request to the API is one too many, until so long from then; `None` lifts it.
    pub fn limit_rate(&self, wait: Option<Duration>) {
        self.shared.state().rate_limit = wait;
    }

    /// From now on every request but git's is sent on to another server.
    pub fn redirect_to(&self, url: &str) {
        self.shared.state().redirect = Some(url.to_owned());
    }

    /// GitLab: from now on it knows signing tokens.
    pub fn sign_deliveries(&self) {
        self.shared.state().signs = true;
    }

    /// GitLab: it stops sending to a webhook, as after too many failures.
    pub fn disable_webhook(&self, path: &str, id: u64) {
        let mut state = self.shared.state();
        let hooks = &mut state.find_mut(path).expect("a repository").hooks;
        hooks
            .iter_mut()
            .find(|hook| hook.id == id)
            .expect("a webhook")
            .is_disabled = true;
    }

    /// Changes a webhook behind everybody's back, as somebody on its settings page would.
    pub fn edit_webhook(&self, path: &str, id: u64, change: impl FnOnce(&mut RegisteredHook)) {
        let mut state = self.shared.state();
        let hooks = &mut state.find_mut(path).expect("a repository").hooks;
        change(
            hooks
                .iter_mut()
                .find(|hook| hook.id == id)
                .expect("a webhook"),
        );
    }

    /// Removes a webhook, as somebody on its settings page would.
    pub fn delete_webhook(&self, path: &str, id: u64) {
        let mut state = self.shared.state();
        let hooks = &mut state.find_mut(path).expect("a repository").hooks;
        hooks.retain(|hook| hook.id != id);
    }

    /// Registers a webhook as somebody else, or a backup, would: behind those that are there.
    pub fn add_webhook(&self, path: &str, url: &str) {
        let mut state = self.shared.state();
        let id = state.next_id();
        let found = state.find_mut(path).expect("a repository");
        found.hooks.push(RegisteredHook {
            id,
            url: url.to_owned(),
            secret: Some("somebody else's".to_owned()),
            signing_token: None,
            events: BTreeSet::new(),
            is_active: true,
            verifies_tls: true,
            content_type: "json".to_owned(),
            is_disabled: false,
        });
    }

    /// What happens to deliveries from now on.
    pub fn misbehave(&self, misbehavior: Misbehavior) {
        self.shared.state().misbehavior = misbehavior;
    }

    /// Sends what was held back, the last first if `is_reversed`, as soon as there are `count` of them. Answers how many
    /// there were: fewer when they did not come in half a minute.
    pub fn release_held(&self, count: usize, is_reversed: bool) -> usize {
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.shared.state().held.len() < count && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(10));
        }
        delivery::release(&self.shared, is_reversed)
    }

    /// Sends any event to all webhooks of a repository, signed, whether they asked for it or not.
    pub fn send_event(&self, path: &str, event: &str, body: &str) {
        let state = self.shared.state();
        let hooks = state.find(path).expect("a repository").hooks.clone();
        drop(state);
        for hook in hooks {
            let prepared = delivery::prepare(&self.shared, &hook, event, body.as_bytes().to_vec());
            delivery::send(&self.shared, prepared);
        }
    }

    /// GitLab: the signature of a delivery as if it were sent at another time.
    pub fn sign_at(&self, hook: &RegisteredHook, id: &str, time: &str, body: &[u8]) -> String {
        let token = hook.signing_token.as_deref();
        delivery::sign_standard(token.expect("a host that signs"), id, time, body)
    }

    /// Sends a delivery once more, byte for byte.
    pub fn send_again(&self, sent: &SentDelivery) {
        delivery::send(&self.shared, sent.clone());
    }

    /// Webhooks of a repository.
    pub fn webhooks(&self, path: &str) -> Vec<RegisteredHook> {
        let state = self.shared.state();
        state
            .find(path)
            .map(|found| found.hooks.clone())
            .unwrap_or_default()
    }

    /// Deploy keys of a repository.
    pub fn deploy_keys(&self, path: &str) -> Vec<RegisteredKey> {
        let state = self.shared.state();
        state
            .find(path)
            .map(|found| found.keys.clone())
            .unwrap_or_default()
    }

    /// What was said about commits of a repository, in order.
    pub fn statuses(&self, path: &str) -> Vec<ReportedStatus> {
        let state = self.shared.state();
        state
            .find(path)
            .map(|found| found.statuses.clone())
            .unwrap_or_default()
    }

    /// Deliveries that were sent, in order. One that is just under way is not among them yet.
    pub fn deliveries(&self) -> Vec<SentDelivery> {
        self.shared.state().deliveries.clone()
    }

    /// The first delivery of this kind, as soon as it was answered and written down; panics after half a minute.
    pub fn wait_for_delivery(&self, is_wanted: impl Fn(&SentDelivery) -> bool) -> SentDelivery {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let deliveries = self.deliveries();
            if let Some(found) = deliveries.iter().find(|sent| is_wanted(sent)) {
                return found.clone();
            }
            assert!(
                Instant::now() < deadline,
                "no such delivery: {deliveries:?}"
            );
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// All requests so far, git's too.
    pub fn requests(&self) -> Vec<GitRequest> {
        self.shared.state().requests.clone()
    }

    /// Requests that the product's documentation does not know, as `METHOD /path`.
    pub fn unknown_requests(&self) -> Vec<String> {
        self.shared.state().unknown.clone()
    }

    /// GitHub: id and secret of the application that is registered there.
    pub fn application(&self) -> (&'static str, &'static str) {
        (CLIENT_ID, CLIENT_SECRET)
    }

    /// GitHub: the person types the code and agrees.
    pub fn approve_device(&self, user_code: &str) {
        self.answer_device(user_code, DeviceAnswer::Approved);
    }

    /// GitHub: the person refuses.
    pub fn refuse_device(&self, user_code: &str) {
        self.answer_device(user_code, DeviceAnswer::Refused);
    }

    /// GitHub: the code ends.
    pub fn expire_device(&self, user_code: &str) {
        self.answer_device(user_code, DeviceAnswer::Expired);
    }

    /// GitHub: says `slow_down` so many times before anything else.
    pub fn slow_device_down(&self, user_code: &str, times: u32) {
        let mut state = self.shared.state();
        let mut devices = state.devices.iter_mut();
        devices
            .find(|device| device.user_code == user_code)
            .expect("a code")
            .slow_downs = times;
    }

    /// GitHub: `ada` takes back what the application was allowed, whichever way it was.
    pub fn revoke_grants(&self) {
        let mut state = self.shared.state();
        let granted = |(token, _): &(&String, &mut Token)| token.starts_with("ghu_");
        state
            .tokens
            .iter_mut()
            .filter(granted)
            .for_each(|(_, token)| token.is_expired = true);
        state.refresh_tokens.clear();
    }

    /// GitHub: from now on whoever signs in, or shows a token, is this account.
    pub fn switch_account(&self, login: &str) {
        self.shared.state().account = login.to_owned();
    }

    /// GitHub: browsers that come to sign in go back without a code.
    pub fn refuse_web_logins(&self) {
        self.shared.state().refuses_web_logins = true;
    }

    fn answer_device(&self, user_code: &str, answer: DeviceAnswer) {
        let mut state = self.shared.state();
        let mut devices = state.devices.iter_mut();
        devices
            .find(|device| device.user_code == user_code)
            .expect("a code")
            .answer = answer;
    }
}
